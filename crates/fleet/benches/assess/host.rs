//! One host as dpkg and apt describe it: a status file and an index of packages.

use crate::world::{host, patch};
use fettle_fleet::Catalog;
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::inventory::{Inventory, Package, PackageState};
use fettle_model::os::ReleaseKey;
use fettle_model::rule::{BinaryVersion, Rule};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::Path;

/// The host and one patch for each source package version of the index.
pub(crate) fn read(folder: &Path) -> Result<(Inventory, Catalog), Box<dyn Error>> {
    let status = std::fs::read_to_string(folder.join("status"))?;
    let packages = stanzas(&status).filter(|stanza| stanza.get("Status").is_some_and(|status| status.ends_with(" installed")));
    let mut packages: Vec<Package> = packages.map(|stanza| package(&stanza)).collect();
    packages.sort_by(|a, b| (&a.name, &a.architecture).cmp(&(&b.name, &b.architecture)));
    let index = std::fs::read_to_string(folder.join("Packages"))?;
    let mut groups: BTreeMap<(String, String), Vec<BinaryVersion>> = BTreeMap::new();
    for stanza in stanzas(&index) {
        let Package { name, architecture, version, source, source_version, .. } = package(&stanza);
        groups.entry((source, source_version)).or_default().push(BinaryVersion { name, architecture, version });
    }
    let made = |(no, ((source, version), binaries)): (u32, ((String, String), Vec<BinaryVersion>))| {
        let rule = Rule::Dpkg { release: ReleaseKey::new("debian", "bookworm"), binaries, sources: Vec::new() };
        (PatchNo(no), patch(PatchId(format!("debian:bookworm:{source}@{version}")), rule, 0))
    };
    Ok((host(packages), Catalog::build(1, (1..).zip(groups).map(made).collect())))
}

fn stanzas(text: &str) -> impl Iterator<Item = HashMap<&str, &str>> {
    text.split("\n\n").filter(|stanza| stanza.contains("Package: ")).map(fields)
}

fn fields(stanza: &str) -> HashMap<&str, &str> {
    stanza.trim_start().lines().filter_map(|line| line.split_once(": ")).collect()
}

fn package(stanza: &HashMap<&str, &str>) -> Package {
    let field = |name: &str| stanza.get(name).copied().unwrap_or_default();
    let (name, version) = (field("Package"), field("Version"));
    let source = stanza.get("Source").copied().unwrap_or(name);
    let (source, source_version) = source.split_once(" (").map_or((source, version), |(name, v)| (name, v.trim_end_matches(')')));
    Package {
        name: name.to_owned(),
        architecture: field("Architecture").to_owned(),
        version: version.to_owned(),
        source: source.to_owned(),
        source_version: source_version.to_owned(),
        state: PackageState::Installed,
        held: field("Status").starts_with("hold "),
    }
}
