//! What happens to a scan: assess, store, show, and move runs on.

use super::refusal::Refusal;
use crate::{App, Event, index, work::Reconciler};
use fettle_deploy::run::FindingState;
use fettle_fleet::{Assessment, Assessor, Catalog};
use fettle_model::digest::Sha256Digest;
use fettle_model::finding::Findings;
use fettle_model::ids::AssetId;
use fettle_model::inventory::Inventory;
use fettle_store::{Assessed, ScanOutcome, StoreError, Verdict};
use std::sync::Arc;

/// What an inventory means by the current catalog, and what it says about patches that wait for their proof. Its
/// list of packages is kept for the index.
pub(crate) async fn assess(
    app: &App,
    asset: AssetId,
    digest: Sha256Digest,
    inventory: Arc<Inventory>,
) -> Result<(Assessed, Verdict), tokio::task::JoinError> {
    let assessor = app.fleet.assessor();
    let catalog = Arc::clone(assessor.catalog());
    // Thousands of packages against thousands of patches: milliseconds that other requests shall not wait.
    let judged = tokio::task::spawn_blocking(move || {
        let (assessment, list) = assessor.assess_and_keep(&inventory);
        (assessed(&assessor, assessment), list)
    });
    let (assessed, list) = judged.await?;
    app.refreshing.hold(asset, digest, list);
    let verdict = verdict(catalog, findings_of(&assessed));
    Ok((assessed, verdict))
}

/// What an inventory means by the assessor's catalog.
pub(crate) fn judge(assessor: &Assessor, inventory: &Inventory) -> Assessed {
    assessed(assessor, assessor.assess(inventory))
}

fn assessed(assessor: &Assessor, assessment: Assessment) -> Assessed {
    let generation = assessor.catalog().generation();
    match assessment {
        Assessment::Findings(findings) => Assessed::Findings { findings, generation },
        Assessment::Unsupported { why } => Assessed::Unsupported { why, generation },
    }
}

fn findings_of(assessed: &Assessed) -> Findings {
    match assessed {
        Assessed::Findings { findings, .. } => findings.clone(),
        Assessed::Unsupported { .. } => Findings::default(),
    }
}

/// What findings say about a patch.
pub(super) fn verdict(catalog: Arc<Catalog>, findings: Findings) -> Verdict {
    Arc::new(move |patch| match catalog.by_id(patch) {
        None => FindingState::Unknown,
        Some(entry) if findings.missing.binary_search(&entry.no).is_ok() => FindingState::Missing,
        Some(entry) if findings.installed.binary_search(&entry.no).is_ok() => FindingState::Installed,
        Some(_) => FindingState::NotApplicable,
    })
}

/// Follows up on a recorded scan.
pub(super) async fn recorded(app: &App, asset: AssetId, outcome: ScanOutcome) -> Result<ScanOutcome, Refusal> {
    let runs = match &outcome {
        ScanOutcome::Removed => return Err(Refusal::CertificateUnknown),
        ScanOutcome::SendInventory => return Ok(outcome),
        ScanOutcome::Recorded { runs } => runs,
    };
    // The scan is durable: a failure from here on must not make the agent send it again.
    if let Err(error) = index::refresh(app, asset).await {
        tracing::error!(%asset, error = %super::refusal::chain(&error), "could not show a scan; the next one will");
    }
    moved_on(app, asset, runs, !runs.is_empty());
    Ok(outcome)
}

/// Tells whoever watches that runs moved on.
pub(super) fn moved_on(app: &App, asset: AssetId, runs: &[fettle_model::ids::RunId], work_changed: bool) {
    for &run in runs {
        app.tell(Event::Run(run));
    }
    if !runs.is_empty() {
        app.signals.ask(Reconciler::CloseRuns);
    }
    if work_changed {
        app.nudges.wake(asset);
    }
}

/// The answer when the store failed.
pub(super) fn store_failed(doing: &'static str) -> impl Fn(StoreError) -> Refusal {
    move |error| Refusal::failed(doing, &error)
}
