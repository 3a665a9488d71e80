//! Packages of images, and which advisories osv.dev lists for each.
//!
//! Only advisories that a list of `debian-security` carries can be found here.

use crate::data::{Data, entries, find, name};
use crate::made::{inventory, linux, missing};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::apt::unverified_patches;
use fettle_model::inventory::{Package, PackageState};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct Row {
    /// `Debian:10`.
    ecosystem: String,
    /// Source package.
    package: String,
    version: String,
    vulns: Vec<String>,
}

/// Code names of Debian's releases by number (wiki.debian.org/DebianReleases).
pub(crate) const CODENAMES: [(&str, &str); 7] =
    [("8", "jessie"), ("9", "stretch"), ("10", "buster"), ("11", "bullseye"), ("12", "bookworm"), ("13", "trixie"), ("14", "forky")];

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("osv-scanner");
    let folder = data.folder("osv-scanner").context("the folder is there")?;
    let Some(path) = find(&folder, "package-vulns.jsonl") else {
        report.note("there is no list of packages with their advisories".to_owned());
        return Ok(report);
    };
    let mut by_system: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in data.text(&path)?.lines().filter(|line| !line.trim().is_empty()) {
        let row: Row = serde_json::from_str(line).context("a line is no package")?;
        by_system.entry(row.ecosystem.clone()).or_default().push(row);
    }
    let lists = lists(data)?;
    for (system, rows) in by_system {
        let codename = system.strip_prefix("Debian:").and_then(|version| CODENAMES.iter().find(|(number, _)| *number == version));
        let Some((version, codename)) = codename else {
            report.note(format!("{system}: no list of advisories here speaks of it"));
            continue;
        };
        compare(version, codename, &rows, &lists, &mut report)?;
    }
    Ok(report)
}

/// Lists in the security tracker's format.
fn lists(data: &Data) -> Result<Vec<Vec<u8>>> {
    let Some(folder) = data.folder("debian-security") else { return Ok(Vec::new()) };
    let is_list = |path: &std::path::PathBuf| name(path).is_some_and(|name| name.contains("-list"));
    entries(&folder)?.iter().filter(|path| is_list(path)).map(|path| data.bytes(path)).collect()
}

fn compare(version: &str, codename: &str, rows: &[Row], lists: &[Vec<u8>], report: &mut Report) -> Result<()> {
    let package = |row: &Row| Package {
        name: row.package.clone(),
        architecture: "amd64".to_owned(),
        version: row.version.clone(),
        source: row.package.clone(),
        source_version: row.version.clone(),
        state: PackageState::Installed,
        held: false,
    };
    let host = inventory(codename, linux("debian", version, codename, "amd64"), rows.iter().map(package).collect());
    let release = host.os.release().context("the image has a release")?;
    let lists: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
    let patches = unverified_patches(&release, "amd64", &[], &lists)?;
    let known: BTreeSet<String> = patches.iter().filter_map(|patch| patch.bulletin.clone()).collect();
    if known.is_empty() {
        report.note(format!("Debian {version}: no list of advisories here speaks of it"));
        return Ok(());
    }
    let (catalog, numbers) = missing(patches, &host)?;
    let found = numbers.iter().filter_map(|&no| catalog.get(no)).filter_map(|entry| entry.patch.bulletin.clone());
    let ours: BTreeSet<String> = found.collect();
    let listed: BTreeSet<String> = rows.iter().flat_map(|row| row.vulns.iter().cloned()).filter(|id| known.contains(id)).collect();
    for row in rows {
        let of_row: BTreeSet<&String> = row.vulns.iter().filter(|id| known.contains(*id)).collect();
        report
            .same(of_row.iter().all(|id| ours.contains(*id)), || format!("Debian {version}: {} {}: {of_row:?}", row.package, row.version));
    }
    for id in ours.difference(&listed) {
        report.same(false, || format!("Debian {version}: {id} is missing here, and osv.dev does not list it"));
    }
    Ok(())
}
