//! Lists of advisories: everything in them is read, as somebody counts who knows nothing of advisories.

use crate::data::{Data, entries, name};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::rpm::unverified_patches;
use fettle_model::os::ReleaseKey;
use fettle_model::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};

/// Ids of advisories, each with the packages that it names.
type Named = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("centos-updateinfo");
    let folder = data.folder("centos-updateinfo").context("the folder is there")?;
    for path in entries(&folder)?.iter().filter(|path| name(path).is_some_and(|name| name.contains("updateinfo"))) {
        let bytes = data.bytes(path)?;
        let expected = counted(&String::from_utf8_lossy(&bytes));
        // Of no release, so that the packages of all are read.
        let release = ReleaseKey::new("any", "any");
        let architectures: Vec<String> = architectures(&String::from_utf8_lossy(&bytes)).into_iter().collect();
        let mut ours = Named::new();
        for patch in unverified_patches(&release, &architectures, &[], &[&bytes])? {
            let Rule::Rpm { packages, .. } = &patch.rule else { continue };
            let names = packages.iter().map(|package| format!("{}.{}", package.name, package.architecture));
            ours.insert(patch.bulletin.clone().unwrap_or_default(), names.collect());
        }
        for (id, packages) in &expected {
            report.same(ours.get(id) == Some(packages), || format!("{id} names {packages:?}, read were {:?}", ours.get(id)));
        }
        let invented = ours.keys().filter(|id| !expected.contains_key(*id));
        invented.for_each(|id| report.same(false, || format!("{id} is not in the list")));
    }
    Ok(report)
}

/// Counts by the text alone: ids, and between them the lines of packages.
fn counted(text: &str) -> Named {
    let mut named = Named::new();
    for update in text.split("<update ").skip(1) {
        let Some(id) = update.split_once("<id>").and_then(|(_, rest)| rest.split_once("</id>")).map(|(id, _)| id.trim()) else { continue };
        for package in update.split("<package ").skip(1).filter_map(|rest| rest.split('>').next()) {
            let (name, architecture) = (attribute(package, "name"), attribute(package, "arch"));
            if !matches!(architecture, "src" | "nosrc") {
                named.entry(id.to_owned()).or_default().insert(format!("{name}.{architecture}"));
            }
        }
    }
    named
}

fn architectures(text: &str) -> BTreeSet<String> {
    let packages = text.split("<package ").skip(1).filter_map(|rest| rest.split('>').next());
    packages
        .map(|package| attribute(package, "arch").to_owned())
        .filter(|name| !matches!(name.as_str(), "src" | "nosrc" | "noarch"))
        .collect()
}

fn attribute<'a>(element: &'a str, name: &str) -> &'a str {
    let value = element.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    value.map_or("", |(value, _)| value)
}
