//! Tags whose carriers a query decides.
//!
//! The index decides who carries them; the store keeps the query, and who was decided to carry the tag last. A query that
//! cannot be understood any more decides nothing: whoever carried its tag keeps it, after a restart too.

use super::WorkError;
use crate::{App, index};
use fettle_fleet::{Change, Fleet, Purpose};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::ids::{AssetId, TagId, UserId};
use fettle_model::tag::Tag;
use fettle_query::{Context, Entity, check};
use fettle_store::{Decided, Store, StoreError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Assets changed in one version of the index, and lines written in one transaction: writers of scans wait for no longer
/// than these take.
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

/// What was decided and differs from what the index says.
#[derive(Default)]
pub(crate) struct Differences(BTreeMap<AssetId, Difference>);

/// Asks the query of each tag that has one who carries it. Each query is asked of the same version of the index, and
/// sees only tags assigned by hand, so the order of tags means nothing.
pub(crate) fn decide(fleet: &Fleet, tags: &[Tag], now: Timestamp) -> Differences {
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
    Differences(differences)
}

impl Differences {
    /// The assets that carry other tags than before.
    pub(crate) fn assets(&self) -> impl Iterator<Item = AssetId> {
        self.0.keys().copied()
    }

    /// Writes them down, some thousands at a time. Before the index changes: what it shows is then also there after
    /// a restart.
    ///
    /// # Errors
    /// When the database fails; what was written stays, and is decided again.
    pub(crate) async fn note(&self, store: &Store) -> Result<(), StoreError> {
        let decided: Vec<Decided> = self.0.iter().flat_map(|(&asset, difference)| difference.decided(asset)).collect();
        for some in decided.chunks(TOGETHER) {
            store.note_decided(some).await?;
        }
        Ok(())
    }

    /// Puts them into the index.
    pub(crate) fn apply(self, fleet: &Fleet) {
        let mut differences = self.0.into_iter().peekable();
        while differences.peek().is_some() {
            fleet.apply(differences.by_ref().take(TOGETHER).map(edit).collect());
        }
    }
}

impl Difference {
    fn decided(&self, asset: AssetId) -> impl Iterator<Item = Decided> {
        let of = move |tags: &[TagId], carries| tags.iter().map(|&tag| Decided { asset, tag, carries }).collect::<Vec<_>>();
        of(&self.gained, true).into_iter().chain(of(&self.lost, false))
    }
}

fn edit((asset, difference): (AssetId, Difference)) -> Change {
    let with = Box::new(move |card: &mut fettle_fleet::AssetCard| {
        card.tags.retain(|tag| !difference.lost.contains(tag));
        card.tags.extend(difference.gained);
    });
    Change::Edit { asset, with }
}
