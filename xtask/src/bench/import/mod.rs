//! `cargo xtask bench import`: what it takes to bring feeds up to date, and that a power cut leaves the catalog whole.
//!
//! Each feed is read by a server of its own, started for it: the most memory that it took is then that of this import.

mod debian;
mod input;
mod made;
mod rpm;

use crate::e2e::product::Product;
use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use input::{Input, Version};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Options of `cargo xtask bench import`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folder with vendors' files, such as `msrc-cvrf`; what it has not is made up.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Application manifests.
    #[arg(long, default_value_t = 5_000)]
    manifests: usize,
    /// Where Debian's archives are, without the archive's name.
    #[arg(long, value_name = "URL", default_value = "http://deb.debian.org")]
    mirror: String,
    /// The release of Debian.
    #[arg(long, default_value = "bookworm")]
    release: String,
    /// Leave Debian out, whose indexes come over the network.
    #[arg(long)]
    no_network: bool,
    /// Power cuts during the import of each feed.
    #[arg(long, default_value_t = 5)]
    kills: u32,
}

/// What one feed took.
struct Taken {
    name: &'static str,
    patches: usize,
    first: Import,
    unchanged: Import,
    /// Hashing the same bytes once.
    hashing: Duration,
    /// Power cuts after which the new catalog was there; after the others it was the one before.
    arrived: u32,
}

/// One import.
struct Import {
    took: Duration,
    /// Most memory the server ever had.
    peak_mib: u64,
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    machine::prepare_test()?;
    shell::use_release_build();
    shell::run(&mut shell::command("cargo", &["build", "--quiet", "--release", "--package", "fettle-server"]))?;
    let scratch = tempfile::Builder::new().prefix("fettle-bench-").tempdir()?;
    let mut figures = Vec::new();
    let mut flaws = Vec::new();
    for input in input::all(options, scratch.path())? {
        let taken = import(&input, &scratch.path().join(input.name), options.kills).with_context(|| format!("the feed {}", input.name))?;
        println!("{}", taken.line(options.kills));
        figures.push(taken.figures());
        if taken.unchanged.took >= taken.first.took {
            flaws.push(format!("{}: an unchanged feed takes as long as the first import", taken.name));
        }
    }
    println!("RESULT bench-import feeds={} kills_each={} torn=0 {}", figures.len(), options.kills, figures.join(" "));
    ensure!(flaws.is_empty(), "{}", flaws.join("; "));
    Ok(())
}

impl Taken {
    fn line(&self, kills: u32) -> String {
        format!(
            "{}: {} patches; first import {:.2} s, {} MiB; unchanged {:.2} s, {} MiB; hashing the same bytes {:.3} s; \
             whole after {kills} power cuts, {} of them too late to stop the new catalog",
            self.name,
            self.patches,
            self.first.took.as_secs_f64(),
            self.first.peak_mib,
            self.unchanged.took.as_secs_f64(),
            self.unchanged.peak_mib,
            self.hashing.as_secs_f64(),
            self.arrived,
        )
    }

    fn figures(&self) -> String {
        let name = self.name;
        format!(
            "{name}_patches={} {name}_s={:.2} {name}_peak_mib={} {name}_unchanged_s={:.2} {name}_unchanged_peak_mib={} {name}_ratio_hashing={:.0}",
            self.patches,
            self.first.took.as_secs_f64(),
            self.first.peak_mib,
            self.unchanged.took.as_secs_f64(),
            self.unchanged.peak_mib,
            self.first.took.as_secs_f64() / self.hashing.as_secs_f64(),
        )
    }
}

/// Imports a feed, imports it again, and cuts the power while its next version is imported.
fn import(input: &Input, folder: &Path, kills: u32) -> Result<Taken> {
    std::fs::create_dir_all(folder)?;
    let mut product = Product::start(folder, folder)?;
    input.show(Some(Version::New))?;
    input.add(&product, folder)?;
    let first = timed(&mut product, input)?;
    let unchanged = timed(&mut product, input)?;
    let new = catalog(&mut product)?;
    ensure!(!new.is_empty(), "no patches came of it");
    input.show(Some(Version::Old))?;
    sync(&product, input)?;
    let old = catalog(&mut product)?;
    ensure!(old != new, "both versions make the same catalog, so that a power cut shows nothing");
    let mut arrived = 0;
    for cut in 1..=kills {
        input.show(Some(Version::New))?;
        // From early in the import to its end.
        power_cut(&mut product, input, first.took.mul_f64(f64::from(cut) / f64::from(kills)))?;
        // Nothing is there to be imported, so that what is in the catalog is what the power cut left.
        input.show(None)?;
        product.start_server()?;
        let left = catalog(&mut product)?;
        ensure!(
            left == old || left == new,
            "the catalog is torn after power cut {cut}: {} lines of {} and {}",
            left.len(),
            old.len(),
            new.len()
        );
        arrived += u32::from(left == new);
        input.show(Some(Version::Old))?;
        sync(&product, input)?;
        ensure!(catalog(&mut product)? == old, "what was imported after power cut {cut} is not what was there before");
    }
    product.stop()?;
    Ok(Taken { name: input.name, patches: new.len(), first, unchanged, hashing: input.hashing()?, arrived })
}

/// Imports with a server that was just started.
fn timed(product: &mut Product, input: &Input) -> Result<Import> {
    product.time_restart()?;
    let begun = Instant::now();
    sync(product, input)?;
    Ok(Import { took: begun.elapsed(), peak_mib: peak_mib(product.server_id()?)? })
}

fn sync(product: &Product, input: &Input) -> Result<()> {
    product.fettle(&["feeds", "sync", input.name]).map(drop)
}

/// Begins an import and ends the server some time later.
fn power_cut(product: &mut Product, input: &Input, after: Duration) -> Result<()> {
    let begun = Instant::now();
    let mut waiting = product.begin(&["feeds", "sync", input.name])?;
    while begun.elapsed() < after {
        std::thread::park_timeout(after.saturating_sub(begun.elapsed()));
    }
    product.kill_server()?;
    // Its server is gone, unless it was done before.
    waiting.wait().context("could not wait for fettle").map(drop)
}

/// All patches with everything that is told of them, ordered: what a server that starts now finds stored.
fn catalog(product: &mut Product) -> Result<Vec<String>> {
    product.time_restart()?;
    let text = product.fettle(&["patches", "export", "", "--all"])?;
    let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    Ok(lines)
}

/// Most memory that a process ever had (proc(5)).
fn peak_mib(process: u32) -> Result<u64> {
    let path = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: u64 = line.split_whitespace().next().context("an empty VmHWM")?.parse()?;
    Ok(kib.div_ceil(1024))
}
