//! `fettle local`: what the owner of the data folder may do without logging in.
//!
//! Whoever reads and writes the data folder owns the installation; these commands open it directly, beside
//! a running server or without one. They exist for the first minutes of an installation and for scripts on
//! the server itself.

mod missing;
mod prepare;

use crate::authority::AuthorityError;
use crate::settings::{ServeArgs, Settings, SettingsError};
use fettle_catalog::sources::SourcesError;
use fettle_model::clock::{Clock, Entropy};
use fettle_store::{AuditEntry, Store, StoreError};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `fettle local`.
#[derive(Debug, clap::Args)]
pub struct LocalArgs {
    #[command(subcommand)]
    command: LocalCommand,
}

#[derive(Debug, clap::Subcommand)]
enum LocalCommand {
    /// Give a new installation a feed from this machine's package sources and an activation key for this machine's agent
    Prepare(prepare::PrepareArgs),
    /// Show which patches this machine misses
    Missing(missing::MissingArgs),
}

/// Which installation.
#[derive(Debug, clap::Args)]
struct Installation {
    /// Data folder of the server
    #[arg(long, env = "FETTLE_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Database; by default SQLite in the data folder
    #[arg(long, env = "FETTLE_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
}

/// Why a local command failed.
#[derive(Debug, thiserror::Error)]
enum LocalError {
    #[error("could not use the settings")]
    Settings(#[from] SettingsError),
    #[error("could not {doing}")]
    Store {
        doing: &'static str,
        #[source]
        source: StoreError,
    },
    #[error("could not open the certificate authority")]
    Authority(#[from] AuthorityError),
    #[error("could not read this machine's package sources")]
    Sources(#[from] SourcesError),
    #[error("could not {doing} {}", path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("could not write a feed's configuration")]
    Config(#[source] serde_json::Error),
    #[error("{0}")]
    Told(String),
}

/// Names what was attempted in the store.
fn store(doing: &'static str) -> impl FnOnce(StoreError) -> LocalError {
    move |source| LocalError::Store { doing, source }
}

/// The file that holds the activation key of this machine's own agent.
const LOCAL_KEY: &str = "local-agent-key";

impl Installation {
    fn settings(&self) -> Result<Settings, LocalError> {
        let args = ServeArgs { data: self.data.clone(), database: self.database.clone(), ..ServeArgs::default() };
        Ok(Settings::load(&args)?)
    }
}

async fn open(settings: &Settings, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Store, LocalError> {
    std::fs::create_dir_all(&settings.data).map_err(|source| LocalError::File { doing: "make", path: settings.data.clone(), source })?;
    Store::open(&settings.database, clock, entropy).await.map_err(store("open the database"))
}

/// An audit entry of a local command.
fn audit(clock: &dyn Clock, action: &str, subject: String, after: serde_json::Value) -> AuditEntry {
    AuditEntry {
        at: clock.now(),
        who: None,
        who_name: "fettle".to_owned(),
        from: "local".to_owned(),
        action: action.to_owned(),
        subject,
        before: None,
        after: Some(after),
    }
}

/// Runs `fettle local`.
pub async fn main(args: LocalArgs, clock: &dyn Clock, entropy: &dyn Entropy) -> ExitCode {
    let outcome = match args.command {
        LocalCommand::Prepare(args) => prepare::run(&args, clock, entropy).await,
        LocalCommand::Missing(args) => missing::run(&args, clock, entropy).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = format!("fettle: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text = format!("{text}: {error}");
                cause = error.source();
            }
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}
