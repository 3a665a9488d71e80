//! Speaking to the API.

use super::Globals;
use super::answer::Problem;
use super::config::{Config, Trust};
use super::error::CliError;
use super::trust;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Longest wait for an answer. Planning a job over a big fleet is the slowest thing the API does at once.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a file sent at a time.
const FILE_PIECE: usize = 256 * 1024;
/// Records asked for at once: the most that the API gives.
const PAGE: usize = 1_000;
/// The server does not have the version of its index any more that was asked for.
const VERSION_GONE: &str = "version-gone";
/// Most bytes of a refusal that are read; a proxy may answer with a page of its own.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// A list, as far as it was asked for.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The records.
    pub(super) items: Vec<Value>,
    /// How many the whole list has.
    pub(super) total: u64,
    /// How many assets are not counted because nobody knows whether they belong there.
    pub(super) unknown: u64,
}

/// A connection to one server, with the credentials to use there.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
    /// Id of the token, when a login made it.
    token_id: Option<String>,
}

impl Client {
    /// The server and token from the options, the environment, or the last login.
    pub(super) fn connect(globals: &Globals) -> Result<Self, CliError> {
        let config = Config::load()?;
        let token = std::env::var("FETTLE_TOKEN").ok().filter(|token| !token.is_empty());
        let server = globals.server.clone().or_else(|| config.as_ref().map(|config| config.server.clone()));
        let Some(server) = server else {
            return Err(CliError::Failed(
                "no server is known: log in with `fettle login --server URL`, or set FETTLE_SERVER and FETTLE_TOKEN".to_owned(),
            ));
        };
        let base = address(&server)?;
        // What was remembered belongs to that one server and is never shown to another.
        let remembered = config.filter(|config| address(&config.server).is_ok_and(|known| known == base));
        let trust = match (&globals.ca, &remembered) {
            (Some(file), _) => Trust::File(file.clone()),
            (None, Some(config)) => config.trust.clone(),
            (None, None) => Trust::System,
        };
        let token_id = remembered.as_ref().filter(|_| token.is_none()).and_then(|config| config.token_id.clone());
        let token = token.or_else(|| remembered.map(|config| config.token));
        if token.is_none() {
            return Err(CliError::Failed(format!(
                "you are not logged in to {base}: run `fettle login --server {base}`, or set FETTLE_TOKEN"
            )));
        }
        Ok(Self { token_id, ..Self::open(base, token, &trust)? })
    }

    /// A connection to a known address.
    pub(super) fn open(base: Url, token: Option<String>, trust: &Trust) -> Result<Self, CliError> {
        #[expect(clippy::disallowed_methods, reason = "the command line is one of the three places that speak HTTP")]
        let builder = reqwest::Client::builder();
        let builder = builder
            .user_agent(concat!("fettle/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            // Credentials must not follow a redirect to somewhere else.
            .redirect(reqwest::redirect::Policy::none());
        // A proxy is for the outside; it can never reach this machine's own loopback address.
        let builder = if is_loopback(&base) { builder.no_proxy() } else { builder };
        // Without TLS there is nobody to trust, and no need to read the system's authorities.
        let builder = if base.scheme() == "http" { builder.tls_certs_only([]) } else { trust::apply(builder, trust)? };
        let http = builder.build().map_err(|source| CliError::Unreachable { server: base.to_string(), source })?;
        Ok(Self { http, base, token, token_id: None })
    }

    /// The server's address.
    pub(super) fn server(&self) -> &Url {
        &self.base
    }

    /// Id of the token that the last login made, if that is what is used.
    pub(super) fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }

    /// Uses another token from now on.
    pub(super) fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self.token_id = None;
        self
    }

    /// Fetches one record.
    pub(super) async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, CliError> {
        self.value(self.request(Method::GET, path, query).timeout(TIMEOUT)).await
    }

    /// Creates something.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.post_to(path, &[], body).await
    }

    /// As [`Client::post`], with query parameters.
    pub(super) async fn post_to(&self, path: &str, query: &[(&str, String)], body: &Value) -> Result<Value, CliError> {
        self.value(self.request(Method::POST, path, query).timeout(TIMEOUT).json(body)).await
    }

    /// Asks for something that takes no body.
    pub(super) async fn ask(&self, path: &str) -> Result<Value, CliError> {
        self.value(self.request(Method::POST, path, &[]).timeout(TIMEOUT)).await
    }

    /// Changes some fields of a record.
    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.value(self.request(Method::PATCH, path, &[]).timeout(TIMEOUT).json(body)).await
    }

    /// Replaces a record.
    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.value(self.request(Method::PUT, path, &[]).timeout(TIMEOUT).json(body)).await
    }

    /// Sends a file as it is. There is no limit on how long that takes.
    pub(super) async fn send_file(&self, method: Method, path: &str, file: tokio::fs::File, size: u64) -> Result<Value, CliError> {
        let body = reqwest::Body::wrap_stream(tokio_util::io::ReaderStream::with_capacity(file, FILE_PIECE));
        let request = self.request(method, path, &[]).header("content-type", "application/octet-stream");
        self.value(request.header("content-length", size).body(body)).await
    }

    /// Removes a record.
    pub(super) async fn delete(&self, path: &str) -> Result<Value, CliError> {
        self.value(self.request(Method::DELETE, path, &[]).timeout(TIMEOUT)).await
    }

    /// All records of a list, following cursors to the end or to `limit` records.
    pub(super) async fn all(&self, path: &str, query: &[(&str, String)], limit: Option<usize>) -> Result<Vec<Value>, CliError> {
        Ok(self.listed(path, query, limit).await?.items)
    }

    /// As [`Client::all`], with what the first page says of the whole list.
    pub(super) async fn listed(&self, path: &str, query: &[(&str, String)], limit: Option<usize>) -> Result<Listed, CliError> {
        let mut listed: Option<Listed> = None;
        let mut cursor: Option<String> = None;
        let mut version: Option<(&str, String)> = None;
        loop {
            let found = listed.as_ref().map_or(0, |listed| listed.items.len());
            let wanted = limit.map_or(PAGE, |limit| limit.saturating_sub(found).min(PAGE));
            if let Some(listed) = listed.take_if(|_| wanted == 0) {
                return Ok(listed);
            }
            let mut query = query.to_vec();
            query.push(("limit", wanted.max(1).to_string()));
            query.extend(cursor.clone().map(|cursor| ("cursor", cursor)));
            let asked = [query.as_slice(), version.as_slice()].concat();
            let mut page = match self.get(path, &asked).await {
                // A list that takes longer than the server keeps a version goes on in the newest one.
                Err(CliError::Refused(problem)) if problem.code == VERSION_GONE && version.take().is_some() => {
                    self.get(path, &query).await?
                }
                page => page?,
            };
            let Some(Value::Array(mut items)) = page.get_mut("items").map(Value::take) else {
                return Err(self.misunderstood("a list without items"));
            };
            items.truncate(wanted);
            let came_nothing = items.is_empty();
            let of_page = |name: &str| page.get(name).and_then(Value::as_u64).unwrap_or(0);
            let listed = listed.get_or_insert_with(|| Listed { items: Vec::new(), total: of_page("total"), unknown: of_page("unknown") });
            listed.items.extend(items);
            // Further pages are of the same version of the index as the first, so that no record is twice or nowhere.
            version = version.or_else(|| Some(("version", page.get("version")?.as_str()?.to_owned())));
            match page.get("next").and_then(Value::as_str) {
                Some(next) if !came_nothing => cursor = Some(next.to_owned()),
                _ => return Ok(std::mem::take(listed)),
            }
        }
    }

    /// A download or an event stream: checked for refusal, body not read yet, no limit on its length in time.
    pub(super) async fn stream(&self, path: &str, query: &[(&str, String)]) -> Result<Response, CliError> {
        let answer = self.request(Method::GET, path, query).send().await.map_err(|source| self.unreachable(source))?;
        self.accepted(answer).await
    }

    /// A download that is made for the request: as [`Client::stream`].
    pub(super) async fn stream_post(&self, path: &str, body: &Value) -> Result<Response, CliError> {
        let answer = self.request(Method::POST, path, &[]).json(body).send().await.map_err(|source| self.unreachable(source))?;
        self.accepted(answer).await
    }

    /// Sends a request that carries credentials of its own.
    pub(super) async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Response, CliError> {
        let mut request = self.request(method, path, &[]).timeout(TIMEOUT);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|source| self.unreachable(source))?;
        self.accepted(answer).await
    }

    /// Reads a body as JSON; no body is `null`.
    pub(super) async fn json(&self, answer: Response) -> Result<Value, CliError> {
        let bytes = answer.bytes().await.map_err(|source| self.unreachable(source))?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|_| self.misunderstood("it is not JSON"))
    }

    /// An error that says the answer makes no sense.
    pub(super) fn misunderstood(&self, what: &str) -> CliError {
        CliError::Answer { server: self.base.to_string(), what: what.to_owned() }
    }

    /// An error that says the server did not answer.
    pub(super) fn unreachable(&self, source: reqwest::Error) -> CliError {
        CliError::Unreachable { server: self.base.to_string(), source: source.without_url() }
    }

    async fn value(&self, request: reqwest::RequestBuilder) -> Result<Value, CliError> {
        let answer = request.send().await.map_err(|source| self.unreachable(source))?;
        let answer = self.accepted(answer).await?;
        self.json(answer).await
    }

    fn request(&self, method: Method, path: &str, query: &[(&str, String)]) -> reqwest::RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/api/v1{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(method, url).header("accept", "application/json, application/problem+json, */*;q=0.5");
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn accepted(&self, answer: Response) -> Result<Response, CliError> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        if status.is_redirection() {
            return Err(self.misunderstood("it points to another address; use that one with --server"));
        }
        let body = bounded(answer).await;
        Err(CliError::Refused(Box::new(problem(status, &body))))
    }
}

async fn bounded(mut answer: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > REFUSAL_LIMIT {
            break;
        }
    }
    body.truncate(REFUSAL_LIMIT);
    body
}

fn problem(status: StatusCode, body: &[u8]) -> Problem {
    let mut problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    problem.status = status.as_u16();
    if problem.title.is_empty() {
        problem.title = format!("the server answered {status}");
    }
    problem
}

/// One segment of a path, encoded: patch ids contain `:`, `/` and `~`.
pub(super) fn segment(text: &str) -> String {
    let mut url = Url::parse("http://x/").ok();
    if let Some(url) = url.as_mut()
        && let Ok(mut segments) = url.path_segments_mut()
    {
        segments.push(text);
    }
    url.map_or_else(|| text.to_owned(), |url| url.path().trim_start_matches('/').to_owned())
}

/// An address as people type it, as a URL.
pub(super) fn address(text: &str) -> Result<Url, CliError> {
    let wrong = || CliError::Usage(format!("{text:?} is not a server address: write it like https://fettle.example:8480"));
    let mut url = Url::parse(text.trim()).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(CliError::Usage(format!(
            "{text} would send credentials unencrypted: use https (plain http is only for a server on this machine)"
        )));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://fettle.example:8480", true)]
    #[case("http://127.0.0.1:8480", true)]
    #[case("http://[::1]:8480/", true)]
    #[case("http://localhost:8480", true)]
    #[case("http://fettle.example", false)]
    #[case("http://127.0.0.1.example", false)]
    #[case("https://me:secret@fettle.example", false)]
    #[case("fettle.example", false)]
    #[case("file:///etc/passwd", false)]
    fn credentials_go_encrypted_or_stay_on_this_machine(#[case] text: &str, #[case] fine: bool) {
        assert_eq!(address(text).is_ok(), fine, "{text}");
    }

    #[test]
    fn a_patch_id_is_one_segment() {
        assert_eq!(segment("debian:bookworm:openssl@3.0/1~deb12u2"), "debian:bookworm:openssl@3.0%2F1~deb12u2");
        assert_eq!(segment("a?b#c d%"), "a%3Fb%23c%20d%25");
    }

    #[test]
    fn a_page_of_a_proxy_is_still_an_error_with_a_status() {
        let problem = problem(StatusCode::BAD_GATEWAY, b"<html>");
        assert_eq!(problem.to_string(), "the server answered 502 Bad Gateway");
        assert!(problem.advice().is_some());
    }

    /// A list of seven records that gives at most three at a time, whatever is asked for.
    async fn seven() -> Url {
        use axum::extract::Query;
        use std::collections::HashMap;
        let list = |Query(query): Query<HashMap<String, String>>| async move {
            let from: usize = query.get("cursor").map_or(0, |cursor| cursor.parse().expect("our own cursor"));
            let limit: usize = query.get("limit").expect("a limit").parse().expect("a number");
            let to = (from + limit.min(3)).min(7);
            let items: Vec<usize> = (from..to).collect();
            axum::Json(serde_json::json!({ "items": items, "total": 7, "next": (to < 7).then(|| to.to_string()) }))
        };
        let router = axum::Router::new().route("/api/v1/list", axum::routing::get(list));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("has one");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Url::parse(&format!("http://{address}")).expect("a URL")
    }

    #[tokio::test]
    async fn cursors_are_followed_to_the_end_or_to_the_limit() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::open(seven().await, None, &Trust::System).expect("a client");
        for (limit, expected) in [(None, 7), (Some(0), 0), (Some(2), 2), (Some(5), 5), (Some(100), 7)] {
            let found = client.all("/list", &[], limit).await.expect("a list");
            let expected: Vec<Value> = (0..expected).map(Value::from).collect();
            assert_eq!(found, expected, "limit {limit:?}");
        }
    }
}
