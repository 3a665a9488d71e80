//! From the index to what the API shows of patches.

use super::row::{DownloadBody, FixedPackage, PatchRow};
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
        kb: patch.scores.kb.clone(),
        cvss: patch.scores.cvss_tenths.map(|tenths| f64::from(tenths) / 10.0),
        epss: patch.scores.epss_ppm.map(|millionths| f64::from(millionths) / 1_000_000.0),
        known_exploited: patch.scores.kev.is_some(),
        known_exploited_due: patch.scores.kev.and_then(|kev| kev.due),
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
