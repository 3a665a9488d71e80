//! A pretended machine as the agent sees it: packages that really change, and believable failures.

use crate::world::World;
pub use crate::world::machine::Trouble;
use crate::world::machine::{Blueprint, kernel_of};
use crate::world::release::System;
use fettle_agent::platform::{Answer, Machine, Observation, OnProgress, Platform, PlatformError, Progress};
use fettle_deploy::agent::{Changed, Ending, Order, Present, Room, Sight};
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::PackageChange;
use fettle_model::clock::Clock;
use fettle_model::ids::RunId;
use fettle_model::inventory::{Disk, Inventory, Kernels, LogOn, Package, PackageManagerHealth, RebootEvidence, Volatile, WindowsSoftware};
use fettle_model::rule::BinaryVersion;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long pretended work takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tempo {
    /// No time at all, for tests.
    Instant,
    /// Seconds, so that a person can watch.
    Watchable,
}

/// What has changed on a machine since it enrolled: all that has to be kept of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// Packages that have another version now.
    pub versions: BTreeMap<String, String>,
    /// dpkg was repaired.
    pub repaired: bool,
}

/// What is pretended, and what is remembered of it.
struct Body {
    packages: Vec<Package>,
    deviation: Deviation,
    /// How often somebody looked while another program held the lock.
    looks: u32,
    done: HashMap<(RunId, usize, u32), Changed>,
}

/// Called with what has changed, whenever something has.
type Keep = Box<dyn Fn(&Deviation) + Send + Sync>;

/// A pretended machine.
pub struct Pretended {
    world: Arc<World>,
    blueprint: Blueprint,
    clock: Arc<dyn Clock>,
    tempo: Tempo,
    keep: Keep,
    body: Mutex<Body>,
}

/// How often the lock is found taken on a busy machine.
const BUSY_LOOKS: u32 = 2;

impl Pretended {
    /// A machine of the world, as it was left.
    #[must_use]
    pub fn new(world: Arc<World>, number: u32, left: Deviation, clock: Arc<dyn Clock>, tempo: Tempo, keep: Keep) -> Self {
        let blueprint = world.machine(number);
        let mut packages = blueprint.packages.clone();
        for package in &mut packages {
            if let Some(version) = left.versions.get(&package.name) {
                package.version.clone_from(version);
                package.source_version.clone_from(version);
            }
        }
        let body = Mutex::new(Body { packages, deviation: left, looks: 0, done: HashMap::new() });
        Self { world, blueprint, clock, tempo, keep, body }
    }

    /// What it is made from.
    #[must_use]
    pub fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    fn body(&self) -> MutexGuard<'_, Body> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn troubled(&self, trouble: Trouble) -> bool {
        self.blueprint.trouble == Some(trouble)
    }

    fn interrupted(&self) -> bool {
        let trouble = matches!(self.blueprint.trouble, Some(Trouble::Interrupted | Trouble::Broken));
        trouble && !self.body().deviation.repaired
    }

    /// The source package of a binary package on this machine.
    fn source(&self, binary: &str) -> Option<&'static str> {
        let System::Linux(release) = self.blueprint.system else { return None };
        self.world.source_of(release, binary).map(|source| source.name)
    }

    fn size(&self, packages: &[BinaryVersion]) -> u64 {
        let System::Linux(release) = self.blueprint.system else { return 0 };
        let size = |wanted: &BinaryVersion| {
            let source = self.world.source_of(release, &wanted.name)?;
            source.binaries(release).find(|(name, _)| *name == wanted.name).map(|(_, kib)| u64::from(kib) * 1024)
        };
        packages.iter().filter_map(size).sum()
    }

    async fn pass(&self, seconds: u64, doing: &str, progress: OnProgress<'_>) {
        for step in 0..4_u8 {
            progress(Progress { percent: step * 25, doing: doing.to_owned() });
            if self.tempo == Tempo::Watchable {
                tokio::time::sleep(Duration::from_millis(seconds * 250)).await;
            }
        }
    }

    /// The kernel that would run after a restart, when it is not the one that runs.
    fn newer_kernel(&self, packages: &[Package]) -> Option<String> {
        let System::Linux(release) = self.blueprint.system else { return None };
        let installed = kernel_of(release, &packages.iter().find(|package| package.source == "linux")?.version);
        (installed != self.blueprint.kernel).then_some(installed)
    }

    fn inventory(&self) -> Inventory {
        let packages = self.body().packages.clone();
        let running = self.blueprint.kernel.clone();
        let newer = self.newer_kernel(&packages);
        let interrupted = self.interrupted();
        Inventory {
            hostname: self.blueprint.hostname.clone(),
            os: self.blueprint.system.operating_system(),
            hardware: self.blueprint.hardware.clone(),
            interfaces: self.blueprint.interfaces.clone(),
            kernels: Kernels { installed: std::iter::once(running.clone()).chain(newer.clone()).collect(), running: running.clone() },
            pending_reboot: newer.map(|installed| RebootEvidence::NewerKernel { running, installed }).into_iter().collect(),
            package_manager: PackageManagerHealth { interrupted, broken: Vec::new() },
            windows: WindowsSoftware::default(),
            packages,
        }
    }

    fn volatile(&self) -> Volatile {
        let (total_bytes, free_bytes) = self.blueprint.disk;
        let user = self.blueprint.user.map(|user| LogOn { user: user.to_owned(), terminal: "tty2".to_owned() });
        let hours = i64::try_from(self.blueprint.uptime_hours).unwrap_or(0);
        Volatile {
            logged_on: user.into_iter().collect(),
            disks: vec![Disk { mount: "/".to_owned(), total_bytes, free_bytes }],
            booted_at: self.clock.now().checked_sub(jiff::SignedDuration::from_hours(hours)).ok(),
        }
    }

    fn failed_fetch(&self, packages: &[BinaryVersion]) -> Option<Failure> {
        match self.blueprint.trouble {
            Some(Trouble::LostFiles(source)) => {
                let lost = packages.iter().find(|package| self.source(&package.name) == Some(source))?;
                let log = format!(
                    "Err:1 https://mirror.example/{} {}\n  404  Not Found\nE: Failed to fetch {}_{}_{}.deb",
                    source, lost.version, lost.name, lost.version, lost.architecture
                );
                Some(Failure::new(FailureReason::DownloadFailed, Some(100), &log))
            }
            _ => None,
        }
    }

    /// Gives packages their versions, where they are present, and says what changed.
    fn set_versions(&self, packages: &[BinaryVersion]) -> Vec<PackageChange> {
        let mut body = self.body();
        let mut changes = Vec::new();
        for wanted in packages {
            let Some(package) = body.packages.iter_mut().find(|package| package.name == wanted.name) else { continue };
            if package.version == wanted.version {
                continue;
            }
            let from = std::mem::replace(&mut package.version, wanted.version.clone());
            package.source_version.clone_from(&wanted.version);
            changes.push(PackageChange {
                name: wanted.name.clone(),
                architecture: package.architecture.clone(),
                from,
                to: wanted.version.clone(),
            });
        }
        for change in &changes {
            body.deviation.versions.insert(change.name.clone(), change.to.clone());
        }
        (self.keep)(&body.deviation);
        changes
    }

    async fn carry_out(&self, order: &Order, progress: OnProgress<'_>) -> Changed {
        let first = order.packages.first().map_or_else(String::new, |package| package.name.clone());
        self.pass(2 + order.packages.len() as u64 % 5, &first, progress).await;
        let script = match self.blueprint.trouble {
            Some(Trouble::BrokenScript(source)) if order.kind == JobKind::Install => Some(source),
            _ => None,
        };
        let broken = order.packages.iter().find(|package| script.is_some() && self.source(&package.name) == script);
        if let Some(package) = broken {
            let log = format!(
                "Setting up {} ({}) ...\ndpkg: error processing package {} (--configure):\n installed {} package post-installation script \
                 subprocess returned error exit status 1\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
                package.name, package.version, package.name, package.name
            );
            let ending = Ending::Failed(Failure::new(FailureReason::InstallerFailed, Some(100), &log));
            return Changed { ending, changes: Vec::new(), packages: self.present() };
        }
        let changes = self.set_versions(&order.packages);
        Changed { ending: Ending::Done, changes, packages: self.present() }
    }

    fn present(&self) -> Vec<Present> {
        let present = |package: &Package| Present {
            name: package.name.clone(),
            architecture: package.architecture.clone(),
            version: package.version.clone(),
            held: package.held,
            configured: true,
        };
        self.body().packages.iter().map(present).collect()
    }
}

impl Platform for Pretended {
    fn machine(&self) -> Answer<'_, Result<Machine, PlatformError>> {
        let machine = Machine { machine_id: self.blueprint.machine_id.clone(), hostname: self.blueprint.hostname.clone() };
        Box::pin(async move { Ok(machine) })
    }

    fn observe(&self) -> Answer<'_, Result<Observation, PlatformError>> {
        Box::pin(async move { Ok(Observation { inventory: self.inventory(), volatile: self.volatile() }) })
    }

    fn look(&self) -> Answer<'_, Result<Sight, Failure>> {
        Box::pin(async move {
            let looks = {
                let mut body = self.body();
                body.looks += 1;
                body.looks
            };
            let busy = self.troubled(Trouble::Busy) && looks <= BUSY_LOOKS;
            Ok(Sight {
                busy: busy.then(|| "unattended-upgr (process 812)".to_owned()),
                interrupted: self.interrupted(),
                broken: Vec::new(),
                packages: self.present(),
            })
        })
    }

    fn repair<'a>(&'a self, progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            self.pass(2, "dpkg --configure -a", progress).await;
            if self.troubled(Trouble::Broken) {
                let log = "dpkg: error processing package initramfs-tools (--configure):\n subprocess returned error exit status 1";
                return Err(Failure::new(FailureReason::PackageManagerBroken, Some(1), log));
            }
            let mut body = self.body();
            body.deviation.repaired = true;
            (self.keep)(&body.deviation);
            Ok(())
        })
    }

    fn refresh<'a>(&'a self, progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            self.pass(1, "package lists", progress).await;
            if self.troubled(Trouble::ExpiredKeys) {
                let log = "W: GPG error: https://mirror.example InRelease: The following signatures were invalid: EXPKEYSIG";
                return Err(Failure::new(FailureReason::SignatureInvalid, Some(100), log));
            }
            Ok(())
        })
    }

    fn weigh<'a>(&'a self, _kind: JobKind, packages: &'a [BinaryVersion]) -> Answer<'a, Result<Vec<Room>, Failure>> {
        Box::pin(async move {
            // A package takes its size once as a file and once unpacked.
            let needed_bytes = self.size(packages).saturating_mul(2);
            Ok(vec![Room { place: "/".to_owned(), needed_bytes, free_bytes: self.blueprint.disk.1 }])
        })
    }

    fn fetch<'a>(&'a self, _kind: JobKind, packages: &'a [BinaryVersion], progress: OnProgress<'a>) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let first = packages.first().map_or_else(String::new, |package| package.name.clone());
            self.pass(1 + self.size(packages) / (40 * 1024 * 1024), &first, progress).await;
            self.failed_fetch(packages).map_or(Ok(()), Err)
        })
    }

    fn change<'a>(&'a self, order: &'a Order, progress: OnProgress<'a>) -> Answer<'a, Changed> {
        Box::pin(async move {
            let key = (order.run, order.index, order.attempt);
            let known = self.body().done.get(&key).cloned();
            if let Some(known) = known {
                return known;
            }
            let changed = self.carry_out(order, progress).await;
            self.body().done.insert(key, changed.clone());
            changed
        })
    }

    fn forget(&self, run: RunId) -> Answer<'_, ()> {
        Box::pin(async move { self.body().done.retain(|(of, _, _), _| *of != run) })
    }
}

#[cfg(test)]
mod tests;
