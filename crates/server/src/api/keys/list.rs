//! `GET /api/v1/activation-keys`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::extract::Query;
use crate::api::keys::key::KeyBody;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum KeyColumn {
        /// Title.
        Title = "title",
        /// When it was made.
        CreatedAt = "created_at",
    }
}

list_query! {
    /// Paging of activation keys.
    pub struct KeyQuery sorted by KeyColumn, as "Column to sort by, with `-` before it for largest first: `title`, `created_at`." {
    }
}

/// Activation keys.
#[utoipa::path(
    get,
    path = "/activation-keys",
    tag = "activation-keys",
    operation_id = "list_activation_keys",
    params(KeyQuery),
    responses((status = 200, description = "One page.", body = Page<KeyBody>)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn list_activation_keys(granted: Granted<permission::ManageConfiguration>, Query(query): Query<KeyQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
