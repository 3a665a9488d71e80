//! What one actor sees: the only thing that can be listed and counted.

use crate::card::AssetRow;
use crate::catalog::Catalog;
use crate::codec::decode_findings;
use crate::filter::{AssetFilter, AssetSort, Seen, Sorted};
use crate::page::{Candidate, Cursor, Page, SortKey, cut};
use crate::record::Reading;
use crate::view::{Row, View};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::{AssetId, PatchId, TagId};
use fettle_model::os::ReleaseKey;
use jiff::Timestamp;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The fleet cut to a scope. What is outside does not exist here: not in lists, counts or facets.
#[derive(Debug, Clone)]
pub struct ScopedView {
    view: Arc<View>,
    rows: Arc<RoaringBitmap>,
    now: Timestamp,
    static_tags_only: bool,
}

/// How many assets of a list have each value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssetFacets {
    /// By operating system name.
    pub os: BTreeMap<String, u64>,
    /// By distribution release.
    pub release: BTreeMap<ReleaseKey, u64>,
    /// By tag; an asset with several tags counts for each.
    pub tags: BTreeMap<TagId, u64>,
    /// By how the last scan went.
    pub scan_status: BTreeMap<ScanStatus, u64>,
}

/// Numbers over everything in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Assets.
    pub assets: u64,
    /// Assets by how their last scan went.
    pub scan_status: BTreeMap<ScanStatus, u64>,
    /// Assets that miss a patch that nothing supersedes.
    pub assets_missing: u64,
    /// Assets that miss one that fixes vulnerabilities.
    pub assets_missing_security: u64,
    /// Sum over assets of missing patches that nothing supersedes.
    pub latest_missing: u64,
    /// Of those, the ones that fix vulnerabilities.
    pub latest_missing_security: u64,
    /// Assets that should be restarted.
    pub pending_reboot: u64,
    /// Patches in the catalog, whatever they apply to.
    pub catalog_patches: u64,
}

impl ScopedView {
    pub(crate) fn new(view: Arc<View>, rows: Arc<RoaringBitmap>) -> Self {
        Self { view, rows, now: Timestamp::MAX, static_tags_only: false }
    }

    /// The same, asked at `now`: who is online depends on it. Before this is called nobody is.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// The same, where queries see the tags only that were assigned by hand. For queries that decide who carries
    /// a tag, so that no tag depends on another one's query.
    #[must_use]
    pub fn with_static_tags_only(self) -> Self {
        Self { static_tags_only: true, ..self }
    }

    /// What fields of assets are read with.
    pub(crate) fn reading(&self) -> Reading<'_> {
        Reading { tags: &self.view.tag_tree, static_tags_only: self.static_tags_only, now: self.now }
    }

    pub(crate) fn totals_of(&self, rows: &[AssetRow]) -> Totals {
        let mut totals = Totals::default();
        for row in rows {
            count(&mut totals.scan_status, &row.card.scan_status);
            totals.assets_missing += u64::from(row.counts.latest_missing > 0);
            totals.assets_missing_security += u64::from(row.counts.latest_missing_security > 0);
            totals.latest_missing += u64::from(row.counts.latest_missing);
            totals.latest_missing_security += u64::from(row.counts.latest_missing_security);
            totals.pending_reboot += u64::from(row.card.pending_reboot);
        }
        totals
    }

    /// The catalog. Its records are the same for everybody.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        self.view.catalog()
    }

    /// One asset; `None` also when it is out of scope.
    #[must_use]
    pub fn asset(&self, asset: AssetId) -> Option<AssetRow> {
        self.visible(asset).map(|(_, row)| row.to_asset_row())
    }

    /// The findings of one asset; `None` also when it is out of scope.
    #[must_use]
    pub fn findings(&self, asset: AssetId) -> Option<Findings> {
        let (_, row) = self.visible(asset)?;
        // Only this crate encodes them, so they decode.
        Some(decode_findings(&row.findings).unwrap_or_default())
    }

    /// What a patch is to an asset; `None` when it does not apply, or the asset is out of scope.
    #[must_use]
    pub fn finding(&self, asset: AssetId, patch: &PatchId) -> Option<FindingStatus> {
        let (at, _) = self.visible(asset)?;
        let no = self.view.catalog.by_id(patch)?.no;
        FindingStatus::ALL.iter().copied().find(|&status| self.view.planes(status).get(no).is_some_and(|plane| plane.contains(at)))
    }

    /// A page of assets.
    #[must_use]
    pub fn assets(&self, filter: &AssetFilter, sort: Sorted<AssetSort>, after: Option<&Cursor>, limit: usize) -> Page<AssetRow> {
        let rows = self.filtered(filter);
        let candidate = |at: u32| {
            let row = self.view.row(at)?;
            Some(Candidate { key: sort_key(row, sort.by), id: row.card.id, row })
        };
        let page = cut(rows.iter().filter_map(candidate), sort.direction, after, limit);
        Page { items: page.items.into_iter().map(Row::to_asset_row).collect(), total: page.total, next: page.next }
    }

    /// All assets of a list, sorted, for exports.
    #[must_use]
    pub fn all_assets(&self, filter: &AssetFilter, sort: Sorted<AssetSort>) -> Vec<AssetRow> {
        self.assets(filter, sort, None, usize::MAX).items
    }

    /// Ids of the assets that miss (have) a patch, in no particular order.
    #[must_use]
    pub fn assets_with(&self, patch: &PatchId, status: FindingStatus) -> Vec<AssetId> {
        let Some(entry) = self.view.catalog.by_id(patch) else { return Vec::new() };
        let Some(plane) = self.view.planes(status).get(entry.no) else { return Vec::new() };
        let rows = plane & self.rows.as_ref();
        rows.iter().filter_map(|at| self.view.row(at)).map(|row| row.card.id).collect()
    }

    /// Facets of the list that `filter` makes.
    #[must_use]
    pub fn asset_facets(&self, filter: &AssetFilter) -> AssetFacets {
        let rows = self.filtered(filter);
        let mut facets = AssetFacets { tags: self.view.tag_counts(&rows), ..Default::default() };
        for row in rows.iter().filter_map(|at| self.view.row(at)) {
            if !row.card.os_name.is_empty() {
                count(&mut facets.os, &row.card.os_name);
            }
            if let Some(release) = &row.card.release {
                count(&mut facets.release, release);
            }
            count(&mut facets.scan_status, &row.card.scan_status);
        }
        facets
    }

    /// How many assets in scope carry each tag themselves; tags that none carries are left out.
    #[must_use]
    pub fn tag_counts(&self) -> BTreeMap<TagId, u64> {
        self.view.tag_counts(&self.rows)
    }

    /// Numbers over everything in scope.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let catalog_patches = u64::try_from(self.view.catalog.len()).unwrap_or(u64::MAX);
        let mut totals = Totals { assets: self.rows.len(), catalog_patches, ..Default::default() };
        for row in self.rows.iter().filter_map(|at| self.view.row(at)) {
            count(&mut totals.scan_status, &row.card.scan_status);
            totals.assets_missing += u64::from(row.counts.latest_missing > 0);
            totals.assets_missing_security += u64::from(row.counts.latest_missing_security > 0);
            totals.latest_missing += u64::from(row.counts.latest_missing);
            totals.latest_missing_security += u64::from(row.counts.latest_missing_security);
            totals.pending_reboot += u64::from(row.card.pending_reboot);
        }
        totals
    }

    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    pub(crate) fn rows(&self) -> &RoaringBitmap {
        &self.rows
    }

    fn visible(&self, asset: AssetId) -> Option<(u32, &Row)> {
        let at = self.view.place(asset).filter(|&at| self.rows.contains(at))?;
        Some((at, self.view.row(at)?))
    }

    /// Rows in scope that pass the filter: sets first, then what must be read from each card.
    fn filtered(&self, filter: &AssetFilter) -> RoaringBitmap {
        let mut rows = self.rows.as_ref().clone();
        if let Some(tags) = &filter.tags {
            let mut carriers = RoaringBitmap::new();
            for tag in tags.iter().filter_map(|tag| self.view.tags.get(tag)) {
                carriers |= tag.as_ref();
            }
            rows &= carriers;
        }
        let by_patch = [(&filter.missing_patch, FindingStatus::Missing), (&filter.installed_patch, FindingStatus::Installed)];
        for (patch, status) in by_patch {
            let Some(patch) = patch else { continue };
            match self.view.catalog.by_id(patch).and_then(|entry| self.view.planes(status).get(entry.no)) {
                Some(plane) => rows &= plane,
                None => rows.clear(),
            }
        }
        if asks_cards(filter) {
            let text = filter.text.as_ref().map(|text| text.to_lowercase());
            rows = rows.iter().filter(|&at| self.view.row(at).is_some_and(|row| passes(row, filter, text.as_deref()))).collect();
        }
        rows
    }
}

/// Whether cards must be read at all.
fn asks_cards(filter: &AssetFilter) -> bool {
    let AssetFilter { text, tags: _, os, platform, release, scan_status, seen, missing_patch: _, installed_patch: _, pending_reboot } =
        filter;
    text.is_some()
        || !os.is_empty()
        || platform.is_some()
        || !release.is_empty()
        || !scan_status.is_empty()
        || seen.is_some()
        || pending_reboot.is_some()
}

fn passes(row: &Row, filter: &AssetFilter, text: Option<&str>) -> bool {
    let card = &row.card;
    (filter.os.is_empty() || filter.os.contains(&card.os_name))
        && filter.platform.is_none_or(|platform| card.platform == Some(platform))
        && (filter.release.is_empty() || card.release.as_ref().is_some_and(|release| filter.release.contains(release)))
        && (filter.scan_status.is_empty() || filter.scan_status.contains(&card.scan_status))
        && filter.pending_reboot.is_none_or(|pending| card.pending_reboot == pending)
        && filter.seen.is_none_or(|seen| match seen {
            Seen::Since(moment) => row.last_check_in().is_some_and(|at| at >= moment),
            Seen::NotSince(moment) => row.last_check_in().is_none_or(|at| at < moment),
        })
        && text.is_none_or(|text| mentions(row, text))
}

/// Whether a card mentions `text`, which is in lower case.
fn mentions(row: &Row, text: &str) -> bool {
    let card = &row.card;
    let has = |field: &str| field.to_lowercase().contains(text);
    row.folded_name.contains(text)
        || has(&card.os_name)
        || card.addresses.iter().any(|address| has(address))
        || card.logged_on_user.as_ref().is_some_and(|user| has(user))
}

fn sort_key(row: &Row, by: AssetSort) -> SortKey<'_> {
    let card = &row.card;
    let time = |at: Option<Timestamp>| SortKey::Number(at.map_or(i64::MIN, Timestamp::as_microsecond));
    let number = |count: u32| SortKey::Number(i64::from(count));
    match by {
        AssetSort::Name => SortKey::text(&row.folded_name),
        AssetSort::Os => SortKey::text(&card.os_name),
        AssetSort::Architecture => SortKey::text(&card.architecture),
        AssetSort::Release => SortKey::text(card.release.as_ref().map_or("", |release| &release.0)),
        AssetSort::ScanStatus => SortKey::text(card.scan_status.as_str()),
        AssetSort::LastScan => time(card.last_scan),
        AssetSort::LastCheckIn => time(row.last_check_in()),
        AssetSort::AgentVersion => SortKey::text(&card.agent_version),
        AssetSort::LoggedOnUser => SortKey::text(card.logged_on_user.as_deref().unwrap_or_default()),
        AssetSort::Missing => number(row.counts.missing),
        AssetSort::LatestMissing => number(row.counts.latest_missing),
        AssetSort::LatestMissingSecurity => number(row.counts.latest_missing_security),
        AssetSort::Installed => number(row.counts.installed),
        AssetSort::PendingReboot => SortKey::Number(i64::from(card.pending_reboot)),
    }
}

/// Adds one to the count of `key`, without copying a key that is there already.
pub(crate) fn count<K: Ord + Clone>(counts: &mut BTreeMap<K, u64>, key: &K) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.clone(), 1);
        }
    }
}
