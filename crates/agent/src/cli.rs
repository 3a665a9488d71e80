//! The command line of `fettle-agent`.

use crate::agent::Agent;
use crate::enroll::enroll;
use crate::platform;
use crate::settings::SettingsFile;
use crate::state::journal::JournalError;
use crate::state::{self, State, StateError};
use crate::status::Status;
use crate::system::{SystemClock, SystemEntropy};
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use fettle_model::clock::Clock;
use fettle_protocol::key::ActivationKey;
use sd_notify::NotifyState;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Where the state is kept when nothing else is said.
const STATE: &str = "/var/lib/fettle-agent";

/// The Fettle agent: tells the server what this machine has, and carries out signed jobs.
#[derive(Debug, Parser)]
#[command(name = "fettle-agent", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Gives this machine an identity with an activation key.
    Enroll(Box<EnrollArgs>),
    /// Runs until stopped. This is what the service does.
    Run(StateArgs),
    /// Looks at the machine once, without a server.
    Scan(ScanArgs),
    /// Shows what the agent on this machine is doing.
    Status(StatusArgs),
}

#[derive(Debug, Args)]
struct StateArgs {
    /// Folder for identity, settings and journal.
    #[arg(long, env = "FETTLE_AGENT_STATE", default_value = STATE)]
    state: PathBuf,
}

#[derive(Debug, Args)]
struct EnrollArgs {
    /// The server's agent address, such as https://fettle.example:8481.
    #[arg(long)]
    server: Url,
    /// The activation key. In the environment it is not seen by other users of this machine.
    #[arg(long, env = "FETTLE_ACTIVATION_KEY", hide_env_values = true)]
    key: String,
    #[command(flatten)]
    state: StateArgs,
    /// The folder the machine's files are under. Other than / only for tests.
    #[arg(long, default_value = "/")]
    root: PathBuf,
    /// Never change this machine: only look.
    #[arg(long)]
    assess_only: bool,
    /// HTTP proxy on the way to the server.
    #[arg(long)]
    proxy: Option<Url>,
}

#[derive(Debug, Args)]
struct ScanArgs {
    /// Writes the result to standard output, as JSON.
    #[arg(long, required = true)]
    print: bool,
    /// The folder the machine's files are under. Other than / only for tests.
    #[arg(long, default_value = "/")]
    root: PathBuf,
}

#[derive(Debug, Args)]
struct StatusArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    /// Lines for people.
    Text,
    /// One object for programs.
    Json,
}

impl Cli {
    /// Does what the command line asks for.
    ///
    /// # Errors
    /// With a text for people that says what to do.
    pub async fn execute(self) -> anyhow::Result<()> {
        match self.command {
            Command::Enroll(args) => Box::pin(run_enroll(*args)).await,
            Command::Run(args) => Box::pin(run_agent(&args.state)).await,
            Command::Scan(args) => scan(&args.root).await,
            Command::Status(args) => show_status(&args),
        }
    }
}

async fn run_enroll(args: EnrollArgs) -> anyhow::Result<()> {
    let key: ActivationKey = args.key.parse()?;
    let root = args.root.canonicalize().with_context(|| format!("could not use the root {}", args.root.display()))?;
    let state = open_state(&args.state.state).await?;
    let file = SettingsFile { proxy: args.proxy, assess_only: args.assess_only, root, ..SettingsFile::new(args.server) };
    let platform = platform::of(&file.root, &args.state.state.join("work"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let asset = enroll(&file.settings(), &key, &state, platform.as_ref(), &clock).await?;
    state.set_settings(&file)?;
    say(&format!("This machine is asset {asset}.\nStart the agent with: systemctl enable --now fettle-agent"))
}

/// Opens the state. A child that a killed agent was just starting holds the journal until it is what it is to be.
async fn open_state(folder: &Path) -> anyhow::Result<State> {
    let mut tries = 0;
    loop {
        match State::open(folder) {
            Err(StateError::Journal(JournalError::Taken)) if tries < 20 => tries += 1,
            opened => return Ok(opened?),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn run_agent(folder: &Path) -> anyhow::Result<()> {
    let Some(file) = state::read_settings(folder)? else {
        bail!("this machine is not enrolled (there is no {}): run fettle-agent enroll first", folder.join("agent.toml").display());
    };
    let state = Arc::new(open_state(folder).await?);
    let platform = platform::of(&file.root, &folder.join("work"))?;
    let agent = Agent::new(file.settings(), state, platform, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
    let cancel = CancellationToken::new();
    let stop = stop_on_signal(cancel.clone())?;
    let _ = sd_notify::notify(&[NotifyState::Ready, NotifyState::Status("Running")]);
    tracing::info!(server = %file.server, root = %file.root.display(), assess_only = file.assess_only, "the agent runs");
    let ended = tokio::select! {
        ended = agent.run(cancel) => ended,
        never = stop => match never {},
    };
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
    tracing::info!("the agent stops; an installation that runs goes on and is picked up at the next start");
    Ok(ended?)
}

/// Cancels at the first SIGTERM or SIGINT, and then never ends.
fn stop_on_signal(cancel: CancellationToken) -> std::io::Result<impl Future<Output = std::convert::Infallible>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        cancel.cancel();
        std::future::pending().await
    })
}

async fn scan(root: &Path) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir().context("could not make a temporary folder")?;
    let platform = platform::of(root, scratch.path())?;
    let seen = platform.observe().await?;
    let document = serde_json::json!({ "inventory": seen.inventory, "volatile": seen.volatile });
    say(&serde_json::to_string_pretty(&document)?)
}

fn show_status(args: &StatusArgs) -> anyhow::Result<()> {
    let folder = &args.state.state;
    let identity = state::read_identity(folder)?;
    let settings = state::read_settings(folder)?;
    let (Some(identity), Some(settings)) = (identity, settings) else {
        bail!("this machine is not enrolled: run fettle-agent enroll first");
    };
    let status = state::read_status(folder)?.unwrap_or_default();
    let running = status.pid != 0 && platform::is_alive(status.pid);
    let (_, certificate_ends) = identity.validity()?;
    match args.output {
        Output::Json => {
            let document = serde_json::json!({
                "running": running, "asset": identity.asset, "server": settings.server,
                "assess_only": settings.assess_only, "certificate_ends": certificate_ends, "status": status,
            });
            say(&serde_json::to_string_pretty(&document)?)
        }
        Output::Text => say(&text(&status, running, &settings, &identity.asset.to_string(), certificate_ends)),
    }
}

fn text(status: &Status, running: bool, settings: &SettingsFile, asset: &str, certificate_ends: jiff::Timestamp) -> String {
    let time = |time: Option<jiff::Timestamp>| time.map_or_else(|| "never".to_owned(), |time| format!("{time:.0}"));
    let mut lines = vec![
        (
            "Agent",
            if running { format!("running, process {}", status.pid) } else { "not running: systemctl start fettle-agent".to_owned() },
        ),
        ("Server", settings.server.to_string()),
        ("Asset", asset.to_owned()),
        ("Mode", if settings.assess_only { "assess only: never changes this machine" } else { "assess and patch" }.to_owned()),
        ("Certificate until", format!("{certificate_ends:.0}")),
        ("Last contact", time(status.last_contact)),
        ("Last scan", time(status.last_scan)),
    ];
    lines.extend(status.link_error.clone().map(|error| ("Connection", error)));
    let clock = |seconds: i64| {
        let direction = if seconds > 0 { "ahead of" } else { "behind" };
        ("Clock", format!("{} seconds {direction} the server's: set it", seconds.abs()))
    };
    lines.extend(status.clock_ahead_seconds.map(clock));
    lines.extend(status.scan_error.clone().map(|error| ("Scan failed", error)));
    lines.extend(status.job.clone().map(|job| ("Job", job)));
    lines.extend(status.doing.clone().map(|doing| ("Doing", doing)));
    let line = |(name, value): (&str, String)| format!("{name:<18} {value}");
    lines.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes to standard output. A reader that went away (`| head`) is no error.
fn say(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("could not write to standard output"),
        _ => Ok(()),
    }
}
