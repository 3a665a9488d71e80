//! What documents say that nobody verified.

use super::article::articles;
use super::document::{Document, Flaw};
use super::patches::Shelf;
use fettle_model::os::windows::canonical;
use fettle_model::patch::Patch;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A fix as a document states it: one line for each vulnerability, update and product.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatedFix {
    /// `CVE-2024-0056`; empty for an advisory without one.
    pub cve: String,
    /// `KB5034122`.
    pub article: String,
    /// As [`canonical`] gives it.
    pub product: String,
    /// Articles it replaces.
    pub supersedes: Vec<String>,
}

/// What one document states.
#[derive(Debug, Clone)]
pub struct Stated {
    /// `2024-Jan`.
    pub id: String,
    /// When it was last changed.
    pub revised: Option<Timestamp>,
    /// Vulnerabilities in it.
    pub vulnerabilities: usize,
    /// Its fixes, those without an article too.
    pub vendor_fixes: usize,
    /// Of these, those that say what they replace.
    pub with_supersedence: usize,
    /// Fixes that are updates with an article.
    pub fixes: Vec<StatedFix>,
}

/// Reads a document and tells what it states.
///
/// # Errors
/// When it cannot be read.
pub fn stated(bytes: &[u8]) -> Result<Stated, Flaw> {
    let document = Document::read(bytes)?;
    let product = |id: &String| canonical(document.products.get(id).map_or(id.as_str(), |product| product.name.as_str()));
    let all =
        document.vulnerabilities.iter().flat_map(|vulnerability| vulnerability.fixes.iter().map(move |fix| (&vulnerability.cve, fix)));
    let lines = all.clone().filter_map(|(cve, fix)| Some((cve, fix, fix.article.as_ref()?))).flat_map(|(cve, fix, article)| {
        let supersedes: Vec<String> = articles(&fix.supersedes).collect();
        fix.products.iter().map(move |id| (cve.clone(), article.clone(), id, supersedes.clone()))
    });
    let fixes = lines.map(|(cve, article, id, supersedes)| StatedFix { cve, article, product: product(id), supersedes }).collect();
    Ok(Stated {
        id: document.id.clone(),
        revised: document.revised,
        vulnerabilities: document.vulnerabilities.len(),
        vendor_fixes: all.clone().count(),
        with_supersedence: all.filter(|(_, fix)| !fix.supersedes.is_empty()).count(),
        fixes,
    })
}

/// Makes patches of documents as a sync does, without anything that tells where they came from: for comparing what the
/// product decides with what others do, never for a catalog that machines are patched from.
///
/// # Errors
/// When a document cannot be read.
pub fn unverified_patches(documents: &[&[u8]]) -> Result<Vec<Patch>, Flaw> {
    let mut newest: BTreeMap<String, Document> = BTreeMap::new();
    for bytes in documents {
        let document = Document::read(bytes)?;
        if newest.get(&document.id).is_none_or(|known| known.standing() < document.standing()) {
            newest.insert(document.id.clone(), document);
        }
    }
    let mut ordered: Vec<Document> = newest.into_values().collect();
    ordered.sort_by_key(|document| (document.published, document.standing()));
    let mut shelf = Shelf::default();
    ordered.into_iter().for_each(|document| shelf.add(document));
    Ok(shelf.patches("unverified"))
}
