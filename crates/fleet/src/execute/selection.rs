//! What a query selected, and everything a screen shows of it.

use crate::card::AssetRow;
use crate::filter::{Direction, Sorted};
use crate::page::{Candidate, Cursor, Page, SortKey, cut};
use crate::record::{AssetRecord, values};
use crate::scoped::{ScopedView, Totals};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{AssetId, PatchNo};
use fettle_model::patch::Severity;
use fettle_query::registry::{AssetField, Entity, Key, fields};
use fettle_query::{Checked, Truth, Value, interpret};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// A query that asks for something else than the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this list holds {wanted} records, the query asks for {asked}; check the query as one over {wanted} records")]
pub struct WrongEntity {
    /// What the query asks for.
    pub asked: Entity,
    /// What the list holds.
    pub wanted: Entity,
}

/// A field that lists cannot be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("lists cannot be sorted by {field}; choose a field with one value per record")]
pub struct NotSortable {
    /// Name of the field.
    pub field: &'static str,
}

/// Counts per patch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchCounts(HashMap<PatchNo, u64>);

impl PatchCounts {
    /// The count of a patch.
    #[must_use]
    pub fn of(&self, no: PatchNo) -> u64 {
        self.0.get(&no).copied().unwrap_or(0)
    }
}

/// Assets with the same values of the fields they are grouped by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Group {
    /// How many assets.
    pub assets: u64,
    /// Sum of their missing patches.
    pub missing: u64,
    /// Sum of their missing patches that nothing supersedes.
    pub latest_missing: u64,
}

/// The assets that a query selected, in one version of the fleet. Everything a screen shows is made from one
/// selection, so that its numbers fit together.
#[derive(Debug, Clone)]
pub struct Selection {
    view: ScopedView,
    rows: Vec<AssetRow>,
    unknown: u64,
}

impl ScopedView {
    /// The assets in scope that satisfy a query.
    ///
    /// # Errors
    /// When the query does not ask for assets.
    pub fn select(&self, query: &Checked) -> Result<Selection, WrongEntity> {
        if query.entity() != Entity::Asset {
            return Err(WrongEntity { asked: query.entity(), wanted: Entity::Asset });
        }
        let mut selection = self.everything();
        let reading = self.reading();
        let truth = |row: &AssetRow| interpret(query, &AssetRecord { row, reading });
        selection.unknown = selection.rows.iter().filter(|row| truth(row) == Truth::Unknown).map(|_| 1).sum();
        selection.rows.retain(|row| truth(row) == Truth::Yes);
        Ok(selection)
    }

    /// All assets in scope.
    #[must_use]
    pub fn everything(&self) -> Selection {
        let rows = self.rows().iter().filter_map(|at| self.view().row(at)).map(crate::view::Row::to_asset_row).collect();
        Selection { view: self.clone(), rows, unknown: 0 }
    }
}

impl Selection {
    /// The version of the fleet it was made from.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.view.view().version()
    }

    /// How many assets there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap_or(u64::MAX)
    }

    /// How many further assets may belong here: nobody knows, since their findings are missing or old.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// A page of the sorted list.
    ///
    /// # Errors
    /// When lists cannot be sorted by the field.
    pub fn page(&self, sort: Sorted<AssetField>, after: Option<&Cursor>, limit: usize) -> Result<Page<AssetRow>, NotSortable> {
        sortable(sort.by)?;
        let candidate = |row: &AssetRow| Candidate { key: self.key(row, sort.by), id: row.card.id, row: row.clone() };
        Ok(cut(self.rows.iter().map(candidate), sort.direction, after, limit))
    }

    /// All rows, sorted, for exports.
    ///
    /// # Errors
    /// When lists cannot be sorted by the field.
    pub fn rows(&self, sort: Sorted<AssetField>) -> Result<impl Iterator<Item = AssetRow> + use<>, NotSortable> {
        sortable(sort.by)?;
        let mut rows: Vec<(SortKey<'static>, AssetRow)> = self.rows.iter().map(|row| (self.key(row, sort.by), row.clone())).collect();
        rows.sort_by(|a, b| (&a.0, a.1.card.id).cmp(&(&b.0, b.1.card.id)));
        if sort.direction == Direction::Descending {
            rows.reverse();
        }
        Ok(rows.into_iter().map(|(_, row)| row))
    }

    /// Ids of all assets, in no particular order.
    pub fn ids(&self) -> impl Iterator<Item = AssetId> {
        self.rows.iter().map(|row| row.card.id)
    }

    /// Whether an asset is among them.
    #[must_use]
    pub fn contains(&self, asset: AssetId) -> bool {
        self.ids().any(|id| id == asset)
    }

    /// How many assets have each value of a field; the most frequent first, then by text. Assets without a
    /// value are not counted, those with several values count for each.
    #[must_use]
    pub fn facet(&self, field: AssetField) -> Vec<(String, u64)> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for row in &self.rows {
            for text in self.texts(row, field) {
                *counts.entry(text).or_default() += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    /// How many assets miss (have) at least one patch of each vendor severity, superseded ones not counted;
    /// places as in [`Severity::ALL`].
    #[must_use]
    pub fn severity_facet(&self, status: FindingStatus) -> [u64; 5] {
        let mut counts = [0; 5];
        for row in &self.rows {
            let findings = self.view.findings(row.card.id).unwrap_or_default();
            let list = if status == FindingStatus::Missing { findings.missing } else { findings.installed };
            for (count, severity) in counts.iter_mut().zip(Severity::ALL) {
                let found = |no: &PatchNo| {
                    self.view.catalog().get(*no).is_some_and(|entry| !entry.superseded && entry.patch.vendor_severity == *severity)
                };
                *count += u64::from(list.iter().any(found));
            }
        }
        counts
    }

    /// How many assets miss (have) each patch.
    #[must_use]
    pub fn counts(&self, status: FindingStatus) -> PatchCounts {
        let mut counts = HashMap::new();
        for row in &self.rows {
            let findings = self.view.findings(row.card.id).unwrap_or_default();
            let list = if status == FindingStatus::Missing { findings.missing } else { findings.installed };
            for no in list {
                *counts.entry(no).or_default() += 1;
            }
        }
        PatchCounts(counts)
    }

    /// Assets grouped by one or two fields, by the texts of their values; an asset without a value has an
    /// empty text. Ordered by these texts.
    #[must_use]
    pub fn group(&self, by: &[AssetField]) -> Vec<(Vec<String>, Group)> {
        let mut groups: BTreeMap<Vec<String>, Group> = BTreeMap::new();
        for row in &self.rows {
            let mut keys: Vec<Vec<String>> = vec![Vec::new()];
            for &field in by {
                let mut texts = self.texts(row, field);
                if texts.is_empty() {
                    texts.push(String::new());
                }
                keys = keys
                    .iter()
                    .flat_map(|key| texts.iter().map(move |text| [key.as_slice(), std::slice::from_ref(text)].concat()))
                    .collect();
            }
            for key in keys {
                let group = groups.entry(key).or_default();
                group.assets += 1;
                group.missing += u64::from(row.counts.missing);
                group.latest_missing += u64::from(row.counts.latest_missing);
            }
        }
        groups.into_iter().collect()
    }

    /// Numbers over all of them.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { assets: self.count(), ..self.view.totals_of(&self.rows) };
        totals.catalog_patches = u64::try_from(self.view.catalog().len()).unwrap_or(u64::MAX);
        totals
    }

    fn texts(&self, row: &AssetRow, field: AssetField) -> Vec<String> {
        let mut texts: Vec<String> = values(row, field, self.view.reading()).into_iter().map(|value| text_of(&value, field)).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    fn key(&self, row: &AssetRow, field: AssetField) -> SortKey<'static> {
        match values(row, field, self.view.reading()).into_iter().next() {
            None => SortKey::Number(i64::MIN),
            Some(Value::Number(number)) => SortKey::Number(number as i64),
            Some(Value::Moment(at)) => SortKey::Number(Timestamp::as_microsecond(at)),
            Some(Value::Flag(flag)) => SortKey::Number(i64::from(flag)),
            Some(Value::Choice(place)) => SortKey::Number(i64::try_from(place).unwrap_or(i64::MAX)),
            Some(value) => SortKey::Text(Cow::Owned(fettle_query::text::fold(&text_of(&value, field)))),
        }
    }
}

fn sortable(field: AssetField) -> Result<(), NotSortable> {
    match fields(Entity::Asset).iter().find(|other| other.key == Key::Asset(field)) {
        Some(found) if !found.sortable => Err(NotSortable { field: found.name }),
        _ => Ok(()),
    }
}

/// A value as people write it in a query.
fn text_of(value: &Value<'_>, field: AssetField) -> String {
    match value {
        Value::Text(text) => text.clone().into_owned(),
        Value::Number(number) => number.to_string(),
        Value::Moment(at) => at.to_string(),
        Value::Version(version) => version.as_str().to_owned(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Address(address) => address.to_string(),
        Value::Choice(place) => {
            let found = fields(Entity::Asset).iter().find(|other| other.key == Key::Asset(field));
            match found.map(|found| found.kind) {
                Some(fettle_query::registry::Kind::Choice { members, .. }) => members.get(*place).copied().unwrap_or_default().to_owned(),
                _ => String::new(),
            }
        }
    }
}
