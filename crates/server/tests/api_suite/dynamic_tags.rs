//! Tags whose carriers a query decides.

use crate::client::{asked, column, id};
use crate::harness::samples::bookworm;
use crate::world::World;
use fettle_model::access::{Role, Scope};
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;
use fettle_server::work::Reconciler;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_query_decides_who_carries_a_tag_and_scopes_follow() {
    let world = World::new().await;
    let root = world.root().await;
    let made = root.post("/tags", &json!({"name": "needs curl", "query": "missing.title:curl"})).await.expect(201);
    assert_eq!((&made["query"], &made["error"], &made["assets"]), (&json!("missing.title:curl"), &Value::Null, &json!(1)));
    let tag: TagId = id(&made).parse().unwrap();
    let (_, reader) = world.somebody(Role::PatchReader, Scope::Tags(BTreeSet::from([tag]))).await;
    let seen = async || column(&reader.get("/assets").await.expect(200), "name");
    assert_eq!(seen().await, ["alpha"]);
    assert_eq!(column(&root.get(&asked("/assets", &[("query", "tags.name:\"needs curl\"")])).await.expect(200), "name"), ["alpha"]);

    // Alpha is patched, beta falls behind; each scan keeps the tag until it is decided anew.
    world.alpha.scan_fully(&bookworm("alpha", &[("curl", "2")])).await.unwrap();
    world.beta.scan_fully(&bookworm("beta", &[("curl", "1")])).await.unwrap();
    world.harness.work(Reconciler::DecideTags).await;
    assert_eq!(seen().await, ["beta"]);
    let path = format!("/tags/{tag}");
    let changed = root.patch(&path, &json!({"query": "name:[alpha, beta]"})).await.expect(200);
    assert_eq!(changed["assets"], 2);
    assert_eq!(seen().await, ["alpha", "beta"]);
    let by_hand = root.patch(&path, &json!({"query": null})).await.expect(200);
    assert_eq!((&by_hand["query"], &by_hand["assets"]), (&Value::Null, &json!(0)));
    assert_eq!(seen().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_of_a_tag_sees_tags_given_by_hand_only() {
    let world = World::new().await;
    let root = world.root().await;
    root.post("/tags", &json!({"name": "one", "query": "name:alpha"})).await.expect(201);
    let two = root.post("/tags", &json!({"name": "two", "query": "tags.name:one or tags.name:south"})).await.expect(201);
    assert_eq!(two["assets"], 1, "only beta, which was given south");
    let none = root.post("/tags", &json!({"name": "three", "query": "not tags.name:three"})).await.expect(201);
    assert_eq!(none["assets"], 2, "a tag does not see itself");
    world.harness.work(Reconciler::DecideTags).await;
    assert_eq!(root.get(&asked("/assets", &[("query", "tags.name:three")])).await.expect(200)["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gains_sight_by_a_query_and_a_wrong_one_is_refused() {
    let world = World::new().await;
    let root = world.root().await;
    let manager = world.at(Role::PatchManager, world.north).await;
    let all = json!({"name": "all", "query": "name:*", "parent": world.north});
    assert_eq!(manager.post("/tags", &all).await.refused_fields(422, "invalid"), ["query"]);
    let north = format!("/tags/{}", world.north);
    assert_eq!(manager.patch(&north, &json!({"query": "name:*"})).await.refused_fields(422, "invalid"), ["query"]);
    let wrong = root.post("/tags", &json!({"name": "x", "query": "nmae:web"})).await.refused(400, "bad-query");
    assert_eq!(wrong["errors"][0]["suggestion"], "name");
    assert_eq!(root.post("/tags", &json!({"name": "x", "query": "  "})).await.refused_fields(422, "invalid"), ["query"]);
    // What was given by hand would be forgotten.
    root.patch(&north, &json!({"query": "name:alpha"})).await.refused(409, "tag-in-use");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_with_a_query_is_not_given_by_hand() {
    let world = World::new().await;
    let root = world.root().await;
    let made = root.post("/tags", &json!({"name": "vim", "query": "missing.title:vim and name:alpha"})).await.expect(201);
    let tag = id(&made);
    let (alpha, beta) = (format!("/assets/{}/tags", world.alpha.asset()), format!("/assets/{}/tags", world.beta.asset()));
    assert_eq!(root.put(&beta, &json!({"tags": [tag]})).await.refused_fields(422, "invalid"), ["tags"]);
    // Who sends back what an asset shows changes nothing, nor does leaving it out.
    let shown = root.put(&alpha, &json!({"tags": [tag, world.north]})).await.expect(200);
    let tags = shown["tags"].as_array().unwrap();
    assert_eq!(
        tags.iter().map(|tag| (tag["name"].as_str().unwrap(), tag["dynamic"] == true)).collect::<Vec<_>>(),
        [("north", false), ("vim", true)]
    );
    let left = root.put(&alpha, &json!({"tags": []})).await.expect(200);
    assert_eq!(left["tags"].as_array().unwrap().len(), 1);
    assert_eq!(root.post("/activation-keys", &json!({"title": "k", "tags": [tag]})).await.status, 409);
    root.delete(&format!("/tags/{tag}")).await.expect(204);
    assert_eq!(root.get(&format!("/assets/{}", world.alpha.asset())).await.expect(200)["tags"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn carriers_are_decided_before_anybody_is_answered_after_a_restart() {
    let mut world = World::new().await;
    let root = world.root().await;
    let made = root.post("/tags", &json!({"name": "curl", "query": "missing.title:curl"})).await.expect(201);
    let tag: TagId = id(&made).parse().unwrap();
    world.harness.restart().await;
    let (_, reader) = world.somebody(Role::PatchReader, Scope::Tags(BTreeSet::from([tag]))).await;
    assert_eq!(column(&reader.get("/assets").await.expect(200), "name"), ["alpha"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_whose_query_is_not_understood_any_more_keeps_its_carriers_and_says_why() {
    let mut world = World::new().await;
    let root = world.root().await;
    let made = root.post("/tags", &json!({"name": "curl", "query": "missing.title:curl"})).await.expect(201);
    let id: TagId = id(&made).parse().unwrap();
    // A release later the field is gone.
    let broken = Tag { id, name: "curl".to_owned(), parent: None, query: Some("lacks.title:curl".to_owned()) };
    world.harness.app().store.update_tag(&broken, &world.harness.audit("tag.change")).await.unwrap();
    world.harness.restart().await;
    let (root, (_, reader)) = (world.root().await, world.somebody(Role::PatchReader, Scope::Tags(BTreeSet::from([id]))).await);
    let seen = async || column(&reader.get("/assets").await.expect(200), "name");
    assert_eq!(seen().await, ["alpha"]);
    let tags = root.get("/tags").await.expect(200);
    let tag = tags["items"].as_array().unwrap().iter().find(|tag| tag["name"] == "curl").unwrap();
    assert_eq!(tag["assets"], 1);
    assert!(tag["error"].as_str().unwrap().contains("lacks"), "{tag}");

    // Neither a change of the asset nor another decision moves it, nor a second start.
    root.put(&format!("/assets/{}/tags", world.alpha.asset()), &json!({"tags": [world.south]})).await.expect(200);
    assert_eq!(seen().await, ["alpha"]);
    world.harness.work(Reconciler::DecideTags).await;
    world.harness.restart().await;
    let root = world.root().await;
    assert_eq!(column(&root.get("/assets?query=tags.name:curl").await.expect(200), "name"), ["alpha"]);
    let mended = root.patch(&format!("/tags/{id}"), &json!({"query": "name:beta"})).await.expect(200);
    assert_eq!((&mended["error"], &mended["assets"]), (&Value::Null, &json!(1)));
    assert_eq!(column(&root.get("/assets?query=tags.name:curl").await.expect(200), "name"), ["beta"]);
}
