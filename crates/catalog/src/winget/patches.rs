//! Patches of manifests: one for each version of a package.
//!
//! Where versions as they show in the list of installed applications differ by architecture, one for each
//! architecture; otherwise one for all, since codes alone tell which application is meant. Of several versions that
//! one manifest may show as, the lowest counts: whoever has it has the manifest's version.
//!
//! Product codes change with each version of an MSI package, so that every patch of a package carries the codes of all
//! its versions. A code or name that several packages claim tells none of them, except the package whose identifier
//! begins those of all the others: `Mozilla.Firefox` before `Mozilla.Firefox.de`.

use super::check::{kind, scope};
use super::fields::{Entry, Fields};
use super::manifest::{Manifest, entries};
use super::switches;
use fettle_model::application::normal_name;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::PatchId;
use fettle_model::installer::{Installer, InstallerKind, InstallerScope};
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{ApplicationName, ApplicationRule, Rule};
use fettle_model::version::ApplicationVersion;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Versions of one package that become patches, newest first: nobody installs older ones.
const MAX_VERSIONS: usize = 10;
/// Codes of one package that its patches carry, newest first. A package with more has years of them.
const MAX_CODES: usize = 200;
/// Names of one package; one with a hundred languages has as many.
const MAX_NAMES: usize = 200;

/// A version of a package on its way to a patch.
struct Version {
    manifest: Manifest,
    order: ApplicationVersion,
}

/// What tells a package, over all its versions.
#[derive(Default)]
struct Tells {
    product_codes: Vec<String>,
    upgrade_codes: Vec<String>,
    names: Vec<ApplicationName>,
}

/// Makes patches of manifests, ordered by id. A version that is there twice counts once, the first time.
#[must_use]
pub fn patches(feed: &str, manifests: Vec<Manifest>) -> Vec<Patch> {
    let mut packages: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    for manifest in manifests {
        let Ok(order) = ApplicationVersion::parse(&manifest.version) else { continue };
        packages.entry(manifest.identifier.to_lowercase()).or_default().push(Version { manifest, order });
    }
    let mut tells: Vec<Tells> = Vec::new();
    for versions in packages.values_mut() {
        versions.sort_by(|a, b| b.order.cmp(&a.order));
        versions.dedup_by(|a, b| a.order == b.order);
        tells.push(Tells::of(versions));
    }
    let identifiers: Vec<&str> = packages.keys().map(String::as_str).collect();
    leave_to_one(&identifiers, &mut tells);
    let made = packages.values().zip(&tells).flat_map(|(versions, tells)| package(feed, versions, tells));
    let by_id: BTreeMap<String, Patch> = made.map(|patch| (patch.id.0.clone(), patch)).collect();
    by_id.into_values().collect()
}

impl Tells {
    fn of(versions: &[Version]) -> Self {
        let mut tells = Self::default();
        let (mut products, mut upgrades, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for manifest in versions.iter().map(|version| &version.manifest) {
            for (name, publisher) in &manifest.names {
                tells.name(name, publisher, &mut names);
            }
            let default = manifest.names.first().map_or(("", ""), |(name, publisher)| (name, publisher));
            for installer in &manifest.installers {
                let own = [&installer.product_code, &installer.package_family_name];
                let of_entries = entries(installer).iter().map(|entry| &entry.product_code);
                add(&mut tells.product_codes, own.into_iter().chain(of_entries), &mut products);
                add(&mut tells.upgrade_codes, entries(installer).iter().map(|entry| &entry.upgrade_code), &mut upgrades);
                for Entry { display_name, publisher, .. } in entries(installer) {
                    let name = display_name.as_deref().unwrap_or(default.0);
                    tells.name(name, publisher.as_deref().unwrap_or(default.1), &mut names);
                }
            }
        }
        tells
    }

    /// Names that are the same when they are compared are kept once.
    fn name(&mut self, name: &str, publisher: &str, seen: &mut BTreeSet<String>) {
        let (name, publisher) = (name.trim(), publisher.trim());
        if !name.is_empty() && self.names.len() < MAX_NAMES && seen.insert(normal_name(name, publisher)) {
            self.names.push(ApplicationName { name: name.to_owned(), publisher: publisher.to_owned() });
        }
    }
}

fn add<'a>(codes: &mut Vec<String>, found: impl Iterator<Item = &'a Option<String>>, seen: &mut BTreeSet<String>) {
    for code in found.flatten().map(|code| code.trim()).filter(|code| !code.is_empty()) {
        if codes.len() < MAX_CODES && seen.insert(code.to_lowercase()) {
            codes.push(code.to_owned());
        }
    }
}

/// Takes what several packages claim from all of them but the one that it is left to, if there is one.
fn leave_to_one(identifiers: &[&str], tells: &mut [Tells]) {
    let mut claims: HashMap<(u8, String), Vec<usize>> = HashMap::new();
    let keys = |tells: &Tells| {
        let products = tells.product_codes.iter().map(|code| (0, code.to_lowercase()));
        let upgrades = tells.upgrade_codes.iter().map(|code| (1, code.to_lowercase()));
        let names = tells.names.iter().map(|name| (2, normal_name(&name.name, &name.publisher)));
        products.chain(upgrades).chain(names).collect::<Vec<_>>()
    };
    for (number, tells) in tells.iter().enumerate() {
        for key in keys(tells) {
            claims.entry(key).or_default().push(number);
        }
    }
    let owner = |by: &[usize]| {
        let names: Vec<&str> = by.iter().filter_map(|&number| identifiers.get(number).copied()).collect();
        let is_first =
            |one: &str| names.iter().all(|other| *other == one || other.strip_prefix(one).is_some_and(|rest| rest.starts_with('.')));
        by.iter().copied().find(|&number| identifiers.get(number).is_some_and(|name| is_first(name)))
    };
    let owners: HashMap<(u8, String), Option<usize>> = claims.into_iter().map(|(key, by)| (key, owner(&by))).collect();
    for (number, tells) in tells.iter_mut().enumerate() {
        let is_own = |kind: u8, key: String| owners.get(&(kind, key)).copied().flatten() == Some(number);
        tells.product_codes.retain(|code| is_own(0, code.to_lowercase()));
        tells.upgrade_codes.retain(|code| is_own(1, code.to_lowercase()));
        tells.names.retain(|name| is_own(2, normal_name(&name.name, &name.publisher)));
    }
}

/// The patches of a package, newest version first in `versions`.
fn package(feed: &str, versions: &[Version], tells: &Tells) -> Vec<Patch> {
    let mut patches: Vec<Patch> = Vec::new();
    // Per architecture (empty: all), the ids of the version before, oldest first.
    let mut before: Vec<(String, PatchId)> = Vec::new();
    for version in versions.iter().take(MAX_VERSIONS).rev() {
        let made = shown(&version.manifest);
        let mut replaced: BTreeSet<PatchId> = BTreeSet::new();
        let mut now = Vec::new();
        for (architecture, shown) in made {
            let meets = |other: &str| other.is_empty() || architecture.is_empty() || other == architecture;
            let supersedes: Vec<PatchId> = before.iter().filter(|(other, _)| meets(other)).map(|(_, id)| id.clone()).collect();
            replaced.extend(supersedes.iter().cloned());
            let patch = patch(feed, &version.manifest, tells, &architecture, shown, supersedes);
            now.push((architecture, patch.id.clone()));
            patches.push(patch);
        }
        // What nothing replaces, such as the last version for an architecture, stays on top.
        before.retain(|(_, id)| !replaced.contains(id));
        before.extend(now);
    }
    patches
}

/// The version that has to show, by architecture; one entry with an empty architecture when it is the same for all.
fn shown(manifest: &Manifest) -> BTreeMap<String, String> {
    let mut by: BTreeMap<String, ApplicationVersion> = BTreeMap::new();
    let own = ApplicationVersion::parse(&manifest.version).ok();
    for installer in &manifest.installers {
        let versions = entries(installer).iter().filter_map(|entry| ApplicationVersion::parse(entry.display_version.as_deref()?).ok());
        let Some(lowest) = versions.min().or_else(|| own.clone()) else { continue };
        let architecture = architecture(installer);
        let lowest = match by.remove(&architecture) {
            Some(other) if other < lowest => other,
            _ => lowest,
        };
        by.insert(architecture, lowest);
    }
    let lowest = by.values().min().or(own.as_ref()).cloned();
    let are_same = by.values().all(|version| Some(version) == lowest.as_ref());
    if are_same || by.contains_key("") {
        return BTreeMap::from([(String::new(), lowest.map_or_else(|| manifest.version.clone(), |version| version.to_string()))]);
    }
    by.into_iter().map(|(architecture, version)| (architecture, version.to_string())).collect()
}

/// The architecture an application is listed under; empty when it may be any.
fn architecture(installer: &Fields) -> String {
    let given = installer.architecture.as_deref().unwrap_or_default().trim().to_lowercase();
    if given == "neutral" { String::new() } else { given }
}

fn patch(feed: &str, manifest: &Manifest, tells: &Tells, architecture: &str, shown: String, supersedes: Vec<PatchId>) -> Patch {
    let (name, publisher) = manifest.names.first().cloned().unwrap_or_default();
    let suffix = if architecture.is_empty() { String::new() } else { format!(":{architecture}") };
    let fits = |installer: &&Fields| architecture.is_empty() || self::architecture(installer) == architecture;
    let chosen: Vec<&Fields> = manifest.installers.iter().filter(fits).collect();
    let architectures: BTreeSet<String> =
        chosen.iter().map(|installer| self::architecture(installer)).filter(|name| !name.is_empty()).collect();
    let date = chosen.iter().filter_map(|installer| installer.release_date.as_deref()?.trim().parse::<jiff::civil::Date>().ok()).max();
    let published_at: Option<Timestamp> = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok()).map(|zoned| zoned.timestamp());
    let download = download(manifest, &chosen);
    let reboot = match &download {
        Download::Automatic { installers } if installers.iter().any(|installer| !installer.reboot_codes.is_empty()) => Reboot::Maybe,
        _ => Reboot::Never,
    };
    let rule = ApplicationRule {
        product_codes: tells.product_codes.clone(),
        upgrade_codes: tells.upgrade_codes.clone(),
        names: tells.names.clone(),
        architecture: architecture.to_owned(),
        version: shown,
    };
    Patch {
        id: PatchId(format!("winget:{}:{}{suffix}", manifest.identifier, manifest.version)),
        vendor: publisher,
        title: format!("{name} {}", manifest.version),
        description: manifest.description.clone(),
        platform: Platform::Windows,
        kind: PatchKind::Application,
        app_family: manifest.identifier.clone(),
        products: vec![name],
        architectures: architectures.into_iter().collect(),
        bulletin: None,
        advisory_url: None,
        category: Category::NonSecurity,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at,
        modified_at: None,
        supersedes,
        reboot,
        download,
        rollback: Rollback::No,
        rule: Rule::Application(rule),
        source: feed.to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}

/// The installers that ask nothing; a link when there is none.
fn download(manifest: &Manifest, chosen: &[&Fields]) -> Download {
    let installers: Vec<Installer> = chosen.iter().filter_map(|installer| self::installer(installer)).collect();
    if !installers.is_empty() {
        return Download::Automatic { installers };
    }
    let url = chosen.first().and_then(|installer| installer.installer_url.clone());
    Download::AcquireFromVendor { link: manifest.homepage.clone().or(url).unwrap_or_default() }
}

fn installer(fields: &Fields) -> Option<Installer> {
    let kind = kind(fields)?;
    // Programs that are copied, and web applications, are nothing an agent could install for a machine.
    if matches!(kind, InstallerKind::Portable | InstallerKind::Font | InstallerKind::Pwa | InstallerKind::Zip) {
        return None;
    }
    let digest = data_encoding::HEXLOWER_PERMISSIVE.decode(fields.installer_sha256.as_deref()?.as_bytes()).ok()?;
    let (success_codes, reboot_codes) = switches::codes(fields, kind);
    let file = fields.nested_installer_files.iter().flatten().next().and_then(|file| file.relative_file_path.as_deref());
    Some(Installer {
        kind,
        architecture: fields.architecture.as_deref().unwrap_or_default().trim().to_lowercase(),
        scope: scope(fields).unwrap_or(InstallerScope::Unknown),
        locale: fields.installer_locale.clone(),
        url: fields.installer_url.clone()?,
        size: None,
        sha256: Sha256Digest(digest.try_into().ok()?),
        signed_by: None,
        file: file.map(|path| path.replace('\\', "/")),
        silent_arguments: switches::silent(fields, kind)?,
        success_codes,
        reboot_codes,
    })
}
