//! `cargo xtask run`: the product on this machine, from nothing.

use crate::machine;
use crate::shell::{self, Running};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Options of `cargo xtask run`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the server and this machine's agent keep their state.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Port of console and API, on the loopback address.
    #[arg(long, default_value_t = 8480)]
    port: u16,
    /// Port that agents connect to.
    #[arg(long, default_value_t = 8481)]
    agent_port: u16,
    /// Add a simulated fleet of 1,000 assets of mixed platforms.
    #[arg(long)]
    demo: bool,
    /// Size of the simulated fleet.
    #[arg(long, default_value_t = 1_000, requires = "demo")]
    assets: u32,
}

/// How long a clean stop may take: held requests are answered at once, a database checkpoint takes seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Builds everything, starts it, and stays until Ctrl-C.
pub(crate) fn run(options: &Options) -> Result<()> {
    let asked_to_stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked_to_stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst)).context("could not take over Ctrl-C")?;

    step("Preparing this machine");
    machine::prepare_run()?;
    if options.demo {
        machine::prepare_demo()?;
    }
    step("Building the console");
    machine::build_console()?;
    step("Building server and agent");
    shell::build_programs()?;

    let data = std::path::absolute(shell::root().join(&options.data))?;
    std::fs::create_dir_all(&data).with_context(|| format!("could not make {}", data.display()))?;
    let mut children = Vec::new();
    let outcome = start(options, &data, &mut children).and_then(|()| stay(&mut children, &asked_to_stop));
    let stopping = asked_to_stop.load(Ordering::SeqCst);
    eprintln!("\nStopping");
    // The agent first: it ends its held request by itself instead of losing its server.
    for child in children.into_iter().rev() {
        child.stop(PATIENCE)?;
    }
    if stopping { Ok(()) } else { outcome }
}

fn start(options: &Options, data: &std::path::Path, children: &mut Vec<Running>) -> Result<()> {
    let shown = data.display().to_string();
    step("Starting the server");
    let mut prepare = vec!["local", "prepare", "--data", &shown];
    if options.demo {
        prepare.push("--token");
    }
    shell::run(&mut shell::command(&fettle(), &prepare))?;
    let console = format!("127.0.0.1:{}", options.port);
    let agents = format!("127.0.0.1:{}", options.agent_port);
    let arguments = ["serve", "--data", &shown, "--listen", &console, "--agent-listen", &agents];
    let log = data.join("server.log");
    children.push(Running::start("the server", shell::command(&fettle(), &arguments).stderr(log_file(&log)?), None)?);
    wait_until_ready(children, &console)?;

    step("Enrolling this machine's agent, which only looks and never changes anything");
    let state = data.join("agent").display().to_string();
    let agent = shell::binary("fettle-agent").display().to_string();
    if !data.join("agent/identity.json").exists() {
        let key = data.join("secrets/local-agent-key");
        let key = std::fs::read_to_string(&key).with_context(|| format!("could not read {}", key.display()))?;
        let server = format!("https://localhost:{}", options.agent_port);
        let arguments = ["enroll", "--server", &server, "--state", &state, "--assess-only"];
        shell::run(shell::command(&agent, &arguments).env("FETTLE_ACTIVATION_KEY", key.trim()))?;
    }
    children.push(Running::start("the agent", &mut shell::command(&agent, &["run", "--state", &state]), Some(&data.join("agent.log")))?);

    step("Importing the catalog from this machine's package sources, and assessing");
    if let Err(error) = shell::run(&mut shell::command(&fettle(), &["local", "missing", "--data", &shown, "--wait"])) {
        eprintln!("{error:#}\nThe server goes on trying; the console's Feeds page says how far it is.");
    }
    if options.demo {
        step("Adding a simulated fleet");
        children.push(demo(options, data)?);
    }
    eprintln!("\nLogs: {shown}/server.log and {shown}/agent.log. Ctrl-C stops everything; starting again goes on from here.");
    Ok(())
}

fn demo(options: &Options, data: &std::path::Path) -> Result<Running> {
    let simulator = shell::binary("fettle-sim").display().to_string();
    let token = data.join("secrets/local-token").display().to_string();
    let (server, agents) = (format!("http://127.0.0.1:{}", options.port), format!("https://localhost:{}", options.agent_port));
    let (out, count) = (data.join("demo").display().to_string(), options.assets.to_string());
    let arguments = ["demo", "--server", &server, "--token-file", &token, "--agents", &agents, "--out", &out, "--count", &count];
    Running::start("the simulated fleet", &mut shell::command(&simulator, &arguments), None)
}

fn stay(children: &mut [Running], asked_to_stop: &AtomicBool) -> Result<()> {
    while !asked_to_stop.load(Ordering::SeqCst) {
        for child in children.iter_mut() {
            child.still_runs()?;
        }
        std::thread::park_timeout(Duration::from_millis(200));
    }
    Ok(())
}

fn wait_until_ready(children: &mut [Running], console: &str) -> Result<()> {
    shell::wait_for("the server to answer", Duration::from_secs(60), || {
        children.iter_mut().try_for_each(Running::still_runs)?;
        Ok(shell::answers(console, "/readyz").then_some(()))
    })
}

fn log_file(path: &std::path::Path) -> Result<std::fs::File> {
    std::fs::OpenOptions::new().create(true).append(true).open(path).with_context(|| format!("could not write {}", path.display()))
}

fn fettle() -> String {
    shell::binary("fettle").display().to_string()
}

fn step(what: &str) {
    eprintln!("\n== {what}");
}
