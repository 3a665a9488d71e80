//! Fetching over HTTP.

use super::{FetchError, FetchLimits, Fetched, Received, Sink, Validators};
use crate::feed::Location;
use futures::StreamExt;
use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode};

/// Most redirections that are followed.
const MAX_REDIRECTS: usize = 5;
/// Longest validator that is kept; a longer one is taken for none.
const MAX_VALIDATOR: usize = 512;

/// An HTTP client.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: Client,
    /// Media type that is asked for.
    accept: Option<&'static str>,
}

impl Http {
    pub(super) fn new(limits: &FetchLimits) -> Result<Self, FetchError> {
        // The client would stop the process if there were no provider.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(FetchError::NoTls);
        }
        #[expect(clippy::disallowed_methods, reason = "this is the one place where feeds speak HTTP")]
        let builder = Client::builder();
        let client = builder
            .user_agent(concat!("fettle/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .read_timeout(limits.idle)
            .redirect(Policy::custom(follow))
            .referer(false)
            .build()
            .map_err(FetchError::Client)?;
        Ok(Self { client, accept: None })
    }

    /// The same client, which asks for answers of one media type.
    pub(super) fn accepting(&self, media_type: &'static str) -> Self {
        Self { client: self.client.clone(), accept: Some(media_type) }
    }

    pub(super) async fn fetch(
        &self,
        from: &Location,
        validators: &Validators,
        sink: &mut Sink,
        received: Received<'_>,
    ) -> Result<Fetched, FetchError> {
        let broken = |source: reqwest::Error| FetchError::Connection { url: from.to_string(), source: source.without_url() };
        let mut request = self.client.get(from.url().clone());
        if let Some(media_type) = self.accept {
            request = request.header(ACCEPT, media_type);
        }
        if let Some(etag) = &validators.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = &validators.last_modified {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        let response = request.send().await.map_err(broken)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED => return Ok(Fetched::NotModified),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::NotFound { url: from.to_string() }),
            status => return Err(FetchError::Status { url: from.to_string(), status: status.as_u16() }),
        }
        let total = response.content_length();
        if total.is_some_and(|total| total > sink.limit()) {
            return Err(FetchError::TooLarge { url: from.to_string(), limit: sink.limit() });
        }
        let validators = validators_of(&response);
        let mut body = response.bytes_stream();
        while let Some(bytes) = body.next().await {
            let so_far = sink.write(&bytes.map_err(broken)?).map_err(|error| error.from(from))?;
            received(so_far, total);
        }
        Ok(Fetched::Done(validators))
    }
}

/// Follows a redirection, but never out of `https`: the advisory list is protected by nothing else.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let from_https = attempt.previous().last().is_some_and(|url| url.scheme() == "https");
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error("it redirects more than five times");
    }
    if from_https && attempt.url().scheme() != "https" {
        return attempt.error("it redirects from https to an address without encryption");
    }
    attempt.follow()
}

fn validators_of(response: &Response) -> Validators {
    let headers = response.headers();
    Validators { etag: text_of(headers, &ETAG), last_modified: text_of(headers, &LAST_MODIFIED) }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
}
