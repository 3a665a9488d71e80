//! Every operation of the document refuses: without credentials, with too small a role, out of scope, and
//! without the CSRF token. The lists of exceptions may only become shorter.

use crate::client::{Client, id};
use crate::world::{CURL, World, in_path};
use axum::http::Method;
use fettle_model::access::{Action, Role, Scope, allowed};
use serde_json::{Value, json};

/// Operations for everybody: how somebody becomes a caller, and the document.
const OPEN: [&str; 4] = ["show_setup", "create_first_administrator", "log_in", "show_openapi"];

/// Operations on one thing that is the same for every scope.
const WITHOUT_SCOPE: [(&str, &str); 38] = [
    ("show_patch", "the catalog is the same for everybody; its counts are cut"),
    ("show_patch_chain", "the catalog is the same for everybody; its counts are cut"),
    ("list_patch_assets", "the catalog is the same for everybody; the list is cut"),
    ("show_vulnerability", "what is said of vulnerabilities is the same for everybody; the counts of patches are cut"),
    ("show_job", "jobs belong to people, not to scopes; the assets shown are cut"),
    ("change_job", "jobs belong to people; assets and tags that are added must be in scope"),
    ("delete_job", "jobs belong to people"),
    ("enable_job", "jobs belong to people and run in their owner's scope"),
    ("disable_job", "jobs belong to people"),
    ("clone_job", "jobs belong to people; the copy loses what is out of scope"),
    ("preview_job", "jobs belong to people; the assets shown are cut"),
    ("list_runs", "runs belong to jobs; the counts are cut"),
    ("show_run", "runs belong to jobs; the counts are cut"),
    ("list_run_assets", "runs belong to jobs; the list is cut"),
    ("export_run_assets", "runs belong to jobs; the lines are cut"),
    ("watch_run", "runs belong to jobs; the counts are cut"),
    ("cancel_run", "runs belong to jobs"),
    ("change_activation_key", "keys belong to the installation; their tags are cut"),
    ("delete_activation_key", "keys belong to the installation"),
    ("show_user", "only super users, who see everything"),
    ("change_user", "only super users, who see everything"),
    ("delete_user", "only super users, who see everything"),
    ("delete_token", "tokens belong to people; those of others are tested below"),
    ("show_feed", "feeds belong to the installation"),
    ("change_feed", "feeds belong to the installation"),
    ("delete_feed", "feeds belong to the installation"),
    ("sync_feed", "feeds belong to the installation"),
    ("untrust_catalog_source", "sources of bundles belong to the installation"),
    ("list_feed_syncs", "feeds belong to the installation"),
    ("show_feed_sync", "feeds belong to the installation"),
    ("show_custom_patch", "custom patches belong to the installation"),
    ("change_custom_patch", "custom patches belong to the installation"),
    ("delete_custom_patch", "custom patches belong to the installation"),
    ("upload_custom_content", "files belong to the installation"),
    ("show_custom_content", "files belong to the installation"),
    ("show_mirror", "mirrors belong to the installation"),
    ("change_mirror", "mirrors belong to the installation"),
    ("delete_mirror", "mirrors belong to the installation"),
];

/// An operation of the document with a request that would be fine.
struct Operation {
    name: String,
    method: Method,
    path: String,
    has_parameters: bool,
    permission: Option<Action>,
    body: Option<Value>,
}

/// Things for the paths: all in the north.
struct Things {
    asset: String,
    job: String,
    run: String,
    tag: String,
    key: String,
    user: String,
    token: String,
    feed: String,
    search: String,
    mirror: String,
    custom_patch: String,
    source: String,
}

impl Things {
    async fn make(world: &World, root: &Client) -> Self {
        let asset = world.alpha.asset().to_string();
        let job = json!({
            "name": "update", "kind": "install", "patches": [CURL], "assets": {"include_assets": [asset]},
            "schedule": {"type": "on_demand"}, "enable": true,
        });
        let job = id(&root.post("/jobs", &job).await.expect(201));
        let run = crate::runs::first_run(root, &job).await;
        let key = id(&root.post("/activation-keys", &json!({"title": "k"})).await.expect(201));
        let user = json!({"name": "somebody", "password": "a long password", "role": "patch_reader"});
        let user = id(&root.post("/users", &user).await.expect(201));
        let token = id(&root.post("/tokens", &json!({"name": "t"})).await.expect(201));
        let feed = id(&root.post("/feeds", &feed_body()).await.expect(201));
        let app = world.harness.app();
        app.store.note_sync(feed.parse().unwrap(), app.clock.now(), Some("unreachable")).await.unwrap();
        let search = id(&root.post("/searches?entity=asset", &json!({"name": "s"})).await.expect(201));
        let mirror = id(&root.post("/mirrors", &mirror_body()).await.expect(201));
        let file = crate::harness::samples::program(1);
        let custom_patch = id(&crate::custom_patches::made(root, &file, json!({"product_name": "Tool", "version": "1"})).await);
        let source = id(&root.post("/catalog/sources", &source_body(root).await).await.expect(201));
        Self { asset, job, run, tag: world.north.to_string(), key, user, token, feed, search, mirror, custom_patch, source }
    }

    fn path(&self, template: &str) -> String {
        let below = template.trim_start_matches("/api/v1");
        let first = below.split('/').nth(1).unwrap_or_default();
        let one = match first {
            "assets" => self.asset.clone(),
            "jobs" => self.job.clone(),
            "tags" => self.tag.clone(),
            "activation-keys" => self.key.clone(),
            "users" => self.user.clone(),
            "tokens" => self.token.clone(),
            "feeds" => self.feed.clone(),
            "searches" => self.search.clone(),
            "custom-patches" => self.custom_patch.clone(),
            "mirrors" => self.mirror.clone(),
            "catalog" => self.source.clone(),
            "patches" => in_path(CURL),
            _ => String::new(),
        };
        below
            .replace("{id}", &one)
            .replace("{job}", &self.job)
            .replace("{run}", &self.run)
            .replace("{asset}", &self.asset)
            .replace("{sha256}", &crate::custom_patches::digest(&crate::harness::samples::program(1)))
            .replace("{patch}", &in_path(CURL))
            .replace("{no}", "1")
            .replace("{cve}", "CVE-2026-1000")
    }
}

fn mirror_body() -> Value {
    json!({"name": "m", "rule": {"kind": "prefix", "from": "https://a.example/", "to": "https://b.example/"}})
}

/// The server trusts itself.
async fn source_body(root: &Client) -> Value {
    json!({"name": "itself", "key": root.get("/catalog/key").await.expect(200)["key"]})
}

fn feed_body() -> Value {
    json!({
        "name": "bookworm",
        "enabled": false,
        "config": {
            "kind": "debian", "release": "debian/bookworm", "architectures": ["amd64"],
            "sources": [{
                "uri": "file:///nowhere", "suite": "bookworm", "components": ["main"],
                "keyring": "/usr/share/keyrings/debian-archive-keyring.gpg",
            }],
        },
    })
}

/// A body that each operation takes.
fn body(operation: &str) -> Option<Value> {
    Some(match operation {
        "create_first_administrator" => json!({"token": "x", "name": "root", "password": "a long password"}),
        "log_in" => json!({"name": "x", "password": "a long password"}),
        "change_password" => json!({"current": "a long password", "new": "another long password"}),
        "tag_asset" => json!({"tags": []}),
        "create_job" => json!({"name": "j", "kind": "install"}),
        "create_tag" => json!({"name": "east"}),
        "create_activation_key" => json!({"title": "k"}),
        "create_user" => json!({"name": "u", "password": "a long password", "role": "patch_reader"}),
        "create_token" => json!({"name": "t"}),
        "create_feed" => feed_body(),
        "create_mirror" => mirror_body(),
        "export_catalog" => json!({}),
        "import_catalog" => json!("a bundle"),
        "trust_catalog_source" => json!({"name": "outside", "key": "fettle-catalog:AAAA"}),
        "create_custom_patch" => json!({"sha256": "00".repeat(32), "file_name": "x.exe"}),
        "upload_custom_content" => json!("a file"),
        "create_search" | "change_search" => json!({"name": "x"}),
        "note_recent_search" => json!({"query": "name:x"}),
        "change_job" | "change_tag" | "change_activation_key" | "change_user" | "change_feed" | "change_mirror" | "change_custom_patch" => {
            json!({})
        }
        _ => return None,
    })
}

/// The query parameters that an operation cannot do without.
fn required(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let required = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let values = ["entity=asset", "by=os.name"];
    let value = |name: &str| *values.iter().find(|value| value.starts_with(name)).expect("give the test a value");
    let given: Vec<&str> = required.map(|parameter| value(parameter["name"].as_str().unwrap())).collect();
    if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
}

fn operations(things: &Things) -> Vec<Operation> {
    let document = serde_json::to_value(fettle_server::api::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            let body = body(&name);
            assert_eq!(body.is_some(), operation.get("requestBody").is_some(), "{name}: give the test a body it takes");
            all.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: things.path(path) + &required(operation),
                has_parameters: path.contains('{'),
                permission: operation["x-permission"].as_str().map(|action| action.parse().unwrap()),
                name,
                body,
            });
        }
    }
    assert!(all.len() > 50, "the document lists the operations");
    all
}

impl Operation {
    async fn send(&self, client: &Client) -> crate::client::Answer {
        client.send(self.method.clone(), &self.path, self.body.as_ref()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_nothing_is_answered() {
    let world = World::new().await;
    let things = Things::make(&world, &world.root().await).await;
    let (nobody, mut open) = (world.nobody(), Vec::new());
    for operation in operations(&things) {
        if operation.permission.is_none() {
            open.push(operation.name);
            continue;
        }
        let answer = operation.send(&nobody).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{}", operation.name);
        answer.refused(401, "unauthenticated");
        for bad in ["Bearer ft1_x", "Bearer x", "Basic cm9vdDpyb290", "ft1_x"] {
            operation.send(&nobody.with("authorization", bad)).await.refused(401, "unauthenticated");
        }
        operation.send(&nobody.with("cookie", "fettle=x")).await.refused(401, "unauthenticated");
    }
    open.sort();
    let mut exempt = OPEN.to_vec();
    exempt.sort_unstable();
    assert_eq!(open, exempt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_too_small_is_refused_and_one_that_is_not_is_let_in() {
    let world = World::new().await;
    let things = Things::make(&world, &world.root().await).await;
    for &role in Role::ALL {
        let (_, client) = world.somebody(role, Scope::Everything).await;
        for operation in operations(&things) {
            let Some(permission) = operation.permission else { continue };
            if !allowed(role, permission) {
                operation.send(&client).await.refused(403, "forbidden");
            } else if operation.method == Method::GET && permission != Action::ViewJob && operation.name != "watch_run" {
                let answer = operation.send(&client).await;
                assert_eq!(answer.status, 200, "{} as {role}: {}", operation.name, answer.text);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_others_is_not_opened() {
    let world = World::new().await;
    let things = Things::make(&world, &world.root().await).await;
    for role in [Role::PatchReader, Role::DashboardAuthor, Role::PatchUser, Role::PatchSecurity] {
        let (_, client) = world.somebody(role, Scope::Everything).await;
        for operation in operations(&things).into_iter().filter(|operation| operation.path.starts_with(&format!("/jobs/{}", things.job))) {
            operation.send(&client).await.refused(403, "forbidden");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_scope_does_not_exist() {
    let world = World::new().await;
    let things = Things::make(&world, &world.root().await).await;
    let south = world.at(Role::PatchManager, world.south).await;
    let north = world.at(Role::PatchManager, world.north).await;
    let mut exempt: Vec<&str> = WITHOUT_SCOPE.iter().map(|(name, _)| *name).collect();
    for operation in operations(&things).into_iter().filter(|operation| operation.has_parameters) {
        let name = operation.name.as_str();
        if let Some(at) = exempt.iter().position(|exempt| *exempt == name) {
            exempt.swap_remove(at);
            continue;
        }
        operation.send(&south).await.refused(404, "not-found");
        // The same request in scope gets further, so it was the scope that refused.
        if operation.method == Method::GET {
            assert_eq!(operation.send(&north).await.status, 200, "{name}");
        }
    }
    assert_eq!(exempt, [""; 0], "there are no such operations any more: take them off the list");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_the_csrf_token_writes_nothing() {
    let world = World::new().await;
    let things = Things::make(&world, &world.root().await).await;
    let (user, _) = world.somebody(Role::SuperUser, Scope::Everything).await;
    let (session, csrf_token) = world.session_of(user).await;
    let wrong = [session.clone(), session.with("x-csrf-token", ""), session.with("x-csrf-token", &csrf_token[1..])];
    for operation in operations(&things).into_iter().filter(|operation| !operation.method.is_safe() && operation.permission.is_some()) {
        for client in &wrong {
            operation.send(client).await.refused(403, "csrf");
        }
    }
    session.get("/session").await.expect(200);
    session.with("x-csrf-token", &csrf_token).post("/tags", &json!({"name": "east"})).await.expect(201);
}
