//! One record of a feed's member.

use super::manifest::Carries;
use fettle_model::ids::PatchId;
use fettle_model::patch::Patch;
use fettle_model::vulnerability::{VulnerabilityFacts, is_cve};
use serde::{Deserialize, Serialize};

/// Longest id of a patch. What feeds make has some dozens of letters.
const MAX_ID: usize = 300;

/// A line of a member: an object with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// A patch, as the exporting server has it.
    Patch(Box<Patch>),
    /// What the feed says of a vulnerability.
    Facts(VulnerabilityFacts),
    /// Id of a patch that the base held and the feed no longer carries.
    Withdrawn(PatchId),
    /// CVE id of a vulnerability that the feed no longer speaks of.
    Forgotten(String),
}

impl Line {
    /// What the record is known by.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Patch(patch) => patch.id.as_str(),
            Self::Facts(facts) => &facts.cve,
            Self::Withdrawn(id) => id.as_str(),
            Self::Forgotten(cve) => cve,
        }
    }

    /// Whether it says that something is gone.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Withdrawn(_) | Self::Forgotten(_))
    }

    /// That the record of this key is gone.
    pub(super) fn gone(carries: Carries, key: String) -> Self {
        match carries {
            Carries::Patches => Self::Withdrawn(PatchId(key)),
            Carries::Facts => Self::Forgotten(key),
        }
    }

    /// Whether a feed that carries these can have such a line.
    pub(super) fn fits(&self, carries: Carries) -> bool {
        match self {
            Self::Patch(_) | Self::Withdrawn(_) => carries == Carries::Patches && is_id(self.key()),
            Self::Facts(_) | Self::Forgotten(_) => carries == Carries::Facts && is_cve(self.key()),
        }
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_ID && !text.chars().any(char::is_control)
}
