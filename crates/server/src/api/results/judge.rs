//! Which results satisfy a query, among those the caller sees.
//!
//! Conditions on assets and patches are answered by the index, once for the whole list: a result then only looks
//! whether its asset or patch is among those found. What the index does not have any more, an asset that was removed or
//! a patch that left the catalog, shows what the run remembers of it: its name.

use crate::api::assets::query::wrong_entity;
use crate::api::problem::Problem;
use crate::auth::permission::Permission;
use crate::auth::{Granted, Seen};
use fettle_deploy::run::PatchRun;
use fettle_fleet::{Applicable, PatchSet, ScopedView, Selection};
use fettle_model::access::{Action, Scope};
use fettle_query::registry::{AssetField, Key, PatchField};
use fettle_query::{Checked, Node, Record, Relation, Truth, Value, interpret};
use fettle_store::{Jobs, PartOfRun, ResultRecord};
use std::borrow::Cow;
use std::sync::Arc;

/// Jobs read at a time while looking which of them the caller may open.
const JOBS: u32 = 200;

/// Decides results.
pub(super) struct Judge {
    query: Checked,
    view: ScopedView,
    version: String,
    sees_everything: bool,
    assets: Vec<Assets>,
    patches: Vec<Patches>,
}

/// A condition on assets with its answer.
struct Assets {
    query: Checked,
    yes: Selection,
    /// Those that surely do not satisfy it; `None` when nothing is unknown.
    no: Option<Selection>,
}

/// A condition on patches with its answer.
struct Patches {
    query: Checked,
    yes: Arc<PatchSet>,
}

impl Judge {
    /// Asks the index what the query wants to know of assets and patches.
    pub(super) fn new<P: Permission>(granted: &Granted<P>, seen: Seen, query: Checked) -> Result<Self, Problem> {
        let Seen { view, version, .. } = seen;
        let assets = query.related(Relation::Asset).into_iter().map(|query| {
            let yes = view.select(&query).map_err(wrong_entity)?;
            let no = (yes.unknown() > 0).then(|| view.select(&query.clone().negated()).map_err(wrong_entity)).transpose()?;
            Ok(Assets { query, yes, no })
        });
        let assets = assets.collect::<Result<_, Problem>>()?;
        let of_patches = query.related(Relation::Patch);
        let everything = (!of_patches.is_empty()).then(|| view.everything());
        let patches = of_patches.into_iter().zip(everything.iter().cycle()).map(|(query, over)| {
            let yes = Arc::clone(view.select_patches(&query, over, Applicable::All).map_err(wrong_entity)?.set());
            Ok(Patches { query, yes })
        });
        let patches = patches.collect::<Result<_, Problem>>()?;
        Ok(Self { query, view, version, sees_everything: *granted.actor().scope() == Scope::Everything, assets, patches })
    }

    /// The version of the index it was made from.
    pub(super) fn version(&self) -> String {
        self.version.clone()
    }

    /// Whether the caller sees all assets, those that were removed too.
    pub(super) fn sees_everything(&self) -> bool {
        self.sees_everything
    }

    /// Whether each patch of a part satisfies the query; nothing for an asset the caller does not see.
    pub(super) fn truths(&self, part: &PartOfRun) -> Vec<Truth> {
        let is_there = self.view.asset(part.asset).is_some();
        if !is_there && !self.sees_everything {
            return vec![Truth::No; part.patches.len()];
        }
        let removed = Remembered { id: part.asset.to_string(), name: &part.name, asset: true };
        let asset: Option<&dyn Record> = Some(&removed);
        part.patches.iter().map(|patch| self.truth(part, patch, is_there, asset)).collect()
    }

    fn truth(&self, part: &PartOfRun, patch: &PatchRun, is_there: bool, asset: Option<&dyn Record>) -> Truth {
        let no = self.view.catalog().by_id(&patch.patch).map(|entry| entry.no);
        let answers = |relation: Relation, inner: &Node| match relation {
            Relation::Asset if is_there => {
                let found = self.assets.iter().find(|asked| asked.query.root() == inner)?;
                let surely_not = || found.no.as_ref().is_none_or(|no| no.contains(part.asset));
                Some(if found.yes.contains(part.asset) {
                    Truth::Yes
                } else if surely_not() {
                    Truth::No
                } else {
                    Truth::Unknown
                })
            }
            Relation::Patch => {
                let found = self.patches.iter().find(|asked| asked.query.root() == inner)?;
                no.map(|no| found.yes.contains(no).into())
            }
            _ => None,
        };
        let gone = Remembered { id: patch.patch.to_string(), name: &patch.title, asset: false };
        interpret(&self.query, &ResultRecord::new(part, patch, asset, Some(&gone)).with_answers(&answers))
    }
}

/// Jobs whose results the caller may read: those they may open. A deleted job is nobody's any more, so only who may open
/// any job still sees its results.
pub(super) async fn visible_jobs<P: Permission>(granted: &Granted<P>) -> Result<Jobs, Problem> {
    if granted.may_on_any_job(Action::ViewJob) {
        return Ok(Jobs::All);
    }
    let everything = Checked::everything(fettle_query::Entity::Job);
    let mut visible = std::collections::BTreeSet::new();
    let mut before = None;
    loop {
        let jobs = granted.app().store.jobs_that_may(&everything, before, JOBS).await?;
        let Some(last) = jobs.last() else { return Ok(Jobs::Only(visible)) };
        before = Some(last.id);
        visible.extend(jobs.iter().filter(|job| granted.may(Action::ViewJob, job)).map(|job| job.id));
    }
}

/// An asset or a patch that is not there any more, as a run remembers it.
struct Remembered<'a> {
    id: String,
    name: &'a str,
    asset: bool,
}

impl Record for Remembered<'_> {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        let text = |text| vec![Value::Text(Cow::Borrowed(text))];
        match field {
            Key::Asset(AssetField::Name) if self.asset => text(self.name),
            Key::Asset(AssetField::AgentId) if self.asset => text(&self.id),
            Key::Patch(PatchField::Title) if !self.asset => text(self.name),
            Key::Patch(PatchField::Id) if !self.asset => text(&self.id),
            _ => Vec::new(),
        }
    }

    fn related(&self, _: Relation) -> Vec<&dyn Record> {
        Vec::new()
    }

    /// Nobody knows what a removed asset misses; a patch is what it is.
    fn is_known(&self) -> bool {
        !self.asset
    }
}
