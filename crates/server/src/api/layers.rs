//! What holds for every request: which parameters it may carry, how long it may take, what a browser may do
//! with the answer, and that every refusal is a problem.

use crate::api::problem::{FieldError, Problem};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::{OpenApi, RefOr};

/// Longest time until an answer begins. Planning a job over a large fleet is the slowest operation; streams
/// may go on for longer once they have begun.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Longest time for an operation that takes or makes a file: 4 GiB over a link of 2 MB a second.
const UPLOAD_TIME_LIMIT: Duration = Duration::from_secs(2_400);

/// Names of the query parameters of each operation, from the document.
#[derive(Debug, Clone)]
pub(super) struct Parameters(Arc<HashMap<(String, Method), HashSet<String>>>);

impl Parameters {
    /// Reads them from the document.
    pub(super) fn of(document: &OpenApi) -> Self {
        let mut known = HashMap::new();
        for (path, item) in &document.paths.paths {
            let operations = [
                (Method::GET, &item.get),
                (Method::PUT, &item.put),
                (Method::POST, &item.post),
                (Method::DELETE, &item.delete),
                (Method::PATCH, &item.patch),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
                    RefOr::T(parameter) if matches!(parameter.parameter_in, ParameterIn::Query) => Some(parameter.name.clone()),
                    _ => None,
                });
                known.insert((path.clone(), method), parameters.collect());
            }
        }
        Self(Arc::new(known))
    }
}

/// Refuses query parameters that the operation does not have, also where it has none at all.
pub(super) async fn known_parameters(State(known): State<Parameters>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    if let (Some(query), Some(names)) = (request.uri().query(), known.0.get(&(path.to_owned(), method))) {
        let given = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
        let unknown: Vec<FieldError> = given
            .filter(|name| !names.contains(name))
            .map(|name| FieldError::new(name.chars().take(100).collect::<String>(), "is not a parameter of this operation"))
            .collect();
        if !unknown.is_empty() {
            return Problem::bad_request("query-invalid", "A query parameter was refused; errors names it.")
                .with_errors(unknown)
                .into_response();
        }
    }
    next.run(request).await
}

/// Lets a write run to its end when the client goes away in the middle: what follows a commit, such as
/// showing it in the index, must not be lost with the connection.
pub(super) async fn finish_writes(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => Problem::internal(&error).into_response(),
    }
}

/// Refuses to keep a client waiting for ever.
pub(super) async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let limit = if carries_a_file(&request) { UPLOAD_TIME_LIMIT } else { limit };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = "The server is overloaded or the request too large. A write may still be carried out: look before you repeat it.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "The request took too long.", detail).into_response()
        }
    }
}

fn carries_a_file(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    match *request.method() {
        Method::PUT => path.ends_with(super::custom_patches::UPLOAD),
        Method::POST => super::catalog::BUNDLES.iter().any(|end| path.ends_with(end)),
        _ => false,
    }
}

/// A panic as an answer. The panic itself is logged by its hook.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::opaque().into_response()
}

/// 404 for addresses without an operation.
pub(super) async fn no_such_address() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found", "Not found.", "There is no such operation; GET /api/v1/openapi.json lists all.")
}

/// 405.
pub(super) async fn no_such_method() -> Problem {
    let detail = "The address exists, but not with this method; the Allow header lists those it has.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This method is not possible here.", detail)
}

/// What a browser may do with an answer. Answers of the API are never kept and never shown as a page.
pub(super) async fn api_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    insert(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    insert(headers, header::CACHE_CONTROL, "no-store");
    response
}

/// What a browser may do with anything this server sends.
pub(super) async fn security_headers(State(https): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert(headers, header::X_FRAME_OPTIONS, "DENY");
    insert(headers, header::REFERRER_POLICY, "no-referrer");
    insert(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    insert(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    insert(headers, HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    if https {
        insert(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::{get, post};
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::sync::Notify;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    async fn answer(router: Router, method: Method) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri("/").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        (response.status(), kind.to_owned())
    }

    #[tokio::test]
    async fn a_handler_that_does_not_end_is_given_up() {
        let router = Router::new().route("/", get(std::future::pending::<()>)).layer(from_fn_with_state(Duration::from_millis(1), in_time));
        assert_eq!(answer(router, Method::GET).await, (StatusCode::SERVICE_UNAVAILABLE, "application/problem+json".to_owned()));
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_for_reads_and_writes() {
        async fn broken() {
            panic!("a fault");
        }
        let router =
            Router::new().route("/", get(broken).post(broken)).layer(from_fn(finish_writes)).layer(CatchPanicLayer::custom(panicked));
        for method in [Method::GET, Method::POST] {
            let expected = (StatusCode::INTERNAL_SERVER_ERROR, "application/problem+json".to_owned());
            assert_eq!(answer(router.clone(), method).await, expected);
        }
    }

    #[tokio::test]
    async fn a_write_goes_on_without_its_client() {
        let (begun, done) = (Arc::new((Notify::new(), Notify::new())), Arc::new(AtomicBool::new(false)));
        let (inner, flag) = (Arc::clone(&begun), Arc::clone(&done));
        let handler = async move || {
            inner.0.notify_one();
            inner.1.notified().await;
            flag.store(true, Ordering::SeqCst);
            inner.0.notify_one();
        };
        let router = Router::new().route("/", post(handler)).layer(from_fn(finish_writes));
        let client = tokio::spawn(answer(router, Method::POST));
        begun.0.notified().await;
        client.abort();
        assert!(client.await.is_err(), "the client is gone");
        begun.1.notify_one();
        begun.0.notified().await;
        assert!(done.load(Ordering::SeqCst));
    }
}
