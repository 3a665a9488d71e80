//! Fettle's index beside other engines with the same fleet, in one process: CRoaring's compressed bitmaps and the search
//! engine Tantivy. `cargo xtask bench rivals` builds and runs this.
//!
//! Every answer is compared before it is timed; one that differs ends the run.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement prints, and stops when something is wrong")]

mod bitmaps;
mod goals;
mod near;
mod ours;
mod question;
mod search;
mod turns;

use anyhow::{Context, Result, ensure};
use bitmaps::{Bitmaps, use_our_allocator};
use clap::Parser;
use fettle_sim::synthetic::questions::Asked;
use fettle_sim::synthetic::{Size, Synthetic};
use goals::Found;
use jiff::Timestamp;
use ours::Ours;
use question::{Engine, Question};
use search::Search;
use std::process::ExitCode;
use turns::{Medians, in_turn};

/// The allocator of the server.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sizes.
#[derive(Parser)]
struct Options {
    /// Assets beside compressed bitmaps.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
    /// Assets beside the search engine.
    #[arg(long, default_value_t = 100_000)]
    small_assets: u32,
    /// Patches.
    #[arg(long, default_value_t = 20_000)]
    patches: u32,
    /// Seed of the fleet.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds to spend on each question.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
}

/// The moment the fleet is looked at; fixed, so that the same seed gives the same answers on every day.
const NOW: i64 = 1_790_000_000;

fn main() -> ExitCode {
    use_our_allocator();
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let mut found = Found::default();
    beside_search(options, &mut found)?;
    beside_bitmaps(options, &mut found)?;
    println!("RESULT bench-rivals assets={} small_assets={} {}", options.assets, options.small_assets, found.line());
    found.judge()
}

fn made(options: &Options, assets: u32) -> Result<Synthetic> {
    let size = Size { assets, patches: options.patches, missing: 150.0, installed: 600.0, seed: options.seed };
    Ok(Synthetic::new(size, Timestamp::from_second(NOW)?))
}

fn beside_search(options: &Options, found: &mut Found) -> Result<()> {
    let made = made(options, options.small_assets)?;
    let about = made.subjects().context("a fleet with patches")?;
    let ours = Ours::new(&made, &made.fill().0, &about)?;
    let search = Search::new(&made, &about)?;
    println!("beside Tantivy, {} assets:", options.small_assets);
    for question in Question::all() {
        let medians = compare(question, &ours, &search, options.seconds)?;
        found.search.push((question, medians.context("it is asked everything")?));
    }
    Ok(())
}

fn beside_bitmaps(options: &Options, found: &mut Found) -> Result<()> {
    let made = made(options, options.assets)?;
    let about = made.subjects().context("a fleet with patches")?;
    let fleet = made.fill().0;
    let ours = Ours::new(&made, &fleet, &about)?;
    let bitmaps = Bitmaps::new(&made, &about)?;
    println!("beside CRoaring, {} assets:", options.assets);
    for question in Question::all() {
        let medians = compare(question, &ours, &bitmaps, options.seconds)?;
        found.bitmaps.extend(medians.map(|medians| (question, medians)));
    }
    let size = fleet.view().plane_size();
    let theirs = bitmaps.serialised_bytes();
    found.planes_ratio = (size.rows + size.handles) as f64 / theirs as f64;
    println!("  planes of patches: rows {} B, handles {} B; CRoaring, written: {theirs} B", size.rows, size.handles);
    let (rate, bytes) = (near::rate(options.seconds), bitmaps.flagship_bytes());
    let flagship = Question::Assets(Asked::Flagship);
    let us = found.bitmaps.iter().find(|(question, _)| *question == flagship).map_or(f64::NAN, |(_, medians)| medians.ours);
    let limit = bytes as f64 / rate * 1e6;
    found.limit_ratio = us / limit;
    println!("  {}: reads {bytes} B; from the second cache at {:.1} GB/s that takes {limit:.2} µs", flagship.name(), rate / 1e9);
    Ok(())
}

/// Asks both, and measures when their answers are the same. `None` when theirs has none.
fn compare<E: Engine>(question: Question, ours: &Ours, theirs: &E, seconds: f64) -> Result<Option<Medians>> {
    let (Some(our_answer), Some(their_answer)) = (ours.answer(question), theirs.answer(question)) else { return Ok(None) };
    let (our_answer, their_answer) = (ours.plain(our_answer), theirs.plain(their_answer));
    let differ: Vec<_> = our_answer.iter().zip(&their_answer).filter(|(ours, theirs)| ours != theirs).take(3).collect();
    let are_same = differ.is_empty() && our_answer.len() == their_answer.len();
    ensure!(are_same, "{}: {} and {} numbers, the first that differ: {differ:?}", question.name(), our_answer.len(), their_answer.len());
    let medians = in_turn(seconds, || ours.answer(question), || theirs.answer(question));
    let first = our_answer.first().map_or(0, |(_, number)| *number);
    println!(
        "  {:<22} ours {:>10.2} µs   theirs {:>12.2} µs   {:>9.2} times   {first}",
        question.name(),
        medians.ours,
        medians.theirs,
        medians.times()
    );
    Ok(Some(medians))
}
