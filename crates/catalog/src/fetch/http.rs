//! Fetching over HTTP.

use super::resume::{Begun, follows, validators as validators_of};
use super::{FetchError, FetchLimits, Fetched, Received, Sink, Validators, pause};
use crate::feed::Location;
use futures::StreamExt;
use reqwest::header::{ACCEPT, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, RequestBuilder, StatusCode};

/// Most redirections that are followed.
const MAX_REDIRECTS: usize = 5;

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

    /// Fetches, or, when an answer `begun` before and the sink has its beginning, asks for the rest. `begun` is set while an
    /// answer comes whose rest can be asked for.
    pub(super) async fn fetch(
        &self,
        from: &Location,
        validators: &Validators,
        sink: &mut Sink,
        begun: &mut Option<Begun>,
        received: Received<'_>,
    ) -> Result<Fetched, FetchError> {
        let broken = |source: reqwest::Error| FetchError::Connection { url: from.to_string(), source: source.without_url() };
        let before = begun.clone().filter(|_| sink.length() > 0);
        let response = self.request(from, validators, before.as_ref(), sink.length()).send().await.map_err(broken)?;
        let headers = response.headers();
        let rest = before.filter(|before| before.is_of(headers)).and_then(|before| Some((before.said, follows(headers, sink.length())?)));
        let (total, said) = match (response.status(), rest) {
            (StatusCode::PARTIAL_CONTENT, Some((said, whole))) => (whole, said),
            (StatusCode::OK, _) => {
                sink.restart().map_err(|source| FetchError::Keep { url: from.to_string(), source })?;
                *begun = Begun::of(headers);
                (response.content_length(), validators_of(headers))
            }
            (StatusCode::NOT_MODIFIED, _) => return Ok(Fetched::NotModified),
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => return Err(FetchError::NotFound { url: from.to_string() }),
            (status, _) => {
                if matches!(status, StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE) {
                    // There is no such rest, so the next attempt asks for everything.
                    *begun = None;
                }
                let after = pause::asked(headers);
                return Err(FetchError::Status { url: from.to_string(), status: status.as_u16(), after });
            }
        };
        if total.is_some_and(|total| total > sink.limit()) {
            return Err(FetchError::TooLarge { url: from.to_string(), limit: sink.limit() });
        }
        let mut body = response.bytes_stream();
        while let Some(bytes) = body.next().await {
            let so_far = sink.write(&bytes.map_err(broken)?).map_err(|error| error.from(from))?;
            received(so_far, total);
        }
        Ok(Fetched::Done(said))
    }

    fn request(&self, from: &Location, validators: &Validators, begun: Option<&Begun>, so_far: u64) -> RequestBuilder {
        let mut request = self.client.get(from.url().clone());
        if let Some(media_type) = self.accept {
            request = request.header(ACCEPT, media_type);
        }
        if let Some(Begun { validator, .. }) = begun {
            return request.header(RANGE, format!("bytes={so_far}-")).header(IF_RANGE, validator);
        }
        if let Some(etag) = &validators.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = &validators.last_modified {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        request
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
