//! `GET /api/v1/download-locations`

use super::hosts;
use super::location::{DownloadLocation, Purpose};
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{AnyOf, Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use crate::locations::Locations;
use url::Url;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum LocationColumn {
        /// Host.
        Host = "host",
        /// Scheme.
        Scheme = "scheme",
        /// Port.
        Port = "port",
        /// Why agents must reach it.
        Purpose = "purpose",
        /// Number of patches.
        Patches = "patches",
    }
}

list_query! {
    /// Which download locations.
    pub(super) struct LocationQuery and LocationFilterQuery sorted by LocationColumn, as "Column to sort by, with `-` before it for largest first: `host`, `scheme`, `port`, `purpose`, `patches`." {
        /// Only those for these purposes, separated by commas: `server`, `installers`, `packages`.
        #[param(value_type = Option<String>)]
        purpose: AnyOf<Purpose>,
    }
}

/// Hosts that agents must reach, as the catalog, the feeds and the mirrors are now. Text is looked for in hosts and names of
/// feeds. An address that redirects is listed by its own host: what lies behind it only its owner knows.
#[utoipa::path(
    get,
    path = "/download-locations",
    tag = "download-locations",
    operation_id = "list_download_locations",
    params(LocationQuery),
    responses((status = 200, description = "One page.", body = Page<DownloadLocation>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_download_locations(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<LocationQuery>,
) -> Result<Json<Page<DownloadLocation>>, Problem> {
    let rows = chosen(&granted, &query).await?;
    let sort = sort(&query);
    cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, |row| place(row, sort.by)).map(Json)
}

fn sort(query: &LocationQuery) -> Sort<LocationColumn> {
    query.sort.unwrap_or(Sort { by: LocationColumn::Host, descending: false })
}

/// What a row is sorted by, and what tells it from all others.
fn place(row: &DownloadLocation, by: LocationColumn) -> (Key, String) {
    let key = match by {
        LocationColumn::Host => Key::text(&row.host),
        LocationColumn::Scheme => Key::text(&row.scheme),
        LocationColumn::Port => Key::Number(i64::from(row.port)),
        LocationColumn::Purpose => Key::text(row.purpose.as_str()),
        LocationColumn::Patches => Key::Number(i64::try_from(row.patches).unwrap_or(i64::MAX)),
    };
    (key, format!("{} {:05} {} {}", row.host, row.port, row.scheme, row.purpose))
}

/// All rows that are asked for, by host.
async fn chosen(granted: &Granted<permission::ViewFleet>, query: &LocationQuery) -> Result<Vec<DownloadLocation>, Problem> {
    let app = granted.app();
    let locations = Locations::now(app).await?;
    let mut feeds = Vec::new();
    for feed in app.store.feeds().await? {
        let config = serde_json::from_value(feed.config).map_err(|error| Problem::internal(&error))?;
        feeds.push((feed.name, config));
    }
    let server = Url::parse(&app.settings.agent_url()).map_err(|error| Problem::internal(&error))?;
    let view = granted.view();
    // A catalog with a hundred thousand installers is tens of milliseconds of addresses to read.
    let all =
        tokio::task::spawn_blocking(move || hosts::hosts(&server, view.catalog().entries().map(|entry| &entry.patch), &locations, &feeds));
    let mut rows = all.await.map_err(|error| Problem::internal(&error))?;
    let text = query.q.get().map(str::to_lowercase);
    rows.retain(|row| query.purpose.0.is_empty() || query.purpose.0.contains(&row.purpose));
    rows.retain(|row| {
        text.as_ref().is_none_or(|text| row.host.contains(text) || row.feeds.iter().any(|feed| feed.to_lowercase().contains(text)))
    });
    Ok(rows)
}

/// All rows that are asked for, in the order that is asked for.
pub(super) async fn sorted(granted: &Granted<permission::ViewFleet>, query: &LocationQuery) -> Result<Vec<DownloadLocation>, Problem> {
    let mut rows = chosen(granted, query).await?;
    let sort = sort(query);
    rows.sort_by_cached_key(|row| place(row, sort.by));
    if sort.descending {
        rows.reverse();
    }
    Ok(rows)
}
