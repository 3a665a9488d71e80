//! Jobs: what they may hold, who may do what with them.

use crate::client::{Client, column, id};
use crate::world::{CODEC, CURL, NANO, VIM, World, ids};
use fettle_model::access::{Role, Scope};
use serde_json::{Value, json};

fn job(kind: &str, patches: &[&str], assets: &Value) -> Value {
    json!({"name": "update", "kind": kind, "patches": ids(patches), "assets": assets, "schedule": {"type": "on_demand"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn patches_that_cannot_be_are_each_named() {
    let world = World::new().await;
    let root = world.root().await;
    let wrong = job("install", &["debian:none", CURL, CODEC, "debian:other"], &json!({}));
    let problem = root.post("/jobs", &wrong).await.refused(422, "invalid");
    let errors: Vec<(&str, &str)> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["field"].as_str().unwrap(), error["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        errors,
        [
            ("patches[0]", "debian:none is not in the catalog"),
            (
                "patches[2]",
                "debian:bookworm:codec@2 can only be acquired from its vendor (https://vendor.example/codec) and installed by hand"
            ),
            ("patches[3]", "debian:other is not in the catalog"),
        ]
    );
    let back = root.post("/jobs", &job("uninstall", &[CURL, VIM], &json!({}))).await;
    assert_eq!(back.refused_fields(422, "invalid"), ["patches[1]"]);
    let twice = root.post("/jobs", &job("install", &[CURL, CURL], &json!({}))).await;
    assert_eq!(twice.refused_fields(422, "invalid"), ["patches"]);
    let window = json!({"name": "j", "kind": "install", "options": {"window_minutes": 20_000}});
    assert_eq!(root.post("/jobs", &window).await.refused_fields(422, "invalid"), ["options.window_minutes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_and_tags_out_of_scope_do_not_exist_for_a_job() {
    let world = World::new().await;
    let user = world.at(Role::PatchUser, world.north).await;
    let (alpha, beta) = (world.alpha.asset(), world.beta.asset());
    let named = user.post("/jobs", &job("install", &[CURL], &json!({"include_assets": [alpha, beta]}))).await;
    assert_eq!(named.refused_fields(422, "invalid"), ["assets.include_assets"]);
    let tagged = user.post("/jobs", &job("install", &[CURL], &json!({"include_tags": [world.south]}))).await;
    assert_eq!(tagged.refused_fields(422, "invalid"), ["assets.include_tags"]);
    let made = user.post("/jobs", &job("install", &[VIM], &json!({"include_assets": [alpha]}))).await.expect(201);
    assert_eq!(made["status"], "disabled");
    assert_eq!(made["named_assets"], json!([{"id": alpha.to_string(), "name": "alpha"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_less_sees_less_of_a_job_and_cannot_lose_the_rest() {
    let world = World::new().await;
    let root = world.root().await;
    let assets = json!({"include_assets": [world.alpha.asset(), world.beta.asset()], "include_tags": [world.south]});
    let made = id(&root.post("/jobs", &job("install", &[VIM], &assets)).await.expect(201));
    let path = format!("/jobs/{made}");
    let manager = world.at(Role::PatchManager, world.north).await;
    let seen = manager.get(&path).await.expect(200);
    assert_eq!(seen["assets"]["include_assets"], json!([world.alpha.asset().to_string()]));
    assert_eq!(seen["assets"]["include_tags"], json!([]));
    let preview = manager.get(&format!("{path}/preview")).await.expect(200);
    assert_eq!(preview["assets"].as_array().unwrap().len(), 1, "{preview}");
    // What the manager does not see survives their edit.
    let mut assets = seen["assets"].clone();
    assets["include_assets"] = json!([]);
    manager.patch(&path, &json!({"assets": assets})).await.expect(200);
    let whole = root.get(&path).await.expect(200);
    assert_eq!(whole["assets"]["include_assets"], json!([world.beta.asset().to_string()]));
    assert_eq!(whole["assets"]["include_tags"], json!([world.south.to_string()]));
    let copy = manager.ask(&format!("{path}/clone")).await.expect(201);
    let copied = root.get(&format!("/jobs/{}", id(&copy))).await.expect(200);
    assert_eq!((copied["assets"]["include_assets"].clone(), copied["name"].as_str()), (json!([]), Some("Copy of update")));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_lists_jobs_and_few_open_them() {
    let world = World::new().await;
    let (_, owner) = world.somebody(Role::PatchUser, Scope::Everything).await;
    let (reader_id, reader) = world.somebody(Role::PatchReader, Scope::Everything).await;
    let made = owner.post("/jobs", &job("install", &[VIM], &json!({"include_tags": [world.north]}))).await.expect(201);
    let row = reader.get("/jobs").await.expect(200)["items"][0].clone();
    assert_eq!((row["name"].as_str(), row["status"].as_str()), (Some("update"), Some("disabled")));
    assert_eq!((&row["patch_count"], &row["last_run"], &row["permissions"]), (&Value::Null, &Value::Null, &json!([])));
    let mine = owner.get("/jobs?owner=me").await.expect(200)["items"][0].clone();
    assert_eq!((mine["patch_count"].as_u64(), mine["permissions"].as_array().unwrap().len()), (Some(1), 4));
    assert_eq!(reader.get("/jobs?owner=me").await.expect(200)["total"], 0);
    // A reader may less than the owner, so cannot become co-author.
    let path = format!("/jobs/{}", id(&made));
    let author = json!({"co_authors": [reader_id]});
    assert_eq!(owner.patch(&path, &author).await.refused_fields(422, "invalid"), ["co_authors[0]"]);
    let (helper_id, helper) = world.somebody(Role::PatchUser, Scope::Everything).await;
    owner.patch(&path, &json!({"co_authors": [helper_id]})).await.expect(200);
    helper.patch(&path, &json!({"description": "helped"})).await.expect(200);
    let named = json!({"assets": {"include_assets": [world.alpha.asset()]}});
    assert_eq!(helper.patch(&path, &named).await.refused_fields(422, "invalid"), ["assets"]);
    assert_eq!(helper.get("/jobs?owner=co_author").await.expect(200)["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_not_given_to_reach_further() {
    let world = World::new().await;
    let manager = world.at(Role::PatchManager, world.north).await;
    let made = id(&manager.post("/jobs", &job("install", &[VIM], &json!({"include_tags": [world.north]}))).await.expect(201));
    let path = format!("/jobs/{made}");
    let give = async |client: &Client, to| client.patch(&path, &json!({"owner": to})).await;
    let (everywhere, _) = world.somebody(Role::PatchManager, Scope::Everything).await;
    assert_eq!(give(&manager, everywhere).await.refused_fields(422, "invalid"), ["owner"]);
    let (reader, _) = world.somebody(Role::PatchReader, World::site(world.north)).await;
    assert_eq!(give(&manager, reader).await.refused_fields(422, "invalid"), ["owner"]);
    let (user, client) = world.somebody(Role::PatchUser, World::site(world.north)).await;
    assert_eq!(give(&manager, user).await.expect(200)["owner"]["id"], user.to_string());
    assert_eq!(give(&client, everywhere).await.refused(403, "forbidden")["status"], 403);
    assert_eq!(column(&client.get("/jobs?owner=me").await.expect(200), "id"), [made]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_through_its_life() {
    let world = World::new().await;
    let root = world.root().await;
    let made = root.post("/jobs", &json!({"name": "later", "kind": "install"})).await.expect(201);
    assert_eq!(made["status"], "partially_configured");
    let flaws: Vec<&str> = made["flaws"].as_array().unwrap().iter().map(|flaw| flaw["field"].as_str().unwrap()).collect();
    assert_eq!(flaws, ["patches", "assets", "schedule"]);
    let path = format!("/jobs/{}", id(&made));
    root.ask(&format!("{path}/enable")).await.refused(409, "job-incomplete");
    let preview = root.get(&format!("{path}/preview")).await.expect(200);
    assert_eq!(preview["flaws"].as_array().unwrap().len(), 1);
    let at = "2026-02-01T00:00:00Z";
    let whole = json!({"patches": [VIM], "assets": {"include_tags": [world.north]}, "schedule": {"type": "once", "at": at}});
    let changed = root.patch(&path, &whole).await.expect(200);
    assert_eq!((changed["status"].as_str(), changed["flaws"].as_array().unwrap().len()), (Some("disabled"), 0));
    assert_eq!(root.patch(&path, &json!({"schedule": null})).await.expect(200)["status"], "partially_configured");
    root.patch(&path, &whole).await.expect(200);
    root.ask(&format!("{path}/disable")).await.refused(409, "job-not-enabled");
    assert_eq!(root.ask(&format!("{path}/enable")).await.expect(200)["status"], "enabled");
    root.ask(&format!("{path}/enable")).await.refused(409, "job-enabled");
    root.ask(&format!("{path}/disable")).await.refused(409, "job-runs-once");
    root.patch(&path, &json!({"name": "other"})).await.refused(409, "job-runs-once");
    let copy = root.ask(&format!("{path}/clone")).await.expect(201);
    assert_eq!((copy["name"].as_str(), copy["status"].as_str()), (Some("Copy of later"), Some("disabled")));
    root.delete(&path).await.expect(204);
    root.get(&path).await.refused(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_would_happen_and_who_is_left_out() {
    let world = World::new().await;
    let root = world.root().await;
    let assets = json!({"include_tags": [world.north, world.south]});
    let made = id(&root.post("/jobs", &job("install", &[CURL, NANO], &assets)).await.expect(201));
    let preview = root.get(&format!("/jobs/{made}/preview")).await.expect(200);
    let planned = &preview["assets"][0];
    assert_eq!((planned["asset"]["name"].as_str(), planned["patches"][0]["status"].as_str()), (Some("alpha"), Some("pending")));
    assert_eq!(planned["patches"][0]["packages"], json!([{"name": "curl", "architecture": "amd64", "version": "2"}]));
    let left = &preview["left_out"][0];
    assert_eq!((left["asset"]["name"].as_str(), left["reason"].as_str()), (Some("beta"), Some("no_patch_missing")));
    assert_eq!(left["sentence"], "No patch missing.");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_filtered_and_sorted() {
    let world = World::new().await;
    let root = world.root().await;
    for (name, kind) in [("b", "install"), ("a", "uninstall"), ("c", "install")] {
        root.post("/jobs", &json!({"name": name, "kind": kind})).await.expect(201);
        world.harness.advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(column(&root.get("/jobs").await.expect(200), "name"), ["c", "a", "b"]);
    assert_eq!(column(&root.get("/jobs?sort=name").await.expect(200), "name"), ["a", "b", "c"]);
    assert_eq!(column(&root.get("/jobs?kind=install&sort=name&limit=1").await.expect(200), "name"), ["b"]);
    assert_eq!(root.get("/jobs?status=enabled,completed").await.expect(200)["total"], 0);
    assert_eq!(root.get("/jobs?status=partially_configured&q=A").await.expect(200)["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_asked_by_query_as_far_as_they_are_seen() {
    let world = World::new().await;
    let (_, owner) = world.somebody(Role::PatchUser, Scope::Everything).await;
    let (_, reader) = world.somebody(Role::PatchReader, Scope::Everything).await;
    let tagged = json!({"include_tags": [world.north]});
    let mut body = job("install", &[VIM, CURL], &tagged);
    body["name"] = json!("Monthly Éclair");
    body["description"] = json!("the secret plan");
    let made = id(&owner.post("/jobs", &body).await.expect(201));
    owner.post("/jobs", &json!({"name": "other", "kind": "uninstall"})).await.expect(201);
    let total = async |client: &Client, query: &str| client.get(&crate::results::asked("/jobs", query)).await.expect(200)["total"].as_u64();
    for query in ["name:monthly eclair", "status:disabled", "type:install partial:no", "not type:uninstall", "scheduleType:on_demand"] {
        assert_eq!((total(&owner, query).await, total(&reader, query).await), (Some(1), Some(1)), "{query}");
    }
    // What a reader does not see of the job has no value for them, neither asked for nor excluded.
    for query in ["description:secret", "tags.name:north", "patchCount:2", "patchCount is not null"] {
        let seen = if query.ends_with("null") { 2 } else { 1 };
        assert_eq!((total(&owner, query).await, total(&reader, query).await), (Some(seen), Some(0)), "{query}");
    }
    assert_eq!(total(&owner, "lastRun is not null").await, Some(0));
    owner.ask(&format!("/jobs/{made}/enable")).await.expect(200);
    crate::runs::first_run(&owner, &made).await;
    for query in ["lastRun>now-1h", "assetCount:1", "completionPercent<100"] {
        assert_eq!((total(&owner, query).await, total(&reader, query).await), (Some(1), Some(0)), "{query}");
    }
    let south = world.at(Role::PatchManager, world.south).await;
    assert_eq!((total(&south, "lastRun>now-1h").await, total(&south, "assetCount:1").await), (Some(1), Some(0)), "counted in scope");
    let sorted = owner.get("/jobs?sort=-lastRun").await.expect(200);
    assert_eq!(column(&sorted, "name"), ["Monthly Éclair", "other"]);
}
