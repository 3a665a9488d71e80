//! The fleet: a view that is replaced as a whole.

use crate::assess::Assessor;
use crate::card::AssetCard;
use crate::catalog::Catalog;
use crate::codec::{decode_findings, encode_findings};
use crate::software::{SoftwareList, SoftwareTable};
use crate::tags::TagTree;
use crate::view::{BLOCK, Planes, Row, View};
use arc_swap::ArcSwap;
use fettle_model::finding::{FindingCounts, Findings};
use fettle_model::ids::{AssetId, PatchNo, TagId};
use fettle_model::tag::Tag;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The current state of all assets. Readers take a [`View`] without waiting; writers queue.
#[derive(Debug)]
pub struct Fleet {
    view: ArcSwap<View>,
    assessor: ArcSwap<Assessor>,
    writing: Mutex<()>,
}

/// One thing that changed. Changes of assets that are not there are ignored, except [`Change::Card`].
pub enum Change {
    /// An asset is new, or everything on its card is. Its findings stay, and its software when the card has none.
    Card(Box<AssetCard>),
    /// Something on an asset's card changed. The id must stay as it is; a change of it is ignored.
    Edit {
        /// The asset.
        asset: AssetId,
        /// Makes the change; called once, while the writer holds its lock.
        with: Box<dyn FnOnce(&mut AssetCard) + Send>,
    },
    /// An asset was assessed. Empty findings when its system is not supported.
    Findings {
        /// The asset.
        asset: AssetId,
        /// What was decided.
        findings: Findings,
    },
    /// The packages on an asset are others, or not known any more.
    Software {
        /// The asset.
        asset: AssetId,
        /// A list of the fleet's table.
        list: Option<SoftwareList>,
    },
    /// An asset was removed.
    Remove(AssetId),
    /// The catalog is a new one: counters are made again. Findings follow as [`Change::Findings`].
    Catalog(Arc<Catalog>),
    /// The tree of tags is a new one: all tags of the installation. Who carries which is on the cards.
    Tags(Vec<Tag>),
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Card(card) => f.debug_tuple("Card").field(card).finish(),
            Self::Edit { asset, .. } => f.debug_struct("Edit").field("asset", asset).finish_non_exhaustive(),
            Self::Findings { asset, findings } => f.debug_struct("Findings").field("asset", asset).field("findings", findings).finish(),
            Self::Software { asset, list } => f.debug_struct("Software").field("asset", asset).field("list", list).finish(),
            Self::Remove(asset) => f.debug_tuple("Remove").field(asset).finish(),
            Self::Tags(tags) => f.debug_tuple("Tags").field(tags).finish(),
            Self::Catalog(catalog) => f.debug_tuple("Catalog").field(&catalog.generation()).finish(),
        }
    }
}

impl Fleet {
    /// A fleet without assets.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>) -> Self {
        let software = Arc::<SoftwareTable>::default();
        Self {
            view: ArcSwap::from_pointee(View::empty(Arc::clone(&catalog), Arc::clone(&software))),
            assessor: ArcSwap::from_pointee(Assessor::with(catalog, software)),
            writing: Mutex::new(()),
        }
    }

    /// The current state. It does not change any more; take a new one for a newer state.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// An assessor for the current catalog.
    #[must_use]
    pub fn assessor(&self) -> Arc<Assessor> {
        self.assessor.load_full()
    }

    /// Applies changes in order and publishes them together, as one new version.
    pub fn apply(&self, changes: Vec<Change>) {
        // The lock guards no data: a writer that panicked published nothing.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = View::clone(&self.view.load());
        let mut catalog = None;
        for change in changes {
            match change {
                Change::Card(card) => next.put_card(*card),
                Change::Edit { asset, with } => next.edit_card(asset, with),
                Change::Findings { asset, findings } => next.put_findings(asset, &findings),
                Change::Software { asset, list } => next.edit_card(asset, Box::new(|card| card.software = list)),
                Change::Remove(asset) => next.remove(asset),
                Change::Tags(tags) => next.tag_tree = Arc::new(TagTree::new(tags)),
                Change::Catalog(new) => {
                    next.put_catalog(Arc::clone(&new));
                    catalog = Some(new);
                }
            }
        }
        next.version += 1;
        if let Some(catalog) = catalog {
            self.assessor.store(Arc::new(Assessor::with(catalog, Arc::clone(&next.software))));
        }
        self.view.store(Arc::new(next));
    }

    /// Notes that an asset's agent was heard from. Costs no new version.
    pub fn seen(&self, asset: AssetId, at: Timestamp) {
        let view = self.view.load();
        if let Some(row) = view.place(asset).and_then(|place| view.row(place)) {
            row.note_seen(Some(at));
        }
    }
}

impl View {
    fn put_card(&mut self, card: AssetCard) {
        let asset = card.id;
        if self.place(asset).is_none() {
            self.add(asset, &card);
        } else {
            let replace = move |old: &mut AssetCard| {
                let software = old.software.take();
                *old = card;
                old.software = old.software.take().or(software);
            };
            self.edit_card(asset, Box::new(replace));
        }
    }

    fn add(&mut self, asset: AssetId, card: &AssetCard) {
        let at = self.free.pop().unwrap_or_else(|| self.append());
        let row = Row {
            card: Arc::new(card.clone()),
            folded_name: card.name.to_lowercase().into(),
            findings: encode_findings(&Findings::default()).into(),
            counts: FindingCounts::default(),
            seen: Row::never_seen(),
        };
        row.note_seen(card.last_check_in);
        if let Some(slot) = self.slot(at) {
            *slot = Some(row);
        }
        if let Some(shard) = self.places.get_mut(Self::shard(asset)) {
            Arc::make_mut(shard).insert(asset, at);
        }
        Arc::make_mut(&mut self.present).insert(at);
        self.retag(at, &BTreeSet::new(), &card.tags);
    }

    fn append(&mut self) -> u32 {
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            self.blocks.push(Arc::new(Vec::with_capacity(BLOCK)));
        }
        let full = self.blocks.len().saturating_sub(1) * BLOCK;
        let Some(block) = self.blocks.last_mut().map(Arc::make_mut) else { return 0 };
        block.push(None);
        u32::try_from(full + block.len() - 1).unwrap_or(u32::MAX)
    }

    fn edit_card(&mut self, asset: AssetId, with: Box<dyn FnOnce(&mut AssetCard) + Send>) {
        let Some(at) = self.place(asset) else { return };
        let Some(row) = self.row_mut(at) else { return };
        let before = Arc::clone(&row.card);
        let card = Arc::make_mut(&mut row.card);
        with(card);
        card.id = asset;
        row.note_seen(row.card.last_check_in);
        if row.card.name != before.name {
            row.folded_name = row.card.name.to_lowercase().into();
        }
        let tags = row.card.tags.clone();
        self.retag(at, &before.tags, &tags);
    }

    fn put_findings(&mut self, asset: AssetId, findings: &Findings) {
        let Some(at) = self.place(asset) else { return };
        let counts = self.catalog.counts(findings);
        let encoded = encode_findings(findings);
        let Some(row) = self.row_mut(at) else { return };
        row.counts = counts;
        if *row.findings == *encoded {
            return;
        }
        // Only this crate encodes them, so they decode.
        let before = decode_findings(&row.findings).unwrap_or_default();
        row.findings = encoded.into();
        move_row(&mut self.missing, at, &before.missing, &findings.missing);
        move_row(&mut self.installed, at, &before.installed, &findings.installed);
    }

    fn remove(&mut self, asset: AssetId) {
        let Some(at) = self.place(asset) else { return };
        self.put_findings(asset, &Findings::default());
        if let Some(row) = self.slot(at).and_then(Option::take) {
            self.retag(at, &row.card.tags, &BTreeSet::new());
        }
        if let Some(shard) = self.places.get_mut(Self::shard(asset)) {
            Arc::make_mut(shard).remove(&asset);
        }
        Arc::make_mut(&mut self.present).remove(at);
        self.free.push(at);
    }

    fn put_catalog(&mut self, catalog: Arc<Catalog>) {
        for row in self.blocks.iter_mut().flat_map(|block| Arc::make_mut(block).iter_mut().flatten()) {
            row.counts = catalog.counts(&decode_findings(&row.findings).unwrap_or_default());
        }
        self.catalog = catalog;
    }

    fn retag(&mut self, at: u32, before: &BTreeSet<TagId>, after: &BTreeSet<TagId>) {
        for tag in before.difference(after) {
            if let Some(carriers) = self.tags.get_mut(tag).map(Arc::make_mut) {
                carriers.remove(at);
                if carriers.is_empty() {
                    self.tags.remove(tag);
                }
            }
        }
        for &tag in after.difference(before) {
            Arc::make_mut(self.tags.entry(tag).or_default()).insert(at);
        }
    }

    fn slot(&mut self, at: u32) -> Option<&mut Option<Row>> {
        let at = usize::try_from(at).ok()?;
        Arc::make_mut(self.blocks.get_mut(at / BLOCK)?).get_mut(at % BLOCK)
    }

    fn row_mut(&mut self, at: u32) -> Option<&mut Row> {
        self.slot(at)?.as_mut()
    }
}

/// Takes a row out of the sets of patches it is no longer in, and puts it into the new ones.
fn move_row(planes: &mut Planes, row: u32, before: &[PatchNo], after: &[PatchNo]) {
    for &no in before.iter().filter(|no| after.binary_search(no).is_err()) {
        planes.remove(no, row);
    }
    for &no in after.iter().filter(|no| before.binary_search(no).is_err()) {
        planes.insert(no, row);
    }
}
