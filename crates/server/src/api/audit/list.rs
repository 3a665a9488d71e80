//! `GET /api/v1/audit`

use super::query::AuditQuery;
use super::row::AuditBody;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::api::query::asked::checked;
use crate::auth::{Granted, permission};
use fettle_query::{Checked, Entity, Truth, interpret};
use fettle_store::{AuditRecord, AuditRow, Store};

/// The only order there is.
const ORDER: Sort<&str> = Sort { by: "at", descending: true };
/// Entries read at a time. Each may hold a whole job before and after its change.
const BATCH: u32 = 200;

/// Entries of the audit log, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    tag = "audit",
    operation_id = "list_audit",
    params(AuditQuery),
    responses((status = 200, description = "One page. `total` is as it was when the first page was read.", body = Page<AuditBody>)),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn list_audit(
    granted: Granted<permission::Administer>,
    Query(asked): Query<AuditQuery>,
) -> Result<Json<Page<AuditBody>>, Problem> {
    let query = checked(granted.now(), Entity::Audit, "query", asked.query.raw())?;
    let store = &granted.app().store;
    let after = cursor::after(asked.cursor.as_deref(), &ORDER)?.map(|place| goes_on(&place).ok_or_else(cursor::refused)).transpose()?;
    // Further pages repeat what the first has counted. Where SQL cannot count, because the query compares people's
    // texts, every entry it does not cut off is read and interpreted once.
    let mut counted = after.map(|(_, total)| total);
    if counted.is_none() {
        counted = store.count_audit(&query).await?;
    }
    let mut before = after.map(|(number, _)| number);
    let mut found: Vec<AuditRow> = Vec::new();
    let mut seen = 0;
    // One row more than the page tells that the log goes on.
    let wanted = asked.limit.get() + 1;
    while counted.is_none() || found.len() < wanted {
        let batch = next(store, &query, &mut before).await?;
        let Some(batch) = batch else { break };
        seen += u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let room = wanted - found.len();
        found.extend(batch.into_iter().take(room));
    }
    let total = counted.unwrap_or(seen);
    let page = cursor::page(found, total, &ORDER, asked.limit, |row| written(row.number, total))?;
    Ok(Json(page.map(AuditBody::from)))
}

/// The entries of the next batch that satisfy the query; `None` at the end of the log.
pub(super) async fn next(store: &Store, query: &Checked, before: &mut Option<u64>) -> Result<Option<Vec<AuditRow>>, Problem> {
    let batch = store.audit_that_may(query, *before, BATCH).await?;
    let Some(last) = batch.last() else { return Ok(None) };
    *before = Some(last.number);
    Ok(Some(batch.into_iter().filter(|row| interpret(query, &AuditRecord(row)) == Truth::Yes).collect()))
}

fn written(number: u64, total: u64) -> (Key, String) {
    (Key::Number(i64::try_from(number).unwrap_or(i64::MAX)), total.to_string())
}

fn goes_on((key, total): &(Key, String)) -> Option<(u64, u64)> {
    let Key::Number(number) = key else { return None };
    Some((u64::try_from(*number).ok()?, total.parse().ok()?))
}
