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
use fettle_model::access::Scope;
use fettle_model::ids::{AssetId, JobId, RunId};
use fettle_store::{RunAssetFilter, RunAssetRecord, RunCounts, RunRecord};
use std::collections::BTreeMap;

/// A run of a job that the caller may open.
pub(super) async fn find<P: Permission>(granted: &Granted<P>, job: JobId, run: RunId) -> Result<RunRecord, Problem> {
    granted.job(job).await?;
    let found = granted.app().store.run(run).await?.filter(|found| found.job == job);
    found.ok_or_else(|| Problem::not_found("run"))
}

/// Rows read from the store at a time.
const PIECE: u32 = 1_000;

/// A run with counts over what the caller sees.
pub(crate) async fn body<P: Permission>(granted: &Granted<P>, run: RunRecord) -> Result<RunBody, Problem> {
    let counts = match granted.actor().scope() {
        // Who sees everything also sees assets that were removed since.
        Scope::Everything => run.counts,
        Scope::Tags(_) => count(&visible(granted, run.id, &RunAssetFilter::default()).await?),
    };
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

fn count(parts: &[RunAssetRecord]) -> RunCounts {
    let mut counts = RunCounts::default();
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

/// All parts of a run that the caller sees, by name.
pub(super) async fn visible<P: Permission>(
    granted: &Granted<P>,
    run: RunId,
    filter: &RunAssetFilter,
) -> Result<Vec<RunAssetRecord>, Problem> {
    let mut parts = Vec::new();
    let mut after: Option<(String, AssetId)> = None;
    loop {
        let (piece, _) = granted.app().store.run_assets(run, filter, after.take(), PIECE).await?;
        let Some(last) = piece.last() else { return Ok(parts) };
        after = Some((last.name.clone(), last.asset));
        parts.extend(piece.into_iter().filter(|part| sees(granted, part.asset)));
    }
}

/// Whether the caller sees an asset's part of a run. An asset that was removed has no tags any more, so only
/// who sees everything sees it.
pub(super) fn sees<P: Permission>(granted: &Granted<P>, asset: AssetId) -> bool {
    *granted.actor().scope() == Scope::Everything || granted.view().asset(asset).is_some()
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
