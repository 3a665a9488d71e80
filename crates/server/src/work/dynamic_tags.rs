//! Tags whose carriers a query decides.
//!
//! The index alone knows who carries them; the store keeps the query. A query that cannot be understood any
//! more decides nothing: whoever carried its tag keeps it.

use super::WorkError;
use crate::{App, index};
use fettle_fleet::{Change, Fleet, Purpose};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::ids::{AssetId, TagId, UserId};
use fettle_model::tag::Tag;
use fettle_query::{Context, Entity, check};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Assets changed in one version of the index: writers of scans wait for no longer than this takes.
const TOGETHER: usize = 5_000;

/// Brings the tags up to date.
pub(super) async fn decide_tags(app: &Arc<App>) -> Result<String, WorkError> {
    let changed = index::refresh_tags(app).await?;
    Ok(if changed == 0 { String::new() } else { format!("{changed} assets carry other tags than before") })
}

/// The assets that carry one of these tags.
pub(crate) fn carriers(fleet: &Fleet, tags: BTreeSet<TagId>) -> impl Iterator<Item = AssetId> {
    // Nobody in particular, who sees exactly what carries the tags.
    let nobody = Actor::new(UserId(Uuid::nil()), Role::PatchReader, Scope::Tags(tags));
    let ids: Vec<AssetId> = fleet.view().in_scope(&nobody).everything().ids().collect();
    ids.into_iter()
}

/// What an asset gains and loses.
#[derive(Default)]
struct Difference {
    gained: Vec<TagId>,
    lost: Vec<TagId>,
}

/// Asks the query of each tag that has one who carries it, and changes those assets that carried other tags.
/// Gives them. Each query is asked of the same version of the index, and sees only tags assigned by hand, so
/// the order of tags means nothing.
pub(crate) fn decide(fleet: &Fleet, tags: &[Tag], now: Timestamp) -> Vec<AssetId> {
    let mut differences: BTreeMap<AssetId, Difference> = BTreeMap::new();
    let view = fleet.view();
    let whole = view.unscoped(Purpose::Upkeep).at(now).with_static_tags_only();
    let context = Context { now, zone: TimeZone::UTC };
    for tag in tags {
        let query = tag.query.as_ref().and_then(|query| check(Entity::Asset, query, &context).ok());
        let Some(wanted) = query.and_then(|query| whole.select(&query).ok()) else { continue };
        let nobody = Actor::new(UserId(Uuid::nil()), Role::PatchReader, Scope::Tags(BTreeSet::from([tag.id])));
        let present = view.in_scope(&nobody).everything();
        wanted.beyond(&present).for_each(|asset| differences.entry(asset).or_default().gained.push(tag.id));
        present.beyond(&wanted).for_each(|asset| differences.entry(asset).or_default().lost.push(tag.id));
    }
    let changed: Vec<AssetId> = differences.keys().copied().collect();
    let mut differences = differences.into_iter().peekable();
    while differences.peek().is_some() {
        fleet.apply(differences.by_ref().take(TOGETHER).map(edit).collect());
    }
    changed
}

fn edit((asset, difference): (AssetId, Difference)) -> Change {
    let with = Box::new(move |card: &mut fettle_fleet::AssetCard| {
        card.tags.retain(|tag| !difference.lost.contains(tag));
        card.tags.extend(difference.gained);
    });
    Change::Edit { asset, with }
}
