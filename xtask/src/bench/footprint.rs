//! `cargo xtask bench footprint`: what the product takes at rest.

use crate::e2e::archive::{Archive, Packages, bare_root};
use crate::e2e::product::Product;
use crate::e2e::scenario;
use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Options of `cargo xtask bench footprint`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Packages on the measured host; taken from this machine's own dpkg, at most as many as it has.
    #[arg(long, default_value_t = 500)]
    packages: usize,
    /// Also build the workspace from nothing and time it (minutes).
    #[arg(long)]
    clean_build: bool,
}

/// Starts are repeated, and the median counts.
const STARTS: usize = 7;

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    machine::prepare_test()?;
    let clean_build = options.clean_build.then(clean_build).transpose()?;
    shell::use_release_build();
    // One at a time, so that neither gets features that only the other asks for.
    for package in ["fettle-server", "fettle-agent"] {
        let profile = shell::release_profile(package);
        shell::run(&mut shell::command("cargo", &["build", "--quiet", "--profile", profile, "--package", package]))?;
    }
    let scratch = tempfile::Builder::new().prefix("fettle-bench-").tempdir()?;
    let root = scratch.path().join("root");
    let archive = Archive::make(&scratch.path().join("archive"))?;
    let packages = bare_root(&root, &archive, &[], &Packages::OfThisMachine(options.packages))?;

    let mut product = Product::start(scratch.path(), &root)?;
    let starts = (0..STARTS).map(|_| product.time_restart()).collect::<Result<Vec<_>>>()?;
    let bare_starts = (0..STARTS).map(|_| time(Command::new(shell::binary("fettle")).arg("--version"))).collect::<Result<Vec<_>>>()?;
    product.enrol("bench")?;
    let before = product.proxy.upward();
    product.start_agent()?;
    let asset = first_scan(&product)?;
    let first = quiet(&product)? - before;
    let unchanged = unchanged_scan(&product, &asset)?;
    let listing = gzipped_listing(&root)?;

    let (agent, server) = (memory(product.agent_id()?)?, memory(product.server_id()?)?);
    let shell_at_rest = idle_shell()?;
    product.stop()?;

    println!("packages on the host: {packages}");
    let (server_bytes, agent_bytes) = (size("fettle")?, size("fettle-agent")?);
    println!("binaries: fettle {server_bytes} B, fettle-agent {agent_bytes} B");
    println!(
        "server start to ready: {:.0} ms (median of {STARTS}); `fettle --version`: {:.0} ms",
        median_ms(&starts),
        median_ms(&bare_starts)
    );
    println!(
        "at rest, resident/proportional KiB: agent {}/{}, server {}/{}, bash {}/{}",
        agent.0, agent.1, server.0, server.1, shell_at_rest.0, shell_at_rest.1
    );
    println!(
        "sent by the agent over TLS: first scan with handshake {first} B, unchanged scan {unchanged} B; gzip -9 of dpkg-query's list {listing} B"
    );
    if let Some(seconds) = clean_build {
        println!("clean build of the workspace, dev profile: {seconds:.0} s");
    }
    println!(
        "RESULT bench-footprint packages={packages} agent_bytes={agent_bytes} server_bytes={server_bytes} start_ms={:.0} start_ratio={:.1} agent_rss_kib={} agent_ratio_bash={:.2} server_rss_kib={} \
         first_upload_bytes={first} unchanged_bytes={unchanged} upload_ratio_gzip={:.2} clean_build_s={:.0}",
        median_ms(&starts),
        median_ms(&starts) / median_ms(&bare_starts),
        agent.0,
        agent.0 as f64 / shell_at_rest.0 as f64,
        server.0,
        first as f64 / listing as f64,
        clean_build.unwrap_or(0.0),
    );
    // The goals of the agent on disk and at rest, and of an unchanged machine: a digest and no list.
    ensure!(agent_bytes <= 8 * 1024 * 1024, "the agent's program has {agent_bytes} B, more than 8 MiB");
    ensure!(agent.0 <= 10 * 1024, "the agent at rest takes {} KiB, more than 10 MiB", agent.0);
    ensure!(unchanged * 4 < first, "an unchanged scan sends {unchanged} B, the first {first} B");
    Ok(())
}

fn clean_build() -> Result<f64> {
    let target = tempfile::tempdir()?;
    let begun = Instant::now();
    shell::run(shell::command("cargo", &["build", "--quiet", "--workspace"]).env("CARGO_TARGET_DIR", target.path()))?;
    Ok(begun.elapsed().as_secs_f64())
}

fn time(command: &mut Command) -> Result<Duration> {
    let begun = Instant::now();
    shell::output(command)?;
    Ok(begun.elapsed())
}

fn median_ms(times: &[Duration]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

/// Waits until the agent has sent nothing for a second; what it has sent by then.
fn quiet(product: &Product) -> Result<u64> {
    let (mut seen, mut since) = (product.proxy.upward(), Instant::now());
    shell::wait_for("the agent to be quiet", Duration::from_secs(60), || {
        let now = product.proxy.upward();
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        Ok((since.elapsed() > Duration::from_secs(1)).then_some(now))
    })
}

/// Waits until the server has an inventory of the one asset, and returns the asset's name. No feed covers its release,
/// so the server calls it unsupported: that costs the same bytes.
fn first_scan(product: &Product) -> Result<String> {
    shell::wait_for("the first scan", Duration::from_secs(120), || {
        let assets = product.json(&["assets", "list"])?;
        let asset = scenario::items(&assets)?.first().filter(|asset| !asset["last_scan"].is_null());
        Ok(asset.and_then(|asset| asset["name"].as_str()).map(str::to_owned))
    })
}

/// Bytes that one scan of an unchanged machine sends on a connection that is open already.
fn unchanged_scan(product: &Product, asset: &str) -> Result<u64> {
    let before = quiet(product)?;
    product.fettle(&["assets", "scan", asset])?;
    let proxy = &product.proxy;
    shell::wait_for("the scan", Duration::from_secs(60), || Ok((proxy.upward() > before).then_some(())))?;
    Ok(quiet(product)? - before)
}

/// The reference for an upload: names, versions and states of the same packages, packed by gzip.
fn gzipped_listing(root: &Path) -> Result<usize> {
    let admin = format!("--admindir={}/var/lib/dpkg", root.display());
    let format = "${Package}\\t${Architecture}\\t${Version}\\t${source:Package}\\t${source:Version}\\t${db:Status-Abbrev}\\n";
    let list = shell::output(&mut shell::command("dpkg-query", &[&admin, "-W", "-f", format]))?;
    let mut gzip = Command::new("gzip").arg("-9").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("could not start gzip")?;
    let mut input = gzip.stdin.take().context("gzip takes no input")?;
    let writer = std::thread::spawn(move || input.write_all(list.as_bytes()));
    let packed = gzip.wait_with_output()?.stdout.len();
    writer.join().map_err(|_| anyhow::anyhow!("writing to gzip was cut off"))??;
    Ok(packed)
}

/// Resident and proportional memory of a process, KiB (proc(5)).
fn memory(process: u32) -> Result<(u64, u64)> {
    let path = format!("/proc/{process}/smaps_rollup");
    let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {path}"))?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Ok((field("Rss:").context("no Rss")?, field("Pss:").context("no Pss")?))
}

/// Memory of a shell that waits for input: a small program everybody knows.
fn idle_shell() -> Result<(u64, u64)> {
    let mut child = Command::new("bash").args(["-c", "echo; read -r line"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut ready = [0; 1];
    std::io::Read::read_exact(child.stdout.as_mut().context("bash has no output")?, &mut ready)?;
    let taken = memory(child.id());
    child.kill()?;
    child.wait()?;
    taken
}

fn size(program: &str) -> Result<u64> {
    let path = shell::binary(program);
    Ok(path.metadata().with_context(|| format!("could not look at {}", path.display()))?.len())
}
