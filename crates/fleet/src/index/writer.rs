//! Changing the fleet: what one writer at a time does to a copy that nobody reads yet.

use super::classes::{Weight, class_sets};
use super::dictionary::{Category, NONE, Numbers, YES};
use super::packed::{Codes, Texts, pack};
use super::place::{Home, OWN_FROM, Place, System};
use super::plane::Plane;
use super::rescan::Scans;
use super::segment::Segment;
use super::spares::Spares;
use crate::card::AssetCard;
use crate::catalog::Catalog;
use crate::fleet::Change;
use crate::record::is_known;
use crate::software::SoftwareList;
use crate::tags::TagTree;
use crate::view::View;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, TagId};
use fettle_model::os::Platform;
use fettle_model::tag::Tag;
use fettle_query::text::fold;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What the writer keeps between changes. Everything follows from a view.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    numbers: Numbers,
    /// How many rows each system has in shared segments.
    shared: HashMap<System, u32>,
    scans: Scans,
    spares: Spares,
    /// The version before, when somebody still read it: the writer lets go of what it took, and no reader has to.
    before: Option<Arc<View>>,
}

/// Segments a place can name.
pub(crate) const MOST_SEGMENTS: usize = 1 << 16;

impl Writer {
    /// The writer for a view that it did not make.
    pub(crate) fn of(view: &View) -> Self {
        let mut shared = HashMap::new();
        for segment in view.segments.iter().filter(|segment| matches!(segment.home, Home::Shared { .. })) {
            for row in segment.live.iter() {
                *shared.entry(System::of(&segment.codes(row))).or_default() += 1;
            }
        }
        Self { numbers: Numbers::of(&view.dictionary), shared, ..Self::default() }
    }

    /// Puts a card in the place of the one that is there, or adds the asset. Says whether anything changed.
    pub(crate) fn put_card(&mut self, view: &mut View, card: &AssetCard) -> bool {
        let codes = self.codes(view, card);
        let system = System::of(&codes);
        let Some(place) = view.place(card.id) else {
            let Some(place) = self.admit(view, card.id, system) else { return false };
            self.write(view, place, card, &codes);
            return true;
        };
        let before = view.segment(place).map(|segment| System::of(&segment.codes(place.row)));
        if before == Some(system) {
            return self.write(view, place, card, &codes);
        }
        let place = self.resettle(view, place, before, system).unwrap_or(place);
        self.write(view, place, card, &codes);
        true
    }

    /// Replaces the packages of an asset. Says whether anything changed.
    fn put_software(&mut self, view: &mut View, asset: AssetId, list: Option<SoftwareList>) -> bool {
        let Some(place) = view.place(asset) else { return false };
        if view.segment(place).is_some_and(|segment| segment.software.get(place.row) == list.as_ref()) {
            return false;
        }
        view.segment_mut(place).map(|segment| segment.software.put(place.row, list)).is_some()
    }

    /// Replaces the catalog: counters and classes follow what it says of each patch.
    pub(crate) fn put_catalog(&mut self, view: &mut View, catalog: Arc<Catalog>) {
        self.flush(view);
        for segment in &mut view.segments {
            let weights: Vec<Weight> = segment.columns.numbers().iter().map(|&no| Weight::of(&catalog, no)).collect();
            if *segment.weights != weights {
                Arc::make_mut(segment).reweigh(weights);
            }
        }
        view.class_sets = Arc::new(class_sets(&catalog));
        view.catalog = catalog;
    }

    /// Replaces the tree of tags.
    pub(crate) fn put_tags(&mut self, view: &mut View, tags: Vec<Tag>) {
        view.tag_tree = Arc::new(TagTree::new(tags));
        let carried: Vec<(u32, TagId)> = view.dictionary.tags().collect();
        let above: Vec<(u32, Vec<u32>)> = carried.into_iter().map(|(number, tag)| (number, self.above(view, tag))).collect();
        for segment in &mut view.segments {
            let mut planes: BTreeMap<u32, Plane> = BTreeMap::new();
            for (number, above) in &above {
                let Some(carriers) = segment.categories.get(Category::Tag, *number) else { continue };
                for &tag in above {
                    let plane = planes.entry(tag).or_default();
                    *plane = std::mem::take(plane).or(carriers);
                }
            }
            Arc::make_mut(segment).categories.replace(Category::TagAbove, planes.into_iter().collect());
        }
    }

    /// The numbers of the tags above a tag.
    fn above(&mut self, view: &mut View, tag: TagId) -> Vec<u32> {
        let tree = Arc::clone(&view.tag_tree);
        tree.above(tag).map(|above| self.numbers.tag(&mut view.dictionary, above)).collect()
    }

    /// Writes a card to its row. Says whether anything changed.
    fn write(&mut self, view: &mut View, place: Place, card: &AssetCard, codes: &Codes) -> bool {
        let software =
            card.software.clone().filter(|list| view.segment(place).and_then(|segment| segment.software.get(place.row)) != Some(list));
        let is_written = write_card(view, place, card, codes);
        if is_written {
            let mut above: Vec<u32> = card.tags.iter().flat_map(|&tag| self.above(view, tag)).collect();
            above.sort_unstable();
            above.dedup();
            if let Some(segment) = view.segment_mut(place) {
                segment.set_tags_above(place.row, &above);
            }
        }
        let has_software = software.is_some();
        if let Some(segment) = view.segment_mut(place).filter(|_| has_software) {
            segment.software.put(place.row, software);
        }
        is_written || has_software
    }

    /// Lets somebody change a card. Says whether anything changed.
    pub(crate) fn edit_card(&mut self, view: &mut View, asset: AssetId, with: Box<dyn FnOnce(&mut AssetCard) + Send>) -> bool {
        let Some(mut card) = view.place(asset).and_then(|place| view.card(place)) else { return false };
        with(&mut card);
        card.id = asset;
        let is_changed = self.put_card(view, &card);
        self.put_software(view, asset, card.software) || is_changed
    }

    /// Replaces the findings of an asset. Says whether anything changed.
    pub(crate) fn put_findings(&mut self, view: &mut View, asset: AssetId, findings: &Findings) -> bool {
        let Some(place) = view.place(asset) else { return false };
        if view.segment(place).is_none_or(|segment| segment.has_findings(place.row, findings, &mut self.scans)) {
            return false;
        }
        let catalog = Arc::clone(&view.catalog);
        let Some(segment) = view.segment_mut(place) else { return false };
        let is_changed = segment.set_findings(place.row, findings, &catalog, &mut self.scans);
        if segment.pending.is_full() {
            segment.flush(place.segment, &mut self.spares);
        }
        is_changed
    }

    /// Removes an asset. Says whether it was there.
    pub(crate) fn remove(&mut self, view: &mut View, asset: AssetId) -> bool {
        let Some(place) = view.place(asset) else { return false };
        self.leave(view, asset, place);
        true
    }

    /// Ends a batch: writes what waited for it, and looks for texts that nobody uses any more when there are many.
    pub(crate) fn finish(&mut self, view: &mut View) {
        self.flush(view);
        let segments = view.segments.clone();
        let used = |category: usize| -> HashSet<u32> {
            let above = if category == Category::Tag as usize { Category::TagAbove as usize } else { category };
            let planes = segments.iter().flat_map(|segment| segment.categories.all(category).iter().chain(segment.categories.all(above)));
            planes.map(|(number, _)| *number).collect()
        };
        self.numbers.sweep(&mut view.dictionary, used);
    }

    /// Puts findings that follow each other in order by segment: what a segment's scans have in common stays near the
    /// processor. Those of one asset stay in the order in which they were made.
    pub(crate) fn arrange(view: &View, changes: &mut [Change]) {
        let are_findings = |change: &Change| matches!(change, Change::Findings { .. });
        for some in changes.chunk_by_mut(|a, b| are_findings(a) && are_findings(b)).filter(|some| some.len() > 1) {
            some.sort_by_cached_key(|change| match change {
                Change::Findings { asset, .. } => view.place(*asset),
                _ => None,
            });
        }
    }

    /// Begins a batch: puts aside what nobody reads any more of the version before.
    pub(crate) fn begin(&mut self) {
        self.before = None;
        self.spares.catch_up();
    }

    /// Takes the version that a batch replaced.
    pub(crate) fn replaced(&mut self, before: Arc<View>) {
        self.before = Some(before).filter(|before| Arc::strong_count(before) > 1);
        if self.before.is_none() || self.spares.are_many() {
            self.begin();
        }
    }

    /// Writes all planes that changes wait for.
    fn flush(&mut self, view: &mut View) {
        for (at, segment) in (0_u16..).zip(&mut view.segments).filter(|(_, segment)| !segment.pending.is_empty()) {
            Arc::make_mut(segment).flush(at, &mut self.spares);
        }
    }

    /// The values of a card in all categories.
    fn codes(&mut self, view: &mut View, card: &AssetCard) -> Codes {
        let mut codes = Codes::default();
        let hardware = &card.hardware;
        let texts = [
            (Category::OsName, card.os_name.as_str()),
            (Category::OsVersion, &card.os_version),
            (Category::OsBuild, &card.os_build),
            (Category::Release, card.release.as_ref().map_or("", |release| &release.0)),
            (Category::Architecture, &card.architecture),
            (Category::AgentVersion, &card.agent_version),
            (Category::Manufacturer, &hardware.manufacturer),
            (Category::Model, &hardware.model),
            (Category::Cpu, &hardware.cpu),
        ];
        for (category, text) in texts {
            set(&mut codes, category, self.numbers.text(&mut view.dictionary, category, text));
        }
        let yes = |is: bool| if is { YES } else { NONE };
        set(&mut codes, Category::Platform, platform_number(card.platform));
        set(&mut codes, Category::ScanStatus, status_number(card.scan_status));
        set(&mut codes, Category::AssessOnly, yes(card.assess_only));
        set(&mut codes, Category::RebootPending, yes(card.pending_reboot));
        codes.tags = card.tags.iter().map(|&tag| self.numbers.tag(&mut view.dictionary, tag)).collect();
        codes.tags.sort_unstable();
        codes
    }

    /// Gives a new asset a row.
    fn admit(&mut self, view: &mut View, asset: AssetId, system: System) -> Option<Place> {
        let home = self.home(view, system);
        let at = room(view, home)?;
        let segment = view.segments.get_mut(at).map(Arc::make_mut)?;
        let row = segment.occupy(asset)?;
        let place = Place { segment: u16::try_from(at).ok()?, row };
        Arc::make_mut(&mut view.places).add(asset, place, &view.segments);
        if matches!(home, Home::Shared { .. }) {
            *self.shared.entry(system).or_default() += 1;
        }
        Some(place)
    }

    /// Where assets of a system live. One that has become frequent gets segments of its own, and moves there.
    fn home(&mut self, view: &mut View, system: System) -> Home {
        let own = Home::Own(system);
        if view.segments.iter().any(|segment| segment.home == own) {
            return own;
        }
        let shared = Home::Shared { platform: system.platform };
        if self.shared.get(&system).is_none_or(|&rows| rows + 1 < OWN_FROM) {
            return shared;
        }
        self.found(view, system, shared);
        own
    }

    /// Moves all assets of a system to a segment of its own.
    fn found(&mut self, view: &mut View, system: System, shared: Home) {
        let mut movers = Vec::new();
        for (at, segment) in (0_u16..).zip(&view.segments).filter(|(_, segment)| segment.home == shared) {
            let those = segment.live.iter().filter(|&row| System::of(&segment.codes(row)) == system);
            movers.extend(those.map(|row| Place { segment: at, row }));
        }
        if room(view, Home::Own(system)).is_none() {
            return;
        }
        for place in movers {
            self.relocate(view, place, system);
        }
    }

    /// Finds a place for an asset whose system changed. `None` when it may stay.
    fn resettle(&mut self, view: &mut View, place: Place, before: Option<System>, system: System) -> Option<Place> {
        let home = self.home(view, system);
        // Moving others to a segment of their own may have moved this one.
        let place = view.segment(place)?.numbers.id(place.row).and_then(|asset| view.place(asset))?;
        if view.segment(place)?.home != home {
            return self.relocate(view, place, system);
        }
        if matches!(home, Home::Shared { .. }) {
            self.forget_shared(before);
            *self.shared.entry(system).or_default() += 1;
        }
        None
    }

    /// Moves an asset with everything known of it to where its system lives.
    fn relocate(&mut self, view: &mut View, from: Place, system: System) -> Option<Place> {
        let segment = view.segment(from)?;
        let asset = segment.numbers.id(from.row)?;
        let card = view.card(from)?;
        let findings = segment.findings(from.row);
        let codes = segment.codes(from.row);
        self.leave(view, asset, from);
        let to = self.admit(view, asset, system)?;
        self.write(view, to, &card, &codes);
        self.put_findings(view, asset, &findings);
        Some(to)
    }

    /// Takes its row away from an asset.
    fn leave(&mut self, view: &mut View, asset: AssetId, place: Place) {
        Arc::make_mut(&mut view.places).remove(asset, &view.segments);
        let before = view.segment(place).filter(|segment| matches!(segment.home, Home::Shared { .. }));
        let before = before.map(|segment| System::of(&segment.codes(place.row)));
        self.forget_shared(before);
        let catalog = Arc::clone(&view.catalog);
        if let Some(segment) = view.segment_mut(place) {
            segment.vacate(place.row, &catalog);
        }
    }

    fn forget_shared(&mut self, system: Option<System>) {
        let Some(system) = system else { return };
        if let Some(rows) = self.shared.get_mut(&system) {
            *rows = rows.saturating_sub(1);
            if *rows == 0 {
                self.shared.remove(&system);
            }
        }
    }
}

/// A segment of this home with room, an empty one, or a new one.
fn room(view: &mut View, home: Home) -> Option<usize> {
    if let Some(at) = view.segments.iter().position(|segment| segment.home == home && segment.has_room()) {
        return Some(at);
    }
    let fresh = Arc::new(Segment { home, ..Segment::default() });
    if let Some(at) = view.segments.iter().position(|segment| segment.live.is_empty()) {
        *view.segments.get_mut(at)? = fresh;
        return Some(at);
    }
    if view.segments.len() >= MOST_SEGMENTS {
        return None;
    }
    view.segments.push(fresh);
    Some(view.segments.len() - 1)
}

/// Writes a card to its row. Says whether anything changed.
fn write_card(view: &mut View, place: Place, card: &AssetCard, codes: &Codes) -> bool {
    let folded = fold(&card.name);
    let bytes = pack(
        &Texts {
            name: &card.name,
            folded: &folded,
            user: card.logged_on_user.as_deref(),
            scan_error: card.scan_error.as_deref(),
            serial: &card.hardware.serial,
            addresses: &card.addresses,
            macs: &card.macs,
        },
        codes,
    );
    let Some(segment) = view.segment(place) else { return false };
    segment.numbers.note_seen(place.row, card.last_check_in);
    let is_packed = segment.cards.get(place.row) == bytes;
    let has_facts = segment.numbers.has_facts(place.row, card);
    let has_origin = segment.numbers.has_origin(place.row, card);
    if is_packed && has_facts && has_origin {
        return false;
    }
    let Some(segment) = view.segment_mut(place) else { return false };
    if !is_packed {
        segment.set_card(place.row, &bytes, codes);
    }
    if !has_facts {
        segment.numbers.set_facts(place.row, card);
    }
    if !has_origin {
        segment.numbers.set_origin(place.row, card);
    }
    let is_unknown = !is_known(card.scan_status, card.last_scan);
    segment.unknown.put(place.row, is_unknown);
    true
}

fn set(codes: &mut Codes, category: Category, number: u32) {
    if let Some(code) = codes.single.get_mut(category as usize) {
        *code = number;
    }
}

/// The number of a platform: its place in the registry's list.
pub(crate) fn platform_number(platform: Option<Platform>) -> u32 {
    match platform {
        None => NONE,
        Some(Platform::Linux) => 0,
        Some(Platform::Windows) => 1,
    }
}

/// The platform of a number.
pub(crate) fn platform_of(number: u32) -> Option<Platform> {
    usize::try_from(number).ok().and_then(|at| Platform::ALL.get(at)).copied()
}

/// The number of a scan status: its place in the registry's list.
pub(crate) fn status_number(status: ScanStatus) -> u32 {
    (0..).zip(ScanStatus::ALL).find(|(_, other)| **other == status).map_or(NONE, |(at, _)| at)
}

/// The scan status of a number.
pub(crate) fn status_of(number: u32) -> Option<ScanStatus> {
    usize::try_from(number).ok().and_then(|at| ScanStatus::ALL.get(at)).copied()
}
