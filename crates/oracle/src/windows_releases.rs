//! Builds of Windows with the update that brought each, what machines at a build have and miss, and names of products.

use crate::data::{Data, find};
use crate::made::{catalog, findings, update, update_id, windows};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_fleet::Assessor;
use fettle_model::ids::PatchNo;
use fettle_model::os::windows::{Observed, canonical, product};
use fettle_model::patch::Patch;
use fettle_model::rule::ProductBuild;
use fettle_model::version::WindowsVersion;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct History {
    /// Release, build or service pack, updates in the order of their publication.
    releases: BTreeMap<String, BTreeMap<String, Updates>>,
}

#[derive(Deserialize)]
struct Updates {
    #[serde(default)]
    rollup: Vec<Rollup>,
}

#[derive(Deserialize)]
struct Rollup {
    revision: Option<serde_json::Value>,
    kb: String,
}

#[derive(Deserialize)]
struct Detected {
    release: String,
    version: String,
    applied: Vec<String>,
    unapplied: Vec<String>,
    error: bool,
}

#[derive(Deserialize)]
struct Named {
    input: Input,
    expected: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    product_name: String,
    version: String,
    build: String,
    service_pack: String,
    arch: String,
    installation_type: String,
}

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("windows-releases");
    let folder = data.folder("windows-releases").context("the folder is there")?;
    if let Some(path) = find(&folder, "os-name-cases.json") {
        for case in serde_json::from_slice::<Vec<Named>>(&data.bytes(&path)?)? {
            let input = &case.input;
            let observed = Observed {
                product_name: &input.product_name,
                version: &input.version,
                build: &input.build,
                service_pack: &input.service_pack,
                architecture: &input.arch,
                installation_type: &input.installation_type,
            };
            let name = product(&observed).unwrap_or_default();
            report.same(name == case.expected, || format!("{} {}: {:?}, here {name:?}", input.product_name, input.build, case.expected));
        }
    }
    if let (Some(history), Some(cases)) = (find(&folder, "windows-update-history.json"), find(&folder, "detect-kb-cases.json")) {
        let history: History = serde_json::from_slice(&data.bytes(&history)?)?;
        for case in serde_json::from_slice::<Vec<Detected>>(&data.bytes(&cases)?)? {
            detect(&history, &case, &mut report)?;
        }
    }
    Ok(report)
}

/// What a machine at a build has and misses, one question for each update.
fn detect(history: &History, case: &Detected, report: &mut Report) -> Result<()> {
    let version = WindowsVersion::parse(&case.version).unwrap_or_default();
    if case.error {
        // Without a build nothing can be said.
        report.same(version.build() == 0, || format!("{} {}: no build is told", case.release, case.version));
        return Ok(());
    }
    let build = version.build().to_string();
    let mut found = history.releases.iter().filter(|(name, _)| canonical(&case.release).to_lowercase().starts_with(&name.to_lowercase()));
    let Some(updates) = found.find_map(|(_, builds)| builds.get(&build)) else {
        report.note(format!("{} {}: there is no table of its updates", case.release, case.version));
        return Ok(());
    };
    let patches = updates_of(&case.release, version, updates);
    let ids: BTreeMap<PatchNo, String> = (1..).map(PatchNo).zip(patches.iter().map(|patch| patch.title.clone())).collect();
    let assessor = Assessor::new(catalog(patches));
    let findings = findings(&assessor, &windows(&case.version, &case.release, &case.version))?;
    for (no, kb) in &ids {
        let here = (findings.installed.contains(no), findings.missing.contains(no));
        let number = kb.trim_start_matches("KB");
        let there = (case.applied.iter().any(|kb| kb == number), case.unapplied.iter().any(|kb| kb == number));
        report.same(here == there, || format!("{} {}: {kb} (has it, misses it) {there:?}, here {here:?}", case.release, case.version));
    }
    for kb in case.applied.iter().chain(&case.unapplied) {
        let known = ids.values().any(|known| known.trim_start_matches("KB") == kb);
        if !known {
            report.same(false, || format!("{} {}: KB{kb} is not in the table", case.release, case.version));
        }
    }
    Ok(())
}

/// A number, or a text that is one.
fn number(value: &serde_json::Value) -> Option<u32> {
    value.as_str().map_or_else(|| u32::try_from(value.as_u64()?).ok(), |text| text.parse().ok())
}

/// The updates of a table, each replacing the one before.
fn updates_of(product: &str, version: WindowsVersion, updates: &Updates) -> Vec<Patch> {
    let mut before: Option<String> = None;
    let mut patches: Vec<Patch> = Vec::new();
    // Some rows are betas and previews without an article.
    for rollup in updates.rollup.iter().filter(|rollup| !rollup.kb.is_empty()) {
        let kb = format!("KB{}", rollup.kb);
        let revision = rollup.revision.as_ref().and_then(number);
        let fixed = revision.map(|revision| WindowsVersion::new(version.major(), version.minor(), version.build(), revision).to_string());
        let supersedes = before.replace(kb.clone()).filter(|before| *before != kb).map(|before| update_id(&before));
        patches.push(update(&kb, vec![ProductBuild { product: product.to_owned(), build: fixed }], supersedes.into_iter().collect()));
    }
    patches
}
