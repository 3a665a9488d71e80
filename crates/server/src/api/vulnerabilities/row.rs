//! Vulnerabilities as the API shows them.

use crate::api::patches::row::PatchRow;
use fettle_model::vulnerability::VulnerabilityFacts;
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

/// One vulnerability with the patches that fix it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VulnerabilityDetail {
    /// What is said of it.
    #[serde(flatten)]
    pub row: VulnerabilityRow,
    /// Patches of the catalog that fix it, newest first, with assets in scope that miss or have each; up to 1,000.
    pub patches: Vec<PatchRow>,
    /// How many patches fix it.
    pub total: u64,
}

/// What is said of a vulnerability.
pub(crate) fn row(facts: VulnerabilityFacts) -> VulnerabilityRow {
    VulnerabilityRow {
        id: facts.cve,
        title: facts.title,
        epss: facts.epss_ppm.map(|millionths| f64::from(millionths) / 1_000_000.0),
        known_exploited: facts.kev.is_some(),
        known_exploited_added: facts.kev.and_then(|kev| kev.added),
        known_exploited_due: facts.kev.and_then(|kev| kev.due),
        ransomware: facts.kev.is_some_and(|kev| kev.ransomware),
    }
}
