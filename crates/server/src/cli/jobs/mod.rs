//! `fettle jobs`.

mod create;
mod show;
mod watch;

use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::{Globals, names, prompt};
use clap::{Args, Subcommand};
use create::CreateArgs;
pub(super) use create::read_fields;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

/// Arguments of `fettle jobs`; without a command it lists.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct JobsArgs {
    #[command(flatten)]
    list: Filters,
    #[command(subcommand)]
    command: Option<JobsCommand>,
}

#[derive(Debug, Subcommand)]
enum JobsCommand {
    /// List jobs (what `fettle jobs` alone does)
    List(Filters),
    /// Show one job with its patches and its last run
    Show {
        /// Name or id
        job: String,
    },
    /// Create a job
    Create(Box<CreateArgs>),
    /// Enable a job; one that runs on demand starts at once
    Enable {
        /// Name or id
        job: String,
        /// Follow the run to its end, as `jobs watch` does
        #[arg(long)]
        watch: bool,
    },
    /// Disable a job that has not started
    Disable {
        /// Name or id
        job: String,
    },
    /// Copy a job
    Clone {
        /// Name or id
        job: String,
    },
    /// Show what a job would do if it ran now, and who would be left out and why
    Preview {
        /// Name or id
        job: String,
    },
    /// Follow a job's newest run to its end; fails unless everything succeeded
    Watch {
        /// Name or id
        job: String,
        /// Give up after this many seconds; the run itself goes on
        #[arg(long, value_name = "SECONDS")]
        timeout: Option<u64>,
    },
    /// List a job's runs
    Runs {
        /// Name or id
        job: String,
    },
    /// Show the assets of a job's newest run, with failures and what to do about them
    Results {
        /// Name or id
        job: String,
        /// Only assets of which something failed
        #[arg(long)]
        failed: bool,
    },
    /// Cancel a job's newest run: assets that have not begun stay as they are
    Cancel {
        /// Name or id
        job: String,
    },
    /// Delete a job; what has not started is stopped
    Delete {
        /// Name or id
        job: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What a list of jobs is narrowed to.
#[derive(Debug, Default, Args)]
struct Filters {
    /// Which jobs: a query such as 'owner:alice and lastRun>now-7d'; all when left out
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// Where the job is in its life
    #[arg(long, value_parser = ["partially_configured", "disabled", "enabled", "completed"])]
    status: Option<String>,
    /// What it does
    #[arg(long, value_parser = ["install", "uninstall"])]
    kind: Option<String>,
    /// Only your own
    #[arg(long)]
    mine: bool,
    /// Order: a field such as name or -lastRun
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Filters {
    fn query(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("query", self.query.clone()),
            ("status", self.status.clone()),
            ("kind", self.kind.clone()),
            ("owner", self.mine.then(|| "me".to_owned())),
            ("sort", self.sort.clone()),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Runs `fettle jobs`.
pub(super) async fn run(globals: &Globals, args: JobsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(JobsCommand::List(args.list)) {
        JobsCommand::List(filters) => {
            let found = client.all("/jobs", &filters.query(), filters.limit).await?;
            ui.list(show::JOBS, &found)?;
        }
        JobsCommand::Show { job } => show::job(&client, &find(&client, &job).await?, ui).await?,
        JobsCommand::Create(args) => return create::run(&client, *args, ui).await,
        JobsCommand::Enable { job, watch } => {
            let id = find(&client, &job).await?;
            let record = client.ask(&format!("/jobs/{id}/enable")).await?;
            if watch {
                return watch::follow(&client, &id, None, ui).await;
            }
            ui.done(&format!("{job} is enabled. Follow it with `fettle jobs watch {id}`."), &record)?;
        }
        JobsCommand::Disable { job } => {
            let record = client.ask(&format!("/jobs/{}/disable", find(&client, &job).await?)).await?;
            ui.done(&format!("{job} is disabled."), &record)?;
        }
        JobsCommand::Clone { job } => {
            let record = client.ask(&format!("/jobs/{}/clone", find(&client, &job).await?)).await?;
            ui.done(&format!("Made {} ({}).", super::answer::text(&record, "/name"), super::answer::text(&record, "/id")), &record)?;
        }
        JobsCommand::Preview { job } => show::preview(&client, &find(&client, &job).await?, ui).await?,
        JobsCommand::Watch { job, timeout } => {
            let id = find(&client, &job).await?;
            return watch::follow(&client, &id, timeout.map(Duration::from_secs), ui).await;
        }
        JobsCommand::Runs { job } => {
            let id = find(&client, &job).await?;
            ui.list(show::RUNS, &client.all(&format!("/jobs/{id}/runs"), &[], None).await?)?;
        }
        JobsCommand::Results { job, failed } => show::results(&client, &find(&client, &job).await?, failed, ui).await?,
        JobsCommand::Cancel { job } => {
            let id = find(&client, &job).await?;
            let run = show::newest_run(&client, &id).await?;
            let record = client.ask(&format!("/jobs/{id}/runs/{run}/cancel")).await?;
            ui.done(&format!("{job}: what has not begun is cancelled."), &record)?;
        }
        JobsCommand::Delete { job, yes } => return delete(&client, &job, yes, ui).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn delete(client: &Client, job: &str, yes: bool, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let id = find(client, job).await?;
    if !yes && !prompt::confirm(&format!("Delete {job} and stop what has not started?"))? {
        ui.note("Nothing was deleted.");
        return Ok(ExitCode::FAILURE);
    }
    client.delete(&format!("/jobs/{id}")).await?;
    ui.done(&format!("{job} is deleted."), &json!({ "id": id }))?;
    Ok(ExitCode::SUCCESS)
}

async fn find(client: &Client, given: &str) -> Result<String, CliError> {
    names::among(client, "job", "/jobs", "/name", given).await
}
