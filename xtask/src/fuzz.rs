//! `cargo xtask fuzz`: readers of foreign data, with bytes that nobody thought of.
//!
//! The engine is LLVM's libFuzzer. Its instrumentation is asked of the stable compiler, which knows no sanitizers of
//! memory; there is nothing for them to find in code without `unsafe`. What is found are panics, assertions of the
//! targets, inputs that take too long and those that take too much memory.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Targets, as `fuzz/fuzz_targets` has them; all when none is named.
    targets: Vec<String>,
    /// Seconds for each.
    #[arg(long, default_value_t = 600)]
    seconds: u32,
    /// Targets that run at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Most bytes of an input.
    #[arg(long, default_value_t = 65_536)]
    max_len: u32,
}

/// Where an input may go is counted in the program: edges, and what is compared.
const INSTRUMENTATION: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    // One unit for each crate keeps the sections of its counters whole.
    "-Ccodegen-units=1",
];
/// What became of one target.
struct Ran {
    target: String,
    executed: u64,
    is_good: bool,
}

/// Builds the targets and runs them. Fails when one found something.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = targets()?;
    let chosen = if options.targets.is_empty() { known.clone() } else { options.targets.clone() };
    if let Some(unknown) = chosen.iter().find(|target| !known.contains(target)) {
        bail!("there is no target {unknown}; there are {}", known.join(", "));
    }
    let folder = shell::target().join("fuzz");
    let host = host()?;
    let mut build = shell::command("cargo", &["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    build.env("RUSTFLAGS", INSTRUMENTATION.join(" ")).env("CARGO_TARGET_DIR", &folder);
    shell::run(&mut build)?;
    let programs = folder.join(&host).join("release");
    let waiting = Mutex::new(chosen.into_iter());
    let next = || waiting.lock().ok().and_then(|mut targets| targets.next());
    let one = || std::iter::from_fn(next).map(|target| fuzz(&programs, &folder, target, options)).collect::<Result<Vec<Ran>>>();
    let ran: Vec<Ran> = std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..options.jobs.max(1)).map(|_| scope.spawn(one)).collect();
        jobs.into_iter().map(|job| job.join().map_err(|_| anyhow::anyhow!("a thread ended"))?).collect::<Result<Vec<_>>>()
    })?
    .into_iter()
    .flatten()
    .collect();
    for ran in &ran {
        println!("{}: {} inputs, {}", ran.target, ran.executed, if ran.is_good { "nothing found" } else { "FOUND something" });
    }
    let findings = ran.iter().filter(|ran| !ran.is_good).count();
    let executed: u64 = ran.iter().map(|ran| ran.executed).sum();
    println!("RESULT fuzz targets={} seconds_each={} inputs={executed} findings={findings}", ran.len(), options.seconds);
    if findings > 0 {
        bail!("what was found lies in {}", folder.join("found").display());
    }
    Ok(())
}

/// The platform that is compiled for, by name. Naming it keeps the instrumentation away from build scripts, which have no
/// engine to be linked with.
fn host() -> Result<String> {
    let version = shell::output(&mut shell::command("rustc", &["--version", "--verbose"]))?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).context("the compiler does not say its platform")
}

/// The targets there are, by name.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(shell::root().join("fuzz/fuzz_targets")).context("could not read the folder of targets")? {
        names.extend(entry?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Runs one target for its time. What it learnt stays for the next run.
fn fuzz(programs: &Path, folder: &Path, target: String, options: &Options) -> Result<Ran> {
    let (corpus, found) = (folder.join("corpus").join(&target), folder.join("found"));
    for needed in [&corpus, &found] {
        std::fs::create_dir_all(needed).with_context(|| format!("could not make {}", needed.display()))?;
    }
    let log = folder.join(format!("{target}.log"));
    let output = File::create(&log).with_context(|| format!("could not write {}", log.display()))?;
    eprintln!("  {target}: {} s, told in {}", options.seconds, log.display());
    let mut command = Command::new(programs.join(&target));
    command.arg(format!("-max_total_time={}", options.seconds)).arg(format!("-max_len={}", options.max_len));
    // An input of 64 KiB that takes seconds or gigabytes is a finding.
    command.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    command.arg(format!("-artifact_prefix={}/{target}-", found.display())).arg(&corpus).args(seeds(&target));
    if let Some(words) = words(&target) {
        command.arg(format!("-dict={}", words.display()));
    }
    let status = command.stdout(output.try_clone()?).stderr(output).status().with_context(|| format!("could not start {target}"))?;
    let told = std::fs::read_to_string(&log).with_context(|| format!("could not read {}", log.display()))?;
    let executed = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let executed = executed.and_then(|count| count.trim().parse().ok()).unwrap_or(0);
    // A run that tried nothing shows nothing.
    Ok(Ran { target, executed, is_good: status.success() && executed > 0 })
}

/// Good inputs to begin with, from which others are made.
fn seeds(target: &str) -> Option<PathBuf> {
    Some(shell::root().join("fuzz/seeds").join(target)).filter(|folder| folder.is_dir())
}

/// Words of the language that a target reads: targets whose names begin alike share them.
fn words(target: &str) -> Option<PathBuf> {
    let language = target.split('_').next()?;
    Some(shell::root().join("fuzz").join(format!("{language}.dict"))).filter(|file| file.is_file())
}
