//! Debian and Ubuntu: dpkg and apt.
//!
//! With a root other than `/` (a documented test facility, see `docs/reference/agent.md`) everything that is the
//! system's is looked up and changed below it, by the running machine's own apt and dpkg.

mod apt;
mod blame;
mod dpkg;
mod kernels;
mod locks;
mod orders;
mod supervise;

use super::linux::{self, hardware, root::Root};
use super::{Answer, Machine, Observation, OnProgress, Platform, PlatformError};
use apt::Apt;
use fettle_deploy::agent::{Changed, Order, Room, Sight};
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_model::ids::RunId;
use fettle_model::inventory::{Inventory, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform as Family};
use fettle_model::rule::BinaryVersion;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long things may take, and where figures come from.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Fetching lists, or one patch's packages. An hour: a kernel over a slow line.
    pub fetch: Duration,
    /// Installing one patch, or repairing. Two hours: initial RAM disks on old disks, databases that convert themselves.
    pub change: Duration,
    /// Free bytes where a path is. Tests put their own figure here.
    pub free_bytes: fn(&Path) -> std::io::Result<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fetch: Duration::from_secs(3600), change: Duration::from_secs(2 * 3600), free_bytes: hardware::free_bytes }
    }
}

/// A Debian or Ubuntu machine.
#[derive(Debug)]
pub struct Debian {
    root: Root,
    apt: Apt,
    /// Where the traces of running programs are kept.
    work: PathBuf,
    limits: Limits,
}

impl Debian {
    /// The machine whose files are under `root`. Traces of running programs are kept in `work`, which only the
    /// agent's user should be able to enter.
    ///
    /// # Errors
    /// When `work` cannot be made, or a root other than `/` is not there.
    pub fn new(root: &Path, work: &Path, limits: Limits) -> Result<Self, PlatformError> {
        let attempted = |path: &Path| format!("could not use {}", path.display());
        let path = root.canonicalize().map_err(|error| PlatformError::new(attempted(root), error))?;
        let root = Root::new(&path);
        std::fs::create_dir_all(work).map_err(|error| PlatformError::new(attempted(work), error))?;
        let work = work.canonicalize().map_err(|error| PlatformError::new(attempted(work), error))?;
        let apt = Apt::prepare(&root, &work).map_err(|error| PlatformError::new(attempted(&work), error))?;
        Ok(Self { root, apt, work, limits })
    }

    async fn system(&self) -> Result<OperatingSystem, PlatformError> {
        let mut values = linux::release_of(&self.root)?;
        let mut value = |name: &str| values.remove(name).unwrap_or_default();
        let (architecture, foreign_architectures) = dpkg::architectures(&self.root).await?;
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
        let packages = dpkg::packages(&self.root).await?;
        let package_manager = dpkg::health(&self.root, &packages);
        let kernels = kernels::kernels(&self.root);
        let pending_reboot = kernels::evidence(&self.root, &kernels);
        let inventory = Inventory {
            hostname: linux::hostname(&self.root),
            os: self.system().await?,
            hardware: hardware::hardware(),
            interfaces: hardware::interfaces(),
            packages,
            kernels,
            pending_reboot,
            package_manager,
            windows: WindowsSoftware::default(),
        };
        Ok(Observation { inventory, volatile: linux::volatile(&self.root).await })
    }

    async fn sight(&self) -> Result<Sight, Failure> {
        let busy = locks::holder(&self.root);
        let packages = dpkg::packages(&self.root).await.map_err(|error| agent_error(&error))?;
        let health = dpkg::health(&self.root, &packages);
        Ok(Sight { busy, interrupted: health.interrupted, broken: health.broken, packages: dpkg::present(&packages) })
    }
}

/// A failure of the agent itself.
fn agent_error(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(FailureReason::AgentError, None, &crate::chain(error))
}

impl Platform for Debian {
    fn machine(&self) -> Answer<'_, Result<Machine, PlatformError>> {
        Box::pin(async { linux::machine(&self.root) })
    }

    fn observe(&self) -> Answer<'_, Result<Observation, PlatformError>> {
        Box::pin(self.observation())
    }

    fn look(&self) -> Answer<'_, Result<Sight, Failure>> {
        Box::pin(self.sight())
    }

    fn repair<'a>(&'a self, progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(self.do_repair(progress))
    }

    fn refresh<'a>(&'a self, progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(self.do_refresh(progress))
    }

    fn weigh<'a>(&'a self, kind: JobKind, packages: &'a [BinaryVersion]) -> Answer<'a, Result<Vec<Room>, Failure>> {
        Box::pin(self.do_weigh(kind, packages))
    }

    fn fetch<'a>(&'a self, kind: JobKind, packages: &'a [BinaryVersion], progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(self.do_fetch(kind, packages, progress))
    }

    fn change<'a>(&'a self, order: &'a Order, progress: OnProgress<'a>) -> Answer<'a, Changed> {
        Box::pin(self.do_change(order, progress))
    }

    fn forget(&self, run: RunId) -> Answer<'_, ()> {
        Box::pin(async move { self.do_forget(run) })
    }
}
