//! Inventories, findings, and what they become when the catalog changes.

use crate::world::{World, contract, findings, inventory, says, volatile};
use fettle_deploy::run::FindingState;
use fettle_model::asset::ScanStatus;
use fettle_model::ids::AssetId;
use fettle_model::inventory::{Application, Inventory, WindowsSoftware};
use fettle_store::{Assessed, AssetRecord, Facts, KeptFindings, Outdated, Reassessed, ScanFailure, ScanOutcome, UnchangedScan};
use jiff::SignedDuration;
use std::collections::BTreeSet;

async fn record(world: &World, asset: AssetId) -> AssetRecord {
    world.store.asset(asset).await.expect("answers").expect("is there")
}

fn recorded() -> ScanOutcome {
    ScanOutcome::Recorded { runs: Vec::new() }
}

fn unchanged(world: &World, asset: AssetId, digest: fettle_model::digest::Sha256Digest) -> UnchangedScan {
    UnchangedScan {
        asset,
        digest,
        volatile: volatile("bob"),
        scanned_at: world.now(),
        received_at: world.now(),
        verdict: says(FindingState::Installed),
    }
}

contract! {
    async fn an_upload_comes_back_whole(world: &World) {
        let asset = world.asset("m1").await;
        let inventory = inventory("web.example", 500);
        assert_eq!(world.store.inventory(asset).await.expect("answers"), None);
        let upload = world.upload(asset, inventory.clone());
        let digest = upload.digest;
        assert_eq!(world.store.record_upload(upload).await.expect("recorded"), recorded());
        let record = world.store.asset(asset).await.expect("answers").expect("is there");
        assert_eq!(record.name, "web.example");
        let scan = record.scan;
        assert_eq!((scan.status, scan.error, scan.last_scan), (ScanStatus::Scanned, None, Some(world.now())));
        assert_eq!((scan.inventory, scan.facts), (Some(digest), Some(Facts::of(&inventory))));
        assert_eq!((scan.volatile, scan.catalog_generation, scan.findings), (volatile("ada"), 1, findings(&[1, 5], &[2])));
        assert_eq!(world.store.inventory(asset).await.expect("answers"), Some(inventory));
    }

    async fn software_on_windows_comes_back_with_the_rest(world: &World) {
        let asset = world.asset("m1").await;
        let application = Application { name: "Tool".to_owned(), version: "1.0".to_owned(), ..Application::default() };
        let windows = WindowsSoftware { applications: vec![application], hotfixes: vec!["KB1".to_owned()], updates: Vec::new() };
        let inventory = Inventory { windows, ..inventory("desktop.example", 0) };
        assert_eq!(world.store.record_upload(world.upload(asset, inventory.clone())).await.expect("recorded"), recorded());
        assert_eq!(world.store.inventory(asset).await.expect("answers"), Some(inventory));
    }

    async fn equal_machines_share_an_inventory(world: &World) {
        for asset in world.assets(3).await {
            assert_eq!(world.store.record_upload(world.upload(asset, inventory("same", 5))).await.expect("recorded"), recorded());
        }
        assert_eq!(world.count("inventories").await, 1);
    }

    async fn an_unchanged_scan_is_known_only_for_its_own_inventory(world: &World) {
        let (asset, other) = (world.asset("m1").await, world.asset("m2").await);
        let upload = world.upload(asset, inventory("a", 1));
        let digest = upload.digest;
        world.store.record_upload(upload).await.expect("recorded");
        let now = world.later(SignedDuration::from_hours(4));
        assert_eq!(world.store.record_unchanged(unchanged(world, asset, digest)).await.expect("answers"), recorded());
        assert_eq!(world.store.record_unchanged(unchanged(world, other, digest)).await.expect("answers"), ScanOutcome::SendInventory);
        let changed = fettle_model::digest::Sha256Digest([4; 32]);
        assert_eq!(world.store.record_unchanged(unchanged(world, asset, changed)).await.expect("answers"), ScanOutcome::SendInventory);
        let scan = world.store.asset(asset).await.expect("answers").expect("is there").scan;
        assert_eq!((scan.last_scan, scan.volatile, scan.findings), (Some(now), volatile("bob"), findings(&[1, 5], &[2])));
    }

    async fn nothing_is_recorded_of_a_removed_asset(world: &World) {
        let asset = world.asset("m1").await;
        let upload = world.upload(asset, inventory("a", 1));
        let digest = upload.digest;
        world.store.remove_asset(asset, &world.audit("asset.remove")).await.expect("removed");
        assert_eq!(world.store.record_upload(upload).await.expect("answers"), ScanOutcome::Removed);
        assert_eq!(world.store.record_unchanged(unchanged(world, asset, digest)).await.expect("answers"), ScanOutcome::Removed);
        assert_eq!(world.count("scans").await, 0);
    }

    async fn a_failed_scan_keeps_what_was_known(world: &World) {
        let asset = world.asset("m1").await;
        let upload = world.upload(asset, inventory("a", 1));
        let digest = upload.digest;
        world.store.record_upload(upload).await.expect("recorded");
        let before = world.now();
        let now = world.later(SignedDuration::from_hours(1));
        let failure = ScanFailure { asset, reason: "dpkg is locked".to_owned(), received_at: now };
        assert_eq!(world.store.record_scan_failure(failure).await.expect("recorded"), recorded());
        let scan = world.store.asset(asset).await.expect("answers").expect("is there").scan;
        assert_eq!((scan.status, scan.error.as_deref(), scan.last_scan), (ScanStatus::ScanFailed, Some("dpkg is locked"), Some(before)));
        assert_eq!(scan.findings, findings(&[1, 5], &[2]));
        world.store.record_unchanged(unchanged(world, asset, digest)).await.expect("recorded");
        let scan = world.store.asset(asset).await.expect("answers").expect("is there").scan;
        assert_eq!((scan.status, scan.error), (ScanStatus::Scanned, None));
    }

    async fn an_unsupported_system_says_why(world: &World) {
        let asset = world.asset("m1").await;
        let mut upload = world.upload(asset, inventory("a", 1));
        upload.assessed = Assessed::Unsupported { why: "no feed for this release".to_owned(), generation: 1 };
        let digest = upload.digest;
        world.store.record_upload(upload).await.expect("recorded");
        for _ in 0..2 {
            let scan = world.store.asset(asset).await.expect("answers").expect("is there").scan;
            assert_eq!((scan.status, scan.error.as_deref()), (ScanStatus::Unsupported, Some("no feed for this release")));
            world.store.record_unchanged(unchanged(world, asset, digest)).await.expect("recorded");
        }
    }

    async fn silence_makes_stale(world: &World) {
        let assets = world.assets(3).await;
        world.store.record_upload(world.upload(assets[0], inventory("a", 1))).await.expect("recorded");
        let now = world.later(SignedDuration::from_hours(12));
        world.store.record_upload(world.upload(assets[1], inventory("b", 1))).await.expect("recorded");
        let before = now - SignedDuration::from_hours(1);
        assert_eq!(world.store.mark_stale(before).await.expect("marked"), [assets[0]]);
        assert_eq!(world.store.mark_stale(before).await.expect("marked"), []);
        assert_eq!(world.store.asset(assets[0]).await.expect("answers").expect("is there").scan.status, ScanStatus::Stale);
        world.store.record_upload(world.upload(assets[0], inventory("a", 1))).await.expect("recorded");
        assert_eq!(world.store.asset(assets[0]).await.expect("answers").expect("is there").scan.status, ScanStatus::Scanned);
    }

    async fn a_new_catalog_reassesses_what_is_stored(world: &World) {
        let mut assets = world.assets(4).await;
        assets.sort();
        for (number, asset) in assets.iter().take(3).enumerate() {
            world.store.record_upload(world.upload(*asset, inventory("same", number.min(1)))).await.expect("recorded");
        }
        let first = world.store.outdated(2, None, 2).await.expect("answers");
        let second = world.store.outdated(2, first.last().map(|one| one.asset), 2).await.expect("answers");
        assert_eq!((first.len(), second.len()), (2, 1), "the fourth never scanned");
        let digests = [first[0].digest, first[1].digest, fettle_model::digest::Sha256Digest([0; 32])];
        let inventories = world.store.inventories(&digests).await.expect("answers");
        assert_eq!((inventories.len(), inventories[&first[0].digest].packages.len()), (2, 0));

        assert_eq!(first.iter().map(|one| one.generation).collect::<Vec<_>>(), [1, 1]);
        let judged = |one: Outdated, generation| Reassessed {
            asset: one.asset,
            digest: one.digest,
            assessed: Assessed::Findings { findings: findings(&[9], &[]), generation },
        };
        let moved_on = Reassessed { digest: digests[2], ..judged(second[0], 2) };
        let written = world.store.save_reassessed(&[judged(first[0], 2), judged(first[1], 2), moved_on]).await.expect("written");
        assert_eq!(written.len(), 2, "findings of another inventory are dropped");
        assert_eq!(world.store.save_reassessed(&[judged(first[0], 1)]).await.expect("written"), [], "an older catalog is dropped");
        let scan = world.store.asset(first[0].asset).await.expect("answers").expect("is there").scan;
        assert_eq!((scan.findings, scan.catalog_generation), (findings(&[9], &[]), 2));
        assert_eq!(world.store.outdated(2, None, 10).await.expect("answers"), second);
    }

    async fn findings_that_stay_are_raised_and_nothing_else_is(world: &World) {
        let assets = world.assets(5).await;
        let [stays, scanned, tagged, older, unknown] = assets[..] else { panic!("five") };
        for asset in [stays, scanned, tagged, older] {
            world.store.record_upload(world.upload(asset, inventory("same", 3))).await.expect("recorded");
        }
        world.store.record_scan_failure(ScanFailure { asset: stays, reason: "broken".to_owned(), received_at: world.now() }).await.expect("recorded");
        let mut kept = Vec::new();
        for asset in [stays, scanned, tagged, older, unknown] {
            kept.push(KeptFindings { asset, mark: record(world, asset).await.mark() });
        }
        // What happens between looking and writing.
        world.later(SignedDuration::from_hours(1));
        world.store.record_upload(world.upload(scanned, inventory("other", 2))).await.expect("recorded");
        let tag = world.tag("north", None).await;
        world.store.set_asset_tags(tagged, &BTreeSet::from([tag]), &world.audit("tag")).await.expect("tagged");
        let assessed = Assessed::Findings { findings: findings(&[9], &[]), generation: 2 };
        let digest = record(world, older).await.scan.inventory.expect("scanned");
        world.store.save_reassessed(&[Reassessed { asset: older, digest, assessed }]).await.expect("written");

        let before = record(world, stays).await;
        let raised = world.store.raise_findings(&kept, 1, 3).await.expect("raised");
        assert_eq!(raised.iter().map(|mark| mark.id).collect::<Vec<_>>(), [stays]);
        let after = record(world, stays).await;
        assert_eq!(raised[0].mark, after.mark());
        assert_ne!(after.mark(), before.mark());
        let mut expected = before;
        expected.scan.catalog_generation = 3;
        assert_eq!(after, expected, "status, findings and inventory stay");
        for (asset, generation) in [(scanned, 1), (tagged, 1), (older, 2)] {
            assert_eq!(record(world, asset).await.scan.catalog_generation, generation);
        }
        assert_eq!(world.store.raise_findings(&kept, 1, 4).await.expect("answers"), [], "they are not of that catalog any more");
        assert_eq!(world.store.raise_findings(&[], 1, 4).await.expect("answers"), []);
    }

    async fn reassessing_is_no_scan(world: &World) {
        let asset = world.asset("m1").await;
        let upload = world.upload(asset, inventory("a", 1));
        let digest = upload.digest;
        world.store.record_upload(upload).await.expect("recorded");
        let failure = ScanFailure { asset, reason: "broken".to_owned(), received_at: world.now() };
        world.store.record_scan_failure(failure).await.expect("recorded");
        let assessed = Assessed::Unsupported { why: "feed gone".to_owned(), generation: 2 };
        world.store.save_reassessed(&[Reassessed { asset, digest, assessed }]).await.expect("written");
        let scan = world.store.asset(asset).await.expect("answers").expect("is there").scan;
        assert_eq!((scan.status, scan.error.as_deref(), scan.findings), (ScanStatus::ScanFailed, Some("broken"), findings(&[], &[])));
        world.store.record_unchanged(unchanged(world, asset, digest)).await.expect("recorded");
        let scan = world.store.asset(asset).await.expect("answers").expect("is there").scan;
        assert_eq!((scan.status, scan.error.as_deref()), (ScanStatus::Unsupported, Some("feed gone")));
    }
}
