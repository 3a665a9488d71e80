//! What the vendor's own tool says: names as it compares them, applications as they showed in the list of installed
//! ones, manifests that it takes and refuses, and manifests that are in use.

mod reasons;

use crate::data::{Data, entries, find, name};
use crate::made::{catalog, findings, windows};
use crate::report::Report;
use anyhow::{Context, Result, bail};
use fettle_catalog::winget::{Manifest, patches, read_manifest};
use fettle_fleet::Assessor;
use fettle_model::application::{normal_name, plain_name};
use fettle_model::ids::PatchId;
use fettle_model::inventory::Application;
use fettle_model::version::ApplicationVersion;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

const LOCAL_FILE: &str =
    "its installer is a file beside it, which the vendor's tool opens; one from the network has an address and a digest";

/// The catalog of this table says nothing of how its applications show.
const OTHER_NAME: &str = "it shows under another name or publisher than the catalog has for it";

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
            Ok(manifest) => read.push(InUse::of(manifest, &bytes)?),
            Err(why) => report.same(false, || format!("{}: {why}", path.display())),
        }
    }
    assessed(&read, &mut report)?;
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

/// How applications of a catalog show on a machine. A name alone tells few of them: a catalog that wants them told says
/// how they show.
fn correlation(table: &str, report: &mut Report) {
    for row in rows(table) {
        let &[_, catalog_name, catalog_publisher, name, _, publisher, _] = row.as_slice() else { continue };
        let (catalog, shown) = (normal_name(catalog_name, catalog_publisher), normal_name(name, publisher));
        let what = || format!("{catalog_name} of {catalog_publisher} shows as {name} of {publisher}");
        if catalog == shown { report.same(true, what) } else { report.explained(what, OTHER_NAME) }
    }
}

fn validation(data: &Data, path: &Path, report: &mut Report) -> Result<()> {
    let Some(file) = name(path) else { return Ok(()) };
    let is_good = file.starts_with("Manifest-Good");
    if !is_good && !file.starts_with("Manifest-Bad") {
        return Ok(());
    }
    let bytes = data.bytes(path)?;
    let faults: Vec<(String, String)> = match read_manifest(&[&bytes]) {
        Ok(checked) => checked.faults.into_iter().map(|fault| (fault.field, fault.message)).collect(),
        Err(error) => vec![(String::new(), error.to_string())],
    };
    let addressless = faults.iter().any(|(field, message)| field.ends_with("InstallerUrl") && message.contains("address"));
    let told = || faults.iter().map(|(field, message)| format!("{field} {message}")).collect::<Vec<String>>().join("; ");
    let reason = reasons::is_for_its_reason(file, &faults);
    match (is_good, faults.is_empty()) {
        (true, false) if addressless => report.explained(|| file.to_owned(), LOCAL_FILE),
        (true, is_taken) => report.same(is_taken, || format!("{file}: {}", told())),
        (false, true) => report.same(false, || format!("{file}: is taken")),
        // What is wrong within its installer cannot be seen without the file.
        (false, false) if reason == Some(false) && addressless => report.explained(|| format!("{file}: {}", told()), LOCAL_FILE),
        (false, false) => {
            if reason.is_none() {
                report.note(format!("{file}: its name tells no reason that is known, so any refusal agrees"));
            }
            report.same(reason != Some(false), || format!("{file}: refused for another reason: {}", told()));
        }
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

/// A manifest in use, and how its application shows in the list of installed ones.
struct InUse {
    package: String,
    version: ApplicationVersion,
    manifest: Manifest,
    shown: Vec<Application>,
}

impl InUse {
    fn of(manifest: Manifest, bytes: &[u8]) -> Result<Self> {
        let root: Value = serde_norway::from_slice(bytes)?;
        let text = |name: &str| root[name].as_str().with_context(|| format!("a manifest without {name}"));
        let (package, version) = (text("PackageIdentifier")?.to_owned(), ApplicationVersion::parse(text("PackageVersion")?)?);
        Ok(Self { package, version, manifest, shown: shown(&root) })
    }

    /// Whether a patch is this version's. One for a single architecture has that behind the version.
    fn is_in(&self, id: &PatchId) -> bool {
        let rest = id.as_str().strip_prefix(&format!("winget:{}:{}", self.package, self.version));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }
}

/// A machine that has an application as its manifest says it shows: it has that version and those before, misses those
/// that came later, and has nothing to do with other packages.
fn assessed(read: &[InUse], report: &mut Report) -> Result<()> {
    let catalog = catalog(patches("winget", read.iter().map(|one| one.manifest.clone()).collect()));
    let assessor = Assessor::new(Arc::clone(&catalog));
    for one in read {
        for application in &one.shown {
            let mut machine = windows("machine", "Windows 10 Version 22H2 for x64-based Systems", "10.0.19045.1");
            machine.windows.applications = vec![application.clone()];
            let findings = findings(&assessor, &machine)?;
            for entry in catalog.entries() {
                let said = match (findings.missing.contains(&entry.no), findings.installed.contains(&entry.no)) {
                    (true, _) => "missing",
                    (_, true) => "installed",
                    _ => "nothing",
                };
                let Some(about) = read.iter().find(|other| other.is_in(&entry.patch.id)) else {
                    bail!("{} is of no manifest", entry.patch.id)
                };
                let is_for = entry.patch.architectures.is_empty() || entry.patch.architectures.contains(&application.architecture);
                let expected = match (about.package == one.package && is_for, about.version <= one.version) {
                    (false, _) => "nothing",
                    (true, true) => "installed",
                    (true, false) => "missing",
                };
                let what = || format!("{} {} as {application:?}: {} is {said}, not {expected}", one.package, one.version, entry.patch.id);
                report.same(said == expected, what);
            }
        }
    }
    Ok(())
}

/// How a manifest says that its application shows in the list of installed ones: read here on its own, from the file.
fn shown(root: &Value) -> Vec<Application> {
    let mut all = Vec::new();
    for installer in root["Installers"].as_array().into_iter().flatten() {
        let field = |entry: &Value, name: &str| {
            [entry, installer, root].iter().find_map(|place| place[name].as_str()).unwrap_or_default().to_owned()
        };
        let entries = [installer, root].into_iter().find_map(|place| place["AppsAndFeaturesEntries"].as_array());
        for entry in entries.cloned().unwrap_or_else(|| vec![Value::Null]) {
            let version = entry["DisplayVersion"].as_str().map_or_else(|| field(&Value::Null, "PackageVersion"), str::to_owned);
            all.push(Application {
                name: entry["DisplayName"].as_str().unwrap_or_default().to_owned(),
                publisher: entry["Publisher"].as_str().unwrap_or_default().to_owned(),
                version,
                architecture: field(&Value::Null, "Architecture"),
                user: String::new(),
                product_code: field(&entry, "ProductCode"),
                upgrade_code: entry["UpgradeCode"].as_str().unwrap_or_default().to_owned(),
            });
        }
    }
    // What has neither code shows under a name that the manifest does not say.
    all.retain(|application| !application.product_code.is_empty() || !application.upgrade_code.is_empty());
    all.dedup();
    all
}
