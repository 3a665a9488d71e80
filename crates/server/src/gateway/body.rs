//! Bodies of the agent link: read within limits, decoded, refused clearly.

use super::refusal::Refusal;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fettle_protocol::codec::{self, CodecError, MAX_BODY};
use fettle_protocol::message::{CheckIn, Enroll, InventoryUpload, Renew, Reports, ScanReport};
use fettle_protocol::{CAPABILITY, CAPABILITY_HEADER, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::sync::Semaphore;

/// A full body over a slow link: 4 MiB in this time is 35 KB a second. Stops peers that hold a place by
/// sending one byte at a time.
const ARRIVAL: Duration = Duration::from_secs(120);

/// Large bodies read at once: 128 of 4 MiB are half a gigabyte.
static READING: Semaphore = Semaphore::const_new(128);
/// Bodies decoded at once: 8 that unpack to 32 MiB are a quarter of one.
static DECODING: Semaphore = Semaphore::const_new(8);
/// Bodies up to this size need no place among the large ones.
const SMALL: usize = 64 * 1024;

/// A message with the size its body may have. What strangers may send has the least.
pub(super) trait Bounded: DeserializeOwned + Send + 'static {
    /// Most bytes of the compressed body.
    const LIMIT: usize;
}

impl Bounded for Enroll {
    const LIMIT: usize = 16 * 1024;
}
impl Bounded for Renew {
    const LIMIT: usize = 16 * 1024;
}
impl Bounded for CheckIn {
    const LIMIT: usize = 4 * 1024;
}
impl Bounded for ScanReport {
    const LIMIT: usize = SMALL;
}
impl Bounded for InventoryUpload {
    const LIMIT: usize = MAX_BODY;
}
impl Bounded for Reports {
    const LIMIT: usize = MAX_BODY;
}

/// A decoded message.
pub(super) struct Message<T>(pub(super) T);

/// An encoded answer.
pub(super) struct Reply<T>(pub(super) T);

impl<T: Bounded, S: Send + Sync> FromRequest<S> for Message<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        // The places are never closed, so waiting for one does not fail; without one the limit would be gone.
        let _reading = match T::LIMIT > SMALL {
            true => Some(READING.acquire().await.map_err(|error| Refusal::failed("wait for a place to read", &error))?),
            false => None,
        };
        let body = read(request, T::LIMIT).await?;
        let _decoding = DECODING.acquire().await.map_err(|error| Refusal::failed("wait for a place to decode", &error))?;
        // Unpacking and decoding some megabytes takes milliseconds: too long for a thread that serves others.
        let decoded = tokio::task::spawn_blocking(move || codec::decode(&body)).await;
        match decoded {
            Ok(Ok(message)) => Ok(Self(message)),
            Ok(Err(error)) => Err(damaged(&error)),
            Err(error) => Err(Refusal::failed("decode a body", &error)),
        }
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        match codec::encode(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))], body).into_response(),
            Err(error) => Refusal::failed("encode an answer", &error).into_response(),
        }
    }
}

async fn read(request: Request<Body>, limit: usize) -> Result<Bytes, Refusal> {
    let stated = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|length| length > limit as u64) {
        return Err(Refusal::BodyTooLarge { limit });
    }
    let whole = Limited::new(request.into_body(), limit).collect();
    match tokio::time::timeout(ARRIVAL, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge { limit }),
        Ok(Err(_)) => Err(Refusal::BodyDamaged { why: "it ended before its stated length".to_owned() }),
        Err(_) => Err(Refusal::BodyTooSlow),
    }
}

fn damaged(error: &CodecError) -> Refusal {
    match error {
        CodecError::TooLarge { limit } => Refusal::BodyTooLarge { limit: *limit },
        other => Refusal::BodyDamaged { why: other.to_string() },
    }
}

/// Refuses agents that can more than this server.
pub(super) fn check_capability(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(stated) = headers.get(CAPABILITY_HEADER) else { return Ok(()) };
    let agent = stated.to_str().ok().and_then(|text| text.parse::<u16>().ok());
    match agent {
        Some(agent) if agent <= CAPABILITY => Ok(()),
        Some(agent) => Err(Refusal::CapabilityTooNew { agent, server: CAPABILITY }),
        None => Err(Refusal::BodyDamaged { why: format!("the header {CAPABILITY_HEADER} is not a number") }),
    }
}
