//! The machine of one asset in one run: what the agent reports goes in, the state everybody sees comes out.
//!
//! Three rules hold for any reports in any order. What was told before changes nothing when it is told again.
//! What cannot be is refused and changes nothing. Every report that is taken moves forward, so a run ends.

use super::{AssetRunStatus, PackageChange, PatchRunStatus, Report};
use crate::job::JobKind;
use crate::plan::{LeftOut, LeftOutReason, PatchNote, PlannedAsset};
use crate::reason::{Failure, FailureReason};
use fettle_model::ids::PatchId;
use fettle_model::rule::BinaryVersion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One asset's part of a run, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRun {
    /// Install or uninstall.
    pub kind: JobKind,
    /// Where the asset is.
    pub status: AssetRunStatus,
    /// Why the asset was left out of the plan; such a row never changes.
    pub left_out: Option<LeftOutReason>,
    /// Why the asset's part failed as a whole.
    pub failure: Option<Failure>,
    /// Patches, in the order of the job.
    pub patches: Vec<PatchRun>,
    /// When, by the agent's clock, the agent was done: only a scan made from then on verifies.
    pub done_at: Option<Timestamp>,
    /// What the agent has told about the asset as a whole, to know a repetition.
    told: BTreeSet<AssetRunStatus>,
}

/// One patch of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchRun {
    /// The patch.
    pub patch: PatchId,
    /// Its title when the run was planned.
    pub title: String,
    /// Where it is.
    pub status: PatchRunStatus,
    /// Why the planner did not want it done.
    pub note: Option<PatchNote>,
    /// Packages and the versions they are to have.
    pub packages: Vec<BinaryVersion>,
    /// Of these, the names of packages marked to be kept when the run was planned.
    pub held: Vec<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What changed on the machine.
    pub changes: Vec<PackageChange>,
    /// What the agent has told about it, to know a repetition.
    told: BTreeSet<PatchRunStatus>,
}

/// Said of a patch that is not done when its agent is.
const UNTOLD: &str = "the agent did not tell what became of this patch";

/// What a report did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The state is another one and must be kept.
    Changed,
    /// It was known already.
    Unchanged,
}

/// Why a report was refused. The state is as before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The asset has nothing to do in this run.
    #[error("the asset was left out of this run")]
    LeftOut,
    /// The patch is not among those of this asset.
    #[error("patch {0} is not part of this asset's run")]
    UnknownPatch(PatchId),
    /// Only the server decides this.
    #[error("an agent cannot report {0}: the server decides it")]
    NotTheAgents(&'static str),
    /// The asset's part cannot get there from where it is.
    #[error("the asset cannot become {to} after {from}")]
    Asset {
        /// Where it is.
        from: AssetRunStatus,
        /// What was reported.
        to: AssetRunStatus,
    },
    /// The patch cannot get there from where it is.
    #[error("patch {patch} cannot become {to} after {from}, with the asset {asset}")]
    Patch {
        /// Which.
        patch: PatchId,
        /// Where it is.
        from: PatchRunStatus,
        /// What was reported.
        to: PatchRunStatus,
        /// Where the asset is.
        asset: AssetRunStatus,
    },
}

/// What the scan after says about a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingState {
    /// The asset misses it.
    Missing,
    /// The asset has it.
    Installed,
    /// It does not apply, or makes no finding when it is there.
    NotApplicable,
    /// The catalog no longer has the patch, so that no scan can tell.
    Unknown,
}

impl AssetRun {
    /// The row of an asset that takes part.
    #[must_use]
    pub fn planned(kind: JobKind, asset: &PlannedAsset) -> Self {
        let patch = |plan: &crate::plan::PatchPlan| PatchRun {
            patch: plan.patch.clone(),
            title: plan.title.clone(),
            status: plan.status,
            note: plan.note,
            packages: plan.packages.clone(),
            held: plan.held.clone(),
            failure: None,
            changes: Vec::new(),
            told: BTreeSet::new(),
        };
        let patches = asset.patches.iter().map(patch).collect();
        Self { kind, status: AssetRunStatus::Pending, left_out: None, failure: None, patches, done_at: None, told: BTreeSet::new() }
    }

    /// The row of an asset that was left out.
    #[must_use]
    pub fn left_out(kind: JobKind, asset: &LeftOut) -> Self {
        let (status, left_out) = (asset.reason.status(), Some(asset.reason.clone()));
        Self { kind, status, left_out, failure: None, patches: Vec::new(), done_at: None, told: BTreeSet::new() }
    }

    /// How many patches are in each status.
    #[must_use]
    pub fn patch_counts(&self) -> BTreeMap<PatchRunStatus, u32> {
        let mut counts = BTreeMap::new();
        for patch in &self.patches {
            *counts.entry(patch.status).or_insert(0) += 1;
        }
        counts
    }

    /// Takes in what the agent reports to have happened `at` (by its clock).
    ///
    /// # Errors
    /// When it cannot be; nothing is changed then.
    pub fn apply(&mut self, at: Timestamp, report: &Report) -> Result<Outcome, Refused> {
        if self.left_out.is_some() {
            return Err(Refused::LeftOut);
        }
        match report {
            Report::Asset { status, failure } => self.apply_asset(at, *status, failure.as_ref()),
            Report::Patch { patch, status, failure, changes } => self.apply_patch(patch, *status, failure.as_ref(), changes),
        }
    }

    /// Whether a scan is outstanding that decides how this ended.
    #[must_use]
    pub fn awaits_scan(&self) -> bool {
        // An agent that was given up after it was done, and comes back, still has its scan to show.
        self.status == AssetRunStatus::Verifying || (self.status == AssetRunStatus::AgentLost && self.done_at.is_some())
    }

    /// Judges the patches by a scan made at `scanned_at` (by the agent's clock). A scan made before the agent
    /// was done says nothing, and neither does one while it is at work.
    pub fn verify(&mut self, scanned_at: Timestamp, finding: &dyn Fn(&PatchId) -> FindingState) -> Outcome {
        if !self.awaits_scan() || self.done_at.is_some_and(|done| scanned_at < done) {
            return Outcome::Unchanged;
        }
        if self.is_presumed() {
            self.reopen();
            self.fail_unfinished(&silent(UNTOLD));
        }
        for patch in self.patches.iter_mut().filter(|patch| patch.awaits_scan()) {
            patch.judge(self.kind, finding(&patch.patch));
        }
        self.conclude();
        Outcome::Changed
    }

    /// Stops what has not begun. Work begun is finished.
    pub fn cancel(&mut self) -> Outcome {
        self.presume(AssetRunStatus::Cancelled)
    }

    /// Ends what has not begun when the window has closed.
    pub fn time_out(&mut self) -> Outcome {
        self.presume(AssetRunStatus::TimedOut)
    }

    /// Ends what is open because the agent is not heard from any more.
    pub fn give_up(&mut self) -> Outcome {
        if self.status.is_ended() {
            return Outcome::Unchanged;
        }
        let failure = Failure::new(FailureReason::AgentLost, None, "");
        self.fail_unfinished(&failure);
        for patch in self.patches.iter_mut().filter(|patch| patch.awaits_scan()) {
            patch.end(PatchRunStatus::Failed, Some(failure.clone()));
        }
        self.failure = Some(failure);
        self.status = AssetRunStatus::AgentLost;
        Outcome::Changed
    }

    fn presume(&mut self, ending: AssetRunStatus) -> Outcome {
        if self.status.is_ended() || self.status.has_begun() {
            return Outcome::Unchanged;
        }
        self.skip_unfinished();
        self.status = ending;
        Outcome::Changed
    }

    /// Whether the server ended this without the agent's word, so that the agent's word still counts.
    fn is_presumed(&self) -> bool {
        use AssetRunStatus::{AgentLost, Cancelled, TimedOut};
        matches!(self.status, Cancelled | TimedOut | AgentLost) && !self.told.contains(&self.status)
    }

    fn apply_asset(&mut self, at: Timestamp, to: AssetRunStatus, failure: Option<&Failure>) -> Result<Outcome, Refused> {
        use AssetRunStatus as S;
        if matches!(to, S::Pending | S::Succeeded | S::PartlySucceeded | S::NotLicensed | S::AgentLost) {
            return Err(Refused::NotTheAgents(to.as_str()));
        }
        if self.told.contains(&to) {
            return Ok(Outcome::Unchanged);
        }
        let unheard = self.is_presumed() && !to.has_begun() && !matches!(to, S::Failed | S::NothingToDo);
        if self.status == to || unheard {
            // Only worth remembering: it is there already, or it had not heard of its ending yet and has not begun.
            self.told.insert(to);
            return Ok(Outcome::Changed);
        }
        let from = if self.is_presumed() { self.furthest_told() } else { self.status };
        let possible = !from.is_ended() && rank(to) > rank(from) && self.fits_patches(from, to);
        if !possible {
            return Err(Refused::Asset { from: self.status, to });
        }
        if self.is_presumed() {
            self.reopen();
        }
        self.told.insert(to);
        self.enter(at, to, failure);
        Ok(Outcome::Changed)
    }

    /// Whether the patches allow the asset to end like this.
    fn fits_patches(&self, from: AssetRunStatus, to: AssetRunStatus) -> bool {
        use PatchRunStatus::{Failed, NotApplicable, Pending, Superseded};
        match to {
            AssetRunStatus::TimedOut | AssetRunStatus::Cancelled => !from.has_begun(),
            AssetRunStatus::NothingToDo => self.patches.iter().all(|patch| {
                matches!(patch.status, Pending | PatchRunStatus::Downloading | Superseded | NotApplicable)
                    || (self.is_presumed() && matches!(patch.status, PatchRunStatus::Skipped | Failed) && patch.told.is_empty())
            }),
            _ => true,
        }
    }

    fn enter(&mut self, at: Timestamp, to: AssetRunStatus, failure: Option<&Failure>) {
        self.status = to;
        match to {
            AssetRunStatus::TimedOut | AssetRunStatus::Cancelled => self.skip_unfinished(),
            AssetRunStatus::NothingToDo => {
                for patch in self.patches.iter_mut().filter(|patch| patch.is_unfinished()) {
                    patch.end(PatchRunStatus::NotApplicable, None);
                }
            }
            AssetRunStatus::Failed => {
                let failure = failure.cloned().unwrap_or_else(|| silent("the agent gave no reason"));
                self.fail_unfinished(&failure);
                self.failure = Some(failure);
                self.await_scan(at);
            }
            AssetRunStatus::Verifying => {
                self.fail_unfinished(&silent(UNTOLD));
                self.await_scan(at);
            }
            _ => {}
        }
    }

    /// The agent is done. When nothing is left that a scan could show, this is the end.
    fn await_scan(&mut self, at: Timestamp) {
        self.done_at = Some(at);
        self.status = AssetRunStatus::Verifying;
        if !self.patches.iter().any(PatchRun::awaits_scan) {
            self.conclude();
        }
    }

    fn conclude(&mut self) {
        use PatchRunStatus::{Failed, Installed, Removed, Skipped};
        let done = self.patches.iter().any(|patch| matches!(patch.status, Installed | Removed));
        let undone = self.failure.is_some() || self.patches.iter().any(|patch| matches!(patch.status, Failed | Skipped));
        self.status = match (done, undone) {
            (true, false) => AssetRunStatus::Succeeded,
            (true, true) => AssetRunStatus::PartlySucceeded,
            (false, true) => AssetRunStatus::Failed,
            (false, false) => AssetRunStatus::NothingToDo,
        };
    }

    fn skip_unfinished(&mut self) {
        for patch in self.patches.iter_mut().filter(|patch| patch.is_unfinished()) {
            patch.end(PatchRunStatus::Skipped, None);
        }
    }

    fn fail_unfinished(&mut self, failure: &Failure) {
        for patch in self.patches.iter_mut().filter(|patch| patch.is_unfinished()) {
            patch.end(PatchRunStatus::Failed, Some(failure.clone()));
        }
    }

    /// Where the asset is by what the agent has told alone.
    fn furthest_told(&self) -> AssetRunStatus {
        if self.done_at.is_some() {
            return AssetRunStatus::Verifying;
        }
        self.told.iter().copied().filter(|status| !status.is_ended()).max_by_key(|&status| rank(status)).unwrap_or(AssetRunStatus::Pending)
    }

    /// Takes back an ending that the server presumed: asset and patches are where the agent last said.
    fn reopen(&mut self) {
        self.status = self.furthest_told();
        self.failure = None;
        for patch in &mut self.patches {
            let presumed = matches!(patch.status, PatchRunStatus::Skipped | PatchRunStatus::Failed) && !patch.told.contains(&patch.status);
            if presumed {
                patch.failure = None;
                patch.status = patch.told.iter().copied().max_by_key(|&status| patch_rank(status)).unwrap_or(PatchRunStatus::Pending);
            }
        }
    }

    fn apply_patch(
        &mut self,
        id: &PatchId,
        to: PatchRunStatus,
        failure: Option<&Failure>,
        changes: &[PackageChange],
    ) -> Result<Outcome, Refused> {
        use PatchRunStatus as S;
        if matches!(to, S::Pending | S::Installed | S::Removed | S::Superseded) {
            return Err(Refused::NotTheAgents(to.as_str()));
        }
        let index = self.patches.iter().position(|patch| patch.patch == *id).ok_or_else(|| Refused::UnknownPatch(id.clone()))?;
        let told_more = |patch: &PatchRun| patch.status == to && !to.is_ended() && changes.len() > patch.changes.len();
        if self.patches[index].told.contains(&to) && !told_more(&self.patches[index]) {
            return Ok(Outcome::Unchanged);
        }
        let presumed = self.is_presumed().then_some(self.status);
        if presumed.is_some() && to == S::Downloading {
            self.patches[index].remember(to, changes);
            return Ok(Outcome::Changed);
        }
        let mut next = self.clone();
        if presumed.is_some() {
            next.reopen();
        }
        let open = !next.status.is_ended() && next.status != AssetRunStatus::Verifying;
        if !open || !(next.patches[index].may_become(to) || told_more(&next.patches[index])) {
            return Err(Refused::Patch { patch: id.clone(), from: self.patches[index].status, to, asset: self.status });
        }
        next.patches[index].enter(to, failure, changes);
        let begun = matches!(to, S::Installing | S::PendingReboot | S::Verifying);
        match presumed {
            _ if begun && !next.status.has_begun() => next.status = AssetRunStatus::Running,
            // The patch was decided without the machine being touched, so the presumed ending stands.
            Some(AssetRunStatus::AgentLost) => _ = next.give_up(),
            Some(ending) => _ = next.presume(ending),
            None => {}
        }
        *self = next;
        Ok(Outcome::Changed)
    }
}

impl PatchRun {
    /// Whether the agent is still expected to do something about it.
    fn is_unfinished(&self) -> bool {
        matches!(self.status, PatchRunStatus::Pending | PatchRunStatus::Downloading | PatchRunStatus::Installing)
    }

    /// Whether the agent is done with it and a scan decides.
    fn awaits_scan(&self) -> bool {
        matches!(self.status, PatchRunStatus::Verifying | PatchRunStatus::PendingReboot)
    }

    fn may_become(&self, to: PatchRunStatus) -> bool {
        let in_time = match to {
            PatchRunStatus::Skipped | PatchRunStatus::NotApplicable => patch_rank(self.status) < patch_rank(PatchRunStatus::Installing),
            _ => true,
        };
        !self.status.is_ended() && patch_rank(to) > patch_rank(self.status) && in_time
    }

    fn remember(&mut self, to: PatchRunStatus, changes: &[PackageChange]) {
        self.told.insert(to);
        // An agent tells all that has changed so far: a shorter list is an older one.
        if changes.len() >= self.changes.len() {
            self.changes = changes.to_vec();
        }
    }

    fn enter(&mut self, to: PatchRunStatus, failure: Option<&Failure>, changes: &[PackageChange]) {
        self.remember(to, changes);
        self.status = to;
        if to == PatchRunStatus::Failed {
            self.failure = Some(failure.cloned().unwrap_or_else(|| silent("the agent gave no reason")));
        }
    }

    fn end(&mut self, status: PatchRunStatus, failure: Option<Failure>) {
        self.status = status;
        self.failure = failure;
    }

    fn judge(&mut self, kind: JobKind, found: FindingState) {
        let done = match (kind, found) {
            (JobKind::Install, FindingState::Missing) | (JobKind::Uninstall, FindingState::Installed) => false,
            // Where no scan can tell, the agent has to be believed: it looked at the packages before it said so.
            (_, FindingState::Unknown | FindingState::NotApplicable)
            | (JobKind::Install, FindingState::Installed)
            | (JobKind::Uninstall, FindingState::Missing) => true,
        };
        match (done, kind) {
            (true, JobKind::Install) => self.end(PatchRunStatus::Installed, None),
            (true, JobKind::Uninstall) => self.end(PatchRunStatus::Removed, None),
            (false, _) => self.end(PatchRunStatus::Failed, Some(Failure::new(FailureReason::VerificationFailed, None, ""))),
        }
    }
}

fn silent(what: &str) -> Failure {
    Failure::new(FailureReason::AgentError, None, what)
}

/// How far a status is; reports only move forward.
fn rank(status: AssetRunStatus) -> u8 {
    use AssetRunStatus as S;
    match status {
        S::Pending => 0,
        S::Received => 1,
        S::Downloading => 2,
        S::Downloaded => 3,
        S::Deferred => 4,
        S::Blocked => 5,
        S::Running => 6,
        S::PendingReboot => 7,
        S::Rebooting => 8,
        S::Verifying => 9,
        S::Succeeded | S::PartlySucceeded | S::Failed | S::NothingToDo | S::TimedOut | S::Cancelled | S::NotLicensed | S::AgentLost => 10,
    }
}

/// How far a patch is.
fn patch_rank(status: PatchRunStatus) -> u8 {
    use PatchRunStatus as S;
    match status {
        S::Pending => 0,
        S::Downloading => 1,
        S::Installing => 2,
        S::PendingReboot => 3,
        S::Verifying => 4,
        S::Installed | S::Failed | S::Superseded | S::NotApplicable | S::Skipped | S::Removed => 5,
    }
}
