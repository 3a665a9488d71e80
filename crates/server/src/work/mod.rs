//! Reconcilers: what happens by itself.
//!
//! Each compares what is with what should be and mends the difference; it takes no input, so a timer, a
//! signal and a start after a crash all run the same code. Its last result is on [`Signals`], for the
//! status page. To add one, add it to [`Reconciler`] with its pace, give it a file, and call it in [`run_once`].

use crate::App;
use fettle_model::clock::Clock;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

fettle_model::text_enum! {
    /// The reconcilers.
    pub enum Reconciler {
        /// Brings the catalog up to date with feeds that are due or were asked for.
        SyncCatalog = "sync_catalog",
        /// Judges stored inventories by the current catalog.
        Reassess = "reassess",
        /// Starts the runs of jobs whose time has come.
        ScheduleJobs = "schedule_jobs",
        /// Ends runs whose assets are all through, and times out those that did not begin.
        CloseRuns = "close_runs",
        /// Removes sessions, keys and records that are past their time.
        Prune = "prune",
        /// Marks assets that have not scanned for three intervals.
        MarkStale = "mark_stale",
        /// Writes down who checked in.
        NoteCheckIns = "note_check_ins",
    }
}

impl Reconciler {
    /// Time between two runs when nobody signals.
    #[must_use]
    pub fn pace(self) -> Duration {
        Duration::from_secs(match self {
            Self::NoteCheckIns => 5,
            Self::ScheduleJobs => 15,
            Self::CloseRuns => 30,
            Self::SyncCatalog | Self::Reassess | Self::MarkStale => 60,
            Self::Prune => 3600,
        })
    }
}

/// How a reconciler went last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended; `None` while the first one is at work.
    pub ended_at: Option<Timestamp>,
    /// What it did, for people; empty when there was nothing to do.
    pub result: String,
    /// Why it failed, when it did.
    pub error: Option<String>,
}

/// Asks reconcilers to run soon and keeps how they went.
#[derive(Debug, Clone, Default)]
pub struct Signals(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wake: BTreeMap<Reconciler, Notify>,
    last: Mutex<BTreeMap<Reconciler, LastRun>>,
}

impl Signals {
    /// Signals nobody waits for yet.
    #[must_use]
    pub fn new() -> Self {
        let wake = Reconciler::ALL.iter().map(|&reconciler| (reconciler, Notify::new())).collect();
        Self(Arc::new(Inner { wake, last: Mutex::default() }))
    }

    /// Asks a reconciler to run as soon as it can. Asked while it runs, it runs once more.
    pub fn ask(&self, reconciler: Reconciler) {
        if let Some(notify) = self.0.wake.get(&reconciler) {
            notify.notify_one();
        }
    }

    /// How each reconciler went last; those that have not run yet are left out.
    #[must_use]
    pub fn last_runs(&self) -> BTreeMap<Reconciler, LastRun> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
