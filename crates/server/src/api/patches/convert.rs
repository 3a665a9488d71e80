//! From the index to what the API shows of patches.

use super::query::PatchQuery;
use super::row::{DownloadBody, FixedPackage, PatchRow};
use fettle_fleet::PatchFilter;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::{BinaryVersion, Download, Patch, Rollback, Rule};

/// One row.
pub(crate) fn row(row: &fettle_fleet::PatchRow) -> PatchRow {
    let patch = &row.entry.patch;
    let Rule::Dpkg { release, .. } = &patch.rule;
    PatchRow {
        id: patch.id.clone(),
        title: patch.title.clone(),
        vendor: patch.vendor.clone(),
        release: Some(release.to_string()),
        product: patch.app_family.clone(),
        kind: patch.kind,
        architectures: patch.architectures.clone(),
        bulletin: patch.bulletin.clone(),
        category: patch.category,
        severity: patch.vendor_severity,
        cves: patch.cves.clone(),
        published_at: patch.published_at,
        reboot: patch.reboot,
        download: download(&patch.download),
        rollback: patch.rollback != Rollback::No,
        superseded: row.entry.superseded,
        missing: row.missing,
        installed: row.installed,
    }
}

fn download(download: &Download) -> DownloadBody {
    match download {
        Download::PackageManager { size } => DownloadBody::PackageManager { size: *size },
        Download::AcquireFromVendor { link } => DownloadBody::AcquireFromVendor { link: link.clone() },
    }
}

/// The packages a patch fixes.
pub(super) fn packages(patch: &Patch) -> Vec<FixedPackage> {
    let Rule::Dpkg { binaries, sources, .. } = &patch.rule;
    let sources =
        sources.iter().map(|source| FixedPackage { name: source.name.clone(), architecture: None, version: source.version.clone() });
    binaries.iter().map(fixed).chain(sources).collect()
}

/// One package at a version.
pub(crate) fn fixed(package: &BinaryVersion) -> FixedPackage {
    FixedPackage { name: package.name.clone(), architecture: Some(package.architecture.clone()), version: package.version.clone() }
}

/// What the index is asked for.
pub(super) fn filter(query: PatchQuery) -> PatchFilter {
    PatchFilter {
        text: query.q.get().map(str::to_owned),
        status: query.status,
        all: query.all.unwrap_or(false),
        latest: query.latest.unwrap_or(true),
        category: query.category.set(),
        severity: query.severity.set(),
        kind: query.kind,
        release: query.release.set().into_iter().map(ReleaseKey).collect(),
        cve: query.cve,
    }
}

/// Whether a patch mentions `text`, which is in lower case.
pub(crate) fn mentions(patch: &Patch, text: &str) -> bool {
    let has = |field: &str| field.to_lowercase().contains(text);
    has(patch.id.as_str())
        || has(&patch.title)
        || has(&patch.app_family)
        || patch.bulletin.as_ref().is_some_and(|bulletin| has(bulletin))
        || patch.cves.iter().any(|cve| has(cve))
}
