//! Choosing the package indexes of a suite.

use super::ReleaseError;
use super::release::Release;
use crate::feed::AptSource;
use crate::index::{Index, Packing};
use std::collections::BTreeSet;

/// How an index may be compressed, in the order of preference.
const PREFERRED: [Packing; 3] = [Packing::Xz, Packing::Gzip, Packing::Plain];

/// An index that a signed `Release` lists.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) index: Index,
    /// Machine architecture, or `all`.
    pub(crate) architecture: String,
}

/// Chooses the indexes of a source. An architecture that the suite does not have is a warning, a component is an
/// error: it is a slip of the pen.
pub(crate) fn choose(
    source: &AptSource,
    release: &Release,
    architectures: &[String],
    warnings: &mut Vec<String>,
) -> Result<Vec<Chosen>, ReleaseError> {
    let mut indexes = Vec::new();
    for component in &source.components {
        let before = indexes.len();
        for architecture in architectures {
            match find(source, release, component, architecture) {
                Some(index) => indexes.push(index),
                None => warnings.push(format!("{} has no packages for {component} on {architecture}", source.suite)),
            }
        }
        if indexes.len() == before {
            return Err(ReleaseError::NoComponent {
                component: component.clone(),
                architectures: architectures.join(", "),
                available: components(release),
            });
        }
        if release.separate_all {
            indexes.extend(find(source, release, component, "all"));
        }
    }
    Ok(indexes)
}

fn components(release: &Release) -> String {
    let names: BTreeSet<String> = release.available().into_iter().collect();
    let mut shown: Vec<String> = names.iter().take(30).cloned().collect();
    if names.len() > shown.len() {
        shown.push(format!("{} more", names.len() - shown.len()));
    }
    shown.join(", ")
}

fn find(source: &AptSource, release: &Release, component: &str, architecture: &str) -> Option<Chosen> {
    let folder = format!("{component}/binary-{architecture}");
    let path = format!("{folder}/Packages");
    let plain = release.file(&path);
    let below = |path: &str| source.uri.below(&format!("dists/{}/{path}", source.suite));
    PREFERRED.into_iter().find_map(|packing| {
        let name = format!("{path}{}", packing.suffix());
        let packed = release.file(&name)?;
        // By its hash first: such a file does not change under our hands while the mirror is being updated.
        let hashed = release.by_hash.then(|| below(&format!("{folder}/by-hash/SHA256/{}", packed.digest)));
        let addresses = hashed.into_iter().chain([below(&name)]).collect();
        let index = Index { what: format!("{} {component} {architecture}", source.suite), addresses, packing, packed, plain };
        Some(Chosen { index, architecture: architecture.to_owned() })
    })
}
