//! `DELETE /api/v1/searches/{id}`

use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use axum::http::StatusCode;
use fettle_model::ids::SearchId;

/// Removes a search the caller keeps.
#[utoipa::path(
    delete,
    path = "/searches/{id}",
    tag = "searches",
    operation_id = "delete_search",
    params(("id" = Uuid, Path, description = "Id of the search.")),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn delete_search(granted: Granted<permission::ManageOwnAccount>, Path(id): Path<SearchId>) -> Result<StatusCode, Problem> {
    granted.app().store.delete_search(granted.actor().user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
