//! Pieces of feeds, and the records that vunnel makes of them: an archive for each feed, with what went in and, in
//! `snapshots`, what came out.

use crate::data::{Data, Files, entries, name};
use crate::facts::{Values, exploited_entry, same_values, told_exploited, told_probability};
use crate::osv_scanner::CODENAMES;
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::apt::unverified_patches;
use fettle_catalog::vulnerabilities::{read_exploited, read_probabilities};
use fettle_model::os::ReleaseKey;
use fettle_model::rule::Rule;
use fettle_model::version::Nevra;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::collections::BTreeSet;

/// Advisory, vulnerability, package, and the version that fixes it.
type Fix = (String, String, String, String);

const NO_DAY: &str = "the list does not say of which day it is, which is not asked here: what a feed says last is what holds";
const NO_CVE: &str = "the advisory names no vulnerability, and vunnel makes records of vulnerabilities only";

/// Versions and code names of Ubuntu's releases with long support (wiki.ubuntu.com/Releases).
const UBUNTU: [(&str, &str); 6] =
    [("14.04", "trusty"), ("16.04", "xenial"), ("18.04", "bionic"), ("20.04", "focal"), ("22.04", "jammy"), ("24.04", "noble")];

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::witness("vunnel");
    for path in entries(&data.folder("vunnel").context("the folder is there")?)? {
        let Some(file) = name(&path).filter(|name| *name != "README.md") else { continue };
        let Some((feed, _)) = file.split_once(".tar") else {
            report.note(format!("{file}: no archive of a feed"));
            continue;
        };
        let files = data.archive(&path)?;
        match feed {
            "kev" => exploited(&files, &mut report)?,
            "epss" => probabilities(&files, &mut report)?,
            "debian" => debian(&files, &mut report)?,
            "ubuntu" => ubuntu(&files, &mut report)?,
            "fedora" => fedora(&files, &mut report)?,
            other => report.note(format!("{other}: no feed here has this format")),
        }
    }
    Ok(report)
}

/// Parsed records of a folder of `snapshots`, with the folder behind that word.
fn snapshots(files: &Files) -> impl Iterator<Item = (&str, Result<Value>)> {
    files.iter().filter_map(|(path, bytes)| {
        let (_, place) = path.split_once("/snapshots/")?;
        let record = serde_json::from_slice::<Value>(bytes).with_context(|| format!("{path} is no record"));
        Some((place, record.map(|mut record| record["item"].take())))
    })
}

/// Lists that went in, by their names without ending.
fn lists<'a>(files: &'a Files, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    files
        .iter()
        .filter(|(path, _)| !path.contains("/snapshots/") && !path.contains("/single-entry/"))
        .filter_map(move |(path, bytes)| Some((path.rsplit('/').next()?.strip_suffix(ending)?, bytes.as_slice())))
}

/// What came out of the list of a name.
fn came_out(files: &Files, list: &str, value: impl Fn(&Value) -> (String, String)) -> Result<Values> {
    let of_list = snapshots(files).filter(|(place, _)| place.split('/').next() == Some(list));
    of_list.map(|(_, record)| Ok(value(&record?))).collect()
}

fn exploited(files: &Files, report: &mut Report) -> Result<()> {
    for (list, bytes) in lists(files, ".json") {
        let theirs = came_out(files, list, exploited_entry)?;
        match read_exploited(bytes) {
            Ok(read) => {
                let ours = read.facts.iter().map(|facts| (facts.cve.clone(), told_exploited(facts))).collect();
                same_values(list, &ours, &theirs, report);
            }
            Err(error) => report.same(theirs.is_empty(), || format!("kev: {list} is refused here: {error}")),
        }
    }
    Ok(())
}

fn probabilities(files: &Files, report: &mut Report) -> Result<()> {
    for (list, bytes) in lists(files, ".csv") {
        // The probability as text with its digits put in their places, as they are told.
        let value = |item: &Value| {
            let text = item["epss"].to_string();
            let (whole, digits) = text.split_once('.').unwrap_or((&text, ""));
            (item["cve"].as_str().unwrap_or_default().to_owned(), format!("{whole}{digits:0<6}"))
        };
        let theirs = came_out(files, list, value)?;
        let says_day = bytes.starts_with(b"#") && bytes.split(|byte| *byte == b'\n').next().is_some_and(|line| has(line, b"score_date:"));
        match read_probabilities(bytes) {
            Ok(read) if theirs.is_empty() && !says_day => report.explained(|| format!("epss: {list}: {} lines", read.facts.len()), NO_DAY),
            Ok(read) => {
                let ours = read.facts.iter().map(|facts| (facts.cve.clone(), told_probability(facts))).collect();
                same_values(list, &ours, &theirs, report);
            }
            Err(error) => report.same(theirs.is_empty(), || format!("epss: {list} is refused here: {error}")),
        }
    }
    Ok(())
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What the product makes of lists of advisories for a release. An advisory without vulnerabilities has one without a name.
fn made(release: &ReleaseKey, lists: &[&[u8]]) -> Result<BTreeSet<Fix>> {
    let mut fixes = BTreeSet::new();
    for patch in unverified_patches(release, "amd64", &[], lists)? {
        let Rule::Dpkg { sources, .. } = &patch.rule else { continue };
        let advisory = patch.bulletin.clone().unwrap_or_default();
        let cves = if patch.cves.is_empty() { vec![String::new()] } else { patch.cves.iter().map(ToString::to_string).collect() };
        for cve in &cves {
            fixes.extend(sources.iter().map(|source| (advisory.clone(), cve.clone(), source.name.clone(), source.version.to_string())));
        }
    }
    Ok(fixes)
}

fn same_fixes(release: &ReleaseKey, ours: &BTreeSet<Fix>, theirs: &BTreeSet<Fix>, report: &mut Report) {
    for fix in theirs.union(ours) {
        let what = || {
            let who = if ours.contains(fix) { "is here and not there" } else { "is there and not here" };
            format!("{}: {fix:?} {who}", release.codename())
        };
        if ours.contains(fix) && fix.1.is_empty() && !theirs.contains(fix) {
            report.explained(what, NO_CVE);
        } else {
            report.same(ours.contains(fix) && theirs.contains(fix), what);
        }
    }
}

/// The security team's list, whose advisories stand in records of `debian:12`.
fn debian(files: &Files, report: &mut Report) -> Result<()> {
    let lists: Vec<&[u8]> = files.iter().filter(|(path, _)| path.ends_with("/input/DSA")).map(|(_, bytes)| bytes.as_slice()).collect();
    for (number, codename) in CODENAMES {
        let release = ReleaseKey::new("debian", codename);
        let ours = made(&release, &lists)?;
        let mut theirs = BTreeSet::new();
        for (_, record) in snapshots(files).filter(|(place, _)| place.starts_with(&format!("debian:{number}/"))) {
            advised(&record?["Vulnerability"], "DSA-", &mut theirs);
        }
        same_fixes(&release, &ours, &theirs, report);
    }
    Ok(())
}

/// Fixes of a record that an advisory announced.
fn advised(record: &Value, kind: &str, fixes: &mut BTreeSet<Fix>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for fixed in record["FixedIn"].as_array().into_iter().flatten() {
        for advisory in fixed["VendorAdvisory"]["AdvisorySummary"].as_array().into_iter().flatten() {
            if text(&advisory["ID"]).starts_with(kind) {
                fixes.insert((text(&advisory["ID"]), text(&record["Name"]), text(&fixed["Name"]), text(&fixed["Version"])));
            }
        }
    }
}

/// Ubuntu's notices, whose ids stand in the records of vulnerabilities of `ubuntu-20.04-lts`.
fn ubuntu(files: &Files, report: &mut Report) -> Result<()> {
    let notices =
        || files.iter().filter_map(|(path, bytes)| Some((path.rsplit('/').next().filter(|name| name.starts_with("USN-"))?, bytes)));
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (file, bytes) in notices() {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, file, bytes.as_slice())?;
    }
    let archive = archive.into_inner()?.finish()?;
    let brought: BTreeSet<&str> = notices().filter_map(|(file, _)| file.strip_suffix(".json")).collect();
    if brought.is_empty() {
        report.note("ubuntu: there is no notice".to_owned());
        return Ok(());
    }
    for (number, codename) in UBUNTU {
        let release = ReleaseKey::new("ubuntu", codename);
        let ours = made(&release, &[&archive])?;
        let mut theirs = BTreeSet::new();
        for (_, record) in snapshots(files).filter(|(place, _)| place.starts_with(&format!("ubuntu-{number}-lts/"))) {
            noticed(&record?, &brought, &mut theirs);
        }
        same_fixes(&release, &ours, &theirs, report);
    }
    Ok(())
}

/// Fixes of a record of a vulnerability, for each notice that was brought and speaks of it.
fn noticed(record: &Value, brought: &BTreeSet<&str>, fixes: &mut BTreeSet<Fix>) {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
    };
    for notice in texts(&record["related"]).iter().filter(|notice| brought.contains(notice.as_str())) {
        for cve in texts(&record["upstream"]) {
            for affected in record["affected"].as_array().into_iter().flatten() {
                let events =
                    affected["ranges"].as_array().into_iter().flatten().flat_map(|range| range["events"].as_array().into_iter().flatten());
                let package = affected["package"]["name"].as_str().unwrap_or_default();
                let fixed = events.filter_map(|event| event["fixed"].as_str());
                fixes.extend(fixed.map(|version| (notice.clone(), cve.clone(), package.to_owned(), version.to_owned())));
            }
        }
    }
}

/// Fedora's updates: what the name of each build says is what its records say. Epochs stand beside the names.
fn fedora(files: &Files, report: &mut Report) -> Result<()> {
    let mut theirs = BTreeSet::new();
    for (_, record) in snapshots(files) {
        advised(&record?["Vulnerability"], "FEDORA-", &mut theirs);
    }
    for (file, bytes) in lists(files, ".json").filter(|(file, _)| file.starts_with("FEDORA-")) {
        let update: Value = serde_json::from_slice(bytes).with_context(|| format!("{file} is no update"))?;
        let of_update: BTreeSet<(&str, &str)> =
            theirs.iter().filter(|(id, ..)| id == file).map(|(_, _, package, version)| (package.as_str(), version.as_str())).collect();
        if of_update.is_empty() {
            continue;
        }
        for build in update["builds"].as_array().into_iter().flatten() {
            let (nvr, epoch) = (build["nvr"].as_str().unwrap_or_default(), build["epoch"].as_u64().unwrap_or_default());
            let read = Nevra::parse(nvr).map(|read| (read.name, format!("{epoch}:{}", read.evr)));
            let agrees = read.as_ref().is_some_and(|(package, version)| of_update.contains(&(package.as_str(), version.as_str())));
            report.same(agrees, || format!("{file}: {nvr} is here {read:?}, there one of {of_update:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn files(all: &[(&str, &str)]) -> Files {
        all.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    fn result(judge: impl FnOnce(&mut Report) -> Result<()>) -> String {
        let mut report = Report::witness("vunnel");
        judge(&mut report).expect("judged");
        report.result()
    }

    #[test]
    fn probabilities_are_those_of_the_records() {
        let list = "#model_version:v1,score_date:2024-01-01T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0001,0.00383,0.7\n";
        let record = |epss: f64| json!({"item": {"cve": "CVE-2024-0001", "epss": epss}}).to_string();
        let judged = |epss: f64| {
            let files = files(&[("e/one.csv", list), ("e/snapshots/one/cve.json", &record(epss))]);
            result(|report| probabilities(&files, report))
        };
        assert!(judged(0.003_83).contains(" n=1 m=1 "));
        assert!(judged(0.003_84).ends_with("unexplained=1"));
    }

    #[test]
    fn advisories_are_those_of_the_records() {
        let list = "[31 Jul 2025] DSA-5970-1 soap - security update\n\t{CVE-2025-0001}\n\t[bookworm] - soap 5.8-1+deb12u1\n";
        let judged = |version: &str| {
            let advisory = json!({"AdvisorySummary": [{"ID": "DSA-5970-1"}]});
            let fixed = json!({"Name": "soap", "Version": version, "VendorAdvisory": advisory});
            let record = json!({"item": {"Vulnerability": {"Name": "CVE-2025-0001", "FixedIn": [fixed]}}}).to_string();
            let files = files(&[("d/input/DSA", list), ("d/snapshots/debian:12/cve.json", &record)]);
            result(|report| debian(&files, report))
        };
        assert!(judged("5.8-1+deb12u1").contains(" n=1 m=1 "));
        // One is there and not here, and the other the other way round.
        assert!(judged("5.8-1+deb12u2").ends_with("unexplained=2"));
    }

    #[test]
    fn notices_are_those_of_the_records() {
        let affected = |version: &str| json!([{"package": {"ecosystem": "Ubuntu:22.04:LTS", "name": "soap"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": version}]}]}]);
        let notice = json!({"id": "USN-1-1", "summary": "x", "published": "2024-01-01T00:00:00Z", "upstream": ["UBUNTU-CVE-2024-0001"], "affected": affected("1.2")});
        let judged = |version: &str| {
            let record = json!({"item": {"related": ["USN-1-1", "USN-2-1"], "upstream": ["CVE-2024-0001"], "affected": affected(version)}});
            let files =
                files(&[("u/osv/usn/USN-1-1.json", &notice.to_string()), ("u/snapshots/ubuntu-22.04-lts/cve.json", &record.to_string())]);
            result(|report| ubuntu(&files, report))
        };
        assert!(judged("1.2").contains(" n=1 m=1 "));
        assert!(judged("1.3").ends_with("unexplained=2"));
    }
}
