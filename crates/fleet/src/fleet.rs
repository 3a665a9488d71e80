//! The fleet: a view that is replaced as a whole.

use crate::assess::Assessor;
use crate::card::AssetCard;
use crate::catalog::Catalog;
use crate::index::writer::Writer;
use crate::software::SoftwareTable;
use crate::view::View;
use arc_swap::ArcSwap;
use fettle_model::finding::Findings;
use fettle_model::ids::AssetId;
use fettle_model::tag::Tag;
use jiff::Timestamp;
use std::sync::{Arc, Mutex};

/// The current state of all assets. Readers take a [`View`] without waiting; writers queue.
#[derive(Debug)]
pub struct Fleet {
    view: ArcSwap<View>,
    assessor: ArcSwap<Assessor>,
    writing: Mutex<Writer>,
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
            writing: Mutex::default(),
        }
    }

    /// The fleet whose current state is `view`.
    pub(crate) fn of(view: View, writer: Writer) -> Self {
        Self {
            assessor: ArcSwap::from_pointee(Assessor::with(Arc::clone(&view.catalog), Arc::clone(&view.software))),
            view: ArcSwap::from_pointee(view),
            writing: Mutex::new(writer),
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

    /// Applies changes in order and publishes them together, as one new version; none when nothing changed.
    pub fn apply(&self, mut changes: Vec<Change>) {
        let mut writer = self.writing.lock().unwrap_or_else(|poisoned| {
            // A writer that panicked published nothing; what it noted meanwhile is forgotten.
            let mut writer = poisoned.into_inner();
            *writer = Writer::of(&self.view.load());
            self.writing.clear_poison();
            writer
        });
        writer.begin();
        let mut next = View::clone(&self.view.load());
        Writer::arrange(&next, &mut changes);
        let mut is_changed = false;
        for change in changes {
            is_changed |= writer.change(&mut next, change);
        }
        if !is_changed {
            return;
        }
        writer.finish(&mut next);
        next.version += 1;
        if !Arc::ptr_eq(self.assessor.load().catalog(), &next.catalog) {
            self.assessor.store(Arc::new(Assessor::with(Arc::clone(&next.catalog), Arc::clone(&next.software))));
        }
        let before = self.view.swap(Arc::new(next));
        self.view.load().take_over_seen(&before);
        writer.replaced(before);
    }

    /// Notes that an asset's agent was heard from. Costs no new version.
    pub fn seen(&self, asset: AssetId, at: Timestamp) {
        loop {
            let view = self.view.load();
            if let Some(place) = view.place(asset) {
                view.note_seen(place, at);
            }
            // A version that was published meanwhile may have taken over what was noted before this was.
            if Arc::ptr_eq(&view, &self.view.load()) {
                return;
            }
        }
    }
}

impl Writer {
    /// Makes one change. Says whether anything is different now.
    fn change(&mut self, view: &mut View, change: Change) -> bool {
        match change {
            Change::Card(card) => self.put_card(view, &card),
            Change::Edit { asset, with } => self.edit_card(view, asset, with),
            Change::Findings { asset, findings } => self.put_findings(view, asset, &findings),
            Change::Remove(asset) => self.remove(view, asset),
            Change::Tags(tags) => {
                self.put_tags(view, tags);
                true
            }
            Change::Catalog(catalog) => {
                self.put_catalog(view, catalog);
                true
            }
        }
    }
}
