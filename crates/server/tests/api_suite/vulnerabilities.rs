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
        "id": CVE, "title": "Example Transfer Tool Overflow", "epss": null, "known_exploited": true, "ransomware": true, "cvss": null, "cvss_vector": null,
        "known_exploited_added": "2026-01-03", "known_exploited_due": "2026-01-24",
    });
    // What only the page of one vulnerability shows.
    let mut alone = said.as_object().unwrap().clone();
    for (name, value) in [
        ("details", Value::Null),
        ("published_at", Value::Null),
        ("modified_at", Value::Null),
        ("references", json!([])),
        ("missing", json!(1)),
    ] {
        assert_eq!(alone.remove(name), Some(value), "{name}");
    }
    said = Value::Object(alone);
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

const VECTOR: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/// Synchronises a folder with a record of the vulnerability.
async fn described(world: &World, root: &Client) {
    let folder = world.harness.folder().join("records");
    std::fs::create_dir(&folder).unwrap();
    let record = json!({
        "id": CVE, "summary": "Overflow", "details": "One.\n\nTwo.", "published": "2026-01-02T00:00:00Z",
        "severity": [{ "type": "CVSS_V3", "score": VECTOR }], "references": [{ "type": "WEB", "url": "https://a.example/1" }],
    });
    std::fs::write(folder.join("one.json"), record.to_string()).unwrap();
    let feed = json!({ "name": "texts", "config": { "kind": "descriptions", "source": folder.to_str().unwrap() } });
    root.post("/feeds", &feed).await.expect(201);
    work(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_say_what_a_vulnerability_is_and_how_severe() {
    let world = World::new().await;
    let root = world.root().await;
    described(&world, &root).await;
    let said = root.get(&format!("/vulnerabilities/{CVE}")).await.expect(200);
    assert_eq!((&said["cvss"], &said["cvss_vector"], &said["title"]), (&json!(9.8), &json!(VECTOR), &json!("Overflow")));
    assert_eq!((&said["details"], &said["references"]), (&json!("One.\n\nTwo."), &json!(["https://a.example/1"])));
    assert_eq!(said["published_at"], "2026-01-02T00:00:00Z");
    let severe = root.get(&asked("/patches", &[("query", "cvss>=9.8")])).await.expect(200);
    assert_eq!(column(&severe, "id"), [CURL], "the patch is as severe as what it fixes");
}

#[tokio::test(flavor = "multi_thread")]
async fn vulnerabilities_are_listed_with_the_assets_that_are_open_to_them() {
    let world = World::new().await;
    let (root, south) = (world.root().await, world.at(Role::PatchReader, world.south).await);
    described(&world, &root).await;
    let list = root.get("/vulnerabilities").await.expect(200);
    let row = list["items"].as_array().unwrap().iter().find(|row| row["id"] == CVE).expect("it is listed").clone();
    assert_eq!((&row["patches"], &row["missing"], &row["cvss"]), (&json!(1), &json!(1), &json!(9.8)));
    let query = [("query", &*format!("missing:(cve:{CVE})"))];
    assert_eq!(root.get(&asked("/assets", &query)).await.expect(200)["total"], row["missing"], "its number leads to as many");
    assert_eq!(south.get(&asked("/vulnerabilities", &[("missing", "true")])).await.expect(200)["total"], 0);
    for (filter, value, found) in [
        ("q", "overFLOW", 1),
        ("q", "cve-2026-1000", 1),
        ("min_cvss", "9.8", 1),
        ("min_cvss", "9.9", 0),
        ("min_epss", "0.1", 0),
        ("exploited", "true", 0),
        ("missing", "true", 1),
    ] {
        let page = root.get(&asked("/vulnerabilities", &[(filter, value)])).await.expect(200);
        assert_eq!(page["total"], found, "{filter}={value}");
    }
    for sort in ["id", "-cvss", "epss", "known_exploited_due", "patches", "-missing"] {
        root.get(&asked("/vulnerabilities", &[("sort", sort)])).await.expect(200);
    }
    root.get(&asked("/vulnerabilities", &[("min_cvss", "11")])).await.refused(422, "invalid");
    let csv = root.get(&asked("/vulnerabilities/export", &[("missing", "true")])).await.text;
    assert!(csv.starts_with("id,title,cvss,") && csv.contains("CVE-2026-1000,Overflow,9.8,CVSS:3.1/"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_that_earlier_versions_stored_are_shown() {
    let world = World::new().await;
    let root = world.root().await;
    let config = |lists: Value| {
        let source = json!({ "uri": "https://mirror.example/debian", "suite": "bookworm", "components": ["main"], "keyring": "/k.gpg" });
        json!({ "kind": "debian", "release": "debian/bookworm", "architectures": ["amd64"], "sources": [source], "advisories": lists })
    };
    for (stored, shown) in [(Value::Null, json!([])), (json!("https://a.example/list"), json!(["https://a.example/list"]))] {
        let feed = world.harness.feed_of(&format!("as {stored}"), config(stored)).await;
        assert_eq!(root.get(&format!("/feeds/{feed}")).await.expect(200)["config"]["advisories"], shown);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_scans_no_more_is_counted_as_it_is_listed() {
    let world = World::new().await;
    let root = world.root().await;
    world.alpha.scan_failed("no apt").await.unwrap();
    let exposed = root.get(&asked("/vulnerabilities", &[("q", CVE)])).await.expect(200)["items"][0]["missing"].clone();
    let listed = root.get(&asked("/assets", &[("query", &format!("missing:(cve:{CVE})"))])).await.expect(200);
    assert_eq!((&exposed, &listed["total"]), (&json!(1), &json!(1)), "what was found of it stays found");
    assert_eq!(root.get(&format!("/vulnerabilities/{CVE}")).await.expect(200)["missing"], exposed);
}
