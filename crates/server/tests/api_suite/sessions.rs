//! Logging in and out, and the first administrator.

use crate::client::{Answer, Client};
use crate::harness::Harness;
use fettle_model::access::Role;
use fettle_server::api;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

async fn set_up() -> (Harness, Client) {
    let harness = Harness::start().await;
    let client = Client::new(api::router(Arc::clone(harness.app())));
    let token = harness.server().setup_token.clone().unwrap();
    let body = json!({"token": token, "name": "root", "password": PASSWORD});
    client.post("/setup", &body).await.expect(201);
    (harness, client)
}

fn cookie(answer: &Answer) -> String {
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn log_in(client: &Client, name: &str, password: &str) -> Answer {
    client.post("/session", &json!({"name": name, "password": password})).await
}

/// A client with a session, and what the server says of it.
async fn logged_in(client: &Client, name: &str, password: &str) -> (Client, Value) {
    let answer = log_in(client, name, password).await;
    let session = client.with("cookie", &cookie(&answer));
    let me = answer.expect(200);
    (session.with("x-csrf-token", me["csrf_token"].as_str().unwrap()), me)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_is_made_once() {
    let harness = Harness::start().await;
    let client = Client::new(api::router(Arc::clone(harness.app())));
    assert_eq!(client.get("/setup").await.expect(200)["needed"], true);
    let body = |token: &str, password: &str| json!({"token": token, "name": "root", "password": password});
    client.post("/setup", &body("guess", PASSWORD)).await.refused(403, "setup-token-invalid");
    let token = harness.server().setup_token.clone().unwrap();
    assert_eq!(client.post("/setup", &body(&token, "short")).await.refused_fields(422, "invalid"), ["password"]);
    let answer = client.post("/setup", &body(&token, PASSWORD)).await;
    let flags = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(flags.starts_with("fettle=") && flags.contains("HttpOnly") && flags.contains("SameSite=Strict"), "{flags}");
    let me = answer.expect(201);
    assert_eq!((me["role"].as_str(), &me["scope"]["everything"]), (Some("super_user"), &json!(true)));
    assert_eq!(client.get("/setup").await.expect(200)["needed"], false);
    client.post("/setup", &body(&token, PASSWORD)).await.refused(403, "setup-token-invalid");
    assert!(!harness.folder().join("secrets/setup-token").exists(), "the token's file is removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_with_the_password_and_ends_with_log_out() {
    let (harness, client) = set_up().await;
    let wrong = log_in(&client, "root", "wrong password!").await.refused(401, "credentials-invalid");
    let unknown = log_in(&client, "nobody", PASSWORD).await.refused(401, "credentials-invalid");
    assert_eq!(wrong, unknown, "nobody learns which names exist");
    let (session, me) = logged_in(&client, "ROOT", PASSWORD).await;
    assert!(me["permissions"].as_array().unwrap().contains(&json!("administer")));
    assert_eq!(session.get("/session").await.expect(200), me);
    let ended = session.delete("/session").await;
    assert!(ended.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    ended.expect(204);
    session.get("/session").await.refused(401, "unauthenticated");
    assert_eq!(harness.app().store.audit(None, 1).await.unwrap()[0].entry.action, "session.create");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_used_ends() {
    let (harness, client) = set_up().await;
    let (session, _) = logged_in(&client, "root", PASSWORD).await;
    for _ in 0..3 {
        harness.advance(Duration::from_secs(10 * 3600));
        session.get("/session").await.expect(200);
    }
    harness.advance(Duration::from_secs(12 * 3600 + 1));
    session.get("/session").await.refused(401, "unauthenticated");
    let (session, _) = logged_in(&client, "root", PASSWORD).await;
    for _ in 0..17 {
        harness.advance(Duration::from_secs(10 * 3600));
        let answer = session.get("/session").await;
        if answer.status != 200 {
            answer.refused(401, "unauthenticated");
            return;
        }
    }
    panic!("use prolonged the session for more than a week");
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_attempts_are_limited_per_address_and_name() {
    let (harness, client) = set_up().await;
    let mut refused = None;
    for _ in 0..30 {
        let answer = log_in(&client, "somebody", "wrong password!").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("attempts are limited");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    refused.refused(429, "too-many-attempts");
    logged_in(&client.from("192.0.2.99"), "root", PASSWORD).await;
    harness.advance(Duration::from_secs(wait + 1));
    log_in(&client, "somebody", "wrong password!").await.refused(401, "credentials-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_the_other_sessions() {
    let (_harness, client) = set_up().await;
    let (mine, _) = logged_in(&client, "root", PASSWORD).await;
    let (other, _) = logged_in(&client, "root", PASSWORD).await;
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    assert_eq!(mine.put("/session/password", &change("wrong", "another password")).await.refused_fields(422, "invalid"), ["current"]);
    assert_eq!(mine.put("/session/password", &change(PASSWORD, "aaaaaaaaaaaaaaaa")).await.refused_fields(422, "invalid"), ["new"]);
    mine.put("/session/password", &change(PASSWORD, "another password")).await.expect(204);
    mine.get("/session").await.expect(200);
    other.get("/session").await.refused(401, "unauthenticated");
    log_in(&client, "root", PASSWORD).await.refused(401, "credentials-invalid");
    logged_in(&client, "root", "another password").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_person_is_out_at_once() {
    let (_harness, client) = set_up().await;
    let (root, _) = logged_in(&client, "root", PASSWORD).await;
    let user = json!({"name": "ada", "password": PASSWORD, "role": "patch_user", "scope": {"everything": true, "tags": []}});
    let id = root.post("/users", &user).await.expect(201)["id"].as_str().unwrap().to_owned();
    let (ada, _) = logged_in(&client, "ada", PASSWORD).await;
    let token = ada.post("/tokens", &json!({"name": "script"})).await.expect(201)["secret"].as_str().unwrap().to_owned();
    client.token(&token).get("/session").await.expect(200);
    root.patch(&format!("/users/{id}"), &json!({"disabled": true})).await.expect(200);
    ada.get("/session").await.refused(401, "unauthenticated");
    client.token(&token).get("/session").await.refused(401, "unauthenticated");
    log_in(&client, "ada", PASSWORD).await.refused(401, "credentials-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_user_cannot_lock_everybody_out() {
    let (_harness, client) = set_up().await;
    let (root, me) = logged_in(&client, "root", PASSWORD).await;
    let own = format!("/users/{}", me["id"].as_str().unwrap());
    root.delete(&own).await.refused(409, "own-account");
    root.patch(&own, &json!({"disabled": true})).await.refused(409, "own-account");
    root.patch(&own, &json!({"role": Role::PatchReader.as_str()})).await.refused(409, "own-account");
}
