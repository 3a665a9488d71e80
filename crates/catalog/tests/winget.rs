//! Feeds of application manifests: what is read, what is refused, and what patches are made of it.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use fettle_catalog::winget::{patches, read_manifest};
use fettle_catalog::{Feed, FeedConfig, FetchLimits, Fetcher, Fingerprint, Folders, Location, Quiet, Synced, WingetFeed, sync};
use fettle_model::clock::ManualClock;
use fettle_model::patch::{Download, Patch};
use fettle_model::rule::Rule;
use rstest::rstest;
use std::io::Write;
use std::path::Path;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A manifest in one file, with further lines for its one installer.
fn single(id: &str, version: &str, lines: &str) -> String {
    format!(
        "PackageIdentifier: {id}\nPackageVersion: {version}\nPackageLocale: en-US\nPublisher: Example Ltd\nPackageName: Tool {id}\n\
         License: MIT\nShortDescription: A tool\nInstallers:\n- Architecture: x64\n  InstallerUrl: https://example.com/{version}.exe\n  \
         InstallerSha256: {DIGEST}\n{lines}ManifestType: singleton\nManifestVersion: 1.6.0\n"
    )
}

fn faults(text: &str) -> String {
    match read_manifest(&[text.as_bytes()]) {
        Ok(checked) => checked.faults.iter().map(|fault| format!("{} {}\n", fault.field, fault.message)).collect(),
        Err(error) => error.to_string(),
    }
}

fn made(texts: &[String]) -> Vec<Patch> {
    let manifests = texts.iter().map(|text| read_manifest(&[text.as_bytes()]).expect("readable").manifest).collect();
    patches("apps", manifests)
}

const INNO: &str = "  InstallerType: inno\n";

#[test]
fn a_good_manifest_has_no_faults() {
    assert_eq!(faults(&single("A.B", "1.10", INNO)), "");
}

#[rstest]
#[case::no_type("", "InstallerType is required")]
#[case::loud_exe("  InstallerType: exe\n", "silent")]
#[case::twice("  InstallerType: inno\n  InstallerType: inno\n", "duplicate")]
#[case::family_of_msi("  InstallerType: msi\n  PackageFamilyName: A.B_1234567890123\n", "PackageFamilyName")]
#[case::code_of_msix("  InstallerType: msix\n  ProductCode: '{1}'\n", "ProductCode")]
#[case::network("  InstallerType: inno\n  InstallerSwitches:\n    Custom: /cfg=\\\\host\\share\n", "network")]
#[case::msi_words("  InstallerType: msi\n  InstallerSwitches:\n    Silent: do it quietly\n", "Windows Installer")]
#[case::out_of_archive(
    "  InstallerType: zip\n  NestedInstallerType: inno\n  NestedInstallerFiles:\n  - RelativeFilePath: a/../../b.exe\n",
    "out of the archive"
)]
#[case::scope("  InstallerType: inno\n  Scope: everyone\n", "Scope")]
#[case::code_twice(
    "  InstallerType: inno\n  InstallerSuccessCodes: [3]\n  ExpectedReturnCodes:\n  - InstallerReturnCode: 3\n    ReturnResponse: custom\n",
    "twice"
)]
#[case::about_a_version("  InstallerType: inno\n  AppsAndFeaturesEntries:\n  - DisplayVersion: '> 3'\n", "DisplayVersion")]
#[case::unknown("  InstallerType: inno\n  Colour: red\n", "no such field")]
#[case::date("  InstallerType: inno\n  ReleaseDate: soon\n", "no date")]
fn what_is_wrong_is_told(#[case] lines: &str, #[case] told: &str) {
    let faults = faults(&single("A.B", "1", lines));
    assert!(faults.contains(told), "{faults:?}");
}

#[rstest]
#[case::schema(single("A.B", "1", INNO).replace("1.6.0", "1.99.0"))]
#[case::schema_with_words(single("A.B", "1", INNO).replace("1.6.0", "1.6.0-beta"))]
#[case::anchors("a: &a [x]\nInstallers: [*a, *a]\nPackageIdentifier: A.B\n".to_owned())]
#[case::deep(format!("PackageIdentifier: {}{}", "[".repeat(5_000), "]".repeat(5_000)))]
#[case::two_documents(format!("{}---\nx: 1\n", single("A.B", "1", INNO)))]
#[case::large(format!("{}#{}", single("A.B", "1", INNO), "x".repeat(1_100_000)))]
#[case::no_yaml("PackageIdentifier: \"".to_owned())]
#[case::a_list("- a\n- b\n".to_owned())]
fn hostile_files_are_refused(#[case] text: String) {
    read_manifest(&[text.as_bytes()]).expect_err("refused");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    read_manifest(&[&[0xff, 0xfe, 0x00]]).expect_err("refused");
}

#[test]
fn newer_versions_replace_older_ones_and_codes_are_shared() {
    let with = |code: &str| format!("  InstallerType: wix\n  ProductCode: '{code}'\n");
    let patches = made(&[single("A.B", "1.9", &with("{1}")), single("A.B", "1.10", &with("{2}"))]);
    let ids: Vec<&str> = patches.iter().map(|patch| patch.id.0.as_str()).collect();
    assert_eq!(ids, ["winget:A.B:1.10", "winget:A.B:1.9"]);
    assert_eq!(patches[0].supersedes, [patches[1].id.clone()]);
    let Rule::Application(rule) = &patches[1].rule else { panic!("an application") };
    assert_eq!(rule.product_codes, ["{2}", "{1}"]);
    let Download::Automatic { installers } = &patches[0].download else { panic!("installers") };
    assert_eq!((installers[0].silent_arguments.as_str(), installers[0].reboot_codes.as_slice()), ("/quiet /norestart", &[1641, 3010][..]));
}

#[test]
fn the_version_that_shows_is_compared() {
    let patches = made(&[single("A.B", "3.12.8", "  InstallerType: burn\n  AppsAndFeaturesEntries:\n  - DisplayVersion: 3.12.8150.0\n")]);
    let Rule::Application(rule) = &patches[0].rule else { panic!("an application") };
    assert_eq!((patches[0].id.0.as_str(), rule.version.as_str()), ("winget:A.B:3.12.8", "3.12.8150.0"));
}

#[test]
fn versions_that_differ_by_architecture_make_several_patches() {
    let two = single("A.B", "1", "  InstallerType: inno\n  AppsAndFeaturesEntries:\n  - DisplayVersion: 12\n");
    let other = format!(
        "- Architecture: x86\n  InstallerType: inno\n  InstallerUrl: https://example.com/x86.exe\n  InstallerSha256: {DIGEST}\nManifestType"
    );
    let ids: Vec<String> = made(&[two.replace("ManifestType", &other)]).into_iter().map(|patch| patch.id.0).collect();
    assert_eq!(ids, ["winget:A.B:1:x64", "winget:A.B:1:x86"]);
}

#[test]
fn a_name_that_two_packages_claim_is_left_to_the_one_that_names_the_other() {
    let named = |id: &str| single(id, "1", INNO).replace(&format!("Tool {id}"), "Tool");
    let names = |texts: &[String]| -> Vec<usize> {
        let count = |patch: &Patch| if let Rule::Application(rule) = &patch.rule { rule.names.len() } else { 0 };
        made(texts).iter().map(count).collect()
    };
    assert_eq!(names(&[named("A.B"), named("A.B.LongTerm")]), [0, 1], "ordered by id: A.B.LongTerm, A.B");
    assert_eq!(names(&[named("A.B"), named("C.D")]), [0, 0]);
}

#[test]
fn what_cannot_be_quiet_is_acquired_from_the_vendor() {
    let patches = made(&[single("A.B", "1", "  InstallerType: exe\n")]);
    assert!(matches!(&patches[0].download, Download::AcquireFromVendor { link } if link == "https://example.com/1.exe"));
}

async fn synced(place: &Path, cache: &Path, packages: &[&str], since: Option<&Fingerprint>) -> Result<Synced, fettle_catalog::SyncError> {
    // Another test may have installed it already.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    let manifests = Location::parse(place.to_str().expect("a path")).expect("a location");
    let config = FeedConfig::Winget(WingetFeed { manifests, packages: packages.iter().map(|&name| name.to_owned()).collect() });
    let feed = Feed { name: "apps".to_owned(), config };
    let fetcher = Fetcher::new(FetchLimits::default()).expect("a fetcher");
    let clock = ManualClock::new("2026-01-15T12:00:00Z".parse().expect("a time"));
    sync(&feed, since, &Folders::new(cache, "one"), &fetcher, &clock, &Quiet).await
}

fn ids(synced: Synced) -> (Vec<String>, Vec<String>, Fingerprint) {
    let changed = match synced {
        Synced::Changed { content, warnings, fingerprint, .. } => Some((content.into_patches(), warnings, fingerprint)),
        Synced::Unchanged { .. } => None,
    };
    let (patches, warnings, fingerprint) = changed.expect("something changed");
    (patches.into_iter().map(|patch| patch.id.0).collect(), warnings, fingerprint)
}

#[tokio::test]
async fn a_folder_is_read_and_an_unchanged_one_is_not_imported_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("manifests");
    let put = |name: &str, text: &str| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, text).expect("a file");
    };
    let head = "PackageIdentifier: C.D\nPackageVersion: '2'\nManifestVersion: 1.6.0\n";
    put("c/C/D/2/C.D.yaml", &format!("{head}ManifestType: version\nDefaultLocale: en-US\n"));
    put(
        "c/C/D/2/C.D.installer.yaml",
        &format!(
            "{head}ManifestType: installer\nInstallers:\n- Architecture: x64\n  InstallerType: msi\n  InstallerUrl: https://example.com/d.msi\n  InstallerSha256: {DIGEST}\n"
        ),
    );
    put(
        "c/C/D/2/C.D.locale.en-US.yaml",
        &format!(
            "{head}ManifestType: defaultLocale\nPackageLocale: en-US\nPublisher: C\nPackageName: D\nLicense: MIT\nShortDescription: A thing\n"
        ),
    );
    put("a/A/B/1/A.B.yaml", &single("A.B", "1", INNO));
    put("a/A/B/2/A.B.yaml", &single("A.B", "2", "  InstallerType: nonsense\n"));
    put("workflow.yml", "on: push\n");
    put("a/readme.txt", "nothing");
    let cache = folder.path().join("cache");
    let (found, warnings, fingerprint) = ids(synced(&root, &cache, &[], None).await.expect("synced"));
    assert_eq!(found, ["winget:A.B:1", "winget:C.D:2"]);
    assert_eq!(warnings, ["A.B 2 was left out: Installers[0].InstallerType is no kind of installer"]);
    let again = synced(&root, &cache, &[], Some(&fingerprint)).await.expect("synced");
    assert!(matches!(again, Synced::Unchanged { .. }));
    let (chosen, _, _) = ids(synced(&root, &cache, &["c.*"], Some(&fingerprint)).await.expect("synced"));
    assert_eq!(chosen, ["winget:C.D:2"]);
}

#[tokio::test]
async fn archives_of_both_kinds_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = single("A.B", "1", INNO);
    // Long enough for a name that does not fit into the header of a tar entry.
    let name = format!("collection/manifests/{}/A.B.yaml", "very-long/".repeat(40));
    let zip_path = folder.path().join("a.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&zip_path).expect("a file"));
    zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("an entry");
    zip.write_all(text.as_bytes()).expect("written");
    zip.finish().expect("finished");
    let tar_path = folder.path().join("a.tar.gz");
    let packed = flate2::write::GzEncoder::new(std::fs::File::create(&tar_path).expect("a file"), flate2::Compression::fast());
    let mut tar = tar::Builder::new(packed);
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, &name, text.as_bytes()).expect("an entry");
    tar.into_inner().expect("finished").finish().expect("finished");
    for path in [zip_path, tar_path] {
        let (found, warnings, _) = ids(synced(&path, &folder.path().join("cache"), &[], None).await.expect("synced"));
        assert_eq!((found, warnings), (vec!["winget:A.B:1".to_owned()], Vec::new()), "{}", path.display());
    }
}

#[rstest]
#[case::neither(b"nothing of the kind")]
#[case::broken_zip(b"PK\x03\x04 and no more")]
#[case::broken_gzip(b"\x1f\x8b\x08 and no more")]
#[tokio::test]
async fn damaged_archives_import_nothing(#[case] bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("archive");
    std::fs::write(&path, bytes).expect("a file");
    synced(&path, &folder.path().join("cache"), &[], None).await.expect_err("refused");
}
