//! Patches that administrators uploaded.

use crate::world::{World, contract, patch};
use fettle_model::custom::{CustomPatch, Details, File, FileFacts};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{CustomPatchId, PatchId};
use fettle_model::installer::InstallerKind;
use fettle_store::{FeedChange, ImportNote, StoreError};

fn custom(world: &World, name: &str, digest: u8) -> CustomPatch {
    let facts = FileFacts {
        kind: InstallerKind::Exe,
        name: name.to_owned(),
        version: "2".to_owned(),
        publisher: "Example".to_owned(),
        architecture: String::new(),
        summary: String::new(),
        product_code: String::new(),
        upgrade_code: String::new(),
    };
    CustomPatch {
        id: CustomPatchId::make(world.now(), world.ten()),
        details: Details::proposed(&facts),
        file: File { name: format!("{name}.exe"), size: 1, sha256: Sha256Digest([digest; 32]), facts },
        enabled: true,
        created_at: world.now(),
        changed_at: world.now(),
    }
}

contract! {
    async fn a_custom_patch_and_its_record_are_one(world: &World) {
        let audit = world.audit("custom_patch");
        let feed = world.feed("main").await;
        let note = ImportNote { now: world.now(), warnings: Vec::new() };
        world.store.apply_import(feed, &[patch("a", "A")], &note).await.expect("imported");
        let mut tool = custom(world, "tool", 1);
        assert_eq!(world.store.create_custom_patch(&tool, &audit).await.expect("added"), 2);
        let catalog = world.store.catalog().await.expect("answers");
        assert_eq!((catalog.generation, catalog.patches.len(), &catalog.patches[1].1), (2, 2, &tool.patch()));
        // A feed that is imported leaves it alone, and it keeps its number when it changes.
        world.store.apply_import(feed, &[], &note).await.expect("imported");
        tool.details.title = "Another title".to_owned();
        tool.enabled = false;
        assert_eq!(world.store.update_custom_patch(&tool, &audit).await.expect("changed"), 4);
        assert_eq!(world.store.custom_patch(tool.id).await.expect("answers"), Some(tool.clone()));
        let after = world.store.catalog().await.expect("answers");
        assert_eq!(after.patches, [(catalog.patches[1].0, tool.patch())]);
        assert_eq!(world.store.custom_patches().await.expect("answers"), [tool.clone()]);
        let (generation, unused) = world.store.delete_custom_patch(tool.id, &audit).await.expect("removed");
        assert_eq!((generation, unused), (5, Some(Sha256Digest([1; 32]))));
        assert!(world.store.catalog().await.expect("answers").patches.is_empty());
        for gone in [world.store.delete_custom_patch(tool.id, &audit).await.map(|_| ()), world.store.update_custom_patch(&tool, &audit).await.map(|_| ())] {
            assert!(matches!(gone, Err(StoreError::NotFound { what: "custom patch" })), "{gone:?}");
        }
    }

    async fn a_file_is_unused_when_no_other_patch_has_it(world: &World) {
        let audit = world.audit("custom_patch");
        let (one, other, third) = (custom(world, "one", 1), custom(world, "other", 1), custom(world, "third", 3));
        for patch in [&one, &other, &third] {
            world.store.create_custom_patch(patch, &audit).await.expect("added");
        }
        let used = world.store.custom_contents().await.expect("answers");
        assert_eq!(used.into_iter().collect::<Vec<_>>(), [Sha256Digest([1; 32]), Sha256Digest([3; 32])]);
        assert_eq!(world.store.delete_custom_patch(one.id, &audit).await.expect("removed").1, None);
        assert_eq!(world.store.delete_custom_patch(other.id, &audit).await.expect("removed").1, Some(Sha256Digest([1; 32])));
    }

    async fn a_patch_that_a_job_or_a_run_needs_stays(world: &World) {
        let audit = world.audit("custom_patch");
        let tool = custom(world, "tool", 1);
        world.store.create_custom_patch(&tool, &audit).await.expect("added");
        let job = world.job("weekly").await;
        let mut with = job.clone();
        with.definition.patches = vec![PatchId("other".to_owned()), tool.patch_id()];
        world.store.update_job(&with, job.updated_at, &audit).await.expect("changed");
        let refused = world.store.delete_custom_patch(tool.id, &audit).await.expect_err("is used");
        assert!(matches!(&refused, StoreError::Conflict { code: "custom-patch-in-use", why } if why.contains("weekly")), "{refused:?}");
        assert_eq!(world.store.catalog().await.expect("answers").patches.len(), 1);
        world.store.delete_job(job.id, world.now(), &audit).await.expect("deleted");
        world.store.delete_custom_patch(tool.id, &audit).await.expect("nobody needs it");
    }

    async fn the_name_of_the_custom_feed_is_taken(world: &World) {
        let feed = world.feed("main").await;
        let change = FeedChange { name: Some("Custom".to_owned()), ..FeedChange::default() };
        let refused = world.store.update_feed(feed, &change, &world.audit("feed")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { code: "name-taken", .. })), "{refused:?}");
    }
}
