//! The server: console and API, agent link, and the work that happens by itself.
//!
//! [`App`] is what they share. `api` answers people, `gateway` answers agents, `work` holds the reconcilers;
//! none of them calls another: they meet in the store, in the fleet index and through [`work::Signals`],
//! [`nudges::Nudges`] and [`App::events`]. To add an operation for people, give it a file below `api`; for
//! agents, a file below `gateway`; something that happens by itself is a reconciler below `work`.

pub mod api;
pub mod auth;
pub mod authority;
pub mod bundles;
pub mod certificate;
pub mod cli;
pub mod console;
pub mod contents;
pub mod gateway;
pub mod index;
pub mod listen;
pub mod local;
pub mod locations;
pub mod nudges;
pub mod planning;
pub mod serve;
pub mod settings;
pub mod system;
pub mod versions;
pub mod vulnerabilities;
pub mod work;

use authority::{Authority, SetupToken};
use certificate::OwnCertificate;
use fettle_catalog::Fetcher;
use fettle_fleet::Fleet;
use fettle_model::clock::{Clock, Entropy};
use fettle_model::ids::{AssetId, FeedId, RunId};
use fettle_store::Store;
use jiff::{SignedDuration, Timestamp};
use settings::Settings;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// What the parts of the server share.
pub struct App {
    /// The truth.
    pub store: Store,
    /// The fleet in memory; rebuilt from the store at every start.
    pub fleet: Fleet,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Certificates and manifest signatures.
    pub authority: Authority,
    /// What the server shows to agents, and to people unless they gave it another.
    pub certificate: Arc<OwnCertificate>,
    /// The one-time token that makes the first administrator.
    pub setup: SetupToken,
    /// Held check-ins. Wake an asset after its work or its scan number changed.
    pub nudges: nudges::Nudges,
    /// Who checked in and is not written down yet.
    pub check_ins: gateway::CheckIns,
    /// Held while an asset's card is made from the store.
    pub refreshing: index::Refreshing,
    /// Versions of the index that the answers of the last minutes were made from.
    pub versions: versions::Versions,
    /// What the latest catalog changes about findings that the one before decided, until all are up to date.
    pub revised: work::Revised,
    /// Fetches what feeds carry.
    pub fetcher: Fetcher,
    /// How far synchronisations are, by feed; a feed is here only while it is at work.
    pub sync_progress: work::SyncProgress,
    /// Files that administrators uploaded.
    pub contents: contents::Contents,
    /// Vulnerabilities that patches fix.
    pub vulnerabilities: vulnerabilities::Vulnerabilities,
    /// Exports and imports of the catalog.
    pub bundles: bundles::Bundles,
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
    Run(RunId),
    /// An asset's inventory, findings, or tags.
    Asset(AssetId),
    /// The catalog.
    Catalog,
    /// A feed's state, or how far its synchronisation is.
    Feed(FeedId),
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("store", &self.store).field("settings", &self.settings.data).finish_non_exhaustive()
    }
}

impl App {
    /// Whether an asset's agent can be reached: it holds a check-in, or did so moments ago.
    #[must_use]
    pub fn is_online(&self, asset: AssetId, last_check_in: Option<Timestamp>) -> bool {
        let grace = SignedDuration::from_secs(i64::from(self.settings.pace.hold) + 60);
        self.nudges.is_waiting(asset) || last_check_in.is_some_and(|at| self.clock.now().duration_since(at) < grace)
    }

    /// Tells whoever watches. Nobody watching is fine.
    pub fn tell(&self, event: Event) {
        // The error only says that nobody listens.
        let _nobody = self.events.send(event);
    }
}
