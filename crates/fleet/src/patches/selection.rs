//! What a query over patches selected, and everything a screen shows of it.

use super::bits::Bits;
use super::columns::Values;
use super::evaluate::depends_on_counts;
use super::set::PatchSet;
use crate::card::PatchRow;
use crate::catalog::Catalog;
use crate::execute::{Selection, WrongEntity};
use crate::scoped::ScopedView;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use fettle_query::Checked;
use fettle_query::registry::{Entity, Field, Key, Kind, PatchField, fields};
use std::sync::Arc;

/// Which patches a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicable {
    /// Those that are enabled and that some asset in view misses or has.
    InView,
    /// All of the catalog, those switched off included.
    All,
}

/// Numbers of assets of one patch.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AssetsOf {
    /// That miss it.
    pub(crate) missing: u64,
    /// That have it.
    pub(crate) installed: u64,
}

/// The patches that a query selected, with numbers over a selection of assets. Everything a screen shows is
/// made from one selection, so that its numbers fit together.
#[derive(Debug, Clone)]
pub struct PatchSelection {
    version: u64,
    catalog: Arc<Catalog>,
    set: Arc<PatchSet>,
    /// By place in the catalog.
    assets: Arc<[AssetsOf]>,
}

impl ScopedView {
    /// The patches that satisfy a query. Numbers of assets, also those in the query, are over the assets of
    /// `over`, which should come from this view.
    ///
    /// # Errors
    /// When the query does not ask for patches.
    pub fn select_patches(&self, query: &Checked, over: &Selection, which: Applicable) -> Result<PatchSelection, WrongEntity> {
        if query.entity() != Entity::Patch {
            return Err(WrongEntity { asked: query.entity(), wanted: Entity::Patch });
        }
        let catalog = Arc::clone(self.catalog());
        let root = query.root();
        // Counting costs most by far, so patches that the query leaves out anyway are not counted.
        let among = (!depends_on_counts(root)).then(|| catalog.matching(root, None));
        let assets = assets_of_each(&catalog, over, among.as_deref());
        let counts = |status: FindingStatus, no: PatchNo| {
            let assets = catalog.numbering.place(no).and_then(|place| assets.get(place)).copied().unwrap_or_default();
            match status {
                FindingStatus::Missing => assets.missing,
                FindingStatus::Installed => assets.installed,
            }
        };
        let mut set = among.unwrap_or_else(|| catalog.matching(root, Some(&counts)));
        if which == Applicable::InView {
            let mut in_view = Bits::none(catalog.len());
            let places = set.places().iter().filter(|&place| {
                let applies = assets.get(place).is_some_and(|assets| assets.missing + assets.installed > 0);
                applies && catalog.all().get(place).is_some_and(|entry| entry.patch.enabled)
            });
            places.for_each(|place| in_view.insert(place));
            set = Arc::new(PatchSet::new(Arc::clone(&catalog.numbering), in_view));
        }
        Ok(PatchSelection { version: over.version(), catalog, set, assets })
    }
}

/// Numbers of assets by place; of patches outside `among` they mean nothing.
fn assets_of_each(catalog: &Catalog, over: &Selection, among: Option<&PatchSet>) -> Arc<[AssetsOf]> {
    let [missing, installed] = [FindingStatus::Missing, FindingStatus::Installed].map(|status| over.counts_among(status, among));
    catalog.all().iter().map(|entry| AssetsOf { missing: missing.of(entry.no), installed: installed.of(entry.no) }).collect()
}

impl PatchSelection {
    /// The version of the fleet it was made from.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many patches there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.set.len()).unwrap_or(u64::MAX)
    }

    /// The patches.
    #[must_use]
    pub fn set(&self) -> &Arc<PatchSet> {
        &self.set
    }

    /// How many patches have each value of a field that makes a facet; the most frequent first, then by text.
    /// Patches without a value are not counted, those with several count for each. Values that differ only in
    /// case or accents are one, as they are for queries. Empty for fields that make no facet.
    #[must_use]
    pub fn facet(&self, field: PatchField) -> Vec<(String, u64)> {
        let Some(known) = fields(Entity::Patch).iter().find(|other| other.key == Key::Patch(field) && other.facet) else {
            return Vec::new();
        };
        let mut counts = self.counted(known, field);
        counts.retain(|&(_, count)| count > 0);
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        counts.into_iter().map(|(value, count)| (value.to_owned(), u64::try_from(count).unwrap_or(u64::MAX))).collect()
    }

    fn counted(&self, known: &Field, field: PatchField) -> Vec<(&str, usize)> {
        let chosen = self.set.places();
        if field == PatchField::Status {
            let count = |has: fn(&AssetsOf) -> u64| chosen.iter().filter(|&place| has(&self.assets_of(place)) > 0).count();
            return names(known).zip([count(|assets| assets.missing), count(|assets| assets.installed)]).collect();
        }
        match self.catalog.columns.column(field).map(|column| &column.values) {
            Some(Values::Choices(choices)) => names(known).zip(choices.iter().map(|those| those.overlap(chosen))).collect(),
            Some(Values::Texts(texts)) => {
                let among = |places: &[u32]| places.iter().filter(|&&place| chosen.contains(place as usize)).count();
                texts.holders().map(|(value, places)| (value, among(places))).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(crate) fn assets_of(&self, place: usize) -> AssetsOf {
        self.assets.get(place).copied().unwrap_or_default()
    }

    pub(crate) fn row(&self, place: usize) -> Option<PatchRow> {
        let AssetsOf { missing, installed } = self.assets_of(place);
        Some(PatchRow { entry: Arc::clone(self.catalog.all().get(place)?), missing, installed })
    }
}

/// The words for the values of a closed list, in its order.
fn names(field: &Field) -> impl Iterator<Item = &'static str> + use<> {
    let members: &'static [&'static str] = match field.kind {
        Kind::Choice { members, .. } => members,
        Kind::Flag => &["no", "yes"],
        _ => &[],
    };
    members.iter().copied()
}
