//! What `fettle-agent status` shows: written by the running agent, read by anyone who may.

use fettle_model::ids::AssetId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The agent at one moment. Times are the agent's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Process id of the running agent.
    pub pid: u32,
    /// The agent's version.
    pub version: String,
    /// The asset this machine is.
    pub asset: Option<AssetId>,
    /// The server.
    pub server: String,
    /// The agent never changes its machine.
    pub assess_only: bool,
    /// When the server last answered.
    pub last_contact: Option<Timestamp>,
    /// What is wrong with the connection, if anything.
    pub link_error: Option<String>,
    /// Seconds this machine's clock is ahead of the server's, negative when behind; only when it is much.
    pub clock_ahead_seconds: Option<i64>,
    /// When the machine was last scanned and the server had the result.
    pub last_scan: Option<Timestamp>,
    /// Why the last scan failed, if it did.
    pub scan_error: Option<String>,
    /// The job that is being carried out.
    pub job: Option<String>,
    /// What is being done for it.
    pub doing: Option<String>,
}
