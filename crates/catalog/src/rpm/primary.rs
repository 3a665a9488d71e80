//! The packages of a repository.

use crate::index::IndexError;
use crate::xml::{self, Element, Format};
use fettle_model::version::{Nevra, RpmVersion};
use std::io::BufRead;
use std::sync::Arc;

/// Most packages in one repository; Fedora has 70,000.
const MAX_PACKAGES: usize = 1_000_000;
/// Longest line about a package.
const MAX_SUMMARY: usize = 4_096;

const FORMAT: Format = Format {
    root: "metadata",
    namespaces: &["http://linux.duke.edu/metadata/common", "http://linux.duke.edu/metadata/rpm"],
    unread: &["description", "provides", "requires", "conflicts", "obsoletes", "recommends", "suggests", "supplements", "enhances", "file"],
};

/// One package at one version.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) name: Arc<str>,
    /// `noarch` fits every machine.
    pub(super) architecture: Arc<str>,
    pub(super) version: RpmVersion,
    /// Source package.
    pub(super) source: Arc<str>,
    /// Bytes of the package file.
    pub(super) size: u64,
    /// One line about it; may be empty.
    pub(super) summary: Arc<str>,
}

/// Reads the packages. Source packages are left out.
pub(super) fn read(input: &mut dyn BufRead) -> Result<Vec<Package>, IndexError> {
    let mut packages = Vec::new();
    xml::read::<IndexError>(input, &FORMAT, |part| {
        if part.name != "package" {
            return Ok(());
        }
        if packages.len() == MAX_PACKAGES {
            return Err(IndexError::TooManyPackages(MAX_PACKAGES));
        }
        let name = part.text_at(&["name"]);
        let read = package(&part, name).map_err(|flaw| IndexError::Element { name: name.chars().take(100).collect(), flaw })?;
        packages.extend(read.filter(|package| !matches!(&*package.architecture, "src" | "nosrc")));
        Ok(())
    })?;
    packages.shrink_to_fit();
    Ok(packages)
}

fn package(part: &Element, name: &str) -> Result<Option<Package>, String> {
    let architecture = part.text_at(&["arch"]);
    if !is_package_name(name) {
        return Err("it is no package name".to_owned());
    }
    if !is_package_name(architecture) {
        return Err(format!("{:?} is no architecture", architecture.chars().take(100).collect::<String>()));
    }
    let stated = part.all("version").next().ok_or("it has no version")?;
    let Some(version) = version(stated.attribute("epoch"), stated.attribute("ver"), stated.attribute("rel"))? else { return Ok(None) };
    let size = part.all("size").next().map(|size| size.attribute("package")).unwrap_or_default();
    let size = if size.is_empty() { 0 } else { size.parse().map_err(|_| "its size is no number".to_owned())? };
    let source = Nevra::parse(part.text_at(&["format", "sourcerpm"])).map(|source| source.name);
    Ok(Some(Package {
        name: name.into(),
        architecture: architecture.into(),
        version,
        source: source.as_deref().filter(|source| is_package_name(source)).unwrap_or(name).into(),
        size,
        summary: part.text_at(&["summary"]).chars().take(MAX_SUMMARY).collect::<String>().into(),
    }))
}

/// A version from its parts; `None` for one of a module stream, as `13.el8.module_2024+5`. Streams stand beside each
/// other, so versions of one do not replace those of another, and an inventory does not say which a package is from.
pub(super) fn version(epoch: &str, version: &str, release: &str) -> Result<Option<RpmVersion>, String> {
    if version.is_empty() || release.is_empty() {
        return Err("its version is incomplete".to_owned());
    }
    if release.contains(".module") {
        return Ok(None);
    }
    let text = if matches!(epoch, "" | "0") { format!("{version}-{release}") } else { format!("{epoch}:{version}-{release}") };
    RpmVersion::parse(&text).map(Some).map_err(|flaw| format!("its version cannot be used: {flaw}"))
}

/// Characters of package names in all distributions.
pub(super) fn is_package_name(name: &str) -> bool {
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    starts_well && name.len() <= 256 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._~^".contains(&byte))
}
