//! Requests that cannot be: every refusal is a problem that says what is wrong.

use crate::client::{Answer, Client, id};
use crate::world::World;
use axum::body::Body;
use axum::http::{Method, Request};
use fettle_model::access::{Role, Scope};
use serde_json::json;

fn request(method: &str, path: &str, kind: &str, body: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).header("content-type", kind).body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_a_problem() {
    let world = World::new().await;
    let nobody = world.nobody();
    let raw = async |method: &str, path: &str, kind: &str, body: &str| nobody.raw(request(method, path, kind, body)).await;
    raw("GET", "/api/v1/nothing", "", "").await.refused(404, "not-found");
    raw("GET", "/api", "", "").await.refused(404, "not-found");
    raw("GET", "/api/v2/assets", "", "").await.refused(404, "not-found");
    raw("POST", "/api/v1/session", "application/json", "{").await.refused(400, "json-invalid");
    raw("POST", "/api/v1/session", "text/plain", "{}").await.refused(415, "unsupported-media-type");
    let answer = raw("PATCH", "/api/v1/session", "application/json", "{}").await;
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"));
    answer.refused(405, "method-not-allowed");
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(fettle_server::api::MAX_BODY));
    raw("POST", "/api/v1/session", "application/json", &large).await.refused(413, "body-too-large");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_and_parameters_are_named() {
    let world = World::new().await;
    let root = world.root().await;
    let fields = |answer: Answer, status, code| answer.refused_fields(status, code);
    assert_eq!(fields(root.get("/assets?colour=red").await, 400, "query-invalid"), ["colour"]);
    assert_eq!(fields(root.get("/session?x=1&y=2").await, 400, "query-invalid"), ["x", "y"]);
    assert_eq!(fields(root.get("/assets?limit=0").await, 400, "query-invalid"), ["limit"]);
    assert_eq!(fields(root.get("/assets?limit=1001").await, 400, "query-invalid"), ["limit"]);
    assert_eq!(fields(root.get("/assets?sort=colour").await, 400, "query-invalid"), ["sort"]);
    assert_eq!(fields(root.get("/assets?online=perhaps").await, 400, "query-invalid"), ["online"]);
    assert_eq!(fields(root.get("/assets?tag=north").await, 400, "query-invalid"), ["tag"]);
    assert_eq!(fields(root.get("/assets/export?limit=5").await, 400, "query-invalid"), ["limit"]);
    assert_eq!(fields(root.post("/tags", &json!({"name": "x", "color": "red"})).await, 422, "invalid"), ["color"]);
    assert_eq!(fields(root.post("/tags", &json!({"parent": null})).await, 422, "invalid"), ["name"]);
    let nested = json!({"name": "j", "kind": "install", "options": {"window_minutes": 5, "speed": 9}});
    assert_eq!(fields(root.post("/jobs", &nested).await, 422, "invalid"), ["options.speed"]);
    let schedule = json!({"name": "j", "kind": "install", "schedule": {"type": "hourly"}});
    assert_eq!(fields(root.post("/jobs", &schedule).await, 422, "invalid"), ["schedule.type"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_tell_browsers_to_keep_out() {
    let world = World::new().await;
    for path in ["/setup", "/nothing"] {
        let headers = world.nobody().get(path).await.headers;
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["cache-control"], "no-store");
        assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    }
    let page = world.nobody().raw(request("GET", "/", "", "")).await;
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let health = world.nobody().raw(request("GET", "/readyz", "", "")).await;
    assert_eq!((health.status.as_u16(), health.text.as_str()), (200, "ok\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_creation_happens_once() {
    let world = World::new().await;
    let root = world.root().await;
    let once = root.with("idempotency-key", "one");
    let first = once.post("/tags", &json!({"name": "east"})).await;
    let location = first.headers["location"].to_str().unwrap().to_owned();
    let made = first.expect(201);
    assert_eq!(location, format!("/api/v1/tags/{}", id(&made)));
    let again = once.post("/tags", &json!({"name": "east"})).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.headers["location"], location.as_str());
    assert_eq!(again.expect(201), made);
    once.post("/tags", &json!({"name": "west"})).await.refused(409, "idempotency-key-reused");
    // Keys belong to a person: somebody else's creation is another one.
    let other = world.root().await.with("idempotency-key", "one");
    other.post("/tags", &json!({"name": "west"})).await.expect(201);
    // What failed is tried anew.
    let refused = root.with("idempotency-key", "two");
    refused.post("/tags", &json!({"name": "east"})).await.refused(409, "name-taken");
    root.delete(&format!("/tags/{}", id(&made))).await.expect(204);
    refused.post("/tags", &json!({"name": "east"})).await.expect(201);
    root.with("idempotency-key", "").post("/tags", &json!({"name": "x"})).await.refused(400, "idempotency-key-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_not_kept() {
    let world = World::new().await;
    let root = world.root().await.with("idempotency-key", "key");
    let first = root.post("/activation-keys", &json!({"title": "k"})).await.expect(201);
    assert!(first["secret"].as_str().unwrap().starts_with("fk1-"));
    let again = root.post("/activation-keys", &json!({"title": "k"})).await.expect(201);
    assert!(again["secret"].is_null() && again["id"] == first["id"], "{again}");
    let listed = root.get("/activation-keys").await;
    assert!(!listed.text.contains("secret"), "{}", listed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_and_conditional_requests_cost_nothing_extra() {
    let world = World::new().await;
    let (_, reader): (_, Client) = world.somebody(Role::PatchReader, Scope::Everything).await;
    let head = reader.send(Method::HEAD, "/assets?limit=5", None).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    reader.send(Method::HEAD, "/assets?colour=red", None).await;
}
