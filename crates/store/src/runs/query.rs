//! Reading runs.

use super::part::COUNTS;
use crate::engine::{CHUNK, Values};
use crate::error::Attempt;
use crate::row::Get;
use crate::{Result, Store};
use fettle_deploy::job::JobKind;
use fettle_deploy::run::{AssetRun, AssetRunStatus, PatchRunStatus};
use fettle_model::ids::{AssetId, JobId, RunId};
use jiff::Timestamp;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One execution of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Id.
    pub id: RunId,
    /// The job.
    pub job: JobId,
    /// Its name when the run started.
    pub job_name: String,
    /// Install or uninstall.
    pub kind: JobKind,
    /// Names the occasion, see [`fettle_deploy::job::Schedule::slot`].
    pub slot: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended; `None` while anything is open.
    pub ended_at: Option<Timestamp>,
    /// How far it is.
    pub counts: RunCounts,
}

/// How far a run is. Assets left out are not among `assets` and `patches`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Assets per status.
    pub assets: BTreeMap<AssetRunStatus, u64>,
    /// Patches, summed over assets, per status.
    pub patches: BTreeMap<PatchRunStatus, u64>,
    /// Assets that take no part.
    pub left_out: u64,
}

/// An asset's part of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunAssetRecord {
    /// The run.
    pub run: RunId,
    /// The asset.
    pub asset: AssetId,
    /// Its name when the run started.
    pub name: String,
    /// Where it and its patches are, or why it takes no part.
    pub state: AssetRun,
    /// When it last moved on.
    pub updated_at: Timestamp,
}

/// Which assets of a run. Everything is optional and narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunAssetFilter {
    /// In one of these statuses; empty: any.
    pub statuses: BTreeSet<AssetRunStatus>,
    /// `true`: only those left out; `false`: only those that take part.
    pub left_out: Option<bool>,
    /// Name contains this, whatever its case.
    pub text: Option<String>,
}

/// A part of a run that is not over, for planning the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRun {
    /// The asset.
    pub asset: AssetId,
    /// The job.
    pub job: JobId,
    /// Its name when the run started.
    pub job_name: String,
    /// The run.
    pub run: RunId,
}

impl Store {
    /// One run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, id: RunId) -> Result<Option<RunRecord>> {
        let rows = sqlx::query("SELECT * FROM runs WHERE id = $1").bind(id.to_string()).fetch_all(self.read()).await;
        Ok(self.with_counts(&rows.attempt("read a run")?).await?.pop())
    }

    /// Runs of a job, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_of(&self, job: JobId) -> Result<Vec<RunRecord>> {
        let rows = sqlx::query("SELECT * FROM runs WHERE job_id = $1 ORDER BY id DESC").bind(job.to_string()).fetch_all(self.read()).await;
        self.with_counts(&rows.attempt("read the runs of a job")?).await
    }

    /// The last run of each job that has had one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_runs(&self) -> Result<HashMap<JobId, RunRecord>> {
        let rows = sqlx::query("SELECT * FROM runs WHERE id IN (SELECT MAX(id) FROM runs GROUP BY job_id)").fetch_all(self.read()).await;
        let runs = self.with_counts(&rows.attempt("read the last runs of jobs")?).await?;
        Ok(runs.into_iter().map(|run| (run.job, run)).collect())
    }

    /// Assets of a run, by name and id, after the given name and id. Gives also how many there are in all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_assets(
        &self,
        run: RunId,
        filter: &RunAssetFilter,
        after: Option<(String, AssetId)>,
        limit: u32,
    ) -> Result<(Vec<RunAssetRecord>, u64)> {
        let mut values = Values::default();
        let condition = filter.condition(run, &mut values);
        let sql = format!("SELECT COUNT(*) AS n FROM run_assets WHERE {condition}");
        let row = values.bind(sql).fetch_one(self.read()).await.attempt("count the assets of a run")?;
        let mut values = Values::default();
        let mut condition = filter.condition(run, &mut values);
        if let Some((name, asset)) = after {
            let place = [values.text(name.to_lowercase()), values.text(asset.to_string())].join(", ");
            condition = format!("{condition} AND (name_key, asset_id) > ({place})");
        }
        let limit = values.int(i64::from(limit));
        let sql = format!("SELECT * FROM run_assets WHERE {condition} ORDER BY name_key, asset_id LIMIT {limit}");
        let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read the assets of a run")?;
        Ok((rows.iter().map(read_part).collect::<Result<_>>()?, row.unsigned("n")?))
    }

    /// One asset of a run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_asset(&self, run: RunId, asset: AssetId) -> Result<Option<RunAssetRecord>> {
        let row = sqlx::query("SELECT * FROM run_assets WHERE run_id = $1 AND asset_id = $2")
            .bind(run.to_string())
            .bind(asset.to_string())
            .fetch_optional(self.read())
            .await
            .attempt("read an asset of a run")?;
        row.as_ref().map(read_part).transpose()
    }

    /// An asset's parts of runs, newest first, each with its run (whose counts are left empty).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_of_asset(&self, asset: AssetId) -> Result<Vec<(RunRecord, RunAssetRecord)>> {
        let rows = sqlx::query(
            "SELECT r.id, r.slot, r.job_name, r.kind, r.started_at, r.ended_at, p.*
             FROM run_assets p JOIN runs r ON r.id = p.run_id WHERE p.asset_id = $1 ORDER BY r.id DESC",
        )
        .bind(asset.to_string())
        .fetch_all(self.read())
        .await
        .attempt("read the runs of an asset")?;
        rows.iter().map(|row| Ok((read_run(row)?, read_part(row)?))).collect()
    }

    /// Parts of runs that are not over, for the planner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_runs(&self) -> Result<Vec<OpenRun>> {
        let rows = sqlx::query(
            "SELECT p.asset_id, p.job_id, p.run_id, r.job_name FROM run_assets p JOIN runs r ON r.id = p.run_id
             WHERE p.is_open = 1 ORDER BY p.asset_id, p.generation",
        )
        .fetch_all(self.read())
        .await
        .attempt("read what is open of runs")?;
        let open = |row: &AnyRow| {
            Ok(OpenRun {
                asset: row.parsed("asset_id")?,
                job: row.parsed("job_id")?,
                job_name: row.text("job_name")?,
                run: row.parsed("run_id")?,
            })
        };
        rows.iter().map(open).collect()
    }
}

impl Store {
    /// Makes runs of their rows and adds up how far they are.
    pub(crate) async fn with_counts(&self, rows: &[AnyRow]) -> Result<Vec<RunRecord>> {
        let mut runs = rows.iter().map(read_run).collect::<Result<Vec<_>>>()?;
        let sums = COUNTS.map(|column| format!("CAST(SUM({column}) AS BIGINT) AS {column}")).join(", ");
        for chunk in runs.chunks_mut(CHUNK) {
            let mut values = Values::default();
            let sql = format!(
                "SELECT run_id, status, CASE WHEN left_out IS NULL THEN 0 ELSE 1 END AS is_left_out, COUNT(*) AS n, {}
                 FROM run_assets WHERE run_id IN ({}) GROUP BY run_id, status, CASE WHEN left_out IS NULL THEN 0 ELSE 1 END",
                sums,
                values.texts(chunk.iter().map(|run| run.id))
            );
            let mut counts: HashMap<RunId, RunCounts> = HashMap::new();
            for row in values.bind(sql).fetch_all(self.read()).await.attempt("count the assets of runs")? {
                counts.entry(row.parsed("run_id")?).or_default().add(&row)?;
            }
            for run in chunk {
                run.counts = counts.remove(&run.id).unwrap_or_default();
            }
        }
        Ok(runs)
    }
}

impl RunCounts {
    fn add(&mut self, row: &AnyRow) -> Result<()> {
        let assets: u64 = row.unsigned("n")?;
        if row.flag("is_left_out")? {
            self.left_out += assets;
            return Ok(());
        }
        *self.assets.entry(row.parsed("status")?).or_default() += assets;
        for (&status, column) in PatchRunStatus::ALL.iter().zip(COUNTS) {
            let patches: u64 = row.unsigned(column)?;
            if patches > 0 {
                *self.patches.entry(status).or_default() += patches;
            }
        }
        Ok(())
    }
}

impl RunAssetFilter {
    fn condition(&self, run: RunId, values: &mut Values) -> String {
        let mut parts = vec![format!("run_id = {}", values.text(run.to_string()))];
        if !self.statuses.is_empty() {
            parts.push(format!("status IN ({})", values.texts(&self.statuses)));
        }
        match self.left_out {
            Some(true) => parts.push("left_out IS NOT NULL".to_owned()),
            Some(false) => parts.push("left_out IS NULL".to_owned()),
            None => {}
        }
        if let Some(text) = self.text.as_deref().filter(|text| !text.is_empty()) {
            let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            parts.push(format!("name_key LIKE {} ESCAPE '\\'", values.text(format!("%{escaped}%"))));
        }
        parts.join(" AND ")
    }
}

fn read_run(row: &AnyRow) -> Result<RunRecord> {
    Ok(RunRecord {
        id: row.parsed("id")?,
        job: row.parsed("job_id")?,
        job_name: row.text("job_name")?,
        kind: row.parsed("kind")?,
        slot: row.int("slot")?,
        started_at: row.time("started_at")?,
        ended_at: row.maybe_time("ended_at")?,
        counts: RunCounts::default(),
    })
}

/// The state of a part of a run.
pub(crate) fn part_state(row: &AnyRow) -> Result<AssetRun> {
    row.json("state")
}

fn read_part(row: &AnyRow) -> Result<RunAssetRecord> {
    Ok(RunAssetRecord {
        run: row.parsed("run_id")?,
        asset: row.parsed("asset_id")?,
        name: row.text("name")?,
        state: part_state(row)?,
        updated_at: row.time("updated_at")?,
    })
}
