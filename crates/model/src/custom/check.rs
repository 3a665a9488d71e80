//! What may be said of a custom patch. What passes here is stored, shown, and given to agents that run as root.

use super::{Details, File, is_windows};
use crate::patch::Category;
use crate::version::ApplicationVersion;
use url::Url;

/// Titles, names, versions and codes: one line on a screen.
const LINE: usize = 300;
/// Descriptions: some screens.
const TEXT: usize = 8_000;
/// Silent arguments. Windows takes command lines of 32,767 characters; nobody reads one of a tenth.
const ARGUMENTS: usize = 2_000;
/// CVEs of one patch. The largest of Microsoft's fix some hundreds.
const CVES: usize = 1_000;
/// Codes of one kind. An installer documents some tens.
const CODES: usize = 100;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field, as `cves[2]`.
    pub field: String,
    /// What is wrong, as the end of a sentence that begins with the field.
    pub message: String,
}

#[derive(Default)]
struct Flaws(Vec<Flaw>);

impl Flaws {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Flaw { field: field.into(), message: message.into() });
    }

    fn line(&mut self, field: impl Into<String>, text: &str) {
        if text.chars().count() > LINE || text.chars().any(char::is_control) {
            self.add(field, format!("must be one line of at most {LINE} characters"));
        }
    }

    fn filled(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() { self.add(field, "must not be empty") } else { self.line(field, text) }
    }

    fn count(&mut self, field: &str, len: usize, most: usize) -> bool {
        if len > most {
            self.add(field, format!("has {len} entries; at most {most} are taken"));
        }
        len <= most
    }
}

/// Everything that is wrong.
pub(super) fn flaws(details: &Details, file: &File) -> Vec<Flaw> {
    let mut flaws = Flaws::default();
    flaws.filled("file_name", &file.name);
    if file.name.contains(['/', '\\']) {
        flaws.add("file_name", "must be a name without folders");
    }
    flaws.filled("title", &details.title);
    flaws.filled("vendor", &details.vendor);
    flaws.filled("app_family", &details.app_family);
    if details.description.chars().count() > TEXT || details.description.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        flaws.add("description", format!("must be plain text of at most {TEXT} characters"));
    }
    flaws.line("bulletin", details.bulletin.as_deref().unwrap_or_default());
    if let Some(url) = &details.advisory_url
        && !Url::parse(url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none())
    {
        flaws.add("advisory_url", "must be an address that begins with https:// or http://, without user name or password");
    }
    cves(details, &mut flaws);
    if is_windows(file.facts.kind) {
        application(details, &mut flaws);
    } else {
        package(details, &mut flaws);
    }
    flaws.0
}

fn cves(details: &Details, flaws: &mut Flaws) {
    if flaws.count("cves", details.cves.len(), CVES) {
        for (at, cve) in details.cves.iter().enumerate() {
            if !is_cve(cve) {
                flaws.add(format!("cves[{at}]"), "must be an id such as CVE-2026-1234");
            } else if details.cves[..at].contains(cve) {
                flaws.add(format!("cves[{at}]"), "is listed twice");
            }
        }
    }
    if !details.cves.is_empty() && details.category == Category::NonSecurity {
        flaws.add("category", "must be security when there are CVEs");
    }
}

fn is_cve(text: &str) -> bool {
    let Some((year, number)) = text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')) else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)
}

/// Whatever runs on Windows: it must be possible to tell whether it is there.
fn application(details: &Details, flaws: &mut Flaws) {
    let codes = [("product_codes", &details.product_codes), ("upgrade_codes", &details.upgrade_codes)];
    for (field, list) in codes {
        if flaws.count(field, list.len(), CODES) {
            for (at, code) in list.iter().enumerate() {
                flaws.filled(&format!("{field}[{at}]"), code);
            }
        }
    }
    flaws.line("product_name", &details.product_name);
    flaws.line("publisher", &details.publisher);
    if details.product_name.trim().is_empty() && codes.iter().all(|(_, list)| list.is_empty()) {
        flaws.add("product_name", "must say what the application is called in the list of installed ones, when no code tells it");
    }
    flaws.filled("version", &details.version);
    if !details.version.trim().is_empty() && ApplicationVersion::parse(&details.version).is_err() {
        flaws.add("version", "must be a version such as 25.01.0");
    }
    if !["", "x86", "x64", "arm", "arm64"].contains(&details.architecture.as_str()) {
        flaws.add("architecture", "must be x86, x64, arm, arm64, or empty for all");
    }
    if details.silent_arguments.chars().count() > ARGUMENTS || details.silent_arguments.chars().any(char::is_control) {
        flaws.add("silent_arguments", format!("must be one line of at most {ARGUMENTS} characters"));
    }
    for (field, list) in [("success_codes", &details.success_codes), ("reboot_codes", &details.reboot_codes)] {
        // Windows has exit codes of 32 bits, which some write with and some without a sign.
        if flaws.count(field, list.len(), CODES) && list.iter().any(|code| !(i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(code)) {
            flaws.add(field, "must be exit codes of 32 bits");
        }
    }
    if details.success_codes.iter().any(|code| details.reboot_codes.contains(code)) {
        flaws.add("reboot_codes", "must not repeat codes that mean success without a restart");
    }
    if !details.release.is_empty() {
        flaws.add("release", "is for packages of Linux distributions");
    }
}

/// A deb or rpm: name, version and architecture are the package's own.
fn package(details: &Details, flaws: &mut Flaws) {
    let names = details.release.split_once('/').filter(|(distribution, codename)| is_name(distribution) && is_name(codename));
    if names.is_none() {
        flaws.add("release", "must be the release whose machines it is for, such as debian/bookworm");
    }
    for (field, text) in [
        ("silent_arguments", &details.silent_arguments),
        ("product_name", &details.product_name),
        ("publisher", &details.publisher),
        ("version", &details.version),
        ("architecture", &details.architecture),
    ] {
        if !text.is_empty() {
            flaws.add(field, "is for installers on Windows; the package says it itself");
        }
    }
    for (field, len) in [
        ("product_codes", details.product_codes.len()),
        ("upgrade_codes", details.upgrade_codes.len()),
        ("success_codes", details.success_codes.len()),
        ("reboot_codes", details.reboot_codes.len()),
    ] {
        if len > 0 {
            flaws.add(field, "is for installers on Windows");
        }
    }
}

/// As os-release(5) has ids and code names; RPM distributions have versions, such as `9` or `15.6`.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}
