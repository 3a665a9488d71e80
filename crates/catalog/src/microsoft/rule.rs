//! Which systems an update is for, and from which build on they have it.

use super::document::Product;
use super::patches::Draft;
use fettle_model::os::windows::{build_of, canonical, is_system, system_of_component};
use fettle_model::rule::ProductBuild;
use fettle_model::version::WindowsVersion;
use std::collections::{BTreeMap, BTreeSet};

/// Parts of Windows that documents list as products of their own, as `Internet Explorer 11 on Windows Server 2019`.
const COMPONENTS: [&str; 4] = ["Microsoft .NET Framework", "Internet Explorer", "Microsoft Edge (EdgeHTML-based)", "Adobe Flash Player"];

/// Builds that were stated for a product, and how often.
#[derive(Debug, Default)]
pub(super) struct Stated(BTreeMap<String, usize>);

impl Stated {
    pub(super) fn add(&mut self, build: &str) {
        // One product has one build, or a slip or two.
        const MOST: usize = 16;
        if !build.is_empty() && (self.0.len() < MOST || self.0.contains_key(build)) {
            *self.0.entry(build.to_owned()).or_default() += 1;
        }
    }

    /// The build that is stated most often, and of those the highest: documents have slips in single entries.
    fn build(&self, product: &str) -> Option<WindowsVersion> {
        let mut builds: BTreeMap<WindowsVersion, usize> = BTreeMap::new();
        for (text, times) in &self.0 {
            let read = text.trim().split(';').filter_map(|part| WindowsVersion::parse(part.trim()).ok());
            for build in read.filter_map(|stated| build_of(product, stated)) {
                *builds.entry(build).or_default() += times;
            }
        }
        builds.into_iter().max_by_key(|(build, times)| (*times, *build)).map(|(build, _)| build)
    }
}

/// The systems of a patch. Products that are no part of Windows cannot be told from what a system says of itself.
///
/// A hotpatch is for systems that take part in hotpatching, which cannot be told either: it has no systems.
pub(super) fn systems(draft: &Draft, products: &BTreeMap<String, Product>) -> Vec<ProductBuild> {
    if draft.kind().to_ascii_lowercase().contains("hotpatch") {
        return Vec::new();
    }
    let mut systems: BTreeMap<String, Option<WindowsVersion>> = BTreeMap::new();
    for (id, stated) in &draft.products {
        let name = canonical(products.get(id).map_or(id.as_str(), |product| product.name.as_str()));
        if is_system(&name) {
            let build = stated.build(&name);
            let known = systems.entry(name).or_default();
            *known = (*known).max(build);
        } else if let Some(system) = part_of(&name) {
            systems.entry(system.to_owned()).or_default();
        }
    }
    systems.into_iter().map(|(product, build)| ProductBuild { product, build: build.map(|build| build.to_string()) }).collect()
}

fn part_of(name: &str) -> Option<&str> {
    COMPONENTS.iter().any(|component| name.starts_with(component)).then(|| system_of_component(name))?
}

/// Article, what is known of it, and its systems.
type Rollup<'a> = (&'a String, &'a Draft, BTreeSet<String>);

/// Pairs of a monthly rollup, and an update of the same document for the same systems whose fixes the rollup contains:
/// the security-only update of the month and that of Internet Explorer. Documents do not say so.
pub(super) fn contained(drafts: &BTreeMap<String, Draft>, products: &BTreeMap<String, Product>) -> Vec<(String, String)> {
    let of_kind = |kinds: &'static [&'static str]| drafts.iter().filter(move |(_, draft)| kinds.contains(&draft.kind()));
    let names = |draft: &Draft| systems(draft, products).into_iter().map(|system| system.product).collect::<BTreeSet<String>>();
    let mut rollups: BTreeMap<&str, Vec<Rollup<'_>>> = BTreeMap::new();
    for (article, draft) in of_kind(&["Monthly Rollup"]) {
        for document in &draft.documents {
            rollups.entry(document).or_default().push((article, draft, names(draft)));
        }
    }
    let mut pairs = Vec::new();
    for (part, draft) in of_kind(&["Security Only", "IE Cumulative"]) {
        let systems = names(draft);
        let same_documents = draft.documents.iter().flat_map(|document| rollups.get(document.as_str()).into_iter().flatten());
        for (rollup, other, others) in same_documents {
            if !systems.is_empty() && systems.is_subset(others) && draft.cves.is_subset(&other.cves) {
                pairs.push(((*rollup).clone(), part.clone()));
            }
        }
    }
    pairs
}
