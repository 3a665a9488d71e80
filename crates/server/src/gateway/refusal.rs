//! Refusals on the agent link: problem+json (RFC 9457) with a code that agents and people act on.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why an agent is refused. The status says what to do: 400 and 413 never repeat the request, 403 get a
/// new key or certificate, 404 forget what was asked for, 503 try again later.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No activation key with this id and secret.
    #[error("the activation key is not known: copy it again, or make a new one in the console")]
    KeyUnknown,
    /// The key's time is over.
    #[error("the activation key has expired: make a new one in the console")]
    KeyExpired,
    /// The key was used as often as it may be.
    #[error("the activation key has been used as often as it allows: make a new one in the console")]
    KeyUsedUp,
    /// A person switched the key off.
    #[error("the activation key is disabled: enable it in the console, or make a new one")]
    KeyDisabled,
    /// The agent's clock is wrong.
    #[error("this machine's clock is {seconds} seconds {direction} the server's: set it, then enrol again")]
    ClockSkew {
        /// By how much.
        seconds: u64,
        /// `ahead of` or `behind`.
        direction: &'static str,
    },
    /// No client certificate was shown.
    #[error("this needs a client certificate: enrol this machine first")]
    CertificateMissing,
    /// The certificate is ours, but no asset has it.
    #[error("no asset has this certificate: the asset was removed, or the server was restored; enrol this machine again")]
    CertificateUnknown,
    /// The certificate was taken back.
    #[error("this certificate was revoked: enrol this machine again if it should be managed")]
    CertificateRevoked,
    /// The certificate's time is over.
    #[error("this certificate has expired: enrol this machine again; it stays the same asset")]
    CertificateExpired,
    /// The body is larger than allowed.
    #[error("the body is larger than the limit of {limit} bytes")]
    BodyTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body is not what it should be.
    #[error("the body cannot be used: {why}")]
    BodyDamaged {
        /// What is wrong with it.
        why: String,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// The agent is newer than the server.
    #[error("this agent has capability {agent} and the server {server}: update the server first")]
    CapabilityTooNew {
        /// The agent's.
        agent: u16,
        /// The server's.
        server: u16,
    },
    /// No such path.
    #[error("there is nothing here for agents")]
    NotFound,
    /// The server itself failed.
    #[error("the server could not do this; its log says why")]
    Unavailable,
}

/// The code of a refusal, carried by the response for the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code(pub(super) &'static str);

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'a str,
    detail: String,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyUnknown => "key-unknown",
            Self::KeyExpired => "key-expired",
            Self::KeyUsedUp => "key-used-up",
            Self::KeyDisabled => "key-disabled",
            Self::ClockSkew { .. } => "clock-skew",
            Self::CertificateMissing => "certificate-missing",
            Self::CertificateUnknown => "certificate-unknown",
            Self::CertificateRevoked => "certificate-revoked",
            Self::CertificateExpired => "certificate-expired",
            Self::BodyTooLarge { .. } => "body-too-large",
            Self::BodyDamaged { .. } => "body-damaged",
            Self::BodyTooSlow => "body-too-slow",
            Self::CapabilityTooNew { .. } => "capability-too-new",
            Self::NotFound => "not-found",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::KeyUnknown
            | Self::KeyExpired
            | Self::KeyUsedUp
            | Self::KeyDisabled
            | Self::ClockSkew { .. }
            | Self::CertificateMissing
            | Self::CertificateUnknown
            | Self::CertificateRevoked
            | Self::CertificateExpired => StatusCode::FORBIDDEN,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyDamaged { .. } | Self::CapabilityTooNew { .. } => StatusCode::BAD_REQUEST,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A failure of the server itself: logged here with its causes, told to the agent without them.
    pub(super) fn failed(doing: &'static str, error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(doing, error = %chain(error), "an agent's request failed");
        Self::Unavailable
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let title = status.canonical_reason().unwrap_or("Refused");
        let problem = Problem { r#type: "about:blank", title, status: status.as_u16(), code: self.code(), detail: self.to_string() };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.extensions_mut().insert(Code(self.code()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }
}
