//! `fettle jobs watch`: a run, live, to its end.
//!
//! On a terminal the picture is drawn anew in place; elsewhere every change is one line. The server pushes
//! changes; when the connection breaks, it is made again and nothing is missed, because every event is the
//! whole run.

use super::show::{asset_table, counts, failures, has_failed, newest_run, result};
use crate::cli::answer::{items, number, text};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::events::EventReader;
use crate::cli::output::{Format, Ui};
use serde_json::Value;
use std::process::ExitCode;
use std::time::Duration;

/// Pause before looking again, where nothing is pushed.
const AGAIN: Duration = Duration::from_secs(1);
/// Longest silence before the connection is made anew; the server sends a comment every few seconds.
const SILENCE: Duration = Duration::from_secs(60);
/// Broken connections in a row after which the watch ends; the run itself goes on.
const ATTEMPTS: u32 = 30;

/// Follows the newest run of a job, for a while or to its end; success only if the run succeeded.
pub(super) async fn follow(client: &Client, job: &str, patience: Option<Duration>, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let Some(patience) = patience else { return to_its_end(client, job, ui).await };
    match tokio::time::timeout(patience, to_its_end(client, job, ui)).await {
        Ok(result) => result,
        Err(_) => {
            Err(CliError::Failed(format!("the run had not ended after {} s; it goes on: `fettle jobs watch {job}`", patience.as_secs())))
        }
    }
}

async fn to_its_end(client: &Client, job: &str, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let run = first_run(client, job, ui).await?;
    let path = format!("/jobs/{job}/runs/{run}");
    let mut picture = Picture::default();
    let ended = until_end(client, &path, &mut picture, ui).await?;
    finish(client, &path, &ended, ui).await
}

/// The newest run, waiting for a job that is enabled and has not begun.
async fn first_run(client: &Client, job: &str, ui: &Ui<'_>) -> Result<String, CliError> {
    let mut told = false;
    loop {
        let record = client.get(&format!("/jobs/{job}"), &[]).await?;
        if !record["last_run"].is_null() || text(&record, "/status") != "enabled" {
            return newest_run(client, job).await;
        }
        if !told {
            ui.note(&format!("Waiting for {} to start.", text(&record, "/name")));
            told = true;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn until_end(client: &Client, path: &str, picture: &mut Picture, ui: &mut Ui<'_>) -> Result<Value, CliError> {
    let mut broken = 0;
    loop {
        // The run as it is now comes first: the stream says only what changes from here on.
        match client.get(path, &[]).await {
            Ok(run) => {
                broken = 0;
                picture.show(client, path, &run, ui).await?;
                if !run["ended_at"].is_null() {
                    return Ok(run);
                }
                if let Some(run) = pushed(client, path, picture, ui).await? {
                    return Ok(run);
                }
            }
            Err(CliError::Unreachable { .. }) if broken < ATTEMPTS => {
                broken += 1;
                ui.note("The server does not answer; trying again.");
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Shows what the server pushes until the run ends, or the stream does.
async fn pushed(client: &Client, path: &str, picture: &mut Picture, ui: &mut Ui<'_>) -> Result<Option<Value>, CliError> {
    let mut stream = match client.stream(&format!("{path}/events"), &[]).await {
        Ok(stream) => stream,
        Err(CliError::Unreachable { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut reader = EventReader::default();
    while let Ok(Ok(Some(bytes))) = tokio::time::timeout(SILENCE, stream.chunk()).await {
        // Only the newest counts when several came at once.
        let Some(data) = reader.feed(&bytes).pop() else { continue };
        let Ok(run) = serde_json::from_str::<Value>(&data) else { return Err(client.misunderstood("an event that is not JSON")) };
        picture.show(client, path, &run, ui).await?;
        if !run["ended_at"].is_null() {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

async fn finish(client: &Client, path: &str, run: &Value, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    if ui.format == Format::Table {
        let rows = client.all(&format!("{path}/assets"), &[], None).await?;
        if succeeded(run) {
            ui.line("The run succeeded.")?;
        } else {
            failures(client, &format!("{path}/assets"), &rows, ui).await?;
            ui.line(&format!("The run did not succeed: {}.", result(run)))?;
        }
        if number(run, "/left_out") > 0 {
            ui.line(&format!("{} left out; `fettle jobs results` says why.", number(run, "/left_out")))?;
        }
    } else {
        ui.json(run)?;
    }
    Ok(if succeeded(run) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether every asset that took part got what the job is for, and at least one took part.
fn succeeded(run: &Value) -> bool {
    let status = items(run, "/asset_status");
    let fine = |count: &Value| matches!(text(count, "/status").as_str(), "succeeded" | "nothing_to_do") || number(count, "/count") == 0;
    number(run, "/assets") > 0 && !run["ended_at"].is_null() && status.iter().all(fine)
}

/// What is on the screen.
#[derive(Default)]
struct Picture {
    lines: usize,
    last: String,
}

/// Statuses in which an asset has nothing more to do.
const ENDED: [&str; 8] =
    ["succeeded", "partly_succeeded", "failed", "nothing_to_do", "timed_out", "cancelled", "not_licensed", "agent_lost"];

impl Picture {
    async fn show(&mut self, client: &Client, path: &str, run: &Value, ui: &mut Ui<'_>) -> Result<(), CliError> {
        let summary = summary(run);
        if ui.format != Format::Table || (self.last == summary && !ui.interactive) {
            return Ok(());
        }
        self.last.clone_from(&summary);
        if !ui.interactive {
            return ui.line(&summary);
        }
        let mut rows = client.all(&format!("{path}/assets"), &[], None).await?;
        rows.retain(|row| row["left_out"].is_null());
        let height = usize::from(console::Term::stdout().size().0);
        let shown = most_telling(rows, height.saturating_sub(8));
        let text = format!("{}\n{summary}\n{}", bar(run, usize::from(ui.width)), asset_table(&shown, ui.clock.now(), ui.width));
        // Cells may wrap, and what has left the screen at the top cannot be drawn over.
        let text: Vec<&str> = text.lines().take(height.saturating_sub(2).max(1)).collect();
        let text = text.join("\n");
        let up = if self.lines == 0 { String::new() } else { format!("\u{1b}[{}A\u{1b}[J", self.lines) };
        self.lines = text.lines().count();
        ui.line(&format!("{up}{text}"))
    }
}

/// `12 of 20 assets done: 10 succeeded, 2 failed, 8 running; patches: …`.
fn summary(run: &Value) -> String {
    let (done, all) = progress(run);
    format!("{done} of {all} assets done: {}; patches: {}", counts(items(run, "/asset_status")), counts(items(run, "/patch_status")))
}

fn progress(run: &Value) -> (u64, u64) {
    let ended = items(run, "/asset_status").iter().filter(|count| ENDED.contains(&text(count, "/status").as_str()));
    (ended.map(|count| number(count, "/count")).sum(), number(run, "/assets"))
}

fn bar(run: &Value, width: usize) -> String {
    let (done, all) = progress(run);
    let room = width.saturating_sub(2).min(60);
    let filled = usize::try_from(done.saturating_mul(room as u64).checked_div(all).unwrap_or(0)).unwrap_or(0).min(room);
    format!("[{}{}]", "#".repeat(filled), ".".repeat(room - filled))
}

/// The assets a person wants to see first: failed ones, then those at work, then the rest.
fn most_telling(mut rows: Vec<Value>, room: usize) -> Vec<Value> {
    let rank = |row: &Value| match text(row, "/status").as_str() {
        _ if has_failed(row) => 0,
        status if ENDED.contains(&status) || status.is_empty() => 3,
        "pending" => 2,
        _ => 1,
    };
    rows.sort_by_key(rank);
    rows.truncate(room);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(status: &[(&str, u64)], ended: bool) -> Value {
        let counts: Vec<Value> = status.iter().map(|(status, count)| json!({ "status": status, "count": count })).collect();
        let all: u64 = status.iter().map(|(_, count)| count).sum();
        let patches = json!([{ "status": "installed", "count": 3 }]);
        json!({ "assets": all, "ended_at": ended.then_some("2030-01-01T00:00:00Z"), "asset_status": counts, "patch_status": patches })
    }

    #[test]
    fn only_a_run_that_gave_everybody_their_patches_succeeded() {
        assert!(succeeded(&run(&[("succeeded", 2), ("nothing_to_do", 1)], true)));
        for status in ["failed", "partly_succeeded", "timed_out", "cancelled", "agent_lost", "pending"] {
            assert!(!succeeded(&run(&[("succeeded", 2), (status, 1)], true)), "{status}");
        }
        assert!(!succeeded(&run(&[("succeeded", 2)], false)), "not ended");
        assert!(!succeeded(&run(&[], true)), "nobody took part");
    }

    #[test]
    fn a_line_says_how_far_it_is() {
        let run = run(&[("succeeded", 10), ("partly_succeeded", 2), ("running", 8)], false);
        insta::assert_snapshot!(summary(&run), @"12 of 20 assets done: 10 succeeded, 2 partly succeeded, 8 running; patches: 3 installed");
        assert_eq!(bar(&run, 22), "[############........]");
    }

    #[test]
    fn failures_come_first() {
        let row = |name: &str, status: &str| json!({ "asset": { "name": name }, "status": status, "failure": null, "patch_status": [] });
        let rows = vec![row("a", "succeeded"), row("b", "pending"), row("c", "running"), row("d", "failed")];
        let order: Vec<String> = most_telling(rows, 3).iter().map(|row| text(row, "/asset/name")).collect();
        assert_eq!(order, ["d", "c", "b"]);
    }
}
