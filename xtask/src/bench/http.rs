//! `cargo xtask bench http`: how long people wait for a list while scans arrive, through HTTP and TLS.

use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Options of `cargo xtask bench http`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Assets in the index.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
    /// Patches in the catalog.
    #[arg(long, default_value_t = 20_000)]
    patches: u32,
    /// Scans that arrive each second meanwhile.
    #[arg(long, default_value_t = 100)]
    scans: u32,
    /// Seconds for each request.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// People who ask at once, each as fast as answers come.
    #[arg(long, default_value_t = 4)]
    people: u32,
}

/// A list page with count, or its facets, must come within this time for 99 of 100, in milliseconds.
const GOAL_MS: f64 = 20.0;

/// Name and address of what is asked.
const REQUESTS: [(&str, &str); 7] = [
    ("nothing", "/readyz"),
    ("first_page", "/api/v1/assets?limit=50"),
    ("page_query", "/api/v1/assets?limit=50&query=os.family%3Awindows%20and%20tags.name%3At5%20and%20missing.severity%3Acritical"),
    ("page_by_count", "/api/v1/assets?limit=50&sort=-missingCount.critical&query=os.family%3Awindows%20and%20tags.name%3At5"),
    ("page_same_patch", "/api/v1/assets?limit=50&query=missing%3A(severity%3Acritical%20and%20kev%3Ayes%20and%20publishedDate%3Cnow-30d)"),
    ("facets", "/api/v1/assets/facets?query=os.family%3Awindows%20and%20tags.name%3At5"),
    ("patches", "/api/v1/patches?limit=50&sort=-missingCount&query=isSuperseded%3Ano"),
];

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    machine::prepare_load()?;
    machine::build_console()?;
    println!(
        "a server with {} assets, {} patches; {} scans a second arrive; {} people ask",
        options.assets, options.patches, options.scans, options.people
    );
    let mut server = Server::start(options)?;
    let mut worst: f64 = 0.0;
    let mut failed = 0;
    for (name, path) in REQUESTS {
        let answer = load(options, &server, path)?;
        println!(
            "  {name:<16} p50 {:>8.2} ms   p99 {:>8.2} ms   {:>8.0} requests/s   {} failed",
            answer.p50_ms, answer.p99_ms, answer.per_second, answer.failed
        );
        worst = worst.max(answer.p99_ms);
        failed += answer.failed;
    }
    let scans = server.stop()?;
    println!(
        "RESULT bench-http assets={} p99_worst_ms={worst:.2} failed={failed} scans={scans} people={} scans_per_s={}",
        options.assets, options.people, options.scans
    );
    ensure!(failed == 0, "{failed} requests were not answered with success");
    ensure!(worst <= GOAL_MS, "the slowest request takes {worst:.1} ms for one of 100, more than {GOAL_MS} ms");
    Ok(())
}

/// The bench target of `fettle-server`, running.
struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    url: String,
    token: String,
}

impl Server {
    fn start(options: &Options) -> Result<Self> {
        let mut command = shell::command("cargo", &["bench", "--quiet", "--package", "fettle-server", "--bench", "latency", "--"]);
        command.args(["--assets", &options.assets.to_string(), "--patches", &options.patches.to_string()]);
        command.args(["--scans", &options.scans.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("could not start the server")?;
        let mut lines = BufReader::new(child.stdout.take().context("the server has no output")?);
        let hello = read_json(&mut lines)?;
        let text = |name: &str| hello[name].as_str().map(str::to_owned).with_context(|| format!("the server says no {name}"));
        Ok(Self { url: text("url")?, token: text("token")?, child, lines })
    }

    /// Ends its input, which ends it; how many scans arrived.
    fn stop(&mut self) -> Result<u64> {
        drop(self.child.stdin.take());
        let last = read_json(&mut self.lines)?;
        ensure!(self.child.wait()?.success(), "the server ended badly");
        last["scans"].as_u64().context("the server says no scans")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its input ends with us, and so does it; after a failure nobody waits for it.
        drop(self.child.stdin.take());
    }
}

fn read_json(lines: &mut impl BufRead) -> Result<Value> {
    let mut line = String::new();
    lines.read_line(&mut line).context("the server's output ended")?;
    serde_json::from_str(&line).with_context(|| format!("not JSON: {line}"))
}

struct Answer {
    p50_ms: f64,
    p99_ms: f64,
    per_second: f64,
    failed: u64,
}

/// Asks with wrk(1), Debian's load tool.
fn load(options: &Options, server: &Server, path: &str) -> Result<Answer> {
    let url = format!("{}{path}", server.url);
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--connections", &options.people.to_string(), "--duration", &format!("{}s", options.seconds), "--latency"]);
    wrk.args(["--header", &format!("Authorization: Bearer {}", server.token), &url]);
    let text = shell::output(&mut wrk)?;
    let after = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    let ms = |name: &str| after(name).and_then(milliseconds).with_context(|| format!("wrk printed no {name}:\n{text}"));
    let refused = after("Non-2xx or 3xx responses:").map_or(Ok(0), str::parse::<u64>)?;
    // Connect, read, write, timeout: any of them is a request without an answer.
    let broken: u64 =
        after("Socket errors:").map_or(0, |line| line.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u64>().ok()).sum());
    Ok(Answer {
        p50_ms: ms("50%")?,
        p99_ms: ms("99%")?,
        per_second: after("Requests/sec:").context("wrk printed no rate")?.parse()?,
        failed: refused + broken,
    })
}

/// `1.50ms`, `800.00us`, `1.20s`.
fn milliseconds(text: &str) -> Option<f64> {
    let number = |unit: &str| text.strip_suffix(unit).and_then(|number| number.parse::<f64>().ok());
    number("us").map(|us| us / 1_000.0).or_else(|| number("ms")).or_else(|| number("s").map(|s| s * 1_000.0))
}
