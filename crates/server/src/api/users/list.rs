//! `GET /api/v1/users`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::api::users::user::UserBody;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum UserColumn {
        /// Name.
        Name = "name",
        /// When they were made.
        CreatedAt = "created_at",
    }
}

list_query! {
    /// Paging of users.
    pub struct UserQuery sorted by UserColumn, as "Column to sort by, with `-` before it for largest first: `name`, `created_at`." {
    }
}

/// Users.
#[utoipa::path(
    get,
    path = "/users",
    tag = "users",
    operation_id = "list_users",
    params(UserQuery),
    responses((status = 200, description = "One page.", body = Page<UserBody>)),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn list_users(granted: Granted<permission::Administer>, Query(query): Query<UserQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
