//! What makes a patch urgent, and what the counters of an asset say.

use fettle_model::finding::FindingCounts;
use fettle_model::ids::PatchId;
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, KnownExploited, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::Rule;
use rstest::rstest;

fn patch(vendor_severity: Severity, category: Category, exploited: bool) -> Patch {
    Patch {
        id: PatchId("P".to_owned()),
        vendor: String::new(),
        title: String::new(),
        description: String::new(),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: String::new(),
        products: Vec::new(),
        architectures: Vec::new(),
        bulletin: None,
        advisory_url: None,
        category,
        vendor_severity,
        cves: Vec::new(),
        published_at: None,
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 0 },
        rollback: Rollback::No,
        rule: Rule::Dpkg { release: ReleaseKey::new("debian", "bookworm"), binaries: Vec::new(), sources: Vec::new() },
        source: String::new(),
        enabled: true,
        baseline: false,
        scores: Scores { kev: exploited.then(KnownExploited::default), ..Scores::default() },
    }
}

#[rstest]
#[case(Severity::Critical, Category::NonSecurity, 10)]
#[case(Severity::Important, Category::Security, 5)]
#[case(Severity::Moderate, Category::Security, 2)]
#[case(Severity::Low, Category::Security, 1)]
#[case(Severity::None, Category::Security, 3)]
#[case(Severity::None, Category::NonSecurity, 1)]
fn severity_weighs_and_exploitation_weighs_threefold(#[case] severity: Severity, #[case] category: Category, #[case] weight: u32) {
    assert_eq!(patch(severity, category, false).risk_weight(), weight);
    assert_eq!(patch(severity, category, true).risk_weight(), 3 * weight);
}

#[test]
fn a_record_from_before_there_were_scores_has_none() {
    let mut record = serde_json::to_value(patch(Severity::Low, Category::Security, true)).expect("is JSON");
    record.as_object_mut().expect("an object").remove("scores");
    let read: Patch = serde_json::from_value(record).expect("is a patch");
    assert_eq!(read, patch(Severity::Low, Category::Security, false));
}

#[test]
fn compliance_is_the_share_of_latest_patches_that_are_there() {
    let of = |latest_installed, latest_missing| FindingCounts { latest_installed, latest_missing, ..Default::default() }.compliance();
    assert_eq!([of(0, 0), of(3, 1), of(0, 2), of(2, 0)], [None, Some(75.0), Some(0.0), Some(100.0)]);
}

#[test]
fn counters_by_severity_are_named() {
    let counts = FindingCounts { missing_by_severity: [1, 2, 3, 4, 5], ..Default::default() };
    let named: Vec<u32> = Severity::ALL.iter().map(|&severity| counts.missing_of(severity)).collect();
    assert_eq!(named, [1, 2, 3, 4, 5]);
}
