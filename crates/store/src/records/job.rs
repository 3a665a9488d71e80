//! Jobs.

use super::{choice, flag, moment, number, text};
use crate::RunRecord;
use fettle_deploy::job::{Job, JobStatus, Schedule};
use fettle_query::registry::{Entity, JobField, Key};
use fettle_query::{Record, Relation, Value};
use jiff::Timestamp;
use std::borrow::Cow;

/// What only those see of a job who may open it.
#[derive(Debug, Clone, Default)]
pub struct JobParts<'a> {
    /// Names of the co-authors.
    pub co_authors: Vec<&'a str>,
    /// Names of the tags whose assets it takes.
    pub tags: Vec<&'a str>,
    /// Its last run, with counts over what the asker sees.
    pub last_run: Option<&'a RunRecord>,
}

/// A job, to be asked. What somebody may not see of it has no value for them.
#[derive(Debug, Clone)]
pub struct JobRecord<'a> {
    job: &'a Job,
    owner: Option<&'a str>,
    parts: Option<JobParts<'a>>,
}

impl<'a> JobRecord<'a> {
    /// A job with its owner's name. `parts` is `None` for somebody who may not open it, and then description,
    /// co-authors, tags, patches and runs have no values.
    #[must_use]
    pub fn new(job: &'a Job, owner: Option<&'a str>, parts: Option<JobParts<'a>>) -> Self {
        Self { job, owner, parts }
    }

    fn choice(field: JobField, word: &str) -> Vec<Value<'static>> {
        choice(Entity::Job, Key::Job(field), word)
    }

    /// What of the last run, if it is there.
    fn of_last_run(&self, values: impl FnOnce(&RunRecord) -> Vec<Value<'static>>) -> Vec<Value<'static>> {
        self.parts.as_ref().and_then(|parts| parts.last_run).map(values).unwrap_or_default()
    }

    fn next_run(&self) -> Option<Timestamp> {
        match self.job.definition.schedule {
            Some(Schedule::Once { at }) if self.job.status == JobStatus::Enabled => {
                Some(at).filter(|_| self.parts.as_ref().is_none_or(|parts| parts.last_run.is_none_or(|run| run.started_at < at)))
            }
            _ => None,
        }
    }
}

impl Record for JobRecord<'_> {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        let Key::Job(field) = field else { return Vec::new() };
        let definition = &self.job.definition;
        let opened = |values: Vec<Value<'static>>| if self.parts.is_some() { values } else { Vec::new() };
        let names = |names: Option<&Vec<&'_ str>>| {
            names.into_iter().flatten().map(|name| Value::Text(Cow::Owned((*name).to_owned()))).collect::<Vec<Value<'static>>>()
        };
        match field {
            JobField::Name => text(&definition.name),
            JobField::Description if self.parts.is_some() && !definition.description.is_empty() => text(&definition.description),
            JobField::Description => Vec::new(),
            JobField::Status => Self::choice(field, self.job.status.as_str()),
            JobField::Type => Self::choice(field, definition.kind.as_str()),
            JobField::ScheduleType => match definition.schedule {
                Some(Schedule::OnDemand) => Self::choice(field, "on_demand"),
                Some(Schedule::Once { .. }) => Self::choice(field, "once"),
                None => Vec::new(),
            },
            JobField::IsRecurring => flag(false),
            JobField::Owner => self.owner.map(text).unwrap_or_default(),
            JobField::CoAuthor => names(self.parts.as_ref().map(|parts| &parts.co_authors)),
            JobField::Tag => names(self.parts.as_ref().map(|parts| &parts.tags)),
            JobField::Created => moment(Some(self.job.created_at)),
            // To the microsecond, as the database keeps it in a column of its own.
            JobField::Updated => moment(Timestamp::from_microsecond(self.job.updated_at.as_microsecond()).ok()),
            JobField::NextRun => moment(self.next_run()),
            JobField::LastRun => self.of_last_run(|run| moment(Some(run.started_at))),
            JobField::PatchCount => opened(number(definition.patches.len() as u64)),
            JobField::AssetCount => self.of_last_run(|run| number(run.counts.assets.values().sum())),
            JobField::CompletionPercent => self.of_last_run(completion),
            JobField::Partial => flag(self.job.status == JobStatus::PartiallyConfigured),
            JobField::Advisory => flag(self.job.owner.is_none()),
        }
    }

    fn related(&self, _: Relation) -> Vec<&dyn Record> {
        Vec::new()
    }

    fn is_known(&self) -> bool {
        true
    }
}

/// Share of assets that have ended; of a run without assets there is none.
fn completion(run: &RunRecord) -> Vec<Value<'static>> {
    let all: u64 = run.counts.assets.values().sum();
    let ended: u64 = run.counts.assets.iter().filter(|(status, _)| status.is_ended()).map(|(_, count)| count).sum();
    if all == 0 {
        return Vec::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let share = ended as f64 * 100.0 / all as f64;
    vec![Value::Number(share)]
}
