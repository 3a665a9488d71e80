//! `GET /api/v1/status`

use crate::api::assets::query::wrong_entity;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::query::asked::internal;
use crate::auth::{Granted, permission};
use crate::work::{LastRun, Reconciler};
use fettle_fleet::Applicable;
use fettle_model::access::{Action, Scope, allowed};
use fettle_model::patch::Category;
use fettle_query::Entity;
use fettle_query::registry::PatchField;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct Status {
    /// Version of the server.
    pub version: String,
    /// The server's clock.
    pub time: Timestamp,
    /// Where agents reach this server: what `fettle-agent enroll --server` is given.
    pub agent_url: String,
    /// Grows with every change of the catalog.
    pub catalog_generation: u64,
    /// What is in scope.
    pub totals: Totals,
    /// What happens by itself, and how it went last.
    pub reconcilers: Vec<ReconcilerStatus>,
}

/// Counts over what the caller sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct Totals {
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
pub(super) struct ReconcilerStatus {
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
pub(super) async fn show_status(granted: Granted<permission::ViewFleet>) -> Result<Json<Status>, Problem> {
    let app = granted.app();
    let view = granted.view();
    let everything = view.everything();
    let totals = everything.totals();
    let online = view.select(&internal(granted.now(), Entity::Asset, "online:yes")?).map_err(wrong_entity)?;
    let missing = internal(granted.now(), Entity::Patch, "patchStatus:missing and isSuperseded:no")?;
    let missing = view.select_patches(&missing, &everything, Applicable::InView).map_err(wrong_entity)?;
    let security = missing.facet(PatchField::Category).into_iter().find(|(category, _)| category == Category::Security.as_str());
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        time: granted.now(),
        agent_url: app.settings.agent_url(),
        catalog_generation: view.catalog().generation(),
        totals: Totals {
            assets: totals.assets,
            online: online.count(),
            assets_missing: totals.assets_missing,
            pending_reboot: totals.pending_reboot,
            patches_missing: missing.count(),
            security_patches_missing: security.map_or(0, |(_, patches)| patches),
        },
        reconcilers: reconcilers(&granted),
    }))
}

/// What they did names feeds and counts assets of every scope, so only who manages them reads that.
fn reconcilers(granted: &Granted<permission::ViewFleet>) -> Vec<ReconcilerStatus> {
    let manages = allowed(granted.actor().role, Action::ManageConfiguration) && *granted.actor().scope() == Scope::Everything;
    let runs = granted.app().signals.last_runs().into_iter();
    let row = |(name, last): (Reconciler, LastRun)| ReconcilerStatus {
        name: name.to_string(),
        started_at: last.started_at,
        ended_at: last.ended_at,
        result: if manages { last.result } else { String::new() },
        error: last.error.map(|error| if manages { error } else { "failed; ask a manager".to_owned() }),
    };
    runs.map(row).collect()
}
