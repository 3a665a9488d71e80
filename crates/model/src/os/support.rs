//! Until when vendors publish security updates for their releases.

use super::ReleaseKey;
use super::windows::canonical;
use jiff::civil::{Date, date};

/// Start of the release's key in lower case, and the last day on which its vendor publishes security updates for everyone;
/// offers to paying customers do not count. Of the editions of Windows the one that is served longest counts, since a
/// product's name does not tell editions apart. Facts from the vendors' pages of life cycles (learn.microsoft.com/lifecycle, ubuntu.com/about/release-cycle,
/// wiki.debian.org/LTS, access.redhat.com/support/policy); a release whose day is not known is left out.
const LAST_DAYS: [(&str, Date); 47] = [
    ("debian/stretch", date(2022, 6, 30)),
    ("debian/buster", date(2024, 6, 30)),
    ("debian/bullseye", date(2026, 8, 31)),
    ("debian/bookworm", date(2028, 6, 30)),
    ("debian/trixie", date(2030, 6, 30)),
    ("ubuntu/trusty", date(2019, 4, 30)),
    ("ubuntu/xenial", date(2021, 4, 30)),
    ("ubuntu/bionic", date(2023, 5, 31)),
    ("ubuntu/focal", date(2025, 5, 31)),
    ("ubuntu/jammy", date(2027, 4, 30)),
    ("ubuntu/noble", date(2029, 4, 30)),
    ("centos/7", date(2024, 6, 30)),
    ("centos/8", date(2021, 12, 31)),
    ("rhel/7", date(2024, 6, 30)),
    ("rhel/8", date(2029, 5, 31)),
    ("rhel/9", date(2032, 5, 31)),
    ("rocky/8", date(2029, 5, 31)),
    ("rocky/9", date(2032, 5, 31)),
    ("almalinux/8", date(2029, 5, 31)),
    ("almalinux/9", date(2032, 5, 31)),
    ("windows/windows 7 ", date(2020, 1, 14)),
    ("windows/windows 8 ", date(2016, 1, 12)),
    ("windows/windows 8.1 ", date(2023, 1, 10)),
    ("windows/windows 10 for ", date(2025, 10, 14)),
    ("windows/windows 10 version 1511", date(2017, 10, 10)),
    ("windows/windows 10 version 1607", date(2026, 10, 13)),
    ("windows/windows 10 version 1703", date(2019, 10, 8)),
    ("windows/windows 10 version 1709", date(2020, 10, 13)),
    ("windows/windows 10 version 1803", date(2021, 5, 11)),
    ("windows/windows 10 version 1809", date(2029, 1, 9)),
    ("windows/windows 10 version 1903", date(2020, 12, 8)),
    ("windows/windows 10 version 1909", date(2022, 5, 10)),
    ("windows/windows 10 version 2004", date(2021, 12, 14)),
    ("windows/windows 10 version 20h2", date(2023, 5, 9)),
    ("windows/windows 10 version 21h1", date(2022, 12, 13)),
    ("windows/windows 10 version 21h2", date(2032, 1, 13)),
    ("windows/windows 10 version 22h2", date(2025, 10, 14)),
    ("windows/windows 11 version 21h2", date(2024, 10, 8)),
    ("windows/windows 11 version 22h2", date(2025, 10, 14)),
    ("windows/windows 11 version 23h2", date(2026, 11, 10)),
    ("windows/windows 11 version 24h2", date(2034, 10, 10)),
    ("windows/windows server 2008", date(2020, 1, 14)),
    ("windows/windows server 2012", date(2023, 10, 10)),
    ("windows/windows server 2016", date(2027, 1, 12)),
    ("windows/windows server 2019", date(2029, 1, 9)),
    ("windows/windows server 2022, 23h2", date(2025, 10, 24)),
    ("windows/windows server 2022", date(2031, 10, 14)),
];

/// The last day with security updates for everyone; `None` where it is not known. On a later day "nothing is missing"
/// is no good news.
#[must_use]
pub fn end_of_support(release: &ReleaseKey) -> Option<Date> {
    let is_windows = release.distribution() == "windows";
    let key = if is_windows { canonical(&release.0) } else { release.0.clone() }.to_lowercase();
    let is = |start: &str| if is_windows { key.starts_with(start) } else { key == start };
    LAST_DAYS.iter().find(|(start, _)| is(start)).map(|(_, day)| *day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_their_last_day() {
        let end = |distribution, release| end_of_support(&ReleaseKey::new(distribution, release));
        assert_eq!(end("debian", "buster"), Some(date(2024, 6, 30)));
        assert_eq!(end("debian", "sid"), None);
        assert_eq!(end("windows", "Windows 10 Version 22H2 for x64-based Systems"), Some(date(2025, 10, 14)));
        assert_eq!(end("windows", "Windows 10 for x64-based Systems"), Some(date(2025, 10, 14)));
        assert_eq!(end("windows", "Windows Server 2022"), Some(date(2031, 10, 14)));
        assert_eq!(end("windows", "Windows Server 2022, 23H2 Edition (Server Core installation)"), Some(date(2025, 10, 24)));
    }
}
