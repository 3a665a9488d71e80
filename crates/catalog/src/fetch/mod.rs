//! Getting bytes from an address: bounded in size and time, patient with passing faults, never trusting.

mod file;
mod http;
mod pause;
mod resume;

pub(crate) use file::Sink;

use crate::feed::Location;
use fettle_model::clock::Entropy;
use http::Http;
use resume::Begun;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Limits of fetching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchLimits {
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for the next bytes: a server that trickles or hangs is given up.
    pub idle: Duration,
    /// Longest time for one file, all in all.
    pub total: Duration,
    /// How often a fetch is tried when faults look passing.
    pub attempts: u32,
    /// Pause before the second attempt; doubles with each further one. A server can ask for a longer one.
    pub pause: Duration,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(20 * 60),
            attempts: 4,
            pause: Duration::from_secs(1),
        }
    }
}

/// Why something could not be fetched. Addresses carry no credentials, so they may be shown.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The process has no TLS provider; a fault of the program that uses this crate.
    #[error("no TLS provider is installed in this process")]
    NoTls,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be set up; check the system's certificates and proxy settings")]
    Client(#[source] reqwest::Error),
    /// No answer, or it broke off.
    #[error("{url} did not answer, or broke off; check the network, the proxy settings and the address")]
    Connection {
        /// The address.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// It took too long.
    #[error("{url} took longer than {seconds} seconds; try again, or choose a nearer mirror")]
    TooSlow {
        /// The address.
        url: String,
        /// The limit.
        seconds: u64,
    },
    /// There is nothing at that address.
    #[error("there is nothing at {url}; check the address, the suite and the component")]
    NotFound {
        /// The address.
        url: String,
    },
    /// Any other refusal.
    #[error("{url} answered with status {status}; ask whoever runs that server")]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long to wait before asking again, when the server says so.
        after: Option<Duration>,
    },
    /// More bytes than expected.
    #[error("{url} is larger than {limit} bytes and was not read to its end; it is damaged or not what it should be")]
    TooLarge {
        /// The address.
        url: String,
        /// Bytes allowed.
        limit: u64,
    },
    /// A file could not be read.
    #[error("the file {path} could not be read")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// What was fetched could not be kept.
    #[error("what was fetched from {url} could not be written; check that the data folder is writable and has space")]
    Keep {
        /// The address.
        url: String,
        /// Why.
        source: std::io::Error,
    },
}

impl FetchError {
    /// Whether there is certainly nothing at the address, as opposed to not being able to tell.
    pub(crate) fn is_not_found(&self) -> bool {
        match self {
            Self::NotFound { .. } => true,
            Self::File { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// Whether trying again may help.
    fn is_passing(&self) -> bool {
        match self {
            Self::Connection { source, .. } => !source.is_builder() && !source.is_redirect(),
            // 206 and 416 come when a server has another rest than was asked for; then it is fetched from the beginning.
            Self::Status { status, .. } => matches!(status, 206 | 408 | 416 | 425 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// What a server said of a copy, to be sent back with the next question (RFC 9110 §13).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validators {
    /// `ETag`.
    pub(crate) etag: Option<String>,
    /// `Last-Modified`.
    pub(crate) last_modified: Option<String>,
}

/// Answer to a conditional fetch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// The copy that the validators belong to is still the newest.
    NotModified,
    /// The bytes are in the sink.
    Done(Validators),
}

/// Called with the bytes received so far and the total when known.
pub(crate) type Received<'a> = &'a (dyn Fn(u64, Option<u64>) + Send + Sync);

/// Fetches from `http`, `https` and `file` addresses.
#[derive(Clone)]
pub struct Fetcher {
    http: Http,
    limits: FetchLimits,
    /// Makes pauses differ.
    chance: Option<Arc<dyn Entropy>>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher. It honours the usual proxy variables of the environment and follows up to five redirections,
    /// never from `https` to `http`.
    ///
    /// # Errors
    /// When the process has no default rustls provider, or the HTTP client cannot be made.
    pub fn new(limits: FetchLimits) -> Result<Self, FetchError> {
        Ok(Self { http: Http::new(&limits)?, limits, chance: None })
    }

    /// The same fetcher, whose pauses differ by chance from those of others.
    #[must_use]
    pub fn with_chance(self, chance: Arc<dyn Entropy>) -> Self {
        Self { chance: Some(chance), ..self }
    }

    /// The same fetcher with less patience, for what can be done without.
    pub(crate) fn hurried(&self) -> Self {
        let limits = FetchLimits { attempts: self.limits.attempts.min(2), ..self.limits.clone() };
        Self { http: self.http.clone(), limits, chance: self.chance.clone() }
    }

    /// The same fetcher, which asks for answers of one media type.
    pub(crate) fn accepting(&self, media_type: &'static str) -> Self {
        Self { http: self.http.accepting(media_type), ..self.clone() }
    }

    /// Fetches into `sink`, which bounds the size. Passing faults are tried again: where the server makes sure that it still is
    /// the same file, from where it was cut off, otherwise from the beginning.
    pub(crate) async fn fetch(
        &self,
        from: &Location,
        validators: &Validators,
        sink: &mut Sink,
        received: Received<'_>,
    ) -> Result<Fetched, FetchError> {
        let mut own = self.limits.pause;
        let mut begun = None;
        let mut attempt = 1;
        loop {
            let error = match self.fetch_once(from, validators, sink, &mut begun, received).await {
                Err(error) if error.is_passing() && attempt < self.limits.attempts => error,
                outcome => return outcome,
            };
            let asked = if let FetchError::Status { after, .. } = &error { *after } else { None };
            let Some(pause) = pause::next(own, asked, self.chance.as_deref()) else { return Err(error) };
            tracing::info!(url = %from, attempt, %error, "fetching failed, trying again");
            tokio::time::sleep(pause).await;
            own = own.saturating_mul(2);
            attempt += 1;
        }
    }

    async fn fetch_once(
        &self,
        from: &Location,
        validators: &Validators,
        sink: &mut Sink,
        begun: &mut Option<Begun>,
        received: Received<'_>,
    ) -> Result<Fetched, FetchError> {
        let work = async {
            match from.url().to_file_path() {
                Ok(path) if from.url().scheme() == "file" => file::fetch(&path, from, sink, received).await,
                _ => self.http.fetch(from, validators, sink, begun, received).await,
            }
        };
        let too_slow = |_| FetchError::TooSlow { url: from.to_string(), seconds: self.limits.total.as_secs() };
        tokio::time::timeout(self.limits.total, work).await.map_err(too_slow)?
    }

    /// Fetches a small thing into memory.
    pub(crate) async fn fetch_bytes(&self, from: &Location, validators: &Validators, limit: u64) -> Result<(Fetched, Vec<u8>), FetchError> {
        let mut sink = Sink::memory(limit);
        let fetched = self.fetch(from, validators, &mut sink, &|_, _| {}).await?;
        Ok((fetched, sink.into_bytes()))
    }
}
