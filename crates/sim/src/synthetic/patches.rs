//! The catalog of a synthetic fleet.

use super::systems::{FAMILIES, Family};
use crate::chance::Chance;
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::{Category, Download, KnownExploited, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule};
use jiff::{SignedDuration, Timestamp};

/// The oldest patch is this many days old.
const OLDEST_DAYS: f64 = 1_800.0;
/// Vulnerabilities per patch.
const CVES: u64 = 5;
/// Severities in per mille: critical, important, moderate, the rest low.
const CRITICAL: u64 = 122;
const IMPORTANT: u64 = 300;
const MODERATE: u64 = 400;
/// Known to be exploited, in per mille.
const EXPLOITED: u64 = 30;
/// Patches that replace the one before them in their family of products, in per mille.
const CUMULATIVE: u64 = 350;

/// Patches from oldest to newest, numbered from 1. Families of systems share them out in proportion.
pub(super) fn make(count: u32, now: Timestamp, chance: &mut Chance) -> Vec<(PatchNo, Patch)> {
    let mut last: Vec<Option<PatchId>> = vec![None; FAMILIES.len() * PRODUCTS];
    (0..count)
        .map(|at| {
            let share = chance.fraction();
            let family = FAMILIES.iter().position(|family| share < family.patches_up_to).unwrap_or(FAMILIES.len() - 1);
            let product = usize::try_from(chance.below(PRODUCTS as u64)).unwrap_or(0);
            let age = OLDEST_DAYS * (1.0 - f64::from(at) / f64::from(count));
            let mut patch = one(at, FAMILIES.get(family).unwrap_or(&FAMILIES[0]), product, now - days(age), chance);
            if let Some(before) = last.get_mut(family * PRODUCTS + product) {
                if chance.below(1_000) < CUMULATIVE {
                    patch.supersedes.extend(before.take());
                }
                *before = Some(patch.id.clone());
            }
            (PatchNo(at + 1), patch)
        })
        .collect()
}

/// Products per family of systems.
const PRODUCTS: usize = 400;

fn one(at: u32, family: &Family, product: usize, published: Timestamp, chance: &mut Chance) -> Patch {
    let rating = chance.below(1_000);
    let severity = match rating {
        _ if rating < CRITICAL => Severity::Critical,
        _ if rating < CRITICAL + IMPORTANT => Severity::Important,
        _ if rating < CRITICAL + IMPORTANT + MODERATE => Severity::Moderate,
        _ => Severity::Low,
    };
    let kev = (chance.below(1_000) < EXPLOITED).then_some(KnownExploited { due: None });
    let kb = format!("KB{}", 5_000_000 + at);
    let name = format!("product-{product:03}");
    Patch {
        id: PatchId(format!("synthetic:{}:{kb}", family.name)),
        vendor: family.vendor.to_owned(),
        title: format!("Update {at} for {name} on {}", family.name),
        description: String::new(),
        platform: family.platform,
        kind: if chance.percent(30) { PatchKind::Os } else { PatchKind::Application },
        app_family: name.clone(),
        products: vec![family.name.to_owned()],
        architectures: Vec::new(),
        bulletin: None,
        advisory_url: None,
        category: if severity >= Severity::Moderate { Category::Security } else { Category::NonSecurity },
        vendor_severity: severity,
        cves: (0..CVES).map(|nth| format!("CVE-{}-{}", 2022 + u64::from(at) % 5, 10_000 + chance.below(40_000) + nth)).collect(),
        published_at: Some(published),
        modified_at: Some(published),
        supersedes: Vec::new(),
        reboot: if chance.percent(20) { Reboot::Required } else { Reboot::Never },
        download: Download::PackageManager { size: chance.between(100_000, 300_000_000) },
        rollback: Rollback::No,
        rule: Rule::Dpkg {
            release: ReleaseKey(format!("synthetic/{}", family.name)),
            binaries: vec![BinaryVersion { name, architecture: "amd64".to_owned(), version: format!("{}.0", at + 1) }],
            sources: Vec::new(),
        },
        source: "synthetic".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores { kb: Some(kb), kev, ..Scores::default() },
    }
}

fn days(days: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(days * 86_400.0)
}
