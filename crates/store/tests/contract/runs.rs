//! Runs from their start to their end.

use crate::world::{World, contract, inventory, says, sign, signing_key};
use fettle_deploy::job::JobStatus;
use fettle_deploy::plan::{LeftOut, LeftOutReason};
use fettle_deploy::run::{AssetRunStatus, FindingState, PatchRunStatus, Report};
use fettle_model::ids::{AssetId, PatchId};
use fettle_store::{NewRun, RunAssetFilter, RunCounts, ScanOutcome, StartOutcome, StoreError};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

fn asset_is(status: AssetRunStatus) -> Report {
    Report::Asset { status, failure: None }
}

fn patch_is(status: PatchRunStatus) -> Report {
    Report::Patch { patch: PatchId("p1".to_owned()), status, failure: None, changes: Vec::new() }
}

async fn generations(world: &World, asset: AssetId) -> (u64, Vec<u64>) {
    let list = world.store.work_for(asset).await.expect("answers").expect("is there");
    let key = signing_key().verifying_key();
    (list.number, list.manifests.iter().map(|signed| signed.verify(&key).expect("signed").get().generation).collect())
}

async fn status(world: &World, run: &NewRun, asset: AssetId) -> AssetRunStatus {
    world.store.run_asset(run.id, asset).await.expect("answers").expect("is there").state.status
}

/// Everything an agent says up to the scan that proves it.
async fn work_done(world: &World, run: &NewRun, asset: AssetId) {
    said(world, run, asset, vec![asset_is(AssetRunStatus::Received), asset_is(AssetRunStatus::Running)]).await;
    ended(world, run, asset).await;
}

async fn ended(world: &World, run: &NewRun, asset: AssetId) {
    let patch = [patch_is(PatchRunStatus::Installing), patch_is(PatchRunStatus::Verifying)];
    said(world, run, asset, patch.into_iter().chain([asset_is(AssetRunStatus::Verifying)]).collect()).await;
}

async fn said(world: &World, run: &NewRun, asset: AssetId, reports: Vec<Report>) {
    let events = reports.into_iter().map(|report| world.event(run, report)).collect();
    let outcome = world.store.apply_reports(asset, events, world.now()).await.expect("taken");
    assert_eq!((outcome.refused, outcome.runs), (Vec::new(), vec![run.id]));
}

contract! {
    async fn a_run_gives_each_asset_its_manifest(world: &World) {
        let assets = world.assets(3).await;
        let job = world.job("patch tuesday").await;
        let left = LeftOut { asset: assets[2], name: "left.example".to_owned(), reason: LeftOutReason::AssessOnly };
        let run = world.new_run(&job, &assets[..2], vec![left.clone()]);
        let started = world.store.start_run(&run, sign(&run)).await.expect("starts");
        assert_eq!(started, StartOutcome::Started { assets: { let mut two = assets[..2].to_vec(); two.sort(); two } });
        assert_eq!(generations(world, assets[0]).await, (1, vec![1]));
        assert_eq!(generations(world, assets[2]).await, (0, vec![]));
        let record = world.store.run(run.id).await.expect("answers").expect("is there");
        assert_eq!((record.job, record.job_name.as_str(), record.slot, record.ended_at), (job.id, "patch tuesday", 0, None));
        let counts = RunCounts {
            assets: BTreeMap::from([(AssetRunStatus::Pending, 2)]),
            patches: BTreeMap::from([(PatchRunStatus::Pending, 2), (PatchRunStatus::NotApplicable, 2)]),
            left_out: 1,
        };
        assert_eq!(record.counts, counts);
        assert_eq!(world.store.run_asset(run.id, assets[2]).await.expect("answers").expect("is there").state.left_out, Some(left.reason));
        assert_eq!(world.store.open_runs().await.expect("answers").len(), 2);
        assert_eq!(world.store.last_runs().await.expect("answers")[&job.id], record);
        assert_eq!(world.store.runs_of(job.id).await.expect("answers"), [record]);
        assert_eq!(world.store.work_for(AssetId::make(world.now(), world.ten())).await.expect("answers"), None);
    }

    async fn a_slot_runs_once_and_only_as_planned(world: &World) {
        let asset = world.asset("m1").await;
        let job = world.job("a job").await;
        let run = world.new_run(&job, &[asset], Vec::new());
        let mut stale = run.clone();
        stale.planned_from = job.updated_at - SignedDuration::from_secs(1);
        assert_eq!(world.store.start_run(&stale, sign(&stale)).await.expect("answers"), StartOutcome::JobChanged);
        world.store.start_run(&run, sign(&run)).await.expect("starts");
        let again = world.new_run(&job, &[asset], Vec::new());
        assert_eq!(world.store.start_run(&again, sign(&again)).await.expect("answers"), StartOutcome::AlreadyStarted);
        assert_eq!(generations(world, asset).await, (1, vec![1]));
        world.store.delete_job(job.id, world.now(), &world.audit("job.delete")).await.expect("deleted");
        let mut next = world.new_run(&job, &[asset], Vec::new());
        next.slot = 1;
        assert_eq!(world.store.start_run(&next, sign(&next)).await.expect("answers"), StartOutcome::JobChanged);
    }

    async fn a_manifest_that_cannot_be_signed_starts_nothing(world: &World) {
        let assets = world.assets(2).await;
        let job = world.job("a job").await;
        let run = world.new_run(&job, &assets, Vec::new());
        let mut signer = sign(&run);
        let mut calls = 0;
        let failed = world.store.start_run(&run, move |asset, generation| {
            calls += 1;
            if calls == 2 { Err("no key".into()) } else { signer(asset, generation) }
        }).await;
        assert!(matches!(failed, Err(StoreError::Issue { what: "manifest", .. })), "{failed:?}");
        assert_eq!(world.store.run(run.id).await.expect("answers"), None);
        assert_eq!(generations(world, assets[0]).await, (0, vec![]));
        world.store.start_run(&run, sign(&run)).await.expect("starts");
        assert_eq!(generations(world, assets[0]).await, (1, vec![1]));
    }

    async fn an_asset_removed_since_planning_is_cancelled(world: &World) {
        let assets = world.assets(2).await;
        let job = world.job("a job").await;
        let run = world.new_run(&job, &assets, Vec::new());
        world.store.remove_asset(assets[0], &world.audit("asset.remove")).await.expect("removed");
        let started = world.store.start_run(&run, sign(&run)).await.expect("starts");
        assert_eq!(started, StartOutcome::Started { assets: vec![assets[1]] });
        assert_eq!(status(world, &run, assets[0]).await, AssetRunStatus::Cancelled);
    }

    async fn from_report_to_proof_to_the_end(world: &World) {
        let asset = world.asset("m1").await;
        let run = world.run("a job", &[asset]).await;
        world.later(SignedDuration::from_mins(1));
        work_done(world, &run, asset).await;
        assert_eq!(status(world, &run, asset).await, AssetRunStatus::Verifying);
        assert_eq!(generations(world, asset).await, (1, vec![1]), "work lasts until it is proven");
        let mut early = world.upload(asset, inventory("a", 1));
        early.scanned_at = world.now() - SignedDuration::from_secs(30);
        let taken = world.store.record_upload(early).await.expect("recorded");
        assert_eq!(taken, ScanOutcome::Recorded { runs: Vec::new() }, "a scan made before proves nothing");
        world.later(SignedDuration::from_mins(1));
        let taken = world.store.record_upload(world.upload(asset, inventory("a", 2))).await.expect("recorded");
        assert_eq!(taken, ScanOutcome::Recorded { runs: vec![run.id] });
        assert_eq!(status(world, &run, asset).await, AssetRunStatus::Succeeded);
        assert_eq!(generations(world, asset).await, (2, vec![]));
        let closed = world.store.close_runs(world.now()).await.expect("closes");
        assert_eq!((closed.runs, closed.assets), (vec![run.id], vec![]));
        let record = world.store.run(run.id).await.expect("answers").expect("is there");
        assert_eq!(record.ended_at, Some(world.now()));
        assert_eq!(record.counts.assets, BTreeMap::from([(AssetRunStatus::Succeeded, 1)]));
        assert_eq!(record.counts.patches, BTreeMap::from([(PatchRunStatus::Installed, 1), (PatchRunStatus::NotApplicable, 1)]));
        assert_eq!(world.store.job(run.job).await.expect("answers").expect("is there").status, JobStatus::Completed);
        assert_eq!(world.store.close_runs(world.now()).await.expect("closes"), fettle_store::CancelOutcome::default());
        let history = world.store.runs_of_asset(asset).await.expect("answers");
        assert_eq!((history.len(), history[0].0.id, history[0].1.state.status), (1, run.id, AssetRunStatus::Succeeded));
    }

    async fn an_unchanged_machine_proves_that_nothing_happened(world: &World) {
        let asset = world.asset("m1").await;
        let upload = world.upload(asset, inventory("a", 1));
        let digest = upload.digest;
        world.store.record_upload(upload).await.expect("recorded");
        let run = world.run("a job", &[asset]).await;
        world.later(SignedDuration::from_mins(1));
        work_done(world, &run, asset).await;
        world.later(SignedDuration::from_mins(1));
        let scan = fettle_store::UnchangedScan {
            asset,
            digest,
            volatile: crate::world::volatile("ada"),
            scanned_at: world.now(),
            received_at: world.now(),
            verdict: says(FindingState::Missing),
        };
        assert_eq!(world.store.record_unchanged(scan).await.expect("recorded"), ScanOutcome::Recorded { runs: vec![run.id] });
        let part = world.store.run_asset(run.id, asset).await.expect("answers").expect("is there").state;
        let reason = part.patches[0].failure.as_ref().map(|failure| failure.reason);
        assert_eq!((part.status, reason), (AssetRunStatus::Failed, Some(fettle_deploy::reason::FailureReason::VerificationFailed)));
    }

    async fn a_proof_that_came_too_early_is_asked_for_again(world: &World) {
        let asset = world.asset("m1").await;
        let run = world.run("a job", &[asset]).await;
        let done_at = world.later(SignedDuration::from_mins(1));
        let mut upload = world.upload(asset, inventory("a", 1));
        upload.scanned_at = done_at + SignedDuration::from_secs(1);
        world.store.record_upload(upload).await.expect("recorded");
        let events = [asset_is(AssetRunStatus::Running), patch_is(PatchRunStatus::Verifying), asset_is(AssetRunStatus::Verifying)];
        let events = events.into_iter().map(|report| world.event(&run, report)).collect();
        let outcome = world.store.apply_reports(asset, events, world.now()).await.expect("taken");
        assert!(outcome.work_changed && outcome.refused.is_empty(), "{outcome:?}");
        assert_eq!(world.store.numbers(asset).await.expect("answers").expect("is there").scan, 1);
    }

    async fn reports_count_once_and_impossible_ones_are_refused(world: &World) {
        let (asset, other) = (world.asset("m1").await, world.asset("m2").await);
        let run = world.run("a job", &[asset]).await;
        let event = world.event(&run, asset_is(AssetRunStatus::Running));
        let outcome = world.store.apply_reports(asset, vec![event.clone(), event.clone()], world.now()).await.expect("taken");
        assert_eq!((outcome.runs.as_slice(), outcome.refused.as_slice()), ([run.id].as_slice(), [].as_slice()));
        let outcome = world.store.apply_reports(asset, vec![event.clone()], world.now()).await.expect("taken");
        assert_eq!(outcome, fettle_store::ReportsOutcome::default());
        let backwards = world.event(&run, asset_is(AssetRunStatus::Received));
        let outcome = world.store.apply_reports(asset, vec![backwards.clone()], world.now()).await.expect("taken");
        assert_eq!((outcome.refused[0].event, outcome.refused[0].run), (backwards.id, run.id));
        let outcome = world.store.apply_reports(asset, vec![backwards], world.now()).await.expect("taken");
        assert_eq!(outcome.refused, [], "logged once");
        let outcome = world.store.apply_reports(other, vec![event.clone()], world.now()).await.expect("taken");
        assert!(outcome.refused[0].why.contains("no part"), "another's run is none of its business: {outcome:?}");
        world.store.remove_asset(other, &world.audit("asset.remove")).await.expect("removed");
        let outcome = world.store.apply_reports(other, vec![event], world.now()).await.expect("taken");
        assert_eq!(outcome, fettle_store::ReportsOutcome::default());
    }

    async fn cancelling_stops_what_has_not_begun(world: &World) {
        let assets = world.assets(2).await;
        let run = world.run("a job", &assets).await;
        let begun = world.event(&run, asset_is(AssetRunStatus::Running));
        world.store.apply_reports(assets[0], vec![begun], world.now()).await.expect("taken");
        let outcome = world.store.cancel_run(run.id, world.now(), &world.audit("run.cancel")).await.expect("cancelled");
        assert_eq!((outcome.assets, outcome.runs), (vec![assets[1]], vec![run.id]));
        assert_eq!(status(world, &run, assets[0]).await, AssetRunStatus::Running);
        assert_eq!(status(world, &run, assets[1]).await, AssetRunStatus::Cancelled);
        assert_eq!(generations(world, assets[1]).await, (2, vec![]));
        let nothing = world.store.cancel_run(run.id, world.now(), &world.audit("run.cancel")).await.expect("cancelled");
        assert_eq!(nothing, fettle_store::CancelOutcome::default());
        let unknown = fettle_model::ids::RunId::make(world.now(), world.ten());
        let refused = world.store.cancel_run(unknown, world.now(), &world.audit("run.cancel")).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "run" })));
    }

    async fn deleting_a_job_withdraws_its_work_and_keeps_results(world: &World) {
        let assets = world.assets(2).await;
        let run = world.run("a job", &assets).await;
        let kept = world.run("another", &assets[..1]).await;
        let mut withdrawn = world.store.delete_job(run.job, world.now(), &world.audit("job.delete")).await.expect("deleted");
        withdrawn.sort();
        assert_eq!(withdrawn, { let mut both = assets.clone(); both.sort(); both });
        assert_eq!(generations(world, assets[0]).await.1, [2], "the other job's work stays");
        assert_eq!(world.store.run(run.id).await.expect("answers").expect("stays").counts.assets[&AssetRunStatus::Cancelled], 2);
        world.store.close_runs(world.now()).await.expect("closes");
        assert!(world.store.run(run.id).await.expect("answers").expect("stays").ended_at.is_some());
        assert!(world.store.run(kept.id).await.expect("answers").expect("stays").ended_at.is_none());
        let outcome = world.store.cancel_job(kept.job, world.now(), &world.audit("job.cancel")).await.expect("cancelled");
        assert_eq!(outcome.runs, [kept.id]);
    }

    async fn a_removed_asset_ends_its_parts(world: &World) {
        let assets = world.assets(2).await;
        let run = world.run("a job", &assets).await;
        let begun = world.event(&run, asset_is(AssetRunStatus::Running));
        world.store.apply_reports(assets[0], vec![begun], world.now()).await.expect("taken");
        for asset in &assets {
            world.store.remove_asset(*asset, &world.audit("asset.remove")).await.expect("removed");
        }
        assert_eq!(status(world, &run, assets[0]).await, AssetRunStatus::AgentLost);
        assert_eq!(status(world, &run, assets[1]).await, AssetRunStatus::Cancelled);
        assert_eq!(world.store.close_runs(world.now()).await.expect("closes").runs, [run.id]);
    }

    async fn time_ends_what_has_not_begun(world: &World) {
        let assets = world.assets(2).await;
        let run = world.run("a job", &assets).await;
        let begun = world.event(&run, asset_is(AssetRunStatus::Running));
        world.store.apply_reports(assets[0], vec![begun], world.now()).await.expect("taken");
        world.later(SignedDuration::from_mins(59));
        assert_eq!(world.store.close_runs(world.now()).await.expect("closes"), fettle_store::CancelOutcome::default());
        world.later(SignedDuration::from_mins(2));
        let outcome = world.store.close_runs(world.now()).await.expect("closes");
        assert_eq!((outcome.assets, outcome.runs), (vec![assets[1]], vec![run.id]));
        assert_eq!(status(world, &run, assets[0]).await, AssetRunStatus::Running);
        assert_eq!(status(world, &run, assets[1]).await, AssetRunStatus::TimedOut);
        world.later(SignedDuration::from_hours(8 * 24));
        let outcome = world.store.close_runs(world.now()).await.expect("closes");
        assert_eq!((outcome.assets, outcome.runs), (vec![assets[0]], vec![run.id]));
        assert_eq!(status(world, &run, assets[0]).await, AssetRunStatus::AgentLost);
        assert!(world.store.run(run.id).await.expect("answers").expect("is there").ended_at.is_some());
    }

    async fn an_agent_that_had_begun_is_heard_after_all(world: &World) {
        let asset = world.asset("m1").await;
        let run = world.run("a job", &[asset]).await;
        let began = world.event(&run, asset_is(AssetRunStatus::Running));
        world.later(SignedDuration::from_hours(2));
        world.store.close_runs(world.now()).await.expect("closes");
        assert_eq!(status(world, &run, asset).await, AssetRunStatus::TimedOut);
        let outcome = world.store.apply_reports(asset, vec![began], world.now()).await.expect("taken");
        assert!(outcome.work_changed && outcome.refused.is_empty(), "{outcome:?}");
        assert_eq!(status(world, &run, asset).await, AssetRunStatus::Running);
        assert_eq!(world.store.run(run.id).await.expect("answers").expect("is there").ended_at, None, "open again");
        ended(world, &run, asset).await;
        world.later(SignedDuration::from_mins(1));
        world.store.record_upload(world.upload(asset, inventory("a", 2))).await.expect("recorded");
        world.store.close_runs(world.now()).await.expect("closes");
        assert_eq!(status(world, &run, asset).await, AssetRunStatus::Succeeded);
        assert_eq!(world.store.run(run.id).await.expect("answers").expect("is there").ended_at, Some(world.now()));
    }

    async fn assets_of_a_run_come_in_pages_and_by_filter(world: &World) {
        let assets = world.assets(5).await;
        let job = world.job("a job").await;
        let mut run = world.new_run(&job, &assets[..4], vec![LeftOut { asset: assets[4], name: "100%_x".to_owned(), reason: LeftOutReason::Stale }]);
        for (asset, name) in run.plan.assets.iter_mut().zip(["b", "B", "a", "100yyx"]) {
            asset.name = name.to_owned();
        }
        world.store.start_run(&run, sign(&run)).await.expect("starts");
        let begun = world.event(&run, asset_is(AssetRunStatus::Running));
        world.store.apply_reports(assets[2], vec![begun], world.now()).await.expect("taken");
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let (page, total) = world.store.run_assets(run.id, &RunAssetFilter::default(), after, 2).await.expect("answers");
            assert_eq!(total, 5);
            let Some(last) = page.last() else { break };
            after = Some((last.name.clone(), last.asset));
            seen.extend(page.into_iter().map(|row| row.asset));
        }
        assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (5, 5));
        let names = async |filter: RunAssetFilter| {
            let (rows, total) = world.store.run_assets(run.id, &filter, None, 10).await.expect("answers");
            assert_eq!(u64::try_from(rows.len()), Ok(total));
            rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
        };
        let running = RunAssetFilter { statuses: BTreeSet::from([AssetRunStatus::Running]), ..RunAssetFilter::default() };
        assert_eq!(names(running).await, ["a"]);
        assert_eq!(names(RunAssetFilter { left_out: Some(true), ..RunAssetFilter::default() }).await, ["100%_x"]);
        assert_eq!(names(RunAssetFilter { left_out: Some(false), ..RunAssetFilter::default() }).await.len(), 4);
        assert_eq!(names(RunAssetFilter { text: Some("0%_".to_owned()), ..RunAssetFilter::default() }).await, ["100%_x"]);
        assert_eq!(names(RunAssetFilter { text: Some("B".to_owned()), ..RunAssetFilter::default() }).await.len(), 2);
    }

    async fn a_large_run_is_whole(world: &World) {
        let assets = world.assets(3).await;
        let job = world.job("a job").await;
        let mut run = world.new_run(&job, &assets, Vec::new());
        run.plan.left_out = (0..1_200)
            .map(|number| LeftOut { asset: AssetId::make(world.now(), world.ten()), name: format!("n{number}"), reason: LeftOutReason::Stale })
            .collect();
        world.store.start_run(&run, sign(&run)).await.expect("starts");
        let counts = world.store.run(run.id).await.expect("answers").expect("is there").counts;
        assert_eq!((counts.left_out, counts.assets[&AssetRunStatus::Pending]), (1_200, 3));
    }
}
