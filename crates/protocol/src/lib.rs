//! What agent and server say to each other. A compatibility promise: agents in the field are old.
//!
//! Bodies are [`postcard`] inside zstd, and every body is an enum whose variants are its versions: a new
//! shape is a new variant at the end, an old variant is never changed. [`CAPABILITY`] counts what an
//! agent or server can do; its history is in `docs/reference/agent-link.md`. To add a message, add its
//! types to [`message`], a recorded copy to `tests/recorded/`, and a line to the history.

pub mod codec;
pub mod key;
pub mod message;
pub mod signed;

/// What this build can do. Sent by agents in the header [`CAPABILITY_HEADER`].
pub const CAPABILITY: u16 = 1;
/// Header that carries [`CAPABILITY`], as decimal text.
pub const CAPABILITY_HEADER: &str = "fettle-capability";
/// Content type of every body.
pub const CONTENT_TYPE: &str = "application/vnd.fettle.v1";

/// Paths of the agent link, relative to the server's agent address.
pub mod path {
    /// `POST` [`crate::message::Enroll`] → [`crate::message::Enrolled`]. The only one without a client certificate.
    pub const ENROLL: &str = "/agent/v1/enroll";
    /// `POST` [`crate::message::CheckIn`] → [`crate::message::Nudge`]. Held until there is something to say.
    pub const CHECK_IN: &str = "/agent/v1/check-in";
    /// `POST` [`crate::message::ScanReport`] → [`crate::message::ScanReply`]. Digest first.
    pub const SCAN: &str = "/agent/v1/scan";
    /// `PUT` [`crate::message::InventoryUpload`] → empty. After [`crate::message::ScanReply::SendInventory`].
    pub const INVENTORY: &str = "/agent/v1/inventory";
    /// `GET` → [`crate::message::Work`].
    pub const WORK: &str = "/agent/v1/work";
    /// `POST` [`crate::message::Reports`] → empty.
    pub const REPORTS: &str = "/agent/v1/reports";
    /// `POST` [`crate::message::Renew`] → [`crate::message::Renewed`].
    pub const RENEW: &str = "/agent/v1/renew";
    /// `GET` → bytes, whole or a range: the file with that SHA-256 digest (hexadecimal), when the agent's own work needs it.
    /// Answered from the server's disk, or with where the file is.
    pub const CONTENT: &str = "/agent/v1/content/{sha256}";
}
