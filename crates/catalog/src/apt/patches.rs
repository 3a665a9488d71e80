//! Making patches of candidates and advisories.
//!
//! Candidates built from one source package at one version are one patch. An advisory whose fixed version is that
//! version gives the patch its name; an advisory whose fixed version is no longer to be had stands alone and is
//! superseded by what is.

use super::candidates::Candidate;
use super::kernel;
use crate::advisories::Advisory;
use crate::supersedence::{self, Connected, Member};
use fettle_model::ids::PatchId;
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule, SourceVersion};
use fettle_model::version::DpkgVersion;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What all patches of one feed have in common.
#[derive(Debug)]
pub(crate) struct Publisher<'a> {
    /// Name of the feed.
    pub(crate) feed: &'a str,
    /// `Origin` of the release.
    pub(crate) vendor: &'a str,
    /// The release.
    pub(crate) release: &'a ReleaseKey,
}

/// Candidates of one source package at one version.
#[derive(Debug, Default)]
struct Group<'a> {
    candidates: Vec<Candidate<'a>>,
}

/// A patch in the making.
#[derive(Debug)]
struct Draft<'a> {
    id: PatchId,
    /// Source packages and the version this patch brings them to.
    sources: BTreeMap<String, DpkgVersion>,
    /// Advisory, when the vendor published one.
    advisory: Option<&'a Advisory>,
    candidates: Vec<Candidate<'a>>,
    /// Patches that this one replaces directly.
    supersedes: Vec<PatchId>,
    security: bool,
}

impl Draft<'_> {
    /// When it was published; drafts without an advisory are the newest.
    fn published(&self) -> Option<Timestamp> {
        self.advisory.map(|advisory| advisory.published)
    }

    fn member(&self) -> Member<'_, DpkgVersion> {
        Member {
            id: &self.id,
            published: self.published(),
            versions: self.sources.iter().map(|(source, version)| (source.as_str(), version)).collect(),
            packages: self.lasting_packages().collect(),
            security: self.security,
        }
    }

    /// Packages that a superseding patch has to bring too. Packages of one kernel build have no successor.
    fn lasting_packages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.candidates
            .iter()
            .filter(|candidate| !is_of_one_build(candidate))
            .map(|candidate| (&*candidate.package.name, &*candidate.package.architecture))
    }
}

fn is_of_one_build(candidate: &Candidate<'_>) -> bool {
    kernel::is_of_one_build(&candidate.package.name)
        && (kernel::is_kernel(&candidate.package.source) || candidate.package.source.starts_with("linux-signed-"))
}

fn counted_source(candidate: &Candidate<'_>) -> (String, DpkgVersion) {
    let package = candidate.package;
    kernel::counted_source(&package.source, &package.source_version)
        .unwrap_or_else(|| (package.source.to_string(), package.source_version.clone()))
}

/// Makes the patches, ordered by id.
pub(crate) fn make(publisher: &Publisher<'_>, candidates: Vec<Candidate<'_>>, advisories: &[Advisory]) -> Vec<Patch> {
    let kernels = kernel_metas(&candidates);
    let mut groups: BTreeMap<(String, DpkgVersion), Group<'_>> = BTreeMap::new();
    for candidate in candidates {
        groups.entry(counted_source(&candidate)).or_default().candidates.push(candidate);
    }
    let mut drafts = drafts_of_advisories(publisher, advisories, &mut groups);
    drafts.extend(groups.into_iter().map(|(key, group)| draft_of_group(publisher, key, group)));
    let connected = supersedence::connect(&drafts.iter().map(Draft::member).collect::<Vec<_>>());
    for (draft, Connected { supersedes, security }) in drafts.iter_mut().zip(connected) {
        (draft.supersedes, draft.security) = (supersedes, security);
    }
    let mut patches: Vec<Patch> = drafts.into_iter().map(|draft| finish(publisher, draft, &kernels)).collect();
    patches.sort_unstable_by(|left, right| left.id.cmp(&right.id));
    patches
}

/// Names of packages that follow a kernel's own version, by source: `linux-image-amd64`.
type KernelMetas = BTreeMap<String, BTreeSet<(String, String)>>;

fn kernel_metas(candidates: &[Candidate<'_>]) -> KernelMetas {
    let mut metas = KernelMetas::new();
    for candidate in candidates.iter().filter(|candidate| !kernel::is_of_one_build(&candidate.package.name)) {
        let (source, version) = counted_source(candidate);
        if kernel::is_kernel(&source) && version == candidate.package.version {
            let package = (candidate.package.name.to_string(), candidate.package.architecture.to_string());
            metas.entry(source).or_default().insert(package);
        }
    }
    metas
}

/// The newest advisory for a version takes the packages of that version; a repeated one stands alone.
fn drafts_of_advisories<'a>(
    publisher: &Publisher<'_>,
    advisories: &'a [Advisory],
    groups: &mut BTreeMap<(String, DpkgVersion), Group<'a>>,
) -> Vec<Draft<'a>> {
    let mut newest_first: Vec<&Advisory> = advisories.iter().collect();
    newest_first.sort_by(|left, right| right.published.cmp(&left.published).then_with(|| right.id.cmp(&left.id)));
    let mut seen = BTreeSet::new();
    newest_first.retain(|advisory| seen.insert(advisory.id.as_str()));
    let draft = |advisory: &'a Advisory| {
        let taken = advisory.fixed.iter().filter_map(|(source, version)| groups.remove(&(source.clone(), version.clone())));
        Draft {
            id: publisher.id(&advisory.id),
            sources: advisory.fixed.clone(),
            advisory: Some(advisory),
            candidates: taken.flat_map(|group| group.candidates).collect(),
            supersedes: Vec::new(),
            security: true,
        }
    };
    newest_first.into_iter().map(draft).collect()
}

fn draft_of_group<'a>(publisher: &Publisher<'_>, key: (String, DpkgVersion), group: Group<'a>) -> Draft<'a> {
    let security = group.candidates.iter().any(|candidate| candidate.security);
    Draft {
        id: publisher.id(&format!("{}@{}", key.0, key.1)),
        sources: BTreeMap::from([key]),
        advisory: None,
        candidates: group.candidates,
        supersedes: Vec::new(),
        security,
    }
}

impl Publisher<'_> {
    fn id(&self, name: &str) -> PatchId {
        PatchId(format!("{}:{}:{name}", self.release.distribution(), self.release.codename()))
    }
}

fn finish(publisher: &Publisher<'_>, draft: Draft<'_>, kernels: &KernelMetas) -> Patch {
    let baseline = !draft.security && draft.supersedes.is_empty() && draft.candidates.iter().all(|candidate| candidate.only_in_base);
    let advisory = draft.advisory;
    let architectures: BTreeSet<&str> = draft.candidates.iter().map(|candidate| &*candidate.package.architecture).collect();
    Patch {
        vendor: publisher.vendor.to_owned(),
        title: title(&draft),
        description: description(&draft),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: draft.sources.keys().next().cloned().unwrap_or_default(),
        products: vec![publisher.release.to_string()],
        architectures: architectures.into_iter().map(str::to_owned).collect(),
        bulletin: advisory.map(|advisory| advisory.id.clone()),
        advisory_url: advisory.and_then(Advisory::url),
        category: if draft.security { Category::Security } else { Category::NonSecurity },
        vendor_severity: advisory.map_or(Severity::None, |advisory| advisory.severity),
        cves: advisory.map(|advisory| advisory.cves.iter().cloned().collect()).unwrap_or_default(),
        published_at: draft.published(),
        modified_at: draft.published(),
        reboot: reboot(&draft),
        download: Download::PackageManager { size: size(&draft) },
        rollback: rollback(&draft),
        rule: rule(publisher, &draft, kernels),
        source: publisher.feed.to_owned(),
        enabled: true,
        baseline,
        scores: Scores::default(),
        id: draft.id,
        supersedes: draft.supersedes,
    }
}

fn title(draft: &Draft<'_>) -> String {
    match draft.advisory {
        Some(advisory) => format!("{} {}", advisory.id, advisory.title),
        None => draft.sources.iter().map(|(source, version)| format!("{source} {version}")).collect::<Vec<_>>().join(", "),
    }
}

/// What the advisory says, or what the packages are: the line of the package named like the source, or of the first.
fn description(draft: &Draft<'_>) -> String {
    if let Some(advisory) = draft.advisory.filter(|advisory| !advisory.details.is_empty()) {
        return advisory.details.clone();
    }
    let main = draft.candidates.iter().find(|candidate| draft.sources.contains_key(&*candidate.package.name));
    main.or(draft.candidates.first()).map(|candidate| candidate.package.summary.to_string()).unwrap_or_default()
}

/// Kernels, the C library, the service manager and the message bus go on running in their old version.
fn reboot(draft: &Draft<'_>) -> Reboot {
    let source = |source: &String| kernel::is_kernel(source) || matches!(source.as_str(), "glibc" | "systemd" | "dbus");
    let package = |candidate: &Candidate<'_>| {
        let name = &*candidate.package.name;
        name.starts_with("linux-image-") || matches!(name, "libc6" | "systemd" | "dbus")
    };
    let asks = draft.sources.keys().any(source) || draft.candidates.iter().any(package);
    if asks { Reboot::Maybe } else { Reboot::Never }
}

fn size(draft: &Draft<'_>) -> u64 {
    draft.candidates.iter().fold(0, |sum, candidate| sum.saturating_add(candidate.package.size))
}

/// A patch can be taken back when every one of its packages has an earlier version.
fn rollback(draft: &Draft<'_>) -> Rollback {
    let earlier = draft.candidates.iter().map(|candidate| {
        candidate.previous.map(|previous| BinaryVersion {
            name: candidate.package.name.to_string(),
            architecture: candidate.package.architecture.to_string(),
            version: previous.version.to_string(),
        })
    });
    match earlier.collect::<Option<BTreeSet<_>>>() {
        Some(packages) if !packages.is_empty() => Rollback::PreviousVersion { packages: packages.into_iter().collect() },
        _ => Rollback::No,
    }
}

fn rule(publisher: &Publisher<'_>, draft: &Draft<'_>, kernels: &KernelMetas) -> Rule {
    let mut binaries: BTreeSet<BinaryVersion> = draft.candidates.iter().map(binary).collect();
    let mut sources = Vec::new();
    for (name, version) in draft.advisory.iter().flat_map(|advisory| &advisory.fixed) {
        match kernels.get(name) {
            // Judged by the packages that keep their name; those of the patch itself are there already.
            Some(metas) => {
                let absent = metas.iter().filter(|(meta, architecture)| {
                    !draft
                        .candidates
                        .iter()
                        .any(|candidate| *candidate.package.name == **meta && *candidate.package.architecture == **architecture)
                });
                binaries.extend(absent.map(|(meta, architecture)| BinaryVersion {
                    name: meta.clone(),
                    architecture: architecture.clone(),
                    version: version.to_string(),
                }));
            }
            None => sources.push(SourceVersion { name: name.clone(), version: version.to_string() }),
        }
    }
    Rule::Dpkg { release: publisher.release.clone(), binaries: binaries.into_iter().collect(), sources }
}

fn binary(candidate: &Candidate<'_>) -> BinaryVersion {
    BinaryVersion {
        name: candidate.package.name.to_string(),
        architecture: candidate.package.architecture.to_string(),
        version: candidate.package.version.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::candidates::{Shelf, candidates};
    use super::super::packages::Binary;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    const NAMES: [&str; 4] = ["a", "b", "linux-image-6.1.0-1-amd64", "linux-image-amd64"];
    const SOURCES: [&str; 3] = ["a", "b", "linux"];

    fn version(number: u8) -> DpkgVersion {
        DpkgVersion::parse(&format!("1.{number}-1")).expect("a version")
    }

    fn binary() -> impl Strategy<Value = Binary> {
        (0..NAMES.len(), 0..SOURCES.len(), 0_u8..5, any::<bool>()).prop_map(|(name, source, number, common)| Binary {
            name: NAMES[name].into(),
            architecture: if common { "all" } else { "amd64" }.into(),
            version: version(number),
            source: SOURCES[source].into(),
            source_version: version(number),
            size: 1,
            summary: "".into(),
        })
    }

    fn shelf() -> impl Strategy<Value = Shelf> {
        (any::<bool>(), prop_oneof![Just("amd64"), Just("i386"), Just("all")], prop::collection::vec(binary(), 0..12))
            .prop_map(|(base, architecture, packages)| Shelf { base, security: !base, architecture: architecture.to_owned(), packages })
    }

    fn advisory() -> impl Strategy<Value = Advisory> {
        (0..6_i64, prop::collection::btree_map(0..SOURCES.len(), 0_u8..5, 1..3)).prop_map(|(day, fixed)| Advisory {
            id: format!("DSA-{day}-{}", fixed.len()),
            published: Timestamp::from_second(day * 86_400).expect("in range"),
            title: String::new(),
            details: String::new(),
            severity: Severity::None,
            cves: BTreeSet::new(),
            fixed: fixed.into_iter().map(|(source, number)| (SOURCES[source].to_owned(), version(number))).collect(),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn laws_of_patches(shelves in prop::collection::vec(shelf(), 0..4), advisories in prop::collection::vec(advisory(), 0..6)) {
            let release = ReleaseKey::new("debian", "bookworm");
            let found = candidates(&shelves, &["amd64".to_owned(), "i386".to_owned()]);
            let offered: BTreeSet<BinaryVersion> = found.iter().map(super::binary).collect();
            let patches = make(&Publisher { feed: "f", vendor: "v", release: &release }, found, &advisories);
            let by_id: HashMap<&str, &Patch> = patches.iter().map(|patch| (patch.id.as_str(), patch)).collect();
            prop_assert_eq!(by_id.len(), patches.len(), "ids are unique");
            let wanted: BTreeSet<&str> = advisories.iter().map(|advisory| advisory.id.as_str()).collect();
            let named: BTreeSet<&str> = patches.iter().filter_map(|patch| patch.bulletin.as_deref()).collect();
            prop_assert_eq!(named, wanted, "every advisory is a patch");

            let mut brought = BTreeSet::new();
            let mut superseded = BTreeSet::new();
            for patch in &patches {
                let Rule::Dpkg { binaries, .. } = &patch.rule else { unreachable!("a rule over dpkg packages") };
                brought.extend(binaries.iter().cloned());
                for id in &patch.supersedes {
                    prop_assert!(superseded.insert(id.clone()), "{} is superseded directly by two", id);
                    let older = by_id[id.as_str()];
                    prop_assert!(older.category == Category::NonSecurity || patch.category == Category::Security);
                    prop_assert!(older.id != patch.id);
                }
                prop_assert!(!patch.baseline || (patch.category == Category::NonSecurity && patch.supersedes.is_empty()));
            }
            prop_assert!(offered.is_subset(&brought), "every candidate is in a patch");
            // Following what supersedes what comes to an end: there are no cycles.
            let successor: HashMap<&str, &str> =
                patches.iter().flat_map(|patch| patch.supersedes.iter().map(|id| (id.as_str(), patch.id.as_str()))).collect();
            for patch in &patches {
                let mut at = patch.id.as_str();
                let mut steps = 0;
                while let Some(next) = successor.get(at) {
                    at = next;
                    steps += 1;
                    prop_assert!(steps <= patches.len(), "a cycle through {}", at);
                }
            }
        }
    }
}
