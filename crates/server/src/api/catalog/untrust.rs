//! `DELETE /api/v1/catalog/sources/{id}`

use super::body::CatalogSourceBody;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use axum::http::StatusCode;
use fettle_model::ids::CatalogSourceId;

/// Trusts a server no more: its feeds are removed and their patches withdrawn.
#[utoipa::path(
    delete,
    path = "/catalog/sources/{id}",
    tag = "catalog",
    operation_id = "untrust_catalog_source",
    params(("id" = Uuid, Path, description = "Id of the source.")),
    responses((status = 204, description = "No longer trusted.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn untrust_catalog_source(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<CatalogSourceId>,
) -> Result<StatusCode, Problem> {
    let app = granted.app();
    let sources = app.store.catalog_sources().await?;
    let before = sources.into_iter().find(|source| source.id == id).ok_or_else(|| Problem::not_found("source of bundles"))?;
    let audit = granted.audit("catalog.untrust", format!("source {id}")).before(&CatalogSourceBody::from(before));
    app.store.delete_catalog_source(id, &audit).await?;
    // Its patches are gone from the stored catalog; the findings follow.
    app.signals.ask(Reconciler::Reassess);
    Ok(StatusCode::NO_CONTENT)
}
