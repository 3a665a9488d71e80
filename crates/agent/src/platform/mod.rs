//! The only door to the operating system.
//!
//! [`Platform`] is what the agent needs of its machine. [`debian`] and [`rpm`] are the real ones, told apart by
//! [`of`]; a simulated fleet brings its own. To support another package manager, write a module beside them that implements the trait:
//! nothing outside this folder starts a program, reads `/proc`, or knows what apt is.

pub mod debian;
mod linux;
pub mod rpm;

use debian::{Debian, Limits};
use fettle_deploy::agent::{Changed, Order, Room, Sight};
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::Failure;
use fettle_model::ids::RunId;
use fettle_model::inventory::{Inventory, Volatile};
use fettle_model::rule::BinaryVersion;
use linux::root::Root;
use rpm::Rpm;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

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

/// `ID` or `ID_LIKE` of distributions made of RPM packages. Those of SUSE are told by `suse`.
const RPM_FAMILY: [&str; 9] = ["rhel", "fedora", "centos", "rocky", "almalinux", "ol", "amzn", "suse", "openEuler"];
const DEBIAN_FAMILY: [&str; 2] = ["debian", "ubuntu"];

/// The machine whose files are under `root`, by the distribution it says it is and the package database it has. Traces
/// of running programs are kept in `work`.
///
/// # Errors
/// When `work` cannot be made, or a root other than `/` is not there.
pub fn of(root: &Path, work: &Path) -> Result<Arc<dyn Platform>, PlatformError> {
    if is_rpm(&Root::new(root)) { Ok(Arc::new(Rpm::new(root)?)) } else { Ok(Arc::new(Debian::new(root, work, Limits::default())?)) }
}

/// Many a machine has a database of the other kind too, from tools that were installed: what it says it is decides,
/// when it has that database or neither.
fn is_rpm(root: &Root) -> bool {
    let (dpkg, rpm) = (root.join("/var/lib/dpkg/status").exists(), rpm::database(root).is_some());
    let values = linux::release_of(root).unwrap_or_default();
    let says = |family: &[&str]| {
        let words = ["ID", "ID_LIKE"].iter().filter_map(|name| values.get(*name)).flat_map(|value| value.split_whitespace());
        words.into_iter().any(|word| family.contains(&word))
    };
    match (says(&DEBIAN_FAMILY), says(&RPM_FAMILY)) {
        (true, _) => rpm && !dpkg,
        (false, true) => rpm || !dpkg,
        (false, false) => rpm && !dpkg,
    }
}

/// Whether a process with this number exists.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
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

    /// Why no job is carried out on this machine, for people; `None` when jobs are.
    fn only_assessed(&self) -> Option<&'static str> {
        None
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ID=debian\n", &["/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite"], false)]
    #[case("ID=\"rhel\"\nID_LIKE=\"fedora\"\n", &["/var/lib/dpkg/status", "/var/lib/rpm/Packages"], true)]
    #[case("ID=home-made\nID_LIKE=\"rhel centos fedora\"\n", &["/usr/lib/sysimage/rpm/rpmdb.sqlite"], true)]
    #[case("ID=opensuse-leap\nID_LIKE=\"suse opensuse\"\n", &[], true)]
    #[case("ID=unheard-of\n", &["/var/lib/rpm/Packages.db"], true)]
    #[case("ID=unheard-of\n", &["/var/lib/dpkg/status", "/var/lib/rpm/Packages.db"], false)]
    #[case("ID=rhel\n", &["/var/lib/dpkg/status"], false)]
    #[case("", &[], false)]
    fn told_by_name_and_database(#[case] release: &str, #[case] files: &[&str], #[case] rpm: bool) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root::new(folder.path());
        for file in files.iter().chain(&["/etc/os-release"]) {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, release).expect("written");
        }
        assert_eq!(is_rpm(&root), rpm);
    }
}
