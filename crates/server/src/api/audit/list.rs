//! `GET /api/v1/audit`

use super::query::AuditQuery;
use super::row::AuditBody;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::api::query::asked::checked;
use crate::api::query::order::Order;
use crate::auth::{Granted, permission};
use fettle_query::registry::AuditField;
use fettle_query::{Checked, Entity, Truth, interpret};
use fettle_store::{AuditColumn, AuditOrder, AuditPlace, AuditRecord, AuditRow, Store};

/// How entries are sorted when the request does not say: newest first.
pub(super) const DEFAULT_SORT: &str = "-at";
/// Entries read at a time. Each may hold a whole job before and after its change.
const BATCH: u32 = 200;

/// Entries of the audit log, newest first unless asked otherwise.
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
    let order = Order::<AuditField>::asked(asked.sort.as_ref(), DEFAULT_SORT)?;
    let after =
        cursor::after(asked.cursor.as_deref(), &order.named)?.map(|place| goes_on(place).ok_or_else(cursor::refused)).transpose()?;
    // Further pages repeat what the first has counted. Where SQL cannot count, because the query compares people's
    // texts, every entry it does not cut off is read and interpreted once.
    let mut counted = after.as_ref().map(|(_, total)| *total);
    if counted.is_none() {
        counted = store.count_audit(&query).await?;
    }
    let mut log = Log { order: stored(order), query, after: after.map(|(place, _)| place) };
    let mut found: Vec<AuditRow> = Vec::new();
    let mut seen = 0;
    // One row more than the page tells that the log goes on.
    let wanted = asked.limit.get() + 1;
    while counted.is_none() || found.len() < wanted {
        let Some(batch) = log.next(store).await? else { break };
        seen += u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let room = wanted - found.len();
        found.extend(batch.into_iter().take(room));
    }
    let total = counted.unwrap_or(seen);
    let by = log.order.by;
    let page = cursor::page(found, total, &order.named, asked.limit, |row| written(AuditPlace::of(row, by), total))?;
    Ok(Json(page.map(AuditBody::from)))
}

/// An order as the store takes it.
pub(super) fn stored(order: Order<AuditField>) -> AuditOrder {
    let by = match order.sorted.by {
        AuditField::At => None,
        AuditField::Actor => Some(AuditColumn::Actor),
        AuditField::From => Some(AuditColumn::From),
        AuditField::Action => Some(AuditColumn::Action),
        AuditField::Subject => Some(AuditColumn::Subject),
    };
    AuditOrder { by, descending: order.named.descending }
}

/// The audit log on its way through a query.
pub(super) struct Log {
    /// In which order.
    pub(super) order: AuditOrder,
    /// What is asked for.
    pub(super) query: Checked,
    /// The last entry that was read.
    pub(super) after: Option<AuditPlace>,
}

impl Log {
    /// The entries of the next batch that satisfy the query; `None` at the end of the log.
    pub(super) async fn next(&mut self, store: &Store) -> Result<Option<Vec<AuditRow>>, Problem> {
        let batch = store.audit_that_may(&self.query, self.order, self.after.as_ref(), BATCH).await?;
        let Some(last) = batch.last() else { return Ok(None) };
        self.after = Some(AuditPlace::of(last, self.order.by));
        Ok(Some(batch.into_iter().filter(|row| interpret(&self.query, &AuditRecord(row)) == Truth::Yes).collect()))
    }
}

/// A place and the total as a cursor keeps them.
fn written(place: AuditPlace, total: u64) -> (Key, String) {
    (Key::Text(place.value), format!("{}/{total}", place.number))
}

fn goes_on((key, id): (Key, String)) -> Option<(AuditPlace, u64)> {
    // A text with a zero byte is in no entry, and no database takes it.
    let Key::Text(value) = key else { return None };
    let (number, total) = id.split_once('/')?;
    let place = AuditPlace { value, number: number.parse().ok()? };
    Some((place, total.parse().ok()?)).filter(|(place, _)| !place.value.contains('\0'))
}
