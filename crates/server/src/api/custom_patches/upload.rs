//! `PUT /api/v1/custom-patches/content/{sha256}`

use super::custom_patch::ContentBody;
use super::{convert, refused};
use crate::api::extract::{Json, Path};
use crate::api::mirrors::mirror::digest;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::body::Body;

/// Uploads a file, as it is. It is there when this is answered with success and nothing of it is there otherwise, so that the
/// request can be repeated. Its kind is told by its content. A file that no patch is made of within a day is removed.
#[utoipa::path(
    put,
    path = "/custom-patches/content/{sha256}",
    tag = "custom-patches",
    operation_id = "upload_custom_content",
    params(("sha256" = String, Path, description = "SHA-256 digest of the file, hexadecimal.")),
    request_body(content = String, content_type = "application/octet-stream", description = "The file."),
    responses((status = 200, description = "It is there; what it says of itself.", body = ContentBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn upload_custom_content(
    granted: Granted<permission::ManageConfiguration>,
    Path(sha256): Path<String>,
    body: Body,
) -> Result<Json<ContentBody>, Problem> {
    let app = granted.app();
    let stated = digest(&sha256).ok_or_else(|| Problem::invalid_field("sha256", "must be a SHA-256 digest: 64 hexadecimal digits"))?;
    let content = app.contents.receive(stated, body.into_data_stream()).await.map_err(refused::problem)?;
    let shown = convert::content(&content);
    app.store.record_audit(&granted.audit("custom_patch.upload", format!("file {stated}")).after(&shown.file)).await?;
    // Files that others uploaded and never used go when somebody uploads the next.
    app.contents.sweep(&app.store, granted.now()).await?;
    Ok(Json(shown))
}
