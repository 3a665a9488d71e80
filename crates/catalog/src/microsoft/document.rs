//! A security document, whichever of its formats it comes in.

use super::{csaf, cvrf_json, cvrf_xml};
use crate::xml::XmlFlaw;
use fettle_model::patch::Severity;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest document when unpacked. A month as XML has up to 5 MB, as JSON up to 20.
pub(super) const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Most vulnerabilities in one document. A month has up to 250.
const MAX_VULNERABILITIES: usize = 20_000;
/// Most products in one document. A month has up to 900.
const MAX_PRODUCTS: usize = 50_000;
/// Most fixes in one document, each counted once for each product. A month has up to 15,000.
const MAX_FIXES: usize = 2_000_000;

/// Why a document was refused.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// Neither format.
    #[error("it is neither a CVRF 1.1 document, as XML or JSON, nor a CSAF 2.0 document")]
    Foreign,
    /// Damaged.
    #[error("it cannot be read: {0}")]
    NotWellFormed(String),
    /// Declares a document type.
    #[error("it declares a document type, which these documents never do; it may be made to exhaust the reader")]
    Declaration,
    /// Uses an entity that XML does not define.
    #[error("it uses an entity that is not defined")]
    Entity,
    /// More than is read.
    #[error("it has more than {limit} {what}")]
    TooMuch {
        /// What.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// Something every document has.
    #[error("it does not say its {0}")]
    Missing(&'static str),
}

impl From<XmlFlaw> for Flaw {
    fn from(flaw: XmlFlaw) -> Self {
        match flaw {
            XmlFlaw::Foreign => Self::Foreign,
            XmlFlaw::NotWellFormed(why) => Self::NotWellFormed(why),
            XmlFlaw::Declaration => Self::Declaration,
            XmlFlaw::Entity => Self::Entity,
            XmlFlaw::TooMuch { what, limit } => Self::TooMuch { what, limit },
        }
    }
}

/// What is read of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Document {
    /// `2024-Jan`; of CSAF documents the CVE.
    pub(super) id: String,
    /// When it was first published.
    pub(super) published: Option<Timestamp>,
    /// When it was last changed.
    pub(super) revised: Option<Timestamp>,
    /// Number of its revision, as far as it is one number.
    pub(super) revision: u32,
    /// By id.
    pub(super) products: BTreeMap<String, Product>,
    pub(super) vulnerabilities: Vec<Vulnerability>,
}

/// A product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Product {
    pub(super) name: String,
    /// `Windows`, `SQL Server`; empty when it stands in no family.
    pub(super) family: String,
}

/// A vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Vulnerability {
    pub(super) cve: String,
    pub(super) title: String,
    /// Attacks were seen before it was published.
    pub(super) exploited: bool,
    /// It was known to the public before a fix was.
    pub(super) disclosed: bool,
    /// When what is said of it last changed.
    pub(super) revised: Option<Timestamp>,
    /// By product.
    pub(super) severities: BTreeMap<String, Severity>,
    /// CVSS base score in tenths, by product.
    pub(super) scores: BTreeMap<String, u8>,
    pub(super) fixes: Vec<Fix>,
}

/// A vendor's fix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fix {
    /// `KB5034122`; `None` for what is no update with an article.
    pub(super) article: Option<String>,
    pub(super) link: String,
    /// What it replaces, as it is written.
    pub(super) supersedes: String,
    pub(super) products: Vec<String>,
    /// `Security Update`, `Monthly Rollup`.
    pub(super) kind: String,
    /// `Yes`, `Maybe`, `No`.
    pub(super) restart: String,
    pub(super) build: String,
}

impl Document {
    /// Reads a document.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Flaw> {
        let text = std::str::from_utf8(bytes).map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let document = match text.as_bytes().first() {
            Some(b'<') => cvrf_xml::read(text)?,
            Some(b'{') if csaf::is_one(text) => csaf::read(text)?,
            Some(b'{') => cvrf_json::read(text)?,
            _ => return Err(Flaw::Foreign),
        };
        if document.id.is_empty() { Err(Flaw::Missing("id")) } else { Ok(document) }
    }

    /// Adds a product.
    pub(super) fn add_product(&mut self, id: &str, name: &str, family: &str) -> Result<(), Flaw> {
        if id.is_empty() || name.is_empty() {
            return Ok(());
        }
        let product = self.products.entry(id.to_owned()).or_default();
        product.name = cut(name);
        // Products are listed once by family and once without.
        if !family.is_empty() {
            product.family = cut(family);
        }
        if self.products.len() > MAX_PRODUCTS { Err(Flaw::TooMuch { what: "products", limit: MAX_PRODUCTS }) } else { Ok(()) }
    }

    /// Adds a vulnerability.
    pub(super) fn add(&mut self, vulnerability: Vulnerability, fixes: &mut usize) -> Result<(), Flaw> {
        *fixes += vulnerability.fixes.iter().map(|fix| fix.products.len().max(1)).sum::<usize>();
        if *fixes > MAX_FIXES {
            return Err(Flaw::TooMuch { what: "fixes", limit: MAX_FIXES });
        }
        if self.vulnerabilities.len() >= MAX_VULNERABILITIES {
            return Err(Flaw::TooMuch { what: "vulnerabilities", limit: MAX_VULNERABILITIES });
        }
        self.vulnerabilities.push(vulnerability);
        Ok(())
    }

    /// Orders revisions of one document: the greatest is the newest.
    pub(super) fn standing(&self) -> (Option<Timestamp>, u32, usize) {
        (self.revised, self.revision, self.vulnerabilities.len())
    }
}

impl Vulnerability {
    /// Takes a threat's text that rates it.
    pub(super) fn rate(&mut self, text: &str, product: &str) {
        if let Some(severity) = severity(text) {
            self.severities.insert(product.to_owned(), severity);
        }
    }

    /// Takes `Publicly Disclosed:No;Exploited:Yes;…`.
    pub(super) fn take_exploit_status(&mut self, text: &str) {
        for (key, value) in text.split(';').filter_map(|part| part.split_once(':')) {
            let is_so = value.trim().eq_ignore_ascii_case("yes");
            match key.trim() {
                "Exploited" => self.exploited |= is_so,
                "Publicly Disclosed" => self.disclosed |= is_so,
                _ => {}
            }
        }
    }

    /// Takes a base score, 0 to 10; of several for one product the highest counts.
    pub(super) fn score(&mut self, score: f64, product: &str) {
        if (0.0..=10.0).contains(&score) {
            // In range, so nothing is cut off.
            let tenths = (score * 10.0).round() as u8;
            let known = self.scores.entry(product.to_owned()).or_default();
            *known = tenths.max(*known);
        }
    }
}

/// The vendor's four ratings.
fn severity(text: &str) -> Option<Severity> {
    Some(match text.trim().to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "important" => Severity::Important,
        "moderate" => Severity::Moderate,
        "low" => Severity::Low,
        _ => return None,
    })
}

/// A moment; without a zone it is meant in UTC.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let with_zone = text.parse::<Timestamp>().ok();
    with_zone.or_else(|| Some(text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}

/// A text for people: one line, of bounded length.
pub(super) fn cut(text: &str) -> String {
    const LONGEST: usize = 500;
    text.split_whitespace().collect::<Vec<&str>>().join(" ").chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}

/// A CVE id, as `CVE-2024-0056`.
pub(super) fn cve(text: &str) -> Option<&str> {
    let text = text.trim();
    let rest = text.strip_prefix("CVE-")?;
    let is_one = rest.len() <= 20 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_one.then_some(text)
}
