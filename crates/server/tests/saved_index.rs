//! The index between two runs: what comes from the file and the store together is what comes from the store alone.

#![expect(clippy::expect_used, reason = "helpers of tests end the test, as tests do")]

mod harness;

use fettle_fleet::{AssetCard, Fleet, Purpose};
use fettle_model::ids::AssetId;
use fettle_model::tag::Tag;
use fettle_query::{Context, Entity, check};
use fettle_server::index;
use fettle_server::work::Reconciler;
use harness::Harness;
use harness::agent::TestAgent;
use harness::samples::{bookworm, patch};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Versions of an index that was read from a file and needed nothing: one, for the tags.
const UNTOUCHED: u64 = 1;

fn file(harness: &Harness) -> PathBuf {
    harness.folder().join("fleet.index")
}

/// What a server would start with that finds this file.
async fn started_with(harness: &Harness, file: &Path) -> Fleet {
    index::load(&harness.app().store, file, harness.now()).await.expect("the store reads").0
}

/// Everything an index says. Lists of packages are compared by how long they are and what they are found by.
fn told(harness: &Harness, fleet: &Fleet) -> Vec<String> {
    let view = fleet.view().unscoped(Purpose::Upkeep).at(harness.now());
    let mut ids: Vec<AssetId> = view.everything().ids().collect();
    ids.sort_unstable();
    let asset = |&id: &AssetId| {
        let row = view.asset(id).expect("it is listed");
        let software = row.card.software.as_ref().map(fettle_fleet::SoftwareList::len);
        let card = AssetCard { software: None, ..AssetCard::clone(&row.card) };
        format!("{card:?} {:?} {:?} {software:?} {:?}", row.counts, row.last_check_in, view.findings(id))
    };
    let mut all: Vec<String> = ids.iter().map(asset).collect();
    let context = Context { now: harness.now(), zone: TimeZone::UTC };
    for text in ["software.name:curl", "software.name:emacs", "missing.title:curl", "tags.name:dynamic", "tags.name:fixed"] {
        let query = check(Entity::Asset, text, &context).expect("a query");
        let mut found: Vec<AssetId> = view.select(&query).expect("it can be asked").ids().collect();
        found.sort_unstable();
        all.push(format!("{text}: {found:?}"));
    }
    all
}

/// The index from the file and the store says what the index from the store alone says.
async fn fits(harness: &Harness) -> Fleet {
    let (saved, built) = (started_with(harness, &file(harness)).await, started_with(harness, Path::new("/nowhere")).await);
    assert_eq!(told(harness, &saved), told(harness, &built));
    assert!(built.view().version() > UNTOUCHED, "assets came from the store");
    saved
}

/// Three machines that were scanned, a tag that one carries, and a tag that a query gives.
async fn fleet(harness: &Harness) -> (Vec<TestAgent>, [Tag; 2]) {
    let feed = harness.feed("main").await;
    harness.import(feed, &[patch("curl", "2", None), patch("openssl", "2", None)]).await;
    let mut machines = Vec::new();
    for (name, packages) in [("web-1", [("curl", "1"), ("openssl", "2")]), ("web-2", [("curl", "2"), ("emacs", "1")])] {
        let machine = harness.enrolled(name).await;
        machine.scan_fully(&bookworm(name, &packages)).await.expect("it scans");
        machines.push(machine);
    }
    machines.push(harness.enrolled("never-scanned").await);
    let fixed = harness.tag("fixed").await;
    let app = harness.app();
    app.store.set_asset_tags(machines[1].asset(), &BTreeSet::from([fixed]), &harness.audit("asset.tags")).await.expect("carried");
    index::refresh(app, machines[1].asset()).await.expect("shown");
    let id = fettle_model::ids::TagId::make(harness.now(), fettle_model::clock::Entropy::ten(harness.entropy.as_ref()));
    let dynamic = Tag { id, name: "dynamic".to_owned(), parent: None, query: Some("missing.title:curl".to_owned()) };
    app.store.create_tag(&dynamic, &harness.audit("tag.create")).await.expect("made");
    index::refresh_tags(app).await.expect("decided");
    (machines, [Tag { id: fixed, name: "fixed".to_owned(), parent: None, query: None }, dynamic])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_comes_from_the_file_alone() {
    let mut harness = Harness::start().await;
    fleet(&harness).await;
    harness.work(Reconciler::NoteCheckIns).await;
    harness.work(Reconciler::SaveIndex).await;
    assert_eq!(fits(&harness).await.view().version(), UNTOUCHED);

    let before = told(&harness, &harness.app().fleet);
    std::fs::remove_file(file(&harness)).expect("it is there");
    harness.stop().await;
    let mode = std::fs::metadata(file(&harness)).expect("it was saved at the stop").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!harness.folder().join("fleet.index.new").exists());
    harness.restart().await;
    assert_eq!(told(&harness, &harness.app().fleet), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_comes_from_the_store() {
    let harness = Harness::start().await;
    let (machines, [fixed, dynamic]) = fleet(&harness).await;
    harness.work(Reconciler::SaveIndex).await;
    let (app, audit) = (harness.app(), harness.audit("test"));

    // A new scan, a failed one, a new machine, one that is gone, one that only checked in.
    machines[0].scan_fully(&bookworm("renamed", &[("curl", "2"), ("emacs", "2")])).await.expect("it scans");
    fits(&harness).await;
    machines[1].scan_failed("dpkg-query ended with 2").await.expect("it is told");
    let new = harness.enrolled("web-3").await;
    new.scan_fully(&bookworm("web-3", &[("curl", "1")])).await.expect("it scans");
    app.store.remove_asset(machines[2].asset(), &audit).await.expect("it is removed");
    fits(&harness).await;
    harness.advance(Duration::from_secs(60));
    new.check_in(0, 0, 0).await.expect("it checks in");
    harness.work(Reconciler::NoteCheckIns).await;
    fits(&harness).await;

    // Tags: another query, one that becomes assigned by hand, and both gone. All behind the server's back.
    harness.work(Reconciler::SaveIndex).await;
    let other = Tag { query: Some("software.name:emacs".to_owned()), ..dynamic.clone() };
    app.store.update_tag(&other, &audit).await.expect("changed");
    fits(&harness).await;
    let by_hand = Tag { query: None, ..dynamic.clone() };
    app.store.update_tag(&by_hand, &audit).await.expect("changed");
    fits(&harness).await;
    for tag in [fixed, dynamic] {
        app.store.delete_tag(tag.id, &audit).await.expect("removed");
    }
    fits(&harness).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_catalog_is_no_obstacle() {
    let harness = Harness::start().await;
    fleet(&harness).await;
    harness.work(Reconciler::SaveIndex).await;
    let feed = harness.feed("more").await;
    harness.import(feed, &[patch("emacs", "3", None)]).await;
    fits(&harness).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_killed_starts_from_the_last_save() {
    let mut harness = Harness::start().await;
    let (machines, _) = fleet(&harness).await;
    harness.work(Reconciler::SaveIndex).await;
    let saved = std::fs::read(file(&harness)).expect("it is there");
    machines[0].scan_fully(&bookworm("web-1", &[("curl", "2")])).await.expect("it scans");
    harness.work(Reconciler::DecideTags).await;
    let before = told(&harness, &harness.app().fleet);
    harness.stop().await;
    // As if the stop had not been one, and the save that it made broke off.
    std::fs::write(file(&harness), saved).expect("written");
    std::fs::write(harness.folder().join("fleet.index.new"), b"half of").expect("written");
    harness.restart().await;
    assert_eq!(told(&harness, &harness.app().fleet), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_fit_is_left_aside() {
    let harness = Harness::start().await;
    fleet(&harness).await;
    harness.work(Reconciler::SaveIndex).await;
    let saved = std::fs::read(file(&harness)).expect("it is there");
    let mut flipped = saved.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let mut foreign = Vec::new();
    harness.app().fleet.view().save([1; 16], &mut foreign).expect("memory takes everything");
    for bytes in [flipped, saved[..saved.len() - 1].to_vec(), Vec::new(), foreign] {
        std::fs::write(file(&harness), bytes).expect("written");
        assert!(fits(&harness).await.view().version() > UNTOUCHED, "it was built from the store");
    }
}
