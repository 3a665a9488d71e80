//! Who checked in, collected in memory: thousands of check-ins a minute become one transaction.

use fettle_model::ids::AssetId;
use fettle_store::CheckInNote;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Check-ins that are not written down yet. A crash loses some seconds of "last seen", which the next
/// check-ins restore; nothing else hangs on them.
#[derive(Debug, Default)]
pub struct CheckIns(Mutex<HashMap<AssetId, CheckInNote>>);

impl CheckIns {
    /// Keeps a note; of two for one asset the newer.
    pub fn note(&self, note: CheckInNote) {
        self.notes().insert(note.asset, note);
    }

    /// Takes all notes.
    #[must_use]
    pub fn take(&self) -> Vec<CheckInNote> {
        std::mem::take(&mut *self.notes()).into_values().collect()
    }

    /// Gives back notes that could not be written, behind newer ones.
    pub fn give_back(&self, notes: Vec<CheckInNote>) {
        let mut kept = self.notes();
        for note in notes {
            kept.entry(note.asset).or_insert(note);
        }
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, HashMap<AssetId, CheckInNote>> {
        // A panic elsewhere cannot leave the map half changed: every use is one call on it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
