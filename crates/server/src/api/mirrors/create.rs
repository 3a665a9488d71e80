//! `POST /api/v1/mirrors`

use super::mirror::{self, CreateMirror, MirrorBody};
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::response::Response;
use fettle_model::ids::MirrorId;
use fettle_store::MirrorRecord;

/// Makes a mirror.
#[utoipa::path(
    post,
    path = "/mirrors",
    tag = "mirrors",
    operation_id = "create_mirror",
    params(IdempotencyHeader),
    request_body = CreateMirror,
    responses((status = 201, description = "Made.", body = MirrorBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_mirror(
    granted: Granted<permission::ManageConfiguration>,
    key: IdempotencyKey,
    Json(body): Json<CreateMirror>,
) -> Result<Response, Problem> {
    let app = granted.app();
    let record = MirrorRecord {
        id: MirrorId::make(granted.now(), app.entropy.ten()),
        name: mirror::name(&body.name)?,
        rule: mirror::rule(&body.rule, body.plain_http)?,
        plain_http: body.plain_http,
        enabled: body.enabled,
        created_at: granted.now(),
    };
    once(&granted, key, &body, async {
        let id = record.id;
        let shown = MirrorBody::from(record.clone());
        app.store.create_mirror(&record, &granted.audit("mirror.create", format!("mirror {id}")).after(&shown)).await?;
        Ok(Created { location: format!("/mirrors/{id}"), body: shown })
    })
    .await
}
