//! `GET /api/v1/results`

use super::judge::{Judge, visible_jobs};
use super::query::ResultQuery;
use super::row::row;
use crate::api::assets::query::Told;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::page::Listed;
use crate::api::problem::Problem;
use crate::api::query::asked::checked;
use crate::api::query::order::Order;
use crate::api::results::row::ResultRow;
use crate::auth::{Granted, permission};
use fettle_query::registry::ResultField;
use fettle_query::{Entity, Truth};
use fettle_store::{ResultPlace, RunOrder};

/// How results are sorted when the request does not say.
pub(super) const DEFAULT_SORT: &str = "-run";

/// Results, newest run first unless asked otherwise, within it by asset. Only of jobs that the caller may open and assets in scope.
#[utoipa::path(
    get,
    path = "/results",
    tag = "results",
    operation_id = "list_results",
    params(ResultQuery),
    responses((status = 200, description = "One page. `total` and `unknown` count results, as they were when the first page was read.", body = Listed<ResultRow>)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn list_results(
    granted: Granted<permission::ViewJob>,
    Query(asked): Query<ResultQuery>,
) -> Result<Json<Listed<ResultRow>>, Problem> {
    let seen = granted.seen(asked.version)?;
    let query = checked(seen.at, Entity::Result, "query", asked.query.raw())?;
    let order = Order::<ResultField>::asked(asked.sort.as_ref(), DEFAULT_SORT)?;
    let after =
        cursor::after(asked.cursor.as_deref(), &order.named)?.map(|place| goes_on(place).ok_or_else(cursor::refused)).transpose()?;
    let told = asked.truth.unwrap_or(Told::Certain);
    let jobs = visible_jobs(&granted).await?;
    let judge = Judge::new(&granted, seen, query.clone())?;
    // Further pages repeat what the first has counted. Counting adds up one number per asset and run where the store
    // can tell; otherwise every result that SQL does not cut off is read and interpreted once.
    let mut counts = after.as_ref().map(|(_, counts)| *counts);
    if counts.is_none() && judge.sees_everything() {
        counts = granted.app().store.count_results(&query, &jobs).await?.map(|total| Counts { total, unknown: 0 });
    }
    let is_counted = counts.is_some();
    let mut counts = counts.unwrap_or_default();
    let mut reader = granted.app().store.results_that_may(query, jobs, stored(order), after.map(|(place, _)| place));
    let mut found: Vec<(ResultPlace, ResultRow)> = Vec::new();
    // One row more than the page tells that the list goes on.
    let wanted = asked.limit.get() + 1;
    while !is_counted || found.len() < wanted {
        let parts = reader.next().await?;
        if parts.is_empty() {
            break;
        }
        for part in &parts {
            for (number, truth) in judge.truths(part).into_iter().enumerate() {
                if !is_counted {
                    counts.add(truth);
                }
                if let Some(patch) = part.patches.get(number).filter(|_| truth == told.truth() && found.len() < wanted) {
                    found.push((ResultPlace::of(part, number), row(part, patch)));
                }
            }
        }
    }
    let (total, unknown) = match told {
        Told::Certain => (counts.total, counts.unknown),
        Told::Unknown => (counts.unknown, 0),
    };
    let page = cursor::page(found, total, &order.named, asked.limit, |(place, _)| written(place, counts))?;
    let items = page.items.into_iter().map(|(_, row)| row).collect();
    Ok(Json(Listed { items, total, unknown, version: judge.version(), next: page.next }))
}

/// An order as the store takes it: the run is the only field there is to sort by.
pub(super) fn stored(order: Order<ResultField>) -> RunOrder {
    if order.named.descending { RunOrder::NewestFirst } else { RunOrder::OldestFirst }
}

/// How many results there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    total: u64,
    unknown: u64,
}

impl Counts {
    fn add(&mut self, truth: Truth) {
        self.total += u64::from(truth == Truth::Yes);
        self.unknown += u64::from(truth == Truth::Unknown);
    }
}

/// A place and the counts as a cursor keeps them.
fn written(place: &ResultPlace, counts: Counts) -> (Key, String) {
    let id = format!("{}/{}/{}/{}/{}", place.run, place.asset, place.patch, counts.total, counts.unknown);
    (Key::Text(place.name.clone()), id)
}

fn goes_on((key, id): (Key, String)) -> Option<(ResultPlace, Counts)> {
    // A text with a zero byte is no name, and no database takes it.
    let Key::Text(name) = key else { return None };
    let [run, asset, patch, total, unknown] = id.split('/').collect::<Vec<_>>().try_into().ok()?;
    let place = ResultPlace { run: run.parse().ok()?, asset: asset.parse().ok()?, patch: patch.parse().ok()?, name };
    let counts = Counts { total: total.parse().ok()?, unknown: unknown.parse().ok()? };
    Some((place, counts)).filter(|(place, _)| !place.name.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_model::ids::{AssetId, RunId};
    use uuid::Uuid;

    #[test]
    fn a_place_comes_back_from_its_cursor() {
        let place = ResultPlace { run: RunId(Uuid::from_u128(7)), name: "wéb/1".to_owned(), asset: AssetId(Uuid::from_u128(8)), patch: 3 };
        let counts = Counts { total: 12, unknown: 1 };
        assert_eq!(goes_on(written(&place, counts)), Some((place.clone(), counts)));
        let (key, id) = written(&place, counts);
        assert_eq!(goes_on((key.clone(), format!("{id}/x"))), None);
        assert_eq!(goes_on((key, "1/2/3".to_owned())), None);
        assert_eq!(goes_on((Key::Text("a\0".to_owned()), id)), None);
    }
}
