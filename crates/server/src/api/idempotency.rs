//! Repeated creations count once: the `Idempotency-Key` header.
//!
//! A key belongs to a user and to one request. Repeating both within a day gives the first answer again,
//! without secrets, which are not kept: a repeated answer has `secret: null`.

use crate::api::problem::{FieldError, Problem};
use crate::auth::Granted;
use crate::auth::permission::Permission;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fettle_model::digest::Sha256Digest;
use fettle_store::{Begun, StoredAnswer};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

/// The header that makes a repeated creation count once.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only describes the header in the OpenAPI document")]
pub struct IdempotencyHeader {
    /// Any visible text of 1 to 200 characters. The same key with the same request within 24 hours answers
    /// as the first time; with another request it is refused.
    #[param(rename = "Idempotency-Key", value_type = Option<String>, min_length = 1, max_length = 200)]
    idempotency_key: Option<String>,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HEADER: &str = "idempotency-key";
/// Longest key: a UUID has 36 characters.
const MAX_KEY: usize = 200;
/// Says that an answer is a repetition.
const REPLAYED: &str = "idempotent-replayed";

/// The key of a request, if it carries one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        if text.is_empty() || text.len() > MAX_KEY {
            let errors = vec![FieldError::new("Idempotency-Key", format!("must have 1 to {MAX_KEY} visible characters"))];
            return Err(Problem::bad_request("idempotency-key-invalid", "The header Idempotency-Key was refused.").with_errors(errors));
        }
        Ok(Self(Some(text.to_owned())))
    }
}

/// Something that was just made.
#[derive(Debug)]
pub(crate) struct Created<T> {
    /// Path of the new thing below the API's base.
    pub(crate) location: String,
    /// The answer.
    pub(crate) body: T,
}

/// Does `work` once for a key. `request` is what makes the request this one and not another; it holds no
/// secret, because a digest of it is kept.
pub(crate) async fn once<P: Permission, T: Serialize>(
    granted: &Granted<P>,
    key: IdempotencyKey,
    request: &impl Serialize,
    work: impl Future<Output = Result<Created<T>, Problem>>,
) -> Result<Response, Problem> {
    let IdempotencyKey(Some(key)) = key else { return answer(complete(&work.await?)?) };
    let user = granted.actor().user;
    let store = &granted.app().store;
    let digest = digest(P::ACTION.as_str(), std::any::type_name::<T>(), request)?;
    match store.begin_idempotent(user, &key, digest, granted.now()).await? {
        Begun::New => {}
        Begun::Replay(kept) => return replay(&kept),
        Begun::InProgress => {
            return Err(Problem::conflict(
                "request-in-progress",
                "The first request with this Idempotency-Key is still at work. Repeat it in a moment.",
            ));
        }
        Begun::Conflict => {
            return Err(Problem::conflict("idempotency-key-reused", "This Idempotency-Key was used for another request. Take a new one."));
        }
    }
    match work.await {
        Ok(created) => {
            let whole = complete(&created)?;
            store.finish_idempotent(user, &key, &without_secret(&whole)?).await?;
            answer(whole)
        }
        Err(problem) => {
            store.abandon_idempotent(user, &key).await?;
            Err(problem)
        }
    }
}

fn digest(action: &str, kind: &str, request: &impl Serialize) -> Result<Sha256Digest, Problem> {
    let body = serde_json::to_vec(request).map_err(|error| Problem::internal(&error))?;
    let mut hash = Sha256::new();
    for part in [action.as_bytes(), kind.as_bytes(), &body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Ok(Sha256Digest(hash.finalize().into()))
}

/// A creation's whole answer.
struct Whole {
    location: String,
    body: Vec<u8>,
}

fn complete<T: Serialize>(created: &Created<T>) -> Result<Whole, Problem> {
    let body = serde_json::to_vec(&created.body).map_err(|error| Problem::internal(&error))?;
    Ok(Whole { location: format!("{}{}", super::BASE, created.location), body })
}

fn answer(whole: Whole) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(whole.location).map_err(|error| Problem::internal(&error))?;
    let headers = [(header::LOCATION, location), (header::CONTENT_TYPE, JSON)];
    Ok((StatusCode::CREATED, headers, whole.body).into_response())
}

/// What is kept for repetitions.
fn without_secret(whole: &Whole) -> Result<StoredAnswer, Problem> {
    let mut body: Value = serde_json::from_slice(&whole.body).map_err(|error| Problem::internal(&error))?;
    let kept = match body.get_mut("secret") {
        Some(secret) => {
            *secret = Value::Null;
            serde_json::to_vec(&body).map_err(|error| Problem::internal(&error))?
        }
        None => whole.body.clone(),
    };
    let headers = vec![("location".to_owned(), whole.location.clone())];
    Ok(StoredAnswer { status: StatusCode::CREATED.as_u16(), headers, body: kept })
}

fn replay(kept: &StoredAnswer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(kept.status).map_err(|error| Problem::internal(&error))?;
    let mut response = (status, [(header::CONTENT_TYPE, JSON)], kept.body.clone()).into_response();
    for (name, value) in kept.headers.iter().chain([&(REPLAYED.to_owned(), "true".to_owned())]) {
        let name = header::HeaderName::try_from(name).map_err(|error| Problem::internal(&error))?;
        let value = HeaderValue::try_from(value).map_err(|error| Problem::internal(&error))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
