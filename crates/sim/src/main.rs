//! `fettle-sim`: simulated fleets, their archive, and a furnished demonstration.

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use fettle_agent::settings::Pace;
use fettle_agent::system::{SystemClock, SystemEntropy};
use fettle_model::clock::Clock;
use fettle_protocol::key::ActivationKey;
use fettle_sim::demo::{self, Demo};
use fettle_sim::fleet::{Fleet, Progress};
use fettle_sim::platform::Tempo;
use fettle_sim::repository::Archive;
use fettle_sim::world::World;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Simulated fleets: the real agent on pretended machines
#[derive(Debug, Parser)]
#[command(name = "fettle-sim", version, propagate_version = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Enrol and run a fleet until stopped
    Fleet(FleetArgs),
    /// Write a signed archive with updates that the fleet misses
    Repository(RepositoryArgs),
    /// Furnish a server with feeds, tags, users, keys, a fleet and jobs, and run the fleet until stopped
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
struct Size {
    /// Number of machines
    #[arg(long, default_value_t = 1_000)]
    count: u32,
    /// Everything follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Args)]
struct FleetArgs {
    /// The server's agent address, such as `https://localhost:8481`
    #[arg(long, value_name = "URL")]
    server: Url,
    /// Activation key
    #[arg(long, env = "FETTLE_ACTIVATION_KEY", hide_env_values = true)]
    key: String,
    #[command(flatten)]
    size: Size,
    /// Folder that keeps identities and packages, so that the next start goes on from here
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RepositoryArgs {
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Everything follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// Address of the server's API, such as `http://127.0.0.1:8480`
    #[arg(long, value_name = "URL")]
    server: Url,
    /// File that holds an API token of a super user; FETTLE_TOKEN when left out
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The server's agent address, such as `https://localhost:8481`
    #[arg(long, value_name = "URL")]
    agents: Url,
    /// Folder for archive, identities and passwords; the next start goes on from here
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    size: Size,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into()))
        .init();
    // The process may already have one, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(CommandLine::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fettle-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("could not start the runtime")?;
    let ended = match command {
        Command::Repository(args) => {
            let archive = Archive::make(&args.out, &World::of(args.seed), SystemClock.now())?;
            println!("Wrote {} feeds to {}; their sources and keyring are in feeds.json.", archive.feeds.len(), args.out.display());
            Ok(())
        }
        Command::Fleet(args) => runtime.block_on(Box::pin(fleet(args))),
        Command::Demo(args) => runtime.block_on(Box::pin(demonstration(args))),
    };
    // Everything worth keeping is kept by now; taking a thousand agents apart one by one takes seconds.
    runtime.shutdown_background();
    ended
}

async fn fleet(args: FleetArgs) -> Result<()> {
    let key: ActivationKey = args.key.parse()?;
    let fleet = Fleet {
        world: Arc::new(World::of(args.size.seed)),
        server: args.server,
        count: args.size.count,
        state: args.state,
        tempo: Tempo::Watchable,
        pace: Pace::default(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    let running = tokio::select! {
        running = Box::pin(fleet.start(move |_| key.clone(), Arc::new(tell))) => running?,
        stop = stopped() => return stop,
    };
    eprintln!("{} agents run. Ctrl-C stops them.", args.size.count);
    running.until(async { drop(stopped().await) }).await
}

async fn demonstration(args: DemoArgs) -> Result<()> {
    let token = match &args.token_file {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?,
        None => std::env::var("FETTLE_TOKEN").context("give --token-file, or set FETTLE_TOKEN to an API token of a super user")?,
    };
    let demo = Demo {
        api: demo::Api::new(args.server, token.trim())?,
        agents: args.agents,
        out: args.out,
        world: Arc::new(World::of(args.size.seed)),
        count: args.size.count,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        if let Err(error) = stopped().await {
            eprintln!("fettle-sim: {error:#}");
        }
        asked.cancel();
    });
    // Before the fleet runs there is nothing to bring to an order.
    Box::pin(demo.run(Arc::new(tell), stop)).await
}

/// Tells every twentieth part of the way.
fn tell(progress: Progress) {
    let step = (progress.count / 20).max(1);
    if progress.running.is_multiple_of(step) || progress.running == progress.count {
        eprintln!("{} of {} agents run, {} enrolled now", progress.running, progress.count, progress.enrolled);
    }
}

/// Resolves when the process is asked to end.
async fn stopped() -> Result<()> {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).context("could not listen for signals")?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked.context("could not listen for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}
