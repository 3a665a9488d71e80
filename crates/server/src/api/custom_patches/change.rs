//! `PATCH /api/v1/custom-patches/{id}`

use super::convert;
use super::custom_patch::{ChangeCustomPatch, CustomPatchBody};
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use fettle_model::custom::CustomPatch;
use fettle_model::ids::CustomPatchId;

/// Changes what is said of a custom patch, or switches it on or off. Its file stays: another file is another patch.
#[utoipa::path(
    patch,
    path = "/custom-patches/{id}",
    tag = "custom-patches",
    operation_id = "change_custom_patch",
    params(("id" = Uuid, Path, description = "Id of the custom patch.")),
    request_body = ChangeCustomPatch,
    responses((status = 200, description = "The patch, as it is now.", body = CustomPatchBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn change_custom_patch(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<CustomPatchId>,
    Json(body): Json<ChangeCustomPatch>,
) -> Result<Json<CustomPatchBody>, Problem> {
    let app = granted.app();
    let before = app.store.custom_patch(id).await?.ok_or_else(|| Problem::not_found("custom patch"))?;
    let after = CustomPatch {
        details: convert::changed(before.details.clone(), &body.details),
        enabled: body.enabled.unwrap_or(before.enabled),
        changed_at: granted.now(),
        ..before.clone()
    };
    convert::check(&after)?;
    let shown = convert::body(after.clone());
    let audit = granted.audit("custom_patch.change", format!("custom patch {id}")).before(&convert::body(before)).after(&shown);
    app.store.update_custom_patch(&after, &audit).await?;
    app.signals.ask(Reconciler::Reassess);
    Ok(Json(shown))
}
