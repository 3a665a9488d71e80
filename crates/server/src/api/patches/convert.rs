//! From the index to what the API shows of patches.

use super::row::{DownloadBody, FixedPackage, InstallerBody, PatchRow};
use crate::locations::{Locations, Place};
use fettle_model::installer::Installer;
use fettle_model::patch::{Download, Patch, Rollback};
use fettle_model::rule::{ApplicationName, BinaryVersion, ProductBuild, Rule, SourceVersion};

/// One row, with the places that its installers are fetched from.
pub(crate) fn row(row: &fettle_fleet::PatchRow, locations: &Locations) -> PatchRow {
    let patch = &row.entry.patch;
    PatchRow {
        id: patch.id.clone(),
        title: patch.title.clone(),
        vendor: patch.vendor.clone(),
        release: patch.rule.packages().map(|rule| rule.release.to_string()),
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
        download: download(&patch.download, locations),
        rollback: patch.rollback != Rollback::No,
        superseded: row.entry.superseded,
        missing: row.missing,
        installed: row.installed,
    }
}

fn download(download: &Download, locations: &Locations) -> DownloadBody {
    match download {
        Download::PackageManager { size } => DownloadBody::PackageManager { size: *size },
        Download::Automatic { installers } => {
            DownloadBody::Automatic { installers: installers.iter().map(|one| installer(one, locations.of(one))).collect() }
        }
        Download::AcquireFromVendor { link } => DownloadBody::AcquireFromVendor { link: link.clone() },
    }
}

fn installer(installer: &Installer, place: Place) -> InstallerBody {
    InstallerBody {
        kind: installer.kind.to_string(),
        architecture: installer.architecture.clone(),
        scope: installer.scope.to_string(),
        locale: installer.locale.clone(),
        url: place.url,
        vendor_url: place.replaced,
        sha256: installer.sha256.to_string(),
        silent_arguments: installer.silent_arguments.clone(),
        success_codes: installer.success_codes.clone(),
        reboot_codes: installer.reboot_codes.clone(),
    }
}

/// What a patch fixes: packages, an application, or systems.
pub(super) fn packages(patch: &Patch) -> Vec<FixedPackage> {
    match &patch.rule {
        Rule::Application(rule) => {
            let named = |name: &ApplicationName| FixedPackage {
                name: name.name.clone(),
                architecture: Some(rule.architecture.clone()).filter(|architecture| !architecture.is_empty()),
                version: rule.version.clone(),
            };
            rule.names.iter().map(named).collect()
        }
        Rule::Windows(rule) => {
            let fixed = |product: &ProductBuild| FixedPackage {
                name: product.product.clone(),
                architecture: None,
                version: product.build.clone().or_else(|| rule.kb.clone()).unwrap_or_default(),
            };
            rule.products.iter().map(fixed).collect()
        }
        Rule::Dpkg { .. } | Rule::Rpm { .. } | Rule::Reported { .. } => {
            let Some(rule) = patch.rule.packages() else { return Vec::new() };
            let source =
                |source: &SourceVersion| FixedPackage { name: source.name.clone(), architecture: None, version: source.version.clone() };
            rule.binaries.iter().map(fixed).chain(rule.sources.iter().map(source)).collect()
        }
    }
}

/// One package at a version.
pub(crate) fn fixed(package: &BinaryVersion) -> FixedPackage {
    FixedPackage { name: package.name.clone(), architecture: Some(package.architecture.clone()), version: package.version.clone() }
}
