//! Users, tokens, tags, activation keys and feeds: nobody gains a privilege by any of them.

use crate::client::{column, id};
use crate::world::World;
use fettle_model::access::{Role, Scope};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn user(name: &str, role: &str, tags: &[String]) -> Value {
    json!({"name": name, "password": "a long password", "role": role, "scope": {"everything": false, "tags": tags}})
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_made_changed_and_removed() {
    let world = World::new().await;
    let root = world.root().await;
    let ada = root.post("/users", &user("ada", "patch_user", &[world.north.to_string()])).await.expect(201);
    assert_eq!(ada["scope"], json!({"everything": false, "tags": [world.north.to_string()]}));
    assert!(ada.get("password").is_none() && ada.get("password_hash").is_none());
    root.post("/users", &user("ADA", "patch_user", &[])).await.refused(409, "name-taken");
    let unknown = user("bob", "patch_user", &["0190a000-0000-7000-8000-000000000000".to_owned()]);
    assert_eq!(root.post("/users", &unknown).await.refused_fields(422, "invalid"), ["scope.tags"]);
    assert_eq!(root.post("/users", &user("bob", "emperor", &[])).await.refused_fields(422, "invalid"), ["role"]);
    assert_eq!(root.post("/users", &user(" ", "patch_user", &[])).await.refused_fields(422, "invalid"), ["name"]);
    let path = format!("/users/{}", id(&ada));
    let changed = root.patch(&path, &json!({"role": "patch_manager", "scope": {"everything": true, "tags": []}})).await.expect(200);
    assert_eq!((changed["role"].as_str(), &changed["scope"]["everything"]), (Some("patch_manager"), &json!(true)));
    assert_eq!(root.get(&path).await.expect(200), changed);
    assert!(column(&root.get("/users?q=AD").await.expect(200), "name").contains(&"ada".to_owned()));
    root.delete(&path).await.expect(204);
    root.get(&path).await.refused(404, "not-found");
    let log = world.harness.app().store.audit(None, 10).await.unwrap();
    let text = format!("{log:?}");
    assert!(text.contains("user.change") && !text.contains("a long password") && !text.contains("argon2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_larger_than_its_maker() {
    let world = World::new().await;
    let manager = world.at(Role::PatchManager, world.north).await;
    let token = |role: &str, tags: Value| json!({"name": "t", "role": role, "scope": {"everything": false, "tags": tags}});
    let refused = async |body: Value| manager.post("/tokens", &body).await.refused_fields(422, "invalid");
    assert_eq!(refused(token("super_user", json!([world.north]))).await, ["role", "scope"]);
    assert_eq!(refused(token("patch_security", json!([world.north]))).await, ["role"]);
    assert_eq!(refused(token("patch_user", json!([world.south]))).await, ["scope"]);
    assert_eq!(refused(json!({"name": "t", "scope": {"everything": true, "tags": []}})).await, ["scope"]);
    let made = manager.post("/tokens", &token("patch_reader", json!([world.north]))).await.expect(201);
    let reader = world.nobody().token(made["secret"].as_str().unwrap());
    assert_eq!(reader.get("/session").await.expect(200)["role"], "patch_reader");
    reader.get("/activation-keys").await.refused(403, "forbidden");
    // Without saying anything a token is what its maker is, not more.
    let same = manager.post("/tokens", &json!({"name": "t2"})).await.expect(201);
    let same = world.nobody().token(same["secret"].as_str().unwrap());
    assert_eq!(column(&same.get("/assets").await.expect(200), "name"), ["alpha"]);
    // A token cannot make one that is larger than itself.
    assert_eq!(reader.post("/tokens", &token("patch_manager", json!([world.north]))).await.refused_fields(422, "invalid"), ["role"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_shrinks_with_its_maker_and_ends_in_time() {
    let world = World::new().await;
    let root = world.root().await;
    let (ada, client) = world.somebody(Role::PatchManager, Scope::Everything).await;
    client.get("/activation-keys").await.expect(200);
    let narrow = json!({"role": "patch_reader", "scope": {"everything": false, "tags": [world.south]}});
    root.patch(&format!("/users/{ada}"), &narrow).await.expect(200);
    client.get("/activation-keys").await.refused(403, "forbidden");
    assert_eq!(column(&client.get("/assets").await.expect(200), "name"), ["beta"]);

    let soon = world.harness.now() + SignedDuration::from_hours(1);
    let late = world.harness.now() + SignedDuration::from_hours(2);
    let past = json!({"name": "t", "expires_at": world.harness.now()});
    assert_eq!(client.post("/tokens", &past).await.refused_fields(422, "invalid"), ["expires_at"]);
    let made = client.post("/tokens", &json!({"name": "t", "expires_at": soon})).await.expect(201);
    let short = world.nobody().token(made["secret"].as_str().unwrap());
    for longer in [json!({"name": "u"}), json!({"name": "u", "expires_at": late})] {
        assert_eq!(short.post("/tokens", &longer).await.refused_fields(422, "invalid"), ["expires_at"]);
    }
    world.harness.advance(std::time::Duration::from_secs(3600));
    short.get("/session").await.refused(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_others_do_not_exist() {
    let world = World::new().await;
    let (one, other) = (world.root().await, world.root().await);
    let mine = id(&one.post("/tokens", &json!({"name": "mine"})).await.expect(201));
    assert!(!column(&other.get("/tokens").await.expect(200), "id").contains(&mine));
    other.delete(&format!("/tokens/{mine}")).await.refused(404, "not-found");
    one.delete(&format!("/tokens/{mine}")).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_borders_of_scopes_are_not_moved_from_within() {
    let world = World::new().await;
    let root = world.root().await;
    let north = world.at(Role::PatchManager, world.north).await;
    assert_eq!(north.post("/tags", &json!({"name": "top"})).await.refused_fields(422, "invalid"), ["parent"]);
    assert_eq!(north.post("/tags", &json!({"name": "x", "parent": world.south})).await.refused_fields(422, "invalid"), ["parent"]);
    let lab = id(&north.post("/tags", &json!({"name": "lab", "parent": world.north})).await.expect(201));
    north.patch(&format!("/tags/{lab}"), &json!({"parent": null})).await.refused_fields(422, "invalid");
    // A tag of another scope on an asset one sees can be seen, and not be taken over.
    root.put(&format!("/assets/{}/tags", world.alpha.asset()), &json!({"tags": [world.north, world.south]})).await.expect(200);
    assert_eq!(column(&north.get("/tags").await.expect(200), "name"), ["lab", "north", "south"]);
    north.patch(&format!("/tags/{}", world.south), &json!({"parent": world.north})).await.refused(404, "not-found");
    north.delete(&format!("/tags/{}", world.south)).await.refused(404, "not-found");
    let renamed = north.patch(&format!("/tags/{lab}"), &json!({"name": "laboratory"})).await.expect(200);
    assert_eq!((renamed["name"].as_str(), renamed["parent"].as_str()), (Some("laboratory"), Some(world.north.to_string().as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_form_a_tree() {
    let world = World::new().await;
    let root = world.root().await;
    let lab = id(&root.post("/tags", &json!({"name": "lab", "parent": world.north})).await.expect(201));
    root.post("/tags", &json!({"name": "lab", "parent": world.north})).await.refused(409, "name-taken");
    root.patch(&format!("/tags/{}", world.north), &json!({"parent": lab})).await.refused(409, "tag-loop");
    root.delete(&format!("/tags/{}", world.north)).await.refused(409, "has-children");
    assert_eq!(root.patch(&format!("/tags/{lab}"), &json!({"parent": null})).await.expect(200)["parent"], Value::Null);
    root.delete(&format!("/tags/{}", world.north)).await.expect(204);
    assert_eq!(root.get(&format!("/assets/{}", world.alpha.asset())).await.expect(200)["tags"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_key_enrols_until_it_is_disabled() {
    let world = World::new().await;
    let manager = world.at(Role::PatchManager, world.north).await;
    let wrong = json!({"title": "k", "tags": [world.south]});
    assert_eq!(manager.post("/activation-keys", &wrong).await.refused_fields(422, "invalid"), ["tags"]);
    let none = json!({"title": "k", "use_limit": 0});
    assert_eq!(manager.post("/activation-keys", &none).await.refused_fields(422, "invalid"), ["use_limit"]);
    let made = manager.post("/activation-keys", &json!({"title": "k", "tags": [world.north], "use_limit": 5})).await.expect(201);
    let key = made["secret"].as_str().unwrap().parse().unwrap();
    let mut machine = world.harness.machine("gamma");
    machine.enroll(&key).await.unwrap();
    assert_eq!(column(&manager.get("/assets").await.expect(200), "name"), ["alpha", "gamma"]);
    let path = format!("/activation-keys/{}", id(&made));
    let disabled = manager.patch(&path, &json!({"disabled": true})).await.expect(200);
    assert_eq!((disabled["disabled"].as_bool(), disabled["uses"].as_u64()), (Some(true), Some(1)));
    assert_eq!(world.harness.machine("delta").enroll(&key).await.unwrap_err().code, "key-disabled");
    manager.delete(&path).await.expect(204);
    manager.delete(&path).await.refused(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_checked_before_they_are_kept() {
    let world = World::new().await;
    let manager = world.at(Role::PatchManager, world.north).await;
    let source = |uri: &str, keyring: &str| json!({"uri": uri, "suite": "bookworm", "components": ["main"], "keyring": keyring});
    let feed = |source: Value| json!({"name": "f", "enabled": false, "config": {"kind": "debian", "release": "debian/bookworm", "architectures": ["amd64"], "sources": [source]}});
    let keyring = "/usr/share/keyrings/debian.gpg";
    let outside = manager.post("/feeds", &feed(source("https://mirror.example/debian", "/etc/shadow"))).await;
    assert_eq!(outside.refused_fields(422, "invalid"), ["config.sources[0].keyring"]);
    manager.post("/feeds", &feed(source("gopher://mirror.example", keyring))).await.refused(422, "invalid");
    manager.post("/feeds", &feed(source("https://me:secret@mirror.example", keyring))).await.refused(422, "invalid");
    let made = manager.post("/feeds", &feed(source("https://mirror.example/debian", keyring))).await.expect(201);
    assert_eq!(made["config"]["sources"][0]["suite"], "bookworm");
    let path = format!("/feeds/{}", id(&made));
    assert_eq!(manager.patch(&path, &json!({"name": "g"})).await.expect(200)["name"], "g");
    manager.ask(&format!("{path}/sync")).await.expect(202);
    manager.delete(&path).await.expect(204);
    manager.get(&path).await.refused(404, "not-found");
    let windows = |config: Value| json!({"name": "w", "enabled": false, "config": config});
    let unsafe_way =
        manager.post("/feeds", &windows(json!({"kind": "microsoft", "source": "http://mirror.example/msrc", "since": "2023"}))).await;
    assert_eq!(unsafe_way.refused_fields(422, "invalid"), ["config.source", "config.since"]);
    let made = manager.post("/feeds", &windows(json!({"kind": "microsoft"}))).await.expect(201);
    assert_eq!(made["config"]["source"], "https://api.msrc.microsoft.com/cvrf/v3.0");
}
