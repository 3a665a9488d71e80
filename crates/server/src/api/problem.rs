//! Every refusal and failure as `application/problem+json` (RFC 9457).
//!
//! `code` is stable and for programs, `title` and `detail` are for people and say what to do. A failure of
//! the server itself is logged where it is turned into a problem, once, and says nothing of its insides.

use crate::index::TagsError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fettle_store::StoreError;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::num::NonZeroU32;
use utoipa::ToSchema;

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// HTTP status, repeated for readers that see the body alone.
    pub status: u16,
    /// Stable word for programs, such as `not-found`.
    #[schema(value_type = String)]
    pub code: Cow<'static, str>,
    /// What is wrong, in one line.
    #[schema(value_type = String)]
    pub title: Cow<'static, str>,
    /// What to do about it; may be empty.
    #[serde(default)]
    #[schema(required)]
    pub detail: String,
    /// The fields that were refused, when the request had some.
    #[serde(default)]
    #[schema(required)]
    pub errors: Vec<FieldError>,
    /// For terminals, when a query was refused: its line, marks below what is wrong, and what would be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rendered: Option<Box<str>>,
    /// Seconds after which it makes sense to try again.
    #[serde(skip)]
    retry_after: Option<NonZeroU32>,
}

/// One refused field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Path of the field: `name`, `assets.include_assets[3]`, or the name of a query parameter.
    pub field: String,
    /// Why, and what would be accepted.
    pub message: String,
    /// Where what is wrong begins in the field's text, when it is a query; in UTF-16 code units, as browsers count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// Where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// What would be right at that place, when it is a query: "expected a number such as 10".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// A text to put at that place instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl FieldError {
    /// One refused field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), from: None, to: None, expected: None, suggestion: None }
    }
}

/// Content type of [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

impl Problem {
    /// A problem of any kind.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            code: Cow::Borrowed(code),
            title: Cow::Borrowed(title),
            detail: detail.into(),
            errors: Vec::new(),
            rendered: None,
            retry_after: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "The request cannot be understood.", detail)
    }

    /// 401: nobody, or nobody any more.
    #[must_use]
    pub fn unauthenticated() -> Self {
        let detail = "Log in, or send a valid API token as Authorization: Bearer.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "You are not logged in.", detail)
    }

    /// 403: somebody, who may not.
    #[must_use]
    pub fn forbidden() -> Self {
        let detail = "Ask an administrator for a role that includes this.";
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this.", detail)
    }

    /// 404: not there, or not there for this actor, which look the same.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        let detail = format!("There is no such {what}, or it is outside your scope.");
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found.", detail)
    }

    /// 409: the state of things does not allow it.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "This is not possible now.", detail)
    }

    /// 422: readable, and refused for what it says.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Some values were refused.",
            "Correct the values named in errors and send the request again.",
        );
        Self { errors, ..problem }
    }

    /// 422 for one field.
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// 429: too many attempts.
    #[must_use]
    pub fn too_many(retry_after_seconds: u64) -> Self {
        let detail = format!("Wait {retry_after_seconds} seconds before the next attempt.");
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", "Too many attempts.", detail);
        Self { retry_after: u32::try_from(retry_after_seconds).ok().and_then(NonZeroU32::new), ..problem }
    }

    /// 500. The cause goes to the log, not to the caller.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, "a request failed");
        Self::opaque()
    }

    /// 500 without a known cause.
    #[must_use]
    pub fn opaque() -> Self {
        let detail = "The server's log says why. Try again; if it stays, run `fettle doctor`.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed.", detail)
    }

    /// The same with a text for terminals that shows where a query is wrong.
    #[must_use]
    pub fn with_rendered(self, rendered: String) -> Self {
        Self { rendered: Some(rendered.into()), ..self }
    }

    /// The same with other refused fields.
    #[must_use]
    pub fn with_errors(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }
}

/// What the store refused is told; what it could not do is logged here and told as a failure.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what } => Self::not_found(what),
            StoreError::Conflict { code, why } => Self::conflict(code, why),
            StoreError::Outdated { .. } => Self::conflict("outdated", sentence(&error)),
            StoreError::Closed => {
                let detail = "The server is stopping. Try again in a moment.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "The server is stopping.", detail)
            }
            other => Self::internal(&other),
        }
    }
}

impl From<TagsError> for Problem {
    fn from(error: TagsError) -> Self {
        match error {
            TagsError::Store(error) => error.into(),
            TagsError::CutOff(error) => Self::internal(&error),
        }
    }
}

/// An error's text as a sentence.
pub(crate) fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.title)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.get()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_problem_json_with_its_status() {
        let response = Problem::too_many(7).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::CONTENT_TYPE], CONTENT_TYPE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
    }

    #[test]
    fn a_failure_of_the_server_does_not_tell_its_cause() {
        let cause = std::io::Error::other("secret path");
        let body = serde_json::to_string(&Problem::internal(&cause)).expect("serialisable");
        assert!(!body.contains("secret path"), "{body}");
    }
}
