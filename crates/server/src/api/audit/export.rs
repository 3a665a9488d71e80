//! `GET /api/v1/audit/export`

use super::list::{DEFAULT_SORT, Log, stored};
use super::query::AuditFilterQuery;
use super::row::AuditBody;
use crate::api::export;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::query::asked::checked;
use crate::api::query::order::Order;
use crate::auth::{Granted, permission};
use axum::response::Response;
use fettle_query::Entity;
use futures::stream;
use std::sync::Arc;

const COLUMNS: &[&str] = &["number", "at", "actor_id", "actor", "from", "action", "subject", "before", "after", "hash"];

/// All entries of the audit log that a query chooses, as CSV, newest first unless asked otherwise.
#[utoipa::path(
    get,
    path = "/audit/export",
    tag = "audit",
    operation_id = "export_audit",
    params(AuditFilterQuery),
    responses((status = 200, description = "One line per entry; before and after as JSON.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn export_audit(
    granted: Granted<permission::Administer>,
    Query(asked): Query<AuditFilterQuery>,
) -> Result<Response, Problem> {
    let app = Arc::clone(granted.app());
    let query = checked(granted.now(), Entity::Audit, "query", asked.query.raw())?;
    let order = Order::asked(asked.sort.as_ref(), DEFAULT_SORT)?;
    let log = Log { order: stored(order), query, after: None };
    let pieces = stream::try_unfold((app, log), |(app, mut log)| async move {
        let rows = log.next(&app.store).await?;
        let lines = rows.map(|rows| rows.into_iter().map(|row| line(row.into())).collect());
        Ok(lines.map(|lines| (lines, (app, log))))
    });
    Ok(export::csv_pieces("audit", COLUMNS, pieces))
}

fn line(row: AuditBody) -> Vec<String> {
    let json = |value: Option<serde_json::Value>| value.map(|value| value.to_string()).unwrap_or_default();
    vec![
        row.number.to_string(),
        row.at.to_string(),
        row.actor_id.map(|id| id.to_string()).unwrap_or_default(),
        row.actor,
        row.from,
        row.action,
        row.subject,
        json(row.before),
        json(row.after),
        row.hash,
    ]
}
