//! Reconcilers: what happens by itself.
//!
//! Each compares what is with what should be and mends the difference; it takes no input, so a timer, a
//! signal and a start after a crash all run the same code. Its last result is on [`Signals`], for the
//! status page. To add one, add it to [`Reconciler`] with its pace, give it a file, and call it in [`run_once`].

mod assets;
mod catalog;
pub(crate) mod dynamic_tags;
mod reassess;
mod revised;
mod runs;
mod schedule;
mod signals;

pub use catalog::{SyncProgress, next_sync};
pub use revised::Revised;
pub use signals::{LastRun, Signals};

use crate::App;
use crate::gateway::chain;
use fettle_model::clock::Entropy;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// Why a reconciler could not do its work. It is tried again at its next turn.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The store failed.
    #[error("could not {doing}")]
    Store {
        /// What was attempted.
        doing: &'static str,
        /// Why.
        #[source]
        source: fettle_store::StoreError,
    },
    /// Some of several things failed; the others were done.
    #[error("{0}")]
    Some(String),
    /// A computation was cut off, because the server stops or by a fault of the program.
    #[error("could not {doing}")]
    CutOff {
        /// What was attempted.
        doing: &'static str,
        /// Why.
        #[source]
        source: tokio::task::JoinError,
    },
    /// Tags with a query could not be decided.
    #[error("could not decide who carries tags with a query")]
    Tags(#[from] crate::index::TagsError),
    /// The server's certificate could not be renewed.
    #[error("could not renew the server's certificate")]
    Certificate(#[from] crate::certificate::CertificateError),
    /// The index could not be saved.
    #[error("could not save the index for the next start")]
    Index(#[from] crate::index::SaveIndexError),
    /// A fault of the program.
    #[error("a fault of the program ended it; the log has more")]
    Fault,
}

/// Names what was attempted in the store.
fn store(doing: &'static str) -> impl FnOnce(fettle_store::StoreError) -> WorkError {
    move |source| WorkError::Store { doing, source }
}

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
        /// Decides who carries the tags with a query.
        DecideTags = "decide_tags",
        /// Writes down who checked in.
        NoteCheckIns = "note_check_ins",
        /// Exchanges the server's certificate before it ends.
        RenewCertificate = "renew_certificate",
        /// Writes the index to a file, for a quick restart.
        SaveIndex = "save_index",
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
            Self::SyncCatalog | Self::Reassess | Self::MarkStale | Self::DecideTags => 60,
            Self::SaveIndex => 900,
            Self::Prune | Self::RenewCertificate => 3600,
        })
    }
}

impl Reconciler {
    /// Time to let pass after a signal, because more of the same follow at once.
    fn patience(self) -> Duration {
        match self {
            // While machines scan, signals come all the time; each turn asks about every asset.
            Self::DecideTags => Duration::from_secs(2),
            _ => Duration::ZERO,
        }
    }
}

/// Starts a loop per reconciler; they end when the server stops.
pub fn start(app: &Arc<App>, tasks: &TaskTracker) {
    for &reconciler in Reconciler::ALL {
        let app = Arc::clone(app);
        tasks.spawn(async move {
            loop {
                // What was begun is finished: each turn is short or stops by itself when the server does.
                run_once(&app, reconciler).await;
                let pause = tokio::time::sleep(jittered(reconciler.pace(), app.entropy.as_ref()));
                let asked = async {
                    app.signals.asked(reconciler).await;
                    tokio::time::sleep(reconciler.patience()).await;
                };
                tokio::select! {
                    () = app.stopping.cancelled() => break,
                    () = asked => {}
                    () = pause => {}
                }
            }
        });
    }
}

/// Runs a reconciler once, after the turn it may be having, and keeps how it went.
pub async fn run_once(app: &Arc<App>, reconciler: Reconciler) {
    let _turn = app.signals.my_turn(reconciler).await;
    app.signals.begun(reconciler, app.clock.now());
    let turn = AssertUnwindSafe(turn(app, reconciler)).catch_unwind().await;
    let result = turn.unwrap_or(Err(WorkError::Fault));
    let result = result.map_err(|error| chain(&error));
    match &result {
        Ok(done) if done.is_empty() => {}
        Ok(done) => tracing::info!(%reconciler, "{done}"),
        // The same trouble every few seconds is one line in the log; the status page shows that it lasts.
        Err(error) if app.signals.last_error(reconciler).as_ref() == Some(error) => {}
        Err(error) => tracing::warn!(%reconciler, error, "a reconciler failed; it will try again"),
    }
    app.signals.ended(reconciler, app.clock.now(), result);
}

async fn turn(app: &Arc<App>, reconciler: Reconciler) -> Result<String, WorkError> {
    match reconciler {
        Reconciler::SyncCatalog => Box::pin(catalog::sync(app)).await,
        Reconciler::Reassess => Box::pin(reassess::reassess(app)).await,
        Reconciler::ScheduleJobs => Box::pin(schedule::schedule(app)).await,
        Reconciler::CloseRuns => runs::close(app).await,
        Reconciler::DecideTags => dynamic_tags::decide_tags(app).await,
        Reconciler::Prune => prune(app).await,
        Reconciler::MarkStale => assets::mark_stale(app).await,
        Reconciler::RenewCertificate => renew(app),
        Reconciler::SaveIndex => save_index(app).await,
        Reconciler::NoteCheckIns => assets::note_check_ins(app).await,
    }
}

async fn prune(app: &App) -> Result<String, WorkError> {
    let gone = app.store.prune(app.clock.now()).await.map_err(store("remove what is past its time"))?;
    Ok(if gone == 0 { String::new() } else { format!("removed {gone} records that were past their time") })
}

fn renew(app: &App) -> Result<String, WorkError> {
    let changed = app.certificate.renew(app)?;
    Ok(if changed { "the server shows a new certificate".to_owned() } else { String::new() })
}

async fn save_index(app: &Arc<App>) -> Result<String, WorkError> {
    let bytes = crate::index::save(app).await?;
    Ok(bytes.map_or_else(String::new, |bytes| format!("wrote {bytes} bytes")))
}

/// Spreads a pace by a tenth either way, so that reconcilers and servers do not all move at once.
fn jittered(pace: Duration, entropy: &dyn Entropy) -> Duration {
    let mut byte = [0];
    entropy.fill(&mut byte);
    pace.mul_f64(0.9 + 0.2 * f64::from(byte[0]) / 255.0)
}
