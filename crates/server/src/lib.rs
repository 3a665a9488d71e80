//! The server: console and API, agent link, and the work that happens by itself.
//!
//! [`App`] is what they share. `api` answers people, `gateway` answers agents, `work` holds the reconcilers;
//! none of them calls another: they meet in the store, in the fleet index and through [`work::Signals`],
//! [`nudges::Nudges`] and [`App::events`]. To add an operation for people, give it a file below `api`; for
//! agents, a file below `gateway`; something that happens by itself is a reconciler below `work`.

pub mod api;
pub mod auth;
pub mod authority;
pub mod cli;
pub mod console;
pub mod gateway;
pub mod listen;
pub mod nudges;
pub mod serve;
pub mod settings;
pub mod system;
pub mod work;

use arc_swap::ArcSwap;
use authority::{Authority, SetupToken};
use fettle_fleet::{Assessor, Fleet};
use fettle_model::clock::{Clock, Entropy};
use fettle_model::ids::{AssetId, FeedId, JobId, RunId};
use fettle_store::Store;
use settings::Settings;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// What the parts of the server share.
#[derive(Debug)]
pub struct App {
    /// The truth.
    pub store: Store,
    /// The fleet in memory; rebuilt from the store at every start.
    pub fleet: Fleet,
    /// Judges inventories by the current catalog; exchanged as a whole when the catalog changes.
    pub assessor: ArcSwap<Assessor>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Certificates and manifest signatures.
    pub authority: Authority,
    /// The one-time token that makes the first administrator.
    pub setup: SetupToken,
    /// Held check-ins. Wake an asset after its work or its scan number changed.
    pub nudges: nudges::Nudges,
    /// Reconcilers to run soon, and how each went last.
    pub signals: work::Signals,
    /// What just changed, for whoever watches. Nobody may depend on seeing every event.
    pub events: broadcast::Sender<Event>,
    /// What the server was started with.
    pub settings: Settings,
    /// Cancelled when the server stops: long answers end themselves.
    pub stopping: CancellationToken,
}

/// Something changed; who wants to know reads it anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A run's counters or assets.
    Run {
        /// The job.
        job: JobId,
        /// The run.
        run: RunId,
    },
    /// An asset's inventory, findings, or tags.
    Asset(AssetId),
    /// The catalog.
    Catalog,
    /// A feed's state, or how far its synchronisation is.
    Feed(FeedId),
}

impl App {
    /// Tells whoever watches. Nobody watching is fine.
    pub fn tell(&self, event: Event) {
        // The error only says that nobody listens.
        let _nobody = self.events.send(event);
    }
}
