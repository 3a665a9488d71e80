//! `cargo xtask bench assess`: how fast the server decides what machines miss, beside the package manager and the
//! distribution's vulnerability checker at the same host.

mod host;

use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use host::Host;
use std::collections::BTreeSet;
use std::process::Command;

/// Options of `cargo xtask bench assess`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Stored inventories.
    #[arg(long, default_value_t = 1_000_000)]
    assets: usize,
    /// Patches in the catalog, and versions in the archive of the one host.
    #[arg(long, default_value_t = 40_000)]
    rules: usize,
    /// Packages of each inventory.
    #[arg(long, default_value_t = 500)]
    packages: usize,
    /// Runs of the package manager and of the checker; the median counts.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// Required: times faster than the package manager; more is wanted.
const RATIO_APT: f64 = 10_000.0;
const WANTED_APT: f64 = 25_000.0;
/// Wanted: times faster than the checker.
const WANTED_DEBSECAN: f64 = 4_000.0;
/// Wanted: times less work for 100 new patches than for assessing everything.
const WANTED_REASSESS: f64 = 100.0;
/// Required: seconds until 100 new patches are known for all stored inventories.
const REASSESS_SECONDS: f64 = 5.0;
/// Wanted, microseconds: from a fresh upload, and from a stored inventory.
const WANTED_FRESH: f64 = 40.0;
const WANTED_STORED: f64 = 8.0;
/// Wanted: bytes of a stored inventory.
const WANTED_BYTES: f64 = 2_048.0;

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    machine::prepare_assess()?;
    let scratch = tempfile::Builder::new().prefix("fettle-bench-").tempdir()?;
    let host = Host::make(scratch.path(), options.rules)?;
    let upgrades = host.apt.upgrade()?.len();
    let apt = median(options.runs, || cpu_seconds(&mut host.apt.simulation()))?;
    let checker = host.checker();
    let vulnerable: BTreeSet<String> = shell::output(Command::new("debsecan").args(&checker))?.lines().map(str::to_owned).collect();
    let debsecan = median(options.runs, || cpu_seconds(Command::new("debsecan").args(&checker)))?;

    let measured = measure(options, &host)?;
    let (host_us, host_missing) = (measured.figure("host_us")?, measured.figure("host_missing")?);
    println!("one host of {} packages, {} versions in its archive, the processor's time:", host.packages, options.rules);
    println!("  apt-get -s upgrade {:.0} ms, {upgrades} packages to upgrade", apt * 1e3);
    println!("  debsecan {:.0} ms, {} packages vulnerable", debsecan * 1e3, vulnerable.len());
    println!("  here {host_us:.1} us, {host_missing:.0} packages to upgrade");
    let (ratio_apt, ratio_debsecan) = (apt * 1e6 / host_us, debsecan * 1e6 / host_us);
    let (fresh, stored) = (measured.figure("fresh_us")?, measured.figure("stored_us")?);
    let (full, reassess) = (measured.figure("full_s")?, measured.figure("applied_s")?);
    let (ratio_reassess, bytes) = (full / reassess, measured.figure("bytes")?);
    goal("fresh inventory, us", fresh, fresh <= WANTED_FRESH, WANTED_FRESH);
    goal("stored inventory, us", stored, stored <= WANTED_STORED, WANTED_STORED);
    goal("stored inventory, bytes", bytes, bytes <= WANTED_BYTES, WANTED_BYTES);
    goal("times faster than apt-get", ratio_apt, ratio_apt >= WANTED_APT, WANTED_APT);
    goal("times faster than debsecan", ratio_debsecan, ratio_debsecan >= WANTED_DEBSECAN, WANTED_DEBSECAN);
    goal("100 new patches, times less work than everything", ratio_reassess, ratio_reassess >= WANTED_REASSESS, WANTED_REASSESS);
    println!(
        "RESULT bench-assess assets={} rules={} packages={} fresh_us={fresh:.1} stored_us={stored:.2} single_us={:.2} bytes={bytes:.0} \
         full_s={full:.2} reassess_s={reassess:.3} ratio_reassess={ratio_reassess:.0} host_packages={} host_us={host_us:.2} \
         apt_ms={:.0} ratio_apt={ratio_apt:.0} debsecan_ms={:.0} ratio_debsecan={ratio_debsecan:.0} upgrades={upgrades}",
        options.assets,
        options.rules,
        options.packages,
        measured.figure("single_us")?,
        host.packages,
        apt * 1e3,
        debsecan * 1e3,
    );
    ensure!(upgrades > 0, "nothing on the host can be upgraded, so nothing was compared");
    ensure!(host_missing == upgrades as f64, "{host_missing} packages to upgrade, where apt-get upgrades {upgrades}");
    ensure!(vulnerable.len() == upgrades, "debsecan names {} packages, apt-get upgrades {upgrades}", vulnerable.len());
    ensure!(ratio_apt >= RATIO_APT, "{ratio_apt:.0} times faster than apt-get, less than {RATIO_APT}");
    ensure!(reassess < REASSESS_SECONDS, "100 new patches took {reassess:.1} s, {REASSESS_SECONDS} s or more");
    Ok(())
}

fn goal(what: &str, value: f64, is_reached: bool, wanted: f64) {
    let mark = if is_reached { "goal reached" } else { "goal missed" };
    println!("{what}: {value:.1} ({mark}: {wanted})");
}

/// What the measuring program printed for programs: `name=number`.
struct Measured(String);

impl Measured {
    fn figure(&self, name: &str) -> Result<f64> {
        let value = self.0.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        value.with_context(|| format!("{name} was not measured"))?.parse().with_context(|| format!("{name} is no number"))
    }
}

/// Runs the measuring program. It fails by itself when what changed is not what a full assessment says.
fn measure(options: &Options, host: &Host) -> Result<Measured> {
    let mut command = shell::command("cargo", &["bench", "--quiet", "--package", "fettle-fleet", "--bench", "assess", "--"]);
    for (name, value) in [("--assets", options.assets), ("--rules", options.rules), ("--packages", options.packages)] {
        command.args([name, &value.to_string()]);
    }
    let text = shell::output(command.arg("--host").arg(&host.texts))?;
    print!("{text}");
    let line = text.lines().find_map(|line| line.strip_prefix("MEASURED ")).context("the measuring program printed no figures")?;
    Ok(Measured(line.to_owned()))
}

/// Time the processor spent on a program and its children, for the program and for the system. The shell's own
/// stopwatch knows it to a millisecond.
fn cpu_seconds(command: &mut Command) -> Result<f64> {
    let mut timed = Command::new("bash");
    timed.args(["-c", "TIMEFORMAT='%3U %3S'; time \"$@\" > /dev/null", "timed"]).arg(command.get_program()).args(command.get_args());
    timed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("LC_ALL", "C");
    let output = timed.output().context("could not start bash")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}\n{text}", output.status);
    let times = text.lines().last().context("bash told no time")?;
    times.split_whitespace().map(|time| time.parse::<f64>().with_context(|| format!("{times:?} is no time"))).sum()
}

fn median(runs: usize, mut measure: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut times = (0..runs.max(1)).map(|_| measure()).collect::<Result<Vec<_>>>()?;
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("nothing was measured")
}
