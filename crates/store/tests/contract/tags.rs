//! Tags and activation keys.

use crate::world::{World, contract};
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;
use fettle_store::{ActivationKeyChange, Decided, StoreError};
use std::collections::BTreeSet;

fn code(result: Result<impl std::fmt::Debug, StoreError>) -> &'static str {
    match result {
        Err(StoreError::Conflict { code, .. }) => code,
        other => panic!("not a conflict: {other:?}"),
    }
}

contract! {
    async fn the_tree_stays_a_tree(world: &World) {
        let top = world.tag("Sites", None).await;
        let middle = world.tag("Bern", Some(top)).await;
        let leaf = world.tag("Floor 1", Some(middle)).await;
        let audit = world.audit("tag");
        let place = |id, name: &str, parent| Tag { id, name: name.to_owned(), parent, query: None };
        let new = || TagId::make(world.now(), world.ten());
        assert_eq!(code(world.store.create_tag(&place(new(), "BERN", Some(top)), &audit).await), "name-taken");
        assert_eq!(code(world.store.create_tag(&place(new(), "sites", None), &audit).await), "name-taken");
        let missing = world.store.create_tag(&place(new(), "x", Some(new())), &audit).await;
        assert!(matches!(missing, Err(StoreError::NotFound { what: "parent tag" })));
        assert_eq!(code(world.store.update_tag(&place(top, "Sites", Some(leaf)), &audit).await), "tag-loop");
        assert_eq!(code(world.store.update_tag(&place(top, "Sites", Some(top)), &audit).await), "tag-loop");
        assert_eq!(code(world.store.delete_tag(top, &audit).await), "has-children");
        world.store.update_tag(&place(leaf, "Floor 2", Some(top)), &audit).await.expect("moved");
        let tags = world.store.tags().await.expect("answers");
        assert_eq!(tags, [place(middle, "Bern", Some(top)), place(leaf, "Floor 2", Some(top)), place(top, "Sites", None)]);
        let unknown = world.store.update_tag(&place(new(), "y", None), &audit).await;
        assert!(matches!(unknown, Err(StoreError::NotFound { what: "tag" })));
    }

    async fn the_tree_is_not_too_deep(world: &World) {
        let mut parent = None;
        for level in 0..fettle_model::tag::MAX_DEPTH {
            parent = Some(world.tag(&format!("level {level}"), parent).await);
        }
        let deeper = Tag { id: TagId::make(world.now(), world.ten()), name: "deeper".to_owned(), parent, query: None };
        assert_eq!(code(world.store.create_tag(&deeper, &world.audit("tag")).await), "too-deep");
        let top = world.tag("another top", None).await;
        let first = world.store.tags().await.expect("answers").into_iter().find(|tag| tag.name == "level 0").expect("is there");
        let moved = Tag { parent: Some(top), ..first };
        assert_eq!(code(world.store.update_tag(&moved, &world.audit("tag")).await), "too-deep");
    }

    async fn assets_carry_tags_until_these_are_removed(world: &World) {
        let (red, blue) = (world.tag("red", None).await, world.tag("blue", None).await);
        let (asset, other) = (world.asset("m1").await, world.asset("m2").await);
        let audit = world.audit("asset.tags");
        world.store.set_asset_tags(asset, &BTreeSet::from([red, blue]), &audit).await.expect("given");
        world.store.set_asset_tags(other, &BTreeSet::from([blue]), &audit).await.expect("given");
        let tags = async |id| world.store.asset(id).await.expect("answers").expect("is there").tags;
        assert_eq!(tags(asset).await, BTreeSet::from([red, blue]));
        assert_eq!(tags(other).await, BTreeSet::from([blue]));
        let unknown = TagId::make(world.now(), world.ten());
        let refused = world.store.set_asset_tags(asset, &BTreeSet::from([red, unknown]), &audit).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "tag" })));
        assert_eq!(tags(asset).await, BTreeSet::from([red, blue]), "a refused change changes nothing");
        world.store.set_asset_tags(other, &BTreeSet::from([red]), &audit).await.expect("given");
        let mut carried = world.store.delete_tag(red, &audit).await.expect("removed");
        carried.sort();
        assert_eq!(carried, { let mut both = vec![asset, other]; both.sort(); both });
        assert_eq!(tags(asset).await, BTreeSet::from([blue]));
        assert_eq!(tags(other).await, BTreeSet::new());
    }

    async fn a_dynamic_tag_is_not_given_to_anybody(world: &World) {
        let asset = world.asset("m1").await;
        let audit = world.audit("tag");
        let dynamic = Tag {
            id: TagId::make(world.now(), world.ten()),
            name: "stale".to_owned(),
            parent: None,
            query: Some("lastScan<now-7d".to_owned()),
        };
        world.store.create_tag(&dynamic, &audit).await.expect("made");
        assert_eq!(world.store.tags().await.expect("answers"), std::slice::from_ref(&dynamic));
        let given = world.store.set_asset_tags(asset, &BTreeSet::from([dynamic.id]), &audit).await;
        assert_eq!(code(given), "tag-dynamic");
        let mut key = world.new_key();
        key.tags = BTreeSet::from([dynamic.id]);
        assert_eq!(code(world.store.create_activation_key(&key, &audit).await), "tag-dynamic");
        let plain = Tag { query: None, ..dynamic.clone() };
        world.store.update_tag(&plain, &audit).await.expect("changed");
        world.store.set_asset_tags(asset, &BTreeSet::from([dynamic.id]), &audit).await.expect("given");
        assert_eq!(code(world.store.update_tag(&dynamic, &audit).await), "tag-in-use");
        world.store.set_asset_tags(asset, &BTreeSet::new(), &audit).await.expect("taken");
        let key = world.key(|key| key.tags = BTreeSet::from([dynamic.id])).await;
        assert_eq!(code(world.store.update_tag(&dynamic, &audit).await), "tag-in-use");
        world.store.delete_activation_key(key.id, &audit).await.expect("removed");
        world.store.update_tag(&dynamic, &audit).await.expect("changed");
        assert_eq!(world.store.tags().await.expect("answers"), [dynamic]);
    }

    async fn who_carries_a_dynamic_tag_is_remembered(world: &World) {
        let audit = world.audit("tag");
        let mut tags = Vec::new();
        for name in ["stale", "needs curl"] {
            let id = TagId::make(world.now(), world.ten());
            let tag = Tag { id, name: name.to_owned(), parent: None, query: Some("name:*".to_owned()) };
            world.store.create_tag(&tag, &audit).await.expect("made");
            tags.push(tag);
        }
        let [stale, curl] = [tags[0].id, tags[1].id];
        let (by_hand, gone) = (world.tag("by hand", None).await, TagId::make(world.now(), world.ten()));
        // More than one statement takes.
        let mut assets = world.assets(600).await;
        assets.sort();
        let is = |asset, tag, carries| Decided { asset, tag, carries };
        let remembered = async || world.store.decided_tags(assets[0], assets[599]).await.expect("answers");
        world.store.note_decided(&[]).await.expect("nothing noted");
        let mut all: Vec<Decided> = assets.iter().map(|&asset| is(asset, stale, true)).collect();
        all.extend([is(assets[1], curl, true), is(assets[1], by_hand, true), is(assets[1], gone, true)]);
        world.store.note_decided(&all).await.expect("noted");
        world.store.note_decided(&all).await.expect("noted again");
        let now = remembered().await;
        assert_eq!((now.len(), &now[&assets[0]], &now[&assets[1]]), (600, &BTreeSet::from([stale]), &BTreeSet::from([stale, curl])));
        assert_eq!(world.store.decided_tags(assets[1], assets[1]).await.expect("answers").len(), 1);

        let lost: Vec<Decided> = assets[2..].iter().map(|&asset| is(asset, stale, false)).collect();
        world.store.note_decided(&lost).await.expect("noted");
        assert_eq!(remembered().await.len(), 2);
        world.store.remove_asset(assets[0], &audit).await.expect("removed");
        world.store.note_decided(&[is(assets[0], stale, true)]).await.expect("dropped");
        assert_eq!(remembered().await.keys().collect::<Vec<_>>(), [&assets[1]]);
        world.store.update_tag(&Tag { query: None, ..tags[0].clone() }, &audit).await.expect("by hand from now on");
        assert_eq!(remembered().await[&assets[1]], BTreeSet::from([curl]));
        world.store.update_tag(&tags[0], &audit).await.expect("decided again");
        assert_eq!(remembered().await[&assets[1]], BTreeSet::from([curl]), "nobody carries it before it is decided");
        world.store.delete_tag(curl, &audit).await.expect("removed");
        assert_eq!(remembered().await.len(), 0);
    }

    async fn activation_keys_come_back_and_lose_removed_tags(world: &World) {
        let (red, blue) = (world.tag("red", None).await, world.tag("blue", None).await);
        let key = world.key(|key| { key.tags = BTreeSet::from([red, blue]); key.use_limit = Some(3); key.expires_at = Some(key.created_at); }).await;
        let plain = world.key(|_| {}).await;
        assert_eq!(world.store.activation_key(key.id).await.expect("answers"), Some(key.clone()));
        assert_eq!(world.store.activation_keys().await.expect("answers"), [key.clone(), plain]);
        world.store.delete_tag(red, &world.audit("tag.delete")).await.expect("removed");
        let change = ActivationKeyChange { title: Some("servers".to_owned()), disabled: None };
        let changed = world.store.update_activation_key(key.id, &change, &world.audit("key.update")).await.expect("changed");
        assert_eq!((changed.title.as_str(), changed.disabled, changed.tags), ("servers", false, BTreeSet::from([blue])));
        let change = ActivationKeyChange { title: None, disabled: Some(true) };
        let changed = world.store.update_activation_key(key.id, &change, &world.audit("key.update")).await.expect("changed");
        assert_eq!((changed.title.as_str(), changed.disabled), ("servers", true));
        world.store.delete_activation_key(key.id, &world.audit("key.delete")).await.expect("removed");
        assert_eq!(world.store.activation_key(key.id).await.expect("answers"), None);
        let mut unknown = world.new_key();
        unknown.tags = BTreeSet::from([red]);
        let refused = world.store.create_activation_key(&unknown, &world.audit("key.create")).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "tag" })));
    }
}
