//! Making patches of packages and advisories.
//!
//! An advisory is a patch of the packages that it names. The newest packages that no advisory names are patches by the
//! source package and version that they were built from.

use super::primary::Package;
use super::updateinfo::{Advisory, Fixed};
use crate::supersedence::{self, Connected, Member};
use fettle_model::ids::PatchId;
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule};
use fettle_model::version::RpmVersion;
use std::collections::{BTreeMap, BTreeSet};

/// What all patches of one feed have in common.
#[derive(Debug)]
pub(super) struct Publisher<'a> {
    /// Name of the feed.
    pub(super) feed: &'a str,
    pub(super) release: &'a ReleaseKey,
    /// Architectures whose packages count, beside those for all machines.
    pub(super) architectures: &'a [String],
}

/// Name and architecture.
type Key<'a> = (&'a str, &'a str);

/// All versions of each package that the repositories carry, ascending.
type Available<'a> = BTreeMap<Key<'a>, BTreeMap<&'a RpmVersion, &'a Package>>;

/// A patch in the making.
struct Draft<'a> {
    id: PatchId,
    advisory: Option<&'a Advisory>,
    /// What it brings, as `name.architecture`.
    versions: BTreeMap<String, &'a RpmVersion>,
    packages: BTreeMap<Key<'a>, &'a RpmVersion>,
    supersedes: Vec<PatchId>,
    security: bool,
}

/// Packages that go on running in their old version until a restart, as dnf's `needs-restarting` has them
/// (man page, option `-r`).
const RUNNING_ON: [&str; 12] = [
    "dbus",
    "dbus-broker",
    "dbus-daemon",
    "glibc",
    "kernel",
    "kernel-core",
    "kernel-default",
    "kernel-rt",
    "linux-firmware",
    "microcode_ctl",
    "systemd",
    "ucode-intel",
];

/// Makes the patches, ordered by id.
pub(super) fn make(publisher: &Publisher<'_>, packages: &[Package], advisories: &[Advisory]) -> Vec<Patch> {
    let mut available = Available::new();
    for package in packages.iter().filter(|package| publisher.wants(&package.architecture)) {
        available.entry((&*package.name, &*package.architecture)).or_default().insert(&package.version, package);
    }
    let mut drafts = drafts_of_advisories(publisher, advisories);
    drafts.extend(drafts_of_packages(publisher, &available, &drafts));
    let connected = supersedence::connect(&drafts.iter().map(Draft::member).collect::<Vec<_>>());
    for (draft, Connected { supersedes, security }) in drafts.iter_mut().zip(connected) {
        (draft.supersedes, draft.security) = (supersedes, security);
    }
    let mut patches: Vec<Patch> = drafts.into_iter().map(|draft| finish(publisher, draft, &available)).collect();
    patches.sort_unstable_by(|left, right| left.id.cmp(&right.id));
    patches
}

impl Publisher<'_> {
    fn wants(&self, architecture: &str) -> bool {
        architecture == "noarch" || self.architectures.iter().any(|wanted| wanted == architecture)
    }

    fn id(&self, name: &str) -> PatchId {
        PatchId(format!("{}:{}:{name}", self.release.distribution(), self.release.codename()))
    }
}

/// Several repositories may carry parts of one advisory: they are one patch.
fn drafts_of_advisories<'a>(publisher: &Publisher<'_>, advisories: &'a [Advisory]) -> Vec<Draft<'a>> {
    let mut drafts: BTreeMap<&str, Draft<'a>> = BTreeMap::new();
    for advisory in advisories {
        let wanted: Vec<&Fixed> = advisory.fixed.iter().filter(|fixed| publisher.wants(&fixed.architecture)).collect();
        if wanted.is_empty() {
            continue;
        }
        let draft = drafts.entry(&advisory.id).or_insert_with(|| Draft::new(publisher.id(&advisory.id), Some(advisory)));
        draft.security |= advisory.security;
        wanted.into_iter().for_each(|fixed| draft.bring((&fixed.name, &fixed.architecture), &fixed.version));
    }
    drafts.into_values().collect()
}

/// The newest packages, unless an advisory names them.
fn drafts_of_packages<'a>(publisher: &Publisher<'_>, available: &Available<'a>, named: &[Draft<'_>]) -> Vec<Draft<'a>> {
    let named: BTreeSet<(Key<'_>, &RpmVersion)> =
        named.iter().flat_map(|draft| draft.packages.iter().map(|(key, version)| (*key, *version))).collect();
    let mut drafts: BTreeMap<(&str, &RpmVersion), Draft<'a>> = BTreeMap::new();
    for (key, versions) in available {
        let Some((version, package)) = versions.last_key_value() else { continue };
        if named.contains(&(*key, *version)) {
            continue;
        }
        let id = || publisher.id(&format!("{}@{version}", package.source));
        drafts.entry((&*package.source, *version)).or_insert_with(|| Draft::new(id(), None)).bring(*key, version);
    }
    drafts.into_values().collect()
}

impl<'a> Draft<'a> {
    fn new(id: PatchId, advisory: Option<&'a Advisory>) -> Self {
        Self { id, advisory, versions: BTreeMap::new(), packages: BTreeMap::new(), supersedes: Vec::new(), security: false }
    }

    /// Of two versions of one package the higher counts.
    fn bring(&mut self, key: Key<'a>, version: &'a RpmVersion) {
        let slot = self.packages.entry(key).or_insert(version);
        *slot = (*slot).max(version);
        self.versions.insert(format!("{}.{}", key.0, key.1), *slot);
    }

    fn member(&self) -> Member<'_, RpmVersion> {
        Member {
            id: &self.id,
            published: self.advisory.and_then(|advisory| advisory.published),
            versions: self.versions.iter().map(|(name, version)| (name.as_str(), *version)).collect(),
            packages: BTreeSet::new(),
            security: self.security,
        }
    }
}

fn finish(publisher: &Publisher<'_>, draft: Draft<'_>, available: &Available<'_>) -> Patch {
    let advisory = draft.advisory;
    let found: Vec<&Package> = draft.packages.iter().filter_map(|(key, version)| available.get(key)?.get(version).copied()).collect();
    // What only ever was there in one version, and no advisory named, is what the release came with.
    let has_one_version = |key: &Key<'_>| available.get(key).is_some_and(|versions| versions.len() == 1);
    let baseline = advisory.is_none() && !draft.security && draft.supersedes.is_empty() && draft.packages.keys().all(has_one_version);
    let architectures: BTreeSet<&str> = draft.packages.keys().map(|(_, architecture)| *architecture).collect();
    let family = advisory.and_then(|advisory| advisory.source.clone()).or_else(|| found.first().map(|package| package.source.to_string()));
    Patch {
        vendor: publisher.release.distribution().to_owned(),
        title: title(&draft, &found),
        description: description(&draft, &found),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: family.or_else(|| draft.packages.keys().next().map(|(name, _)| (*name).to_owned())).unwrap_or_default(),
        products: vec![publisher.release.to_string()],
        architectures: architectures.into_iter().map(str::to_owned).collect(),
        bulletin: advisory.map(|advisory| advisory.id.clone()),
        advisory_url: advisory.and_then(|advisory| advisory.url.clone()),
        category: if draft.security { Category::Security } else { Category::NonSecurity },
        vendor_severity: advisory.map_or(Severity::None, |advisory| advisory.severity),
        cves: advisory.map(|advisory| advisory.cves.iter().cloned().collect()).unwrap_or_default(),
        published_at: advisory.and_then(|advisory| advisory.published),
        modified_at: advisory.and_then(|advisory| advisory.modified),
        reboot: reboot(&draft),
        download: Download::PackageManager { size: found.iter().fold(0, |sum, package| sum.saturating_add(package.size)) },
        rollback: rollback(&draft, available),
        rule: Rule::Rpm {
            release: publisher.release.clone(),
            packages: draft.packages.iter().map(|(key, version)| binary(*key, version)).collect(),
        },
        source: publisher.feed.to_owned(),
        enabled: true,
        baseline,
        scores: Scores::default(),
        id: draft.id,
        supersedes: draft.supersedes,
    }
}

fn binary((name, architecture): Key<'_>, version: &RpmVersion) -> BinaryVersion {
    BinaryVersion { name: name.to_owned(), architecture: architecture.to_owned(), version: version.to_string() }
}

fn title(draft: &Draft<'_>, found: &[&Package]) -> String {
    match (draft.advisory, found.first()) {
        (Some(advisory), _) if advisory.title.contains(&advisory.id) => advisory.title.clone(),
        (Some(advisory), _) => format!("{} {}", advisory.id, advisory.title).trim_end().to_owned(),
        (None, Some(package)) => format!("{} {}", package.source, package.version),
        (None, None) => draft.id.to_string(),
    }
}

/// What the advisory says, or what the packages are: the line of the package named like its source, or of the first.
fn description(draft: &Draft<'_>, found: &[&Package]) -> String {
    if let Some(advisory) = draft.advisory.filter(|advisory| !advisory.description.is_empty()) {
        return advisory.description.clone();
    }
    let main = found.iter().find(|package| package.name == package.source);
    main.or(found.first()).map(|package| package.summary.to_string()).unwrap_or_default()
}

fn reboot(draft: &Draft<'_>) -> Reboot {
    if draft.advisory.is_some_and(|advisory| advisory.reboot) {
        return Reboot::Required;
    }
    if draft.packages.keys().any(|(name, _)| RUNNING_ON.contains(name)) { Reboot::Maybe } else { Reboot::Never }
}

/// A patch can be taken back when the repositories still carry an earlier version of every one of its packages.
fn rollback(draft: &Draft<'_>, available: &Available<'_>) -> Rollback {
    let earlier = draft.packages.iter().map(|(key, version)| {
        let (previous, _) = available.get(key)?.range::<RpmVersion, _>(..*version).next_back()?;
        Some(binary(*key, previous))
    });
    match earlier.collect::<Option<Vec<_>>>() {
        Some(packages) if !packages.is_empty() => Rollback::PreviousVersion { packages },
        _ => Rollback::No,
    }
}
