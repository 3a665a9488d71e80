//! Putting a synthetic fleet into an index.

use super::Synthetic;
use fettle_fleet::{AssetCard, Change, Fleet};
use fettle_model::finding::Findings;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

/// Assets made, and put into the index, at a time.
const TOGETHER: u32 = 8_192;
/// Lots of assets that may wait for the index: each takes tens of megabytes.
const WAITING: usize = 1;

/// What was put in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filled {
    /// Missing patches, over all assets.
    pub missing: u64,
    /// Installed patches, over all assets.
    pub installed: u64,
}

type Lot = Vec<(AssetCard, Findings)>;

impl Synthetic {
    /// Makes an index of all assets. They are made by threads beside and arrive in no order.
    #[must_use]
    pub fn fill(&self) -> (Fleet, Filled) {
        let fleet = Fleet::new(Arc::clone(&self.catalog));
        fleet.apply(vec![Change::Tags(self.tags.clone())]);
        let mut filled = Filled::default();
        let next = AtomicU32::new(0);
        let (sender, receiver) = sync_channel(WAITING);
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || self.make_lots(next, &sender));
            }
            drop(sender);
            for lot in receiver {
                let mut changes = Vec::with_capacity(2 * lot.len());
                for (card, findings) in lot {
                    filled.missing += findings.missing.len() as u64;
                    filled.installed += findings.installed.len() as u64;
                    let asset = card.id;
                    changes.push(Change::Card(Box::new(card)));
                    changes.push(Change::Findings { asset, findings });
                }
                fleet.apply(changes);
            }
        });
        (fleet, filled)
    }

    /// Makes lots until all are made, or nobody takes them.
    fn make_lots(&self, next: &AtomicU32, lots: &SyncSender<Lot>) {
        loop {
            let from = next.fetch_add(TOGETHER, Ordering::Relaxed);
            if from >= self.len() {
                return;
            }
            let lot = (from..(from + TOGETHER).min(self.len())).map(|number| self.asset(number)).collect();
            if lots.send(lot).is_err() {
                return;
            }
        }
    }
}
