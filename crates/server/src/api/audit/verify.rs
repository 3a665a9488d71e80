//! `GET /api/v1/audit/verify`

use crate::api::audit::row::AuditCheck;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_store::AuditVerdict;

/// Recomputes the chain of hashes over the whole log.
#[utoipa::path(
    get,
    path = "/audit/verify",
    tag = "audit",
    operation_id = "verify_audit",
    responses((status = 200, description = "What was found.", body = AuditCheck)),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn verify_audit(granted: Granted<permission::Administer>) -> Result<Json<AuditCheck>, Problem> {
    Ok(Json(match granted.app().store.verify_audit().await? {
        AuditVerdict::Whole(entries) => AuditCheck { whole: true, entries, broken_at: None },
        AuditVerdict::Broken { number } => AuditCheck { whole: false, entries: number.saturating_sub(1), broken_at: Some(number) },
    }))
}
