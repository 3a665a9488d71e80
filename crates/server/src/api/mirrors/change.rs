//! `PATCH /api/v1/mirrors/{id}`

use super::mirror::{self, ChangeMirror, MirrorBody};
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use fettle_model::ids::MirrorId;
use fettle_store::MirrorRecord;

/// Changes a mirror.
#[utoipa::path(
    patch,
    path = "/mirrors/{id}",
    tag = "mirrors",
    operation_id = "change_mirror",
    params(("id" = Uuid, Path, description = "Id of the mirror.")),
    request_body = ChangeMirror,
    responses((status = 200, description = "The mirror, as it is now.", body = MirrorBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn change_mirror(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<MirrorId>,
    Json(body): Json<ChangeMirror>,
) -> Result<Json<MirrorBody>, Problem> {
    let app = granted.app();
    let before = app.store.mirror(id).await?.ok_or_else(|| Problem::not_found("mirror"))?;
    let plain_http = body.plain_http.unwrap_or(before.plain_http);
    // Also an unchanged rule is checked: plain HTTP may have been taken back from it.
    let rule = mirror::rule(&body.rule.clone().unwrap_or_else(|| before.rule.clone().into()), plain_http)?;
    let name = body.name.as_deref().map_or(Ok(before.name.clone()), mirror::name)?;
    let after = MirrorRecord { name, rule, plain_http, enabled: body.enabled.unwrap_or(before.enabled), ..before.clone() };
    let shown = MirrorBody::from(after.clone());
    let audit = granted.audit("mirror.change", format!("mirror {id}")).before(&MirrorBody::from(before)).after(&shown);
    app.store.update_mirror(&after, &audit).await?;
    Ok(Json(shown))
}
