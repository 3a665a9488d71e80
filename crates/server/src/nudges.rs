//! Waking held check-ins.
//!
//! A nudge carries no content: who is woken reads the numbers from the store. A spurious nudge costs one
//! read, a lost one cannot happen, because a [`Seat`] is taken before the numbers are read.

use fettle_model::ids::AssetId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Who waits, by asset.
#[derive(Debug, Clone, Default)]
pub struct Nudges(Arc<Mutex<HashMap<AssetId, watch::Sender<u64>>>>);

/// A held check-in: taken before the numbers are read, given back when dropped.
#[derive(Debug)]
pub struct Seat {
    asset: AssetId,
    woken: Option<watch::Receiver<u64>>,
    nudges: Nudges,
}

impl Nudges {
    /// Wakes the check-in of one asset, if it is held.
    pub fn wake(&self, asset: AssetId) {
        if let Some(sender) = self.seats().get(&asset) {
            sender.send_modify(|count| *count += 1);
        }
    }

    /// Wakes several assets.
    pub fn wake_many(&self, assets: impl IntoIterator<Item = AssetId>) {
        assets.into_iter().for_each(|asset| self.wake(asset));
    }

    /// Whether an asset holds a check-in right now.
    #[must_use]
    pub fn is_waiting(&self, asset: AssetId) -> bool {
        self.seats().contains_key(&asset)
    }

    /// How many assets hold a check-in right now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.seats().len()
    }

    /// Takes a seat. Wakes from this moment on are not missed.
    #[must_use]
    pub fn sit(&self, asset: AssetId) -> Seat {
        let woken = self.seats().entry(asset).or_insert_with(|| watch::Sender::new(0)).subscribe();
        Seat { asset, woken: Some(woken), nudges: self.clone() }
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, HashMap<AssetId, watch::Sender<u64>>> {
        // A panic elsewhere cannot leave the map half changed: every use is one call on it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Waits until the asset is woken.
    pub async fn woken(&mut self) {
        if let Some(woken) = self.woken.as_mut()
            && woken.changed().await.is_ok()
        {
            return;
        }
        // The sender lives as long as a seat does, so an error means that nothing will ever come.
        std::future::pending::<()>().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.woken = None;
        let mut seats = self.nudges.seats();
        if seats.get(&self.asset).is_some_and(|sender| sender.receiver_count() == 0) {
            seats.remove(&self.asset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_wake_between_sitting_and_waiting_is_not_lost() {
        let nudges = Nudges::default();
        let asset = AssetId(Uuid::from_u128(1));
        let mut seat = nudges.sit(asset);
        nudges.wake(asset);
        seat.woken().await;
        drop(seat);
        assert!(!nudges.is_waiting(asset));
    }

    #[tokio::test]
    async fn two_seats_of_one_asset_are_both_woken_and_others_are_not() {
        let nudges = Nudges::default();
        let (asset, other) = (AssetId(Uuid::from_u128(1)), AssetId(Uuid::from_u128(2)));
        let (mut one, mut two, mut three) = (nudges.sit(asset), nudges.sit(asset), nudges.sit(other));
        nudges.wake(asset);
        one.woken().await;
        two.woken().await;
        drop(one);
        assert!(nudges.is_waiting(asset));
        tokio::select! {
            biased;
            () = three.woken() => panic!("woken without a reason"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(nudges.waiting(), 2);
    }
}
