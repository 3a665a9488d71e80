//! Hosts with RPM packages, and what dnf lists for them from one list of advisories.
//!
//! The list mixes releases, and dnf does not tell them apart: each host is judged as a machine of every release in the list,
//! which together must give dnf's answer, and as one of its own release, which must give what of dnf's answer is for that.

use crate::data::{Data, entries, find, name};
use crate::made::{inventory, linux, missing, patch};
use crate::report::Report;
use anyhow::{Context, Result, bail};
use fettle_catalog::rpm::unverified_patches;
use fettle_model::inventory::{Package, PackageState};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use fettle_model::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Advisory, package, and the release that its version is tagged with. An advisory that names a package at two versions of
/// one release, or that was published twice, is missing until the higher is there.
type Answer = (String, String, String);

/// Answers, and the architectures that each speaks of.
type Answers = BTreeMap<Answer, BTreeSet<String>>;

const OTHER_ARCHITECTURE: &str =
    "the package depends on the architecture in one version and not in the other: dnf updates it, and lists no advisory";

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("rpm-hosts");
    let folder = data.folder("rpm-hosts").context("the folder is there")?;
    let lists = lists(data, &folder)?;
    if lists.is_empty() {
        report.note("there is no updateinfo.xml, beside the hosts or in centos-updateinfo".to_owned());
        return Ok(report);
    }
    let releases: BTreeSet<String> = lists.iter().flat_map(|list| tags(&String::from_utf8_lossy(list)).collect::<Vec<_>>()).collect();
    for folder in entries(&folder)?.iter().filter(|path| path.is_dir()) {
        let (Some(packages), Some(expected)) = (find(folder, "rpm-qa.tsv"), find(folder, "expected-advisory-packages.json")) else {
            continue;
        };
        let host = Host { name: name(folder).unwrap_or_default().to_owned(), packages: packages_of(&data.text(&packages)?)? };
        let expected = expected_of(&data.bytes(&expected)?)?;
        let mut all = Answers::new();
        for release in &releases {
            for (answer, mut architectures) in host.missing(release, &lists)? {
                all.entry(answer).or_default().append(&mut architectures);
            }
        }
        compare("of all releases", &host, &expected, &all, &mut report);
        let own = host.release().with_context(|| format!("{} has no packages whose release says which it is", host.name))?;
        let is_own = |(_, _, tag): &&Answer| tag.is_empty() || *tag == own;
        let expected: BTreeSet<Answer> = expected.iter().filter(is_own).cloned().collect();
        compare("of its own release", &host, &expected, &host.missing(&own, &lists)?, &mut report);
    }
    Ok(report)
}

/// Lists of advisories beside the hosts, and those of the folder that is named after them.
fn lists(data: &Data, folder: &Path) -> Result<Vec<Vec<u8>>> {
    let folders = [Some(folder.to_owned()), data.folder("centos-updateinfo")];
    let files = folders.iter().flatten().filter_map(|folder| find(folder, "updateinfo.xml"));
    files.map(|path| data.bytes(&path)).collect()
}

/// Numbers of releases that are tagged in a text, as `6` in `15.el6_1.1`.
fn tags(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(".el").skip(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>()).filter(|tag| !tag.is_empty())
}

/// The number that a release is tagged with; empty when it has none.
fn tag(text: &str) -> String {
    tags(text).next().unwrap_or_default()
}

fn expected_of(bytes: &[u8]) -> Result<BTreeSet<Answer>> {
    let rows: Vec<Vec<String>> = serde_json::from_slice(bytes)?;
    rows.into_iter()
        .map(|row| match row.as_slice() {
            [advisory, name, _, release] => Ok((advisory.clone(), name.clone(), tag(release))),
            other => bail!("{other:?} is no advisory with a package"),
        })
        .collect()
}

fn packages_of(table: &str) -> Result<Vec<Package>> {
    let rows = table.lines().skip(1).filter(|line| !line.trim().is_empty());
    rows.map(|line| match line.split('\t').collect::<Vec<_>>().as_slice() {
        [name, epoch, version, release, architecture] => Ok(Package {
            name: (*name).to_owned(),
            version: format!("{}:{version}-{release}", if *epoch == "(none)" { "0" } else { epoch }),
            architecture: (*architecture).to_owned(),
            source: (*name).to_owned(),
            source_version: format!("{version}-{release}"),
            state: PackageState::Installed,
            held: false,
        }),
        _ => bail!("{line:?} is no package"),
    })
    .collect()
}

struct Host {
    name: String,
    packages: Vec<Package>,
}

impl Host {
    /// The number that most of its packages are tagged with.
    fn release(&self) -> Option<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        self.packages.iter().flat_map(|package| tags(&package.version)).for_each(|tag| *counts.entry(tag).or_default() += 1);
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(tag, _)| tag)
    }

    /// What it misses as a machine of a release.
    fn missing(&self, release: &str, lists: &[Vec<u8>]) -> Result<Answers> {
        let key = ReleaseKey::new("centos", release);
        let architectures: BTreeSet<String> = self.packages.iter().map(|package| package.architecture.clone()).collect();
        let architectures: Vec<String> = architectures.into_iter().filter(|name| name != "noarch").collect();
        let lists: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
        let patches = unverified_patches(&key, &architectures, &[], &lists)?;
        let single: Vec<Patch> = patches.iter().flat_map(one_by_one).collect();
        let machine = inventory(&self.name, linux("centos", release, "", "x86_64"), self.packages.clone());
        let (catalog, numbers) = missing(single, &machine)?;
        let mut answers = Answers::new();
        for entry in numbers.iter().filter_map(|&no| catalog.get(no)) {
            let words: Vec<&str> = entry.patch.id.as_str().split(' ').collect();
            let [advisory, name, version, architecture] = words.as_slice() else { bail!("{} was not made here", entry.patch.id) };
            let answer = ((*advisory).to_owned(), (*name).to_owned(), tag(version));
            answers.entry(answer).or_default().insert((*architecture).to_owned());
        }
        Ok(answers)
    }

    /// Whether a package is for all architectures as it is installed, and not as an answer has it, or the other way round.
    fn has_another_architecture(&self, name: &str, architectures: &BTreeSet<String>) -> bool {
        let mut installed = self.packages.iter().filter(|package| package.name == name);
        installed.all(|package| !architectures.contains(&package.architecture))
            && (architectures.contains("noarch")
                || self.packages.iter().any(|package| package.name == name && package.architecture == "noarch"))
    }
}

/// A patch for each package of a patch, so that answers can be compared one by one.
fn one_by_one(patch_of_all: &Patch) -> Vec<Patch> {
    let Rule::Rpm { release, packages } = &patch_of_all.rule else { return Vec::new() };
    let advisory = patch_of_all.bulletin.clone().unwrap_or_default();
    let one = |package: &fettle_model::rule::BinaryVersion| {
        let version = package.version.split_once(':').map_or(package.version.as_str(), |(_, version)| version);
        let id = format!("{advisory} {} {version} {}", package.name, package.architecture);
        patch(&id, Rule::Rpm { release: release.clone(), packages: vec![package.clone()] })
    };
    packages.iter().map(one).collect()
}

fn compare(which: &str, host: &Host, expected: &BTreeSet<Answer>, ours: &Answers, report: &mut Report) {
    let of = |(advisory, name, tag): &Answer| format!("{} {which}: {advisory} {name} of el{tag}", host.name);
    for each in expected {
        report.same(ours.contains_key(each), || format!("{} is missing for dnf, here it is not", of(each)));
    }
    for (each, architectures) in ours.iter().filter(|(each, _)| !expected.contains(*each)) {
        let what = || format!("{} is missing here, and not for dnf", of(each));
        if host.has_another_architecture(&each.1, architectures) {
            report.explained(what, OTHER_ARCHITECTURE);
        } else {
            report.same(false, what);
        }
    }
}
