//! `POST /api/v1/searches`

use super::search::{self, SearchBody, SearchInput, SearchQuery};
use crate::api::extract::{Json, Query};
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use axum::response::Response;
use fettle_model::ids::SearchId;
use fettle_store::SavedSearch;

/// Keeps a search.
#[utoipa::path(
    post,
    path = "/searches",
    tag = "searches",
    operation_id = "create_search",
    params(SearchQuery, IdempotencyHeader),
    request_body = SearchInput,
    responses((status = 201, description = "Kept.", body = SearchBody)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn create_search(
    granted: Granted<permission::ManageOwnAccount>,
    key: IdempotencyKey,
    Query(query): Query<SearchQuery>,
    Json(body): Json<SearchInput>,
) -> Result<Response, Problem> {
    let app = granted.app();
    let name = search::name(&body.name)?;
    let text = search::text(app, query.entity, &body.query, &body.beside)?;
    let request = (query.entity.as_str(), &body);
    once(&granted, key, &request, async {
        let now = granted.now();
        let id = SearchId::make(now, app.entropy.ten());
        let search = SavedSearch { id, user: granted.actor().user, entity: query.entity, name, text, created_at: now, updated_at: now };
        app.store.create_search(&search).await?;
        Ok(Created { location: format!("/searches/{id}"), body: SearchBody::from(search) })
    })
    .await
}
