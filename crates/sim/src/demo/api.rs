//! As much of a REST client as the demonstration needs.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// A server's API with a token.
pub struct Api {
    http: reqwest::Client,
    base: Url,
    token: String,
}

/// Pause between two looks.
const AGAIN: Duration = Duration::from_millis(500);

impl Api {
    /// An API at an address; plain HTTP goes only to this machine itself.
    ///
    /// # Errors
    /// When the address would send the token in clear, or TLS cannot be set up.
    pub fn new(base: Url, token: &str) -> Result<Self> {
        let local = base.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
        if base.scheme() != "https" && !local {
            bail!("{base} would send the token unencrypted: use https, or an address of this machine");
        }
        #[expect(clippy::disallowed_methods, reason = "a command line that speaks to the API")]
        let builder = reqwest::Client::builder();
        let builder = builder.timeout(Duration::from_secs(120)).redirect(reqwest::redirect::Policy::none());
        let http = if local { builder.no_proxy() } else { builder }.build().context("could not set up HTTP")?;
        Ok(Self { http, base, token: token.to_owned() })
    }

    /// One record.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// All records of a list.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn all(&self, path: &str) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut page = self.get(&format!("{path}{}limit=1000{cursor}", if path.contains('?') { '&' } else { '?' })).await?;
            match page["items"].take() {
                Value::Array(items) => found.extend(items),
                _ => bail!("{path} is not a list"),
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(found),
            }
        }
    }

    /// Creates something.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Asks for something that takes no body.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn ask(&self, path: &str) -> Result<Value> {
        self.send(Method::POST, path, None).await
    }

    /// Changes a record.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// Replaces a record.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Looks again and again until a record is as wanted, or patience ends; gives the last look.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn wait(&self, patience: Duration, path: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let looks = patience.as_millis() / AGAIN.as_millis();
        let mut last = self.get(path).await?;
        for _ in 0..looks {
            if wanted(&last) {
                break;
            }
            tokio::time::sleep(AGAIN).await;
            last = self.get(path).await?;
        }
        Ok(last)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let url = self.base.join(&format!("/api/v1{path}")).with_context(|| format!("{path} is not a path"))?;
        let mut request = self.http.request(method.clone(), url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| format!("could not reach {}", self.base))?;
        let status = answer.status();
        let bytes = answer.bytes().await.with_context(|| format!("could not read the answer to {method} {path}"))?;
        if !status.is_success() {
            bail!("the server refused {method} {path}: {status} {}", String::from_utf8_lossy(&bytes));
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).with_context(|| format!("the answer to {method} {path} is not JSON"))
    }
}

/// A text field of a record.
pub(super) fn text(record: &Value, field: &str) -> Result<String> {
    record[field].as_str().map(str::to_owned).with_context(|| format!("a record without {field}"))
}
