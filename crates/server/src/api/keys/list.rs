//! `GET /api/v1/activation-keys`

use super::convert::Keys;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::keys::key::KeyBody;
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
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
    pub(super) struct KeyQuery sorted by KeyColumn, as "Column to sort by, with `-` before it for largest first: `title`, `created_at`." {
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
pub(super) async fn list_activation_keys(
    granted: Granted<permission::ManageConfiguration>,
    Query(query): Query<KeyQuery>,
) -> Result<Json<Page<KeyBody>>, Problem> {
    let keys = Keys::new(&granted).await?;
    let text = query.q.get().map(str::to_lowercase);
    let records = granted.app().store.activation_keys().await?;
    let rows = records.iter().map(|record| keys.body(record));
    let rows = rows.filter(|row| text.as_ref().is_none_or(|text| row.title.to_lowercase().contains(text))).collect();
    let sort = query.sort.unwrap_or(Sort { by: KeyColumn::CreatedAt, descending: true });
    let page = cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, |row: &KeyBody| {
        let key = match sort.by {
            KeyColumn::Title => Key::text(&row.title),
            KeyColumn::CreatedAt => Key::time(Some(row.created_at)),
        };
        (key, row.id.to_string())
    });
    page.map(Json)
}
