//! From runs as they are kept to what the API shows of them, cut to the caller's scope.

use super::query::RunAssetQuery;
use super::run::{
    AssetStatusCount, ChangeBody, FailureBody, LeftOutReason, PatchStatusCount, RunAssetDetail, RunAssetRow, RunBody, RunPatch,
};
use crate::api::assets::row::AssetRef;
use crate::api::jobs::check::capitalised;
use crate::api::problem::Problem;
use crate::auth::Granted;
use crate::auth::permission::Permission;
use fettle_deploy::plan;
use fettle_deploy::reason::Failure;
use fettle_deploy::run::{AssetRun, PatchRun, PatchRunStatus};
use fettle_fleet::ScopedView;
use fettle_model::access::{Actor, Scope};
use fettle_model::ids::{AssetId, JobId, RunId};
use fettle_store::{RunAssetFilter, RunAssetRecord, RunCounts, RunRecord};
use futures::{Stream, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run of a job that the caller may open.
pub(super) async fn find<P: Permission>(granted: &Granted<P>, job: JobId, run: RunId) -> Result<RunRecord, Problem> {
    granted.job(job).await?;
    let found = granted.app().store.run(run).await?.filter(|found| found.job == job);
    found.ok_or_else(|| Problem::not_found("run"))
}

/// Rows read from the store at a time.
const PIECE: u32 = 1_000;

/// How far a run is, over what the caller sees.
pub(crate) async fn counts<P: Permission>(granted: &Granted<P>, run: &RunRecord) -> Result<RunCounts, Problem> {
    match granted.actor().scope() {
        // Who sees everything also sees assets that were removed since.
        Scope::Everything => Ok(run.counts.clone()),
        Scope::Tags(_) => {
            let pieces = pieces(granted, run.id, RunAssetFilter::default());
            pieces.try_fold(RunCounts::default(), async |counts, piece| Ok(add(counts, &piece))).await
        }
    }
}

/// A run with counts over what the caller sees.
pub(crate) async fn body<P: Permission>(granted: &Granted<P>, run: RunRecord) -> Result<RunBody, Problem> {
    let counts = counts(granted, &run).await?;
    Ok(RunBody {
        id: run.id,
        job: run.job,
        started_at: run.started_at,
        ended_at: run.ended_at,
        assets: counts.assets.values().sum(),
        left_out: counts.left_out,
        asset_status: counts.assets.into_iter().map(|(status, count)| AssetStatusCount { status, count }).collect(),
        patch_status: patch_counts(counts.patches),
    })
}

fn add(mut counts: RunCounts, parts: &[RunAssetRecord]) -> RunCounts {
    for part in parts {
        if part.state.left_out.is_some() {
            counts.left_out += 1;
            continue;
        }
        *counts.assets.entry(part.state.status).or_default() += 1;
        for (status, number) in part.state.patch_counts() {
            *counts.patches.entry(status).or_default() += u64::from(number);
        }
    }
    counts
}

fn patch_counts(counts: BTreeMap<PatchRunStatus, u64>) -> Vec<PatchStatusCount> {
    counts.into_iter().map(|(status, count)| PatchStatusCount { status, count }).collect()
}

/// All parts of a run that the caller sees, by name, read while they are wanted.
pub(super) fn pieces<P: Permission>(
    granted: &Granted<P>,
    run: RunId,
    filter: RunAssetFilter,
) -> impl Stream<Item = Result<Vec<RunAssetRecord>, Problem>> + Send + 'static {
    let (app, actor) = (Arc::clone(granted.app()), granted.actor().clone());
    stream::try_unfold((app, actor, filter, None), move |(app, actor, filter, after)| async move {
        let (mut piece, _) = app.store.run_assets(run, &filter, after, PIECE).await?;
        let Some(last) = piece.last() else { return Ok(None) };
        let after = Some((last.name.clone(), last.asset));
        let view = app.fleet.view().in_scope(&actor);
        piece.retain(|part| sees(&actor, &view, part.asset));
        Ok(Some((piece, (app, actor, filter, after))))
    })
}

/// Whether somebody sees an asset's part of a run. An asset that was removed has no tags any more, so only
/// who sees everything sees it.
pub(super) fn sees(actor: &Actor, view: &ScopedView, asset: AssetId) -> bool {
    *actor.scope() == Scope::Everything || view.asset(asset).is_some()
}

/// Whether a part has a patch of a status, when one is asked for.
pub(super) fn has_patch(part: &RunAssetRecord, status: Option<PatchRunStatus>) -> bool {
    status.is_none_or(|status| part.state.patches.iter().any(|patch| patch.status == status))
}

/// What the store is asked for.
pub(super) fn filter(query: &RunAssetQuery) -> RunAssetFilter {
    RunAssetFilter { statuses: query.status.0.iter().copied().collect(), left_out: query.left_out, text: query.q.get().map(str::to_owned) }
}

/// One row.
pub(super) fn row(part: &RunAssetRecord) -> RunAssetRow {
    let AssetRun { left_out, status, failure, .. } = &part.state;
    RunAssetRow {
        asset: AssetRef { id: part.asset, name: part.name.clone() },
        status: left_out.is_none().then_some(*status),
        left_out: left_out.as_ref().map(reason),
        patch_status: patch_counts(part.state.patch_counts().into_iter().map(|(status, count)| (status, count.into())).collect()),
        failure: failure.as_ref().map(failure_body),
        updated_at: part.updated_at,
    }
}

/// Why an asset was left out: the word and the sentence.
pub(crate) fn reason(reason: &plan::LeftOutReason) -> LeftOutReason {
    let word = serde_json::to_value(reason).ok();
    let word = word.as_ref().and_then(|value| value.get("reason")).and_then(serde_json::Value::as_str).unwrap_or("unknown");
    LeftOutReason { reason: word.to_owned(), sentence: format!("{}.", capitalised(&reason.to_string())) }
}

/// One asset with its patches.
pub(super) fn detail(part: &RunAssetRecord) -> RunAssetDetail {
    RunAssetDetail { row: row(part), patches: part.state.patches.iter().map(patch).collect() }
}

fn patch(patch: &PatchRun) -> RunPatch {
    let change = |change: &fettle_deploy::run::PackageChange| ChangeBody {
        name: change.name.clone(),
        architecture: change.architecture.clone(),
        from: change.from.clone(),
        to: change.to.clone(),
    };
    RunPatch {
        id: patch.patch.clone(),
        title: patch.title.clone(),
        status: patch.status,
        failure: patch.failure.as_ref().map(failure_body),
        changes: patch.changes.iter().map(change).collect(),
    }
}

fn failure_body(failure: &Failure) -> FailureBody {
    FailureBody {
        reason: failure.reason,
        sentence: failure.reason.sentence().to_owned(),
        advice: failure.reason.advice().to_owned(),
        exit_code: failure.exit_code,
        log: failure.log.clone(),
    }
}
