//! Results by query: what became of each patch on each asset in each run.

use crate::engine::Values;
use crate::error::Attempt;
use crate::narrow::{self, ENDED, narrow};
use crate::row::Get;
use crate::runs::part_state;
use crate::{Result, Store};
use fettle_deploy::run::PatchRun;
use fettle_model::ids::{AssetId, JobId, RunId};
use fettle_query::registry::{Entity, Field, Key, ResultField, fields};
use fettle_query::{Checked, Node, Test, Truth};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Runs looked at together: a few kilobytes.
const RUNS: i64 = 200;
/// Parts of runs read together. Each may hold 2,000 patches, each with 8 KiB of an installer's log at worst.
const PARTS: i64 = 64;

/// A run, as far as every result in it shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHead {
    /// Id.
    pub id: RunId,
    /// The job.
    pub job: JobId,
    /// Its name when the run started.
    pub job_name: String,
}

/// The results of one asset in one run: one for each patch.
#[derive(Debug, Clone, PartialEq)]
pub struct PartOfRun {
    /// The run.
    pub run: Arc<RunHead>,
    /// The asset.
    pub asset: AssetId,
    /// Its name when the run started.
    pub name: String,
    /// When the server heard that it is at work; `None` when it never was, or of runs made before that was kept.
    pub began_at: Option<Timestamp>,
    /// When the server heard that it ended, or presumed it.
    pub ended_at: Option<Timestamp>,
    /// The patches, in the order of the job.
    pub patches: Vec<PatchRun>,
    /// How many patches before them were left out, because the reader goes on in the middle.
    pub skipped: usize,
}

/// Jobs whose results are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jobs {
    /// All, deleted ones too.
    All,
    /// These.
    Only(BTreeSet<JobId>),
}

/// In which order runs are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RunOrder {
    /// The one that started last comes first.
    #[default]
    NewestFirst,
    /// The one that started first comes first.
    OldestFirst,
}

/// A result's place in the list: by run, in a run by asset name and id, then in the order of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultPlace {
    /// The run.
    pub run: RunId,
    /// The asset's name in lower case, as [`ResultPlace::of`] makes it.
    pub name: String,
    /// The asset.
    pub asset: AssetId,
    /// Position among the asset's patches.
    pub patch: usize,
}

impl ResultPlace {
    /// The place of one patch of a part.
    #[must_use]
    pub fn of(part: &PartOfRun, patch: usize) -> Self {
        Self { run: part.run.id, name: part.name.to_lowercase(), asset: part.asset, patch: part.skipped + patch }
    }
}

/// Reads results that may satisfy a query.
#[derive(Debug)]
pub struct ResultReader {
    store: Store,
    query: Checked,
    jobs: Jobs,
    order: RunOrder,
    /// The run behind which the next ones are to be read; `None`: at the beginning.
    runs_before: Option<RunId>,
    /// The runs to be read, in order. One at a time, because then an index has its parts in the order of the list.
    runs: VecDeque<Arc<RunHead>>,
    /// The last part that was read of the first of them.
    last: Option<(String, AssetId)>,
    /// Where the caller goes on, until that place is behind.
    resume: Option<ResultPlace>,
    done: bool,
}

impl Store {
    /// Reads results that may satisfy a query, behind a place, in the order of places. The caller interprets each.
    #[must_use]
    pub fn results_that_may(&self, query: Checked, jobs: Jobs, order: RunOrder, after: Option<ResultPlace>) -> ResultReader {
        ResultReader {
            store: self.clone(),
            query,
            jobs,
            order,
            runs_before: None,
            runs: VecDeque::new(),
            last: None,
            resume: after,
            done: false,
        }
    }
}

impl ResultReader {
    /// The next parts of runs; none when the list has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self) -> Result<Vec<PartOfRun>> {
        while !self.done {
            let Some(run) = self.runs.front().cloned() else {
                self.next_runs().await?;
                continue;
            };
            let parts = self.next_parts(&run).await?;
            if !parts.is_empty() {
                return Ok(parts);
            }
        }
        Ok(Vec::new())
    }

    async fn next_runs(&mut self) -> Result<()> {
        let from = match (self.runs_before, &self.resume) {
            (Some(before), _) => Some((false, before)),
            (None, Some(place)) => Some((true, place.run)),
            (None, None) => None,
        };
        let rows = self.store.run_heads(self.order, from, RUNS).await?;
        let Some(last) = rows.last() else {
            self.done = true;
            return Ok(());
        };
        self.runs_before = Some(last.id);
        let possible = |run: &RunHead| self.jobs.have(run) && decided(self.query.root(), run) != Truth::No;
        self.runs = rows.into_iter().filter(possible).map(Arc::new).collect();
        Ok(())
    }

    async fn next_parts(&mut self, run: &Arc<RunHead>) -> Result<Vec<PartOfRun>> {
        let mut values = Values::default();
        let mut conditions = vec![
            format!("p.run_id = {}", values.text(run.id.to_string())),
            "p.left_out IS NULL".to_owned(),
            narrow(&self.query, narrow::result).into_sql(&mut values),
        ];
        if let Some((name, asset)) = &self.last {
            conditions.push(format!("(p.name_key, p.asset_id) > ({}, {})", values.text(name), values.text(asset.to_string())));
        } else if let Some(place) = self.resume.as_ref().filter(|place| place.run == run.id) {
            // The part itself is read again: some of its patches may be behind the place.
            let (name, asset) = (values.text(&place.name), values.text(place.asset.to_string()));
            conditions.push(format!("(p.name_key, p.asset_id) >= ({name}, {asset})"));
        }
        let sql = format!(
            "SELECT p.asset_id, p.name, p.name_key, p.state, p.began_at, {ENDED} AS ended_at FROM run_assets p
             WHERE {} ORDER BY p.name_key, p.asset_id LIMIT {}",
            conditions.join(" AND "),
            values.int(PARTS)
        );
        let rows = values.bind(sql).fetch_all(self.store.read()).await.attempt("read results")?;
        self.last = match rows.last() {
            Some(row) if i64::try_from(rows.len()) == Ok(PARTS) => Some((row.text("name_key")?, row.parsed("asset_id")?)),
            _ => {
                self.runs.pop_front();
                None
            }
        };
        let mut parts = rows.iter().map(|row| self.part(run, row)).collect::<Result<Vec<_>>>()?;
        parts.retain(|part| !part.patches.is_empty());
        Ok(parts)
    }

    fn part(&self, run: &Arc<RunHead>, row: &AnyRow) -> Result<PartOfRun> {
        let asset: AssetId = row.parsed("asset_id")?;
        let mut patches = part_state(row)?.patches;
        let mut skipped = 0;
        if let Some(place) = self.resume.as_ref().filter(|place| place.run == run.id && place.asset == asset) {
            skipped = (place.patch.saturating_add(1)).min(patches.len());
            patches.drain(..skipped);
        }
        let (began_at, ended_at) = (row.maybe_time("began_at")?, row.maybe_time("ended_at")?);
        Ok(PartOfRun { run: Arc::clone(run), asset, name: row.text("name")?, began_at, ended_at, patches, skipped })
    }
}

impl Store {
    /// The newest runs, of all jobs, deleted ones too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_runs(&self, limit: u32) -> Result<Vec<RunHead>> {
        self.run_heads(RunOrder::NewestFirst, None, i64::from(limit)).await
    }

    /// Runs in an order: behind one, or from it on when the flag beside it is set.
    pub(super) async fn run_heads(&self, order: RunOrder, from: Option<(bool, RunId)>, limit: i64) -> Result<Vec<RunHead>> {
        let mut values = Values::default();
        let (turn, than) = match order {
            RunOrder::NewestFirst => ("DESC", "<"),
            RunOrder::OldestFirst => ("ASC", ">"),
        };
        let condition = from.map_or_else(
            || "1 = 1".to_owned(),
            |(itself, id)| format!("id {than}{} {}", if itself { "=" } else { "" }, values.text(id.to_string())),
        );
        let limit = values.int(limit);
        let sql = format!("SELECT id, job_id, job_name FROM runs WHERE {condition} ORDER BY id {turn} LIMIT {limit}");
        let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read runs")?;
        let head = |row: &AnyRow| Ok(RunHead { id: row.parsed("id")?, job: row.parsed("job_id")?, job_name: row.text("job_name")? });
        rows.iter().map(head).collect()
    }
}

impl Jobs {
    /// Whether results of a run are read.
    pub(super) fn have(&self, run: &RunHead) -> bool {
        match self {
            Self::All => true,
            Self::Only(jobs) => jobs.contains(&run.job),
        }
    }
}

/// What a run alone says of a query: unknown where it depends on the asset or the patch. Here a name is compared as
/// the language does it, which SQL cannot; there are few runs and many results.
pub(super) fn decided(node: &Node, run: &RunHead) -> Truth {
    match node {
        Node::Everything => Truth::Yes,
        Node::And(parts) => parts.iter().fold(Truth::Yes, |so_far, part| so_far.and(decided(part, run))),
        Node::Or(parts) => parts.iter().fold(Truth::No, |so_far, part| so_far.or(decided(part, run))),
        Node::Not(part) => !decided(part, run),
        Node::Free(text) => {
            let test = Test::Text(text.clone());
            let main = fields(Entity::Result).iter().filter(|field| field.main);
            main.fold(Truth::No, |so_far, field| so_far.or(value(field, &test, run)))
        }
        Node::Value { field, test } => value(field, test, run),
        Node::Related { .. } => Truth::Unknown,
    }
}

fn value(field: &Field, test: &Test, run: &RunHead) -> Truth {
    match field.key {
        Key::Result(ResultField::Job) => text(test, &run.job_name),
        Key::Result(ResultField::Run) => text(test, &run.id.to_string()),
        _ => Truth::Unknown,
    }
}

fn text(test: &Test, value: &str) -> Truth {
    match test {
        Test::Text(text) => text.matches(value).into(),
        Test::OneOf(tests) => tests.iter().fold(Truth::No, |so_far, test| so_far.or(text(test, value))),
        Test::Null => Truth::No,
        Test::Present => Truth::Yes,
        _ => Truth::Unknown,
    }
}
