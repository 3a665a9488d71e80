//! `GET /api/v1/custom-patches/content/{sha256}`

use super::custom_patch::ContentBody;
use super::{convert, refused};
use crate::api::extract::{Json, Path};
use crate::api::mirrors::mirror::digest;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// What an uploaded file says of itself; 404 when it has to be uploaded first.
#[utoipa::path(
    get,
    path = "/custom-patches/content/{sha256}",
    tag = "custom-patches",
    operation_id = "show_custom_content",
    params(("sha256" = String, Path, description = "SHA-256 digest of the file, hexadecimal.")),
    responses((status = 200, description = "It is there.", body = ContentBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn show_custom_content(
    granted: Granted<permission::ManageConfiguration>,
    Path(sha256): Path<String>,
) -> Result<Json<ContentBody>, Problem> {
    let missing = || Problem::not_found("file");
    let wanted = digest(&sha256).ok_or_else(missing)?;
    let content = granted.app().contents.find(wanted).await.map_err(refused::problem)?.ok_or_else(missing)?;
    Ok(Json(convert::content(&content)))
}
