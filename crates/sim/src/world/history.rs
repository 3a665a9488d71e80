//! Which updates there were, when, and what they fixed.
//!
//! Days count backwards: day 0 is the day the world is looked at, day 400 lies 400 days before it.

use super::release::Release;
use super::software::{SOURCES, Source, Style};
use crate::chance::Chance;
use std::collections::HashMap;

/// How far back updates go, in days.
pub const SPAN: u64 = 420;

/// One update of one source package, in the releases it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The source package.
    pub source: &'static str,
    /// How many days ago it was published.
    pub day: u64,
    /// Number of the advisory, when it fixes vulnerabilities.
    pub advisory: Option<u32>,
    /// Numbers of the vulnerabilities it fixes.
    pub cves: Vec<u32>,
    /// Releases and the version that it brought.
    pub versions: Vec<(Release, String)>,
}

/// All updates, oldest first.
#[derive(Debug)]
pub struct History {
    updates: Vec<Update>,
    /// Updates of one source in one release, oldest first: day and version.
    by_source: HashMap<(&'static str, Release), Vec<(u64, String)>>,
}

impl History {
    /// The history that follows from a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut updates: Vec<Update> = SOURCES.iter().flat_map(|source| updates_of(seed, source)).collect();
        updates.sort_by(|one, other| other.day.cmp(&one.day).then_with(|| one.source.cmp(other.source)));
        let mut number = 5_600;
        for update in updates.iter_mut().filter(|update| !update.cves.is_empty()) {
            number += 1;
            update.advisory = Some(number);
        }
        let mut by_source: HashMap<_, Vec<_>> = HashMap::new();
        for update in &updates {
            for (release, version) in &update.versions {
                by_source.entry((update.source, *release)).or_default().push((update.day, version.clone()));
            }
        }
        Self { updates, by_source }
    }

    /// All updates, oldest first.
    #[must_use]
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }

    /// The version of a source package that was current `day` days ago; `None` where it is not part of the release.
    #[must_use]
    pub fn version(&self, source: &Source, release: Release, day: u64) -> Option<String> {
        let base = source.version(release);
        if base.is_empty() {
            return None;
        }
        let updates = self.by_source.get(&(source.name, release)).map_or(&[][..], Vec::as_slice);
        let current = updates.iter().rev().find(|(published, _)| *published >= day);
        Some(current.map_or_else(|| counted(source.style, base, 0, release), |(_, version)| version.clone()))
    }
}

fn updates_of(seed: u64, source: &'static Source) -> Vec<Update> {
    let mut chance = Chance::of(seed, &["updates", source.name]);
    let count = chance.between(u64::from(source.busy > 2), source.busy);
    let mut days: Vec<u64> = (0..count).map(|_| chance.between(2, SPAN)).collect();
    days.sort_unstable();
    days.dedup();
    let mut made = [0_u64; Release::ALL.len()];
    let mut updates = Vec::new();
    for day in days.into_iter().rev() {
        let fixes = if chance.percent(source.security) { chance.between(1, 4) } else { 0 };
        let cves = (0..fixes).map(|_| u32::try_from(chance.between(90_000, 99_999)).unwrap_or(90_000)).collect();
        let mut versions = Vec::new();
        for release in Release::ALL {
            let base = source.version(release);
            // Not every release is affected, or cared for, each time.
            if base.is_empty() || chance.percent(15) {
                continue;
            }
            if let Some(made) = made.get_mut(release.column()) {
                *made += 1;
                versions.push((release, counted(source.style, base, *made, release)));
            }
        }
        if !versions.is_empty() {
            updates.push(Update { source: source.name, day, advisory: None, cves, versions });
        }
    }
    updates
}

/// The version after `count` updates; the release's own after none.
fn counted(style: Style, base: &str, count: u64, release: Release) -> String {
    match style {
        Style::Upstream => {
            let mut parts = base.splitn(3, ['{', '}']);
            let (before, number, after) =
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            format!("{before}{}{after}", number.parse::<u64>().unwrap_or(0) + count)
        }
        Style::Patched if count == 0 => base.to_owned(),
        Style::Patched if release.is_debian() => format!("{base}+deb{}u{count}", release.version()),
        Style::Patched if base.contains("ubuntu") => format!("{base}.{count}"),
        Style::Patched => format!("{base}ubuntu0.{count}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_model::version::DpkgVersion;

    #[test]
    fn versions_only_go_up() {
        let history = History::of(1);
        for ((source, release), updates) in &history.by_source {
            let table = SOURCES.iter().find(|other| other.name == *source).expect("in the table");
            let base = counted(table.style, table.version(*release), 0, *release);
            let mut last: DpkgVersion = DpkgVersion::parse(&base).expect("a version");
            for (_, version) in updates {
                let next: DpkgVersion = DpkgVersion::parse(version).expect("a version");
                assert!(next > last, "{source} in {release:?}: {version}");
                last = next;
            }
        }
    }

    #[test]
    fn the_version_of_a_day_is_the_newest_until_then() {
        let history = History::of(1);
        for update in history.updates() {
            let source = SOURCES.iter().find(|other| other.name == update.source).expect("in the table");
            for (release, version) in &update.versions {
                assert_eq!(history.version(source, *release, update.day).as_ref(), Some(version));
                assert_ne!(history.version(source, *release, update.day + 1).as_ref(), Some(version));
            }
        }
    }

    #[test]
    fn the_same_seed_is_the_same_world() {
        assert_eq!(History::of(3).updates, History::of(3).updates);
        assert_ne!(History::of(3).updates, History::of(4).updates);
        let advisories = History::of(3).updates.iter().filter(|update| update.advisory.is_some()).count();
        assert!(advisories > 50, "{advisories}");
    }
}
