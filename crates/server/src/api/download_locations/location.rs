//! Download locations as the API shows them.

use crate::api::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

fettle_model::text_enum! {
    /// Why agents must reach a host.
    pub enum Purpose {
        /// It is this server: check-ins, scans, and patches that administrators uploaded.
        Server = "server",
        /// It has installers that agents fetch themselves.
        Installers = "installers",
        /// It has packages that the machines' own package managers fetch.
        Packages = "packages",
    }
}

/// A host that agents must reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DownloadLocation {
    /// `https` or `http`.
    pub scheme: String,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Why.
    #[schema(value_type = words::Purpose)]
    pub purpose: Purpose,
    /// Patches with something to fetch there. A patch may be counted at several hosts.
    pub patches: u64,
    /// Names of the feeds that these patches come from, in order.
    pub feeds: Vec<String>,
    /// A mirror leads there.
    pub mirror: bool,
    /// What to know about it; `null` when there is nothing.
    #[schema(required)]
    pub note: Option<String>,
}
