//! Mirrors as the API takes and shows them.

use crate::api::problem::{FieldError, Problem};
use data_encoding::HEXLOWER_PERMISSIVE;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::MirrorId;
use fettle_model::mirror::MirrorRule;
use fettle_store::MirrorRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest name, in characters.
const MAX_NAME: usize = 200;

/// Another place that agents fetch installers from. Digests stay those of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MirrorBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: MirrorId,
    /// Name, unique.
    pub name: String,
    /// What it replaces, and by what.
    pub rule: MirrorRuleBody,
    /// It may be reached by plain HTTP.
    pub plain_http: bool,
    /// Whether it is in force.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What a mirror replaces, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum MirrorRuleBody {
    /// Every address that begins like this; the longest beginning wins.
    Prefix {
        /// Beginning of addresses in the catalog, with a slash at its end: `https://download.example/`.
        #[schema(max_length = 2048)]
        from: String,
        /// What to put in its place: `https://mirror.example/download/`.
        #[schema(max_length = 2048)]
        to: String,
    },
    /// One installer, before every other rule.
    Installer {
        /// SHA-256 digest of the installer, hexadecimal.
        #[schema(min_length = 64, max_length = 64)]
        sha256: String,
        /// Its address on the mirror.
        #[schema(max_length = 2048)]
        to: String,
    },
}

/// A new mirror.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateMirror {
    /// Name, unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it replaces, and by what.
    pub rule: MirrorRuleBody,
    /// It may be reached by plain HTTP. What is fetched is verified by its digest in any case, but others can see it.
    #[serde(default)]
    pub plain_http: bool,
    /// Whether it is in force.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// Changes to a mirror. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeMirror {
    /// Name, unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// What it replaces, and by what.
    pub rule: Option<MirrorRuleBody>,
    /// It may be reached by plain HTTP.
    pub plain_http: Option<bool>,
    /// Whether it is in force.
    pub enabled: Option<bool>,
}

impl From<MirrorRecord> for MirrorBody {
    fn from(mirror: MirrorRecord) -> Self {
        let MirrorRecord { id, name, rule, plain_http, enabled, created_at } = mirror;
        Self { id, name, rule: rule.into(), plain_http, enabled, created_at }
    }
}

impl From<MirrorRule> for MirrorRuleBody {
    fn from(rule: MirrorRule) -> Self {
        match rule {
            MirrorRule::Prefix { from, to } => Self::Prefix { from, to },
            MirrorRule::Installer { sha256, to } => Self::Installer { sha256: sha256.to_string(), to },
        }
    }
}

/// Checks a rule.
pub(super) fn rule(given: &MirrorRuleBody, plain_http: bool) -> Result<MirrorRule, Problem> {
    let rule = match given {
        MirrorRuleBody::Prefix { from, to } => MirrorRule::Prefix { from: from.clone(), to: to.clone() },
        MirrorRuleBody::Installer { sha256, to } => {
            let refused = || Problem::invalid_field("rule.sha256", "must be a SHA-256 digest: 64 hexadecimal digits");
            MirrorRule::Installer { sha256: digest(sha256).ok_or_else(refused)?, to: to.clone() }
        }
    };
    rule.checked(plain_http).map_err(|flaws| {
        Problem::invalid(flaws.into_iter().map(|flaw| FieldError::new(format!("rule.{}", flaw.field), flaw.message)).collect())
    })
}

/// A digest from its hexadecimal digits.
pub(crate) fn digest(text: &str) -> Option<Sha256Digest> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().map(Sha256Digest).ok()
}

/// Checks a name.
pub(super) fn name(given: &str) -> Result<String, Problem> {
    let name = given.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid_field("name", format!("must be plain text of 1 to {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}
