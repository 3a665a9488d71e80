//! Inventories and samples of feeds that Clair's tests hold: status files of dpkg, manifests of RPM packages, Red Hat's
//! statements about vulnerabilities, probabilities of exploitation. Each tells one thing in two ways.

use crate::data::{Data, entries, name};
use crate::facts::{Values, probabilities_here, same_values, told_probability};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::apt::{UnverifiedIndex, unverified_patches};
use fettle_catalog::vulnerabilities::read_probabilities;
use fettle_model::os::ReleaseKey;
use fettle_model::rule::Rule;
use fettle_model::version::Nevra;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Deepest tree of products that is read; Red Hat's have four levels.
const MAX_DEPTH: usize = 32;

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::new("claircore");
    for path in entries(&data.folder("claircore").context("the folder is there")?)? {
        let Some(file) = name(&path).filter(|name| *name != "README.md") else { continue };
        let has = |part: &str| file.contains(part);
        if has(".status") {
            status(file, &data.text(&path)?, &mut report)?;
        } else if has(".rpm-manifest.json") {
            manifest(file, &data.text(&path)?, &mut report)?;
        } else if has(".txtar") {
            let text = data.text(&path)?;
            let documents = text.lines().filter(|line| line.starts_with('{') && line.contains("containerImageRPMManifest"));
            documents.into_iter().try_for_each(|document| manifest(file, document, &mut report))?;
        } else if has("_vex_") {
            let document: Value = serde_json::from_str(&data.text(&path)?).with_context(|| format!("{file} is no document"))?;
            products(file, &document["product_tree"], 0, &mut report);
        } else if has("epss") {
            let bytes = data.bytes(&path)?;
            let read = read_probabilities(&bytes).with_context(|| format!("{file} was refused"))?;
            let ours: Values = read.facts.iter().map(|facts| (facts.cve.clone(), told_probability(facts))).collect();
            same_values(file, &ours, &probabilities_here(&bytes)?, &mut report);
        } else {
            report.note(format!("{file}: nothing in it can be told in a second way"));
        }
    }
    Ok(report)
}

/// Source package with its version, package, architecture and version.
type Packaged = [String; 5];

/// A status file has the fields of a package index: its packages as the product's reader of indexes tells them.
fn status(file: &str, text: &str, report: &mut Report) -> Result<()> {
    let theirs: BTreeSet<Packaged> = text.split("\n\n").filter_map(packaged).collect();
    let mut ours = BTreeSet::new();
    let architectures: BTreeSet<&String> = theirs.iter().map(|[_, _, _, architecture, _]| architecture).collect();
    let native = architectures.into_iter().find(|name| *name != "all").map_or("amd64", String::as_str);
    let index = UnverifiedIndex { suite: "bookworm-security", architecture: native, text: text.as_bytes() };
    for patch in unverified_patches(&ReleaseKey::new("debian", "bookworm"), native, &[index], &[])? {
        let Rule::Dpkg { binaries, .. } = patch.rule else { continue };
        // Without advisories a patch is called by its source package and the version of that.
        let (source, version) = patch.title.rsplit_once(' ').unwrap_or((&patch.title, ""));
        for binary in binaries {
            ours.insert([source.to_owned(), version.to_owned(), binary.name, binary.architecture, binary.version.to_string()]);
        }
    }
    for package in theirs.union(&ours) {
        report.same(ours.contains(package) && theirs.contains(package), || {
            format!("{file}: {package:?} is {}", if ours.contains(package) { "here and not there" } else { "there and not here" })
        });
    }
    Ok(())
}

/// A paragraph of a status file read here on its own.
fn packaged(paragraph: &str) -> Option<Packaged> {
    let fields: BTreeMap<&str, &str> =
        paragraph.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once(": ")).collect();
    let field = |name: &str| fields.get(name).map(|value| value.trim().to_owned());
    let (package, version) = (field("Package")?, field("Version")?);
    let source = field("Source").unwrap_or_else(|| package.clone());
    let (source, source_version) =
        source.split_once(" (").map_or((source.as_str(), version.as_str()), |(name, version)| (name, version.trim_end_matches(')')));
    Some([source.to_owned(), source_version.to_owned(), package, field("Architecture")?, version.clone()])
}

/// A manifest names each package in whole, and its parts beside that.
fn manifest(file: &str, text: &str, report: &mut Report) -> Result<()> {
    let manifest: Value = serde_json::from_str(text).with_context(|| format!("{file} is no manifest"))?;
    for package in manifest["rpms"].as_array().into_iter().flatten() {
        let text = |field: &str| package[field].as_str().unwrap_or_default();
        // One way to make manifests misspells the key.
        let whole = if package["nvra"].is_string() { text("nvra") } else { text("nerva") };
        let parts = Nevra::parse(whole);
        let agrees = parts.as_ref().is_some_and(|parts| {
            let release = parts.evr.rsplit_once('-').map_or("", |(_, release)| release);
            let version = text("version");
            parts.name == text("name")
                && parts.architecture == text("architecture")
                && release == text("release")
                && (version.is_empty() || parts.evr.rsplit_once('-').is_some_and(|(before, _)| before.rsplit(':').next() == Some(version)))
        });
        report.same(agrees, || format!("{file}: {package} is here {parts:?}"));
        if let Some(source) = package["srpm_nevra"].as_str() {
            let parts = Nevra::parse(source);
            let agrees = parts.as_ref().is_some_and(|parts| parts.name == text("srpm_name") && parts.architecture == "src");
            report.same(agrees, || format!("{file}: {source} is of {}, here {parts:?}", text("srpm_name")));
        }
    }
    Ok(())
}

/// Products are named as RPM names packages, and beside that by an address `pkg:rpm/redhat/NAME@VERSION?arch=A&epoch=E`.
fn products(file: &str, branch: &Value, depth: usize, report: &mut Report) {
    if depth == MAX_DEPTH {
        report.note(format!("{file}: more than {MAX_DEPTH} levels of products"));
        return;
    }
    for inner in branch["branches"].as_array().into_iter().flatten() {
        products(file, inner, depth + 1, report);
    }
    let product = &branch["product"];
    let (Some(id), Some(purl)) = (product["product_id"].as_str(), product["product_identification_helper"]["purl"].as_str()) else {
        return;
    };
    let Some(addressed) = addressed(purl) else { return };
    let named = Nevra::parse(id).map(|parts| {
        let (epoch, evr) = parts.evr.split_once(':').unwrap_or(("0", &parts.evr));
        [parts.name.clone(), epoch.to_owned(), evr.to_owned(), parts.architecture.clone()]
    });
    report.same(named.as_ref() == Some(&addressed), || format!("{file}: {id} is {addressed:?}, here {named:?}"));
}

/// Name, epoch, version with release, architecture. `None` for what is no package of RPM at one version.
fn addressed(purl: &str) -> Option<[String; 4]> {
    let (name, rest) = purl.strip_prefix("pkg:rpm/")?.split_once('/')?.1.split_once('@')?;
    let (version, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let qualifier = |key: &str| qualifiers.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
    Some([
        name.to_owned(),
        qualifier("epoch").unwrap_or("0").to_owned(),
        version.to_owned(),
        qualifier("arch").unwrap_or_default().to_owned(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn result(judge: impl FnOnce(&mut Report)) -> String {
        let mut report = Report::new("claircore");
        judge(&mut report);
        report.result()
    }

    #[test]
    fn both_readers_of_a_status_file_agree() {
        let text = "Package: a1\nStatus: install ok installed\nArchitecture: amd64\nSource: a (1:2-3)\nVersion: 4-5\nDescription: x\n y: z\n\nPackage: b\nStatus: install ok installed\nArchitecture: all\nVersion: 6\n";
        assert!(result(|report| status("s", text, report).expect("read")).contains(" n=2 m=2 "));
    }

    #[test]
    fn a_part_that_is_not_of_the_whole_name_is_unexplained() {
        let package = |release: &str| {
            json!({"rpms": [{"name": "a-b", "architecture": "x86_64", "release": release, "version": "1.0", "nvra": "a-b-1.0-2.el8.x86_64", "srpm_name": "a", "srpm_nevra": "a-1:1.0-2.el8.src"}]})
                .to_string()
        };
        assert!(result(|report| manifest("m", &package("2.el8"), report).expect("read")).contains(" n=2 m=2 "));
        assert!(result(|report| manifest("m", &package("3.el8"), report).expect("read")).ends_with("unexplained=1"));
    }

    #[test]
    fn an_address_that_is_of_another_product_is_unexplained() {
        let tree = |purl: &str| json!({"branches": [{"product": {"product_id": "a-1:1.0-2.el9.x86_64", "product_identification_helper": {"purl": purl}}}]});
        let judged = |purl: &str| result(|report| products("v", &tree(purl), 0, report));
        assert!(judged("pkg:rpm/redhat/a@1.0-2.el9?arch=x86_64&epoch=1").contains(" n=1 m=1 "));
        assert!(judged("pkg:rpm/redhat/a@1.0-2.el9?arch=x86_64").ends_with("unexplained=1"));
        assert!(judged("pkg:oci/a@1").contains(" m=0 "));
    }
}
