//! Advisories as distributions publish them in JSON, and the records that vuln-list makes of them: an archive for each
//! feed with `testdata/errata.json` and `testdata/golden`.
//!
//! The product reads the same advisories in the form that package managers take, `updateinfo.xml`: that is written here
//! from what went in, and what the product reads must be what came out.

use crate::data::{Data, Files, entries, name};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::rpm::unverified_patches;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::{Patch, Severity};
use fettle_model::rule::Rule;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What an advisory says: title, severity, vulnerabilities, packages with architecture and version.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    title: String,
    severity: String,
    cves: BTreeSet<String>,
    packages: BTreeSet<(String, String, String)>,
}

const NO_SECURITY: &str = "the advisory names no vulnerability, and vuln-list keeps those about security only";

/// As the reference of feeds says.
const MODULES: &str = "streams of modules are left out here: an inventory does not say which stream a machine follows";

impl Said {
    fn has_modules(&self) -> bool {
        self.packages.iter().any(|(_, _, version)| version.contains(".module"))
    }

    fn without_modules(&self) -> Self {
        let plain = self.packages.iter().filter(|(_, _, version)| !version.contains(".module"));
        Self { title: self.title.clone(), severity: self.severity.clone(), cves: self.cves.clone(), packages: plain.cloned().collect() }
    }
}

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::witness("vuln-list-update");
    for path in entries(&data.folder("vuln-list-update").context("the folder is there")?)? {
        let Some(file) = name(&path).filter(|name| *name != "README.md") else { continue };
        let Some((feed, _)) = file.split_once(".tar") else {
            report.note(format!("{file}: no archive of a feed"));
            continue;
        };
        if feed != "alma" {
            report.note(format!("{feed}: no feed here has this format"));
            continue;
        }
        alma(&data.archive(&path)?, &mut report)?;
    }
    Ok(report)
}

fn alma(files: &Files, report: &mut Report) -> Result<()> {
    let Some((_, list)) = files.iter().find(|(path, _)| path.ends_with("/errata.json")) else {
        report.note("alma: there is no list".to_owned());
        return Ok(());
    };
    let list: Vec<Value> = serde_json::from_slice(list).context("alma: the list is none of advisories")?;
    let mut theirs = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.contains("/golden/")) {
        let record: Value = serde_json::from_slice(bytes).with_context(|| format!("{path} is no record"))?;
        theirs.insert(text(&record["updateinfo_id"]), said_there(&record));
    }
    let ours: BTreeMap<String, Said> = read_here(&list)?;
    for id in theirs.keys().chain(ours.keys()).collect::<BTreeSet<&String>>() {
        let (our, their) = (ours.get(id), theirs.get(id));
        let what = || format!("alma: {id} is {their:?}, here {our:?}");
        match (our, their) {
            (Some(our), None) if our.cves.is_empty() => report.explained(what, NO_SECURITY),
            (our, Some(their)) if their.has_modules() && our.is_none_or(|our| *our == their.without_modules()) => {
                let is_left_out = our.is_some() || their.without_modules().packages.is_empty();
                if is_left_out { report.explained(what, MODULES) } else { report.same(false, what) }
            }
            _ => report.same(our == their, what),
        }
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn said_there(record: &Value) -> Said {
    let references = record["references"].as_array().into_iter().flatten();
    let packages = record["pkglist"]["packages"].as_array().into_iter().flatten();
    // No epoch is the epoch 0.
    let evr = |package: &Value| {
        let evr = format!("{}:{}-{}", text(&package["epoch"]), text(&package["version"]), text(&package["release"]));
        evr.strip_prefix("0:").map_or(evr.clone(), str::to_owned)
    };
    Said {
        title: text(&record["title"]),
        severity: text(&record["severity"]).to_lowercase(),
        cves: references.filter(|reference| reference["type"] == "cve").map(|reference| text(&reference["id"])).collect(),
        packages: packages.map(|package| (text(&package["name"]), text(&package["arch"]), evr(package))).collect(),
    }
}

/// What the product reads of the advisories of AlmaLinux, each for the release that its packages are tagged with.
fn read_here(list: &[Value]) -> Result<BTreeMap<String, Said>> {
    let mut all = BTreeMap::new();
    for advisory in list {
        let packages = || advisory["pkglist"]["packages"].as_array().into_iter().flatten();
        let tag = packages().find_map(|package| text(&package["release"]).split_once("el").map(|(_, tag)| tag.to_owned()));
        let number: String = tag.unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        let architectures: BTreeSet<String> = packages().map(|package| text(&package["arch"])).filter(|name| name != "noarch").collect();
        let release = ReleaseKey::new("almalinux", &number);
        let xml = updateinfo(advisory)?;
        let architectures: Vec<String> = architectures.into_iter().collect();
        let made = unverified_patches(&release, &architectures, &[], &[xml.as_bytes()])?;
        all.extend(made.iter().map(|patch| (patch.bulletin.clone().unwrap_or_default(), said_here(patch))));
    }
    Ok(all)
}

fn said_here(patch: &Patch) -> Said {
    let Rule::Rpm { packages, .. } = &patch.rule else {
        return Said { title: patch.title.clone(), severity: String::new(), cves: BTreeSet::new(), packages: BTreeSet::new() };
    };
    let severity = match patch.vendor_severity {
        Severity::None => "none",
        Severity::Low => "low",
        Severity::Moderate => "moderate",
        Severity::Important => "important",
        Severity::Critical => "critical",
    };
    Said {
        // Patches are called by the advisory's id before its title.
        title: patch.bulletin.as_deref().and_then(|id| patch.title.strip_prefix(id)).unwrap_or(&patch.title).trim_start().to_owned(),
        severity: severity.to_owned(),
        cves: patch.cves.iter().map(ToString::to_string).collect(),
        packages: packages.iter().map(|package| (package.name.clone(), package.architecture.clone(), package.version.clone())).collect(),
    }
}

/// An advisory as `updateinfo.xml` has it.
fn updateinfo(advisory: &Value) -> Result<String> {
    let field = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let kind = if field(&advisory["updateinfo_id"]).starts_with("ALSA") { "security" } else { "bugfix" };
    let mut xml = format!(
        "<updates><update type=\"{kind}\" status=\"final\"><id>{}</id><title>{}</title><severity>{}</severity><references>",
        field(&advisory["updateinfo_id"]),
        field(&advisory["title"]),
        field(&advisory["severity"])
    );
    for reference in advisory["references"].as_array().into_iter().flatten() {
        let [href, id, kind] = ["href", "id", "type"].map(|name| field(&reference[name]));
        write!(xml, "<reference href=\"{href}\" id=\"{id}\" type=\"{kind}\"/>")?;
    }
    xml.push_str("</references><pkglist><collection>");
    for package in advisory["pkglist"]["packages"].as_array().into_iter().flatten() {
        let [name, arch, epoch, version, release] = ["name", "arch", "epoch", "version", "release"].map(|name| field(&package[name]));
        write!(
            xml,
            "<package name=\"{name}\" arch=\"{arch}\" epoch=\"{epoch}\" version=\"{version}\" release=\"{release}\"><filename/></package>"
        )?;
    }
    xml.push_str("</collection></pkglist></update></updates>");
    Ok(xml)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn advisory(id: &str, release: &str) -> Value {
        json!({
            "updateinfo_id": id,
            "title": "Important: a & b update",
            "severity": "Important",
            "references": [{"href": "https://example.org/1", "type": "cve", "id": "CVE-2024-0001"}],
            "pkglist": {"packages": [
                {"name": "a", "arch": "x86_64", "epoch": "0", "version": "1.0", "release": release},
                {"name": "b", "arch": "noarch", "epoch": "2", "version": "1.0", "release": release}
            ]}
        })
    }

    fn judged(list: &Value, golden: &Value) -> String {
        let files = Files::from([
            ("x/testdata/errata.json".to_owned(), list.to_string().into_bytes()),
            ("x/testdata/golden/2024/1.json".to_owned(), golden.to_string().into_bytes()),
        ]);
        let mut report = Report::witness("vuln-list-update");
        alma(&files, &mut report).expect("judged");
        report.result()
    }

    #[test]
    fn what_came_out_is_what_is_read_here() {
        let one = advisory("ALSA-2024:0001", "3.el9_2");
        assert!(judged(&json!([one]), &one).contains(" n=1 m=1 explained=0 unexplained=0"));
    }

    #[test]
    fn another_version_is_unexplained_and_a_module_is_not() {
        let (one, other) = (advisory("ALSA-2024:0001", "3.el9_2"), advisory("ALSA-2024:0001", "4.el9_2"));
        assert!(judged(&json!([one]), &other).ends_with("explained=0 unexplained=1"));
        let module = advisory("ALSA-2024:0001", "3.module_el9.2.0+1+abc");
        assert!(judged(&json!([module]), &module).ends_with("explained=1 unexplained=0"));
    }
}
