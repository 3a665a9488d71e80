//! What can go wrong in the client, in words that say what to do.

use super::answer::Problem;
use std::path::PathBuf;

/// Why a command ended without doing what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The command line makes no sense; known only after looking closer than the parser does.
    #[error("{0}")]
    Usage(String),
    /// Something is not so that the command could work; the text says what to do.
    #[error("{0}")]
    Failed(String),
    /// The server refused.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The server did not answer.
    #[error("could not reach {server}")]
    Unreachable {
        /// Its address.
        server: String,
        #[source]
        source: reqwest::Error,
    },
    /// The answer is not what the API describes.
    #[error("{server} gave an answer that this client does not understand ({what})")]
    Answer {
        /// The server's address.
        server: String,
        /// What was wrong with it.
        what: String,
    },
    /// A file could not be read or written.
    #[error("could not {action} {path}")]
    File {
        /// `read`, `write`, `create`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The terminal could not be asked.
    #[error("could not read an answer from the terminal")]
    Terminal(#[source] std::io::Error),
    /// Printing failed.
    #[error("could not print the answer")]
    Output(#[source] std::io::Error),
    /// The program that reads the output has gone; nothing is wrong.
    #[error("nobody reads the output any more")]
    ReaderGone,
    /// A record could not be printed as JSON.
    #[error("could not print the answer as JSON")]
    Encode(#[source] serde_json::Error),
    /// A record could not be printed as CSV.
    #[error("could not print the answer as CSV: {0}")]
    Csv(String),
    /// TLS could not be set up.
    #[error("could not set up a trusted connection")]
    Tls(#[source] rustls::Error),
}

impl CliError {
    /// Failure to print, told apart from a reader that has seen enough (`fettle assets | head`).
    pub(super) fn from_output(source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::BrokenPipe { Self::ReaderGone } else { Self::Output(source) }
    }

    /// 2 for a wrong command line, a wrong query included, otherwise 1.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(problem) if problem.rendered.is_some() => 2,
            _ => 1,
        }
    }

    /// The whole story over several lines: what, why, what to do.
    pub(super) fn explain(&self) -> String {
        let mut text = format!("error: {self}");
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text.push_str(&format!("\n  because: {cause}"));
            source = cause.source();
        }
        if let Some(advice) = self.advice() {
            text.push_str(&format!("\n  what to do: {advice}"));
        }
        text
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Refused(problem) => problem.advice(),
            Self::Unreachable { server, source } => Some(unreachable_advice(server, source)),
            Self::Answer { .. } => {
                Some("check that the address is that of a Fettle server and that client and server have the same version.".to_owned())
            }
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                Some("run the command as the user who owns this file.".to_owned())
            }
            _ => None,
        }
    }
}

fn unreachable_advice(server: &str, source: &reqwest::Error) -> String {
    if is_about_trust(source) {
        return "its certificate is not trusted. Log in again with `fettle login` to trust the server's own certificate authority, \
                or name the authority with --ca FILE."
            .to_owned();
    }
    if source.is_timeout() {
        return format!("it took too long. Look whether the server at {server} is busy, then try again.");
    }
    format!("check that the server runs (`fettle doctor`) and that {server} is its address (--server or FETTLE_SERVER).")
}

/// Whether a refused certificate is at the bottom of an error.
fn is_about_trust(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return true;
    }
    // An input/output error is no link of the chain of its own: its source is that of what it holds.
    let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    held.is_some_and(|held| is_about_trust(held)) || error.source().is_some_and(is_about_trust)
}
