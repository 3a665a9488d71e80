//! What asset lists can be asked for, and the one selection that every number of a screen is made from.

use crate::api::list_query::asked_list;
use crate::api::page::Listed;
use crate::api::problem::Problem;
use crate::api::query::asked::{Checks, QueryText, context, is_everything};
use crate::api::words;
use crate::auth::permission::Permission;
use crate::auth::{Granted, Seen};
use crate::versions::VersionName;
use fettle_fleet::{ScopedView, Selection, WrongEntity};
use fettle_model::finding::FindingStatus;
use fettle_query::{Checked, Context, Entity, Relation, Truth};
use jiff::Timestamp;

/// How assets are sorted when the request does not say.
pub(crate) const DEFAULT_SORT: &str = "name";

fettle_model::text_enum! {
    /// Which answers to a query a list holds. Those with `no` are nobody's list: ask `not (…)`.
    pub enum Told {
        /// Assets for which the query is known to hold.
        Certain = "certain",
        /// Assets of which nobody knows.
        Unknown = "unknown",
    }
}

asked_list! {
    /// Which assets; both queries must hold.
    pub struct AssetQuery and AssetFilterQuery,
        sorted as "Field of assets to sort by, with `-` before it for largest first; `name` when left out.",
        of "Query over assets; empty for all." {
        /// Query over patches: one that the asset misses, or has, must satisfy it. Empty: no such condition.
        #[param(value_type = Option<String>, max_length = 16384)]
        patches: QueryText,
        /// Whether `patches` is about patches that the asset misses, or has; left out: misses.
        #[param(value_type = Option<words::FindingStatus>)]
        status: Option<FindingStatus>,
        /// Assets of which the query is certain to hold, or those of which nobody can tell, since their last good scan is missing
        /// or old: as many as `unknown` of the certain ones says. Left out: certain.
        #[param(value_type = Option<words::Truth>, inline)]
        truth: Option<Told>,
    }
}

/// What a request asks of the assets page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssetBoxes<'a> {
    /// Over assets.
    pub(crate) query: &'a QueryText,
    /// Over patches.
    pub(crate) patches: &'a QueryText,
    /// What `patches` is about.
    pub(crate) status: Option<FindingStatus>,
    /// Which answers.
    pub(crate) truth: Option<Told>,
    /// The version to answer from.
    pub(crate) version: Option<VersionName>,
}

impl AssetQuery {
    /// Its boxes.
    pub(crate) fn boxes(&self) -> AssetBoxes<'_> {
        let Self { query, patches, status, truth, version, .. } = self;
        AssetBoxes { query, patches, status: *status, truth: *truth, version: *version }
    }
}

impl AssetFilterQuery {
    /// Its boxes.
    pub(crate) fn boxes(&self) -> AssetBoxes<'_> {
        let Self { query, patches, status, truth, version, .. } = self;
        AssetBoxes { query, patches, status: *status, truth: *truth, version: *version }
    }
}

/// Assets that the boxes choose, among those the caller sees.
pub(crate) struct Chosen {
    /// The view all numbers are taken from.
    pub(crate) view: ScopedView,
    /// The name of its version.
    pub(crate) version: String,
    /// What queries are checked with.
    pub(crate) context: Context,
    /// Both boxes together.
    pub(crate) query: Checked,
    /// The box over patches alone, unless it is empty.
    pub(crate) patches: Option<Checked>,
    /// What it is about.
    pub(crate) status: FindingStatus,
    /// Which answers are asked for.
    pub(crate) truth: Told,
    /// The assets.
    pub(crate) assets: Selection,
}

impl AssetBoxes<'_> {
    /// Evaluates the boxes once.
    pub(crate) fn choose<P: Permission>(self, granted: &Granted<P>) -> Result<Chosen, Problem> {
        let Seen { view, at, version } = granted.seen(self.version)?;
        let mut checks = Checks::new(at);
        let query = checks.check(Entity::Asset, "query", self.query.raw());
        let patches = checks.check(Entity::Patch, "patches", self.patches.raw());
        let proof = checks.done()?;
        let (query, patches) = (query.proven(proof), patches.proven(proof));
        let patches = (!is_everything(&patches)).then_some(patches);
        let (status, truth) = (self.status.unwrap_or(FindingStatus::Missing), self.truth.unwrap_or(Told::Certain));
        let query = match &patches {
            Some(patches) => beside(query, patches.clone(), relation(status))?,
            None => query,
        };
        let assets = truth.select(&view, &query)?;
        Ok(Chosen { view, version, context: context(at), query, patches, status, truth, assets })
    }
}

impl Told {
    /// The same as an answer of the interpreter.
    pub(crate) fn truth(self) -> Truth {
        match self {
            Self::Certain => Truth::Yes,
            Self::Unknown => Truth::Unknown,
        }
    }

    /// The assets that give such an answer.
    pub(crate) fn select(self, view: &ScopedView, query: &Checked) -> Result<Selection, Problem> {
        let selected = match self {
            Self::Certain => view.select(query),
            Self::Unknown => view.select_unknown(query),
        };
        selected.map_err(wrong_entity)
    }
}

impl Chosen {
    /// The moment everything is told as of.
    pub(crate) fn at(&self) -> Timestamp {
        self.context.now
    }

    /// A page of a list of these assets.
    pub(crate) fn listed<R, T>(self, page: fettle_fleet::Page<R>, next: Option<String>, row: impl Fn(R) -> T) -> Listed<T> {
        Listed {
            items: page.items.into_iter().map(row).collect(),
            total: page.total,
            unknown: self.assets.unknown(),
            version: self.version,
            next,
        }
    }
}

/// The way from assets to the patches that a status is about.
pub(crate) fn relation(status: FindingStatus) -> Relation {
    match status {
        FindingStatus::Missing => Relation::Missing,
        FindingStatus::Installed => Relation::Installed,
    }
}

/// Joins a query with a condition on related records.
pub(crate) fn beside(query: Checked, other: Checked, relation: Relation) -> Result<Checked, Problem> {
    // Both are there by construction: the relation leads from assets to patches.
    other.within(relation).and_then(|other| query.and(other)).ok_or_else(Problem::opaque)
}

/// A fault of the program: the handler asked the index for records of another kind.
pub(crate) fn wrong_entity(error: WrongEntity) -> Problem {
    Problem::internal(&error)
}
