//! CSAF 2.0, one vulnerability to a document. It says nothing of what an update replaces.

use super::article::{article, article_of_link};
use super::document::{Document, Fix, Flaw, Vulnerability, cut, cve, moment};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Csaf {
    document: Head,
    #[serde(default)]
    product_tree: Tree,
    #[serde(default)]
    vulnerabilities: Vec<Vuln>,
}

#[derive(Deserialize)]
struct Head {
    csaf_version: String,
    tracking: Tracking,
    #[serde(default)]
    aggregate_severity: Option<Severity>,
}

#[derive(Deserialize)]
struct Severity {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Tracking {
    id: String,
    #[serde(default)]
    initial_release_date: String,
    #[serde(default)]
    current_release_date: String,
    #[serde(default)]
    version: String,
}

#[derive(Default, Deserialize)]
struct Tree {
    #[serde(default)]
    branches: Vec<Branch>,
    #[serde(default)]
    full_product_names: Vec<Product>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default)]
    category: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    branches: Vec<Branch>,
    #[serde(default)]
    product: Option<Product>,
}

#[derive(Deserialize)]
struct Product {
    product_id: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Vuln {
    #[serde(default)]
    cve: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    threats: Vec<Threat>,
    #[serde(default)]
    scores: Vec<Score>,
    #[serde(default)]
    remediations: Vec<Remediation>,
}

#[derive(Deserialize)]
struct Threat {
    category: String,
    #[serde(default)]
    details: String,
}

#[derive(Deserialize)]
struct Score {
    #[serde(default)]
    cvss_v3: Option<Cvss>,
    #[serde(default)]
    products: Vec<String>,
}

#[derive(Deserialize)]
struct Cvss {
    #[serde(rename = "baseScore")]
    base: f64,
}

#[derive(Deserialize)]
struct Remediation {
    category: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    product_ids: Vec<String>,
    #[serde(default)]
    restart_required: Option<Restart>,
}

#[derive(Deserialize)]
struct Restart {
    category: String,
}

/// Whether a JSON text looks like CSAF.
pub(super) fn is_one(text: &str) -> bool {
    text.contains("\"csaf_version\"")
}

pub(super) fn read(text: &str) -> Result<Document, Flaw> {
    let csaf: Csaf = serde_json::from_str(text).map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
    if csaf.document.csaf_version != "2.0" {
        return Err(Flaw::Foreign);
    }
    let tracking = &csaf.document.tracking;
    let mut document = Document {
        id: cut(&tracking.id),
        published: moment(&tracking.initial_release_date),
        revised: moment(&tracking.current_release_date),
        revision: tracking.version.split('.').next().and_then(|number| number.parse().ok()).unwrap_or_default(),
        ..Document::default()
    };
    for product in &csaf.product_tree.full_product_names {
        document.add_product(&product.product_id, &product.name, "")?;
    }
    products(&csaf.product_tree.branches, "", &mut document)?;
    let rating = csaf.document.aggregate_severity.map(|severity| severity.text).unwrap_or_default();
    let mut fixes = 0;
    for vuln in &csaf.vulnerabilities {
        let mut vulnerability = vulnerability(vuln, &rating);
        vulnerability.revised = document.revised;
        document.add(vulnerability, &mut fixes)?;
    }
    rename(&mut document);
    Ok(document)
}

/// Ids hold within one document only, so that names take their place.
fn rename(document: &mut Document) {
    let ids = std::mem::take(&mut document.products);
    let name = |id: &String| ids.get(id).map_or_else(|| id.clone(), |product| product.name.clone());
    for vulnerability in &mut document.vulnerabilities {
        vulnerability.severities = vulnerability.severities.iter().map(|(id, severity)| (name(id), *severity)).collect();
        let mut scores = BTreeMap::new();
        for (id, score) in &vulnerability.scores {
            let known: &mut u8 = scores.entry(name(id)).or_default();
            *known = (*known).max(*score);
        }
        vulnerability.scores = scores;
        vulnerability.fixes.iter_mut().flat_map(|fix| &mut fix.products).for_each(|product| *product = name(product));
    }
    document.products = ids.into_values().map(|product| (product.name.clone(), product)).collect();
}

/// A product stands below its name, once for the versions before the fix and once for the fixed one. Nesting is bounded
/// by the reader.
fn products(branches: &[Branch], above: &str, document: &mut Document) -> Result<(), Flaw> {
    for branch in branches {
        let name = if branch.category == "product_name" { branch.name.as_str() } else { above };
        if let Some(product) = &branch.product {
            document.add_product(&product.product_id, if name.is_empty() { &product.name } else { name }, "")?;
        }
        products(&branch.branches, name, document)?;
    }
    Ok(())
}

fn vulnerability(vuln: &Vuln, rating: &str) -> Vulnerability {
    let mut vulnerability =
        Vulnerability { cve: cve(&vuln.cve).unwrap_or_default().to_owned(), title: cut(&vuln.title), ..Vulnerability::default() };
    for threat in vuln.threats.iter().filter(|threat| threat.category == "exploit_status") {
        vulnerability.take_exploit_status(&threat.details);
    }
    for score in &vuln.scores {
        if let Some(cvss) = &score.cvss_v3 {
            score.products.iter().for_each(|product| vulnerability.score(cvss.base, product));
        }
    }
    vulnerability.fixes = vuln.remediations.iter().filter(|remediation| remediation.category == "vendor_fix").map(fix).collect();
    let fixed: Vec<String> = vulnerability.fixes.iter().flat_map(|fix| fix.products.iter().cloned()).collect();
    fixed.iter().for_each(|product| vulnerability.rate(rating, product));
    vulnerability
}

/// `details` is `10.0.14393.6614:Security Update:https://support.microsoft.com/help/5034119`.
fn fix(remediation: &Remediation) -> Fix {
    let mut parts = remediation.details.splitn(3, ':');
    let (build, kind, help) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let found = article_of_link(&remediation.url).or_else(|| article_of_link(help)).or_else(|| article(&remediation.details));
    let restart = match remediation.restart_required.as_ref().map(|restart| restart.category.as_str()) {
        Some("none") => "No",
        Some("system" | "machine") => "Yes",
        Some(_) => "Maybe",
        None => "",
    };
    Fix {
        article: found,
        link: remediation.url.clone(),
        supersedes: String::new(),
        products: remediation.product_ids.clone(),
        kind: cut(kind),
        restart: restart.to_owned(),
        build: cut(build),
    }
}
