//! `GET /api/v1/assets/{id}/jobs`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::assets::row::AssetJobRow;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;
use uuid::Uuid;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum AssetJobColumn {
        /// When it began.
        StartedAt = "started_at",
    }
}

list_query! {
    /// Paging of an asset's jobs.
    pub struct AssetJobQuery sorted by AssetJobColumn, as "Column to sort by, with `-` before it for largest first: `started_at`." {
    }
}

/// Runs an asset took part in, newest first. Only jobs that the caller may open.
#[utoipa::path(
    get,
    path = "/assets/{id}/jobs",
    tag = "assets",
    operation_id = "list_asset_jobs",
    params(("id" = Uuid, Path, description = "Id of the asset."), AssetJobQuery),
    responses((status = 200, description = "One page.", body = Page<AssetJobRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_asset_jobs(granted: Granted<permission::ViewFleet>, Path(id): Path<AssetId>, Query(query): Query<AssetJobQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
