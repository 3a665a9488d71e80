//! Windows Installer packages: a database in an OLE compound file.

use super::{Flaw, line};
use fettle_model::custom::FileFacts;
use fettle_model::installer::InstallerKind;
use msi::{Package, PackageType, Select};
use std::collections::BTreeMap;
use std::io::{Read, Seek};

/// Properties that are wanted.
const WANTED: [&str; 5] = ["ProductName", "ProductVersion", "Manufacturer", "ProductCode", "UpgradeCode"];

pub(super) fn facts(file: impl Read + Seek) -> Result<FileFacts, Flaw> {
    let mut package = Package::open(file).map_err(|error| Flaw::of(&error))?;
    match package.package_type() {
        PackageType::Installer => {}
        PackageType::Patch => return Err(Flaw::NotForInstalling("a patch for Windows Installer (MSP); upload the whole package")),
        PackageType::Transform => return Err(Flaw::NotForInstalling("a transform for Windows Installer (MST); upload the package")),
    }
    let architecture = architecture(package.summary_info().arch().unwrap_or_default());
    let summary = package.summary_info().subject().unwrap_or_default().to_owned();
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    let rows = package.select_rows(Select::table("Property").columns(&["Property", "Value"])).map_err(|error| Flaw::of(&error))?;
    for row in rows {
        let (Some(name), Some(value)) = (row[0].as_str(), row[1].as_str()) else { continue };
        if let Some(wanted) = WANTED.into_iter().find(|wanted| *wanted == name) {
            found.insert(wanted, line(value));
        }
    }
    let [name, version, publisher, product_code, upgrade_code] = WANTED.map(|wanted| found.remove(wanted).unwrap_or_default());
    if product_code.is_empty() || version.is_empty() {
        // A merge module (MSM) looks like this: it has tables, and is no product.
        return Err(Flaw::damaged("it states no product code and version"));
    }
    Ok(FileFacts {
        kind: InstallerKind::Msi,
        summary: if summary == name { String::new() } else { line(&summary) },
        name,
        version,
        publisher,
        architecture,
        product_code,
        upgrade_code,
    })
}

/// The platform of the template in our words; nothing for those that no Windows has any more.
fn architecture(template: &str) -> String {
    let known = match template.split(',').next().unwrap_or_default().trim() {
        "" | "Intel" => "x86",
        "x64" | "AMD64" => "x64",
        "Arm64" => "arm64",
        "Arm" => "arm",
        _ => "",
    };
    known.to_owned()
}
