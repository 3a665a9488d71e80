//! Entries of a package index.

use crate::deb822::{Paragraph, Reader, Wanted};
use crate::index::IndexError;
use fettle_model::version::DpkgVersion;
use std::collections::HashSet;
use std::io::BufRead;
use std::sync::Arc;

/// Most packages in one index; Debian's main has 64,000.
const MAX_PACKAGES: usize = 1_000_000;

const FIELDS: &[Wanted] = &[
    Wanted::line("Package", 256),
    Wanted::line("Version", 512),
    Wanted::line("Architecture", 64),
    Wanted::line("Source", 1024),
    Wanted::line("Size", 32),
    Wanted::line("Description", 4096),
    Wanted::line("Phased-Update-Percentage", 32),
];

/// One binary package at one version.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    /// Package name.
    pub(crate) name: Arc<str>,
    /// Architecture it is built for; `all` fits every machine.
    pub(crate) architecture: Arc<str>,
    /// Version.
    pub(crate) version: DpkgVersion,
    /// Source package.
    pub(crate) source: Arc<str>,
    /// Version of the source package.
    pub(crate) source_version: DpkgVersion,
    /// Bytes of the package file.
    pub(crate) size: u64,
    /// One line about it; may be empty.
    pub(crate) summary: Arc<str>,
}

/// Reads the entries of an index. Updates that the distribution gives to a share of machines only, as Ubuntu does at first
/// and whenever one is found to be bad, are left out: on the other machines the package manager would not install them.
pub(crate) fn read(input: &mut dyn BufRead) -> Result<Vec<Binary>, IndexError> {
    let mut reader = Reader::new(input, FIELDS);
    let mut words = Words::default();
    let mut packages = Vec::new();
    while let Some(paragraph) = reader.next().map_err(IndexError::Malformed)? {
        if packages.len() == MAX_PACKAGES {
            return Err(IndexError::TooManyPackages(MAX_PACKAGES));
        }
        let flawed = |flaw| IndexError::Entry { line: paragraph.line, flaw };
        let is_for_all = is_for_all(&paragraph).map_err(flawed)?;
        let package = entry(&paragraph, &mut words).map_err(flawed)?;
        if is_for_all {
            packages.push(package);
        }
    }
    packages.shrink_to_fit();
    Ok(packages)
}

/// Words that repeat, kept once.
#[derive(Default)]
struct Words(HashSet<Arc<str>>);

impl Words {
    fn keep(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.0.insert(Arc::clone(&word));
        word
    }
}

fn entry(paragraph: &Paragraph<'_>, words: &mut Words) -> Result<Binary, String> {
    let field = |position: usize, name: &str| {
        paragraph.get(position).filter(|text| !text.is_empty()).ok_or_else(|| format!("the field {name} is missing"))
    };
    let name = field(0, "Package")?;
    if !is_package_name(name) {
        return Err(format!("{name:?} is no package name"));
    }
    let version = version(field(1, "Version")?)?;
    let architecture = field(2, "Architecture")?;
    if !is_package_name(architecture) {
        return Err(format!("{architecture:?} is no architecture"));
    }
    let (source, source_version) = match paragraph.get(3).filter(|text| !text.is_empty()) {
        None => (name, version.clone()),
        Some(text) => source(text, &version)?,
    };
    let size = match paragraph.get(4) {
        None | Some("") => 0,
        Some(text) => text.parse().map_err(|_| format!("the size {text:?} is no number"))?,
    };
    Ok(Binary {
        name: words.keep(name),
        architecture: words.keep(architecture),
        version,
        source: words.keep(source),
        source_version,
        size,
        summary: paragraph.get(5).unwrap_or_default().into(),
    })
}

/// Whether every machine is given this version (apt_preferences(5) has it under phased updates).
fn is_for_all(paragraph: &Paragraph<'_>) -> Result<bool, String> {
    match paragraph.get(6) {
        None | Some("") => Ok(true),
        Some(text) => Ok(text.parse::<u8>().map_err(|_| format!("the share {text:?} of machines is no percentage"))? >= 100),
    }
}

/// `openssl` or `openssl (3.0.17-1)`: the version stands there when it differs from the package's own.
fn source<'a>(text: &'a str, own: &DpkgVersion) -> Result<(&'a str, DpkgVersion), String> {
    let (name, source_version) = match text.split_once(' ') {
        None => (text, own.clone()),
        Some((name, rest)) => {
            let inner = rest.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
            (name, version(inner.ok_or_else(|| format!("the source {text:?} is not name (version)"))?)?)
        }
    };
    if is_package_name(name) { Ok((name, source_version)) } else { Err(format!("{name:?} is no source package name")) }
}

fn version(text: &str) -> Result<DpkgVersion, String> {
    DpkgVersion::parse(text).map_err(|error| error.to_string())
}

/// Characters that dpkg allows in package names; capitals do occur outside of Debian.
fn is_package_name(name: &str) -> bool {
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    starts_well && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Binary, String> {
        let mut packages = read(&mut text.as_bytes()).map_err(|error| error.to_string())?;
        assert_eq!(packages.len(), 1);
        Ok(packages.remove(0))
    }

    #[test]
    fn the_source_is_the_package_itself_unless_stated() {
        let package =
            |source: &str| one(&format!("Package: a\nVersion: 1-1+b1\nArchitecture: amd64\n{source}Size: 7\n")).expect("a package");
        let own = package("");
        assert_eq!((own.source.as_ref(), own.source_version.as_str(), own.size), ("a", "1-1+b1", 7));
        let other = package("Source: b\n");
        assert_eq!((other.source.as_ref(), other.source_version.as_str()), ("b", "1-1+b1"));
        let rebuilt = package("Source: b (1-1)\n");
        assert_eq!((rebuilt.source.as_ref(), rebuilt.source_version.as_str()), ("b", "1-1"));
    }

    #[test]
    fn updates_for_some_machines_are_left_out() {
        let with = |share: &str| {
            let text = format!("Package: a\nVersion: 2\nArchitecture: all\n{share}\nPackage: b\nVersion: 1\nArchitecture: all\n");
            let packages = read(&mut text.as_bytes()).expect("an index");
            packages.iter().map(|package| package.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(with("Phased-Update-Percentage: 10\n"), ["b"]);
        assert_eq!(with("Phased-Update-Percentage: 0\n"), ["b"]);
        assert_eq!(with("Phased-Update-Percentage: 100\n"), ["a", "b"]);
        assert_eq!(with(""), ["a", "b"]);
    }

    #[test]
    fn absurd_entries_are_refused() {
        let refused = |text: &str| one(text).expect_err("refused");
        insta::assert_snapshot!(refused("Package: a\nArchitecture: all\n"), @"the entry that ends in line 2 cannot be used: the field Version is missing");
        insta::assert_snapshot!(refused("Package: ../a\nVersion: 1\nArchitecture: all\n"), @r#"the entry that ends in line 3 cannot be used: "../a" is no package name"#);
        insta::assert_snapshot!(refused("Package: a\nVersion: 1-\nArchitecture: all\n"), @r#"the entry that ends in line 3 cannot be used: "1-" is not a Debian version: there is nothing after the last hyphen"#);
        insta::assert_snapshot!(refused("Package: a\nVersion: 1\nArchitecture: all\nSource: b 2\n"), @r#"the entry that ends in line 4 cannot be used: the source "b 2" is not name (version)"#);
        insta::assert_snapshot!(refused("Package: a\nVersion: 1\nArchitecture: all\nSize: -1\n"), @r#"the entry that ends in line 4 cannot be used: the size "-1" is no number"#);
        insta::assert_snapshot!(refused("Package: a\nVersion: 1\nArchitecture: all\nPhased-Update-Percentage: few\n"), @r#"the entry that ends in line 4 cannot be used: the share "few" of machines is no percentage"#);
    }
}
