//! What a rule compared, one by one.

use super::{Judged, JudgedBy};
use crate::catalog::{Catalog, Entry};
use crate::rules::{fits, windows_key};
use crate::software::{PackageText, present, windows};
use fettle_model::inventory::{Inventory, Package};
use fettle_model::rule::{BinaryVersion, PackageRule, Rule, SourceVersion};
use fettle_model::version::Scheme;

/// Everything present that the rule speaks of, when the machine has the rule's release.
pub(super) fn judged(catalog: &Catalog, entry: &Entry, inventory: &Inventory) -> Vec<Judged> {
    match entry.patch.rule.packages() {
        Some(rule) if inventory.os.release().as_ref() == Some(rule.release) => packages(rule, inventory),
        Some(_) => Vec::new(),
        None => windows_entries(catalog, entry, inventory),
    }
}

fn packages(rule: PackageRule<'_>, inventory: &Inventory) -> Vec<Judged> {
    let native = &inventory.os.architecture;
    let judged = |package| by_binary(package, rule.binaries, native, rule.scheme).or_else(|| by_source(package, rule.sources, rule.scheme));
    present(inventory).filter_map(judged).collect()
}

fn by_binary(package: &Package, entries: &[BinaryVersion], native: &str, scheme: Scheme) -> Option<Judged> {
    let of_it = |entry: &&BinaryVersion| entry.name == package.name && fits(&entry.architecture, &package.architecture, native);
    let versions = entries.iter().filter(of_it).map(|entry| (entry.version.as_str(), entry));
    let (entry, fixed, below) = worst(scheme, &package.version, versions)?;
    let by = JudgedBy::Binary { architecture: entry.architecture.clone() };
    Some(compared(package, by, &package.version, fixed, below))
}

fn by_source(package: &Package, entries: &[SourceVersion], scheme: Scheme) -> Option<Judged> {
    let versions = entries.iter().filter(|entry| entry.name == package.source).map(|entry| (entry.version.as_str(), entry));
    let (entry, fixed, below) = worst(scheme, &package.source_version, versions)?;
    let by = JudgedBy::Source { source: entry.name.clone() };
    Some(compared(package, by, &package.source_version, fixed, below))
}

/// The entry with the highest fixed version: when the package is below any, it is below this one. Entries
/// whose version is none judge nothing.
fn worst<'a, E>(
    scheme: Scheme,
    installed: &str,
    entries: impl Iterator<Item = (&'a str, &'a E)>,
) -> Option<(&'a E, &'a str, Option<bool>)> {
    let readable = entries.filter_map(|(fixed, entry)| Some((scheme.sort_key(fixed)?, fixed, entry)));
    let (highest, fixed, entry) = readable.max_by(|a, b| a.0.cmp(&b.0))?;
    let below = scheme.sort_key(installed).map(|installed| installed < highest);
    Some((entry, fixed, below))
}

fn compared(package: &Package, by: JudgedBy, installed: &str, fixed: &str, below: Option<bool>) -> Judged {
    Judged {
        name: package.name.clone(),
        architecture: package.architecture.clone(),
        by,
        installed: installed.to_owned(),
        fixed: fixed.to_owned(),
        below,
        held: package.held,
    }
}

/// What assessment says of each entry, as far as it is about the patch.
fn windows_entries(catalog: &Catalog, entry: &Entry, inventory: &Inventory) -> Vec<Judged> {
    let texts = windows::Texts::of(inventory);
    let Some(rules) = catalog.rules(&windows_key()) else { return Vec::new() };
    let is_about = |places: &[u32]| places.iter().any(|&place| rules.number(place) == Some(entry.no));
    let judged = |text: PackageText<'_>| {
        let verdict = rules.judge(text, &inventory.os.architecture);
        let below = match (is_about(&verdict.below), is_about(&verdict.reached)) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => return None,
        };
        let (by, name, architecture) = match windows::read(text) {
            windows::Kind::System { product, .. } => (JudgedBy::System, product, inventory.os.architecture.as_str()),
            windows::Kind::Update { id, .. } => (JudgedBy::UpdateService, id, ""),
            windows::Kind::Application { architecture, .. } => (JudgedBy::Application, text.name, architecture),
        };
        let fixed = fixed(&entry.patch.rule, name);
        Some(Judged {
            name: name.to_owned(),
            architecture: architecture.to_owned(),
            by,
            installed: text.version.to_owned(),
            fixed,
            below: Some(below),
            held: false,
        })
    };
    texts.entries(inventory).filter_map(judged).collect()
}

/// What has the fix: a version, a build, or an article.
fn fixed(rule: &Rule, product: &str) -> String {
    match rule {
        Rule::Application(rule) => rule.version.clone(),
        Rule::Windows(rule) => {
            let build =
                rule.products.iter().find(|there| there.product.eq_ignore_ascii_case(product)).and_then(|there| there.build.clone());
            build.into_iter().chain(rule.kb.clone()).collect::<Vec<_>>().join(" or ")
        }
        Rule::Reported { update } => update.clone(),
        Rule::Dpkg { .. } | Rule::Rpm { .. } => String::new(),
    }
}
