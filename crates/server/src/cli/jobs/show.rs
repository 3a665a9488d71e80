//! Looking at jobs and their results.

use crate::cli::answer::{items, number, text};
use crate::cli::client::Client;
use crate::cli::columns::column;
use crate::cli::error::CliError;
use crate::cli::moment::{ago, day, minute};
use crate::cli::names::plural;
use crate::cli::output::{Column, Format, Ui, table};
use serde_json::{Value, json};

/// Rows of the jobs page.
pub(super) const JOBS: &[Column] = &[
    column!("name", "/name"),
    column!("kind", "/kind"),
    column!("status", status),
    column!("schedule", schedule),
    column!("patches", "/patch_count"),
    column!("owner", "/owner/name"),
    column!("last run", "/last_run/started_at", ago),
    column!("result", last_result),
    column!("id", "/id"),
];

const JOB: &[Column] = &[
    column!("name", "/name"),
    column!("id", "/id"),
    column!("description", "/description"),
    column!("kind", "/kind"),
    column!("status", status),
    column!("still missing", flaws),
    column!("schedule", schedule),
    column!("owner", "/owner/name"),
    column!("co-authors", co_authors),
    column!("patches", patches),
    column!("assets by name", named),
    column!("tags", "/tag_names"),
    column!("window", window),
    column!("after a failure", after_failure),
    column!("created", "/created_at", day),
    column!("last run", "/last_run/started_at", ago),
    column!("result", last_result),
];

/// Runs of a job.
pub(super) const RUNS: &[Column] = &[
    column!("started", "/started_at", ago),
    column!("ended", ended),
    column!("assets", "/assets"),
    column!("left out", "/left_out"),
    column!("result", result),
    column!("id", "/id"),
];

const LEFT_OUT: &[Column] = &[column!("left out", "/asset/name"), column!("why", "/sentence")];
const WOULD_DO: &[Column] = &[
    column!("asset", "/asset"),
    column!("patch", "/patch"),
    column!("would be", "/status"),
    column!("packages afterwards", "/packages"),
    column!("held", "/held"),
];
const RESULTS: &[Column] =
    &[column!("asset", "/asset/name"), column!("status", asset_status), column!("patches", patch_counts), column!("why", why)];

/// Shows one job.
pub(super) async fn job(client: &Client, id: &str, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let mut job = client.get(&format!("/jobs/{id}"), &[]).await?;
    if ui.format == Format::Table {
        let all = client.all("/tags", &[], None).await?;
        let chosen = items(&job, "/assets/include_tags");
        let names: Vec<Value> = all.iter().filter(|tag| chosen.contains(&tag["id"])).map(|tag| tag["name"].clone()).collect();
        job["tag_names"] = Value::Array(names);
    }
    ui.record(JOB, &job)
}

/// Shows what a job would do.
pub(super) async fn preview(client: &Client, id: &str, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let preview = client.get(&format!("/jobs/{id}/preview"), &[]).await?;
    let rows: Vec<Value> = items(&preview, "/assets").iter().flat_map(would_do).collect();
    match ui.format {
        Format::Json => return ui.json(&preview),
        Format::Csv => return ui.list(WOULD_DO, &rows),
        Format::Table => {}
    }
    for flaw in items(&preview, "/flaws") {
        ui.line(&format!("cannot run: {}: {}", text(flaw, "/field"), text(flaw, "/message")))?;
    }
    ui.line(&format!("{} would be patched.", plural(items(&preview, "/assets").len(), "asset")))?;
    let (done, rest): (Vec<Value>, Vec<Value>) = rows.into_iter().partition(|row| row["status"] == "pending");
    if !done.is_empty() {
        ui.list(WOULD_DO, &done)?;
    }
    if !rest.is_empty() {
        ui.line(&format!("{} do not apply or are superseded; --output csv lists them.", plural(rest.len(), "other pair")))?;
    }
    let left_out = items(&preview, "/left_out");
    if left_out.is_empty() { Ok(()) } else { ui.list(LEFT_OUT, left_out) }
}

fn would_do(asset: &Value) -> Vec<Value> {
    let row = |patch: &Value| {
        let packages: Vec<String> =
            items(patch, "/packages").iter().map(|p| format!("{} {}", text(p, "/name"), text(p, "/version"))).collect();
        json!({
            "asset": asset["asset"]["name"], "patch": patch["id"], "status": patch["status"],
            "packages": packages, "held": patch["held"],
        })
    };
    items(asset, "/patches").iter().map(row).collect()
}

/// Shows how the newest run went on each asset.
pub(super) async fn results(client: &Client, id: &str, failed: bool, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let run = newest_run(client, id).await?;
    let path = format!("/jobs/{id}/runs/{run}/assets");
    let mut rows = client.all(&path, &[], None).await?;
    if failed {
        rows.retain(has_failed);
    }
    ui.list(RESULTS, &rows)?;
    if ui.format == Format::Table { failures(client, &path, &rows, ui).await } else { Ok(()) }
}

/// Last lines shown of an installer's log; the console and `--output json` have more.
const LOG_LINES: usize = 10;
/// Failures told in full; the rest is counted, a person does not read a hundred logs in a terminal.
const TOLD: usize = 20;

/// Tells why patches failed on these assets, and what to do.
pub(super) async fn failures(client: &Client, path: &str, rows: &[Value], ui: &mut Ui<'_>) -> Result<(), CliError> {
    let failed: Vec<&Value> = rows.iter().filter(|row| has_failed(row)).collect();
    for row in failed.iter().take(TOLD) {
        let detail = client.get(&format!("{path}/{}", text(row, "/asset/id")), &[]).await?;
        ui.line(&story(&detail))?;
    }
    match failed.len().checked_sub(TOLD) {
        None | Some(0) => Ok(()),
        Some(more) => ui.line(&format!("and {} more with failures", plural(more, "asset"))),
    }
}

/// What went wrong on one asset. Patches that failed for the same reason are told together.
fn story(detail: &Value) -> String {
    let of_patches = items(detail, "/patches").iter().map(|patch| (text(patch, "/id"), &patch["failure"]));
    let all = of_patches.chain(std::iter::once(("the asset as a whole".to_owned(), &detail["failure"])));
    let mut told: Vec<(Vec<String>, &Value)> = Vec::new();
    for (name, failure) in all.filter(|(_, failure)| !failure.is_null()) {
        match told.iter_mut().find(|(_, known)| known["reason"] == failure["reason"]) {
            Some((names, _)) => names.push(name),
            None => told.push((vec![name], failure)),
        }
    }
    let mut lines = vec![format!("\n{}: {}", text(detail, "/asset/name"), asset_status(detail))];
    for (names, failure) in told {
        lines.push(format!("  {}", text(failure, "/sentence")));
        lines.push(format!("    what to do: {}", text(failure, "/advice")));
        lines.push(format!("    concerns: {}", names.join(", ")));
        if let Some(code) = failure["exit_code"].as_i64() {
            lines.push(format!("    exit code: {code}"));
        }
        let log = text(failure, "/log");
        let last: Vec<&str> = log.lines().rev().take(LOG_LINES).collect();
        lines.extend(last.iter().rev().map(|line| format!("    | {}", crate::cli::output::printable(line))));
    }
    lines.join("\n")
}

/// The id of a job's newest run.
pub(super) async fn newest_run(client: &Client, job: &str) -> Result<String, CliError> {
    let record = client.get(&format!("/jobs/{job}"), &[]).await?;
    match text(&record, "/last_run/id") {
        run if run.is_empty() => Err(CliError::Failed(format!("the job has not run yet: `fettle jobs enable {job}` enables it"))),
        run => Ok(run),
    }
}

/// `3 succeeded, 1 failed`.
pub(super) fn counts(counts: &[Value]) -> String {
    let words = counts.iter().filter(|count| number(count, "/count") > 0);
    let words: Vec<String> =
        words.map(|count| format!("{} {}", number(count, "/count"), text(count, "/status").replace('_', " "))).collect();
    words.join(", ")
}

/// A table of a run's assets.
pub(super) fn asset_table(rows: &[Value], now: jiff::Timestamp, width: u16) -> String {
    table(RESULTS, rows, now, width)
}

/// Whether something failed on this asset.
pub(super) fn has_failed(row: &Value) -> bool {
    !row["failure"].is_null()
        || matches!(text(row, "/status").as_str(), "failed" | "partly_succeeded" | "timed_out" | "agent_lost" | "not_licensed")
        || items(row, "/patch_status").iter().any(|count| text(count, "/status") == "failed" && number(count, "/count") > 0)
}

/// How a run went, in one cell.
pub(super) fn result(run: &Value) -> String {
    match (number(run, "/assets"), items(run, "/asset_status")) {
        (0, []) => "no asset took part".to_owned(),
        (_, status) => counts(status),
    }
}

fn ended(run: &Value) -> String {
    if run["ended_at"].is_null() { "still runs".to_owned() } else { minute(run, "/ended_at") }
}

fn last_result(job: &Value) -> String {
    job.get("last_run").filter(|run| !run.is_null()).map(result).unwrap_or_default()
}

fn status(job: &Value) -> String {
    text(job, "/status").replace('_', " ")
}

fn schedule(job: &Value) -> String {
    match text(job, "/schedule/type").as_str() {
        "on_demand" => "on demand".to_owned(),
        "once" => format!("once, {}", minute(job, "/schedule/at")),
        "" => "not chosen".to_owned(),
        other => other.replace('_', " "),
    }
}

fn flaws(job: &Value) -> String {
    items(job, "/flaws").iter().map(|flaw| text(flaw, "/message")).collect::<Vec<_>>().join("\n")
}

fn names_of(job: &Value, path: &str) -> String {
    items(job, path).iter().map(|item| text(item, "/name")).collect::<Vec<_>>().join(", ")
}

fn co_authors(job: &Value) -> String {
    names_of(job, "/co_authors")
}

fn named(job: &Value) -> String {
    names_of(job, "/named_assets")
}

fn patches(job: &Value) -> String {
    items(job, "/patches").iter().map(|patch| format!("{}  {}", text(patch, "/id"), text(patch, "/title"))).collect::<Vec<_>>().join("\n")
}

fn window(job: &Value) -> String {
    match text(job, "/options/window_minutes") {
        minutes if minutes.is_empty() => "none".to_owned(),
        minutes => format!("{minutes} min"),
    }
}

fn after_failure(job: &Value) -> String {
    if job.pointer("/options/continue_on_failure") == Some(&Value::Bool(false)) { "stop" } else { "go on with the next patch" }.to_owned()
}

fn asset_status(row: &Value) -> String {
    if row["left_out"].is_null() { text(row, "/status").replace('_', " ") } else { "left out".to_owned() }
}

/// Patches that do not apply are left out: in a job for several releases they are most of them.
fn patch_counts(row: &Value) -> String {
    let telling: Vec<Value> = items(row, "/patch_status").iter().filter(|count| count["status"] != "not_applicable").cloned().collect();
    counts(&telling)
}

fn why(row: &Value) -> String {
    match text(row, "/left_out/sentence") {
        none if none.is_empty() => text(row, "/failure/sentence"),
        sentence => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_is_told_once() {
        let failure = |reason: &str, log: &str| json!({ "reason": reason, "sentence": format!("{reason}."), "advice": "Mend it.", "exit_code": 100, "log": log });
        let detail = json!({
            "asset": { "name": "web-1" }, "status": "partly_succeeded", "left_out": null, "failure": null,
            "patches": [
                { "id": "a", "failure": failure("installer_failed", "one\ntwo\u{1b}[31m") },
                { "id": "b", "failure": null },
                { "id": "c", "failure": failure("installer_failed", "three") },
                { "id": "d", "failure": failure("download_failed", "") },
            ],
        });
        insta::assert_snapshot!(story(&detail), @r"
        web-1: partly succeeded
          installer_failed.
            what to do: Mend it.
            concerns: a, c
            exit code: 100
            | one
            | two�[31m
          download_failed.
            what to do: Mend it.
            concerns: d
            exit code: 100
        ");
    }
}
