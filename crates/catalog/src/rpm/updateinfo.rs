//! The advisories of a repository.

use super::primary::{is_package_name, version};
use crate::index::IndexError;
use crate::xml::{self, Element, Format};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Severity;
use fettle_model::version::RpmVersion;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::io::BufRead;

/// Most advisories in one repository; SUSE has 10,000.
const MAX_ADVISORIES: usize = 200_000;
/// Longest title and description that are kept.
const MAX_TITLE: usize = 500;
const MAX_DESCRIPTION: usize = 16 * 1024;

const FORMAT: Format = Format { root: "updates", namespaces: &[], unread: &["rights", "filename", "sum", "message"] };

/// What the vendor published about some updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advisory {
    /// `RHSA-2024:1234`.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    /// It fixes something that can be attacked.
    pub(super) security: bool,
    pub(super) severity: Severity,
    pub(super) published: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
    pub(super) cves: BTreeSet<String>,
    pub(super) url: Option<String>,
    /// Source package, where the advisory names it.
    pub(super) source: Option<String>,
    /// It says that a restart is needed.
    pub(super) reboot: bool,
    pub(super) fixed: Vec<Fixed>,
}

/// A package and the version that has the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fixed {
    pub(super) name: String,
    pub(super) architecture: String,
    pub(super) version: RpmVersion,
}

/// Advisories, and what was left out of them.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) advisories: Vec<Advisory>,
    /// Advisories that are for other releases, or for streams of modules alone.
    pub(super) left_out: usize,
}

/// Reads the advisories that are for a release. One list may mix several.
pub(super) fn read(input: &mut dyn BufRead, release: &ReleaseKey) -> Result<List, IndexError> {
    let mut list = List::default();
    let mut read = 0;
    xml::read::<IndexError>(input, &FORMAT, |part| {
        if part.name != "update" {
            return Ok(());
        }
        read += 1;
        if read > MAX_ADVISORIES {
            return Err(IndexError::TooManyPackages(MAX_ADVISORIES));
        }
        let id = part.text_at(&["id"]);
        let advisory = advisory(&part, id, release).map_err(|flaw| IndexError::Element { name: id.chars().take(100).collect(), flaw })?;
        if advisory.fixed.is_empty() {
            list.left_out += 1;
        } else {
            list.advisories.push(advisory);
        }
        Ok(())
    })?;
    Ok(list)
}

fn advisory(part: &Element, id: &str, release: &ReleaseKey) -> Result<Advisory, String> {
    if id.is_empty() || id.len() > 128 || id.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err("it has no usable id".to_owned());
    }
    let references = || part.all("references").flat_map(|references| references.all("reference"));
    let cves = references().filter(|reference| reference.attribute("type") == "cve").map(|reference| reference.attribute("id"));
    let cves: BTreeSet<String> = cves.filter(|id| id.starts_with("CVE-") && id.len() <= 32).map(str::to_owned).collect();
    let is_address = |address: &&str| address.starts_with("https://") && address.len() <= 1_024;
    let own = references().filter(|reference| reference.attribute("type") == "self").map(|reference| reference.attribute("href"));
    let (mut fixed, mut source, mut reboot) = (Vec::new(), None, false);
    for package in part.all("pkglist").flat_map(|list| list.all("collection")).flat_map(|collection| collection.all("package")) {
        let name = package.attribute("name");
        if !is_package_name(name) {
            return Err(format!("{:?} is no package name", name.chars().take(100).collect::<String>()));
        }
        if is_of_another_release(package.attribute("release"), release) {
            continue;
        }
        reboot |= matches!(package.text_at(&["reboot_suggested"]), "1" | "true" | "True");
        let architecture = package.attribute("arch");
        if matches!(architecture, "src" | "nosrc") {
            source = Some(name.to_owned());
            continue;
        }
        let version = version(package.attribute("epoch"), package.attribute("version"), package.attribute("release"))
            .map_err(|flaw| format!("{name}: {flaw}"))?;
        fixed.extend(version.map(|version| Fixed { name: name.to_owned(), architecture: architecture.to_owned(), version }));
    }
    let text = |name: &str, most: usize| part.text_at(&[name]).chars().take(most).collect::<String>();
    let date = |name: &str| part.all(name).next().and_then(|date| moment(date.attribute("date")));
    let published = date("issued");
    Ok(Advisory {
        id: id.to_owned(),
        title: text("title", MAX_TITLE),
        description: text("description", MAX_DESCRIPTION),
        security: part.attribute("type") == "security" || !cves.is_empty(),
        severity: severity(part.text_at(&["severity"])),
        published,
        modified: date("updated").or(published),
        cves,
        url: own.filter(is_address).map(str::to_owned).next(),
        source,
        reboot,
        fixed,
    })
}

/// The words of Red Hat and SUSE, and those of Fedora.
fn severity(text: &str) -> Severity {
    match text.to_ascii_lowercase().as_str() {
        "critical" | "urgent" => Severity::Critical,
        "important" | "high" => Severity::Important,
        "moderate" | "medium" => Severity::Moderate,
        "low" => Severity::Low,
        _ => Severity::None,
    }
}

/// Seconds, a day, or a day with a time in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    let text = text.trim_end_matches(" UTC");
    let civil = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from))?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Whether a package's release carries the tag of another release: `.el6` or `.fc39`, as the distributions' build systems
/// add them. One without a tag fits.
fn is_of_another_release(text: &str, release: &ReleaseKey) -> bool {
    let number = |tag: &str| {
        let (_, rest) = text.split_once(tag)?;
        let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
        (!digits.is_empty()).then(|| digits.to_owned())
    };
    let own = release.codename();
    let is_fedora = release.distribution() == "fedora";
    match (number(".el"), number(".fc")) {
        (Some(el), _) => !is_fedora && el != own && own.bytes().all(|byte| byte.is_ascii_digit()) && is_enterprise_linux(release),
        (None, Some(fc)) => is_fedora && fc != own,
        (None, None) => false,
    }
}

/// Distributions whose releases are numbered as those of Enterprise Linux that they are made of. Others count in their own
/// way, and so say nothing with such a tag.
fn is_enterprise_linux(release: &ReleaseKey) -> bool {
    const SAME_NUMBERS: [&str; 10] =
        ["almalinux", "centos", "circle", "cloudlinux", "eurolinux", "ol", "redhat", "rhel", "rocky", "scientific"];
    SAME_NUMBERS.contains(&release.distribution())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("15.el6_1.1", "centos", "6", false)]
    #[case("15.el6_1.1", "centos", "7", true)]
    #[case("15.el7_9", "rocky", "9", true)]
    #[case("1.el9", "amzn", "2023", false)]
    #[case("1.fc39", "fedora", "40", true)]
    #[case("1.fc40", "fedora", "40", false)]
    #[case("150500.3.1", "sles", "15.5", false)]
    #[case("1", "rhel", "9", false)]
    fn releases_are_told_by_their_tags(#[case] text: &str, #[case] distribution: &str, #[case] release: &str, #[case] is_other: bool) {
        assert_eq!(is_of_another_release(text, &ReleaseKey::new(distribution, release)), is_other);
    }

    #[rstest]
    #[case("2011-12-22 10:46:17", Some(1_324_550_777))]
    #[case("2024-01-02", Some(1_704_153_600))]
    #[case("1704153600", Some(1_704_153_600))]
    #[case("2024-01-02 00:00:00 UTC", Some(1_704_153_600))]
    #[case("soon", None)]
    fn dates_come_in_several_forms(#[case] text: &str, #[case] second: Option<i64>) {
        assert_eq!(moment(text).map(Timestamp::as_second), second);
    }
}
