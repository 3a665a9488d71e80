//! What is said of vulnerabilities: from a list to scores of patches, risk of assets and answers, in scope.

use crate::client::{Client, asked, column, id};
use crate::world::{CURL, World, in_path};
use fettle_model::access::Role;
use fettle_server::work::Reconciler;
use serde_json::{Value, json};

const CVE: &str = "CVE-2026-1000";

/// Writes a list into the server's folder and synchronises it as a feed.
async fn feed(world: &World, root: &Client, kind: &str, text: &str) -> String {
    let path = world.harness.folder().join(format!("{kind}.list"));
    std::fs::write(&path, text).unwrap();
    let feed = json!({ "name": kind, "config": { "kind": kind, "source": path.to_str().unwrap() } });
    let feed = id(&root.post("/feeds", &feed).await.expect(201));
    work(world).await;
    feed
}

async fn work(world: &World) {
    world.harness.work(Reconciler::SyncCatalog).await;
    world.harness.work(Reconciler::Reassess).await;
}

fn exploited(due: &str) -> String {
    let entry = json!({
        "cveID": CVE, "vulnerabilityName": "Example Transfer Tool Overflow", "dateAdded": "2026-01-03", "dueDate": due,
        "knownRansomwareCampaignUse": "Known",
    });
    json!({ "catalogVersion": "2026.01.03", "count": 1, "vulnerabilities": [entry] }).to_string()
}

async fn risk(root: &Client, name: &str) -> Value {
    let page = root.get(&asked("/assets", &[("query", &format!("name:{name}"))])).await.expect(200);
    page["items"][0]["risk"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_make_patches_urgent_without_judging_anew() {
    let world = World::new().await;
    let root = world.root().await;
    let store = &world.harness.app().store;
    let (generation, before) = (store.catalog_generation().await.unwrap(), risk(&root, "alpha").await);
    let findings = store.asset(world.alpha.asset()).await.unwrap().unwrap().mark();

    let list = feed(&world, &root, "known_exploited", &exploited("2026-01-24")).await;
    feed(&world, &root, "exploitation", "#model_version:1\ncve,epss,percentile\nCVE-2026-1000,0.25,0.9\nCVE-2026-9999,0.5,0.9\n").await;
    let state = root.get(&format!("/feeds/{list}")).await.expect(200)["state"].clone();
    assert_eq!((&state["facts"], &state["patches"], &state["error"]), (&json!(1), &json!(0), &Value::Null));
    let urgent = root.get(&asked("/patches", &[("query", "kev:yes and epss>=0.25 and kevDue<2026-02-01")])).await.expect(200);
    assert_eq!(column(&urgent, "id"), [CURL]);
    assert_eq!((&urgent["items"][0]["known_exploited_due"], &urgent["items"][0]["epss"]), (&json!("2026-01-24"), &json!(0.25)));
    // An unrated patch that fixes a vulnerability weighs 3, and three times as much when that is exploited.
    let after = risk(&root, "alpha").await;
    assert_eq!(after.as_u64().unwrap(), before.as_u64().unwrap() + 6);
    assert_eq!(store.catalog_generation().await.unwrap(), generation);
    assert_eq!(store.asset(world.alpha.asset()).await.unwrap().unwrap().mark(), findings, "nobody was judged anew");

    // What the list takes back is taken back.
    root.delete(&format!("/feeds/{list}")).await.expect(204);
    work(&world).await;
    assert_eq!(risk(&root, "alpha").await, before);
    assert_eq!(root.get(&asked("/patches", &[("query", "kev:yes")])).await.expect(200)["total"], 0);
    assert_eq!(root.get(&asked("/patches", &[("query", "epss>0")])).await.expect(200)["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_shows_the_same_scores() {
    let mut world = World::new().await;
    let root = world.root().await;
    feed(&world, &root, "known_exploited", &exploited("2026-01-24")).await;
    let before = risk(&root, "alpha").await;
    world.harness.restart().await;
    assert_eq!(risk(&world.root().await, "alpha").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vulnerability_leads_to_its_patches_and_back() {
    let world = World::new().await;
    let (root, south) = (world.root().await, world.at(Role::PatchReader, world.south).await);
    let path = format!("/vulnerabilities/{CVE}");
    let silent = root.get(&path).await.expect(200);
    assert_eq!((&silent["title"], &silent["known_exploited"], &silent["epss"]), (&Value::Null, &json!(false), &Value::Null));
    feed(&world, &root, "known_exploited", &exploited("2026-01-24")).await;

    let mut said = root.get(&path.to_lowercase()).await.expect(200);
    let patches = said.as_object_mut().unwrap().remove("patches").unwrap();
    let expected = json!({
        "id": CVE, "title": "Example Transfer Tool Overflow", "epss": null, "known_exploited": true, "ransomware": true,
        "known_exploited_added": "2026-01-03", "known_exploited_due": "2026-01-24",
    });
    let counts = |patches: &Value| (patches[0]["id"].clone(), patches[0]["missing"].clone(), patches[0]["installed"].clone());
    assert_eq!(counts(&patches), (json!(CURL), json!(1), json!(1)));
    assert_eq!(said.as_object_mut().unwrap().remove("total"), Some(json!(1)));
    assert_eq!(said, expected);
    let cut = south.get(&path).await.expect(200);
    assert_eq!(counts(&cut["patches"]), (json!(CURL), json!(0), json!(1)), "numbers are those of the caller's scope");
    let patch = root.get(&format!("/patches/{}", in_path(CURL))).await.expect(200);
    assert_eq!(patch["vulnerabilities"], json!([expected]));
    for nothing in ["/vulnerabilities/CVE-2026-9999", "/vulnerabilities/x", "/vulnerabilities/CVE-2026-1000%27"] {
        root.get(nothing).await.refused(404, "not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_their_public_addresses_and_refuse_others_in_clear() {
    let world = World::new().await;
    let root = world.root().await;
    let made = root.post("/feeds", &json!({ "name": "a", "enabled": false, "config": { "kind": "exploitation" } })).await.expect(201);
    assert_eq!(made["config"]["source"], "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz");
    let clear = json!({ "name": "b", "config": { "kind": "known_exploited", "source": "http://mirror.example/list.json" } });
    root.post("/feeds", &clear).await.refused(422, "invalid");
}
