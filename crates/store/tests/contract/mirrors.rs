//! Mirrors.

use crate::world::{World, contract};
use fettle_model::ids::MirrorId;
use fettle_model::mirror::MirrorRule;
use fettle_store::{MirrorRecord, StoreError};

fn mirror(world: &World, name: &str, from: &str, to: &str) -> MirrorRecord {
    MirrorRecord {
        id: MirrorId::make(world.now(), world.ten()),
        name: name.to_owned(),
        rule: MirrorRule::Prefix { from: from.to_owned(), to: to.to_owned() },
        plain_http: false,
        enabled: true,
        created_at: world.now(),
    }
}

#[track_caller]
fn refused(result: &Result<(), StoreError>, expected: &str) {
    assert!(matches!(result, Err(StoreError::Conflict { code, .. }) if *code == expected), "{result:?}");
}

contract! {
    async fn mirrors_come_back_change_and_go(world: &World) {
        let audit = world.audit("mirror");
        let (b, a) = (mirror(world, "b", "https://b.example/", "https://m.example/b/"), mirror(world, "A", "https://a.example/", "https://m.example/a/"));
        world.store.create_mirror(&b, &audit).await.expect("added");
        world.store.create_mirror(&a, &audit).await.expect("added");
        assert_eq!(world.store.mirrors().await.expect("answers"), [a.clone(), b.clone()]);
        let off = MirrorRecord { enabled: false, plain_http: true, name: "c".to_owned(), ..b.clone() };
        world.store.update_mirror(&off, &audit).await.expect("changed");
        assert_eq!(world.store.mirror(b.id).await.expect("answers"), Some(off));
        world.store.delete_mirror(a.id, &audit).await.expect("removed");
        assert_eq!(world.store.mirror(a.id).await.expect("answers"), None);
        for missing in [world.store.delete_mirror(a.id, &audit).await, world.store.update_mirror(&a, &audit).await] {
            assert!(matches!(missing, Err(StoreError::NotFound { what: "mirror" })), "{missing:?}");
        }
    }

    async fn mirrors_of_one_name_or_that_clash_are_refused(world: &World) {
        let audit = world.audit("mirror");
        let first = MirrorRecord { enabled: false, ..mirror(world, "first", "https://a.example/", "https://b.example/") };
        world.store.create_mirror(&first, &audit).await.expect("added");
        refused(&world.store.create_mirror(&mirror(world, "FIRST", "https://x.example/", "https://y.example/"), &audit).await, "name-taken");
        let back = mirror(world, "back", "https://b.example/", "https://a.example/");
        refused(&world.store.create_mirror(&back, &audit).await, "mirror-overlaps");
        let other = mirror(world, "other", "https://c.example/", "https://d.example/");
        world.store.create_mirror(&other, &audit).await.expect("added");
        refused(&world.store.update_mirror(&MirrorRecord { rule: back.rule, ..other.clone() }, &audit).await, "mirror-overlaps");
        world.store.update_mirror(&other, &audit).await.expect("does not clash with itself");
    }
}
