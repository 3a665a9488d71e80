//! CVRF 1.1 as XML.

use super::article::article;
use super::document::{Document, Fix, Flaw, Vulnerability, cut, moment};
use crate::xml::{self, Element, Format};

/// Every namespace of the format starts so: the original by ICASI, and its successor by OASIS.
const FORMAT: Format = Format {
    root: "cvrfdoc",
    namespaces: &["http://www.icasi.org/CVRF/schema/", "http://docs.oasis-open.org/csaf/ns/csaf-cvrf/"],
    unread: &["Notes", "DocumentNotes", "Acknowledgments", "AffectedFiles"],
};

pub(super) fn read(text: &str) -> Result<Document, Flaw> {
    let mut document = Document::default();
    let mut fixes = 0;
    xml::read(text.as_bytes(), &FORMAT, |part| {
        match part.name.as_str() {
            "DocumentTracking" => track(&part, &mut document),
            "ProductTree" => {
                products(&part, "", &mut document)?;
            }
            "Vulnerability" => document.add(vulnerability(&part), &mut fixes)?,
            _ => {}
        }
        Ok::<(), Flaw>(())
    })?;
    Ok(document)
}

fn track(part: &Element, document: &mut Document) {
    document.id = cut(part.text_at(&["Identification", "ID"]));
    document.published = moment(part.text_at(&["InitialReleaseDate"]));
    document.revised = moment(part.text_at(&["CurrentReleaseDate"]));
    let numbers = part.all("RevisionHistory").flat_map(|history| history.all("Revision")).map(|revision| revision.text_at(&["Number"]));
    document.revision = numbers.filter_map(|number| number.split('.').next()?.parse().ok()).max().unwrap_or_default();
}

/// Nesting is bounded by the reader.
fn products(part: &Element, family: &str, document: &mut Document) -> Result<(), Flaw> {
    for product in part.all("FullProductName") {
        document.add_product(product.attribute("ProductID"), product.text(), family)?;
    }
    for branch in part.all("Branch") {
        let family = if branch.attribute("Type") == "Product Family" { branch.attribute("Name") } else { family };
        products(branch, family, document)?;
    }
    Ok(())
}

fn vulnerability(part: &Element) -> Vulnerability {
    let mut vulnerability = Vulnerability {
        cve: super::document::cve(part.text_at(&["CVE"])).unwrap_or_default().to_owned(),
        title: cut(part.text_at(&["Title"])),
        ..Vulnerability::default()
    };
    let revisions = part.all("RevisionHistory").flat_map(|history| history.all("Revision"));
    vulnerability.revised = revisions.filter_map(|revision| moment(revision.text_at(&["Date"]))).max();
    for threat in part.all("Threats").flat_map(|threats| threats.all("Threat")) {
        let text = threat.text_at(&["Description"]);
        match threat.attribute("Type") {
            "Severity" => threat.all("ProductID").for_each(|product| vulnerability.rate(text, product.text())),
            "Exploit Status" => vulnerability.take_exploit_status(text),
            _ => {}
        }
    }
    for set in part.all("CVSSScoreSets").flat_map(|sets| sets.all("ScoreSet")) {
        if let Ok(score) = set.text_at(&["BaseScore"]).parse() {
            set.all("ProductID").for_each(|product| vulnerability.score(score, product.text()));
        }
    }
    let remediations = part.all("Remediations").flat_map(|remediations| remediations.all("Remediation"));
    vulnerability.fixes = remediations.filter(|remediation| remediation.attribute("Type") == "Vendor Fix").map(fix).collect();
    vulnerability
}

fn fix(remediation: &Element) -> Fix {
    Fix {
        article: article(remediation.text_at(&["Description"])),
        link: remediation.text_at(&["URL"]).to_owned(),
        supersedes: remediation.text_at(&["Supercedence"]).to_owned(),
        products: remediation.all("ProductID").map(|product| product.text().to_owned()).collect(),
        kind: cut(remediation.text_at(&["SubType"])),
        restart: remediation.text_at(&["RestartRequired"]).to_owned(),
        build: cut(remediation.text_at(&["FixedBuild"])),
    }
}
