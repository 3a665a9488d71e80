//! The list of advisories, in the text format of Debian's security tracker.

use crate::world::World;
use crate::world::release::Release;
use crate::world::software::SOURCES;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write;

/// Advisories for releases of one distribution, newest first.
pub(super) fn list(world: &World, now: Timestamp, wanted: impl Fn(Release) -> bool, word: &str) -> String {
    let mut text = String::new();
    for update in world.history().updates().iter().rev() {
        let fixed: Vec<&(Release, String)> = update.versions.iter().filter(|(release, _)| wanted(*release)).collect();
        let (Some(number), false) = (update.advisory, fixed.is_empty()) else { continue };
        let published = day(now, update.day).to_zoned(TimeZone::UTC);
        let cves: Vec<String> = update.cves.iter().map(|number| format!("CVE-{}-{number}", published.year())).collect();
        // Writing into a text cannot fail.
        let _ = writeln!(text, "[{}] {word}-{number}-1 {} - security update", published.strftime("%d %b %Y"), update.source);
        let _ = writeln!(text, "\t{{{}}}", cves.join(" "));
        for (release, version) in fixed {
            let name = SOURCES.iter().find(|source| source.name == update.source).map_or(update.source, |source| source.name_in(*release));
            let _ = writeln!(text, "\t[{}] - {name} {version}", release.codename());
        }
    }
    text
}

/// The moment that lies some days back.
pub(super) fn day(now: Timestamp, days: u64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * i64::try_from(days).unwrap_or(0))).unwrap_or(now)
}
