//! Hosts and indexes that nobody here made, with apt's own list of upgrades as the judge.
//!
//! The data lies beside the project when there is any; without it there is nothing to compare, which is said.

use crate::made::{bookworm, inventory, numbered, patch};
use fettle_fleet::{Assessment, Assessor, Catalog};
use fettle_model::inventory::{Inventory, Package, PackageState};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use fettle_model::rule::{BinaryVersion, Rule, SourceVersion};
use fettle_model::version::DpkgVersion;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: there are no real hosts in {}", path.display());
    None
}

fn unpack_gz(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("data");
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    text
}

fn unpack_xz(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("data");
    liblzma::read::XzDecoder::new(file).read_to_string(&mut text).expect("xz");
    text
}

/// The host as dpkg-query lists it: package, architecture, version, source, source version, status.
fn read_host(folder: &Path) -> Inventory {
    let os_release = std::fs::read_to_string(folder.join("os-release")).expect("data");
    let os: HashMap<&str, &str> =
        os_release.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key, value.trim_matches('"'))).collect();
    let line = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, architecture, version, source, source_version, status] = fields[..] else { panic!("{line:?}") };
        let state = if status.starts_with("ii") { PackageState::Installed } else { PackageState::ConfigFiles };
        let [name, architecture, version, source, source_version] =
            [name, architecture, version, source, source_version].map(str::to_owned);
        Package { name, architecture, version, source, source_version, state, held: status.starts_with('h') }
    };
    let mut host = inventory(unpack_gz(&folder.join("dpkg-query.tsv.gz")).lines().map(line).collect());
    host.os.id = os["ID"].to_owned();
    host.os.codename = os["VERSION_CODENAME"].to_owned();
    host
}

/// The highest version of each package over all indexes, grouped by the source it was built from.
fn read_patches(release: &ReleaseKey, indexes: &[PathBuf]) -> Vec<Patch> {
    let mut highest: BTreeMap<(String, String), (DpkgVersion, String)> = BTreeMap::new();
    for index in indexes {
        for stanza in unpack_xz(index).split("\n\n").filter(|stanza| !stanza.trim().is_empty()) {
            let fields: HashMap<&str, &str> = stanza.lines().filter_map(|line| line.split_once(": ")).collect();
            let version = DpkgVersion::parse(fields["Version"]).expect("a version");
            let source = fields.get("Source").copied().unwrap_or(fields["Package"]);
            let source =
                source.split_once(" (").map_or_else(|| format!("{source}@{version}"), |(name, version)| format!("{name}@{version}"));
            let key = (fields["Package"].to_owned(), fields["Architecture"].to_owned());
            if highest.get(&key).is_none_or(|(there, _)| *there < version) {
                highest.insert(key, (version, source));
            }
        }
    }
    let mut groups: BTreeMap<String, Vec<BinaryVersion>> = BTreeMap::new();
    for ((name, architecture), (version, source)) in highest {
        groups.entry(source).or_default().push(BinaryVersion { name, architecture, version: version.to_string() });
    }
    let made = |(source, binaries): (String, Vec<BinaryVersion>)| {
        let rule = Rule::Dpkg { release: release.clone(), binaries, sources: Vec::new() };
        Patch { rule, ..patch(&format!("{}:{source}", release.codename()), &[], &[]) }
    };
    groups.into_iter().map(made).collect()
}

fn missing(catalog: &Arc<Catalog>, host: &Inventory) -> BTreeSet<String> {
    let Assessment::Findings(findings) = Assessor::new(Arc::clone(catalog)).assess(host) else { panic!("{:?}", host.os) };
    let packages = findings.missing.iter().flat_map(|&no| catalog.missing_packages(no, host));
    packages.map(|package| format!("{} {} {}", package.name, package.version, package.architecture)).collect()
}

/// `openssl/oldstable-security 3.0.17-1~deb12u2 amd64 [upgradable from: …]`
fn apt_says(folder: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder.join("apt-list-upgradable.txt")).expect("data");
    let line = |line: &str| {
        let (name, rest) = line.split_once('/')?;
        let mut words = rest.split_whitespace().skip(1);
        Some(format!("{name} {} {}", words.next()?, words.next()?))
    };
    text.lines().filter_map(line).collect()
}

#[test]
fn the_missing_packages_are_those_apt_would_upgrade() {
    let Some(data) = data() else { return };
    for (host, indexes) in [
        ("debian12-minbase", &["debian12-web/security_Packages.xz"][..]),
        ("debian12-web", &["debian12-web/security_Packages.xz"][..]),
        ("debian11-infra", &["debian11-infra/security_Packages.xz"][..]),
        ("ubuntu2204-web", &["ubuntu2204-web/jammy-security_Packages.xz", "ubuntu2204-web/jammy-updates_Packages.xz"][..]),
    ] {
        let hosts = data.join("linux-hosts");
        let folder = hosts.join(host);
        let inventory = read_host(&folder);
        let indexes: Vec<PathBuf> = indexes.iter().map(|index| hosts.join(index)).collect();
        let patches = read_patches(&inventory.os.release().expect("a release"), &indexes);
        let catalog = Arc::new(Catalog::build(1, numbered(patches)));
        let (ours, apts) = (missing(&catalog, &inventory), apt_says(&folder));
        let not_apts: Vec<_> = ours.difference(&apts).collect();
        let not_ours: Vec<_> = apts.difference(&ours).collect();
        assert!(not_apts.is_empty() && not_ours.is_empty(), "{host}: apt does not list {not_apts:#?}, we do not {not_ours:#?}");
        eprintln!("{host}: {} packages, {} patches, {} packages missing, as apt says", inventory.packages.len(), catalog.len(), ours.len());
    }
}

#[test]
fn the_missing_advisories_are_those_found_by_source_versions() {
    let Some(data) = data() else { return };
    let advisories = unpack_gz(&data.join("debian-security/advisories-2025-02_2026-03.jsonl.gz"));
    for host in ["debian12-minbase", "debian12-web", "debian11-infra"] {
        let folder = data.join("linux-hosts").join(host);
        let inventory = read_host(&folder);
        let release = inventory.os.release().expect("a release");
        let expected: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join("expected-advisories.json")).expect("data")).expect("JSON");
        let expected: BTreeSet<&str> =
            expected["missing"].as_array().expect("a list").iter().filter_map(|missing| missing["advisory"].as_str()).collect();
        let patches = advisories.lines().filter_map(|line| read_advisory(&release, line)).collect();
        let catalog = Arc::new(Catalog::build(1, numbered(patches)));
        let Assessment::Findings(findings) = Assessor::new(Arc::clone(&catalog)).assess(&inventory) else { panic!("{release}") };
        let ours: BTreeSet<&str> = findings.missing.iter().filter_map(|&no| catalog.get(no)).map(|entry| entry.patch.id.as_str()).collect();
        assert_eq!(ours, expected, "{host}");
        eprintln!("{host}: {} advisories missing, as expected", ours.len());
    }
}

/// One line of the advisories: its id, and fixed versions by release and source package.
fn read_advisory(release: &ReleaseKey, line: &str) -> Option<Patch> {
    let advisory: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let fixed = advisory["fixed"].as_object().expect("fixed versions").iter().filter_map(|(place, version)| {
        let name = place.strip_prefix(release.codename())?.strip_prefix('/')?;
        Some(SourceVersion { name: name.to_owned(), version: version.as_str()?.to_owned() })
    });
    let sources: Vec<SourceVersion> = fixed.collect();
    let rule = Rule::Dpkg { release: release.clone(), binaries: Vec::new(), sources };
    let Rule::Dpkg { sources, .. } = &rule else { panic!("a rule over dpkg packages") };
    let id = advisory["id"].as_str().expect("an id");
    (!sources.is_empty()).then(|| Patch { rule: rule.clone(), ..patch(id, &[], &[]) })
}

#[test]
fn the_release_made_for_tests_is_a_real_one() {
    let Some(data) = data() else { return };
    assert_eq!(read_host(&data.join("linux-hosts/debian12-web")).os.release(), Some(bookworm()));
}
