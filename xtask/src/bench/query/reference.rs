//! PostgreSQL with the same fleet, in whatever schema.

use super::number;
use crate::postgres::Postgres;
use crate::shell;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::process::{Command, Stdio};

/// Times it is asked; the median counts, the first call warms.
const ASKED: usize = 3;

/// A server of our own.
pub(super) struct Reference(Postgres);

/// How many times as fast as PostgreSQL the questions are.
pub(super) struct Ratios {
    pub(super) geomean: f64,
    pub(super) min: f64,
}

impl Reference {
    /// Starts one with enough memory that everything it likes to keep is kept; what it may use beside is its default.
    pub(super) fn start() -> Result<Self> {
        let reference = Self(Postgres::start()?);
        reference.psql(
            "alter system set shared_buffers = '4GB'; alter system set work_mem = '256MB'; alter system set max_wal_size = '16GB'; \
             alter system set max_parallel_workers_per_gather = 0; alter system set jit = off;",
        )?;
        reference.0.restart()?;
        Ok(reference)
    }

    /// Carries out statements in one session and gives what they print.
    pub(super) fn psql(&self, sql: &str) -> Result<String> {
        let mut command = self.client();
        // One statement at a time: some cannot run inside a transaction.
        for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            command.args(["-c", statement]);
        }
        shell::output(&mut command)
    }

    /// Carries out one statement, which may have semicolons in it, and gives what it prints.
    pub(super) fn one(&self, sql: &str) -> Result<String> {
        shell::output(self.client().args(["-c", sql]))
    }

    /// The program that asks it: stops at an error, prints rows without borders.
    fn client(&self) -> Command {
        let mut command = Command::new("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.0.url()]);
        command
    }

    /// Fills a table with what a program writes.
    pub(super) fn load(&self, rows: &mut Command, table: &str) -> Result<()> {
        let mut writer = rows.stdout(Stdio::piped()).spawn()?;
        let rows = writer.stdout.take().context("the export has no output")?;
        let mut copy = Command::new("psql");
        copy.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.0.url(), "-c", &format!("copy {table} from stdin")]).stdin(rows);
        shell::output(&mut copy)?;
        ensure!(writer.wait()?.success(), "the export of {table} failed");
        Ok(())
    }

    /// Asks everything in the SQL of a schema, and fails when a number of assets differs from ours.
    pub(super) fn compare(&self, lines: &[Value], schema: &str) -> Result<Ratios> {
        let mut ratios = Vec::new();
        for line in lines.iter().filter(|line| line["what"] == "question") {
            let name = line["name"].as_str().unwrap_or_default();
            let statements: Vec<&str> = line[schema].as_array().context("a question has SQL")?.iter().filter_map(Value::as_str).collect();
            if let (Some(count), [only]) = (line["more"]["count"].as_u64(), statements.as_slice()) {
                let theirs: u64 = self.psql(only)?.trim().parse().context("a count")?;
                ensure!(theirs == count, "{name}: PostgreSQL counts {theirs}, the index {count}");
            }
            let mut times = (0..ASKED).map(|_| self.explain(&statements)).collect::<Result<Vec<_>>>()?;
            times.sort_by(f64::total_cmp);
            let (theirs, ours) = (times[ASKED / 2], number(line, "median_us")?);
            println!("  {name:<22} {:>12.1} µs   ours {ours:>10.2} µs   {:>10.0} times", theirs, theirs / ours);
            ratios.push(theirs / ours);
        }
        let geomean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
        Ok(Ratios { geomean, min: ratios.iter().copied().fold(f64::INFINITY, f64::min) })
    }

    /// Time inside the server for all statements together, microseconds: no client, no network, no printing of rows.
    fn explain(&self, statements: &[&str]) -> Result<f64> {
        let mut sum = 0.0;
        for statement in statements {
            let plan = self.psql(&format!("explain (analyze, timing off, summary on) {statement}"))?;
            let time = plan.lines().find_map(|line| line.trim().strip_prefix("Execution Time: ")?.strip_suffix(" ms"));
            sum += time.context("EXPLAIN printed no time")?.parse::<f64>()? * 1_000.0;
        }
        Ok(sum)
    }
}
