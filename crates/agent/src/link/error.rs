//! What can go wrong between agent and server, each with what to do about it.

use crate::state::identity::IdentityError;
use fettle_protocol::codec::CodecError;
use serde::Deserialize;
use url::Url;

/// Most bytes of a refusal that are read.
pub(super) const PROBLEM_LIMIT: usize = 16 * 1024;
/// Most characters of a refusal's text that are shown.
const TEXT_LIMIT: usize = 500;

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// The identity is not usable.
    #[error("the identity in the state folder is not usable; enrol this machine again")]
    Identity(#[from] IdentityError),
    /// TLS does not accept keys or certificates.
    #[error("TLS does not accept the keys and certificates in the state folder; enrol this machine again")]
    Rustls(#[from] rustls::Error),
}

/// A request to the server failed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The server's address is not one.
    #[error("{server} is not an agent address: it must look like https://fettle.example:8481")]
    Address {
        /// What was given.
        server: Url,
    },
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The HTTP client could not be set up.
    #[error("could not set up the connection")]
    Client(#[source] reqwest::Error),
    /// Nobody answers.
    #[error(
        "could not reach the server at {server}: check that it runs, that the address and port are right, and that no firewall is between"
    )]
    Unreachable {
        /// The address.
        server: Url,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// Somebody else answers.
    #[error(
        "whoever answers at {server} is not the server this agent trusts ({why}): the address leads elsewhere, the connection is intercepted, or the server was set up anew; if so, enrol with a new key"
    )]
    Untrusted {
        /// The address.
        server: Url,
        /// What TLS says.
        why: String,
    },
    /// The server's certificate is not valid at this machine's time.
    #[error(
        "the server's certificate is not valid at this machine's time ({why}): set this machine's clock; if it is right, restart the server so that it renews its certificate"
    )]
    Clock {
        /// What TLS says.
        why: String,
    },
    /// The server refused the handshake.
    #[error("the server at {server} refused this agent's certificate ({why}): enrol this machine again; it stays the same asset")]
    Handshake {
        /// The address.
        server: Url,
        /// What TLS says.
        why: String,
    },
    /// The server refused the request.
    #[error("the server refused ({code}): {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The refusal's stable code; empty when it gave none.
        code: String,
        /// What to do, for people.
        detail: String,
    },
    /// The server, or something before it, cannot answer now.
    #[error("the server cannot answer now (HTTP status {status}): {detail}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// The message could not be encoded.
    #[error("could not encode a message for the server")]
    Encode(#[source] CodecError),
    /// The answer is not one.
    #[error("the server's answer cannot be read: something between changed it, or the server is newer than this agent")]
    Decode(#[source] CodecError),
    /// The answer is too large.
    #[error("the server's answer is larger than the limit of {limit} bytes")]
    AnswerTooLarge {
        /// The limit.
        limit: usize,
    },
}

impl LinkError {
    /// Whether trying again by itself can help. Otherwise a person has to do something first, and the agent
    /// tries at its slowest pace.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Unavailable { .. } | Self::Decode(_) | Self::AnswerTooLarge { .. })
    }

    /// Whether the server will never take this body, however often it is sent.
    #[must_use]
    pub fn is_about_the_body(&self) -> bool {
        matches!(self.code(), Some("body-damaged" | "body-too-large"))
    }

    /// The refusal's code, when the server gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

/// What a failed request says.
pub(super) fn sending(server: &Url, source: reqwest::Error) -> LinkError {
    let Some(tls) = find_tls(&source) else { return LinkError::Unreachable { server: server.clone(), source } };
    let why = tls.to_string();
    match tls {
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::Expired
            | rustls::CertificateError::ExpiredContext { .. }
            | rustls::CertificateError::NotValidYet
            | rustls::CertificateError::NotValidYetContext { .. },
        ) => LinkError::Clock { why },
        rustls::Error::AlertReceived(_) => LinkError::Handshake { server: server.clone(), why },
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            LinkError::Untrusted { server: server.clone(), why }
        }
        _ => LinkError::Unreachable { server: server.clone(), source },
    }
}

/// TLS errors travel inside I/O errors, which do not name them as their source.
fn find_tls(error: &reqwest::Error) -> Option<rustls::Error> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls.clone());
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner as &(dyn std::error::Error + 'static)),
            None => error.source(),
        };
    }
    None
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

/// What a refusal says: `application/problem+json`, or whatever a proxy in between sends.
pub(super) fn refused(status: u16, body: &[u8]) -> LinkError {
    let problem = serde_json::from_slice::<Problem>(body).unwrap_or(Problem { code: String::new(), detail: String::new() });
    let code = printable(&problem.code);
    let mut detail = printable(&problem.detail);
    if detail.is_empty() {
        detail = advice(&code).to_owned();
    }
    match status {
        408 | 425 | 429 | 500..=599 => LinkError::Unavailable { status, detail },
        _ => LinkError::Refused { status, code, detail },
    }
}

/// Text from outside, fit for a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(TEXT_LIMIT).collect()
}

/// What to do, where the server does not say it.
fn advice(code: &str) -> &'static str {
    match code {
        "key-unknown" => "the activation key is not known: copy it again, or make a new one in the console",
        "key-expired" => "the activation key has expired: make a new one in the console",
        "key-used-up" => "the activation key has been used as often as it allows: make a new one in the console",
        "key-disabled" => "the activation key is disabled: enable it in the console, or make a new one",
        "clock-skew" => "this machine's clock differs too much from the server's: set it, then try again",
        "certificate-missing" | "certificate-unknown" => "the server does not know this agent: enrol this machine again",
        "certificate-revoked" => "this agent's certificate was revoked: enrol this machine again if it should be managed",
        "certificate-expired" => "this agent's certificate has expired: enrol this machine again; it stays the same asset",
        "body-too-large" => "the upload is larger than the server accepts",
        "body-damaged" => "the upload arrived damaged: something between agent and server changes it",
        "capability-too-new" => "this agent is newer than the server: update the server first",
        _ => "it gave no reason; look at the server's log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("key-unknown", "copy it again")]
    #[case("key-used-up", "make a new one")]
    #[case("clock-skew", "set it")]
    #[case("certificate-revoked", "enrol this machine again")]
    #[case("certificate-expired", "stays the same asset")]
    #[case("capability-too-new", "update the server")]
    fn every_refusal_says_what_to_do(#[case] code: &str, #[case] advice: &str) {
        let body = format!(r#"{{"type":"about:blank","status":403,"code":"{code}"}}"#);
        let error = refused(403, body.as_bytes());
        assert_eq!(error.code(), Some(code));
        assert!(error.to_string().contains(advice), "{error}");
        assert!(!error.passes());
    }

    #[test]
    fn the_servers_own_words_come_first() {
        let error = refused(403, br#"{"code":"clock-skew","detail":"this machine's clock is 3600 seconds behind"}"#);
        assert_eq!(error.to_string(), "the server refused (clock-skew): this machine's clock is 3600 seconds behind");
    }

    #[test]
    fn a_proxys_page_is_no_refusal_by_the_server() {
        let error = refused(502, b"<html>Bad gateway\x1b[31m</html>");
        assert!(error.passes());
        assert!(!error.to_string().contains('\x1b'));
    }
}
