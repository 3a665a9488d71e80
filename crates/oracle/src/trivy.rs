//! Package lists of images, a small database of vulnerabilities, and the report that a scanner made of both.
//!
//! Only what a version fixes is asked about: a vulnerability without one has no patch.

use crate::data::{Data, entries, name};
use crate::made::{inventory, linux, missing, patch};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_model::inventory::{Inventory, Package, PackageState};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use fettle_model::rule::{BinaryVersion, Rule, SourceVersion};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// A package of an image's list.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
    version: String,
    #[serde(default)]
    release: String,
    #[serde(default)]
    epoch: u32,
    #[serde(default)]
    arch: String,
    #[serde(default)]
    src_name: String,
    #[serde(default)]
    src_version: String,
}

/// How a family of distributions is judged.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Dpkg,
    Rpm,
}

fn kind(family: &str) -> Option<Kind> {
    match family {
        "debian" | "ubuntu" => Some(Kind::Dpkg),
        "alma" | "centos" | "redhat" | "rocky" | "oracle" | "amazon" | "fedora" | "photon" => Some(Kind::Rpm),
        _ => None,
    }
}

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("trivy");
    let folder = data.folder("trivy").context("the folder is there")?;
    let (golden, database) = (folder.join("golden"), folder.join("db"));
    if !golden.is_dir() || !database.is_dir() {
        report.note("there are no reports with the database that they were made from".to_owned());
        return Ok(report);
    }
    let fixes = read_database(data, &database)?;
    let lists = lists(data, &folder.join("inventory"))?;
    let reports = entries(&golden)?;
    let stem = |path: &Path| name(path).and_then(|name| name.split(".json").next()).unwrap_or_default().to_owned();
    let stems: Vec<String> = reports.iter().map(|path| stem(path)).collect();
    for path in &reports {
        let own = stem(path);
        // Reports of the same image with fewer rows have the same name with something behind it.
        let is_filtered = stems.iter().any(|other| own.len() > other.len() && own.starts_with(&format!("{other}-")));
        let told: Value = serde_json::from_slice(&data.bytes(path)?).with_context(|| path.display().to_string())?;
        let os = &told["Metadata"]["OS"];
        let (family, version) = (os["Family"].as_str().unwrap_or_default(), os["Name"].as_str().unwrap_or_default());
        let Some(kind) = kind(family) else {
            report.note(format!("{own}: the product has no packages of {family:?}"));
            continue;
        };
        let listed = list(&lists, &own, &told);
        compare(&Image { own: &own, family, version, kind, is_filtered }, &listed, &told, &fixes, &mut report)?;
    }
    Ok(report)
}

struct Image<'a> {
    own: &'a str,
    family: &'a str,
    version: &'a str,
    kind: Kind,
    is_filtered: bool,
}

impl Image<'_> {
    /// Whether its database speaks of source packages.
    fn speaks_of_sources(&self) -> bool {
        matches!(self.family, "debian" | "ubuntu" | "photon")
    }
}

/// The lists of images that were brought, by name.
fn lists(data: &Data, folder: &Path) -> Result<Vec<(String, Vec<Listed>)>> {
    let read = |path: &PathBuf| {
        let listed = serde_json::from_slice(&data.bytes(path)?).with_context(|| path.display().to_string())?;
        Ok((name(path).and_then(|name| name.split(".json").next()).map(plain).unwrap_or_default(), listed))
    };
    if folder.is_dir() { entries(folder)?.iter().map(read).collect() } else { Ok(Vec::new()) }
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The list of an image; when there is none, the packages that its report names, built from what they are built from
/// in other images.
fn list(lists: &[(String, Vec<Listed>)], own: &str, told: &Value) -> Vec<Listed> {
    let is_own = |image: &str| plain(own).starts_with(image) || image.contains(&plain(own));
    if let Some((_, listed)) = lists.iter().find(|(image, _)| is_own(image)) {
        return listed.clone();
    }
    let source =
        |package: &str| lists.iter().flat_map(|(_, listed)| listed).find(|listed| listed.name == package).map(|listed| &listed.src_name);
    let listed = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        // Epoch and release stand in the one text that reports have.
        let src_name = source(&text("PkgName")).cloned().unwrap_or_default();
        Listed {
            name: text("PkgName"),
            version: text("InstalledVersion"),
            release: String::new(),
            epoch: 0,
            arch: String::new(),
            src_name,
            src_version: String::new(),
        }
    };
    rows(told).map(listed).collect()
}

fn rows(told: &Value) -> impl Iterator<Item = &Value> {
    let results = told["Results"].as_array().into_iter().flatten().filter(|result| result["Class"] == "os-pkgs");
    results.flat_map(|result| result["Vulnerabilities"].as_array().into_iter().flatten())
}

fn compare(image: &Image<'_>, listed: &[Listed], told: &Value, fixes: &[Fix], report: &mut Report) -> Result<()> {
    let host = host(image, listed);
    let source: HashMap<&str, &str> = host.packages.iter().map(|package| (package.name.as_str(), package.source.as_str())).collect();
    let counted = |package: &str| match image.speaks_of_sources() {
        true => source.get(package).copied().unwrap_or(package).to_owned(),
        false => package.to_owned(),
    };
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let fixed = rows(told).filter(|row| !text(row, "FixedVersion").is_empty());
    let expected: BTreeSet<(String, String)> = fixed.map(|row| (counted(&text(row, "PkgName")), text(row, "VulnerabilityID"))).collect();
    let release = host.os.release().context("the image has a release")?;
    let patches: Vec<Patch> = fixes.iter().filter(|fix| fix.is_for(image)).map(|fix| fix.patch(image, &host, &release)).collect();
    if patches.is_empty() {
        report.note(format!("{}: the database has nothing for {} {}", image.own, image.family, image.version));
        return Ok(());
    }
    let (catalog, numbers) = missing(patches, &host)?;
    let named = numbers.iter().filter_map(|&no| catalog.get(no)).filter_map(|entry| entry.patch.id.as_str().split_once(' '));
    let ours: BTreeSet<(String, String)> = named.map(|(package, cve)| (package.to_owned(), cve.to_owned())).collect();
    let of = |(package, cve): &(String, String)| format!("{}: {cve} in {package}", image.own);
    for row in &expected {
        report.same(ours.contains(row), || format!("{} is in the report and not missing here", of(row)));
    }
    // A filtered report says nothing of what it leaves out.
    for row in ours.difference(&expected).filter(|_| !image.is_filtered) {
        report.same(false, || format!("{} is missing here and not in the report", of(row)));
    }
    Ok(())
}

fn host(image: &Image<'_>, listed: &[Listed]) -> Inventory {
    let evr = |version: &str, release: &str, epoch: u32| match (release.is_empty(), epoch) {
        (true, 0) => version.to_owned(),
        (true, epoch) => format!("{epoch}:{version}"),
        (false, epoch) => format!("{epoch}:{version}-{release}"),
    };
    let package = |listed: &Listed| {
        let version = evr(&listed.version, &listed.release, listed.epoch);
        Package {
            name: listed.name.clone(),
            architecture: if listed.arch.is_empty() { "all".to_owned() } else { listed.arch.clone() },
            source: if listed.src_name.is_empty() { listed.name.clone() } else { listed.src_name.clone() },
            source_version: if listed.src_version.is_empty() || image.kind == Kind::Rpm {
                version.clone()
            } else {
                listed.src_version.clone()
            },
            version,
            state: PackageState::Installed,
            held: false,
        }
    };
    let id = match image.family {
        "alma" => "almalinux",
        "redhat" => "rhel",
        "oracle" => "ol",
        "amazon" => "amzn",
        family => family,
    };
    inventory(image.own, linux(id, image.version, image.version, "amd64"), listed.iter().map(package).collect())
}

/// A version that fixes something, for one release.
struct Fix {
    /// As the database names it: `debian 10`, `Red Hat`.
    place: String,
    package: String,
    cve: String,
    version: String,
}

impl Fix {
    fn is_for(&self, image: &Image<'_>) -> bool {
        let major = image.version.split('.').next().unwrap_or_default();
        let place = self.place.to_lowercase();
        match image.family {
            // One place for all releases: the version says for which it was built.
            "centos" | "redhat" => place == "red hat" && self.version.contains(&format!(".el{major}")),
            "photon" => place == format!("photon os {}", image.version),
            family => place == format!("{family} {major}") || place == format!("{family} {}", image.version),
        }
    }

    fn patch(&self, image: &Image<'_>, host: &Inventory, release: &ReleaseKey) -> Patch {
        let (name, version) = (self.package.clone(), self.version.clone());
        let binary = |name: &str| BinaryVersion { name: name.to_owned(), architecture: "noarch".to_owned(), version: version.clone() };
        let rule = match image.kind {
            Kind::Dpkg => Rule::Dpkg { release: release.clone(), binaries: Vec::new(), sources: vec![SourceVersion { name, version }] },
            // Rules over RPM packages name what is built from a source.
            Kind::Rpm if image.speaks_of_sources() => {
                let built = host.packages.iter().filter(|package| package.source == name);
                Rule::Rpm { release: release.clone(), packages: built.map(|package| binary(&package.name)).collect() }
            }
            Kind::Rpm => Rule::Rpm { release: release.clone(), packages: vec![binary(&name)] },
        };
        patch(&format!("{} {}", self.package, self.cve), rule)
    }
}

/// `bucket: PLACE, pairs: [bucket: PACKAGE, pairs: [key: CVE or advisory, value: …]]`.
fn read_database(data: &Data, folder: &Path) -> Result<Vec<Fix>> {
    let mut fixes = Vec::new();
    for path in entries(folder)? {
        let tree: Value = serde_norway::from_slice(&data.bytes(&path)?).with_context(|| path.display().to_string())?;
        for place in tree.as_array().into_iter().flatten() {
            for package in place["pairs"].as_array().into_iter().flatten().filter(|package| package["bucket"].is_string()) {
                for pair in package["pairs"].as_array().into_iter().flatten() {
                    read_pair(place, package, pair, &mut fixes);
                }
            }
        }
    }
    Ok(fixes)
}

fn read_pair(place: &Value, package: &Value, pair: &Value, fixes: &mut Vec<Fix>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut add = |cve: String, version: &Value| {
        if let Some(version) = version.as_str() {
            fixes.push(Fix { place: text(&place["bucket"]), package: text(&package["bucket"]), cve, version: version.to_owned() });
        }
    };
    add(text(&pair["key"]), &pair["value"]["FixedVersion"]);
    for entry in pair["value"]["Entries"].as_array().into_iter().flatten() {
        for cve in entry["Cves"].as_array().into_iter().flatten() {
            add(cve["ID"].as_str().map_or_else(|| text(&pair["key"]), str::to_owned), &entry["FixedVersion"]);
        }
    }
}
