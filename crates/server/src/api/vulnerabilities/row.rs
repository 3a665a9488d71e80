//! Vulnerabilities as the API shows them.

use crate::api::patches::row::PatchRow;
use fettle_model::vulnerability::VulnerabilityFacts;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is said of a vulnerability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VulnerabilityRow {
    /// Its id, such as `CVE-2024-21412`.
    pub id: String,
    /// One line for people; `null` where no feed has one.
    #[schema(required)]
    pub title: Option<String>,
    /// How severe it is by itself: CVSS base score, 0 to 10; `null` where no feed says.
    #[schema(required)]
    pub cvss: Option<f64>,
    /// What the score is made of: `CVSS:3.1/AV:N/…`.
    #[schema(required)]
    pub cvss_vector: Option<String>,
    /// Probability that it is exploited within 30 days (EPSS), 0 to 1; `null` where no feed says.
    #[schema(required)]
    pub epss: Option<f64>,
    /// It is on a list of vulnerabilities that are known to be exploited.
    pub known_exploited: bool,
    /// When it came onto that list.
    #[schema(required)]
    pub known_exploited_added: Option<Date>,
    /// When it has to be fixed by, as that list says.
    #[schema(required)]
    pub known_exploited_due: Option<Date>,
    /// It is known to be used by those who encrypt data for ransom.
    pub ransomware: bool,
}

/// One row of the list of vulnerabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VulnerabilityListRow {
    /// What is said of it.
    #[serde(flatten)]
    pub row: VulnerabilityRow,
    /// How many patches fix it.
    pub patches: u64,
    /// Assets in scope that miss one of them.
    pub missing: u64,
}

/// One vulnerability with the patches that fix it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VulnerabilityDetail {
    /// What is said of it.
    #[serde(flatten)]
    pub row: VulnerabilityRow,
    /// Some paragraphs about it, plain text or Markdown; `null` where no feed has any.
    #[schema(required)]
    pub details: Option<String>,
    /// When it was published.
    #[schema(required)]
    pub published_at: Option<Timestamp>,
    /// When its description last changed.
    #[schema(required)]
    pub modified_at: Option<Timestamp>,
    /// Web addresses that say more, as the feed gives them.
    pub references: Vec<String>,
    /// Assets in scope that miss one of its patches.
    pub missing: u64,
    /// Patches of the catalog that fix it, newest first, with assets in scope that miss or have each; up to 1,000.
    pub patches: Vec<PatchRow>,
    /// How many patches fix it.
    pub total: u64,
}

/// What is said of a vulnerability.
pub(crate) fn row(facts: VulnerabilityFacts) -> VulnerabilityRow {
    let (cvss, cvss_vector) = facts.cvss.map(|cvss| (f64::from(cvss.tenths) / 10.0, cvss.vector)).unzip();
    VulnerabilityRow {
        id: facts.cve,
        title: facts.title,
        cvss,
        cvss_vector,
        epss: facts.epss_ppm.map(|millionths| f64::from(millionths) / 1_000_000.0),
        known_exploited: facts.kev.is_some(),
        known_exploited_added: facts.kev.and_then(|kev| kev.added),
        known_exploited_due: facts.kev.and_then(|kev| kev.due),
        ransomware: facts.kev.is_some_and(|kev| kev.ransomware),
    }
}
