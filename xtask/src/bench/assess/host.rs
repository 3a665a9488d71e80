//! One host, as the package manager, the distribution's vulnerability checker and the product see it: the packages of
//! this machine, and an archive made here that has newer versions of some of them.

use crate::e2e::apt::Apt;
use crate::e2e::archive::{Archive, Packages, bare_root};
use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The suite everything is published in.
const SUITE: &str = "bookworm";
/// What newer versions end with.
const NEWER: &str = "+fettle1";
/// One source package in so many has a newer version.
const UPGRADED: usize = 4;
/// Fields that can tie a package to exact versions of others. An upgrade does not give up what is recommended, either.
const TIES: [&str; 5] = ["Depends: ", "Pre-Depends: ", "Recommends: ", "Breaks: ", "Conflicts: "];

/// The host's files.
pub(super) struct Host {
    /// Packages on it.
    pub(super) packages: usize,
    /// The package manager, pointed at it. Its indexes are fetched.
    pub(super) apt: Apt,
    /// Holds `status` and `Packages`, which the measuring program reads.
    pub(super) texts: PathBuf,
    /// Holds the checker's data under the suite's name.
    pub(super) tracker: PathBuf,
}

impl Host {
    /// Makes the host and an archive of at least `rules` versions of source packages below `scratch`.
    pub(super) fn make(scratch: &Path, rules: usize) -> Result<Self> {
        let (root, archive) = (scratch.join("root"), Archive::make(&scratch.join("archive"))?);
        let packages = bare_root(&root, &archive, &[SUITE], &Packages::OfThisMachine(usize::MAX))?;
        let status = std::fs::read_to_string(root.join("var/lib/dpkg/status")).context("could not read the status that was just made")?;
        let index = index(&status, rules);
        archive.publish_index(SUITE, &index)?;
        let apt = Apt::new(&root, scratch)?;
        apt.update()?;
        let (texts, tracker) = (scratch.join("texts"), scratch.join("tracker"));
        std::fs::create_dir_all(&texts)?;
        std::fs::create_dir_all(&tracker)?;
        std::fs::write(texts.join("status"), &status)?;
        std::fs::write(texts.join("Packages"), &index)?;
        let mut file = ZlibEncoder::new(std::fs::File::create(tracker.join(SUITE))?, Compression::default());
        file.write_all(tracked(&index).as_bytes())?;
        file.finish()?;
        ensure!(packages > 0, "this machine's dpkg knows no packages");
        Ok(Self { packages, apt, texts, tracker })
    }

    /// What the checker is called with; it prints the vulnerable packages.
    pub(super) fn checker(&self) -> Vec<String> {
        let below = |name: &str| self.tracker.join(name).display().to_string();
        let source = format!("file://{}/", self.tracker.display());
        // Neither this machine's configuration nor what it remembers of itself counts.
        let (config, history, whitelist) = (below("config"), below("history"), below("whitelist"));
        let status = self.texts.join("status").display().to_string();
        let named = [("suite", SUITE), ("source", &source), ("status", &status), ("format", "packages")];
        let own = [("config", &config), ("history", &history), ("whitelist", &whitelist)];
        let option = |name: &str, value: &str| format!("--{name}={value}");
        named.into_iter().map(|(name, value)| option(name, value)).chain(own.map(|(name, value)| option(name, value))).collect()
    }
}

/// A package as a stanza tells it.
struct Stanza<'a> {
    text: &'a str,
    name: &'a str,
    version: &'a str,
    source: &'a str,
    source_version: &'a str,
}

impl<'a> Stanza<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let (name, version) = (field("Package: ")?, field("Version: ")?);
        let source = field("Source: ").unwrap_or(name);
        let (source, source_version) = source.split_once(" (").map_or((source, version), |(name, v)| (name, v.trim_end_matches(')')));
        Some(Self { text, name, version, source, source_version })
    }

    fn all(text: &'a str) -> impl Iterator<Item = Self> {
        text.split("\n\n").filter_map(Self::read)
    }

    /// Packages that this one wants at an exact version or below one.
    fn tied(&self) -> impl Iterator<Item = &'a str> {
        let fields = self.text.lines().filter_map(|line| TIES.iter().find_map(|field| line.strip_prefix(field)));
        let relations = fields.flat_map(|field| field.split([',', '|']));
        relations.filter(|relation| ["(=", "(<=", "(<<"].iter().any(|tie| relation.contains(tie))).filter_map(|relation| {
            let name = relation.trim().split([' ', '(']).next()?;
            name.split(':').next()
        })
    }

    /// The stanza of an index: what dpkg alone says is left out.
    fn indexed(&self, is_newer: bool, versions: &BTreeMap<&str, &str>) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut is_kept = true;
        for line in self.text.trim().lines() {
            if !line.starts_with(' ') {
                is_kept = !["Status: ", "Conffiles:"].iter().any(|field| line.starts_with(field));
            }
            if is_kept {
                lines.push(if is_newer { newer(line, self.source_version, versions) } else { line.to_owned() });
            }
        }
        lines.push(format!("Filename: pool/{}.deb\nSize: 1000\nSHA256: {:064x}\n\n", self.name, self.name.len()));
        lines.join("\n")
    }
}

/// A line of a stanza whose source package has a newer version. `versions` are those of the source's binary packages.
fn newer(line: &str, source_version: &str, versions: &BTreeMap<&str, &str>) -> String {
    if line.starts_with("Version: ") {
        return format!("{line}{NEWER}");
    }
    if let Some((before, version)) = line.strip_prefix("Source: ").and_then(|value| value.split_once(" (")) {
        return format!("Source: {before} ({}{NEWER})", version.trim_end_matches(')'));
    }
    if !TIES.iter().chain(&["Provides: "]).any(|field| line.starts_with(field)) {
        return line.to_owned();
    }
    // Packages of one source that want each other exactly go on doing so.
    let exact: BTreeSet<&str> = versions.values().copied().chain([source_version]).collect();
    exact.iter().fold(line.to_owned(), |line, version| line.replace(&format!("(= {version})"), &format!("(= {version}{NEWER})")))
}

/// The archive's index: everything on the host, some of it newer, and packages it has not.
fn index(status: &str, rules: usize) -> String {
    let stanzas: Vec<Stanza<'_>> = Stanza::all(status).collect();
    let source_of: BTreeMap<&str, &str> = stanzas.iter().map(|stanza| (stanza.name, stanza.source)).collect();
    // What a package of another source holds to its version cannot be upgraded alone.
    let ties = stanzas.iter().flat_map(|stanza| stanza.tied().map(|name| (stanza.source, name)));
    let held: BTreeSet<&str> = ties.filter_map(|(source, name)| source_of.get(name).copied().filter(|tied| *tied != source)).collect();
    let mut sources: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for stanza in &stanzas {
        sources.entry(stanza.source).or_default().insert(stanza.name, stanza.version);
    }
    let free = sources.keys().copied().filter(|source| !held.contains(source));
    let upgraded: BTreeSet<&str> = free.step_by(UPGRADED).collect();
    let none = BTreeMap::new();
    let of_host = stanzas.iter().map(|stanza| {
        let versions = sources.get(stanza.source).unwrap_or(&none);
        stanza.indexed(upgraded.contains(stanza.source), versions)
    });
    of_host.chain((sources.len()..rules).map(|number| absent(number, &stanzas, rules))).collect()
}

/// The packages of a source that the host has not. They are as Debian bookworm's are, whose main section has 63,440
/// packages of 790 bytes each, with 4.4 dependencies, 1.4 other relations and 0.6 provided names: the package
/// manager's work grows with all of them.
fn absent(number: usize, present: &[Stanza<'_>], rules: usize) -> String {
    // Three sources in five have two packages.
    let binaries = 1 + usize::from(number % 5 < 3);
    let version = format!("{}.{}-{}", number % 9, number % 31, 1 + number % 5);
    let pick = |salt: usize, end: usize| spread(number, salt) % end.max(1);
    let package = |part: usize| {
        let mut relations = String::new();
        for salt in 0..2 + number % 2 {
            if let Some(there) = present.get(pick(salt + 10 * part, present.len())) {
                relations += &format!("{} (>= {}), ", there.name, there.version);
            }
        }
        let (other, third) = (pick(5 + part, rules), pick(7 + part, rules));
        format!(
            "Package: absent-{number:05}-{part}\nSource: absent-{number:05}\nVersion: {version}\nInstalled-Size: {}\n\
             Maintainer: Fettle tests <archive@fettle.example>\nArchitecture: all\nProvides: absent-{number:05}-abi\n\
             Depends: {relations}absent-{other:05}-0 (>= {}), absent-{third:05}-0 | absent-{third:05}-1\n\
             Suggests: absent-{:05}-0\nBreaks: absent-{other:05}-1 (<< 0.{})\n\
             Description: package {part} of a source that the host has not\nHomepage: https://absent-{number:05}.example/\n\
             Description-md5: {number:032x}\nTag: implemented-in::c, role::shared-lib, works-with::text, use::checking\n\
             Section: libs\nPriority: optional\nFilename: pool/main/a/absent-{number:05}/absent-{number:05}-{part}_{version}_all.deb\n\
             Size: {}\nMD5sum: {number:032x}\nSHA256: {number:064x}\n\n",
            100 + number % 5_000,
            other % 9,
            pick(9, rules),
            number % 7,
            1_000 + number,
        )
    };
    (0..binaries).map(package).collect()
}

/// Spreads numbers evenly (Fibonacci hashing, Knuth 1973).
fn spread(number: usize, salt: usize) -> usize {
    (number * 31 + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}

/// The vulnerability checker's data for an index: each version of a source package fixes one vulnerability. Names, then
/// which is fixed where, then the binary packages of each source (`VERSION 1`, as debsecan reads it).
fn tracked(index: &str) -> String {
    let mut sources: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for stanza in Stanza::all(index) {
        sources.entry((stanza.source, stanza.source_version)).or_default().push(stanza.name);
    }
    let (mut names, mut fixed, mut binaries) = (String::from("VERSION 1\n"), String::new(), String::new());
    for (number, ((source, version), packages)) in sources.iter().enumerate() {
        // Writing to a text cannot fail.
        let written = writeln!(names, "CVE-2026-{number:05},,a fault in {source} that its next version does not have")
            .and_then(|()| writeln!(fixed, "{source},{number}, MRF,{version},"))
            .and_then(|()| writeln!(binaries, "{source},{}", packages.join(" ")));
        debug_assert!(written.is_ok());
    }
    [names, fixed, binaries].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: libfoo1\nStatus: install ok installed\nSource: foo (1.0)\nArchitecture: amd64\nVersion: 1.0-1\n\n\
        Package: foo\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\nDepends: libfoo1 (= 1.0-1), bar (>= 2)\nRecommends: libfoo1 (= 1.0-1)\nConffiles:\n /etc/foo 1234\n\n\
        Package: bar\nStatus: install ok installed\nArchitecture: all\nVersion: 3\n\n\
        Package: tied\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nDepends: bar:any (<< 4), none | foo\n";

    #[test]
    fn sources_are_upgraded_together_and_tied_ones_are_not() {
        let index = index(STATUS, 5);
        let versions: Vec<(&str, &str)> = Stanza::all(&index).map(|stanza| (stanza.name, stanza.version)).collect();
        let expected = [("libfoo1", "1.0-1+fettle1"), ("foo", "1.0+fettle1"), ("bar", "3"), ("tied", "1")];
        assert_eq!(versions.get(..4), Some(expected.as_slice()));
        assert_eq!(versions.len(), 6, "five sources: three of the host and two of one package each");
        assert!(
            index.contains("Source: foo (1.0+fettle1)\n") && index.contains("Depends: libfoo1 (= 1.0-1+fettle1), bar (>= 2)"),
            "{index}"
        );
        assert!(index.contains("Recommends: libfoo1 (= 1.0-1+fettle1)\n"), "{index}");
        assert!(!index.contains("Status:") && !index.contains("/etc/foo"), "{index}");
    }

    #[test]
    fn the_checker_is_told_of_every_source_once() {
        let tracked = tracked(&index(STATUS, 0));
        let parts: Vec<&str> = tracked.split("\n\n").collect();
        assert_eq!(parts.len(), 3, "{tracked}");
        assert_eq!(
            parts.get(1).map(|fixed| fixed.lines().collect::<Vec<_>>()),
            Some(vec!["bar,0, MRF,3,", "foo,1, MRF,1.0+fettle1,", "tied,2, MRF,1,",])
        );
        assert!(parts.get(2).is_some_and(|binaries| binaries.contains("foo,libfoo1 foo\n")), "{tracked}");
    }
}
