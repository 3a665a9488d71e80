//! `GET /api/v1/catalog/key`

use super::body::CatalogKeyBody;
use super::refused;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_catalog::bundle::BundleKey;

/// The key that signs bundles of this server's catalog: what servers that import them are told to trust.
#[utoipa::path(
    get,
    path = "/catalog/key",
    tag = "catalog",
    operation_id = "show_catalog_key",
    responses((status = 200, description = "The key.", body = CatalogKeyBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn show_catalog_key(granted: Granted<permission::ManageConfiguration>) -> Result<Json<CatalogKeyBody>, Problem> {
    let app = granted.app();
    let key = app.authority.catalog_key(app.entropy.as_ref()).map_err(|error| refused::problem(error.into()))?;
    Ok(Json(CatalogKeyBody {
        key: BundleKey::of(&key).to_string(),
        exporter: app.store.installation_id(),
        name: app.settings.public_name.clone(),
    }))
}
