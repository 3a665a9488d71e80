//! The command-line client: everything the console does, for terminals and scripts.
//!
//! Commands speak to a server through the REST API and have no privilege of their own; only `doctor` and
//! `setup` also look into the data folder. To add a command, give it a file with its arguments, its `run`,
//! and its tests; put it into [`Command`]; list it in `docs/reference/cli.md`.
//!
//! Exit codes: 0 it worked, 1 it was refused or failed, 2 the command line is wrong.

mod answer;
mod assets;
mod audit;
mod bundles;
mod catalog;
mod client;
mod columns;
mod config;
mod custom_patches;
mod doctor;
mod error;
mod events;
mod feeds;
mod jobs;
mod keys;
mod mirrors;
mod moment;
mod names;
mod output;
mod patches;
mod prompt;
mod query;
mod results;
mod searches;
mod session;
mod setup;
mod tags;
mod tokens;
mod trust;
mod users;
mod vulnerabilities;
mod why;

use clap::{Args, Subcommand};
use error::CliError;
use fettle_model::clock::Clock;
use output::{Format, Ui};
use std::path::PathBuf;
use std::process::ExitCode;

/// Options every client command takes.
#[derive(Debug, Clone, Args)]
pub struct Globals {
    /// Address of the server's console and API, such as `https://fettle.example:8480`
    #[arg(long, global = true, env = "FETTLE_SERVER", value_name = "URL", help_heading = "Connection")]
    server: Option<String>,
    /// Trust only the certificate authorities in this PEM file
    #[arg(long, global = true, env = "FETTLE_CA", value_name = "FILE", help_heading = "Connection")]
    ca: Option<PathBuf>,
    /// How to print the answer
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    output: Format,
}

/// The client's commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create the first administrator of a new server, using the one-time token in its data folder
    Setup(setup::SetupArgs),
    /// Log in to a server and remember it
    Login(session::LoginArgs),
    /// Forget the server and withdraw the token that login made
    Logout,
    /// Show who you are logged in as
    Whoami,
    /// List and operate assets
    Assets(assets::AssetsArgs),
    /// Look at the catalog's patches
    Patches(patches::PatchesArgs),
    /// Look at what patches fix, and how urgent others say it is
    Vulnerabilities(vulnerabilities::VulnerabilitiesArgs),
    /// Say why a patch is missing on an asset, installed, or has nothing to do with it
    Why(why::WhyArgs),
    /// Explain queries and list what they can ask for
    #[command(subcommand)]
    Query(query::QueryCommand),
    /// Keep searches by name
    Searches(searches::SearchesArgs),
    /// Create, follow and manage jobs
    Jobs(jobs::JobsArgs),
    /// Look at what became of patches on assets in the runs of jobs
    Results(results::ResultsArgs),
    /// Look at who changed what, and check that the log is whole
    Audit(audit::AuditArgs),
    /// Manage activation keys, which let agents enrol
    Keys(keys::KeysArgs),
    /// Manage tags
    Tags(tags::TagsArgs),
    /// Manage users
    Users(users::UsersArgs),
    /// Manage API tokens
    Tokens(tokens::TokensArgs),
    /// Manage catalog feeds
    Feeds(feeds::FeedsArgs),
    /// Manage mirrors, which have agents fetch installers from other places
    Mirrors(mirrors::MirrorsArgs),
    /// Manage patches of your own: upload an MSI, program, deb or rpm
    CustomPatches(Box<custom_patches::CustomPatchesArgs>),
    /// Operate the catalog
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Check an installation and say what to do
    Doctor(doctor::DoctorArgs),
}

/// Runs one client command and says how it went.
pub async fn run(globals: Globals, command: Command, clock: &dyn Clock) -> ExitCode {
    // Whoever calls this in a process that has one already keeps it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut ui = Ui::of_this_process(globals.output, clock);
    match dispatch(&globals, command, &mut ui).await {
        Ok(code) => code,
        Err(CliError::ReaderGone) => ExitCode::SUCCESS,
        Err(error) => {
            ui.complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

async fn dispatch(globals: &Globals, command: Command, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    match command {
        Command::Setup(args) => setup::run(globals, args, ui).await,
        Command::Login(args) => session::login(globals, args, ui).await,
        Command::Logout => session::logout(globals, ui).await,
        Command::Whoami => session::whoami(globals, ui).await,
        Command::Assets(args) => assets::run(globals, args, ui).await,
        Command::Patches(args) => patches::run(globals, args, ui).await,
        Command::Vulnerabilities(args) => vulnerabilities::run(globals, args, ui).await,
        Command::Why(args) => why::run(globals, args, ui).await,
        Command::Query(command) => query::run(globals, command, ui).await,
        Command::Searches(args) => searches::run(globals, args, ui).await,
        Command::Jobs(args) => jobs::run(globals, args, ui).await,
        Command::Results(args) => results::run(globals, args, ui).await,
        Command::Audit(args) => audit::run(globals, args, ui).await,
        Command::Keys(args) => keys::run(globals, args, ui).await,
        Command::Tags(args) => tags::run(globals, args, ui).await,
        Command::Users(args) => users::run(globals, args, ui).await,
        Command::Tokens(args) => tokens::run(globals, args, ui).await,
        Command::Feeds(args) => feeds::run(globals, args, ui).await,
        Command::Mirrors(args) => mirrors::run(globals, args, ui).await,
        Command::CustomPatches(args) => custom_patches::run(globals, *args, ui).await,
        Command::Catalog(command) => catalog::run(globals, command, ui).await,
        Command::Doctor(args) => doctor::run(globals, args, ui).await,
    }
}
