//! Catalogs from one server to another: what arrives, and what does not.

use crate::client::{Answer, Client, column, id};
use crate::harness::Harness;
use crate::harness::samples::{bookworm, patch};
use crate::world::client_of;
use axum::body::Body;
use axum::http::{Request, header};
use fettle_model::access::{Role, Scope};
use fettle_model::clock::Entropy;
use fettle_model::ids::FeedId;
use fettle_model::patch::Patch;
use fettle_model::vulnerability::{Exploited, VulnerabilityFacts};
use fettle_server::work::Reconciler;
use fettle_store::{FeedRecord, FeedState, ImportNote};
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

/// A server with its administrator.
struct Site {
    harness: Harness,
    root: Client,
}

impl Site {
    async fn of(harness: Harness) -> Self {
        let root = somebody(&harness, Role::SuperUser).await;
        Self { harness, root }
    }

    /// The server with internet: the feed `main` with four patches, and a list of what is exploited.
    async fn outside() -> (Self, FeedId, FeedId) {
        let harness = Harness::start().await;
        let main = harness.feed("main").await;
        let mut curl = patch("curl", "2", Some("1"));
        curl.cves = vec!["CVE-2026-1000".to_owned()];
        harness.import(main, &[curl, patch("vim", "2", None), patch("nano", "2", None), patch("codec", "2", None)]).await;
        // Feeds come in the order in which they were made.
        harness.advance(Duration::from_secs(1));
        let list = FeedId::make(harness.now(), harness.entropy.ten());
        let config = json!({"kind": "known_exploited", "source": "https://lists.example/kev.json"});
        let (name, created_at, state) = ("exploited".to_owned(), harness.now(), FeedState::default());
        let feed = FeedRecord { id: list, name, config, enabled: false, created_at, state };
        harness.app().store.create_feed(&feed, &harness.audit("feed.create")).await.unwrap();
        let site = Self::of(harness).await;
        site.exploited(list, &["CVE-2026-1000"]).await;
        (site, main, list)
    }

    /// The server without: it trusts the other one.
    async fn inside(outside: &Self) -> Self {
        let site = Self::of(Harness::start_another().await).await;
        site.trust(outside).await;
        site
    }

    async fn trust(&self, other: &Self) -> Value {
        let key = other.root.get("/catalog/key").await.expect(200);
        self.root.post("/catalog/sources", &json!({"name": "outside", "key": key["key"]})).await.expect(201)
    }

    async fn exploited(&self, list: FeedId, cves: &[&str]) {
        let harness = &self.harness;
        let said =
            |cve: &&str| VulnerabilityFacts { cve: (*cve).to_owned(), kev: Some(Exploited::default()), ..VulnerabilityFacts::default() };
        let facts: Vec<_> = cves.iter().map(said).collect();
        let note = ImportNote { now: harness.now(), warnings: Vec::new() };
        harness.app().store.replace_facts(list, &facts, &note).await.unwrap();
    }

    /// A bundle; `body` says of what.
    async fn export(&self, body: Value) -> Vec<u8> {
        let request = Request::post("/api/v1/catalog/export").header(header::CONTENT_TYPE, "application/json");
        let mut request = self.root.request(request.body(Body::from(body.to_string())).unwrap());
        request.extensions_mut().insert(axum::extract::ConnectInfo(std::net::SocketAddr::from(([192, 0, 2, 10], 40_000))));
        let response = self.root.router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let length: usize = response.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        assert_eq!(bytes.len(), length);
        bytes
    }

    async fn import(&self, bundle: impl Into<Body>) -> Answer {
        self.root.raw(self.root.request(Request::post("/api/v1/catalog/import").body(bundle.into()).unwrap())).await
    }

    /// Patches with what is said of them, as the catalog has them.
    async fn patches(&self) -> Vec<Patch> {
        let catalog = self.harness.app().store.catalog().await.unwrap();
        let mut patches: Vec<Patch> = catalog.patches.into_iter().map(|(_, patch)| patch).collect();
        patches.sort_by(|one, other| one.id.cmp(&other.id));
        patches
    }
}

async fn somebody(harness: &Harness, role: Role) -> Client {
    let user = harness.user(&role.to_string(), role, Scope::Everything).await;
    client_of(harness, user, role, Scope::Everything).await
}

#[tokio::test(flavor = "multi_thread")]
async fn both_servers_find_the_same() {
    let (outside, main, list) = Site::outside().await;
    let inside = Site::inside(&outside).await;
    let machine = inside.harness.enrolled("gamma").await;
    machine.scan_fully(&bookworm("gamma", &[("curl", "1"), ("vim", "1")])).await.unwrap();

    let did = inside.import(outside.export(json!({})).await).await.expect(200);
    assert_eq!(
        (&did["source"], &did["sequence"], &did["base"], &did["imported"]),
        (&json!("outside"), &json!(1), &json!(null), &json!(true))
    );
    let expected = json!([
        {"name": "main", "added": 4, "changed": 0, "withdrawn": 0, "total": 4, "removed": false},
        {"name": "exploited", "added": 1, "changed": 0, "withdrawn": 0, "total": 1, "removed": false},
    ]);
    assert_eq!(did["feeds"], expected);
    assert_eq!(inside.patches().await, outside.patches().await, "every field, and what is said of the vulnerabilities");
    inside.harness.work(Reconciler::Reassess).await;
    let missing = inside.root.get("/assets?patches=knownExploited:true").await.expect(200);
    assert_eq!(column(&missing, "name"), ["gamma"]);

    // Changes, on top of what is there; and the same as a full bundle to somebody else.
    outside.harness.import(main, &[patch("curl", "3", Some("1")), patch("vim", "2", None)]).await;
    outside.exploited(list, &["CVE-2026-2000"]).await;
    let delta = outside.export(json!({"since": 1})).await;
    let full = outside.export(json!({})).await;
    let did = inside.import(delta).await.expect(200);
    assert_eq!((&did["base"], &did["feeds"][0]["withdrawn"], &did["feeds"][1]["withdrawn"]), (&json!(1), &json!(3), &json!(1)));
    let another = Site::inside(&outside).await;
    another.import(full).await.expect(200);
    assert_eq!(inside.patches().await, another.patches().await);
    assert_eq!(inside.patches().await, outside.patches().await);
    let sources = inside.root.get("/catalog/sources").await.expect(200);
    assert_eq!(
        (&sources["items"][0]["imported"]["sequence"], &sources["items"][0]["imported"]["exporter"]),
        (&json!(2), &json!("localhost"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_of_bundles_are_shown_and_left_alone() {
    let (outside, _, list) = Site::outside().await;
    let inside = Site::inside(&outside).await;
    inside.import(outside.export(json!({})).await).await.expect(200);
    let feeds = inside.root.get("/feeds").await.expect(200);
    assert_eq!(column(&feeds, "name"), ["exploited", "main"]);
    let shown = &feeds["items"][0];
    let config = json!({
        "kind": "bundle", "from": "outside", "sequence": 1, "origin": list, "original": "known_exploited", "carries": "facts",
        "release": null, "repositories": [],
    });
    assert_eq!((&shown["config"], &shown["enabled"], &shown["state"]["facts"]), (&config, &json!(false), &json!(1)));
    assert_eq!(feeds["items"][1]["config"]["repositories"], json!(["file:///nowhere"]));
    let feed = format!("/feeds/{}", id(shown));
    inside.root.ask(&format!("{feed}/sync")).await.refused(409, "feed-of-a-bundle");
    inside.root.delete(&feed).await.refused(409, "feed-of-a-bundle");
    inside.root.patch(&feed, &json!({"enabled": true})).await.refused(409, "feed-of-a-bundle");
    assert_eq!(inside.root.patch(&feed, &json!({"config": config})).await.refused_fields(422, "invalid"), ["config.kind"]);
    let made = json!({"name": "mine", "config": config});
    assert_eq!(inside.root.post("/feeds", &made).await.refused_fields(422, "invalid"), ["config.kind"]);
    inside.root.patch(&feed, &json!({"name": "urgent"})).await.expect(200);
    // Nothing happens by itself, and what came with a bundle can be carried on.
    inside.harness.advance(Duration::from_secs(24 * 3600));
    inside.harness.work(Reconciler::SyncCatalog).await;
    assert_eq!(inside.root.get(&feed).await.expect(200)["state"]["error"], json!(null));
    let further = Site::of(Harness::start().await).await;
    further.trust(&inside).await;
    further.import(inside.export(json!({})).await).await.expect(200);
    assert_eq!(further.patches().await, outside.patches().await);
    let config = &further.root.get("/feeds").await.expect(200)["items"][1]["config"];
    assert_eq!((&config["original"], &config["carries"]), (&json!("known_exploited"), &json!("facts")));

    let source = id(&inside.root.get("/catalog/sources").await.expect(200)["items"][0]);
    inside.root.delete(&format!("/catalog/sources/{source}")).await.expect(204);
    inside.root.delete(&format!("/catalog/sources/{source}")).await.refused(404, "not-found");
    assert_eq!(inside.patches().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_changes_nothing() {
    let (outside, main, _) = Site::outside().await;
    let inside = Site::inside(&outside).await;
    let first = outside.export(json!({})).await;
    let early = outside.export(json!({"since": 1})).await;
    inside.import(early).await.refused(409, "bundle-does-not-fit");
    assert_eq!(inside.patches().await, []);
    inside.import(first.clone()).await.expect(200);
    let before = inside.patches().await;
    outside.harness.import(main, &[patch("nano", "3", None)]).await;
    let third = outside.export(json!({"days": 2})).await;
    let fourth = outside.export(json!({"since": 3})).await;

    let wrong_base = inside.import(fourth.clone()).await.refused(409, "bundle-does-not-fit");
    assert!(wrong_base["detail"].as_str().unwrap().contains("--since 1"), "{wrong_base}");
    inside.import(third[..third.len() / 2].to_vec()).await.refused(422, "bundle-refused");
    inside.import("not a bundle at all").await.refused(422, "bundle-refused");
    inside.import(Body::empty()).await.refused(422, "bundle-refused");
    let cut = Body::from_stream(futures::stream::iter([Ok(third[..9].to_vec()), Err(std::io::Error::other("gone"))]));
    inside.import(cut).await.refused(400, "body-cut-short");
    inside.harness.advance(Duration::from_secs(2 * 24 * 3600 + 60));
    inside.import(third.clone()).await.refused(409, "bundle-does-not-fit");
    assert_eq!(inside.patches().await, before);
    let again = inside.import(first.clone()).await.expect(200);
    assert_eq!((&again["imported"], &again["feeds"]), (&json!(false), &json!([])));

    // In time it would have been fine; and then there is no way back.
    let newer = outside.export(json!({})).await;
    inside.import(newer).await.expect(200);
    inside.import(first).await.refused(409, "bundle-does-not-fit");
    assert_eq!(inside.patches().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_in_the_last_feed_leaves_the_catalog_whole() {
    let (outside, _, _) = Site::outside().await;
    let inside = Site::inside(&outside).await;
    inside.import(outside.export(json!({})).await).await.expect(200);
    let before = (inside.patches().await, inside.root.get("/feeds").await.expect(200));
    let generation = inside.harness.app().store.catalog_generation().await.unwrap();
    // A new feed that comes last has a patch that the inside has from somewhere else.
    let taken = patch("emacs", "2", None);
    let local = inside.harness.feed("own").await;
    inside.harness.import(local, std::slice::from_ref(&taken)).await;
    let main = outside.harness.app().store.feeds().await.unwrap().into_iter().find(|feed| feed.name == "main").unwrap().id;
    outside.harness.import(main, &[patch("curl", "9", None)]).await;
    outside.harness.advance(Duration::from_secs(60));
    let last = outside.harness.feed("zz last").await;
    outside.harness.import(last, std::slice::from_ref(&taken)).await;
    for body in [json!({}), json!({"since": 1})] {
        let refused = inside.import(outside.export(body).await).await.refused(409, "patch-of-another-feed");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("\"own\"") && detail.contains(taken.id.as_str()), "{detail}");
    }
    inside.root.delete(&format!("/feeds/{local}")).await.expect(204);
    assert_eq!((inside.patches().await, inside.root.get("/feeds").await.expect(200)), before);
    assert_eq!(inside.harness.app().store.catalog_generation().await.unwrap(), generation + 2, "the own feed's two changes");
    let did = inside.import(outside.export(json!({"since": 1})).await).await.expect(200);
    assert_eq!(did["feeds"].as_array().unwrap().len(), 3);
    assert_eq!(inside.patches().await, outside.patches().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_trust_and_all_is_in_the_audit_log() {
    let (outside, _, _) = Site::outside().await;
    let inside = Site::of(Harness::start_another().await).await;
    let bundle = outside.export(json!({})).await;
    inside.import(bundle.clone()).await.refused(409, "nobody-trusted");
    inside.trust(&inside).await;
    inside.import(bundle.clone()).await.refused(422, "bundle-refused");
    let trust = |name: &str, key: &str| json!({"name": name, "key": key});
    let key = outside.root.get("/catalog/key").await.expect(200)["key"].as_str().unwrap().to_owned();
    for bad in ["", "fettle-catalog:", "fettle-catalog:AAAA", &key[1..], &key[..key.len() - 1]] {
        assert_eq!(inside.root.post("/catalog/sources", &trust("x", bad)).await.refused_fields(422, "invalid"), ["key"]);
    }
    assert_eq!(inside.root.post("/catalog/sources", &trust(" ", &key)).await.refused_fields(422, "invalid"), ["name"]);
    inside.root.post("/catalog/sources", &trust("Outside", &key)).await.refused(409, "name-taken");
    inside.root.post("/catalog/sources", &trust("there", &key)).await.expect(201);
    inside.root.post("/catalog/sources", &trust("again", &key)).await.refused(409, "key-taken");
    inside.import(bundle).await.expect(200);
    let user = somebody(&inside.harness, Role::PatchUser).await;
    user.post("/catalog/sources", &trust("mine", &key)).await.refused(403, "forbidden");
    user.post("/catalog/export", &json!({})).await.refused(403, "forbidden");
    for days in [0, 3_651] {
        assert_eq!(outside.root.post("/catalog/export", &json!({"days": days})).await.refused_fields(422, "invalid"), ["days"]);
    }
    assert_eq!(outside.root.post("/catalog/export", &json!({"since": 9})).await.refused_fields(422, "invalid"), ["since"]);
    let actions = async |site: &Site| column(&site.root.get("/audit?query=action:catalog*").await.expect(200), "action");
    let mut said = [actions(&outside).await, actions(&inside).await].concat();
    said.sort();
    assert_eq!(said, ["catalog.export", "catalog.import", "catalog.trust", "catalog.trust"]);
}
