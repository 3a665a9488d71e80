//! Tables of compared versions: left, relation, right, origin.

use crate::data::{Data, entries, name};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_model::version::{Nevra, Scheme};
use std::cmp::Ordering;

/// How the versions of a table are read.
enum Reading {
    Plain(Scheme),
    /// Parts of versions, which are none by themselves when they are separators alone: a number in front makes one.
    Part(Scheme),
    /// Whole packages: name, version, architecture.
    Packages,
}

/// What a table is about, by its name; `None` where the product has no such packages.
fn reading(table: &str) -> Option<Reading> {
    let starts = |with: &str| table.starts_with(with);
    Some(match () {
        () if starts("debian") => Reading::Plain(Scheme::Dpkg),
        () if starts("rpm-vercmp") => Reading::Part(Scheme::Rpm),
        () if starts("rpm-evr") => Reading::Packages,
        () if starts("winget") || starts("semver") => Reading::Plain(Scheme::Application),
        () => return None,
    })
}

/// Semantic versions are judged by the order of Windows applications, which is another behind the numbers.
const NOT_SEMANTIC: &str = "what stands behind the numbers is compared as the Windows Package Manager does, not as semver.org says";

/// Some tables hold texts that the vendor's own tool does not take for versions.
const NO_VERSION: &str = "the package manager itself refuses one of these texts as a version";

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("versions");
    let folder = data.folder("versions").context("the folder is there")?;
    for path in entries(&folder)? {
        let Some(table) = name(&path).filter(|name| name.contains(".tsv")) else { continue };
        let Some(reading) = reading(table) else {
            report.note(format!("{table}: the product has no packages of this kind"));
            continue;
        };
        for line in data.text(&path)?.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let mut cells = line.split('\t');
            let (Some(left), Some(relation), Some(right)) = (cells.next(), cells.next(), cells.next()) else { continue };
            let what = || format!("{table}: {left} {relation} {right}");
            match compare(&reading, left, right) {
                Some(order) if sign(order) != relation && table.starts_with("semver") && numbers(left) == numbers(right) => {
                    report.explained(what, NOT_SEMANTIC);
                }
                Some(order) => report.same(sign(order) == relation, || format!("{}, here {}", what(), sign(order))),
                None if is_refused(&reading, left) || is_refused(&reading, right) => report.explained(what, NO_VERSION),
                None => report.same(false, || format!("{}, cannot be read here", what())),
            }
        }
    }
    if let Some(path) = crate::data::find(&folder, "rpm-nevra-parse.txt") {
        parse_packages(&data.text(&path)?, &mut report);
    }
    Ok(report)
}

fn compare(reading: &Reading, left: &str, right: &str) -> Option<Ordering> {
    match reading {
        Reading::Plain(scheme) => scheme.compare(left, right),
        Reading::Part(scheme) => scheme.compare(&format!("0.{left}"), &format!("0.{right}")),
        Reading::Packages => {
            let (left, right) = (Nevra::parse(left)?, Nevra::parse(right)?);
            let versions = Scheme::Rpm.compare(&left.evr, &right.evr)?;
            Some(left.name.cmp(&right.name).then(versions).then(left.architecture.cmp(&right.architecture)))
        }
    }
}

/// Whether Debian policy (5.6.12) has no such version: it begins with a digit and has something before and behind each separator.
fn is_refused(reading: &Reading, version: &str) -> bool {
    let Reading::Plain(Scheme::Dpkg) = reading else { return false };
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    !upstream.starts_with(|letter: char| letter.is_ascii_digit()) || upstream.ends_with('-') || version.starts_with(':')
}

/// The numbers of a semantic version.
fn numbers(version: &str) -> &str {
    version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default()
}

fn sign(order: Ordering) -> &'static str {
    match order {
        Ordering::Less => "<",
        Ordering::Equal => "=",
        Ordering::Greater => ">",
    }
}

/// Lines of a text and the name, epoch, version, release and architecture that are in it; quotes for nothing.
fn parse_packages(text: &str, report: &mut Report) {
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split_whitespace().map(|cell| cell.trim_matches(['\'', '"'])).collect();
        let &[input, name, epoch, version, release, architecture] = cells.as_slice() else { continue };
        if name.is_empty() {
            report.explained(|| input.to_owned(), "a version without a name is no package here");
            continue;
        }
        let epoch = if epoch.is_empty() { String::new() } else { format!("{epoch}:") };
        let evr = format!("{epoch}{version}-{release}");
        let read = Nevra::parse(input);
        let same = read
            .as_ref()
            .is_some_and(|read| (read.name.as_str(), read.evr.as_str(), read.architecture.as_str()) == (name, &evr, architecture));
        report.same(same, || format!("{input} is read as {read:?}"));
    }
}
