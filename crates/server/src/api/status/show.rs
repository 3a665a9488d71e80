//! `GET /api/v1/status`

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use axum::response::Response;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// How the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Version of the server.
    pub version: String,
    /// The server's clock.
    pub time: Timestamp,
    /// Grows with every change of the catalog.
    pub catalog_generation: u64,
    /// What is in scope.
    pub totals: Totals,
    /// What happens by itself, and how it went last.
    pub reconcilers: Vec<ReconcilerStatus>,
}

/// Counts over what the caller sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    /// Assets.
    pub assets: u64,
    /// Assets whose agent is connected now.
    pub online: u64,
    /// Assets that miss at least one patch that nothing supersedes.
    pub assets_missing: u64,
    /// Assets that should be restarted.
    pub pending_reboot: u64,
    /// Patches that at least one asset misses and nothing supersedes.
    pub patches_missing: u64,
    /// Of `patches_missing`, those that fix vulnerabilities.
    pub security_patches_missing: u64,
}

/// How something that happens by itself went last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReconcilerStatus {
    /// Name, such as `sync_catalog`.
    pub name: String,
    /// When it last began.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// When it last ended; `null` while it works for the first time.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// What it did; empty when there was nothing to do.
    pub result: String,
    /// Why it failed, if it did.
    #[schema(required)]
    pub error: Option<String>,
}

/// How the server is.
#[utoipa::path(
    get,
    path = "/status",
    tag = "status",
    operation_id = "show_status",
    responses((status = 200, description = "The state.", body = Status)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_status(granted: Granted<permission::ViewFleet>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
