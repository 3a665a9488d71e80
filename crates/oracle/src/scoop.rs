//! Releases of applications over years: what came later is the newer version. People keep the list and take back what
//! they entered wrongly, so that it is a witness.

use crate::data::{Data, entries, name};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_model::version::ApplicationVersion;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

const OLDER_LINE: &str = "an older line went on: its first numbers were released before, and are again below the newest";
const OTHER_SCHEME: &str = "the application changed how it counts: no later release is as high as those before";
const TAKEN_BACK: &str = "a release was taken back: the version had been there before";
const STAGE: &str = "both versions have the same numbers and differ in words behind them, which say what stage it is only to people";
const WRONG_ENTRY: &str = "the version before was one of its kind, far above all around it, so that the list was wrong then";

/// One line.
#[derive(Deserialize)]
struct Release {
    app: String,
    date: String,
    manifest: Manifest,
}

#[derive(Deserialize)]
struct Manifest {
    version: Option<serde_json::Value>,
}

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::witness("scoop");
    let folder = data.folder("scoop").context("the folder is there")?;
    for path in entries(&folder)?.into_iter().filter(|path| name(path).is_some_and(|name| name.contains(".jsonl"))) {
        let mut apps: BTreeMap<String, Vec<(Timestamp, ApplicationVersion)>> = BTreeMap::new();
        let mut unreadable = 0;
        for line in data.text(&path)?.lines().filter(|line| !line.trim().is_empty()) {
            let release: Release = serde_json::from_str(line).with_context(|| format!("no release: {line:.80}"))?;
            let text = release.manifest.version.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
            match (release.date.parse(), ApplicationVersion::parse(text)) {
                (Ok(date), Ok(version)) => apps.entry(release.app).or_default().push((date, version)),
                _ => unreadable += 1,
            }
        }
        if unreadable > 0 {
            report.note(format!("{unreadable} lines have no date or version"));
        }
        for (app, mut releases) in apps {
            releases.sort_by_key(|(date, _)| *date);
            let versions: Vec<ApplicationVersion> = releases.into_iter().map(|(_, version)| version).collect();
            timeline(&app, &versions, &mut report);
        }
    }
    Ok(report)
}

/// Each release against the one before it.
fn timeline(app: &str, versions: &[ApplicationVersion], report: &mut Report) {
    for (at, pair) in versions.windows(2).enumerate() {
        let [before, now] = pair else { continue };
        if now == before {
            continue;
        }
        if now > before {
            report.same(true, String::new);
            continue;
        }
        let what = || format!("{app}: {now} came after {before}");
        let (earlier, later) = (versions.get(..at).unwrap_or_default(), versions.get(at + 2..).unwrap_or_default());
        match explain(before, now, earlier, later) {
            Some(rule) => report.explained(what, rule),
            None => report.same(false, what),
        }
    }
}

fn explain(
    before: &ApplicationVersion,
    now: &ApplicationVersion,
    earlier: &[ApplicationVersion],
    later: &[ApplicationVersion],
) -> Option<&'static str> {
    if numbers(before) == numbers(now) {
        return Some(STAGE);
    }
    if earlier.contains(now) {
        return Some(TAKEN_BACK);
    }
    if later.iter().all(|version| version < before) {
        // The list went on below it for good: either it counts otherwise since then, or that one was never right.
        let alone = earlier.iter().all(|version| version < now);
        return Some(if alone { WRONG_ENTRY } else { OTHER_SCHEME });
    }
    // The numbers that say the line: all but the last.
    let line = |version: &ApplicationVersion| numbers(version).first().copied();
    let is_older = line(now) < line(before) || earlier.iter().any(|version| line(version) == line(now));
    is_older.then_some(OLDER_LINE)
}

/// The numbers of a version without what stands behind them.
fn numbers(version: &ApplicationVersion) -> Vec<u64> {
    let text = version.to_string();
    let parts = text.split('.').map(|part| part.trim_start_matches(|letter: char| !letter.is_ascii_digit()));
    parts.map_while(|part| part.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()).collect()
}
