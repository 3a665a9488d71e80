//! Settings: which server, and how patient.

use fettle_deploy::agent::Patience;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// What a running agent is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The server's agent address, `https://host:8481/`.
    pub server: Url,
    /// HTTP proxy on the way to the server. The environment's proxy variables are not looked at: they are meant
    /// for other programs, and an agent that silently follows them is hard to find.
    pub proxy: Option<Url>,
    /// Never change the machine: every manifest is refused.
    pub assess_only: bool,
    /// How long things may take.
    pub pace: Pace,
}

/// How long things may take, and how often they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long the server may hold a check-in, in seconds; at most 300.
    pub wait_seconds: u16,
    /// Least and most pause after a failed request. Doubles from one to the other, with jitter.
    pub retry: (Duration, Duration),
    /// How long a request other than a check-in may take.
    pub request: Duration,
    /// How long another program may hold the package manager.
    pub patience: Patience,
}

impl Default for Pace {
    /// Four minutes are below the idle limit of usual firewalls. Five minutes at most between tries: a server that
    /// is back is noticed within that time by every agent, without a stampede.
    fn default() -> Self {
        Self {
            wait_seconds: 240,
            retry: (Duration::from_secs(2), Duration::from_secs(300)),
            request: Duration::from_secs(120),
            patience: Patience::default(),
        }
    }
}

/// `agent.toml` in the state folder: written at enrolment, may be edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsFile {
    /// The server's agent address.
    pub server: Url,
    /// HTTP proxy on the way to the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Url>,
    /// Never change the machine.
    #[serde(default)]
    pub assess_only: bool,
    /// The folder the machine's files are under; other than `/` only for tests.
    #[serde(default = "slash")]
    pub root: PathBuf,
    /// How long another program may hold the package manager's lock before a patch fails, in seconds.
    #[serde(default = "busy_seconds")]
    pub busy_seconds: u32,
}

fn slash() -> PathBuf {
    PathBuf::from("/")
}

fn busy_seconds() -> u32 {
    Patience::default().busy_seconds
}

impl SettingsFile {
    /// The settings of an agent of `server` on the machine itself, that may change it.
    #[must_use]
    pub fn new(server: Url) -> Self {
        Self { server, proxy: None, assess_only: false, root: slash(), busy_seconds: busy_seconds() }
    }

    /// What the agent runs with.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let patience = Patience { busy_seconds: self.busy_seconds, ..Patience::default() };
        let pace = Pace { patience, ..Pace::default() };
        Settings { server: self.server.clone(), proxy: self.proxy.clone(), assess_only: self.assess_only, pace }
    }
}
