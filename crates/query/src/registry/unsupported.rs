//! Names that other patch managers have and this one answers in another way.

use super::Entity;

/// A customary name without a field.
#[derive(Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The name.
    pub name: &'static str,
    /// The entities where people look for it.
    pub entities: &'static [Entity],
    /// Why there is no such field, in one sentence.
    pub reason: &'static str,
    /// A field that answers the question behind it.
    pub instead: Option<&'static str>,
}

const ASSET: &[Entity] = &[Entity::Asset];
const PATCH: &[Entity] = &[Entity::Patch];

/// All of them.
pub static UNSUPPORTED: &[Unsupported] = &[
    Unsupported {
        name: "qid",
        entities: ASSET,
        reason: "`qid` numbers one scanner's own checks; patches are known here by CVE, article and advisory",
        instead: Some("missing.cve"),
    },
    Unsupported {
        name: "qid",
        entities: PATCH,
        reason: "`qid` numbers one scanner's own checks; patches are known here by CVE, article and advisory",
        instead: Some("cve"),
    },
    Unsupported {
        name: "language",
        entities: PATCH,
        reason: "patches are not kept by language: the machine's own installer picks it",
        instead: None,
    },
    Unsupported {
        name: "ransomware.name",
        entities: PATCH,
        reason: "campaigns are not kept by name; known exploitation is",
        instead: Some("kev"),
    },
    Unsupported {
        name: "threat",
        entities: PATCH,
        reason: "threats have no scale of their own here; known exploitation and its probability are fields",
        instead: Some("kev"),
    },
    Unsupported {
        name: "tags.id",
        entities: &[Entity::Asset, Entity::Job],
        reason: "tags are asked for by name, which stays readable in saved searches",
        instead: Some("tags.name"),
    },
    Unsupported {
        name: "updated",
        entities: ASSET,
        reason: "an asset has no single date of change; its last scan and its last check-in have one each",
        instead: Some("lastCheckIn"),
    },
    Unsupported {
        name: "vulnerabilities",
        entities: ASSET,
        reason: "vulnerabilities are asked for through the patches that fix them",
        instead: Some("missing.cve"),
    },
];

/// What to say of a customary name that is no field of the entity. Case does not matter.
#[must_use]
pub fn unsupported(entity: Entity, name: &str) -> Option<&'static Unsupported> {
    UNSUPPORTED.iter().find(|known| known.entities.contains(&entity) && known.name.eq_ignore_ascii_case(name))
}
