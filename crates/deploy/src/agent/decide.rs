//! Decisions about patches: what is needed, what a change achieved, and what that makes of the whole.

use super::{Changed, Ending};
use super::{Execution, Item, ItemState, MAX_ATTEMPTS, Next, Present, Stage, looking};
use crate::job::JobKind;
use crate::reason::{Failure, FailureReason};
use crate::run::{AssetRunStatus, PackageChange, PatchRunStatus, Report};
use fettle_model::rule::BinaryVersion;
use fettle_model::version::dpkg::DpkgVersion;
use jiff::Timestamp;
use std::cmp::Ordering;

/// What a patch needs on the machine as it is.
struct Need {
    /// Packages that are there and not as they should be.
    packages: Vec<BinaryVersion>,
    /// Of these, the ones marked to be kept as they are.
    held: Vec<String>,
}

impl Execution {
    /// Decides about every patch before anything is fetched.
    pub(super) fn decide_all(&mut self, present: &[Present], reports: &mut Vec<Report>) {
        for index in 0..self.items.len() {
            let Some(item) = self.items.get_mut(index).filter(|item| matches!(item.state, ItemState::Planned)) else { continue };
            let need = need(self.kind, &item.packages, present);
            item.packages.clone_from(&need.packages);
            if need.packages.is_empty() {
                self.set(index, ItemState::Ended(None));
                self.report(index, PatchRunStatus::NotApplicable, reports);
            } else if !need.held.is_empty() {
                self.end(index, held(&need.held), reports);
            }
        }
        if self.first_planned().is_some() {
            reports.push(Report::Asset { status: AssetRunStatus::Downloading, failure: None });
            self.stage = Stage::Refreshing;
        } else {
            self.finish(reports);
        }
    }

    /// Decides about one patch just before it is begun, or begun again after its installer was cut off.
    pub(super) fn decide_one(&mut self, index: usize, attempt: u32, present: &[Present], now: Timestamp, reports: &mut Vec<Report>) {
        let Some(item) = self.items.get(index) else { return self.finish(reports) };
        let need = need(self.kind, &item.packages, present);
        let gone = !item.packages.iter().any(|package| present.iter().any(|there| fits(package, there)));
        if gone && attempt == 1 {
            self.set(index, ItemState::Ended(None));
            self.report(index, PatchRunStatus::NotApplicable, reports);
        } else if need.packages.is_empty() && !gone {
            // An earlier patch of this run brought it along, or the attempt that was cut off had finished.
            self.done(index, reports);
        } else if !need.held.is_empty() {
            self.end(index, held(&need.held), reports);
        } else if attempt > MAX_ATTEMPTS || gone {
            let log = format!("The installer was cut off {} times, and the packages are not as they should be.", attempt - 1);
            self.end(index, Failure::new(FailureReason::InstallerFailed, None, &log), reports);
        } else {
            if attempt == 1 {
                self.report(index, PatchRunStatus::Installing, reports);
                self.set(index, ItemState::Changing(Vec::new()));
            }
            self.stage = Stage::Changing { index, attempt };
            return;
        }
        self.change_next(now, reports);
    }

    /// Takes in what became of an order. The packages decide, not the installer's word: apt also reports an error
    /// when some other package could not be configured.
    pub(super) fn changed(&mut self, index: usize, attempt: u32, changed: Changed, now: Timestamp, reports: &mut Vec<Report>) {
        let Changed { ending, changes, packages } = changed;
        let Some(item) = self.items.get_mut(index) else { return self.finish(reports) };
        if let ItemState::Changing(known) = &mut item.state {
            merge(known, changes);
        }
        let mut missing = need(self.kind, &item.packages, &packages).packages;
        // They were there when the order was given: what is gone, or could not be looked at, was not installed.
        missing.extend(item.packages.iter().filter(|package| !packages.iter().any(|there| fits(package, there))).cloned());
        match ending {
            _ if missing.is_empty() => self.done(index, reports),
            Ending::Failed(failure) => self.end(index, failure, reports),
            Ending::Done => {
                let names: Vec<String> = missing.iter().map(|package| format!("{}={}", package.name, package.version)).collect();
                let log = format!("The installer reported success, but these are not on the machine: {}", names.join(", "));
                self.end(index, Failure::new(FailureReason::VerificationFailed, Some(0), &log), reports);
            }
            Ending::Lost { .. } => {
                self.stage = looking(Next::Change { index, attempt: attempt + 1 }, now);
                return;
            }
        }
        self.change_next(now, reports);
    }

    fn change_next(&mut self, now: Timestamp, reports: &mut Vec<Report>) {
        match self.first_fetched() {
            Some(index) => self.stage = looking(Next::Change { index, attempt: 1 }, now),
            None => self.finish(reports),
        }
    }

    /// The work is over: says what it came to, and asks for the scan.
    pub(super) fn finish(&mut self, reports: &mut Vec<Report>) {
        let done = self.items.iter().any(|item| matches!(item.state, ItemState::Done));
        let failure = self.items.iter().find_map(|item| match &item.state {
            ItemState::Ended(Some(failure)) => Some(failure.clone()),
            _ => None,
        });
        let (status, failure) = match (done, failure) {
            (true, _) => (AssetRunStatus::Verifying, None),
            (false, Some(failure)) => (AssetRunStatus::Failed, Some(failure)),
            (false, None) => (AssetRunStatus::NothingToDo, None),
        };
        reports.push(Report::Asset { status, failure });
        self.stage = Stage::Rescanning;
    }

    /// Ends everything that is not over yet with the same failure.
    pub(super) fn end_rest(&mut self, failure: &Failure, reports: &mut Vec<Report>) {
        for index in 0..self.items.len() {
            if self.items.get(index).is_some_and(Item::is_open) {
                self.end_quietly(index, failure.clone(), reports);
            }
        }
        self.finish(reports);
    }

    /// Ends a patch with a failure; where the job says so, those after it are not tried.
    pub(super) fn end(&mut self, index: usize, failure: Failure, reports: &mut Vec<Report>) {
        self.end_quietly(index, failure, reports);
        if self.continue_on_failure {
            return;
        }
        for later in index + 1..self.items.len() {
            if self.items.get(later).is_some_and(Item::is_open) {
                self.set(later, ItemState::Ended(None));
                self.report(later, PatchRunStatus::Skipped, reports);
            }
        }
    }

    fn end_quietly(&mut self, index: usize, failure: Failure, reports: &mut Vec<Report>) {
        let Some(item) = self.items.get_mut(index) else { return };
        // What did change is worth knowing most when the rest did not.
        let changes = if let ItemState::Changing(changes) = &mut item.state { std::mem::take(changes) } else { Vec::new() };
        let report = Report::Patch { patch: item.patch.clone(), status: PatchRunStatus::Failed, failure: Some(failure.clone()), changes };
        item.state = ItemState::Ended(Some(failure));
        reports.push(report);
    }

    fn done(&mut self, index: usize, reports: &mut Vec<Report>) {
        let Some(item) = self.items.get_mut(index) else { return };
        let changes = if let ItemState::Changing(changes) = &mut item.state { std::mem::take(changes) } else { Vec::new() };
        item.state = ItemState::Done;
        reports.push(Report::Patch { patch: item.patch.clone(), status: PatchRunStatus::Verifying, failure: None, changes });
    }

    pub(super) fn set(&mut self, index: usize, state: ItemState) {
        if let Some(item) = self.items.get_mut(index) {
            item.state = state;
        }
    }

    pub(super) fn report(&self, index: usize, status: PatchRunStatus, reports: &mut Vec<Report>) {
        if let Some(item) = self.items.get(index) {
            reports.push(Report::Patch { patch: item.patch.clone(), status, failure: None, changes: Vec::new() });
        }
    }

    pub(super) fn first_planned(&self) -> Option<usize> {
        self.items.iter().position(|item| matches!(item.state, ItemState::Planned))
    }

    pub(super) fn first_fetched(&self) -> Option<usize> {
        self.items.iter().position(|item| matches!(item.state, ItemState::Fetched))
    }
}

impl Item {
    fn is_open(&self) -> bool {
        !matches!(self.state, ItemState::Done | ItemState::Ended(_))
    }
}

fn held(names: &[String]) -> Failure {
    Failure::new(FailureReason::PackagesHeld, None, &format!("Held at their version: {}", names.join(", ")))
}

/// Only packages that are on the machine count: patching never installs what is absent.
fn need(kind: JobKind, wanted: &[BinaryVersion], present: &[Present]) -> Need {
    let mut need = Need { packages: Vec::new(), held: Vec::new() };
    for package in wanted {
        let open = |there: &&Present| match (compare(&there.version, &package.version), kind) {
            (Ordering::Less, JobKind::Install) | (Ordering::Greater, JobKind::Uninstall) => true,
            (Ordering::Equal, _) => !there.configured,
            _ => false,
        };
        if let Some(there) = present.iter().filter(|there| fits(package, there)).find(open) {
            need.packages.push(package.clone());
            if there.held {
                need.held.push(package.name.clone());
            }
        }
    }
    need
}

/// A package may stop or start being independent of the architecture between two versions: as one of
/// architecture `all` it counts as the machine's own, and the server plans no other in its place.
fn fits(wanted: &BinaryVersion, there: &Present) -> bool {
    let independent = [&wanted.architecture, &there.architecture].iter().any(|architecture| *architecture == "all");
    there.name == wanted.name && (independent || there.architecture == wanted.architecture)
}

/// dpkg's order; texts that are no versions are equal to themselves and below everything else, so that they
/// are replaced by an installation and not touched by a removal.
fn compare(there: &str, wanted: &str) -> Ordering {
    match (DpkgVersion::parse(there), DpkgVersion::parse(wanted)) {
        (Ok(there), Ok(wanted)) => there.cmp(&wanted),
        _ if there == wanted => Ordering::Equal,
        _ => Ordering::Less,
    }
}

/// Adds what a further attempt changed: a package's first `from` and its last `to` are what counts.
fn merge(known: &mut Vec<PackageChange>, more: Vec<PackageChange>) {
    for change in more {
        match known.iter_mut().find(|old| old.name == change.name && old.architecture == change.architecture) {
            Some(old) => old.to = change.to,
            None => known.push(change),
        }
    }
}
