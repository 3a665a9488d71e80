//! Advisories by source package against the hosts of `linux-hosts`, which say which of them they miss.

use crate::data::{Data, entries, find, name};
use crate::linux_hosts::host;
use crate::made::{missing, patch};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use fettle_model::rule::{Rule, SourceVersion};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// One line of an advisory list.
#[derive(Deserialize)]
struct Advisory {
    id: String,
    /// By release and source package: `bookworm/openssl`.
    fixed: BTreeMap<String, String>,
}

/// What a host is said to miss.
#[derive(Deserialize)]
struct Expected {
    missing: Vec<Missing>,
}

#[derive(Deserialize)]
struct Missing {
    advisory: String,
    source: String,
}

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("debian-security");
    let folder = data.folder("debian-security").context("the folder is there")?;
    let mut advisories = Vec::new();
    for path in entries(&folder)?.iter().filter(|path| name(path).is_some_and(|name| name.contains(".jsonl"))) {
        for line in data.text(path)?.lines().filter(|line| !line.trim().is_empty()) {
            advisories.push(
                serde_json::from_str::<Advisory>(line).with_context(|| format!("{} has a line that is no advisory", path.display()))?,
            );
        }
    }
    let Some(hosts) = data.folder("linux-hosts") else {
        report.note("there is no folder linux-hosts whose machines could be judged".to_owned());
        return Ok(report);
    };
    for folder in entries(&hosts)? {
        let Some(expected) = find(&folder, "expected-advisories.json") else { continue };
        let host = host(data, &folder)?;
        let release = host.os.release().context("the host names its release")?;
        let expected: Expected = serde_json::from_slice(&data.bytes(&expected)?)?;
        let expected: BTreeSet<(String, String)> = expected.missing.into_iter().map(|missing| (missing.advisory, missing.source)).collect();
        let patches: Vec<Patch> = advisories.iter().flat_map(|advisory| patches(advisory, &release)).collect();
        let (catalog, numbers) = missing(patches, &host)?;
        let id = |entry: &fettle_fleet::Entry| {
            entry.patch.id.as_str().split_once(' ').map(|(advisory, source)| (advisory.to_owned(), source.to_owned()))
        };
        let ours: BTreeSet<(String, String)> = numbers.iter().filter_map(|&no| catalog.get(no)).filter_map(|entry| id(entry)).collect();
        let of = |(advisory, source): &(String, String)| format!("{}: {advisory} {source}", name(&folder).unwrap_or_default());
        for each in &expected {
            report.same(ours.contains(each), || format!("{} is said to be missing, here it is not", of(each)));
        }
        for each in ours.difference(&expected) {
            report.same(false, || format!("{} is missing here, and not said to be", of(each)));
        }
    }
    Ok(report)
}

/// A patch for each source package of an advisory, so that answers can be compared one by one.
fn patches(advisory: &Advisory, release: &ReleaseKey) -> Vec<Patch> {
    let fixed =
        advisory.fixed.iter().filter_map(|(place, version)| Some((place.strip_prefix(release.codename())?.strip_prefix('/')?, version)));
    let made = |(source, version): (&str, &String)| {
        let sources = vec![SourceVersion { name: source.to_owned(), version: version.clone() }];
        patch(&format!("{} {source}", advisory.id), Rule::Dpkg { release: release.clone(), binaries: Vec::new(), sources })
    };
    fixed.map(made).collect()
}
