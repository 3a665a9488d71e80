use super::*;
use proptest::prelude::*;
use uuid::Uuid;

fn facts(kind: InstallerKind) -> FileFacts {
    let windows = is_windows(kind);
    FileFacts {
        kind,
        name: "Tool".to_owned(),
        version: if windows { "2.1" } else { "2.1-1" }.to_owned(),
        publisher: "Example".to_owned(),
        architecture: if windows { "x64" } else { "amd64" }.to_owned(),
        summary: "A tool".to_owned(),
        product_code: String::new(),
        upgrade_code: if kind == InstallerKind::Msi { "{11111111-2222-3333-4444-555555555555}" } else { "" }.to_owned(),
    }
}

fn custom(kind: InstallerKind) -> CustomPatch {
    let facts = facts(kind);
    let mut details = Details::proposed(&facts);
    if !is_windows(kind) {
        details.release = "debian/bookworm".to_owned();
    }
    CustomPatch {
        id: CustomPatchId(Uuid::from_u128(7)),
        file: File { name: "tool.bin".to_owned(), size: 10, sha256: Sha256Digest([1; 32]), facts },
        details,
        enabled: true,
        created_at: Timestamp::UNIX_EPOCH,
        changed_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn what_a_file_proposes_is_sound() {
    for kind in [InstallerKind::Msi, InstallerKind::Exe, InstallerKind::Deb, InstallerKind::Rpm] {
        assert_eq!(custom(kind).check(), [], "{kind}");
    }
}

#[test]
fn a_patch_has_a_rule_and_the_servers_own_file() {
    let patch = custom(InstallerKind::Msi).patch();
    assert_eq!((patch.id.as_str(), patch.source.as_str()), ("custom:00000000-0000-0000-0000-000000000007", SOURCE));
    let Download::Automatic { installers } = &patch.download else { panic!("{:?}", patch.download) };
    assert!(is_content(&installers[0]));
    assert_eq!((installers[0].silent_arguments.as_str(), installers[0].reboot_codes.as_slice()), ("/quiet /norestart", &[1641, 3010][..]));
    let Rule::Application(rule) = &patch.rule else { panic!("{:?}", patch.rule) };
    assert_eq!((rule.version.as_str(), rule.names[0].name.as_str(), rule.upgrade_codes.len()), ("2.1", "Tool", 1));
    let Rule::Dpkg { release, binaries, .. } = custom(InstallerKind::Deb).patch().rule else { panic!("another rule") };
    assert_eq!((release.0.as_str(), binaries[0].version.as_str()), ("debian/bookworm", "2.1-1"));
}

#[test]
fn refusals_name_the_field() {
    let mut exe = custom(InstallerKind::Exe);
    exe.file.name = "..\\..\\tool.exe".to_owned();
    exe.details = Details {
        title: " ".to_owned(),
        cves: vec!["CVE-26-1".to_owned(), "CVE-2026-1234".to_owned(), "CVE-2026-1234".to_owned()],
        advisory_url: Some("javascript:alert(1)".to_owned()),
        silent_arguments: "/S\n/D".to_owned(),
        success_codes: vec![3010, i64::MAX],
        reboot_codes: vec![3010],
        product_name: String::new(),
        version: String::new(),
        architecture: "amd64".to_owned(),
        release: "debian/bookworm".to_owned(),
        ..exe.details
    };
    let mut deb = custom(InstallerKind::Deb);
    deb.details = Details { release: "bookworm".to_owned(), silent_arguments: "-y".to_owned(), ..deb.details };
    let said =
        |patch: &CustomPatch| patch.check().iter().map(|flaw| format!("{}: {}", flaw.field, flaw.message)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(format!("{}\n\n{}", said(&exe), said(&deb)));
}

proptest! {
    /// No text makes checking or the record panic.
    #[test]
    fn any_text_is_judged(text in "\\PC{0,400}", code in any::<i64>()) {
        let mut patch = custom(InstallerKind::Exe);
        patch.details.title.clone_from(&text);
        patch.details.version.clone_from(&text);
        patch.details.cves = vec![text.clone()];
        patch.details.success_codes = vec![code];
        let flaws = patch.check();
        prop_assert!(flaws.iter().any(|flaw| flaw.field == "cves[0]"));
        prop_assert_eq!(patch.patch().title, text);
    }
}
