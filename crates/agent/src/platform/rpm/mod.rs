//! Distributions of RPM packages: Enterprise Linux and its kin, Fedora, SUSE.
//!
//! They are observed, not yet changed: every job is refused with a reason. With a root other than `/` (a documented
//! test facility, see `docs/reference/agent.md`) the package database below it is read by the running machine's rpm.

mod holds;
mod kernels;
mod packages;

use super::linux::{self, hardware, root::Root};
use super::{Answer, Machine, Observation, OnProgress, Platform, PlatformError};
use fettle_deploy::agent::{Changed, Ending, Order, Room, Sight};
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_model::ids::RunId;
use fettle_model::inventory::{Inventory, Package, PackageManagerHealth, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform as Family};
use fettle_model::rule::BinaryVersion;
use std::path::Path;

/// Why no job is carried out.
const ONLY_ASSESSED: &str = "This machine is made of RPM packages, which this version of the agent only assesses; install with dnf.";

/// Where rpm keeps its database: the newer place first.
const DATABASES: [&str; 2] = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
/// The file of a database that has packages, of each kind of database there was: SQLite, ndb, Berkeley.
const FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];

/// A machine of RPM packages.
#[derive(Debug)]
pub struct Rpm {
    root: Root,
}

/// The folder of the package database, when there is one.
pub(super) fn database(root: &Root) -> Option<&'static str> {
    DATABASES.into_iter().find(|folder| FILES.iter().any(|file| root.join(folder).join(file).exists()))
}

impl Rpm {
    /// The machine whose files are under `root`.
    ///
    /// # Errors
    /// When the root is not there.
    pub fn new(root: &Path) -> Result<Self, PlatformError> {
        let path = root.canonicalize().map_err(|error| PlatformError::new(format!("could not use {}", root.display()), error))?;
        Ok(Self { root: Root::new(&path) })
    }

    async fn packages(&self) -> Result<Vec<Package>, PlatformError> {
        let mut packages = packages::packages(&self.root).await?;
        let holds = holds::Holds::read(&self.root);
        for package in &mut packages {
            package.held = holds.hold(package);
        }
        Ok(packages)
    }

    fn system(&self, packages: &[Package]) -> Result<OperatingSystem, PlatformError> {
        let mut values = linux::release_of(&self.root)?;
        let mut value = |name: &str| values.remove(name).unwrap_or_default();
        let uname = rustix::system::uname();
        let architecture = packages::architecture_of(&uname.machine().to_string_lossy());
        let foreign_architectures = packages::foreign(packages, &architecture);
        Ok(OperatingSystem {
            platform: Family::Linux,
            id: value("ID"),
            name: value("PRETTY_NAME"),
            version: value("VERSION_ID"),
            codename: value("VERSION_CODENAME"),
            architecture,
            foreign_architectures,
        })
    }

    async fn observation(&self) -> Result<Observation, PlatformError> {
        let packages = self.packages().await?;
        let kernels = kernels::kernels(&self.root, &packages);
        let inventory = Inventory {
            hostname: linux::hostname(&self.root),
            os: self.system(&packages)?,
            hardware: hardware::hardware(),
            interfaces: hardware::interfaces(),
            pending_reboot: kernels::evidence(&kernels.running, &packages),
            packages,
            kernels,
            package_manager: PackageManagerHealth::default(),
            windows: WindowsSoftware::default(),
        };
        Ok(Observation { inventory, volatile: linux::volatile(&self.root).await })
    }
}

fn refusal() -> Failure {
    Failure::new(FailureReason::AgentError, None, ONLY_ASSESSED)
}

impl Platform for Rpm {
    fn machine(&self) -> Answer<'_, Result<Machine, PlatformError>> {
        Box::pin(async { linux::machine(&self.root) })
    }

    fn observe(&self) -> Answer<'_, Result<Observation, PlatformError>> {
        Box::pin(self.observation())
    }

    fn only_assessed(&self) -> Option<&'static str> {
        Some(ONLY_ASSESSED)
    }

    fn look(&self) -> Answer<'_, Result<Sight, Failure>> {
        Box::pin(async { Err(refusal()) })
    }

    fn repair<'a>(&'a self, _progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async { Err(refusal()) })
    }

    fn refresh<'a>(&'a self, _progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async { Err(refusal()) })
    }

    fn weigh<'a>(&'a self, _kind: JobKind, _packages: &'a [BinaryVersion]) -> Answer<'a, Result<Vec<Room>, Failure>> {
        Box::pin(async { Err(refusal()) })
    }

    fn fetch<'a>(&'a self, _kind: JobKind, _packages: &'a [BinaryVersion], _progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async { Err(refusal()) })
    }

    fn change<'a>(&'a self, _order: &'a Order, _progress: OnProgress<'a>) -> Answer<'a, Changed> {
        Box::pin(async { Changed { ending: Ending::Failed(refusal()), changes: Vec::new(), packages: Vec::new() } })
    }

    fn forget(&self, _run: RunId) -> Answer<'_, ()> {
        Box::pin(async {})
    }
}
