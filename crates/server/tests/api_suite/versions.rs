//! Several answers of one version of the index.

use crate::client::{Client, asked, column};
use crate::harness::samples::bookworm;
use crate::world::{CURL, VIM, World};
use fettle_model::access::Role;
use fettle_server::work::Reconciler;
use serde_json::{Value, json};
use std::time::Duration;

fn version(answer: &Value) -> String {
    answer["version"].as_str().unwrap().to_owned()
}

/// Everything that is asked of an index, in one version.
async fn everything(client: &Client, version: &str) -> Vec<Value> {
    let mut answers = Vec::new();
    for path in [
        "/assets?query=missing:*",
        "/assets?query=missing:*&truth=unknown",
        "/assets/facets?query=missing:*",
        "/assets/groups?by=os.name,tags.name",
        "/assets/top-patches?n=5",
        "/patches?applicable=all",
        "/patches/facets?applicable=all",
        &format!("/patches/{VIM}/assets?sort=name"),
    ] {
        let answer = client.get(&format!("{path}&version={version}")).await.expect(200);
        assert_eq!(answer["version"], version, "{path}");
        answers.push(answer);
    }
    for path in ["/assets/export?sort=name", "/patches/export?sort=title"] {
        let answer = client.get(&format!("{path}&version={version}")).await;
        assert_eq!(answer.status, 200);
        answers.push(json!(answer.text));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_a_version_is_answered_from_it_whatever_happens_since() {
    let world = World::new().await;
    let root = world.root().await;
    let dynamic = root.post("/tags", &json!({"name": "needs curl", "query": "missing.title:curl"})).await.expect(201);
    assert_eq!(dynamic["assets"], 1);
    let first = version(&root.get("/assets").await.expect(200));
    let before = everything(&root, &first).await;

    // A scan, a new asset, another tag, an asset less, another catalog.
    world.alpha.scan_fully(&bookworm("alpha", &[("curl", "2"), ("vim", "2")])).await.unwrap();
    world.harness.work(Reconciler::DecideTags).await;
    world.harness.enrolled("gamma").await;
    root.put(&format!("/assets/{}/tags", world.alpha.asset()), &json!({"tags": [world.south]})).await.expect(200);
    root.delete(&format!("/assets/{}", world.beta.asset())).await.expect(204);
    assert_eq!(everything(&root, &first).await, before);

    let newest = root.get("/assets").await.expect(200);
    assert_ne!(version(&newest), first);
    assert_eq!(column(&newest, "name"), ["alpha", "gamma"]);
    assert_eq!(column(&root.get(&asked("/assets", &[("version", &first)])).await.expect(200), "name"), ["alpha", "beta"]);
    let curl = [("query", "tags.name:\"needs curl\""), ("version", &first)];
    assert_eq!(column(&root.get(&asked("/assets", &curl)).await.expect(200), "name"), ["alpha"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_keeps_the_moment_that_now_means() {
    let world = World::new().await;
    let root = world.root().await;
    let young = ("query", "lastScan>=now-1m");
    let first = root.get(&asked("/assets", &[young])).await.expect(200);
    assert_eq!(first["total"], 2);
    world.harness.advance(Duration::from_secs(90));
    assert_eq!(root.get(&asked("/assets", &[young])).await.expect(200)["total"], 0);
    let pinned = root.get(&asked("/assets", &[young, ("version", &version(&first))])).await.expect(200);
    assert_eq!(pinned, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_cut_to_whoever_names_it() {
    let world = World::new().await;
    let root = world.root().await;
    let first = version(&root.get("/assets").await.expect(200));
    let north = world.at(Role::PatchReader, world.north).await;
    let seen = north.get(&asked("/assets", &[("version", &first)])).await.expect(200);
    assert_eq!((column(&seen, "name"), &seen["total"]), (vec!["alpha".to_owned()], &json!(1)));
    let top = north.get(&asked("/assets/top-patches", &[("version", &first)])).await.expect(200);
    assert_eq!(column(&top, "assets"), ["1", "1"]);
    let patch = north.get(&asked(&format!("/patches/{CURL}/assets"), &[("version", &first)])).await.expect(200);
    assert_eq!(column(&patch, "name"), ["alpha"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_gone_is_refused_in_words_for_programs() {
    let mut world = World::new().await;
    let root = world.root().await;
    let first = version(&root.get("/assets").await.expect(200));
    let pinned = asked("/assets/facets", &[("version", &first)]);
    world.harness.advance(Duration::from_secs(120));
    root.get(&pinned).await.expect(200);
    world.harness.advance(Duration::from_secs(1));
    let problem = root.get(&pinned).await.refused(410, "version-gone");
    assert!(problem["detail"].as_str().unwrap().contains("without `version`"), "{problem}");
    root.get("/assets?version=7").await.refused_fields(400, "query-invalid");

    // After a restart versions are counted anew: a name of the time before must not meet one of them.
    let second = version(&root.get("/assets").await.expect(200));
    world.harness.restart().await;
    let root = world.root().await;
    root.get("/assets").await.expect(200);
    root.get(&asked("/assets", &[("version", &second)])).await.refused(410, "version-gone");
}
