//! Feeds and patches.

use crate::world::{World, contract, patch};
use fettle_model::ids::{FeedId, PatchId, PatchNo};
use fettle_store::{FeedChange, ImportNote, MAX_FEED_SYNCS, MAX_NAMED_PATCHES, StoreError};
use jiff::SignedDuration;

fn note(world: &World) -> ImportNote {
    ImportNote { now: world.now(), warnings: vec!["advisories unreachable".to_owned()] }
}

fn ids(list: &[PatchId]) -> Vec<&str> {
    list.iter().map(PatchId::as_str).collect()
}

contract! {
    async fn feeds_come_back_and_change(world: &World) {
        let bookworm = world.feed("Bookworm").await;
        let trixie = world.feed("a trixie").await;
        let feeds = world.store.feeds().await.expect("answers");
        assert_eq!(feeds.iter().map(|feed| feed.id).collect::<Vec<_>>(), [trixie, bookworm]);
        assert!(feeds[0].state.requested, "a new feed is synchronised");
        let audit = world.audit("feed");
        let taken = FeedChange { name: Some("A TRIXIE".to_owned()), ..FeedChange::default() };
        let refused = world.store.update_feed(bookworm, &taken, &audit).await;
        assert!(matches!(refused, Err(StoreError::Conflict { code: "name-taken", .. })));
        world.store.note_sync(bookworm, world.now(), Some("unreachable")).await.expect("noted");
        let feed = world.store.feed(bookworm).await.expect("answers").expect("is there");
        assert_eq!((feed.state.error.as_deref(), feed.state.requested, feed.state.last_success), (Some("unreachable"), false, None));
        world.store.note_sync(bookworm, world.now(), None).await.expect("noted");
        let same = FeedChange { config: Some(feed.config.clone()), enabled: Some(false), ..FeedChange::default() };
        let changed = world.store.update_feed(bookworm, &same, &audit).await.expect("changed");
        assert_eq!((changed.enabled, changed.state.requested, changed.state.last_success), (false, false, Some(world.now())));
        let new = FeedChange { config: Some(serde_json::json!({ "kind": "ubuntu" })), ..FeedChange::default() };
        assert!(world.store.update_feed(bookworm, &new, &audit).await.expect("changed").state.requested);
        world.store.note_sync(bookworm, world.now(), None).await.expect("noted");
        world.store.request_sync(bookworm, &audit).await.expect("asked");
        assert!(world.store.feed(bookworm).await.expect("answers").expect("is there").state.requested);
        let nobody = FeedId::make(world.now(), world.ten());
        assert!(matches!(world.store.request_sync(nobody, &audit).await, Err(StoreError::NotFound { what: "feed" })));
        world.store.note_sync(nobody, world.now(), None).await.expect("a removed feed is passed over");
    }

    async fn an_import_says_what_it_did_and_numbers_stay(world: &World) {
        let feed = world.feed("bookworm").await;
        let first = world.store.apply_import(feed, &[patch("a", "A"), patch("b", "B")], &note(world)).await.expect("imported");
        assert_eq!((first.generation, ids(&first.added), first.total), (1, vec!["a", "b"], 2));
        let before = world.store.catalog().await.expect("answers");
        let same = world.store.apply_import(feed, &[patch("b", "B"), patch("a", "A")], &note(world)).await.expect("imported");
        assert_eq!((same.generation, same.added.len() + same.changed.len() + same.withdrawn.len()), (1, 0));
        let second = world.store.apply_import(feed, &[patch("b", "B2"), patch("c", "C")], &note(world)).await.expect("imported");
        assert_eq!((ids(&second.added), ids(&second.changed), ids(&second.withdrawn)), (vec!["c"], vec!["b"], vec!["a"]));
        let catalog = world.store.catalog().await.expect("answers");
        assert_eq!((catalog.generation, world.store.catalog_generation().await.expect("answers")), (2, 2));
        let seen: Vec<(u32, &str)> = catalog.patches.iter().map(|(no, patch)| (no.0, patch.title.as_str())).collect();
        assert_eq!(seen, [(1, "B2"), (2, "C")]);
        let third = world.store.apply_import(feed, &[patch("a", "A"), patch("b", "B2"), patch("c", "C")], &note(world)).await;
        assert_eq!(ids(&third.expect("imported").added), ["a"]);
        let after = world.store.catalog().await.expect("answers");
        assert_eq!((after.generation, after.patches[0].clone()), (3, before.patches[0].clone()), "a patch that comes back keeps its number");
        let state = world.store.feed(feed).await.expect("answers").expect("is there").state;
        assert_eq!((state.added, state.changed, state.withdrawn, state.patches), (1, 0, 0, 3));
        assert_eq!((state.warnings.len(), state.last_success, state.requested), (1, Some(world.now()), false));
    }

    async fn synchronisations_are_remembered(world: &World) {
        let feed = world.feed("bookworm").await;
        world.store.apply_import(feed, &[patch("a", "A"), patch("b", "B")], &note(world)).await.expect("imported");
        world.later(SignedDuration::from_secs(1));
        world.store.apply_import(feed, &[patch("b", "B2"), patch("c", "C")], &note(world)).await.expect("imported");
        let quiet = world.later(SignedDuration::from_secs(1));
        world.store.note_sync(feed, quiet, None).await.expect("noted");
        let again = world.later(SignedDuration::from_secs(1));
        world.store.note_sync(feed, again, None).await.expect("noted");
        world.store.note_sync(feed, world.now(), Some("unreachable")).await.expect("noted");
        let syncs = world.store.feed_syncs(feed).await.expect("answers");
        let seen: Vec<_> = syncs.iter().map(|sync| (sync.no, sync.times, sync.outcome.added, sync.outcome.error.as_deref())).collect();
        assert_eq!(seen, [(4, 1, 0, Some("unreachable")), (3, 2, 0, None), (2, 1, 1, None), (1, 1, 2, None)]);
        assert_eq!((syncs[1].first_at, syncs[1].last_at), (quiet, again));
        let (sync, named) = world.store.feed_sync(feed, 2).await.expect("answers").expect("is there");
        assert_eq!((&sync, sync.outcome.warnings.len()), (&syncs[2], 1));
        assert_eq!((ids(&named.added), ids(&named.changed), ids(&named.withdrawn)), (vec!["c"], vec!["b"], vec!["a"]));
        assert_eq!(world.store.feed_sync(feed, 5).await.expect("answers"), None);
        for number in 0..MAX_FEED_SYNCS {
            world.store.note_sync(feed, world.now(), Some(&number.to_string())).await.expect("noted");
        }
        let syncs = world.store.feed_syncs(feed).await.expect("answers");
        assert_eq!((syncs.len(), syncs[0].no, syncs[29].no), (30, 34, 5));
        world.store.delete_feed(feed, &world.audit("feed.delete")).await.expect("removed");
        assert_eq!(world.store.feed_syncs(feed).await.expect("answers"), []);
    }

    async fn a_patch_of_two_feeds_belongs_to_the_first(world: &World) {
        let (one, two) = (world.feed("one").await, world.feed("two").await);
        world.store.apply_import(one, &[patch("a", "of one")], &note(world)).await.expect("imported");
        let report = world.store.apply_import(two, &[patch("a", "of two"), patch("b", "B")], &note(world)).await.expect("imported");
        assert_eq!((ids(&report.elsewhere), ids(&report.added), report.total), (vec!["a"], vec!["b"], 1));
        assert_eq!(world.store.delete_feed(one, &world.audit("feed.delete")).await.expect("removed"), 3);
        let stored = world.store.patches_by_id(&[PatchId("a".to_owned()), PatchId("nothing".to_owned())]).await.expect("answers");
        assert_eq!((stored.len(), stored[0].withdrawn, stored[0].no, stored[0].feed), (1, true, PatchNo(0), one));
        let report = world.store.apply_import(two, &[patch("a", "of two"), patch("b", "B")], &note(world)).await.expect("imported");
        assert_eq!((ids(&report.added), report.total), (vec!["a"], 2));
        let gone = world.store.apply_import(one, &[], &note(world)).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "feed" })));
    }

    async fn a_large_import_is_whole(world: &World) {
        let feed = world.feed("bookworm").await;
        let patches: Vec<_> = (0..1_700).map(|number| patch(&format!("debian:bookworm:p{number}"), "x")).collect();
        let report = world.store.apply_import(feed, &patches, &note(world)).await.expect("imported");
        assert_eq!((report.added.len(), report.total), (1_700, 1_700));
        let wanted: Vec<PatchId> = patches.iter().map(|patch| patch.id.clone()).collect();
        assert_eq!(world.store.patches_by_id(&wanted).await.expect("answers").len(), 1_700);
        let report = world.store.apply_import(feed, &[], &note(world)).await.expect("imported");
        assert_eq!(report.withdrawn.len(), 1_700);
        let (sync, named) = world.store.feed_sync(feed, 1).await.expect("answers").expect("is there");
        assert_eq!((sync.outcome.added, named.added.len()), (1_700, MAX_NAMED_PATCHES));
        assert_eq!(world.store.catalog().await.expect("answers").patches, []);
    }

    async fn imports_of_two_nodes_follow_each_other(world: &World) {
        let (one, two) = (world.feed("one").await, world.feed("two").await);
        let other = world.another_node().await;
        world.later(SignedDuration::from_secs(1));
        let (first, second): (Vec<_>, Vec<_>) = (0..50).map(|n| (patch(&format!("a{n}"), "x"), patch(&format!("b{n}"), "x"))).unzip();
        let (note_one, note_two) = (note(world), note(world));
        let (left, right) = tokio::join!(world.store.apply_import(one, &first, &note_one), other.apply_import(two, &second, &note_two));
        let (left, right) = (left.expect("imported").generation, right.expect("imported").generation);
        assert_eq!(left + right, 3, "generations 1 and 2");
        let catalog = world.store.catalog().await.expect("answers");
        let numbers: Vec<u32> = catalog.patches.iter().map(|(no, _)| no.0).collect();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }
}
