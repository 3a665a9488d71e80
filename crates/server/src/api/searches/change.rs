//! `PUT /api/v1/searches/{id}`

use super::search::{self, SearchBody, SearchInput};
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::SearchId;
use fettle_store::SavedSearch;

/// Replaces name and queries of a search the caller keeps.
#[utoipa::path(
    put,
    path = "/searches/{id}",
    tag = "searches",
    operation_id = "change_search",
    params(("id" = Uuid, Path, description = "Id of the search.")),
    request_body = SearchInput,
    responses((status = 200, description = "The search, as it is now.", body = SearchBody)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn change_search(
    granted: Granted<permission::ManageOwnAccount>,
    Path(id): Path<SearchId>,
    Json(body): Json<SearchInput>,
) -> Result<Json<SearchBody>, Problem> {
    let app = granted.app();
    let before = app.store.search(granted.actor().user, id).await?.ok_or_else(|| Problem::not_found("search"))?;
    let name = search::name(&body.name)?;
    let text = search::text(app, before.entity, &body.query, &body.beside)?;
    let search = SavedSearch { name, text, updated_at: granted.now(), ..before };
    app.store.update_search(&search).await?;
    Ok(Json(search.into()))
}
