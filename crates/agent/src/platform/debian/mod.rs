//! Debian and Ubuntu: dpkg and apt.
//!
//! With a root other than `/` (a documented test facility, see `docs/reference/agent.md`) everything that is the
//! system's is looked up and changed below it, by the running machine's own apt and dpkg.

mod apt;
mod blame;
mod dpkg;
mod hardware;
mod kernels;
mod locks;
mod orders;
mod os_release;
mod root;
mod supervise;
mod users;

use super::{Answer, Machine, Observation, OnProgress, Platform, PlatformError};
use apt::Apt;
use fettle_deploy::agent::{Changed, Order, Room, Sight};
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_model::ids::RunId;
use fettle_model::inventory::{Inventory, LogOn, Volatile, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform as Family};
use fettle_model::rule::BinaryVersion;
use root::Root;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Keeps the machine id that is sent apart from what other programs derive from machine-id(5), which is confidential.
const MACHINE_ID_WORD: &[u8] = b"fettle agent machine id 1\0";

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

    fn who(&self) -> Result<Machine, PlatformError> {
        let id = self.root.line("/etc/machine-id");
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            return Err(PlatformError::plain(
                "this machine has no id in /etc/machine-id: make one with systemd-machine-id-setup, then try again",
            ));
        }
        let digest = Sha256::new().chain_update(MACHINE_ID_WORD).chain_update(id.to_lowercase()).finalize();
        Ok(Machine { machine_id: data_encoding::HEXLOWER.encode(&digest), hostname: self.hostname() })
    }

    /// The machine's name; with its domain when `/etc/hosts` tells it. The resolver is not asked: it may hang.
    fn hostname(&self) -> String {
        let own = || rustix::system::uname().nodename().to_string_lossy().into_owned();
        let name = if self.root.is_machine() { own() } else { self.root.line("/etc/hostname") };
        let name = if name.is_empty() { own() } else { name };
        qualified(&name, &self.root.text("/etc/hosts").unwrap_or_default()).unwrap_or(name)
    }

    async fn system(&self) -> Result<OperatingSystem, PlatformError> {
        let text = self.root.text("/etc/os-release").or_else(|| self.root.text("/usr/lib/os-release"));
        let text = text.ok_or_else(|| PlatformError::plain("could not read /etc/os-release: which distribution is this?"))?;
        let mut values = os_release::parse(&text);
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
            hostname: self.hostname(),
            os: self.system().await?,
            hardware: hardware::hardware(),
            interfaces: hardware::interfaces(),
            packages,
            kernels,
            pending_reboot,
            package_manager,
            windows: WindowsSoftware::default(),
        };
        let volatile = Volatile { logged_on: self.logged_on().await, disks: hardware::disks(&self.root), booted_at: hardware::booted_at() };
        Ok(Observation { inventory, volatile })
    }

    /// People logged on: utmp where it is kept, otherwise the log-in manager.
    async fn logged_on(&self) -> Vec<LogOn> {
        let alive = |pid: i32| Path::new("/proc").join(pid.to_string()).exists();
        match self.root.read("/run/utmp") {
            Ok(utmp) => users::parse(&utmp, alive),
            Err(_) if self.root.is_machine() => {
                let asked = dpkg::output("loginctl", &["list-sessions", "--output=json"], "ask who is logged on").await;
                asked.map(|json| users::parse_sessions(json.as_bytes())).unwrap_or_default()
            }
            Err(_) => Vec::new(),
        }
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

/// The name with its domain, when a line of `/etc/hosts` names both.
fn qualified(name: &str, hosts: &str) -> Option<String> {
    if name.contains('.') {
        return None;
    }
    let long = format!("{name}.");
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let mut aliases = lines.flat_map(|line| line.split_whitespace().skip(1));
    aliases.find(|alias| alias.starts_with(&long) && alias.len() > long.len() && *alias != format!("{long}localdomain")).map(str::to_owned)
}

impl Platform for Debian {
    fn machine(&self) -> Answer<'_, Result<Machine, PlatformError>> {
        Box::pin(async { self.who() })
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

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("web1", "127.0.0.1 localhost\n10.0.0.5 web1.example.org web1 # us", Some("web1.example.org"))]
    #[case("web1", "10.0.0.5 web1", None)]
    #[case("web1", "# 10.0.0.5 web1.example.org", None)]
    #[case("web1", "127.0.1.1 web1.localdomain web1", None)]
    #[case("web1.example.org", "10.0.0.5 web1.example.org.other", None)]
    fn the_domain_from_hosts(#[case] name: &str, #[case] hosts: &str, #[case] full: Option<&str>) {
        assert_eq!(qualified(name, hosts).as_deref(), full);
    }
}
