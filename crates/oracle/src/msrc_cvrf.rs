//! The vendor's monthly security documents, and a table that another tool made of them.

use crate::data::{Data, entries, find, name};
use crate::report::Report;
use crate::wesng::Definitions;
use anyhow::{Context, Result};
use fettle_catalog::microsoft::{Stated, stated, unverified_patches};
use std::collections::{BTreeMap, BTreeSet};

/// The table is made of what the vendor says on its day.
const REVISED_OTHER: &str = "a later revision of the document names another update for this product";
const REVISED_GONE: &str = "a later revision of the document no longer lists this product";
const REVISED_NEW: &str = "a later revision of the document lists an update or product that this one does not";
const REVISED_EDGE: &str = "a later revision of the document says otherwise what the update replaces";

const SEVEN_DIGITS: &str = "whoever counted the articles passed over those whose numbers have another length than seven digits";

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::witness("msrc-cvrf");
    let folder = data.folder("msrc-cvrf").context("the folder is there")?;
    let files = entries(&folder)?.into_iter().filter(|path| name(path).is_some_and(|name| name.contains(".xml") || name.contains(".json")));
    let mut documents: BTreeMap<String, Vec<(Stated, Vec<u8>)>> = BTreeMap::new();
    let index = find(&folder, "INDEX.tsv").map(|path| data.text(&path)).transpose()?.unwrap_or_default();
    for path in files {
        let bytes = data.bytes(&path)?;
        let document = stated(&bytes).with_context(|| format!("{} cannot be read", path.display()))?;
        count(&document, name(&path).unwrap_or_default(), &index, &mut report);
        documents.entry(document.id.clone()).or_default().push((document, bytes));
    }
    documents.values_mut().for_each(|revisions| revisions.sort_by_key(|(document, _)| (document.revised, document.vulnerabilities)));
    let definitions = Definitions::newest(data)?;
    if definitions.is_none() {
        report.note("there is no table of definitions in wesng, so that only the documents themselves are compared".to_owned());
    }
    for revisions in documents.values() {
        revisions.windows(2).try_for_each(|pair| told_change(pair, &mut report))?;
        if let (Some((newest, _)), Some(definitions)) = (revisions.last(), &definitions) {
            compare(newest, definitions, &mut report);
        }
    }
    edges_are_kept(&documents, &mut report)?;
    Ok(report)
}

/// Numbers that whoever brought the documents counted in them.
fn count(document: &Stated, file: &str, index: &str, report: &mut Report) {
    let Some(line) = index.lines().find(|line| line.split('\t').next() == Some(file)) else { return };
    let head: Vec<&str> = index.lines().next().unwrap_or_default().split('\t').collect();
    let cell = |column: &str| head.iter().position(|name| *name == column).and_then(|at| line.split('\t').nth(at)?.parse::<usize>().ok());
    let articles: BTreeSet<&str> = document.fixes.iter().map(|fix| fix.article.as_str()).collect();
    let counted = [
        ("vulns", document.vulnerabilities),
        ("kbs", articles.len()),
        ("vendor_fixes", document.vendor_fixes),
        ("with_supersedence", document.with_supersedence),
    ];
    for (column, here) in counted {
        let Some(there) = cell(column) else { continue };
        let what = || format!("{file}: {column} {there}, here {here}");
        if column == "kbs" && there != here && there == of_seven_digits(&articles) {
            report.explained(what, SEVEN_DIGITS);
        } else {
            report.same(there == here, what);
        }
    }
}

/// Whoever counted took numbers of seven digits for articles; Configuration Manager has eight.
fn of_seven_digits(articles: &BTreeSet<&str>) -> usize {
    articles.iter().filter(|article| article.len() == "KB".len() + 7).count()
}

/// What an import of the later revision adds to the earlier one.
fn told_change(pair: &[(Stated, Vec<u8>)], report: &mut Report) -> Result<()> {
    let [(_, earlier), (document, later)] = pair else { return Ok(()) };
    let before = unverified_patches(&[earlier])?;
    let after = unverified_patches(&[earlier, later])?;
    let diff = fettle_catalog::diff(&before, &after);
    report.note(format!(
        "{}: {} to {} vulnerabilities: {} patches added, {} changed, {} withdrawn",
        document.id,
        pair.first().map_or(0, |(earlier, _)| earlier.vulnerabilities),
        document.vulnerabilities,
        diff.added.len(),
        diff.changed.len(),
        diff.withdrawn.len()
    ));
    report.same(after == unverified_patches(&[later])?, || format!("{}: the earlier revision leaves something behind", document.id));
    Ok(())
}

/// Vulnerability, update, product; and what the update replaces.
fn compare(document: &Stated, definitions: &Definitions, report: &mut Report) {
    let is_earlier = document.revised.is_some_and(|revised| revised.strftime("%Y%m%d").to_string() < definitions.day);
    let mut ours: BTreeMap<(&str, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for fix in document.fixes.iter().filter(|fix| fix.cve.starts_with("CVE-")) {
        let edges = ours.entry((&fix.cve, &fix.article, &fix.product)).or_default();
        edges.extend(fix.supersedes.iter().map(String::as_str));
    }
    let cves: BTreeSet<&str> = ours.keys().map(|(cve, _, _)| *cve).collect();
    let theirs: BTreeMap<(&str, &str, &str), &BTreeSet<String>> = cves.iter().flat_map(|cve| definitions.of(cve)).collect();
    let products: BTreeSet<(&str, &str)> = theirs.keys().map(|(cve, _, product)| (*cve, *product)).collect();
    for (triple @ (cve, article, product), edges) in &ours {
        let what = || format!("{}: {cve} {article} for {product} is not in the table", document.id);
        match theirs.get(triple) {
            None if is_earlier && products.contains(&(*cve, *product)) => report.explained(what, REVISED_OTHER),
            None if is_earlier => report.explained(what, REVISED_GONE),
            None => report.same(false, what),
            Some(others) => {
                report.same(true, String::new);
                for edge in edges.iter().filter(|edge| !others.contains(**edge)) {
                    let what = || format!("{}: {article} replaces {edge} for {product}, not in the table", document.id);
                    if is_earlier { report.explained(what, REVISED_EDGE) } else { report.same(false, what) }
                }
                for edge in others.iter().filter(|edge| !edges.contains(edge.as_str())) {
                    let what = || format!("{}: the table says {article} replaces {edge} for {product}", document.id);
                    if is_earlier { report.explained(what, REVISED_EDGE) } else { report.same(false, what) }
                }
                edges.iter().filter(|edge| others.contains(**edge)).for_each(|_| report.same(true, String::new));
            }
        }
    }
    for (cve, article, product) in theirs.keys().filter(|triple| !ours.contains_key(*triple)) {
        let what = || format!("{}: the table has {cve} {article} for {product}", document.id);
        if is_earlier { report.explained(what, REVISED_NEW) } else { report.same(false, what) }
    }
}

/// All documents together: every edge that the newest revisions state is an edge between patches, and every product and
/// vulnerability of an update is the patch's.
fn edges_are_kept(documents: &BTreeMap<String, Vec<(Stated, Vec<u8>)>>, report: &mut Report) -> Result<()> {
    let all: Vec<&[u8]> = documents.values().flatten().map(|(_, bytes)| bytes.as_slice()).collect();
    let patches = unverified_patches(&all)?;
    let by_article: BTreeMap<&str, usize> =
        patches.iter().enumerate().filter_map(|(at, patch)| Some((patch.bulletin.as_deref()?, at))).collect();
    let mut edges: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut cves: BTreeSet<(&str, &str)> = BTreeSet::new();
    for fix in documents.values().filter_map(|revisions| revisions.last()).flat_map(|(document, _)| &document.fixes) {
        edges.extend(fix.supersedes.iter().filter(|other| **other != fix.article).map(|other| (fix.article.as_str(), other.as_str())));
        cves.insert((&fix.article, &fix.cve));
    }
    let patch = |article: &str| by_article.get(article).and_then(|at| patches.get(*at));
    for (newer, older) in edges {
        let has = patch(newer).is_some_and(|patch| patch.supersedes.iter().any(|id| id.as_str().ends_with(&format!(":{older}"))));
        report.same(has, || format!("{newer} replaces {older}, and the patch does not say so"));
    }
    for (article, cve) in cves {
        let has = patch(article).is_some_and(|patch| cve.is_empty() || patch.cves.iter().any(|known| known == cve));
        report.same(has, || format!("{article} fixes {cve}, and the patch does not say so"));
    }
    Ok(())
}
