//! The agent link: what the server answers to agents.
//!
//! Bodies are those of [`fettle_protocol`]; refusals are problem+json with a code. Every path but enrolment
//! wants a client certificate, looked up anew for each request. To add an endpoint, add its path and
//! messages to the protocol, a file here with its handler, and a line to [`router`]; then tell
//! `tests/gateway_*.rs` whom it refuses.

mod body;
mod bounds;
mod check_in;
mod content;
mod enroll;
mod intake;
mod inventory;
mod notes;
mod peer;
mod refusal;
mod renew;
mod reports;
mod scan;
mod tls;
mod work;

pub use notes::CheckIns;
pub use refusal::Refusal;
pub use tls::{TlsError, config as tls_config};

pub(crate) use intake::judge;
pub(crate) use refusal::chain;

use refusal::Code;

use crate::App;
use crate::listen::Peer;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use fettle_protocol::path;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// Agents at once. A held check-in is one connection.
pub const MOST_CONNECTIONS: usize = 20_000;

/// The agent link.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(path::ENROLL, post(enroll::enroll))
        .route(path::CHECK_IN, post(check_in::check_in))
        .route(path::SCAN, post(scan::scan))
        .route(path::INVENTORY, put(inventory::inventory))
        .route(path::WORK, get(work::work))
        .route(path::REPORTS, post(reports::reports))
        .route(path::RENEW, post(renew::renew))
        .route(path::CONTENT, get(content::content))
        .fallback(async || Refusal::NotFound)
        .method_not_allowed_fallback(async || Refusal::NotFound)
        .layer(middleware::from_fn(capability))
        .layer(CatchPanicLayer::custom(|_| Refusal::Unavailable.into_response()))
        .with_state(app)
}

async fn capability(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.address);
    let path = request.uri().path().to_owned();
    let response = match body::check_capability(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if let Some(Code(code)) = response.extensions().get() {
        tracing::info!(code, path, peer = peer.map(tracing::field::display), "an agent was refused");
    }
    response
}
