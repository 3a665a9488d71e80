//! What one actor sees: the only thing that can be listed and counted.

use crate::card::{AssetRow, PatchRow};
use crate::catalog::Catalog;
use crate::execute::PatchCounts;
use crate::index::dictionary::Category;
use crate::index::place::Place;
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::origin::Origin;
use crate::record::Reading;
use crate::software::SoftwareList;
use crate::view::View;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::{AssetId, PatchId, PatchNo, TagId};
use jiff::Timestamp;
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

    /// From which stored record the row of one asset was made; `None` also when it is out of scope.
    #[must_use]
    pub fn origin(&self, asset: AssetId) -> Option<Origin> {
        let place = self.visible(asset)?;
        self.view.segment(place)?.numbers.origin(place.row)
    }

    /// The packages on one asset; `None` when they are not known, and when it is out of scope.
    #[must_use]
    pub fn software(&self, asset: AssetId) -> Option<&SoftwareList> {
        let place = self.visible(asset)?;
        self.view.segment(place)?.software.get(place.row)
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

    /// One patch with its numbers of assets in scope.
    #[must_use]
    pub fn patch(&self, id: &PatchId) -> Option<PatchRow> {
        let entry = self.catalog().by_id(id)?;
        let counted = |status| self.assets_of(entry.no, status);
        let (missing, installed) = (counted(FindingStatus::Missing), counted(FindingStatus::Installed));
        Some(PatchRow { entry: Arc::clone(entry), missing, installed })
    }

    /// How many assets in scope carry each tag themselves; tags that none carries are left out.
    #[must_use]
    pub fn tag_counts(&self) -> BTreeMap<TagId, u64> {
        let counts = self.everything().number_counts(Category::Tag);
        let counts = counts.iter();
        counts.filter_map(|(number, count)| Some((self.view.dictionary.tag(number)?, count))).collect()
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
        let place = self.view.place(asset)?;
        let sees = |scope: &Arc<Vec<Plane>>| scope.get(usize::from(place.segment)).is_some_and(|rows| rows.contains(place.row));
        self.scope.as_ref().is_none_or(sees).then_some(place)
    }
}
