//! What is done to the machine: repair, lists, downloads, installations.

use super::apt::{self, Apt};
use super::supervise::{self, End, Task};
use super::{Debian, agent_error, blame, dpkg, locks};
use crate::platform::OnProgress;
use fettle_deploy::agent::{Changed, Ending, Order, Present, Room};
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::PackageChange;
use fettle_model::ids::RunId;
use fettle_model::rule::BinaryVersion;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Result as IoResult};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// What `/boot` must have room for when a kernel comes: the image and an initial RAM disk with its copy in the
/// making, as Debian builds them for servers.
const KERNEL_BOOT_BYTES: u64 = 96 * 1024 * 1024;

/// How long a question to apt may take that fetches nothing.
const ASK: Duration = Duration::from_secs(300);

/// How often it is asked whether apt's lists are whole again, and how many times: two minutes, as slow mirrors need.
const SETTLE_PACE: Duration = Duration::from_millis(200);
const SETTLE_TURNS: u32 = 600;

impl Debian {
    pub(super) async fn do_repair(&self, progress: OnProgress<'_>) -> Result<(), Failure> {
        let options = self.ask(&Apt::dpkg_options()).await?;
        self.again("repair", self.apt.configure(&options), self.limits.change, FailureReason::PackageManagerBroken, progress).await?;
        let packages = dpkg::packages(&self.root).await.map_err(|error| agent_error(&error))?;
        if dpkg::health(&self.root, &packages).broken.is_empty() {
            return Ok(());
        }
        self.again("mend", self.apt.mend(), self.limits.change, FailureReason::PackageManagerBroken, progress).await
    }

    pub(super) async fn do_refresh(&self, progress: OnProgress<'_>) -> Result<(), Failure> {
        self.again("refresh", self.apt.refresh(), self.limits.fetch, FailureReason::DownloadFailed, progress).await
    }

    pub(super) async fn do_fetch(&self, kind: JobKind, packages: &[BinaryVersion], progress: OnProgress<'_>) -> Result<(), Failure> {
        check(packages)?;
        let fetch = || self.again("fetch", self.apt.fetch(kind, packages), self.limits.fetch, FailureReason::DownloadFailed, progress);
        match fetch().await {
            Err(failure) if blame::lists_were_away(&failure) => {
                self.lists_settle().await;
                fetch().await
            }
            fetched => fetched,
        }
    }

    /// Waits until nobody replaces apt's lists any more. Another `apt-get update`, by a timer of the machine or by an
    /// agent that was killed, takes them away for a moment, and apt then knows no package.
    async fn lists_settle(&self) {
        let mut turns = tokio::time::interval(SETTLE_PACE);
        for _ in 0..SETTLE_TURNS {
            turns.tick().await;
            if locks::holder(&self.root).is_none() {
                return;
            }
        }
    }

    pub(super) async fn do_weigh(&self, kind: JobKind, packages: &[BinaryVersion]) -> Result<Vec<Room>, Failure> {
        check(packages)?;
        let uris = self.apt.uris(kind, packages);
        let fetched = match self.ask(&uris).await {
            Err(failure) if blame::lists_were_away(&failure) => {
                self.lists_settle().await;
                self.ask(&uris).await?
            }
            told => told?,
        };
        let fetched = apt::sum_uris(&fetched);
        let unpacked = apt::sum_installed(&self.ask(&Apt::show(packages)).await?);
        let mut rooms = Vec::new();
        // dpkg unpacks new files beside the old ones: for a moment both are there.
        add_room(&mut rooms, self.root.join("/usr"), unpacked);
        add_room(&mut rooms, self.apt.archives(), fetched);
        if packages.iter().any(|package| package.name.starts_with("linux-image-")) {
            add_room(&mut rooms, self.root.join("/boot"), KERNEL_BOOT_BYTES);
        }
        let free = |(path, needed_bytes): (PathBuf, u64)| {
            let free_bytes = (self.limits.free_bytes)(&path).map_err(|error| agent_error(&error))?;
            Ok(Room { place: path.display().to_string(), needed_bytes, free_bytes })
        };
        rooms.into_iter().map(free).collect()
    }

    pub(super) async fn do_change(&self, order: &Order, progress: OnProgress<'_>) -> Changed {
        let folder = self.run_folder(order.run).join(format!("{}-{}", order.index, order.attempt));
        let mut tried = self.try_change(order, &folder, progress).await;
        if matches!(&tried, Ok(Changed { ending: Ending::Failed(failure), .. }) if blame::lists_were_away(failure)) {
            self.lists_settle().await;
            tried = self.try_change(order, &folder.with_extension("again"), progress).await;
        }
        match tried {
            Ok(changed) => changed,
            // Nothing was begun, or what it did cannot be seen: the next look at the machine tells.
            Err(failure) => Changed { ending: Ending::Failed(failure), changes: Vec::new(), packages: Vec::new() },
        }
    }

    async fn try_change(&self, order: &Order, folder: &Path, progress: OnProgress<'_>) -> Result<Changed, Failure> {
        check(&order.packages)?;
        let failed = |error: std::io::Error| agent_error(&error);
        let (before, end) = if folder.exists() {
            let before = read_before(folder).map_err(failed)?;
            (before, supervise::resume(folder, self.limits.change, progress).await)
        } else {
            let before = self.present().await?;
            begin(folder, &before).map_err(failed)?;
            let command = self.apt.change(order.kind, &order.packages);
            let task = Task { folder, command, environment: self.apt.environment(), limit: self.limits.change };
            (before, task.run(progress).await)
        };
        let ending = match end.map_err(failed)? {
            End::Exited { code: 0, .. } => Ending::Done,
            End::Exited { code, log } => Ending::Failed(blame::failure(Some(code), &log, FailureReason::InstallerFailed)),
            End::TimedOut { log } => Ending::Failed(Failure::new(FailureReason::InstallerTimedOut, None, &log)),
            End::Lost { log } => Ending::Lost { log },
        };
        let packages = self.present().await?;
        Ok(Changed { ending, changes: difference(&before, &packages), packages })
    }

    pub(super) fn do_forget(&self, run: RunId) {
        match std::fs::remove_dir_all(self.run_folder(run)) {
            Err(error) if error.kind() != ErrorKind::NotFound => tracing::warn!(%error, "traces of a finished run could not be removed"),
            _ => {}
        }
    }

    fn run_folder(&self, run: RunId) -> PathBuf {
        self.work.join(format!("run-{run}"))
    }

    async fn present(&self) -> Result<Vec<Present>, Failure> {
        let packages = dpkg::packages(&self.root).await.map_err(|error| agent_error(&error))?;
        Ok(dpkg::present(&packages))
    }

    /// Runs something that may be done again. One that an agent before this one began is waited for first.
    async fn again(
        &self,
        name: &str,
        command: Vec<String>,
        limit: Duration,
        otherwise: FailureReason,
        progress: OnProgress<'_>,
    ) -> Result<(), Failure> {
        let folder = self.work.join(name);
        let failed = |error: std::io::Error| agent_error(&error);
        if folder.exists() {
            supervise::resume(&folder, limit, progress).await.map_err(failed)?;
            std::fs::remove_dir_all(&folder).map_err(failed)?;
        }
        let task = Task { folder: &folder, command, environment: self.apt.environment(), limit };
        let end = task.run(progress).await.map_err(failed)?;
        std::fs::remove_dir_all(&folder).map_err(failed)?;
        match end {
            End::Exited { code: 0, .. } => Ok(()),
            End::Exited { code, log } => Err(blame::failure(Some(code), &log, otherwise)),
            End::TimedOut { log } => Err(Failure::new(FailureReason::InstallerTimedOut, None, &log)),
            End::Lost { log } => Err(Failure::new(otherwise, None, &log)),
        }
    }

    /// Asks apt something that changes nothing and fetches nothing.
    async fn ask(&self, command: &[String]) -> Result<String, Failure> {
        let Some((program, arguments)) = command.split_first() else { return Ok(String::new()) };
        let asked = Command::new(program)
            .args(arguments)
            .envs(self.apt.environment())
            .env("LC_ALL", "C")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ran = match tokio::time::timeout(ASK, asked).await {
            Ok(ran) => ran.map_err(|error| agent_error(&error))?,
            Err(_) => return Err(Failure::new(FailureReason::InstallerTimedOut, None, &format!("{program} did not answer in time."))),
        };
        if ran.status.success() {
            return Ok(String::from_utf8_lossy(&ran.stdout).into_owned());
        }
        let said = [String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr)].concat();
        Err(blame::failure(ran.status.code(), &said, FailureReason::DownloadFailed))
    }
}

/// A manifest is signed, but what it names must still not pass for options of apt.
fn check(packages: &[BinaryVersion]) -> Result<(), Failure> {
    match packages.iter().find(|package| !apt::is_plain(package)) {
        Some(odd) => {
            let log = format!("{:?} {:?} {:?} is not a Debian package at a version.", odd.name, odd.architecture, odd.version);
            Err(Failure::new(FailureReason::AgentError, None, &log))
        }
        None => Ok(()),
    }
}

/// Adds what is needed at a place; places on the same file system share it.
fn add_room(rooms: &mut Vec<(PathBuf, u64)>, path: PathBuf, bytes: u64) {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| path.ancestors().find_map(|path| std::fs::metadata(path).ok()).map(|folder| folder.dev());
    let here = device(&path);
    match rooms.iter_mut().find(|(other, _)| device(other) == here) {
        Some((_, needed)) => *needed = needed.saturating_add(bytes),
        None => rooms.push((path, bytes)),
    }
}

const BEFORE: &str = "before.json";

/// Makes an order's folder: it appears with the state before in it, on disk, or not at all.
fn begin(folder: &Path, before: &[Present]) -> IoResult<()> {
    let run = folder.parent().ok_or(ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(run)?;
    let new = folder.with_extension("new");
    match std::fs::remove_dir_all(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => std::fs::create_dir(&new)?,
    }
    let file = std::fs::File::create(new.join(BEFORE))?;
    serde_json::to_writer(std::io::BufWriter::new(&file), before)?;
    file.sync_all()?;
    std::fs::rename(&new, folder)?;
    std::fs::File::open(run)?.sync_all()
}

fn read_before(folder: &Path) -> IoResult<Vec<Present>> {
    let file = std::fs::File::open(folder.join(BEFORE))?;
    Ok(serde_json::from_reader(std::io::BufReader::new(file))?)
}

/// Packages whose version is another one now. A package that came along has no version before, one that went none after.
fn difference(before: &[Present], after: &[Present]) -> Vec<PackageChange> {
    let mut versions: BTreeMap<(&str, &str), (&str, &str)> = BTreeMap::new();
    for package in before {
        versions.entry((&package.name, &package.architecture)).or_default().0 = &package.version;
    }
    for package in after {
        versions.entry((&package.name, &package.architecture)).or_default().1 = &package.version;
    }
    let changed = versions.into_iter().filter(|(_, (from, to))| from != to);
    let change = |((name, architecture), (from, to)): ((&str, &str), (&str, &str))| PackageChange {
        name: name.to_owned(),
        architecture: architecture.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    changed.map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(name: &str, version: &str) -> Present {
        Present { name: name.to_owned(), architecture: "amd64".to_owned(), version: version.to_owned(), held: false, configured: true }
    }

    #[test]
    fn changes_are_versions_before_and_after() {
        let before = [present("a", "1"), present("b", "1"), present("gone", "1")];
        let after = [present("a", "2"), present("b", "1"), present("new", "1")];
        let changes: Vec<_> = difference(&before, &after).into_iter().map(|change| (change.name, change.from, change.to)).collect();
        let expected = [("a", "1", "2"), ("gone", "1", ""), ("new", "", "1")];
        assert_eq!(changes, expected.map(|(name, from, to)| (name.to_owned(), from.to_owned(), to.to_owned())));
    }

    #[test]
    fn an_order_begins_whole() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("run-1").join("0-1");
        let before = vec![present("a", "1")];
        begin(&folder, &before).expect("begun");
        assert_eq!(read_before(&folder).expect("read"), before);
    }
}
