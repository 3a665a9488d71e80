//! `GET /api/v1/tags`

use super::visible::Visible;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::api::tags::tag::TagBody;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum TagColumn {
        /// Name.
        Name = "name",
    }
}

list_query! {
    /// Paging of tags.
    pub(super) struct TagQuery sorted by TagColumn, as "Column to sort by, with `-` before it for largest first: `name`." {
    }
}

/// Tags the caller sees.
#[utoipa::path(
    get,
    path = "/tags",
    tag = "tags",
    operation_id = "list_tags",
    params(TagQuery),
    responses((status = 200, description = "One page.", body = Page<TagBody>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_tags(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<TagQuery>,
) -> Result<Json<Page<TagBody>>, Problem> {
    let text = query.q.get().map(str::to_lowercase);
    let visible = Visible::of(&granted).await?;
    let tags = visible.tags().iter().filter(|tag| text.as_ref().is_none_or(|text| tag.name.to_lowercase().contains(text)));
    let rows = tags.map(|tag| TagBody::new(tag.clone(), visible.carriers(tag.id), granted.app())).collect();
    let sort = query.sort.unwrap_or(Sort { by: TagColumn::Name, descending: false });
    let place = |row: &TagBody| (Key::text(&row.name), row.id.to_string());
    cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, place).map(Json)
}
