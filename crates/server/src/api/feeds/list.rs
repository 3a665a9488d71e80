//! `GET /api/v1/feeds`

use super::convert;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::feeds::feed::FeedBody;
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum FeedColumn {
        /// Name.
        Name = "name",
    }
}

list_query! {
    /// Paging of feeds.
    pub(super) struct FeedQuery sorted by FeedColumn, as "Column to sort by, with `-` before it for largest first: `name`." {
    }
}

/// Feeds.
#[utoipa::path(
    get,
    path = "/feeds",
    tag = "feeds",
    operation_id = "list_feeds",
    params(FeedQuery),
    responses((status = 200, description = "One page.", body = Page<FeedBody>)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn list_feeds(
    granted: Granted<permission::ManageConfiguration>,
    Query(query): Query<FeedQuery>,
) -> Result<Json<Page<FeedBody>>, Problem> {
    let app = granted.app();
    let text = query.q.get().map(str::to_lowercase);
    let feeds = app.store.feeds().await?.into_iter();
    let feeds = feeds.filter(|feed| text.as_ref().is_none_or(|text| feed.name.to_lowercase().contains(text)));
    let rows = feeds.map(|feed| convert::body(app, feed)).collect::<Result<_, _>>()?;
    let sort = query.sort.unwrap_or(Sort { by: FeedColumn::Name, descending: false });
    let place = |row: &FeedBody| (Key::text(&row.name), row.id.to_string());
    cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, place).map(Json)
}
