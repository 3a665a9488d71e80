//! `cargo xtask test`: everything that must hold before a change lands.

use crate::postgres::Postgres;
use crate::{check, codegen, e2e, machine, shell};
use anyhow::{Result, bail};
use std::time::Instant;

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the named steps; all of them when none is named.
    #[arg(value_enum)]
    only: Vec<Step>,
    /// Also the long ones: ten thousand random questions to the fleet index, more random cases everywhere.
    #[arg(long)]
    nightly: bool,
}

/// The steps, in the order they run: what is quick and finds most comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Step {
    /// rustfmt.
    Format,
    /// Dependency edges, sizes, names.
    Architecture,
    /// The console: types, lint, unit tests, build.
    Console,
    /// Clippy, every warning an error.
    Lint,
    /// All Rust tests, on SQLite and PostgreSQL.
    Rust,
    /// Generated files are what the code says.
    Generated,
    /// `cargo doc` without a warning.
    Docs,
    /// The whole way to a patched machine, hermetic, and the browser test on top of it; the scan of an RPM root.
    EndToEnd,
}

/// Cases of every property test at night; 256 by day.
const NIGHTLY_CASES: &str = "2000";
/// Random questions to the fleet index at night; 500 by day.
const NIGHTLY_QUESTIONS: &str = "20000";

/// Runs the steps; fails at the end when any of them failed, so that one run shows everything.
pub(crate) fn run(options: &Options) -> Result<()> {
    machine::prepare_test()?;
    let steps: Vec<Step> = <Step as clap::ValueEnum>::value_variants()
        .iter()
        .copied()
        .filter(|step| options.only.is_empty() || options.only.contains(step))
        .collect();
    let begun = Instant::now();
    let mut failed = Vec::new();
    for &step in &steps {
        eprintln!("\n== {step:?}");
        let started = Instant::now();
        if let Err(error) = carry_out(step, options.nightly) {
            eprintln!("{step:?} failed: {error:#}");
            failed.push(format!("{step:?}"));
        }
        eprintln!("-- {step:?}: {:.0} s", started.elapsed().as_secs_f64());
    }
    println!("RESULT test steps={} failed={} seconds={:.0}", steps.len(), failed.len(), begun.elapsed().as_secs_f64());
    println!("{} passed, {} failed", steps.len() - failed.len(), failed.len());
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn carry_out(step: Step, nightly: bool) -> Result<()> {
    match step {
        Step::Format => {
            cargo(&["fmt", "--all", "--check"])?;
            cargo(&["fmt", "--manifest-path", "rivals/Cargo.toml", "--check"])
        }
        Step::Architecture => check::run(&check::Options::default()),
        Step::Console => console(),
        Step::Lint => cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
        Step::Rust => rust(nightly),
        Step::Generated => codegen::run(&codegen::Options { check: true }),
        Step::Docs => {
            shell::run(shell::command("cargo", &["doc", "--quiet", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))
        }
        Step::EndToEnd => e2e::run(&e2e::Which::Hermetic).and_then(|()| e2e::run(&e2e::Which::Rpm)),
    }
}

fn console() -> Result<()> {
    machine::build_console()?;
    for script in ["typecheck", "lint", "test"] {
        shell::run(machine::npm().args(["run", "--silent", script]))?;
    }
    Ok(())
}

fn rust(nightly: bool) -> Result<()> {
    let postgres = Postgres::start()?;
    // nextest where it is installed, because it ends a test that hangs; cargo's own runner elsewhere.
    let arguments: &[&str] =
        if shell::has("cargo-nextest") { &["nextest", "run", "--workspace"] } else { &["test", "--quiet", "--workspace"] };
    let mut tests = shell::command("cargo", arguments);
    if nightly {
        tests.env("PROPTEST_CASES", NIGHTLY_CASES);
    }
    shell::run(tests.env("FETTLE_TEST_POSTGRES", postgres.url()))?;
    if nightly {
        let questions = ["test", "--quiet", "--release", "--package", "fettle-fleet", "--test", "queries", "--", "--nocapture"];
        shell::run(shell::command("cargo", &questions).env("FETTLE_QUERY_CASES", NIGHTLY_QUESTIONS))?;
    }
    Ok(())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    shell::run(&mut shell::command("cargo", arguments))
}
