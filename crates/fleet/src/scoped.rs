//! What one actor sees: the only thing that can be listed and counted.

use crate::card::AssetRow;
use crate::catalog::Catalog;
use crate::execute::PatchCounts;
use crate::filter::{AssetFilter, AssetSort, Seen, Sorted};
use crate::index::dictionary::Category;
use crate::index::place::Place;
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::page::{Candidate, Cursor, Page, SortKey, cut};
use crate::record::Reading;
use crate::view::View;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::{AssetId, PatchId, PatchNo, TagId};
use fettle_model::os::ReleaseKey;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The fleet cut to a scope. What is outside does not exist here: not in lists, counts or facets. Cheap to copy.
#[derive(Debug, Clone)]
pub struct ScopedView {
    view: Arc<View>,
    /// By segment; `None` when everything is in scope.
    scope: Option<Arc<Vec<Plane>>>,
    now: Timestamp,
    static_tags_only: bool,
    /// Assets in scope per patch, missing and installed; made when first asked for.
    counts: Arc<[OnceLock<PatchCounts>; 2]>,
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
    pub(crate) fn new(view: Arc<View>, scope: Option<Vec<Plane>>) -> Self {
        Self { view, scope: scope.map(Arc::new), now: Timestamp::MAX, static_tags_only: false, counts: Arc::default() }
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

    /// The catalog. Its records are the same for everybody.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        self.view.catalog()
    }

    /// One asset; `None` also when it is out of scope.
    #[must_use]
    pub fn asset(&self, asset: AssetId) -> Option<AssetRow> {
        self.view.asset_row(self.visible(asset)?)
    }

    /// The findings of one asset; `None` also when it is out of scope.
    #[must_use]
    pub fn findings(&self, asset: AssetId) -> Option<Findings> {
        let place = self.visible(asset)?;
        Some(self.view.segment(place)?.findings(place.row))
    }

    /// What a patch is to an asset; `None` when it does not apply, or the asset is out of scope.
    #[must_use]
    pub fn finding(&self, asset: AssetId, patch: &PatchId) -> Option<FindingStatus> {
        let place = self.visible(asset)?;
        let pair = self.view.segment(place)?.pair(self.view.catalog.by_id(patch)?.no)?;
        FindingStatus::ALL.iter().copied().find(|&status| pair.of(status).contains(place.row))
    }

    /// A page of assets.
    #[must_use]
    pub fn assets(&self, filter: &AssetFilter, sort: Sorted<AssetSort>, after: Option<&Cursor>, limit: usize) -> Page<AssetRow> {
        let rows = self.filtered(filter);
        let candidates = rows.iter().map(|row| Candidate { key: sort_key(row, sort.by), id: row.card.id, row });
        let page = cut(candidates, sort.direction, after, limit);
        Page { items: page.items.into_iter().cloned().collect(), total: page.total, next: page.next }
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
        let mut ids = Vec::new();
        for (at, segment) in self.view.segments.iter().enumerate() {
            let Some(pair) = segment.pair(entry.no) else { continue };
            let rows = self.rows_of(at, segment).and(pair.of(status));
            ids.extend(rows.iter().filter_map(|row| segment.numbers.id(row)));
        }
        ids
    }

    /// Facets of the list that `filter` makes.
    #[must_use]
    pub fn asset_facets(&self, filter: &AssetFilter) -> AssetFacets {
        let mut facets = AssetFacets::default();
        for row in self.filtered(filter) {
            row.card.tags.iter().for_each(|tag| count(&mut facets.tags, tag));
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
        let counts = self.everything().number_counts(Category::Tag).into_iter();
        counts.filter(|(_, count)| *count > 0).filter_map(|(number, count)| Some((self.view.dictionary.tag(number)?, count))).collect()
    }

    /// Numbers over everything in scope.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.everything().totals()
    }

    /// How many assets in scope miss (have) a patch.
    pub(crate) fn assets_of(&self, no: PatchNo, status: FindingStatus) -> u64 {
        let counts = self.counts.get(status as usize);
        counts.map_or(0, |counts| counts.get_or_init(|| self.everything().counts(status)).of(no))
    }

    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    pub(crate) fn sees_everything(&self) -> bool {
        self.scope.is_none()
    }

    /// The rows of a segment that are in scope.
    pub(crate) fn rows_of(&self, at: usize, segment: &Segment) -> Plane {
        match &self.scope {
            None => segment.live.clone(),
            Some(scope) => scope.get(at).cloned().unwrap_or_default(),
        }
    }

    pub(crate) fn visible(&self, asset: AssetId) -> Option<Place> {
        let place = self.view.places.get(asset)?;
        let sees = |scope: &Arc<Vec<Plane>>| scope.get(usize::from(place.segment)).is_some_and(|rows| rows.contains(place.row));
        self.scope.as_ref().is_none_or(sees).then_some(place)
    }

    /// Rows in scope that pass the filter.
    fn filtered(&self, filter: &AssetFilter) -> Vec<AssetRow> {
        let text = filter.text.as_ref().map(|text| text.to_lowercase());
        let rows = self.everything().into_rows();
        let finds = |row: &AssetRow, patch: &Option<PatchId>, status: FindingStatus| {
            patch.as_ref().is_none_or(|patch| self.finding(row.card.id, patch) == Some(status))
        };
        rows.filter(|row| {
            filter.tags.as_ref().is_none_or(|tags| !tags.is_disjoint(&row.card.tags))
                && finds(row, &filter.missing_patch, FindingStatus::Missing)
                && finds(row, &filter.installed_patch, FindingStatus::Installed)
                && passes(row, filter, text.as_deref())
        })
        .collect()
    }
}

fn passes(row: &AssetRow, filter: &AssetFilter, text: Option<&str>) -> bool {
    let card = &row.card;
    (filter.os.is_empty() || filter.os.contains(&card.os_name))
        && filter.platform.is_none_or(|platform| card.platform == Some(platform))
        && (filter.release.is_empty() || card.release.as_ref().is_some_and(|release| filter.release.contains(release)))
        && (filter.scan_status.is_empty() || filter.scan_status.contains(&card.scan_status))
        && filter.pending_reboot.is_none_or(|pending| card.pending_reboot == pending)
        && filter.seen.is_none_or(|seen| match seen {
            Seen::Since(moment) => row.last_check_in.is_some_and(|at| at >= moment),
            Seen::NotSince(moment) => row.last_check_in.is_none_or(|at| at < moment),
        })
        && text.is_none_or(|text| mentions(row, text))
}

/// Whether a card mentions `text`, which is in lower case.
fn mentions(row: &AssetRow, text: &str) -> bool {
    let card = &row.card;
    let has = |field: &str| field.to_lowercase().contains(text);
    has(&card.name)
        || has(&card.os_name)
        || card.addresses.iter().any(|address| has(address))
        || card.logged_on_user.as_ref().is_some_and(|user| has(user))
}

fn sort_key(row: &AssetRow, by: AssetSort) -> SortKey<'_> {
    let card = &row.card;
    let time = |at: Option<Timestamp>| SortKey::Number(at.map_or(i64::MIN, Timestamp::as_microsecond));
    let number = |count: u32| SortKey::Number(i64::from(count));
    match by {
        AssetSort::Name => SortKey::Text(Cow::Owned(card.name.to_lowercase())).cut(),
        AssetSort::Os => SortKey::text(&card.os_name),
        AssetSort::Architecture => SortKey::text(&card.architecture),
        AssetSort::Release => SortKey::text(card.release.as_ref().map_or("", |release| &release.0)),
        AssetSort::ScanStatus => SortKey::text(card.scan_status.as_str()),
        AssetSort::LastScan => time(card.last_scan),
        AssetSort::LastCheckIn => time(row.last_check_in),
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
