//! Catalogs that come and go as bundles.

use crate::world::{World, contract, patch};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{CatalogSourceId, FeedId, PatchId};
use fettle_model::vulnerability::VulnerabilityFacts;
use fettle_store::{
    BundleFeed, BundleImport, BundlePiece, BundleReport, CatalogSource, ExportName, ExportRecord, FeedChange, FeedReport, ImportNote,
    KEPT_EXPORTS, SourceImport, StoreError,
};
use tokio::sync::mpsc;
use uuid::Uuid;

fn name(sequence: u64) -> ExportName {
    ExportName { sequence, manifest: Sha256Digest([u8::try_from(sequence).expect("small"); 32]) }
}

async fn source(world: &World, called: &str) -> CatalogSourceId {
    let id = CatalogSourceId::make(world.now(), world.ten());
    let (name, key) = (called.to_owned(), format!("key of {called}"));
    let source = CatalogSource { id, name, key, imported: None, created_at: world.now() };
    world.store.create_catalog_source(&source, &world.audit("catalog.trust")).await.expect("trusted");
    id
}

fn feed(world: &World, origin: u128, whole: bool, facts: bool, total: u64) -> BundlePiece {
    BundlePiece::Feed(BundleFeed {
        origin: FeedId(Uuid::from_u128(origin)),
        id: FeedId::make(world.now(), world.ten()),
        name: format!("feed {origin}"),
        config: serde_json::json!({ "kind": "bundle", "total": total }),
        facts,
        whole,
        total,
    })
}

fn patches(titles: &[(&str, &str)]) -> BundlePiece {
    BundlePiece::Patches(titles.iter().map(|(id, title)| patch(id, title)).collect())
}

fn facts(scores: &[(&str, u32)]) -> BundlePiece {
    let said =
        |(cve, score): &(&str, u32)| VulnerabilityFacts { cve: (*cve).to_owned(), epss_ppm: Some(*score), ..VulnerabilityFacts::default() };
    BundlePiece::Facts(scores.iter().map(said).collect())
}

/// Imports the bundle of a number after that of another one.
async fn import(
    world: &World,
    source: CatalogSourceId,
    sequence: u64,
    after: Option<u64>,
    pieces: Vec<BundlePiece>,
) -> Result<Option<BundleReport>, StoreError> {
    let imported = SourceImport { export: name(sequence), exporter: "outside".to_owned(), exported_at: world.now(), at: world.now() };
    let import = BundleImport { source, after: after.map(name), imported };
    let (sender, receiver) = mpsc::channel(pieces.len().max(1));
    for piece in pieces {
        sender.try_send(piece).expect("there is room");
    }
    drop(sender);
    let mut audit = world.audit("catalog.import");
    audit.subject = format!("bundle {sequence}");
    world.store.import_bundle(&import, receiver, |_| audit).await
}

async fn catalog(world: &World) -> Vec<(String, String)> {
    let catalog = world.store.catalog().await.expect("answers");
    let mut all: Vec<_> = catalog.patches.into_iter().map(|(_, patch)| (patch.id.0, patch.title)).collect();
    all.sort();
    all
}

fn told(report: &BundleReport) -> Vec<(&str, [u32; 4], bool)> {
    let one = |feed: &FeedReport| [feed.added, feed.changed, feed.withdrawn, feed.total];
    report.feeds.iter().map(|feed| (feed.name.as_str(), one(feed), feed.removed)).collect()
}

fn first(world: &World) -> Vec<BundlePiece> {
    vec![
        feed(world, 1, true, false, 3),
        patches(&[("a", "A"), ("b", "B")]),
        patches(&[("c", "C")]),
        feed(world, 2, true, true, 2),
        facts(&[("CVE-2024-0001", 1), ("CVE-2024-0002", 2)]),
        BundlePiece::End,
    ]
}

fn withdrawn(ids: &[&str]) -> BundlePiece {
    BundlePiece::Withdrawn(ids.iter().map(|id| PatchId((*id).to_owned())).collect())
}

contract! {
    async fn a_bundle_comes_whole_and_then_its_changes(world: &World) {
        let outside = source(world, "outside").await;
        let report = import(world, outside, 1, None, first(world)).await.expect("imported").expect("whole");
        assert_eq!(told(&report), [("feed 1", [3, 0, 0, 3], false), ("feed 2", [2, 0, 0, 2], false)]);
        assert_eq!(catalog(world).await.len(), 3);
        let delta = vec![
            feed(world, 1, false, false, 3),
            patches(&[("b", "B2"), ("d", "D")]),
            withdrawn(&["a", "nobody knows it"]),
            feed(world, 2, false, true, 2),
            facts(&[("CVE-2024-0001", 9), ("CVE-2024-0003", 3)]),
            BundlePiece::Forgotten(vec!["CVE-2024-0002".to_owned()]),
            feed(world, 3, true, false, 1),
            patches(&[("e", "E")]),
            BundlePiece::End,
        ];
        let (generation, of_facts) = (report.generation, world.store.facts_generation().await.expect("answers"));
        let report = import(world, outside, 2, Some(1), delta).await.expect("imported").expect("whole");
        let expected = [("feed 1", [1, 1, 1, 3], false), ("feed 2", [1, 1, 1, 2], false), ("feed 3", [1, 0, 0, 1], false)];
        assert_eq!(told(&report), expected);
        assert!(report.generation > generation && world.store.facts_generation().await.expect("answers") > of_facts);
        let all: Vec<(String, String)> = [("b", "B2"), ("c", "C"), ("d", "D"), ("e", "E")].map(|(a, b)| (a.into(), b.into())).into();
        assert_eq!(catalog(world).await, all);
        let cves = ["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"].map(str::to_owned);
        let found = world.store.facts(&cves).await.expect("answers");
        assert_eq!(found.iter().map(|facts| facts.epss_ppm).collect::<Vec<_>>(), [Some(9), Some(3)]);
        // Whatever the exporting server has no more goes here, too; a patch may move from one feed to another.
        let full = vec![feed(world, 3, true, false, 2), patches(&[("e", "E"), ("c", "C")]), BundlePiece::End];
        let report = import(world, outside, 3, Some(2), full).await.expect("imported").expect("whole");
        assert_eq!(told(&report), [("feed 3", [0, 1, 0, 2], false), ("feed 1", [0, 0, 2, 0], true), ("feed 2", [0, 0, 0, 0], true)]);
        assert_eq!(catalog(world).await.len(), 2);
        assert_eq!(world.store.facts(&cves).await.expect("answers"), []);
        let feeds = world.store.feeds().await.expect("answers");
        assert_eq!((feeds.len(), feeds[0].state.patches, feeds[0].enabled, feeds[0].state.requested), (1, 2, false, false));
        let same = import(world, outside, 4, Some(3), vec![feed(world, 3, false, false, 2), BundlePiece::End]).await;
        assert_eq!(same.expect("imported").expect("whole").generation, report.generation, "nothing changed");
    }

    async fn what_does_not_end_well_leaves_no_trace(world: &World) {
        let outside = source(world, "outside").await;
        import(world, outside, 1, None, first(world)).await.expect("imported").expect("whole");
        let local = world.feed("local").await;
        let note = ImportNote { now: world.now(), warnings: Vec::new() };
        world.store.apply_import(local, &[patch("x", "X")], &note).await.expect("imported");
        let before = (world.store.catalog().await.expect("answers"), world.store.feeds().await.expect("answers"));
        let start = |world: &World| vec![feed(world, 1, false, false, 3), patches(&[("a", "A2")])];
        let with = |rest: Vec<BundlePiece>| start(world).into_iter().chain(rest).collect::<Vec<_>>();
        assert_eq!(import(world, outside, 2, Some(1), start(world)).await.expect("no failure"), None, "it was cut short");
        let conflicts = [
            ("patch-of-another-feed", with(vec![feed(world, 9, true, false, 1), patches(&[("x", "X2")]), BundlePiece::End])),
            ("bundle-does-not-fit", with(vec![patches(&[("y", "Y")]), BundlePiece::End])),
            ("bundle-does-not-fit", with(vec![feed(world, 9, false, false, 0), BundlePiece::End])),
            ("bundle-does-not-fit", with(vec![facts(&[("CVE-2024-0001", 5)]), BundlePiece::End])),
            ("bundle-does-not-fit", with(vec![feed(world, 2, false, true, 5), BundlePiece::End])),
            ("bundle-does-not-fit", vec![patches(&[("a", "A2")]), BundlePiece::End]),
        ];
        for (code, pieces) in conflicts {
            match import(world, outside, 2, Some(1), pieces).await {
                Err(StoreError::Conflict { code: got, why }) => assert_eq!(got, code, "{why}"),
                other => panic!("{code}: {other:?}"),
            }
        }
        let outdated = import(world, outside, 2, None, first(world)).await;
        assert!(matches!(outdated, Err(StoreError::Outdated { .. })), "another import came in between");
        assert_eq!((world.store.catalog().await.expect("answers"), world.store.feeds().await.expect("answers")), before);
        let imported = world.store.catalog_sources().await.expect("answers").remove(0).imported.expect("imported");
        assert_eq!(imported.export, name(1));
    }

    async fn feeds_of_bundles_belong_to_their_source(world: &World) {
        let local = world.feed("feed 1").await;
        let (outside, audit) = (source(world, "outside").await, world.audit("x"));
        import(world, outside, 1, None, first(world)).await.expect("imported").expect("whole");
        let feeds = world.store.feeds().await.expect("answers");
        assert_eq!(feeds.iter().map(|feed| feed.name.as_str()).collect::<Vec<_>>(), ["feed 1", "feed 1 (outside)", "feed 2"]);
        let theirs = feeds[1].id;
        let is_theirs = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Conflict { code: "feed-of-a-bundle", .. }));
        assert!(is_theirs(world.store.request_sync(theirs, &audit).await));
        assert!(is_theirs(world.store.delete_feed(theirs, &audit).await.map(|_| ())));
        for change in [
            FeedChange { enabled: Some(true), ..FeedChange::default() },
            FeedChange { config: Some(serde_json::json!({})), ..FeedChange::default() },
        ] {
            assert!(is_theirs(world.store.update_feed(theirs, &change, &audit).await.map(|_| ())));
        }
        let renamed = FeedChange { name: Some("bookworm".to_owned()), ..FeedChange::default() };
        world.store.update_feed(theirs, &renamed, &audit).await.expect("renamed");
        let next = import(world, outside, 2, Some(1), first(world)).await.expect("imported").expect("whole");
        assert_eq!(next.feeds[0].name, "bookworm", "a name given here stays");
        assert_eq!(world.store.delete_catalog_source(outside, &audit).await.expect("untrusted"), 2);
        assert_eq!(world.store.feeds().await.expect("answers").iter().map(|feed| feed.id).collect::<Vec<_>>(), [local]);
        assert_eq!(catalog(world).await, []);
        let again = world.store.delete_catalog_source(outside, &audit).await;
        assert!(matches!(again, Err(StoreError::NotFound { .. })));
        assert!(matches!(import(world, outside, 3, Some(2), first(world)).await, Err(StoreError::NotFound { .. })));
    }

    async fn sources_have_a_name_and_a_key_each(world: &World) {
        source(world, "Outside").await;
        let audit = world.audit("catalog.trust");
        let refused = async |name: &str, key: &str| {
            let id = CatalogSourceId::make(world.now(), world.ten());
            let source = CatalogSource { id, name: name.to_owned(), key: key.to_owned(), imported: None, created_at: world.now() };
            match world.store.create_catalog_source(&source, &audit).await {
                Err(StoreError::Conflict { code, .. }) => code,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(refused("outside", "another key").await, "name-taken");
        assert_eq!(refused("another", "key of Outside").await, "key-taken");
    }

    async fn exports_are_numbered_and_the_newest_remembered(world: &World) {
        let audit = world.audit("catalog.export");
        for expected in 1..=u64::from(KEPT_EXPORTS) + 2 {
            assert_eq!(world.store.next_export().await.expect("numbered"), expected);
            let record = ExportRecord { name: name(expected), held: vec![1, 2, 3], created_at: world.now() };
            world.store.keep_export(&record, &audit).await.expect("kept");
        }
        let kept: Vec<u64> = world.store.exports().await.expect("answers").into_iter().map(|(sequence, _)| sequence).collect();
        assert_eq!(kept, (3..=u64::from(KEPT_EXPORTS) + 2).rev().collect::<Vec<_>>());
        assert_eq!(world.store.export(2).await.expect("answers"), None);
        let three = world.store.export(3).await.expect("answers").expect("kept");
        assert_eq!((three.name, three.held), (name(3), vec![1, 2, 3]));
    }

    async fn a_reader_sees_the_catalog_of_one_moment(world: &World) {
        let (one, list) = (world.feed("one").await, world.feed("list").await);
        let note = ImportNote { now: world.now(), warnings: Vec::new() };
        let many: Vec<_> = (0..1_500).map(|number| patch(&format!("p{number}"), "first")).collect();
        world.store.apply_import(one, &many, &note).await.expect("imported");
        let said = |score| VulnerabilityFacts { cve: "CVE-2024-0001".to_owned(), epss_ppm: Some(score), ..VulnerabilityFacts::default() };
        world.store.replace_facts(list, &[said(1)], &note).await.expect("stored");
        let mut reader = world.store.read_catalog().await.expect("opened");
        assert_eq!(reader.feeds().await.expect("answers").len(), 2);
        world.store.apply_import(one, &[patch("p1", "second")], &note).await.expect("imported");
        world.store.replace_facts(list, &[said(2)], &note).await.expect("stored");
        let (mut after, mut read) = (None, 0);
        loop {
            let page = reader.patches(one, after).await.expect("answers");
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            assert!(page.iter().all(|(_, patch)| patch.title == "first"));
            read += page.len();
        }
        assert_eq!(read, 1_500);
        assert_eq!(reader.facts(list, "").await.expect("answers"), [said(1)]);
        assert_eq!(reader.facts(list, "CVE-2024-0001").await.expect("answers"), []);
    }
}
