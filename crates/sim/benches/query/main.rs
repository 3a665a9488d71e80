//! The index with a synthetic fleet: `cargo xtask bench query` runs this, and PostgreSQL beside it.
//!
//! Prints one JSON object per line. With `--export` it writes the same fleet as rows for PostgreSQL instead.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement prints, and stops when something is wrong")]

mod export;
mod measure;
mod normalised;
mod questions;
mod rescan;
mod snapshot;
mod tuned;
mod updates;

use clap::Parser;
use fettle_fleet::{Change, Fleet};
use fettle_sim::synthetic::{Size, Synthetic};
use jiff::Timestamp;
use serde_json::json;
use std::time::{Duration, Instant};

/// The allocator of the server.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sizes and what to do.
#[derive(Parser)]
struct Options {
    /// Assets.
    #[arg(long, default_value_t = 100_000)]
    assets: u32,
    /// Patches.
    #[arg(long, default_value_t = 20_000)]
    patches: u32,
    /// Missing patches per asset on average.
    #[arg(long, default_value_t = 150.0)]
    missing: f64,
    /// Installed patches per asset on average.
    #[arg(long, default_value_t = 600.0)]
    installed: f64,
    /// Seed of the fleet.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write this table for PostgreSQL's COPY instead of measuring.
    #[arg(long)]
    export: Option<export::Table>,
    /// Seconds to spend on each question.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Ask only the question whose name begins so, and measure nothing else: for a profile.
    #[arg(long)]
    only: Option<String>,
    /// Measure scans of known machines alone.
    #[arg(long)]
    changes: bool,
    /// What cargo tells every benchmark; without a meaning here.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The moment the fleet is looked at; fixed, so that the same seed gives the same answers on every day.
const NOW: i64 = 1_790_000_000;
/// How long scans arrive before memory is looked at.
const SETTLING: Duration = Duration::from_secs(4);

fn main() {
    let options = Options::parse();
    let size = Size {
        assets: options.assets,
        patches: options.patches,
        missing: options.missing,
        installed: options.installed,
        seed: options.seed,
    };
    let made = Synthetic::new(size, Timestamp::from_second(NOW).expect("in range"));
    if let Some(table) = options.export {
        export::write(&made, table).expect("could not write");
        return;
    }
    let begun = Instant::now();
    let (fleet, findings) = made.fill();
    let seconds = begun.elapsed().as_secs_f64();
    let built = measure::resident_bytes();
    settle(&made, &fleet);
    let settled = measure::resident_bytes();
    println!(
        "{}",
        json!({"what": "build", "seconds": seconds, "assets": options.assets, "patches": options.patches,
            "missing_per_asset": findings.missing as f64 / f64::from(options.assets),
            "installed_per_asset": findings.installed as f64 / f64::from(options.assets),
            "memory_built_bytes": built, "memory_bytes": settled,
            "bytes_per_finding": settled as f64 / (findings.missing + findings.installed) as f64})
    );
    if let Some(only) = &options.only {
        questions::measure_one(&made, &fleet, only, options.seconds);
        return;
    }
    if !options.changes {
        snapshot::measure(&made, &fleet);
        questions::measure(&made, &fleet, options.seconds);
    }
    let machines = rescan::machines(&made, &fleet);
    updates::measure(&made, &fleet, &machines, options.seconds);
    rescan::measure(&fleet, &machines);
}

/// Lets scans arrive that change nothing, as a server gets them, until the allocator has seen that what building freed
/// is not needed again. It gives memory back a second after it was freed, and only when somebody frees something.
fn settle(made: &Synthetic, fleet: &Fleet) {
    let begun = Instant::now();
    for number in (0..made.len()).cycle() {
        if begun.elapsed() > SETTLING {
            break;
        }
        let (card, findings) = made.asset(number);
        fleet.apply(vec![Change::Findings { asset: card.id, findings }]);
    }
}
