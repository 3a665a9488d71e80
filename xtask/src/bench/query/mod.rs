//! `cargo xtask bench query`: the index at full size, and PostgreSQL with the same fleet at a tenth of it, in the schema
//! that everybody would begin with and in one that is made for these questions.

mod changes;
mod goal;
mod normalised;
mod reference;
mod tuned;

use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use changes::Changes;
use goal::Goal;
use reference::{Ratios, Reference};
use serde_json::Value;
use std::process::Command;

/// Options of `cargo xtask bench query`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Assets in the index.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
    /// Patches in the catalog.
    #[arg(long, default_value_t = 20_000)]
    patches: u32,
    /// Assets in PostgreSQL, and in a second index that it is compared with.
    #[arg(long, default_value_t = 100_000)]
    postgres_assets: u32,
    /// Missing patches per asset on average.
    #[arg(long, default_value_t = 150.0)]
    missing: f64,
    /// Installed patches per asset on average.
    #[arg(long, default_value_t = 600.0)]
    installed: f64,
    /// Seed of the fleet.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds for each question.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
}

/// Required against PostgreSQL, normalised: the geometric mean, and the worst single question.
const RATIO_GEOMEAN: f64 = 10_000.0;
const RATIO_MIN: f64 = 200.0;
/// The goal against PostgreSQL with arrays, inverted indexes and counters: the geometric mean. Told and not required.
const RATIO_TUNED: f64 = 4_000.0;
/// Most seconds from a file to an index that answers, at a million assets, be the file in memory or not.
const LOAD_SECONDS: f64 = 3.0;
/// The goal for a file that is not in memory, in times of plainly reading it. Told and not required: it depends on the disk.
const COLD_TIMES: f64 = 2.0;
/// The goal for resident memory, all included. Told and not required: with few assets the catalog is the most of it.
const BYTES_PER_FINDING: f64 = 2.1;

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    machine::prepare_test()?;
    let full = index(options, options.assets)?;
    let small = if options.assets == options.postgres_assets { full.clone() } else { index(options, options.postgres_assets)? };
    let reference = Reference::start()?;
    let normalised = against_normalised(options, &small, &reference)?;
    let tuned = against_tuned(options, &small, &reference)?;
    // Last, because it changes what the questions count.
    let changes = Changes::of(&full, &small, changes::postgres_us(&reference, options.postgres_assets)?)?;
    let build = find(&full, "build")?;
    let snapshot = find(&full, "snapshot")?;
    let (load, read) = (number(snapshot, "load_s")?, number(snapshot, "read_s")?);
    let (cold_load, cold_read) = (number(snapshot, "cold_load_s")?, number(snapshot, "cold_read_s")?);
    let p99_worst = full.iter().filter_map(|line| line["p99_us"].as_f64()).fold(0.0, f64::max) / 1_000.0;
    let goals = told(&tuned, build, snapshot)?;
    println!("goals that are told and not required:");
    goals.iter().chain(&changes.goals()).for_each(|goal| println!("  {goal}"));
    println!(
        "RESULT bench-query assets={} patches={} ratio_postgres_geomean={:.0} ratio_postgres_min={:.0} ratio_tuned_geomean={:.0} \
         ratio_tuned_min={:.0} memory_gb={:.2} \
         snapshot_load_s={load:.2} p99_worst_ms={p99_worst:.3} snapshot_read_s={read:.2} snapshot_bytes={} build_s={:.1} \
         {changes} snapshot_cold_read_s={cold_read:.2} snapshot_cold_load_s={cold_load:.2} bytes_per_finding={:.2}",
        options.assets,
        options.patches,
        normalised.geomean,
        normalised.min,
        tuned.geomean,
        tuned.min,
        number(build, "memory_bytes")? / 1e9,
        snapshot["bytes"],
        number(build, "seconds")?,
        number(build, "bytes_per_finding")?,
    );
    let Ratios { geomean, min } = normalised;
    ensure!(geomean >= RATIO_GEOMEAN, "the geometric mean against PostgreSQL is {geomean:.0}, less than {RATIO_GEOMEAN}");
    for seconds in [load, cold_load] {
        ensure!(seconds <= LOAD_SECONDS, "loading the snapshot takes {seconds:.2} s, more than {LOAD_SECONDS}");
    }
    ensure!(min >= RATIO_MIN, "the worst question is {min:.0} times as fast as PostgreSQL, less than {RATIO_MIN}");
    Ok(())
}

/// Goals beside those that the command fails under: they are not all reached, and the command still has to say whether
/// the required ones are.
fn told(tuned: &Ratios, build: &Value, snapshot: &Value) -> Result<Vec<Goal>> {
    let times = number(snapshot, "cold_load_s")? / number(snapshot, "cold_read_s")?;
    Ok(vec![
        Goal::at_least("PostgreSQL tuned, geometric mean, times as long", tuned.geomean, RATIO_TUNED),
        Goal::at_most("resident memory, bytes per finding", number(build, "bytes_per_finding")?, BYTES_PER_FINDING),
        Goal::at_most("from an evicted snapshot to answers, times reading it", times, COLD_TIMES),
    ])
}

fn against_normalised(options: &Options, lines: &[Value], reference: &Reference) -> Result<Ratios> {
    println!("PostgreSQL with {} assets, normalised, indexed, warm, one process:", options.postgres_assets);
    reference.psql(normalised::SCHEMA)?;
    for (table, export) in normalised::TABLES {
        let mut rows = bench(options, options.postgres_assets);
        reference.load(rows.args(["--export", export]), table)?;
    }
    reference.psql(normalised::INDEXES)?;
    reference.compare(lines, "normalised")
}

fn against_tuned(options: &Options, lines: &[Value], reference: &Reference) -> Result<Ratios> {
    println!("PostgreSQL with {} assets, arrays, inverted indexes and counters, warm, one process:", options.postgres_assets);
    reference.psql(tuned::TABLE)?;
    reference.psql(tuned::INDEXES)?;
    reference.compare(lines, "tuned")
}

/// The bench target of `fettle-sim`, with a fleet of this size.
fn bench(options: &Options, assets: u32) -> Command {
    let mut command = shell::command("cargo", &["bench", "--quiet", "--package", "fettle-sim", "--bench", "query", "--"]);
    command.args(["--assets", &assets.to_string(), "--patches", &options.patches.to_string(), "--seed", &options.seed.to_string()]);
    command.args(["--missing", &options.missing.to_string(), "--installed", &options.installed.to_string()]);
    command.args(["--seconds", &options.seconds.to_string()]);
    command
}

/// Fills an index, asks everything and prints it.
fn index(options: &Options, assets: u32) -> Result<Vec<Value>> {
    println!("index of {assets} assets, {} patches:", options.patches);
    let text = shell::output(&mut bench(options, assets))?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("the measurement prints JSON")?;
    for line in &lines {
        match line["what"].as_str() {
            Some("question") => println!(
                "  {:<22} median {:>10.2} µs   p99 {:>10.2} µs   cold {:>9.1} µs   count {}",
                line["name"].as_str().unwrap_or_default(),
                number(line, "median_us")?,
                number(line, "p99_us")?,
                line["more"]["cold_us"].as_f64().unwrap_or(f64::NAN),
                line["more"]["count"],
            ),
            _ => println!("  {line}"),
        }
    }
    Ok(lines)
}

fn find<'a>(lines: &'a [Value], what: &str) -> Result<&'a Value> {
    lines.iter().find(|line| line["what"] == what).with_context(|| format!("the measurement printed no {what}"))
}

fn number(line: &Value, name: &str) -> Result<f64> {
    line[name].as_f64().with_context(|| format!("no number {name} in {line}"))
}
