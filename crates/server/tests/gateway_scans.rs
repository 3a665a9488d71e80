//! Scans: digest first, durable before acknowledged, assessed at once, and again when the catalog changes.

#![expect(clippy::expect_used, reason = "helpers of tests end the test, as tests do")]

mod harness;

use fettle_deploy::run::FindingState;
use fettle_fleet::{Origin, Purpose};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingCounts, Findings};
use fettle_model::ids::AssetId;
use fettle_model::inventory::Volatile;
use fettle_protocol::message::{InventoryUpload, ScanReply};
use fettle_protocol::{codec, path};
use fettle_query::{Context, Entity, check};
use fettle_server::work::Reconciler;
use fettle_store::{Assessed, Upload};
use harness::samples::{bookworm, package, patch};
use harness::{Harness, eventually};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;

fn card(harness: &Harness, asset: AssetId) -> fettle_fleet::AssetRow {
    harness.app().fleet.view().unscoped(Purpose::Upkeep).asset(asset).expect("the asset is shown")
}

fn missing(harness: &Harness, asset: AssetId) -> FindingCounts {
    card(harness, asset).counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_assessed_stored_and_shown() {
    let harness = Harness::start().await;
    let feed = harness.feed("main").await;
    harness.import(feed, &[patch("openssl", "3.0.17-1", None), patch("curl", "7.88.1-10", None)]).await;
    let machine = harness.enrolled("web-1").await;
    assert_eq!(card(&harness, machine.asset()).card.scan_status, ScanStatus::NeverScanned);

    let inventory = bookworm("web-1.example", &[("curl", "7.88.1-10"), ("openssl", "3.0.15-1")]);
    assert_eq!(machine.scan_fully(&inventory).await, Ok(ScanReply::SendInventory));
    let row = card(&harness, machine.asset());
    assert_eq!(row.card.scan_status, ScanStatus::Scanned);
    assert_eq!(row.card.os_name, "Debian GNU/Linux 12 (bookworm)");
    assert_eq!(row.card.last_scan, Some(harness.now()));
    assert_eq!((row.counts.missing, row.counts.installed, row.counts.latest_missing_security), (1, 1, 1));
    assert_eq!(harness.app().store.inventory(machine.asset()).await.unwrap(), Some(inventory));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_machine_sends_its_digest_only() {
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    let inventory = bookworm("web-1", &[("curl", "1")]);
    assert_eq!(machine.scan_fully(&inventory).await, Ok(ScanReply::SendInventory));
    harness.advance(Duration::from_secs(3600));
    assert_eq!(machine.scan_fully(&inventory).await, Ok(ScanReply::Known));
    assert_eq!(card(&harness, machine.asset()).card.last_scan, Some(harness.now()));
    // Another asset with the same inventory is asked for it: what one machine knows proves nothing of another.
    let twin = harness.enrolled("web-2").await;
    assert_eq!(twin.scan(&inventory).await, Ok(ScanReply::SendInventory));
    let mut changed = inventory.clone();
    changed.packages.push(package("zlib1g", "1"));
    assert_eq!(machine.scan(&changed).await, Ok(ScanReply::SendInventory));
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_scans_and_unknown_systems_say_why() {
    let harness = Harness::start().await;
    let feed = harness.feed("main").await;
    harness.import(feed, &[patch("curl", "2", None)]).await;
    let machine = harness.enrolled("web-1").await;
    machine.scan_failed("dpkg-query ended with 2").await.unwrap();
    let row = card(&harness, machine.asset());
    assert_eq!((row.card.scan_status, row.card.scan_error.as_deref()), (ScanStatus::ScanFailed, Some("dpkg-query ended with 2")));

    let mut other = bookworm("web-1", &[("curl", "1")]);
    other.os.codename = "trixie".to_owned();
    machine.scan_fully(&other).await.unwrap();
    let row = card(&harness, machine.asset());
    assert_eq!(row.card.scan_status, ScanStatus::Unsupported);
    assert!(row.card.scan_error.as_deref().is_some_and(|why| why.contains("debian/trixie")), "{:?}", row.card.scan_error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_catalog_assesses_again_without_any_scan() {
    let mut harness = Harness::start().await;
    let feed = harness.feed("main").await;
    let one = harness.enrolled("web-1").await;
    let two = harness.enrolled("web-2").await;
    for machine in [&one, &two] {
        machine.scan_fully(&bookworm(&machine.name, &[("curl", "1"), ("openssl", "1")])).await.unwrap();
    }
    assert_eq!(card(&harness, one.asset()).card.scan_status, ScanStatus::Unsupported, "no feed covers it yet");

    harness.import(feed, &[patch("curl", "2", None)]).await;
    for machine in [&one, &two] {
        let row = card(&harness, machine.asset());
        assert_eq!((row.card.scan_status, row.counts.missing), (ScanStatus::Scanned, 1));
    }
    harness.import(feed, &[patch("curl", "2", None), patch("openssl", "2", None)]).await;
    assert_eq!(missing(&harness, one.asset()).missing, 2);
    harness.import(feed, &[patch("openssl", "1", None)]).await;
    assert_eq!((missing(&harness, two.asset()).missing, missing(&harness, two.asset()).installed), (0, 1));

    harness.restart().await;
    assert_eq!((missing(&harness, two.asset()).missing, missing(&harness, two.asset()).installed), (0, 1));
}

/// Compares what the index says an asset was made from with what the store says now.
async fn origin_is_the_stores(harness: &Harness, asset: AssetId) {
    let record = harness.app().store.asset(asset).await.expect("the store reads").expect("the asset is there");
    let stored = Origin {
        mark: record.mark(),
        inventory: record.scan.inventory.map_or(0, Origin::inventory_of),
        generation: record.scan.catalog_generation,
    };
    assert_eq!(card(harness, asset).card.origin, stored);
}

/// Whether a query finds the one asset there is.
fn finds(harness: &Harness, text: &str) -> bool {
    let context = Context { now: harness.now(), zone: TimeZone::UTC };
    let query = check(Entity::Asset, text, &context).expect("a query");
    harness.app().fleet.view().unscoped(Purpose::Upkeep).select(&query).expect("it can be asked").count() == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_knows_what_each_row_was_made_from() {
    let mut harness = Harness::start().await;
    let feed = harness.feed("main").await;
    let machine = harness.enrolled("web-1").await;
    origin_is_the_stores(&harness, machine.asset()).await;
    assert_eq!(card(&harness, machine.asset()).card.origin.inventory, 0, "no inventory yet");

    machine.scan_fully(&bookworm("web-1", &[("curl", "1")])).await.unwrap();
    origin_is_the_stores(&harness, machine.asset()).await;
    let first = card(&harness, machine.asset()).card.origin;
    harness.import(feed, &[patch("curl", "2", None)]).await;
    origin_is_the_stores(&harness, machine.asset()).await;
    let second = card(&harness, machine.asset()).card.origin;
    assert_eq!(second.inventory, first.inventory);
    assert!(second.generation > first.generation && second.mark != first.mark, "{first:?} {second:?}");

    // An upload that reached the store and not the index, as when the database fails in between.
    let inventory = Arc::new(bookworm("web-1", &[("emacs", "1")]));
    let upload = Upload {
        asset: machine.asset(),
        digest: codec::inventory_digest(&inventory).expect("it can be written"),
        inventory,
        volatile: Volatile::default(),
        scanned_at: harness.now(),
        received_at: harness.now(),
        assessed: Assessed::Findings { findings: Findings::default(), generation: second.generation },
        verdict: Arc::new(|_| FindingState::Unknown),
    };
    harness.app().store.record_upload(upload).await.unwrap();
    assert!(finds(&harness, "software.name:curl") && !finds(&harness, "software.name:emacs"));
    assert_eq!(card(&harness, machine.asset()).card.origin, second);
    fettle_server::index::refresh(harness.app(), machine.asset()).await.unwrap();
    assert!(!finds(&harness, "software.name:curl") && finds(&harness, "software.name:emacs"));
    origin_is_the_stores(&harness, machine.asset()).await;

    machine.scan_failed("dpkg-query ended with 2").await.unwrap();
    origin_is_the_stores(&harness, machine.asset()).await;
    assert!(finds(&harness, "software.name:emacs"), "the last good inventory stays");
    harness.restart().await;
    origin_is_the_stores(&harness, machine.asset()).await;
    assert!(finds(&harness, "software.name:emacs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn inventories_out_of_bounds_are_refused_and_leave_nothing() {
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    let mut inventory = bookworm("web-1", &[("curl", "1")]);
    inventory.packages[0].version = "1\n2".to_owned();
    let refused = machine.upload(&inventory).await.expect_err("control characters");
    assert_eq!((refused.status, refused.code.as_str()), (400, "body-damaged"));
    assert!(refused.detail.contains("a package's version holds control characters"), "{}", refused.detail);
    inventory.packages = vec![package("curl", "1"); 50_001];
    let refused = machine.upload(&inventory).await.expect_err("too many");
    assert!(refused.detail.contains("50001 packages"), "{}", refused.detail);
    assert_eq!(card(&harness, machine.asset()).card.scan_status, ScanStatus::NeverScanned);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let harness = Harness::start().await;
    let mut machine = harness.enrolled("web-1").await;
    let inventory = bookworm("web-1", &[("curl", "1")]);
    let whole = codec::encode(&InventoryUpload::V1 {
        inventory: Box::new(inventory.clone()),
        volatile: Volatile::default(),
        scanned_at: harness.now(),
    });
    let mut half = whole.unwrap();
    half.truncate(half.len() / 2);
    machine.break_off(reqwest::Method::PUT, path::INVENTORY, half.clone()).await;
    machine.reconnect();
    let refused = machine.send(reqwest::Method::PUT, path::INVENTORY, half).await.expect_err("half an inventory");
    assert_eq!((refused.status, refused.code.as_str()), (400, "body-damaged"));
    assert_eq!(card(&harness, machine.asset()).card.last_scan, None);
    assert_eq!(machine.scan_fully(&inventory).await, Ok(ScanReply::SendInventory));
    assert_eq!(card(&harness, machine.asset()).card.last_scan, Some(harness.now()));
}

/// What is on disk at the moment of an acknowledgement is what a power cut would leave: a second server,
/// started on a copy of the files while the first still runs, must know every acknowledged upload.
#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_upload_survives_a_crash() {
    let harness = Harness::start().await;
    let mut machines = Vec::new();
    for number in 0..8 {
        machines.push(harness.enrolled(&format!("web-{number}")).await);
    }
    let inventories: Vec<_> = machines.iter().map(|machine| bookworm(&machine.name, &[("curl", "1")])).collect();
    let uploads = machines.iter().zip(&inventories).map(|(machine, inventory)| machine.upload(inventory));
    for acknowledged in futures::future::join_all(uploads).await {
        acknowledged.expect("acknowledged");
    }
    let copy = tempfile::tempdir().unwrap();
    for name in ["fettle.db", "fettle.db-wal"] {
        std::fs::copy(harness.folder().join(name), copy.path().join(name)).unwrap();
    }
    let url = format!("sqlite:{}", copy.path().join("fettle.db").display());
    let store = fettle_store::Store::open(&url, harness.clock.as_ref(), harness.entropy.as_ref()).await.unwrap();
    for (machine, inventory) in machines.iter().zip(inventories) {
        assert_eq!(store.inventory(machine.asset()).await.unwrap(), Some(inventory));
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requested_scan_reaches_a_held_check_in() {
    let harness = Harness::start().await;
    let machine = std::sync::Arc::new(harness.enrolled("web-1").await);
    let asset = machine.asset();
    let held = tokio::spawn({
        let machine = std::sync::Arc::clone(&machine);
        async move { machine.check_in(0, 0, 300).await }
    });
    eventually("the check-in is held", async || harness.app().nudges.is_waiting(asset).then_some(())).await;
    assert!(harness.app().is_online(asset, None));
    let scan = harness.app().store.request_scan(asset, &harness.audit("asset.scan")).await.unwrap();
    harness.app().nudges.wake(asset);
    assert_eq!(held.await.unwrap(), Ok((0, scan, false)));
    eventually("the seat is given back", async || (!harness.app().nudges.is_waiting(asset)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_check_ins_are_answered_when_the_server_stops() {
    let mut harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    let asset = machine.asset();
    let held = tokio::spawn(async move { machine.check_in(0, 0, 300).await });
    eventually("the check-in is held", async || harness.app().nudges.is_waiting(asset).then_some(())).await;
    harness.stop().await;
    assert_eq!(held.await.unwrap(), Ok((0, 0, false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_are_noted_and_silence_makes_stale() {
    let mut harness = Harness::start().await;
    let feed = harness.feed("main").await;
    harness.import(feed, &[patch("curl", "2", None)]).await;
    let mut machine = harness.enrolled("web-1").await;
    machine.scan_fully(&bookworm("web-1", &[("curl", "1")])).await.unwrap();
    harness.advance(Duration::from_secs(100));
    machine.assess_only = true;
    machine.check_in(0, 0, 0).await.unwrap();
    let seen = harness.now();
    assert_eq!(card(&harness, machine.asset()).last_check_in, Some(seen), "shown at once");
    harness.restart().await;
    let row = card(&harness, machine.asset());
    assert_eq!((row.last_check_in, row.card.assess_only), (Some(seen), true), "written down when the server stopped");

    harness.advance(Duration::from_secs(12 * 3600 - 200));
    harness.work(Reconciler::MarkStale).await;
    assert_eq!(card(&harness, machine.asset()).card.scan_status, ScanStatus::Scanned);
    harness.advance(Duration::from_secs(200));
    harness.work(Reconciler::MarkStale).await;
    assert_eq!(card(&harness, machine.asset()).card.scan_status, ScanStatus::Stale);
    machine.server = harness.agents();
    machine.scan_fully(&bookworm("web-1", &[("curl", "1")])).await.unwrap();
    assert_eq!(card(&harness, machine.asset()).card.scan_status, ScanStatus::Scanned);
}
