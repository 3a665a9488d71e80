//! `fettle doctor`: is this installation well, and what to do if it is not.
//!
//! Needs neither a running server nor a login: what cannot be seen from here is left out and said so. To add
//! a check, add a function that returns [`Finding`]s to the file of its subject and call it in [`run`].

mod certificates;
mod folder;
mod machine;
mod server;

use super::Globals;
use super::error::CliError;
use super::output::{Format, Ui};
use crate::settings::{ServeArgs, Settings};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `fettle doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Data folder of the server, when it is on this machine
    #[arg(long, env = "FETTLE_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Database, when it is not the one in the data folder
    #[arg(long, env = "FETTLE_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
    /// Address of console and API, when the server was started with another than the settings say
    #[arg(long, env = "FETTLE_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Address agents connect to, likewise
    #[arg(long, env = "FETTLE_AGENT_LISTEN", value_name = "ADDRESS")]
    agent_listen: Option<SocketAddr>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Well.
    Ok,
    /// Works, and will not for ever.
    Warn,
    /// Does not work.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    verdict: Verdict,
    subject: String,
    found: String,
    /// Empty when there is nothing to do.
    what_to_do: String,
}

impl Finding {
    fn ok(subject: &str, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, subject: subject.to_owned(), found: found.into(), what_to_do: String::new() }
    }

    fn warn(subject: &str, found: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, subject: subject.to_owned(), found: found.into(), what_to_do: what_to_do.into() }
    }

    fn fail(subject: &str, found: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, subject: subject.to_owned(), found: found.into(), what_to_do: what_to_do.into() }
    }
}

/// Runs `fettle doctor`: success unless a check fails.
pub(super) async fn run(globals: &Globals, args: DoctorArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let mut findings = vec![machine::gpgv()];
    if let Some(data) = &args.data {
        findings.extend(installation(data, &args, ui).await);
    } else {
        findings.push(Finding::warn("data folder", "not checked", "give --data DIR on the machine that the server runs on"));
    }
    findings.extend(machine::clock());
    findings.extend(server::check(globals, ui.clock.now()).await);
    match ui.format {
        Format::Table => findings.iter().try_for_each(|finding| ui.line(&shown(finding)))?,
        Format::Json | Format::Csv => ui.json(&json!(findings))?,
    }
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn installation(data: &Path, args: &DoctorArgs, ui: &Ui<'_>) -> Vec<Finding> {
    let mut findings = folder::check(data);
    if !data.is_dir() {
        return findings;
    }
    let args = ServeArgs {
        data: data.to_owned(),
        database: args.database.clone(),
        listen: args.listen,
        agent_listen: args.agent_listen,
        public_name: None,
        tls_cert: None,
        tls_key: None,
        log_format: None,
    };
    match Settings::load(&args) {
        Ok(settings) => {
            findings.push(Finding::ok("settings", format!("console at {}, agents at {}", settings.listen, settings.agent_listen)));
            findings.push(folder::database(&settings.database).await);
            findings.extend(certificates::check(&settings, ui.clock.now()));
            findings.extend(machine::ports(&settings).await);
        }
        Err(error) => findings.push(Finding::fail("settings", chain(&error), "correct fettle.toml or the FETTLE_ variables")),
    }
    findings
}

fn shown(finding: &Finding) -> String {
    let word = match finding.verdict {
        Verdict::Ok => "ok  ",
        Verdict::Warn => "warn",
        Verdict::Fail => "fail",
    };
    let advice = if finding.what_to_do.is_empty() { String::new() } else { format!("\n      what to do: {}", finding.what_to_do) };
    format!("{word}  {}: {}{advice}", finding.subject, finding.found)
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_stands_below_its_line() {
        let lines = [Finding::ok("clock", "synchronised"), Finding::fail("gpgv", "not found", "install the package gpgv")];
        let text: Vec<String> = lines.iter().map(shown).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        ok    clock: synchronised
        fail  gpgv: not found
              what to do: install the package gpgv
        ");
    }
}
