//! Lists of patches, with numbers of assets in scope.

use crate::card::PatchRow;
use crate::catalog::Entry;
use crate::filter::{PatchFilter, PatchSort, Sorted};
use crate::page::{Candidate, Cursor, Page, SortKey, cut};
use crate::scoped::{ScopedView, count};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchId;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::{Category, Patch, PatchKind, Rule, Severity};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many patches of a list have each value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchFacets {
    /// By category.
    pub category: BTreeMap<Category, u64>,
    /// By vendor severity.
    pub severity: BTreeMap<Severity, u64>,
    /// By operating system or application.
    pub kind: BTreeMap<PatchKind, u64>,
    /// By distribution release.
    pub release: BTreeMap<ReleaseKey, u64>,
    /// By vendor.
    pub vendor: BTreeMap<String, u64>,
}

impl ScopedView {
    /// One patch with its numbers.
    #[must_use]
    pub fn patch(&self, id: &PatchId) -> Option<PatchRow> {
        self.catalog().by_id(id).map(|entry| self.patch_row(entry))
    }

    /// A page of patches.
    #[must_use]
    pub fn patches(&self, filter: &PatchFilter, sort: Sorted<PatchSort>, after: Option<&Cursor>, limit: usize) -> Page<PatchRow> {
        let rows = self.selected_patches(filter);
        let candidates = rows.iter().map(|row| Candidate { key: sort_key(row, sort.by), id: &row.entry.patch.id, row });
        let page = cut(candidates, sort.direction, after, limit);
        Page { items: page.items.into_iter().cloned().collect(), total: page.total, next: page.next }
    }

    /// All patches of a list, sorted, for exports.
    #[must_use]
    pub fn all_patches(&self, filter: &PatchFilter, sort: Sorted<PatchSort>) -> Vec<PatchRow> {
        self.patches(filter, sort, None, usize::MAX).items
    }

    /// Facets of the list that `filter` makes.
    #[must_use]
    pub fn patch_facets(&self, filter: &PatchFilter) -> PatchFacets {
        let mut facets = PatchFacets::default();
        for row in self.selected_patches(filter) {
            let patch = &row.entry.patch;
            count(&mut facets.category, &patch.category);
            count(&mut facets.severity, &patch.vendor_severity);
            count(&mut facets.kind, &patch.kind);
            count(&mut facets.release, release_of(patch));
            count(&mut facets.vendor, &patch.vendor);
        }
        facets
    }

    fn selected_patches(&self, filter: &PatchFilter) -> Vec<PatchRow> {
        let text = filter.text.as_ref().map(|text| text.to_lowercase());
        let entries = self.catalog().entries().filter(|entry| passes(entry, filter, text.as_deref()));
        let rows = entries.map(|entry| self.patch_row(entry));
        rows.filter(|row| match filter.status {
            Some(FindingStatus::Missing) => row.missing > 0,
            Some(FindingStatus::Installed) => row.installed > 0,
            None => filter.all || row.missing + row.installed > 0,
        })
        .collect()
    }

    fn patch_row(&self, entry: &Arc<Entry>) -> PatchRow {
        let counted = |status| self.assets_of(entry.no, status);
        PatchRow { entry: Arc::clone(entry), missing: counted(FindingStatus::Missing), installed: counted(FindingStatus::Installed) }
    }
}

fn passes(entry: &Entry, filter: &PatchFilter, text: Option<&str>) -> bool {
    let patch = &entry.patch;
    (filter.all || patch.enabled)
        && !(filter.latest && entry.superseded)
        && (filter.category.is_empty() || filter.category.contains(&patch.category))
        && (filter.severity.is_empty() || filter.severity.contains(&patch.vendor_severity))
        && filter.kind.is_none_or(|kind| patch.kind == kind)
        && (filter.release.is_empty() || filter.release.contains(release_of(patch)))
        && filter.cve.as_ref().is_none_or(|cve| patch.cves.contains(cve))
        && text.is_none_or(|text| mentions(patch, text))
}

/// Whether a patch mentions `text`, which is in lower case.
fn mentions(patch: &Patch, text: &str) -> bool {
    let has = |field: &str| field.to_lowercase().contains(text);
    has(patch.id.as_str())
        || has(&patch.title)
        || has(&patch.app_family)
        || patch.bulletin.as_ref().is_some_and(|bulletin| has(bulletin))
        || patch.cves.iter().any(|cve| has(cve))
}

fn release_of(patch: &Patch) -> &ReleaseKey {
    let Rule::Dpkg { release, .. } = &patch.rule;
    release
}

fn sort_key(row: &PatchRow, by: PatchSort) -> SortKey<'_> {
    let patch = &row.entry.patch;
    let number = |count: u64| SortKey::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let place = |at: Option<usize>| SortKey::Number(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(i64::MAX));
    match by {
        PatchSort::Id => SortKey::text(patch.id.as_str()),
        PatchSort::Title => SortKey::text(&patch.title),
        PatchSort::Vendor => SortKey::text(&patch.vendor),
        PatchSort::Release => SortKey::text(&release_of(patch).0),
        PatchSort::Product => SortKey::text(&patch.app_family),
        PatchSort::Bulletin => SortKey::text(patch.bulletin.as_deref().unwrap_or_default()),
        PatchSort::Category => place(Category::ALL.iter().position(|&other| other == patch.category)),
        PatchSort::Severity => place(Severity::ALL.iter().position(|&other| other == patch.vendor_severity)),
        PatchSort::PublishedAt => SortKey::Number(patch.published_at.map_or(i64::MIN, Timestamp::as_microsecond)),
        PatchSort::Missing => number(row.missing),
        PatchSort::Installed => number(row.installed),
    }
}
