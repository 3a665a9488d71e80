//! Opening, closing, pruning.

use crate::world::{World, contract, inventory};
use fettle_model::access::Role;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use fettle_store::{Engine, SessionRecord, Store, StoreError};
use jiff::SignedDuration;

contract! {
    async fn a_database_keeps_its_installation_and_settings(world: &World) {
        assert_eq!(world.store.meta("manifest_key").await.expect("answers"), None);
        world.store.set_meta("manifest_key", "one").await.expect("kept");
        world.store.set_meta("manifest_key", "two").await.expect("kept");
        let again = world.another_node().await;
        assert_eq!(again.installation_id(), world.store.installation_id());
        assert_eq!(again.meta("manifest_key").await.expect("answers").as_deref(), Some("two"));
        again.ping().await.expect("answers");
        assert_eq!(Store::inspect(&world.url).await.expect("answers").map(|schema| schema.found == schema.wanted), Some(true));
    }

    async fn a_newer_schema_is_refused(world: &World) {
        world.store.close().await;
        world.sql("INSERT INTO schema_migrations (version, name, applied_at) VALUES (9999, 'from the future', 0)").await;
        let refused = Store::open(&world.url, &world.clock, &crate::world::Counting::default()).await.expect_err("refused");
        assert!(matches!(refused, StoreError::Newer { found: 9999, .. }), "{refused:?}");
    }

    async fn opening_at_once_migrates_once(world: &World) {
        let stores = futures::future::join_all((0..4).map(|_| world.another_node())).await;
        for store in stores {
            assert_eq!(store.installation_id(), world.store.installation_id());
        }
    }

    async fn closing_finishes_what_was_taken(world: &World) {
        let assets = world.assets(20).await;
        let sent: Vec<_> = assets
            .iter()
            .map(|asset| {
                let (store, upload) = (world.store.clone(), world.upload(*asset, inventory("a", 50)));
                tokio::spawn(async move { store.record_upload(upload).await })
            })
            .collect();
        let other = world.another_node().await;
        world.store.close().await;
        for (asset, task) in assets.iter().zip(sent) {
            match task.await.expect("runs") {
                Ok(_) => assert!(other.inventory(*asset).await.expect("answers").is_some()),
                Err(error) => assert!(matches!(error, StoreError::Closed), "{error:?}"),
            }
        }
        let late = world.store.record_upload(world.upload(assets[0], inventory("b", 1))).await;
        assert!(matches!(late, Err(StoreError::Closed)));
        assert!(world.store.ping().await.is_err());
    }

    async fn what_has_outlived_its_use_is_thrown_away(world: &World) {
        let ada = world.user("ada", Role::SuperUser).await;
        let session = SessionRecord {
            token_hash: Sha256Digest([1; 32]),
            user: ada.id,
            csrf_token: "c".to_owned(),
            from: "local".to_owned(),
            created_at: world.now(),
            last_seen_at: world.now(),
            expires_at: world.now() + SignedDuration::from_hours(1),
        };
        world.store.create_session(&session).await.expect("begins");
        let request = Sha256Digest([2; 32]);
        world.store.begin_idempotent(UserId::make(world.now(), world.ten()), "k", request, world.now()).await.expect("begins");
        let asset = world.asset("m1").await;
        world.store.record_upload(world.upload(asset, inventory("old", 1))).await.expect("recorded");
        world.store.record_upload(world.upload(asset, inventory("new", 1))).await.expect("recorded");
        assert_eq!(world.store.prune(world.now()).await.expect("pruned"), 0);
        let now = world.later(SignedDuration::from_hours(25));
        assert_eq!(world.store.prune(now).await.expect("pruned"), 3, "a session, a key, an inventory");
        assert_eq!(world.store.inventory(asset).await.expect("answers").expect("is kept").hostname, "new");
        assert_eq!(world.store.prune(now).await.expect("pruned"), 0);
    }

    async fn the_engine_is_known(world: &World) {
        let expected = if world.url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        assert_eq!(world.store.engine(), expected);
    }
}

#[tokio::test]
async fn an_address_of_something_else_is_refused_without_showing_it() {
    let clock = fettle_model::clock::ManualClock::new(crate::world::START.parse().expect("a time"));
    let refused = Store::open("mysql://root:secret@db.example/x", &clock, &crate::world::Counting::default()).await.expect_err("refused");
    let text = refused.to_string();
    assert!(text.contains("sqlite:") && !text.contains("secret"), "{text}");
}
