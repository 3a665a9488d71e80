//! What the vendor's own tool says: names as it compares them, applications as they showed in the list of installed
//! ones, manifests that it takes and refuses, and manifests that are in use.

use crate::data::{Data, entries, find, name};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::winget::{Manifest, patches, read_manifest};
use fettle_fleet::{Assessment, Assessor, Catalog};
use fettle_model::application::{normal_name, plain_name};
use fettle_model::ids::PatchNo;
use fettle_model::inventory::{Application, Inventory};
use fettle_model::os::Platform;
use fettle_model::patch::Patch;
use fettle_model::rule::{ApplicationRule, Rule};
use std::path::Path;
use std::sync::Arc;

const LOCAL_FILE: &str =
    "its installer is a file beside it, which the vendor's tool opens; one from the network has an address and a digest";

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("winget");
    let folder = data.folder("winget").context("the folder is there")?;
    if let Some(table) = find(&folder, "arp-normalization.tsv") {
        names(&data.text(&table)?, &mut report);
    }
    if let Some(table) = find(&folder, "arp-correlation.tsv") {
        correlation(&data.text(&table)?, &mut report);
    }
    for path in list(&folder.join("validation"))? {
        validation(data, &path, &mut report)?;
    }
    let mut read = Vec::new();
    for path in list(&folder.join("manifests"))? {
        let bytes = data.bytes(&path)?;
        match in_use(&bytes) {
            Ok(manifest) => read.push(manifest),
            Err(why) => report.same(false, || format!("{}: {why}", path.display())),
        }
    }
    assessed(read, &mut report)?;
    Ok(report)
}

fn list(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    if folder.is_dir() { entries(folder) } else { Ok(Vec::new()) }
}

/// Rows of a table as cells, without its heading.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip(1).filter(|line| !line.trim().is_empty()).map(|line| line.split('\t').collect())
}

fn names(table: &str, report: &mut Report) {
    for row in rows(table) {
        let &[name, publisher, expected] = row.as_slice() else { continue };
        let ours = plain_name(name, publisher);
        report.same(ours == expected, || format!("{name} of {publisher} is {expected}, here {ours}"));
    }
}

/// An application of the catalog and how it showed on a machine. Its code tells it; how often its name in the catalog
/// would do so alone is told, and no question: a catalog that says how an application shows needs no guess.
fn correlation(table: &str, report: &mut Report) {
    let (mut by_name, mut all) = (0, 0);
    for row in rows(table) {
        let &[package, catalog_name, catalog_publisher, name, version, publisher, code] = row.as_slice() else { continue };
        let rule = ApplicationRule { product_codes: vec![code.to_owned()], version: version.to_owned(), ..ApplicationRule::default() };
        let shown = Application {
            name: name.to_owned(),
            publisher: publisher.to_owned(),
            version: version.to_owned(),
            product_code: code.to_owned(),
            ..Application::default()
        };
        if !code.is_empty() {
            let said = say(vec![patch_with(rule)], shown);
            let is_readable = !version.trim().is_empty();
            report.same(said == ["installed"] || !is_readable, || format!("{package}: told by code {code} it is {said:?}"));
        }
        let (here, there) = (normal_name(catalog_name, catalog_publisher), normal_name(name, publisher));
        all += 1;
        by_name += u64::from(here == there);
    }
    report.note(format!("of {all} applications, {by_name} show under the name and publisher that the catalog has for them"));
}

fn validation(data: &Data, path: &Path, report: &mut Report) -> Result<()> {
    let Some(file) = name(path) else { return Ok(()) };
    let is_good = file.starts_with("Manifest-Good");
    if !is_good && !file.starts_with("Manifest-Bad") {
        return Ok(());
    }
    let bytes = data.bytes(path)?;
    let (faults, addressless) = match read_manifest(&[&bytes]) {
        Ok(checked) => {
            let texts: Vec<String> = checked.faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
            let addressless = checked.faults.iter().any(|fault| fault.field.ends_with("InstallerUrl") && fault.message.contains("address"));
            (texts, addressless)
        }
        Err(error) => (vec![error.to_string()], false),
    };
    if is_good && addressless {
        report.explained(|| file.to_owned(), LOCAL_FILE);
    } else {
        report
            .same(is_good == faults.is_empty(), || format!("{file}: {}", if is_good { faults.join("; ") } else { "is taken".to_owned() }));
    }
    Ok(())
}

/// A manifest in use: the file with its installers, with what the others say made up from its identifier.
fn in_use(bytes: &[u8]) -> std::result::Result<Manifest, String> {
    let text = String::from_utf8_lossy(bytes);
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.trim_start_matches('\u{feff}').strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().trim().trim_matches(['\'', '"']).to_owned()
    };
    let (id, version) = (field("PackageIdentifier"), field("PackageVersion"));
    let (publisher, package) = id.split_once('.').unwrap_or((&id, &id));
    let head = format!("PackageIdentifier: '{id}'\nPackageVersion: '{version}'\nManifestVersion: 1.6.0\n");
    let version_file = format!("{head}ManifestType: version\nDefaultLocale: en-US\n");
    let locale_file = format!(
        "{head}ManifestType: defaultLocale\nPackageLocale: en-US\nPublisher: '{publisher}'\nPackageName: '{package}'\nLicense: 'not said'\nShortDescription: 'not said'\n"
    );
    let checked = read_manifest(&[version_file.as_bytes(), bytes, locale_file.as_bytes()]).map_err(|error| error.to_string())?;
    let fault = checked.faults.iter().find(|fault| !fault.is_warning);
    fault.map_or(Ok(checked.manifest), |fault| Err(format!("{} {}", fault.field, fault.message)))
}

/// A machine with the version before misses a manifest's patch, one with the version has it.
fn assessed(manifests: Vec<Manifest>, report: &mut Report) -> Result<()> {
    for patch in patches("winget", manifests) {
        let Rule::Application(rule) = &patch.rule else { anyhow::bail!("{} is no application", patch.id.0) };
        let mut shown: Vec<Application> = Vec::new();
        shown.extend(rule.product_codes.iter().map(|code| Application { product_code: code.clone(), ..Application::default() }));
        shown.extend(rule.upgrade_codes.iter().map(|code| Application { upgrade_code: code.clone(), ..Application::default() }));
        let named = |name: &fettle_model::rule::ApplicationName| Application {
            name: name.name.clone(),
            publisher: name.publisher.clone(),
            ..Application::default()
        };
        shown.extend(rule.names.iter().map(named));
        for application in shown {
            let architecture = rule.architecture.clone();
            let with =
                |version: &str| Application { version: version.to_owned(), architecture: architecture.clone(), ..application.clone() };
            for (version, expected) in [("0.0.0.1", "missing"), (rule.version.as_str(), "installed")] {
                let said = say(vec![patch.clone()], with(version));
                report.same(said == [expected], || format!("{} with {version} is {said:?}, not {expected}", patch.id.0));
            }
        }
    }
    Ok(())
}

/// "missing", "installed" or "nothing" for each patch.
fn say(patches: Vec<Patch>, application: Application) -> Vec<&'static str> {
    let numbers: Vec<PatchNo> = (1..).map(PatchNo).take(patches.len()).collect();
    let catalog = Arc::new(Catalog::build(1, numbers.iter().copied().zip(patches).collect()));
    let Assessment::Findings(findings) = Assessor::new(catalog).assess(&windows(application)) else { return Vec::new() };
    let said = |no: &PatchNo| match (findings.missing.contains(no), findings.installed.contains(no)) {
        (true, _) => "missing",
        (_, true) => "installed",
        _ => "nothing",
    };
    numbers.iter().map(said).collect()
}

fn windows(application: Application) -> Inventory {
    let mut os = crate::debian::linux("windows", "10.0.19045.1", "Windows 10 Version 22H2 for x64-based Systems", "x64");
    os.platform = Platform::Windows;
    let mut host = crate::debian::inventory("machine", os, Vec::new());
    host.windows.applications = vec![application];
    host
}

fn patch_with(rule: ApplicationRule) -> Patch {
    use fettle_model::patch::{Category, Download, PatchKind, Reboot, Rollback, Scores, Severity};
    Patch {
        id: fettle_model::ids::PatchId("winget:one".to_owned()),
        vendor: String::new(),
        title: String::new(),
        description: String::new(),
        platform: Platform::Windows,
        kind: PatchKind::Application,
        app_family: String::new(),
        products: Vec::new(),
        architectures: Vec::new(),
        bulletin: None,
        advisory_url: None,
        category: Category::NonSecurity,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at: None,
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::AcquireFromVendor { link: String::new() },
        rollback: Rollback::No,
        rule: Rule::Application(rule),
        source: String::new(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}
