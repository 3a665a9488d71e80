//! Which jobs satisfy a query, as far as the caller sees them.

use super::convert::Names;
use super::list::{JobColumn, key};
use crate::api::cursor::Key as Place;
use crate::api::problem::Problem;
use crate::api::runs;
use crate::api::tags::visible::Visible;
use crate::auth::{Granted, permission};
use fettle_deploy::job::Job;
use fettle_model::access::Action;
use fettle_model::ids::{JobId, TagId};
use fettle_query::registry::{JobField, Key};
use fettle_query::{Checked, Node, Truth, interpret};
use fettle_store::{JobParts, JobRecord, RunRecord};
use std::collections::HashMap;

/// Jobs read at a time: a job may list 2,000 patches. Of those found only what they are sorted by is kept.
const BATCH: u32 = 200;

/// A query over jobs with what deciding it takes. Only what the query asks for is read.
pub(super) struct Asked {
    query: Checked,
    by: JobColumn,
    /// Names of everybody, for owners and co-authors.
    pub(super) names: Names,
    /// Names of the tags that the caller sees.
    tags: HashMap<TagId, String>,
}

impl Asked {
    /// Reads the names.
    pub(super) async fn new(granted: &Granted<permission::ListJobs>, query: Checked, by: JobColumn) -> Result<Self, Problem> {
        let mut tags = HashMap::new();
        if mentions(query.root(), &[JobField::Tag]) {
            let visible = Visible::of(granted).await?;
            let all = granted.app().store.tags().await?.into_iter();
            tags.extend(all.filter(|tag| visible.has(tag.id)).map(|tag| (tag.id, tag.name)));
        }
        Ok(Self { query, by, names: Names::read(granted).await?, tags })
    }

    /// All jobs that satisfy the query and pass a filter, each with what it is sorted by. Reads every job that SQL does
    /// not cut off once, in batches.
    pub(super) async fn found(
        &self,
        granted: &Granted<permission::ListJobs>,
        passes: impl Fn(&Job) -> bool,
    ) -> Result<Vec<(Place, JobId)>, Problem> {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let mut jobs = granted.app().store.jobs_that_may(&self.query, before, BATCH).await?;
            let Some(last) = jobs.last() else { return Ok(found) };
            before = Some(last.id);
            jobs.retain(&passes);
            let runs = self.last_runs(granted, &jobs).await?;
            for job in &jobs {
                let opened = granted.may(Action::ViewJob, job);
                let run = runs.get(&job.id).filter(|_| opened);
                let owner = job.owner.map(|owner| self.names.name(owner));
                if interpret(&self.query, &self.record(job, owner, run, opened)) == Truth::Yes {
                    found.push((key(job, owner, run.map(|run| run.started_at), self.by), job.id));
                }
            }
        }
    }

    fn record<'a>(&'a self, job: &'a Job, owner: Option<&'a str>, last_run: Option<&'a RunRecord>, opened: bool) -> JobRecord<'a> {
        let parts = opened.then(|| JobParts {
            co_authors: job.co_authors.iter().map(|&author| self.names.name(author)).collect(),
            tags: job.definition.assets.include_tags.iter().filter_map(|tag| self.tags.get(tag)).map(String::as_str).collect(),
            last_run,
        });
        JobRecord::new(job, owner, parts)
    }

    /// The last runs of jobs, when the query or the order depends on them; their counts, when the query does, over what
    /// the caller sees.
    async fn last_runs(&self, granted: &Granted<permission::ListJobs>, jobs: &[Job]) -> Result<HashMap<JobId, RunRecord>, Problem> {
        const COUNTS: [JobField; 2] = [JobField::AssetCount, JobField::CompletionPercent];
        let counted = mentions(self.query.root(), &COUNTS);
        if !counted && self.by != JobColumn::LastRun && !mentions(self.query.root(), &[JobField::LastRun, JobField::NextRun]) {
            return Ok(HashMap::new());
        }
        let opened: Vec<JobId> = jobs.iter().filter(|job| granted.may(Action::ViewJob, job)).map(|job| job.id).collect();
        let mut runs = granted.app().store.last_runs_of(&opened).await?;
        if counted {
            for run in runs.values_mut() {
                run.counts = runs::convert::counts(granted, run).await?;
            }
        }
        Ok(runs)
    }
}

/// Whether a condition asks for one of these fields.
fn mentions(node: &Node, wanted: &[JobField]) -> bool {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().any(|part| mentions(part, wanted)),
        Node::Not(part) => mentions(part, wanted),
        Node::Value { field, .. } => matches!(field.key, Key::Job(field) if wanted.contains(&field)),
        Node::Related { inner, .. } => mentions(inner, wanted),
        Node::Everything | Node::Free(_) => false,
    }
}
