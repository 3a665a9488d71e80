//! A client of the API, without a socket in between.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::{Router, body};
use serde_json::Value;
use std::net::SocketAddr;
use tower::ServiceExt;

/// Somebody who sends requests.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    router: Router,
    headers: Vec<(String, String)>,
    address: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    /// Somebody without credentials.
    pub(crate) fn new(router: Router) -> Self {
        Self { router, headers: Vec::new(), address: "192.0.2.10:40000".parse().unwrap() }
    }

    /// The same with one more header.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same from another address.
    pub(crate) fn from(&self, address: &str) -> Self {
        Self { address: SocketAddr::new(address.parse().unwrap(), 40_000), ..self.clone() }
    }

    /// The same with an API token.
    pub(crate) fn token(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// Sends a request; `path` is below the API's base.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = match body {
            Some(value) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(value.to_string())),
            None => request.body(Body::empty()),
        };
        self.raw(request.unwrap()).await
    }

    /// The router, for answers that are read piece by piece.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// A request with the client's headers.
    pub(crate) fn request(&self, mut request: Request<Body>) -> Request<Body> {
        for (name, value) in &self.headers {
            let name = axum::http::HeaderName::try_from(name).unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    }

    /// Sends a request as it is.
    pub(crate) async fn raw(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Posts without a body.
    pub(crate) async fn ask(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }
}

impl Answer {
    /// The body of a success with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).unwrap() }
    }

    /// The body of a refusal with this status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(u64::from(status)), Some(code)), "{problem}");
        problem
    }

    /// The fields that a refusal names.
    #[track_caller]
    pub(crate) fn refused_fields(self, status: u16, code: &str) -> Vec<String> {
        let problem = self.refused(status, code);
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

/// A path with parameters, encoded.
pub(crate) fn asked(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(parameters);
    format!("{path}?{}", encoded.finish())
}

/// One field of each item of a page, as text.
pub(crate) fn column(page: &Value, field: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    page["items"].as_array().unwrap().iter().map(|item| text(&item[field])).collect()
}

/// Id of an answer, as text.
pub(crate) fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}
