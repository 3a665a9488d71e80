//! `GET /api/v1/users`

use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
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
    pub(super) struct UserQuery sorted by UserColumn, as "Column to sort by, with `-` before it for largest first: `name`, `created_at`." {
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
pub(super) async fn list_users(
    granted: Granted<permission::Administer>,
    Query(query): Query<UserQuery>,
) -> Result<Json<Page<UserBody>>, Problem> {
    let text = query.q.get().map(str::to_lowercase);
    let users = granted.app().store.users().await?.into_iter();
    let rows = users.filter(|user| text.as_ref().is_none_or(|text| user.name.to_lowercase().contains(text))).map(UserBody::from).collect();
    let sort = query.sort.unwrap_or(Sort { by: UserColumn::Name, descending: false });
    let page = cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, |row: &UserBody| {
        let key = match sort.by {
            UserColumn::Name => Key::text(&row.name),
            UserColumn::CreatedAt => Key::time(Some(row.created_at)),
        };
        (key, row.id.to_string())
    });
    page.map(Json)
}
