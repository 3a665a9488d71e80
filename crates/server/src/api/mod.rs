//! The REST API below `/api/v1`: what the console, the command line and scripts speak.
//!
//! One folder per resource, one file per operation. A handler can reach the store, the fleet or anything
//! else only through [`crate::auth::Granted`], which names the permission it needs in its type, so an
//! operation without a check does not compile; the few that need none take [`crate::auth::Open`] and are
//! listed by the refusal test. To add an operation, copy the file of a similar one, name its permission in
//! `x-permission` too, add it to the router of its folder, run `cargo xtask codegen`, and add what its path
//! needs to the refusal test.

pub mod assets;
pub mod audit;
pub mod catalog;
mod cursor;
pub mod custom_patches;
mod document;
pub mod download_locations;
mod export;
pub mod extract;
pub mod feeds;
mod health;
pub mod idempotency;
pub mod jobs;
pub mod keys;
mod layers;
mod list_query;
pub mod mirrors;
pub mod page;
pub mod patches;
pub mod problem;
pub mod query;
pub mod results;
pub mod runs;
pub mod searches;
pub mod session;
pub mod setup;
mod specification;
pub mod status;
pub mod tags;
pub mod tokens;
pub mod users;
pub mod vulnerabilities;
pub mod words;

use crate::auth::Gate;
use crate::{App, console};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;

/// Where all operations are.
pub const BASE: &str = "/api/v1";

/// Most bytes of a request body: a job with 2,000 patch ids of the longest kind stays below it.
pub const MAX_BODY: usize = 1024 * 1024;

/// Every operation.
fn operations() -> OpenApiRouter<Gate> {
    let operations = OpenApiRouter::with_openapi(specification::frame())
        .merge(setup::router())
        .merge(session::router())
        .merge(assets::router())
        .merge(patches::router())
        .merge(query::router())
        .merge(searches::router())
        .merge(jobs::router())
        .merge(runs::router())
        .merge(results::router())
        .merge(audit::router())
        .merge(tags::router())
        .merge(keys::router())
        .merge(users::router())
        .merge(tokens::router())
        .merge(feeds::router())
        .merge(catalog::router())
        .merge(custom_patches::router())
        .merge(mirrors::router())
        .merge(download_locations::router())
        .merge(status::router())
        .merge(vulnerabilities::router())
        .merge(document::router());
    OpenApiRouter::new().nest(BASE, operations)
}

/// The OpenAPI document of all operations.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = operations().into_openapi();
    specification::complete(&mut document);
    document
}

/// Everything the console's listener answers: the API, the console, and whether the server is well.
pub fn router(app: Arc<App>) -> Router {
    let https = app.settings.console_tls.is_https();
    let known = layers::Parameters::of(&openapi());
    let (operations, _) = operations().split_for_parts();
    let api = operations
        .route_layer(from_fn_with_state(known, layers::known_parameters))
        .method_not_allowed_fallback(layers::no_such_method)
        .route("/api", any(layers::no_such_address))
        .route("/api/{*rest}", any(layers::no_such_address))
        .layer(from_fn(layers::finish_writes))
        .layer(from_fn_with_state(layers::TIME_LIMIT, layers::in_time))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(layers::api_headers))
        .with_state(Gate::new(&app));
    let health = Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready)).with_state(app);
    let whole = api.merge(health).merge(console::router());
    whole.layer(CompressionLayer::new()).layer(from_fn_with_state(https, layers::security_headers)).layer(TraceLayer::new_for_http())
}
