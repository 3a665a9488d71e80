//! `POST /api/v1/catalog/sources`

use super::body::{CatalogSourceBody, TrustCatalogSource};
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::response::Response;
use fettle_catalog::bundle::{BundleKey, NotABundleKey};
use fettle_model::ids::CatalogSourceId;
use fettle_store::CatalogSource;

/// Longest name, in characters: it stands behind names of feeds.
const MAX_NAME: usize = 100;

/// Trusts another server: bundles that its key signed can be imported from now on.
#[utoipa::path(
    post,
    path = "/catalog/sources",
    tag = "catalog",
    operation_id = "trust_catalog_source",
    params(IdempotencyHeader),
    request_body = TrustCatalogSource,
    responses((status = 201, description = "Trusted.", body = CatalogSourceBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn trust_catalog_source(
    granted: Granted<permission::ManageConfiguration>,
    idempotency: IdempotencyKey,
    Json(body): Json<TrustCatalogSource>,
) -> Result<Response, Problem> {
    let app = granted.app();
    let key: BundleKey = body.key.parse().map_err(|error: NotABundleKey| Problem::invalid_field("key", error.to_string()))?;
    let name = body.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid_field("name", format!("must be plain text of 1 to {MAX_NAME} characters")));
    }
    let source = CatalogSource {
        id: CatalogSourceId::make(granted.now(), app.entropy.ten()),
        name: name.to_owned(),
        key: key.to_string(),
        imported: None,
        created_at: granted.now(),
    };
    once(&granted, idempotency, &body, async {
        let id = source.id;
        let shown = CatalogSourceBody::from(source.clone());
        let audit = granted.audit("catalog.trust", format!("source {id}")).after(&shown);
        app.store.create_catalog_source(&source, &audit).await?;
        Ok(Created { location: format!("/catalog/sources/{id}"), body: shown })
    })
    .await
}
