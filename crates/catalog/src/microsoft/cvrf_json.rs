//! CVRF as JSON, as the vendor's API answers. serde_json bounds the nesting.

use super::article::article;
use super::document::{Document, Fix, Flaw, Vulnerability, cut, cve, moment};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cvrf {
    document_tracking: Tracking,
    #[serde(default)]
    product_tree: Tree,
    #[serde(default)]
    vulnerability: Vec<Vuln>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tracking {
    identification: Identification,
    #[serde(default)]
    revision_history: Vec<Revision>,
    #[serde(default)]
    initial_release_date: Option<String>,
    #[serde(default)]
    current_release_date: Option<String>,
}

#[derive(Deserialize)]
struct Identification {
    #[serde(rename = "ID")]
    id: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Revision {
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    date: Option<String>,
}

/// `{"Value": "…"}`; the value may be absent or null.
#[derive(Default, Deserialize)]
struct Text {
    #[serde(rename = "Value", default)]
    value: Option<String>,
}

impl Text {
    fn get(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
struct Tree {
    #[serde(rename = "Branch", default)]
    branches: Vec<Branch>,
    #[serde(rename = "FullProductName", default)]
    products: Vec<Product>,
}

/// A vendor or a family with `Items`, or a product.
#[derive(Deserialize)]
struct Branch {
    #[serde(rename = "Items", default)]
    items: Vec<Branch>,
    #[serde(rename = "Name", default)]
    name: Option<String>,
    #[serde(rename = "Type", default)]
    kind: Option<u8>,
    #[serde(rename = "ProductID", default)]
    id: Option<String>,
    #[serde(rename = "Value", default)]
    value: Option<String>,
}

#[derive(Deserialize)]
struct Product {
    #[serde(rename = "ProductID")]
    id: String,
    #[serde(rename = "Value", default)]
    value: Option<String>,
}

#[derive(Deserialize)]
struct Vuln {
    #[serde(rename = "CVE", default)]
    cve: Option<String>,
    #[serde(rename = "Title", default)]
    title: Option<Text>,
    #[serde(rename = "Threats", default)]
    threats: Vec<Threat>,
    #[serde(rename = "CVSSScoreSets", default)]
    scores: Vec<ScoreSet>,
    #[serde(rename = "Remediations", default)]
    remediations: Vec<Remediation>,
    #[serde(rename = "RevisionHistory", default)]
    revisions: Vec<Revision>,
}

#[derive(Deserialize)]
struct Threat {
    #[serde(rename = "Description", default)]
    description: Text,
    #[serde(rename = "ProductID", default)]
    products: Option<Vec<String>>,
    #[serde(rename = "Type")]
    kind: u8,
}

#[derive(Deserialize)]
struct ScoreSet {
    #[serde(rename = "BaseScore", default)]
    base: Option<f64>,
    #[serde(rename = "ProductID", default)]
    products: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Remediation {
    #[serde(rename = "Type")]
    kind: u8,
    #[serde(rename = "Description", default)]
    description: Text,
    #[serde(rename = "URL", default)]
    link: Option<String>,
    #[serde(rename = "Supercedence", default)]
    supersedes: Option<String>,
    #[serde(rename = "ProductID", default)]
    products: Option<Vec<String>>,
    #[serde(rename = "RestartRequired", default)]
    restart: Option<Text>,
    #[serde(rename = "SubType", default)]
    sub_type: Option<String>,
    #[serde(rename = "FixedBuild", default)]
    build: Option<String>,
}

/// Numbers that stand for kinds in the API's answers.
const FAMILY: u8 = 1;
const EXPLOIT_STATUS: u8 = 1;
const SEVERITY: u8 = 3;
const VENDOR_FIX: u8 = 2;

pub(super) fn read(text: &str) -> Result<Document, Flaw> {
    let cvrf: Cvrf = serde_json::from_str(text).map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
    let tracking = cvrf.document_tracking;
    let date = |text: &Option<String>| text.as_deref().and_then(moment);
    let number = |revision: &Revision| revision.number.as_deref()?.split('.').next()?.parse().ok();
    let mut document = Document {
        id: cut(tracking.identification.id.get()),
        published: date(&tracking.initial_release_date),
        revised: date(&tracking.current_release_date),
        revision: tracking.revision_history.iter().filter_map(number).max().unwrap_or_default(),
        ..Document::default()
    };
    for product in &cvrf.product_tree.products {
        document.add_product(&product.id, product.value.as_deref().unwrap_or_default(), "")?;
    }
    products(&cvrf.product_tree.branches, "", &mut document)?;
    let mut fixes = 0;
    for vuln in &cvrf.vulnerability {
        document.add(vulnerability(vuln), &mut fixes)?;
    }
    Ok(document)
}

/// Nesting is bounded by the reader.
fn products(branches: &[Branch], family: &str, document: &mut Document) -> Result<(), Flaw> {
    for branch in branches {
        if let (Some(id), Some(value)) = (&branch.id, &branch.value) {
            document.add_product(id, value, family)?;
        }
        let family = if branch.kind == Some(FAMILY) { branch.name.as_deref().unwrap_or(family) } else { family };
        products(&branch.items, family, document)?;
    }
    Ok(())
}

fn vulnerability(vuln: &Vuln) -> Vulnerability {
    let title = vuln.title.as_ref().map(Text::get).unwrap_or_default();
    let mut vulnerability = Vulnerability {
        cve: vuln.cve.as_deref().and_then(cve).unwrap_or_default().to_owned(),
        title: cut(title),
        revised: vuln.revisions.iter().filter_map(|revision| moment(revision.date.as_deref()?)).max(),
        ..Vulnerability::default()
    };
    for threat in &vuln.threats {
        match threat.kind {
            SEVERITY => threat.products.iter().flatten().for_each(|product| vulnerability.rate(threat.description.get(), product)),
            EXPLOIT_STATUS => vulnerability.take_exploit_status(threat.description.get()),
            _ => {}
        }
    }
    for set in &vuln.scores {
        if let Some(score) = set.base {
            set.products.iter().flatten().for_each(|product| vulnerability.score(score, product));
        }
    }
    vulnerability.fixes = vuln.remediations.iter().filter(|remediation| remediation.kind == VENDOR_FIX).map(fix).collect();
    vulnerability
}

fn fix(remediation: &Remediation) -> Fix {
    Fix {
        article: article(remediation.description.get()),
        link: remediation.link.clone().unwrap_or_default(),
        supersedes: remediation.supersedes.clone().unwrap_or_default(),
        products: remediation.products.clone().unwrap_or_default(),
        kind: cut(remediation.sub_type.as_deref().unwrap_or_default()),
        restart: remediation.restart.as_ref().map(Text::get).unwrap_or_default().to_owned(),
        build: cut(remediation.build.as_deref().unwrap_or_default()),
    }
}
