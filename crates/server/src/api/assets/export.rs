//! `GET /api/v1/assets/export`

use super::convert::Rows;
use super::query::DEFAULT_SORT;
use super::row::AssetRow;
use crate::api::assets::query::AssetFilterQuery;
use crate::api::export;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::query::order::Order;
use crate::auth::{Granted, permission};
use axum::response::Response;

const COLUMNS: &[&str] = &[
    "id",
    "name",
    "platform",
    "os",
    "release",
    "architecture",
    "tags",
    "scan_status",
    "scan_error",
    "last_scan",
    "last_check_in",
    "online",
    "agent_version",
    "assess_only",
    "logged_on_user",
    "missing",
    "latest_missing",
    "latest_missing_security",
    "missing_critical",
    "installed",
    "compliance",
    "risk",
    "pending_reboot",
    "addresses",
];

/// All assets that the queries choose, as CSV.
#[utoipa::path(
    get,
    path = "/assets/export",
    tag = "assets",
    operation_id = "export_assets",
    params(AssetFilterQuery),
    responses((status = 200, description = "One line per asset.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn export_assets(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<AssetFilterQuery>,
) -> Result<Response, Problem> {
    let order = Order::asked(query.sort.as_ref(), DEFAULT_SORT)?;
    let chosen = query.boxes().choose(&granted)?;
    let rows = Rows::new(granted.app(), chosen.at()).await?;
    let assets = chosen.assets.rows(order.sorted).map_err(order.refused())?;
    Ok(export::csv("assets", COLUMNS, assets, move |asset| line(&rows.row(asset))))
}

fn line(row: &AssetRow) -> Vec<String> {
    let tags: Vec<&str> = row.tags.iter().map(|tag| tag.name.as_str()).collect();
    let text = |value: Option<&dyn ToString>| value.map(ToString::to_string).unwrap_or_default();
    vec![
        row.id.to_string(),
        row.name.clone(),
        text(row.platform.as_ref().map(|value| value as _)),
        row.os.clone(),
        row.release.clone().unwrap_or_default(),
        row.architecture.clone(),
        tags.join("; "),
        row.scan_status.to_string(),
        row.scan_error.clone().unwrap_or_default(),
        text(row.last_scan.as_ref().map(|value| value as _)),
        text(row.last_check_in.as_ref().map(|value| value as _)),
        row.online.to_string(),
        row.agent_version.clone(),
        row.assess_only.to_string(),
        row.logged_on_user.clone().unwrap_or_default(),
        row.missing.to_string(),
        row.latest_missing.to_string(),
        row.latest_missing_security.to_string(),
        row.missing_critical.to_string(),
        row.installed.to_string(),
        row.compliance.map(|share| format!("{share:.1}")).unwrap_or_default(),
        row.risk.to_string(),
        row.pending_reboot.to_string(),
        row.addresses.join("; "),
    ]
}
