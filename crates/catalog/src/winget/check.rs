//! What the vendor's own tool holds against a manifest.
//!
//! The rules are those of the schemas and of the documentation of the tool. An error keeps the version out of the
//! catalog, a warning does not: an installer that cannot be asked to be quiet is still proof of a version.

use super::fields::{Fields, NestedFile};
use super::manifest::{Faults, entries};
use super::switches;
use fettle_model::installer::{InstallerKind, InstallerScope};
use fettle_model::version::Scheme;
use std::collections::{BTreeMap, BTreeSet};

/// Most installers of one manifest, as the schema says.
const MAX_INSTALLERS: usize = 1024;
/// Characters that no file name has on Windows; names of packages and versions are folders.
const FORBIDDEN: &str = "\\/:*?\"<>|";
/// Most entries of any list within an installer; the schema allows up to 2,048.
const MAX_LIST: usize = 2048;

/// The kind of an installer; for an archive that of the installer in it.
pub(super) fn kind(installer: &Fields) -> Option<InstallerKind> {
    // Manifests are about Windows, whatever other kinds there are.
    let fits = |kind: &InstallerKind| !matches!(kind, InstallerKind::Deb | InstallerKind::Rpm);
    let parse = |text: &Option<String>| text.as_deref()?.trim().to_lowercase().parse().ok().filter(fits);
    match parse(&installer.installer_type)? {
        InstallerKind::Zip => Some(parse(&installer.nested_installer_type).unwrap_or(InstallerKind::Zip)),
        kind => Some(kind),
    }
}

/// Whether an installer of this kind belongs to a package family.
pub(super) fn has_family_name(kind: InstallerKind) -> bool {
    matches!(kind, InstallerKind::Msix | InstallerKind::Appx)
}

/// Whether an installer of this kind registers itself under a product code.
pub(super) fn has_product_code(kind: InstallerKind) -> bool {
    use InstallerKind::{Burn, Exe, Inno, Msi, Nullsoft, Portable, Wix};
    matches!(kind, Exe | Inno | Msi | Nullsoft | Wix | Burn | Portable)
}

/// Whether an installer of this kind shows in the list of installed applications with texts of its own.
pub(super) fn has_entries(kind: InstallerKind) -> bool {
    has_product_code(kind)
}

/// Checks what is said of the package and its languages.
pub(super) fn texts(root: &Fields, locale: &Fields, others: &[Fields], schema: (u16, u16), is_merged: bool, faults: &mut Faults) {
    let required = |fields: &[(&str, &Option<String>)], faults: &mut Faults| {
        for (name, value) in fields {
            if value.as_deref().is_none_or(|text| text.trim().is_empty()) {
                faults.error(*name, "is required");
            }
        }
    };
    required(&[("PackageIdentifier", &root.package_identifier), ("PackageVersion", &root.package_version)], faults);
    required(&[("PackageName", &locale.package_name), ("Publisher", &locale.publisher)], faults);
    if !is_merged {
        required(&[("License", &locale.license)], faults);
        if schema.0 > 0 {
            required(&[("ShortDescription", &locale.short_description), ("PackageLocale", &locale.package_locale)], faults);
        }
    }
    let set = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if set(&root.package_identifier).is_some_and(|text| !is_identifier(&text)) {
        faults.error("PackageIdentifier", "is not two to eight names between points");
    }
    if set(&root.package_version).is_some_and(|text| !is_version(&text)) {
        faults.error("PackageVersion", "is no version");
    }
    let lengths = [("PackageName", &locale.package_name, 256), ("Publisher", &locale.publisher, 256), ("License", &locale.license, 512)];
    for (name, text, most) in lengths {
        if text.as_deref().is_some_and(|text| text.chars().count() > most) {
            faults.error(name, format!("has more than {most} characters"));
        }
    }
    for language in std::iter::once(locale).chain(others) {
        check_language(language, faults);
    }
}

fn check_language(language: &Fields, faults: &mut Faults) {
    if language.package_locale.as_deref().is_some_and(|tag| !is_language(tag)) {
        faults.error("PackageLocale", "is no language tag");
    }
    let urls = [
        ("PublisherUrl", &language.publisher_url),
        ("PublisherSupportUrl", &language.publisher_support_url),
        ("PrivacyUrl", &language.privacy_url),
        ("PackageUrl", &language.package_url),
        ("LicenseUrl", &language.license_url),
        ("CopyrightUrl", &language.copyright_url),
        ("ReleaseNotesUrl", &language.release_notes_url),
        ("PurchaseUrl", &language.purchase_url),
    ];
    for (name, _) in urls.into_iter().filter(|(_, url)| url.as_deref().is_some_and(|url| !is_address(url))) {
        faults.error(name, "is no http or https address");
    }
    for agreement in language.agreements.iter().flatten() {
        let parts = [&agreement.agreement_label, &agreement.agreement, &agreement.agreement_url];
        if parts.iter().all(|text| text.as_deref().is_none_or(str::is_empty)) {
            faults.error("Agreements", "an agreement says nothing");
        }
    }
}

/// Checks the installers, each by itself and all against each other.
pub(super) fn installers(root: &Fields, installers: &[Fields], schema: (u16, u16), faults: &mut Faults) {
    if installers.is_empty() || installers.len() > MAX_INSTALLERS {
        faults.error("Installers", "there are none, or more than 1,024");
    }
    for (number, installer) in installers.iter().enumerate().take(MAX_INSTALLERS) {
        let own = root.installers.as_ref().and_then(|own| own.get(number));
        One { installer, own, at: format!("Installers[{number}]"), schema }.check(faults);
    }
    if has_twins(installers) {
        faults.error("Installers", "two installers are for the same kind, architecture, language and scope");
    }
    let mut digests: BTreeMap<&str, String> = BTreeMap::new();
    for installer in installers {
        let (Some(url), Some(digest)) = (&installer.installer_url, &installer.installer_sha256) else { continue };
        let digest = digest.to_lowercase();
        if digests.insert(url, digest.clone()).is_some_and(|before| before != digest) {
            faults.error("InstallerSha256", "one address has two digests");
        }
    }
}

/// Whether two installers cannot be told apart. A scope that is not given may be any.
fn has_twins(installers: &[Fields]) -> bool {
    let mut scopes: BTreeMap<(Option<InstallerKind>, String, String), Vec<InstallerScope>> = BTreeMap::new();
    let folded = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_lowercase();
    for installer in installers {
        let key = (kind(installer), folded(&installer.architecture), folded(&installer.installer_locale));
        let scope = scope(installer).unwrap_or(InstallerScope::Unknown);
        let others = scopes.entry(key).or_default();
        if others.iter().any(|&other| other == scope || other == InstallerScope::Unknown || scope == InstallerScope::Unknown) {
            return true;
        }
        others.push(scope);
    }
    false
}

/// For whom it installs; `None` when that is no word of the schema.
pub(super) fn scope(installer: &Fields) -> Option<InstallerScope> {
    match installer.scope.as_deref().map(|scope| scope.trim().to_lowercase()).as_deref() {
        None | Some("") => Some(InstallerScope::Unknown),
        Some("user") => Some(InstallerScope::User),
        Some("machine") => Some(InstallerScope::Machine),
        Some(_) => None,
    }
}

/// One installer: with the defaults of the root, and as it stands in the file.
struct One<'a> {
    installer: &'a Fields,
    own: Option<&'a Fields>,
    at: String,
    schema: (u16, u16),
}

impl One<'_> {
    fn field(&self, name: &str) -> String {
        format!("{}.{name}", self.at)
    }

    fn check(&self, faults: &mut Faults) {
        self.check_file(faults);
        self.check_words(faults);
        let given = self.installer.installer_type.as_deref().map(|text| text.trim().to_lowercase());
        match (given, kind(self.installer)) {
            (None, _) => faults.error(self.field("InstallerType"), "is required"),
            (Some(_), None) => faults.error(self.field("InstallerType"), "is no kind of installer"),
            (Some(given), Some(kind)) => {
                self.check_kind(kind, faults);
                if given == "zip" && self.schema >= (1, 1) {
                    self.check_archive(kind, faults);
                }
            }
        }
        self.check_entries(faults);
        self.check_codes(faults);
    }

    fn check_file(&self, faults: &mut Faults) {
        match self.installer.installer_url.as_deref() {
            None | Some("") => faults.error(self.field("InstallerUrl"), "is required"),
            Some(url) if !is_address(url) => faults.error(self.field("InstallerUrl"), "is no http or https address"),
            Some(_) => {}
        }
        match self.installer.installer_sha256.as_deref() {
            None | Some("") => faults.error(self.field("InstallerSha256"), "is required"),
            Some(digest) if !is_digest(digest) => faults.error(self.field("InstallerSha256"), "is no SHA-256 digest"),
            Some(_) => {}
        }
        if self.installer.signature_sha256.as_deref().is_some_and(|digest| !is_digest(digest)) {
            faults.error(self.field("SignatureSha256"), "is no SHA-256 digest");
        }
    }

    fn check_words(&self, faults: &mut Faults) {
        let words: [(&str, &Option<String>, &[&str]); 4] = [
            ("Architecture", &self.installer.architecture, &["x86", "x64", "arm", "arm64", "neutral"]),
            ("UpgradeBehavior", &self.installer.upgrade_behavior, &["install", "uninstallprevious", "deny"]),
            ("ElevationRequirement", &self.installer.elevation_requirement, &["elevationrequired", "elevationprohibited", "elevatesself"]),
            ("RepairBehavior", &self.installer.repair_behavior, &["modify", "uninstaller", "installer"]),
        ];
        for (name, text, known) in words {
            if text.as_deref().is_some_and(|text| !known.contains(&text.trim().to_lowercase().as_str())) {
                faults.error(self.field(name), format!("is none of {}", known.join(", ")));
            }
        }
        if self.installer.architecture.is_none() {
            faults.error(self.field("Architecture"), "is required");
        }
        if scope(self.installer).is_none() {
            faults.error(self.field("Scope"), "is neither user nor machine");
        }
        if self.installer.installer_locale.as_deref().is_some_and(|tag| !is_language(tag)) {
            faults.error(self.field("InstallerLocale"), "is no language tag");
        }
        let is_system = |version: &str| {
            let parts: Vec<&str> = version.trim().split('.').collect();
            parts.len() <= 4 && parts.iter().all(|part| part.parse::<u16>().is_ok())
        };
        if self.installer.minimum_os_version.as_deref().is_some_and(|version| !is_system(version)) {
            faults.error(self.field("MinimumOSVersion"), "is not up to four numbers between points");
        }
        if self.installer.release_date.as_deref().is_some_and(|date| date.trim().parse::<jiff::civil::Date>().is_err()) {
            faults.error(self.field("ReleaseDate"), "is no date");
        }
        let foreign = [&self.installer.package_name, &self.installer.publisher, &self.installer.license, &self.installer.package_version];
        if foreign.iter().any(|text| text.is_some()) {
            faults.warning(self.field("PackageName"), "an installer has no such field");
        }
    }

    fn check_kind(&self, kind: InstallerKind, faults: &mut Faults) {
        let own = self.own.unwrap_or(self.installer);
        if own.package_family_name.is_some() && !has_family_name(kind) {
            faults.error(self.field("PackageFamilyName"), format!("installers of the kind {kind} have none"));
        }
        if own.product_code.is_some() && !has_product_code(kind) {
            faults.error(self.field("ProductCode"), format!("installers of the kind {kind} have none"));
        }
        if !entries(own).is_empty() && !has_entries(kind) {
            faults.error(self.field("AppsAndFeaturesEntries"), format!("installers of the kind {kind} have none"));
        }
        if self.installer.package_family_name.as_deref().is_some_and(|name| has_family_name(kind) && !is_family_name(name)) {
            faults.error(self.field("PackageFamilyName"), "is not a name, an underscore and thirteen letters or digits");
        }
        let switches = self.installer.installer_switches.clone().unwrap_or_default();
        if kind == InstallerKind::Exe && (switches.silent.is_none() || switches.silent_with_progress.is_none()) {
            faults
                .warning(self.field("InstallerSwitches"), "an exe has to say with which arguments it is silent, and silent with progress");
        }
        let is_package = matches!(kind, InstallerKind::Msi | InstallerKind::Wix);
        for (name, text) in switches.all() {
            let Some(text) = text else { continue };
            if let Err(why) = switches::check(text, is_package) {
                faults.error(self.field(name), why);
            }
        }
        if kind == InstallerKind::Portable {
            if entries(self.installer).len() > 1 {
                faults.error(self.field("AppsAndFeaturesEntries"), "a portable program has at most one");
            }
            if self.installer.commands.as_ref().is_some_and(|commands| commands.len() > 1) && !self.is_archive() {
                faults.error(self.field("Commands"), "a portable program has at most one");
            }
            if scope(self.installer) != Some(InstallerScope::Unknown) && !self.is_archive() {
                faults.warning(self.field("Scope"), "a portable program has none");
            }
        }
    }

    fn is_archive(&self) -> bool {
        self.installer.installer_type.as_deref().is_some_and(|text| text.trim().eq_ignore_ascii_case("zip"))
    }

    fn check_archive(&self, kind: InstallerKind, faults: &mut Faults) {
        if kind == InstallerKind::Zip {
            faults.error(self.field("NestedInstallerType"), "an archive has to say what kind of installer is in it");
        }
        let files: &[NestedFile] = self.installer.nested_installer_files.as_deref().unwrap_or_default();
        if files.is_empty() || files.len() > MAX_LIST {
            faults.error(self.field("NestedInstallerFiles"), "an archive has to say which files in it are installers");
        }
        let can_be_many = matches!(kind, InstallerKind::Portable | InstallerKind::Font);
        if files.len() > 1 && !can_be_many {
            faults.error(self.field("NestedInstallerFiles"), "an archive has one installer in it");
        }
        let (mut paths, mut aliases) = (BTreeSet::new(), BTreeSet::new());
        for file in files.iter().take(MAX_LIST) {
            let path = file.relative_file_path.as_deref().unwrap_or_default().trim();
            if path.is_empty() {
                faults.error(self.field("RelativeFilePath"), "is required");
            } else if leaves(path) {
                faults.error(self.field("RelativeFilePath"), "leads out of the archive");
            } else if !paths.insert(path.to_lowercase()) {
                faults.error(self.field("RelativeFilePath"), "is there twice");
            }
            let is_program = path.to_lowercase().ends_with(".exe");
            if kind == InstallerKind::Portable && self.schema >= (1, 9) && !is_program {
                faults.error(self.field("RelativeFilePath"), "a portable program is an .exe");
            }
            let Some(alias) = file.portable_command_alias.as_deref() else { continue };
            if leaves(alias) {
                faults.error(self.field("PortableCommandAlias"), "leads out of its folder");
            } else if !aliases.insert(alias.to_lowercase()) {
                faults.error(self.field("PortableCommandAlias"), "is there twice");
            }
        }
    }

    fn check_entries(&self, faults: &mut Faults) {
        for entry in entries(self.installer).iter().take(MAX_LIST) {
            let Some(version) = entry.display_version.as_deref() else { continue };
            if version.trim_start().starts_with(['<', '>']) {
                faults.error(self.field("DisplayVersion"), "is not a version but what is about one");
            } else if Scheme::Application.sort_key(version).is_none() {
                faults.error(self.field("DisplayVersion"), "is no version");
            }
        }
        let codes = entries(self.installer).iter().flat_map(|entry| [&entry.product_code, &entry.upgrade_code]);
        if codes.chain([&self.installer.product_code]).flatten().any(|code| code.is_empty() || code.chars().count() > 255) {
            faults.error(self.field("ProductCode"), "has 1 to 255 characters");
        }
    }

    fn check_codes(&self, faults: &mut Faults) {
        let success = self.installer.installer_success_codes.as_deref().unwrap_or_default();
        let expected = self.installer.expected_return_codes.as_deref().unwrap_or_default();
        let mut seen = BTreeSet::new();
        let codes = success.iter().copied().chain(expected.iter().filter_map(|code| code.installer_return_code));
        for code in codes.take(MAX_LIST) {
            if !seen.insert(code) {
                faults.error(self.field("ExpectedReturnCodes"), format!("{code} is there twice"));
            }
            if code == 0 || !(i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&code) {
                faults.error(self.field("ExpectedReturnCodes"), format!("{code} is no exit code that has to be explained"));
            }
        }
        for code in expected.iter().take(MAX_LIST) {
            if code.installer_return_code.is_none() || code.return_response.is_none() {
                faults.error(self.field("ExpectedReturnCodes"), "a code or what it means is missing");
            }
            if code.return_response.as_deref().is_some_and(|word| !switches::RESPONSES.iter().any(|known| known.eq_ignore_ascii_case(word)))
            {
                faults.error(self.field("ReturnResponse"), "is no word of the schema");
            }
            if code.return_response_url.as_deref().is_some_and(|url| !is_address(url)) {
                faults.error(self.field("ReturnResponseUrl"), "is no http or https address");
            }
        }
    }
}

fn is_identifier(text: &str) -> bool {
    let is_part = |part: &str| {
        let count = part.chars().count();
        (1..=32).contains(&count) && !part.chars().any(|letter| letter.is_whitespace() || letter.is_control() || FORBIDDEN.contains(letter))
    };
    text.chars().count() <= 128 && (2..=8).contains(&text.split('.').count()) && text.split('.').all(is_part)
}

fn is_version(text: &str) -> bool {
    let plain = !text.chars().any(|letter| letter.is_control() || FORBIDDEN.contains(letter));
    plain && text.chars().count() <= 128 && Scheme::Application.sort_key(text).is_some()
}

fn is_address(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_lowercase();
    text.len() <= 2048
        && (lower.starts_with("http://") || lower.starts_with("https://"))
        && url::Url::parse(text).is_ok_and(|url| url.has_host())
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A language tag as the schema writes it (RFC 5646, without the rarest forms).
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let is_word = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let starts_well =
        first.bytes().all(|byte| byte.is_ascii_alphabetic()) && (matches!(first.len(), 2 | 3) || matches!(first, "i" | "I" | "x" | "X"));
    starts_well && text.len() <= 20 && parts.all(|part| is_word(part, 8))
}

fn is_family_name(text: &str) -> bool {
    let Some((name, publisher)) = text.rsplit_once('_') else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    publisher.len() == 13 && publisher.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !name.is_empty() && name.bytes().all(plain)
}

/// Whether a path leads out of the folder it starts from.
fn leaves(path: &str) -> bool {
    let mut depth = 0_i32;
    let is_absolute = path.starts_with(['/', '\\']) || path.contains(':');
    let leaves = path.split(['/', '\\']).any(|part| {
        depth += match part {
            ".." => -1,
            "" | "." => 0,
            _ => 1,
        };
        depth < 0
    });
    is_absolute || leaves
}
