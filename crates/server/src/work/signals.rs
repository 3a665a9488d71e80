//! Asking reconcilers to run, and how they went.

use super::Reconciler;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How a reconciler went last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// When its latest turn began.
    pub started_at: Option<Timestamp>,
    /// When it ended; `None` while it is at work.
    pub ended_at: Option<Timestamp>,
    /// What it did last, for people; empty when there was nothing to do.
    pub result: String,
    /// Why it failed, when its last turn did.
    pub error: Option<String>,
}

/// Asks reconcilers to run soon and keeps how they went. Clones share both.
#[derive(Debug, Clone)]
pub struct Signals(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    wake: BTreeMap<Reconciler, Notify>,
    turns: BTreeMap<Reconciler, tokio::sync::Mutex<()>>,
    last: Mutex<BTreeMap<Reconciler, LastRun>>,
}

impl Default for Signals {
    fn default() -> Self {
        let wake = Reconciler::ALL.iter().map(|&reconciler| (reconciler, Notify::new())).collect();
        let turns = Reconciler::ALL.iter().map(|&reconciler| (reconciler, tokio::sync::Mutex::new(()))).collect();
        Self(Arc::new(Inner { wake, turns, last: Mutex::default() }))
    }
}

impl Signals {
    /// Asks a reconciler to run as soon as it can. Asked while it runs, it runs once more.
    pub fn ask(&self, reconciler: Reconciler) {
        if let Some(notify) = self.0.wake.get(&reconciler) {
            notify.notify_one();
        }
    }

    /// How each reconciler went last; those that have not run yet are left out.
    #[must_use]
    pub fn last_runs(&self) -> BTreeMap<Reconciler, LastRun> {
        self.last().clone()
    }

    /// Waits for the turn of a reconciler: whoever runs it, it does not run beside itself.
    pub(super) async fn my_turn(&self, reconciler: Reconciler) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        Some(self.0.turns.get(&reconciler)?.lock().await)
    }

    pub(super) fn last_error(&self, reconciler: Reconciler) -> Option<String> {
        self.last().get(&reconciler).and_then(|last| last.error.clone())
    }

    pub(super) async fn asked(&self, reconciler: Reconciler) {
        match self.0.wake.get(&reconciler) {
            Some(notify) => notify.notified().await,
            None => std::future::pending().await,
        }
    }

    pub(super) fn begun(&self, reconciler: Reconciler, at: Timestamp) {
        let mut last = self.last();
        let kept = last.entry(reconciler).or_default();
        (kept.started_at, kept.ended_at) = (Some(at), None);
    }

    pub(super) fn ended(&self, reconciler: Reconciler, at: Timestamp, result: Result<String, String>) {
        let mut last = self.last();
        let kept = last.entry(reconciler).or_default();
        kept.ended_at = Some(at);
        match result {
            Ok(done) => (kept.result, kept.error) = (done, None),
            Err(error) => kept.error = Some(error),
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, BTreeMap<Reconciler, LastRun>> {
        // A panic elsewhere cannot leave a record half changed: all fields are written together.
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
