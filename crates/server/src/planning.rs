//! Gathers what the planner wants to know of a job, for a preview as for the run itself.
//!
//! Deciding is [`fettle_deploy::plan`]'s alone; here facts are read: the owner and the tags from the store,
//! assets and findings from the fleet index, packages from stored inventories.

mod facts;

use crate::App;
use facts::KnownFacts;
use fettle_deploy::job::Job;
use fettle_deploy::plan::{self, CannotRun, Owner, Plan, PlanAsset, PlanInput, PlanPatch};
use fettle_fleet::{AssetRow, Catalog, Entry, Purpose, ScopedView, Sorted};
use fettle_model::access::{Actor, Scope};
use fettle_model::ids::{AssetId, JobId, TagId};
use fettle_model::patch::Download;
use fettle_model::tag::{MAX_DEPTH, Tag, with_children};
use fettle_query::registry::AssetField;
use fettle_store::{StoreError, UserRecord};
use std::collections::{BTreeSet, HashMap};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanningError {
    /// The job cannot run for anybody; the text is for people.
    #[error(transparent)]
    CannotRun(#[from] CannotRun),
    /// The store failed.
    #[error("could not read what the plan depends on")]
    Store(#[from] StoreError),
    /// The computation was cut off.
    #[error("could not finish the plan")]
    CutOff(#[from] tokio::task::JoinError),
}

/// Plans a job as of now.
///
/// # Errors
/// When the job cannot run at all, or the store fails.
pub async fn plan(app: &App, job: &Job) -> Result<Plan, PlanningError> {
    let tags = app.store.tags().await?;
    let owner = match job.owner {
        Some(id) => app.store.user(id).await?,
        None => None,
    };
    let owner = owner.map(|user| (user.role, user.disabled, full_scope(&user, &tags)));
    let busy = busy(app, job.id).await?;
    let view = app.fleet.view().unscoped(Purpose::Planning);
    let assets = assets(&view, &tags, &busy);
    let everything = Scope::Tags(BTreeSet::new());
    let scope = owner.as_ref().map_or(&everything, |(_, _, scope)| scope);
    let chosen: Vec<AssetId> = plan::select(&job.definition.assets, scope, &assets).assets.iter().map(|asset| asset.id).collect();
    let facts = KnownFacts::gather(app, &view, &job.definition, &chosen).await?;
    let definition = job.definition.clone();
    // Assets times patches can be millions of small decisions.
    let planned = tokio::task::spawn_blocking(move || {
        let patches = patches(view.catalog(), &definition.patches);
        let owner = owner.as_ref().map(|(role, disabled, scope)| Owner { role: *role, disabled: *disabled, scope });
        plan::plan(&PlanInput { definition: &definition, owner, assets: &assets, patches: &patches, facts: &facts })
    });
    Ok(planned.await??)
}

/// What a user sees, with the children of the given tags.
fn full_scope(user: &UserRecord, tags: &[Tag]) -> Scope {
    let given = match &user.scope {
        Scope::Everything => Scope::Everything,
        Scope::Tags(chosen) => Scope::Tags(with_children(tags, chosen)),
    };
    // A super user sees everything, whatever tags they were given; the actor knows.
    Actor::new(user.id, user.role, given).scope().clone()
}

/// Names of other jobs that have unfinished work on assets.
async fn busy(app: &App, job: JobId) -> Result<HashMap<AssetId, String>, StoreError> {
    let open = app.store.open_runs().await?;
    Ok(open.into_iter().filter(|part| part.job != job).map(|part| (part.asset, part.job_name)).collect())
}

fn assets(view: &ScopedView, tags: &[Tag], busy: &HashMap<AssetId, String>) -> Vec<PlanAsset> {
    let parents: HashMap<TagId, Option<TagId>> = tags.iter().map(|tag| (tag.id, tag.parent)).collect();
    let rows = view.everything().rows(Sorted::ascending(AssetField::Name)).into_iter().flatten();
    rows.map(|row| asset(&row, &parents, busy)).collect()
}

fn asset(row: &AssetRow, parents: &HashMap<TagId, Option<TagId>>, busy: &HashMap<AssetId, String>) -> PlanAsset {
    let card = &row.card;
    let above = |tag: TagId| std::iter::successors(Some(tag), |id| parents.get(id).copied().flatten()).take(MAX_DEPTH);
    PlanAsset {
        id: card.id,
        name: card.name.clone(),
        tags: card.tags.iter().copied().flat_map(above).collect(),
        scan_status: card.scan_status,
        assess_only: card.assess_only,
        // Revoking an agent removes its asset, and with it its place in the index.
        revoked: false,
        busy_with: busy.get(&card.id).cloned(),
    }
}

fn patches(catalog: &Catalog, wanted: &[fettle_model::ids::PatchId]) -> Vec<PlanPatch> {
    wanted.iter().filter_map(|id| catalog.by_id(id)).map(|entry| patch(catalog, entry)).collect()
}

fn patch(catalog: &Catalog, entry: &Entry) -> PlanPatch {
    let mut newer = entry.superseded_by.iter().filter_map(|&no| catalog.get(no)).map(|newer| newer.patch.id.clone());
    PlanPatch {
        id: entry.patch.id.clone(),
        title: entry.patch.title.clone(),
        reboot: entry.patch.reboot,
        enabled: entry.patch.enabled,
        deployable: matches!(entry.patch.download, Download::PackageManager { .. }),
        superseded_by: newer.next_back().filter(|_| entry.superseded),
    }
}
