//! Hosts with the package indexes of their distribution, and what apt said of them.

use crate::data::{Data, entries, find, name};
use crate::made::{inventory, linux, missing};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::apt::{UnverifiedIndex, unverified_patches};
use fettle_model::inventory::{Inventory, Package, PackageState};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Another host's index was made at another moment.
const OTHER_MOMENT: &str = "the host brought no index; the one of another host of its release is of another day";
/// Updates of the release itself stand in an index that was not brought.
const OTHER_SUITE: &str = "apt takes it from a suite whose index was not brought";

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("linux-hosts");
    let folder = data.folder("linux-hosts").context("the folder is there")?;
    let folders: Vec<PathBuf> = entries(&folder)?.into_iter().filter(|path| path.is_dir() && path.join("os-release").is_file()).collect();
    let hosts = folders.iter().map(|folder| Ok((folder.as_path(), host(data, folder)?))).collect::<Result<Vec<(&Path, Inventory)>>>()?;
    for (folder, host) in &hosts {
        let mut indexes = indexes(folder)?;
        let are_own = !indexes.is_empty();
        if !are_own {
            let same = hosts.iter().filter(|(_, other)| other.os.release() == host.os.release());
            indexes = same
                .map(|(folder, _)| self::indexes(folder))
                .find(|found| !matches!(found, Ok(found) if found.is_empty()))
                .transpose()?
                .unwrap_or_default();
        }
        let Some(list) = find(folder, "apt-list-upgradable.txt") else { continue };
        if indexes.is_empty() {
            report.note(format!("{}: there is no package index for its release", name(folder).unwrap_or_default()));
            continue;
        }
        compare(data, host, &indexes, &list, are_own, &mut report)?;
    }
    Ok(report)
}

/// The host in a folder with `os-release` and `dpkg-query.tsv`: package, architecture, version, source, source version, state.
pub(crate) fn host(data: &Data, folder: &Path) -> Result<Inventory> {
    let os_release = data.text(&folder.join("os-release"))?;
    let os: HashMap<&str, &str> =
        os_release.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key, value.trim_matches('"'))).collect();
    let os = |key: &str| os.get(key).copied().unwrap_or_default();
    let list = find(folder, "dpkg-query.tsv").with_context(|| format!("{} has no dpkg-query.tsv", folder.display()))?;
    let packages = data.text(&list)?.lines().map(package).collect::<Result<Vec<Package>>>()?;
    // The machine's own architecture is that of its dpkg.
    let native = packages.iter().find(|package| package.name == "dpkg").map_or("amd64", |package| &package.architecture).to_owned();
    let system = linux(os("ID"), os("VERSION_ID"), os("VERSION_CODENAME"), &native);
    Ok(inventory(&folder.display().to_string(), system, packages))
}

fn package(line: &str) -> Result<Package> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[name, architecture, version, source, source_version, status] = fields.as_slice() else { anyhow::bail!("no package: {line:?}") };
    let state = if status.get(1..2) == Some("i") { PackageState::Installed } else { PackageState::ConfigFiles };
    let [name, architecture, version, source, source_version] = [name, architecture, version, source, source_version].map(str::to_owned);
    Ok(Package { name, architecture, version, source, source_version, state, held: status.starts_with('h') })
}

/// Package indexes in a host's folder: `security_Packages.xz`, `jammy-updates_Packages.xz`.
fn indexes(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().filter(|path| name(path).is_some_and(|name| name.contains("_Packages"))).collect())
}

fn compare(data: &Data, host: &Inventory, indexes: &[PathBuf], list: &Path, are_own: bool, report: &mut Report) -> Result<()> {
    let release = host.os.release().context("the host names its release")?;
    let texts = indexes.iter().map(|path| data.bytes(path)).collect::<Result<Vec<Vec<u8>>>>()?;
    let suite = |path: &PathBuf| {
        let pocket = name(path).and_then(|name| name.split_once("_Packages")).map_or("", |(pocket, _)| pocket);
        if pocket.starts_with(release.codename()) { pocket.to_owned() } else { format!("{}-{pocket}", release.codename()) }
    };
    let suites: Vec<String> = indexes.iter().map(suite).collect();
    let architecture = host.os.architecture.as_str();
    let read = |(suite, text)| UnverifiedIndex { suite, architecture, text };
    let unverified: Vec<UnverifiedIndex<'_>> = suites.iter().map(String::as_str).zip(texts.iter().map(Vec::as_slice)).map(read).collect();
    let patches = unverified_patches(&release, architecture, &unverified, &[])?;
    let (catalog, numbers) = missing(patches, host)?;
    let packages = numbers.iter().flat_map(|&no| catalog.missing_packages(no, host));
    let ours: BTreeSet<String> = packages.map(|package| format!("{} {} {}", package.name, package.version, package.architecture)).collect();
    let text = data.text(list)?;
    let apts: BTreeSet<(String, String)> = text.lines().filter_map(apt_line).collect();
    let named: BTreeSet<&str> = apts.iter().map(|(package, _)| package.as_str()).collect();
    let of = |what: &str| format!("{}: {what}", Path::new(&host.hostname).file_name().unwrap_or_default().to_string_lossy());
    for (package, from) in &apts {
        if ours.contains(package) {
            report.same(true, String::new);
        } else if !are_own {
            report.explained(|| of(&format!("apt lists {package}")), OTHER_MOMENT);
        } else if !brought(from, &suites) {
            report.explained(|| of(&format!("apt lists {package} from {from}")), OTHER_SUITE);
        } else {
            report.same(false, || of(&format!("apt lists {package}, and nothing here misses it")));
        }
    }
    for package in ours.iter().filter(|package| !named.contains(package.as_str())) {
        if are_own {
            report.same(false, || of(&format!("{package} is missing here, and apt does not list it")));
        } else {
            report.explained(|| of(&format!("{package} is missing here")), OTHER_MOMENT);
        }
    }
    Ok(())
}

/// Whether an index of one of the suites that apt names was brought: `oldstable-security` is whatever security is here.
fn brought(from: &str, suites: &[String]) -> bool {
    let pocket = |suite: &str| suite.rsplit_once('-').map_or(String::new(), |(_, pocket)| pocket.to_owned());
    from.split(',').any(|from| suites.iter().any(|suite| pocket(suite) == pocket(from)))
}

/// `openssl/oldstable-security 3.0.17-1~deb12u2 amd64 [upgradable from: …]`: package, version, architecture; and suites.
fn apt_line(line: &str) -> Option<(String, String)> {
    let (name, rest) = line.split_once('/')?;
    let mut words = rest.split_whitespace();
    let (from, version, architecture) = (words.next()?, words.next()?, words.next()?);
    Some((format!("{name} {version} {architecture}"), from.to_owned()))
}
