//! `POST /api/v1/custom-patches`

use super::custom_patch::{CreateCustomPatch, CustomPatchBody};
use super::{convert, refused};
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::mirrors::mirror::digest;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use axum::response::Response;
use fettle_model::custom::{CustomPatch, Details, File};
use fettle_model::ids::CustomPatchId;

/// Makes a patch of a file that was uploaded. It is in the catalog at once, in the feed `custom`.
#[utoipa::path(
    post,
    path = "/custom-patches",
    tag = "custom-patches",
    operation_id = "create_custom_patch",
    params(IdempotencyHeader),
    request_body = CreateCustomPatch,
    responses((status = 201, description = "Made.", body = CustomPatchBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_custom_patch(
    granted: Granted<permission::ManageConfiguration>,
    key: IdempotencyKey,
    Json(body): Json<CreateCustomPatch>,
) -> Result<Response, Problem> {
    let app = granted.app();
    let refuse = |message: &str| Problem::invalid_field("sha256", message);
    let sha256 = digest(&body.sha256).ok_or_else(|| refuse("must be a SHA-256 digest: 64 hexadecimal digits"))?;
    let _held = app.contents.hold().await;
    let content = app.contents.find(sha256).await.map_err(refused::problem)?;
    let content = content.ok_or_else(|| refuse("is of no file that is here; upload the file first"))?;
    let patch = CustomPatch {
        id: CustomPatchId::make(granted.now(), app.entropy.ten()),
        details: convert::changed(Details::proposed(&content.facts), &body.details),
        file: File { name: body.file_name.trim().to_owned(), size: content.size, sha256, facts: content.facts },
        enabled: body.enabled,
        created_at: granted.now(),
        changed_at: granted.now(),
    };
    convert::check(&patch)?;
    once(&granted, key, &body, async {
        let id = patch.id;
        let shown = convert::body(patch.clone());
        app.store.create_custom_patch(&patch, &granted.audit("custom_patch.create", format!("custom patch {id}")).after(&shown)).await?;
        app.signals.ask(Reconciler::Reassess);
        Ok(Created { location: format!("/custom-patches/{id}"), body: shown })
    })
    .await
}
