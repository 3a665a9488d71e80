//! `GET /api/v1/results/export`

use super::judge::{Judge, visible_jobs};
use super::list::{DEFAULT_SORT, stored};
use super::query::ResultFilterQuery;
use super::row::{ResultRow, row};
use crate::api::assets::query::Told;
use crate::api::export;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::query::asked::checked;
use crate::api::query::order::Order;
use crate::auth::{Granted, permission};
use axum::response::Response;
use fettle_query::{Entity, Truth};
use fettle_store::ResultReader;
use futures::stream;

const COLUMNS: &[&str] =
    &["job_id", "job", "run", "asset_id", "asset", "patch", "title", "status", "reason", "failure", "exit_code", "started_at", "ended_at"];

/// All results that a query chooses, as CSV.
#[utoipa::path(
    get,
    path = "/results/export",
    tag = "results",
    operation_id = "export_results",
    params(ResultFilterQuery),
    responses((status = 200, description = "One line per result.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn export_results(
    granted: Granted<permission::ViewJob>,
    Query(asked): Query<ResultFilterQuery>,
) -> Result<Response, Problem> {
    let seen = granted.seen(asked.version)?;
    let query = checked(seen.at, Entity::Result, "query", asked.query.raw())?;
    let order = Order::asked(asked.sort.as_ref(), DEFAULT_SORT)?;
    let wanted = asked.truth.unwrap_or(Told::Certain).truth();
    let jobs = visible_jobs(&granted).await?;
    let judge = Judge::new(&granted, seen, query.clone())?;
    let reader = granted.app().store.results_that_may(query, jobs, stored(order), None);
    let pieces = stream::try_unfold((reader, judge), move |(mut reader, judge)| async move {
        let piece = piece(&mut reader, &judge, wanted).await?;
        Ok(piece.map(|lines| (lines, (reader, judge))))
    });
    Ok(export::csv_pieces("results", COLUMNS, pieces))
}

/// The lines of what is read at once; `None` at the end.
async fn piece(reader: &mut ResultReader, judge: &Judge, wanted: Truth) -> Result<Option<Vec<Vec<String>>>, Problem> {
    let parts = reader.next().await?;
    if parts.is_empty() {
        return Ok(None);
    }
    let chosen = parts.iter().flat_map(|part| {
        let rows = part.patches.iter().zip(judge.truths(part)).filter(|(_, truth)| *truth == wanted);
        rows.map(|(patch, _)| line(row(part, patch))).collect::<Vec<_>>()
    });
    Ok(Some(chosen.collect()))
}

fn line(row: ResultRow) -> Vec<String> {
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let failure = row.failure.as_ref();
    vec![
        row.job.id.to_string(),
        row.job.name,
        row.run.to_string(),
        row.asset.id.to_string(),
        row.asset.name,
        row.patch.id.to_string(),
        row.patch.title,
        row.status.to_string(),
        failure.map(|failure| failure.reason.to_string()).unwrap_or_default(),
        failure.map(|failure| failure.sentence.clone()).unwrap_or_default(),
        failure.and_then(|failure| failure.exit_code).map(|code| code.to_string()).unwrap_or_default(),
        time(row.started_at),
        time(row.ended_at),
    ]
}
