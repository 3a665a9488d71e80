//! The connection to the server: HTTPS with the server's own authority as only root, compact bodies, clear refusals.

mod error;
mod tls;

pub use error::{LinkError, TlsSetupError};

use crate::settings::Settings;
use crate::state::identity::Identity;
use fettle_model::clock::Clock;
use fettle_model::digest::Sha256Digest;
use fettle_protocol::codec::{self, MAX_BODY};
use fettle_protocol::message::{CheckIn, Enroll, Enrolled, InventoryUpload, Nudge, Renew, Renewed, Reports, ScanReply, ScanReport, Work};
use fettle_protocol::{CAPABILITY, CAPABILITY_HEADER, CONTENT_TYPE, path};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long connecting may take, TLS included.
const CONNECT: Duration = Duration::from_secs(20);
/// An idle connection is kept this long; the held check-in keeps its own alive.
const IDLE: Duration = Duration::from_secs(90);

/// A way to the server.
#[derive(Debug, Clone)]
pub struct Link {
    client: Client,
    server: Url,
    request: Duration,
}

impl Link {
    /// A link for the first request: the presented chain must hold the authority with this fingerprint, and
    /// the server's certificate must be one of that authority's for the server's name.
    ///
    /// # Errors
    /// When TLS or the client cannot be set up.
    pub fn pinned(settings: &Settings, authority: Sha256Digest, clock: Arc<dyn Clock>) -> Result<Self, LinkError> {
        Self::with(settings, tls::pinned(authority, clock)?)
    }

    /// A link with an identity: mutual TLS, the server's authority as only root.
    ///
    /// # Errors
    /// When the identity is not usable or the client cannot be set up.
    pub fn mutual(settings: &Settings, identity: &Identity, clock: Arc<dyn Clock>) -> Result<Self, LinkError> {
        Self::with(settings, tls::mutual(identity, clock)?)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the agent's one HTTP client")]
    fn with(settings: &Settings, tls: rustls::ClientConfig) -> Result<Self, LinkError> {
        if settings.server.scheme() != "https" || settings.server.host_str().is_none() {
            return Err(LinkError::Address { server: settings.server.clone() });
        }
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .tcp_keepalive(Duration::from_secs(60))
            .user_agent(concat!("fettle-agent/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(LinkError::Client)?);
        }
        let client = builder.build().map_err(LinkError::Client)?;
        Ok(Self { client, server: settings.server.clone(), request: settings.pace.request })
    }

    /// Asks for an identity.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn enroll(&self, message: &Enroll) -> Result<Enrolled, LinkError> {
        self.exchange(Method::POST, path::ENROLL, message, self.request).await
    }

    /// Checks in; the server may hold the answer for as long as the message allows.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn check_in(&self, message: &CheckIn) -> Result<Nudge, LinkError> {
        let CheckIn::V1 { wait_seconds, .. } = message;
        // Half a minute more than was agreed: a loaded server answers late, a dead connection never.
        let timeout = Duration::from_secs(u64::from(*wait_seconds) + 30);
        self.exchange(Method::POST, path::CHECK_IN, message, timeout).await
    }

    /// Offers a scan.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn scan(&self, message: &ScanReport) -> Result<ScanReply, LinkError> {
        self.exchange(Method::POST, path::SCAN, message, self.request).await
    }

    /// Uploads an inventory.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn inventory(&self, message: &InventoryUpload) -> Result<(), LinkError> {
        self.send(Method::PUT, path::INVENTORY, message).await
    }

    /// Fetches the list of work.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn work(&self) -> Result<Work, LinkError> {
        let response = self.ask(self.prepare(Method::GET, path::WORK, self.request)?).await?;
        self.decode(response).await
    }

    /// Delivers reports.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn reports(&self, message: &Reports) -> Result<(), LinkError> {
        self.send(Method::POST, path::REPORTS, message).await
    }

    /// Asks for a new certificate.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn renew(&self, message: &Renew) -> Result<Renewed, LinkError> {
        self.exchange(Method::POST, path::RENEW, message, self.request).await
    }

    async fn exchange<M: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        message: &M,
        timeout: Duration,
    ) -> Result<A, LinkError> {
        let body = codec::encode(message).map_err(LinkError::Encode)?;
        let response = self.ask(self.prepare(method, path, timeout)?.body(body)).await?;
        self.decode(response).await
    }

    async fn send<M: Serialize>(&self, method: Method, path: &str, message: &M) -> Result<(), LinkError> {
        let body = codec::encode(message).map_err(LinkError::Encode)?;
        self.ask(self.prepare(method, path, self.request)?.body(body)).await.map(drop)
    }

    fn prepare(&self, method: Method, path: &str, timeout: Duration) -> Result<RequestBuilder, LinkError> {
        let url = self.server.join(path).map_err(|_| LinkError::Address { server: self.server.clone() })?;
        let request = self.client.request(method, url).timeout(timeout);
        Ok(request.header("content-type", CONTENT_TYPE).header(CAPABILITY_HEADER, CAPABILITY.to_string()))
    }

    /// Sends a request and turns everything but success into an error.
    async fn ask(&self, request: RequestBuilder) -> Result<Response, LinkError> {
        let response = request.send().await.map_err(|error| error::sending(&self.server, error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let body = self.body(response, error::PROBLEM_LIMIT).await.unwrap_or_default();
        Err(error::refused(status, &body))
    }

    async fn decode<A: DeserializeOwned>(&self, response: Response) -> Result<A, LinkError> {
        let body = self.body(response, MAX_BODY).await?;
        codec::decode(&body).map_err(LinkError::Decode)
    }

    /// Reads a body, not more than `limit` bytes: a broken server must not fill the machine's memory.
    async fn body(&self, mut response: Response, limit: usize) -> Result<Vec<u8>, LinkError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| error::sending(&self.server, error))? {
            if body.len() + chunk.len() > limit {
                return Err(LinkError::AnswerTooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
