//! The life of a job: which definitions are sound and complete, and which change may follow which.

use crate::job::{AssetSelection, Definition, Job, JobStatus, MAX_NAMED_ASSETS, MAX_PATCHES, Options, Schedule};
use fettle_model::ids::{JobId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Longest name, in characters.
const MAX_NAME: usize = 200;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 4_000;
/// Most tags each way: more than a person chooses by hand.
const MAX_TAGS: usize = 200;
/// Longest window: a week.
const MAX_WINDOW_MINUTES: u32 = 168 * 60;
/// What names of clones begin with.
const COPY: &str = "Copy of ";

/// One thing that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// The field, as its path in JSON: `options.window_minutes`.
    pub field: String,
    /// What is wrong and what is allowed, for people.
    pub message: String,
}

/// Why a job cannot be changed like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotChange {
    /// Patches, assets or schedule are missing.
    #[error("the job is only partially configured: it needs patches, assets or tags, and a schedule")]
    Incomplete,
    /// An advisory has no owner.
    #[error("the job has no owner; a manager must assign one before it can be enabled")]
    NoOwner,
    /// It is switched on.
    #[error("the job is enabled already")]
    AlreadyEnabled,
    /// It is not switched on.
    #[error("the job is not enabled")]
    NotEnabled,
    /// A job that runs once cannot be taken back once it was enabled.
    #[error("a job that runs once can neither be disabled nor edited after it was enabled; cancel its run, or delete it")]
    RunsOnce,
    /// Its only run has ended.
    #[error("the job is completed; clone it to run it again")]
    Completed,
    /// The definition is not sound.
    #[error("the job's definition is not valid")]
    Flawed(Vec<Flaw>),
}

impl Definition {
    /// Everything that is wrong with this definition; empty when it can be saved. A part that is still
    /// missing is no flaw, see [`Definition::complete`].
    #[must_use]
    pub fn check(&self) -> Vec<Flaw> {
        let mut flaws = Flaws(Vec::new());
        flaws.unless(!self.name.trim().is_empty(), "name", || "give the job a name".to_owned());
        flaws.at_most(self.name.chars().count(), MAX_NAME, "name", "characters");
        flaws.unless(!self.name.chars().any(char::is_control), "name", || "a name is one line of plain text".to_owned());
        flaws.at_most(self.description.chars().count(), MAX_DESCRIPTION, "description", "characters");
        flaws.at_most(self.patches.len(), MAX_PATCHES, "patches", "patches");
        let mut seen = HashSet::new();
        for patch in self.patches.iter().filter(|patch| !seen.insert(*patch)) {
            flaws.add("patches", format!("{patch} is listed twice"));
        }
        check_assets(&self.assets, &mut flaws);
        if let Some(minutes) = self.options.window_minutes {
            let sound = (1..=MAX_WINDOW_MINUTES).contains(&minutes);
            flaws.unless(sound, "options.window_minutes", || format!("choose 1 to {MAX_WINDOW_MINUTES} minutes, or no window"));
        }
        flaws.0
    }

    /// Whether patches, assets or tags, and schedule are all there.
    #[must_use]
    pub fn complete(&self) -> bool {
        let assets = !self.assets.include_tags.is_empty() || !self.assets.include_assets.is_empty();
        !self.patches.is_empty() && assets && self.schedule.is_some()
    }
}

fn check_assets(assets: &AssetSelection, flaws: &mut Flaws) {
    flaws.at_most(assets.include_assets.len(), MAX_NAMED_ASSETS, "assets.include_assets", "assets named one by one; use a tag for more");
    flaws.at_most(assets.exclude_assets.len(), MAX_NAMED_ASSETS, "assets.exclude_assets", "assets named one by one; use a tag for more");
    flaws.at_most(assets.include_tags.len(), MAX_TAGS, "assets.include_tags", "tags");
    flaws.at_most(assets.exclude_tags.len(), MAX_TAGS, "assets.exclude_tags", "tags");
}

/// Flaws found so far.
struct Flaws(Vec<Flaw>);

impl Flaws {
    fn add(&mut self, field: &str, message: String) {
        self.0.push(Flaw { field: field.to_owned(), message });
    }

    fn unless(&mut self, sound: bool, field: &str, message: impl FnOnce() -> String) {
        if !sound {
            self.add(field, message());
        }
    }

    fn at_most(&mut self, count: usize, most: usize, field: &str, of_what: &str) {
        self.unless(count <= most, field, || format!("{count} is too many: at most {most} {of_what}"));
    }
}

impl Schedule {
    /// Whether a run of an enabled job should start at `now`, if it has not been started for this slot.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> bool {
        match self {
            Self::OnDemand => true,
            Self::Once { at } => *at <= now,
        }
    }

    /// Names the occasion that is due: a job has at most one run for each, whoever starts it.
    #[must_use]
    pub fn slot(&self) -> i64 {
        match self {
            Self::OnDemand => 0,
            Self::Once { at } => at.as_microsecond(),
        }
    }

    /// The next start of an enabled job; `None` for as soon as possible.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::OnDemand => None,
            Self::Once { at } => Some(*at).filter(|at| *at > now),
        }
    }

    /// Whether there is one run only.
    #[must_use]
    pub fn runs_once(&self) -> bool {
        match self {
            Self::OnDemand | Self::Once { .. } => true,
        }
    }
}

impl Options {
    /// The moment an asset must have begun before, for a run that starts at `start`.
    #[must_use]
    pub fn window_from(&self, start: Timestamp) -> Option<Timestamp> {
        let minutes = i64::from(self.window_minutes?);
        Some(start.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX))
    }
}

impl Job {
    /// A new job, switched off. `owner` is `None` for an advisory.
    ///
    /// # Errors
    /// When the definition is not sound.
    pub fn new(id: JobId, definition: Definition, owner: Option<UserId>, now: Timestamp) -> Result<Self, CannotChange> {
        let definition = sound(definition)?;
        let status = resting(&definition);
        Ok(Self { id, definition, status, owner, co_authors: Vec::new(), created_at: now, updated_at: now })
    }

    /// Switches the job on.
    ///
    /// # Errors
    /// When something is missing, or it is on or completed already.
    pub fn enable(self, now: Timestamp) -> Result<Self, CannotChange> {
        match self.status {
            JobStatus::Enabled => Err(CannotChange::AlreadyEnabled),
            JobStatus::Completed => Err(CannotChange::Completed),
            JobStatus::PartiallyConfigured => Err(CannotChange::Incomplete),
            JobStatus::Disabled if self.owner.is_none() => Err(CannotChange::NoOwner),
            JobStatus::Disabled if !self.definition.complete() => Err(CannotChange::Incomplete),
            JobStatus::Disabled => Ok(Self { status: JobStatus::Enabled, updated_at: now, ..self }),
        }
    }

    /// Switches the job off.
    ///
    /// # Errors
    /// When it is not on, or runs once.
    pub fn disable(self, now: Timestamp) -> Result<Self, CannotChange> {
        match self.status {
            JobStatus::Enabled if self.runs_once() => Err(CannotChange::RunsOnce),
            JobStatus::Enabled => Ok(Self { status: JobStatus::Disabled, updated_at: now, ..self }),
            JobStatus::Completed => Err(CannotChange::Completed),
            JobStatus::Disabled | JobStatus::PartiallyConfigured => Err(CannotChange::NotEnabled),
        }
    }

    /// Replaces the definition. A recurring job that is on stays on as long as the new definition is complete.
    ///
    /// # Errors
    /// When the definition is not sound, or the job runs once and was enabled.
    pub fn edit(self, definition: Definition, now: Timestamp) -> Result<Self, CannotChange> {
        let definition = sound(definition)?;
        let status = match self.status {
            JobStatus::Completed => return Err(CannotChange::Completed),
            JobStatus::Enabled if self.runs_once() => return Err(CannotChange::RunsOnce),
            JobStatus::Enabled if definition.complete() => JobStatus::Enabled,
            JobStatus::Enabled => return Err(CannotChange::Incomplete),
            JobStatus::Disabled | JobStatus::PartiallyConfigured => resting(&definition),
        };
        Ok(Self { definition, status, updated_at: now, ..self })
    }

    /// Notes that a run has ended: a job that runs once is completed by it.
    #[must_use]
    pub fn run_ended(self, now: Timestamp) -> Self {
        if self.status == JobStatus::Enabled && self.runs_once() {
            Self { status: JobStatus::Completed, updated_at: now, ..self }
        } else {
            self
        }
    }

    /// A copy for whoever makes it, switched off. A start in the past is dropped. A clone of an advisory has no owner.
    #[must_use]
    pub fn clone_for(&self, id: JobId, cloner: UserId, now: Timestamp) -> Self {
        let mut definition = self.definition.clone();
        definition.name = COPY.chars().chain(definition.name.chars()).take(MAX_NAME).collect();
        definition.schedule = definition.schedule.filter(|schedule| match schedule {
            Schedule::OnDemand => true,
            Schedule::Once { at } => *at > now,
        });
        let status = resting(&definition);
        let owner = self.owner.map(|_| cloner);
        Self { id, definition, status, owner, co_authors: Vec::new(), created_at: now, updated_at: now }
    }

    fn runs_once(&self) -> bool {
        self.definition.schedule.as_ref().is_some_and(Schedule::runs_once)
    }
}

fn sound(definition: Definition) -> Result<Definition, CannotChange> {
    let flaws = definition.check();
    if flaws.is_empty() { Ok(definition) } else { Err(CannotChange::Flawed(flaws)) }
}

/// The status of a job that is not on.
fn resting(definition: &Definition) -> JobStatus {
    if definition.complete() { JobStatus::Disabled } else { JobStatus::PartiallyConfigured }
}
