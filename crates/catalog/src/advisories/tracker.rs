//! The text format of the Debian security tracker's `DSA/list`.
//!
//! ```text
//! [29 Mar 2023] DSA-5380-1 xorg-server - security update
//!         {CVE-2023-1393}
//!         [bullseye] - xorg-server 2:1.20.11-1+deb11u6
//! ```

use super::{Advisory, AdvisoryError, AdvisoryList, MAX_CVES, is_cve, is_id};
use fettle_model::patch::Severity;
use fettle_model::version::DpkgVersion;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Most lines that are told one by one when they cannot be read.
const MAX_WARNINGS: usize = 5;

/// Reads a list. Lines that cannot be read are skipped with a warning: one slip must not hide all advisories.
pub(super) fn read(bytes: &[u8], codename: &str) -> Result<AdvisoryList, AdvisoryError> {
    let text = std::str::from_utf8(bytes).map_err(|_| AdvisoryError::NotText)?;
    let mut list = List { codename, advisories: Vec::new(), current: None, seen: 0, odd: Vec::new() };
    for (number, line) in text.lines().enumerate() {
        list.line(number + 1, line);
    }
    list.close();
    if list.seen == 0 {
        return Err(AdvisoryError::Foreign);
    }
    Ok(AdvisoryList { warnings: warnings(&list.odd), advisories: list.advisories })
}

fn warnings(odd: &[usize]) -> Vec<String> {
    let first: Vec<String> = odd.iter().take(MAX_WARNINGS).map(usize::to_string).collect();
    match odd.len() {
        0 => Vec::new(),
        count => vec![format!("{count} lines of the advisory list could not be read; the first are {}", first.join(", "))],
    }
}

struct List<'a> {
    codename: &'a str,
    advisories: Vec<Advisory>,
    current: Option<Advisory>,
    /// Advisories of any release.
    seen: usize,
    /// Numbers of lines that could not be read.
    odd: Vec<usize>,
}

impl List<'_> {
    fn line(&mut self, number: usize, line: &str) {
        let understood = if line.starts_with('[') { self.head(line) } else { self.detail(line.trim()) };
        if !understood {
            self.odd.push(number);
        }
    }

    fn close(&mut self) {
        self.advisories.extend(self.current.take().filter(|advisory| !advisory.fixed.is_empty()));
    }

    /// `[29 Mar 2023] DSA-5380-1 xorg-server - security update`
    fn head(&mut self, line: &str) -> bool {
        self.close();
        let parsed = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).and_then(|(day, rest)| {
            let published = Date::strptime("%d %b %Y", day).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
            let (id, title) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
            is_id(id).then(|| (id.to_owned(), title.trim().to_owned(), published))
        });
        let Some((id, title, published)) = parsed else { return false };
        self.seen += 1;
        self.current = Some(Advisory {
            id,
            published,
            title,
            severity: Severity::None,
            details: String::new(),
            cves: BTreeSet::new(),
            fixed: BTreeMap::new(),
        });
        true
    }

    fn detail(&mut self, line: &str) -> bool {
        // Details of a head that could not be read are passed over with it.
        let Some(advisory) = &mut self.current else { return true };
        if let Some(ids) = line.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let room = MAX_CVES.saturating_sub(advisory.cves.len());
            advisory.cves.extend(ids.split_whitespace().filter(|id| is_cve(id)).take(room).map(str::to_owned));
            return true;
        }
        let Some((release, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return true; // Notes are for people.
        };
        if !release.eq_ignore_ascii_case(self.codename) {
            return true;
        }
        let mut words = rest.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            // `<not-affected>`, `<end-of-life>` and their like fix nothing.
            (Some("-"), Some(_), Some(state)) if state.starts_with('<') => true,
            (Some("-"), Some(package), Some(version)) => match DpkgVersion::parse(version) {
                Ok(version) if is_id(package) => {
                    advisory.fixed.insert(package.to_owned(), version);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIST: &str = "\
[29 Mar 2023] DSA-5380-1 xorg-server - security update
\t{CVE-2023-1393 CVE-2023-0001}
\t[bullseye] - xorg-server 2:1.20.11-1+deb11u6
\t[bookworm] - xorg-server <not-affected> (Vulnerable code not present)
[17 Mar 2023] DSA-5356-2 sox - regression update
\t[bullseye] - sox 14.4.2+git20190427-2+deb11u2
\tNOTE: for people
[18 Apr 2018] DSA-4205-1 jessie end-of-life
[01 Jan 2018] DLA-1-1 two packages - security update
        [bullseye] - one 1-1 (bug #1)
        [bullseye] - two 2-1
";

    #[test]
    fn advisories_of_one_release_are_read() {
        let list = read(LIST.as_bytes(), "bullseye").expect("a list");
        let told: Vec<String> = list
            .advisories
            .iter()
            .map(|advisory| {
                let fixed: Vec<String> = advisory.fixed.iter().map(|(name, version)| format!("{name} {version}")).collect();
                let cves: Vec<&str> = advisory.cves.iter().map(String::as_str).collect();
                let url = advisory.url().unwrap_or_default();
                format!("{} {} {:?} [{}] [{}] {url}", advisory.published, advisory.id, advisory.title, cves.join(" "), fixed.join(", "))
            })
            .collect();
        insta::assert_snapshot!(told.join("\n"));
        assert!(list.warnings.is_empty());
        assert!(read(LIST.as_bytes(), "bookworm").expect("a list").advisories.is_empty());
    }

    #[test]
    fn odd_lines_are_told_and_do_not_hide_the_rest() {
        let text = format!("[32 Foo 2023] DSA-1-1 x\n\t[bullseye] - x 1\n{LIST}\t[bullseye] - three\n\t[bullseye] - four 1-\n");
        let list = read(text.as_bytes(), "bullseye").expect("a list");
        assert_eq!(list.advisories.len(), 3);
        insta::assert_snapshot!(list.warnings.join("\n"), @"3 lines of the advisory list could not be read; the first are 1, 14, 15");
    }

    #[test]
    fn another_format_is_refused() {
        let refused = |bytes: &[u8]| read(bytes, "bullseye").expect_err("refused").to_string();
        insta::assert_snapshot!(refused(b"<html>not found</html>"), @"it holds no advisory in the format of the security tracker's DSA/list");
        insta::assert_snapshot!(refused(b"\xff\xfe"), @"it is not text in UTF-8");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\[|\\]|\\{|\\}|\t|\n|[0-9]{1,2} Mar 2023|DSA-1-1|bullseye|-| |\\PC){0,40}") {
            let _outcome = read(text.as_bytes(), "bullseye");
        }
    }
}
