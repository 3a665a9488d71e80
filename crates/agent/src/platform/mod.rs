//! The only door to the operating system.
//!
//! [`Platform`] is what the agent needs of its machine. [`debian`] is the real one; a simulated fleet brings
//! its own. To support another package manager, write a module beside `debian` that implements the trait:
//! nothing outside this folder starts a program, reads `/proc`, or knows what apt is.

pub mod debian;

use fettle_deploy::agent::{Changed, Order, Room, Sight};
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::Failure;
use fettle_model::ids::RunId;
use fettle_model::inventory::{Inventory, Volatile};
use fettle_model::rule::BinaryVersion;
use std::future::Future;
use std::pin::Pin;

/// What an asynchronous method of an object-safe trait returns.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The machine could not be observed. The text says what was attempted and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{attempted}")]
pub struct PlatformError {
    /// What was attempted, and what a person can do about it.
    pub attempted: String,
    /// What went wrong.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PlatformError {
    /// An error with its cause.
    pub fn new(attempted: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { attempted: attempted.into(), source: Some(source.into()) }
    }

    /// An error without a cause of its own.
    pub fn plain(attempted: impl Into<String>) -> Self {
        Self { attempted: attempted.into(), source: None }
    }
}

/// Who a machine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Stable for the life of its installation: 64 hexadecimal digits that do not tell the machine-id itself.
    pub machine_id: String,
    /// Its name, fully qualified when it knows its domain.
    pub hostname: String,
}

/// One look at the whole machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What decides findings.
    pub inventory: Inventory,
    /// What changes all the time.
    pub volatile: Volatile,
}

/// How far an installer is, for the status page: 0 to 100 and the package it is busy with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Per cent.
    pub percent: u8,
    /// What it is doing.
    pub doing: String,
}

/// Where progress goes.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// Whether a process with this number exists.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    std::path::Path::new("/proc").join(pid.to_string()).exists()
}

/// A machine: what the agent can see of it and do to it.
///
/// Failures that belong into a run's report come as [`Failure`], with the reason chosen where the evidence is.
/// Every method may be called again after the process was killed in the middle of it.
pub trait Platform: Send + Sync {
    /// Who this machine is.
    fn machine(&self) -> Answer<'_, Result<Machine, PlatformError>>;

    /// Inventory and volatile facts.
    fn observe(&self) -> Answer<'_, Result<Observation, PlatformError>>;

    /// The package manager's state. Waits for nothing: a lock held by another program is reported as `busy`.
    fn look(&self) -> Answer<'_, Result<Sight, Failure>>;

    /// Repairs an interrupted package manager.
    fn repair<'a>(&'a self, progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>>;

    /// Fetches the lists of available packages anew, verifying them.
    fn refresh<'a>(&'a self, progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>>;

    /// How much space fetching and installing `packages` takes, and how much there is.
    fn weigh<'a>(&'a self, kind: JobKind, packages: &'a [BinaryVersion]) -> Answer<'a, Result<Vec<Room>, Failure>>;

    /// Fetches `packages` and what they need into the package manager's cache, verified.
    fn fetch<'a>(&'a self, kind: JobKind, packages: &'a [BinaryVersion], progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>>;

    /// Carries out an order: begins it, or, when this very order was begun before, waits for what became of it.
    fn change<'a>(&'a self, order: &'a Order, progress: OnProgress<'a>) -> Answer<'a, Changed>;

    /// The run is over and reported: what was kept to find out about its orders can go.
    fn forget(&self, run: RunId) -> Answer<'_, ()>;
}
