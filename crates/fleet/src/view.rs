//! One immutable state of the whole fleet.

use crate::card::{AssetCard, AssetRow};
use crate::catalog::Catalog;
use crate::index::classes::class_sets;
use crate::index::dictionary::{Category, Dictionary, YES};
use crate::index::place::{Place, Places};
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::index::writer::{platform_of, status_of};
use crate::origin::Origin;
use crate::patches::PatchSet;
use crate::scoped::ScopedView;
use crate::software::SoftwareTable;
use crate::tags::TagTree;
use fettle_model::access::{Actor, Scope};
use fettle_model::asset::ScanStatus;
use fettle_model::ids::{AssetId, TagId};
use fettle_model::inventory::Hardware;
use fettle_model::os::ReleaseKey;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// All assets, patches and findings at one moment. It cannot be listed; [`View::in_scope`] gives what can.
#[derive(Debug, Clone)]
pub struct View {
    pub(crate) version: u64,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) places: Arc<Places>,
    pub(crate) dictionary: Arc<Dictionary>,
    pub(crate) tag_tree: Arc<TagTree>,
    /// For each class of patches its members, to know it when a query asks for it.
    pub(crate) class_sets: Arc<Vec<Arc<PatchSet>>>,
    /// Where the lists of software are from; the same for all versions.
    pub(crate) software: Arc<SoftwareTable>,
}

/// Why somebody looks at the whole fleet without being cut to a scope. Never the answer to a person's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Resolving the assets of a job; the planner cuts to the owner's scope itself and says who was cut.
    Planning,
    /// Work of the server that is the same for every asset: assessing again, marking stale ones, metrics.
    Upkeep,
}

impl View {
    pub(crate) fn empty(catalog: Arc<Catalog>, software: Arc<SoftwareTable>) -> Self {
        Self {
            version: 0,
            class_sets: Arc::new(class_sets(&catalog)),
            catalog,
            software,
            segments: Vec::new(),
            places: Arc::default(),
            dictionary: Arc::default(),
            tag_tree: Arc::default(),
        }
    }

    /// Grows with every published change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Where the lists of software on the cards are from.
    #[must_use]
    pub fn software(&self) -> &Arc<SoftwareTable> {
        &self.software
    }

    /// The catalog the counters were made with.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The tags whose carriers a query decides.
    #[must_use]
    pub fn dynamic_tags(&self) -> BTreeSet<TagId> {
        self.tag_tree.all().into_iter().filter(|tag| tag.query.is_some()).map(|tag| tag.id).collect()
    }

    /// What `actor` may see.
    #[must_use]
    pub fn in_scope(self: &Arc<Self>, actor: &Actor) -> ScopedView {
        let scope = match actor.scope() {
            Scope::Everything => None,
            Scope::Tags(tags) => Some(self.carriers(tags)),
        };
        ScopedView::new(Arc::clone(self), scope)
    }

    /// The whole fleet, for the server's own work.
    #[must_use]
    pub fn unscoped(self: &Arc<Self>, _purpose: Purpose) -> ScopedView {
        ScopedView::new(Arc::clone(self), None)
    }

    /// Where an asset is.
    pub(crate) fn place(&self, asset: AssetId) -> Option<Place> {
        self.places.get(asset, &self.segments)
    }

    pub(crate) fn segment(&self, place: Place) -> Option<&Arc<Segment>> {
        self.segments.get(usize::from(place.segment))
    }

    pub(crate) fn segment_mut(&mut self, place: Place) -> Option<&mut Segment> {
        self.segments.get_mut(usize::from(place.segment)).map(Arc::make_mut)
    }

    /// Notes that an agent was heard from.
    pub(crate) fn note_seen(&self, place: Place, at: Timestamp) {
        if let Some(segment) = self.segment(place) {
            segment.numbers.note_seen(place.row, Some(at));
        }
    }

    /// Takes over the check-ins that were noted in an older version while this one was made.
    pub(crate) fn take_over_seen(&self, before: &Self) {
        let changed = self.segments.iter().zip(&before.segments).filter(|(now, before)| !Arc::ptr_eq(now, before));
        changed.for_each(|(now, before)| now.numbers.take_over_seen(&before.numbers));
    }

    /// By segment, the rows that carry one of these tags.
    pub(crate) fn carriers(&self, tags: &BTreeSet<TagId>) -> Vec<Plane> {
        let numbers: Vec<u32> = self.dictionary.tags().filter(|(_, tag)| tags.contains(tag)).map(|(number, _)| number).collect();
        let carriers = |segment: &Arc<Segment>| {
            let planes = numbers.iter().filter_map(|&number| segment.categories.get(Category::Tag, number));
            planes.fold(Plane::Empty, Plane::or)
        };
        self.segments.iter().map(carriers).collect()
    }

    /// The card of a row.
    pub(crate) fn card(&self, place: Place) -> Option<AssetCard> {
        let segment = self.segment(place)?;
        let packed = segment.packed(place.row)?;
        let codes = packed.codes()?;
        let interfaces = packed.interfaces()?;
        let code = |category: Category| codes.single.get(category as usize).copied().unwrap_or(u32::MAX);
        let text = |category: Category| {
            let term = self.dictionary.term(category, code(category));
            term.map_or_else(String::new, |term| String::from(&*term.text))
        };
        let release = text(Category::Release);
        let hardware = Hardware {
            manufacturer: text(Category::Manufacturer),
            model: text(Category::Model),
            serial: interfaces.serial.to_owned(),
            cpu: text(Category::Cpu),
            cpu_cores: 0,
            memory_bytes: 0,
        };
        let mut card = AssetCard {
            id: segment.numbers.id(place.row)?,
            name: packed.name.to_owned(),
            platform: platform_of(code(Category::Platform)),
            os_name: text(Category::OsName),
            os_version: text(Category::OsVersion),
            os_build: text(Category::OsBuild),
            architecture: text(Category::Architecture),
            release: (!release.is_empty()).then_some(ReleaseKey(release)),
            tags: codes.tags.iter().filter_map(|&number| self.dictionary.tag(number)).collect(),
            scan_status: status_of(code(Category::ScanStatus)).unwrap_or(ScanStatus::NeverScanned),
            scan_error: packed.scan_error.map(str::to_owned),
            last_scan: None,
            last_check_in: segment.numbers.seen(place.row),
            agent_version: text(Category::AgentVersion),
            assess_only: code(Category::AssessOnly) == YES,
            logged_on_user: packed.user.map(str::to_owned),
            pending_reboot: code(Category::RebootPending) == YES,
            addresses: interfaces.addresses.iter().map(ToString::to_string).collect(),
            macs: interfaces.macs.iter().map(ToString::to_string).collect(),
            hardware: Arc::new(hardware),
            disk_free: None,
            software: segment.software.get(place.row).cloned(),
            created_at: Timestamp::UNIX_EPOCH,
            origin: Origin::default(),
        };
        segment.numbers.read_facts(place.row, &mut card)?;
        Some(card)
    }

    /// The line of a row in lists.
    pub(crate) fn asset_row(&self, place: Place) -> Option<AssetRow> {
        let card = self.card(place)?;
        let counts = self.segment(place)?.numbers.counts(place.row);
        Some(AssetRow { last_check_in: card.last_check_in, counts, card: Arc::new(card) })
    }
}
