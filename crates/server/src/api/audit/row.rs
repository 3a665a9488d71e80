//! Entries of the audit log as the API shows them.

use fettle_model::ids::UserId;
use fettle_store::AuditRow;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Who changed what, when and from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditBody {
    /// Position in the chain, from 1, without gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who; `null` for the server itself.
    #[schema(value_type = Option<Uuid>, required)]
    pub actor_id: Option<UserId>,
    /// Their name at that time.
    pub actor: String,
    /// From where: an address, or `local`.
    pub from: String,
    /// What was done, such as `job.enable`.
    pub action: String,
    /// To what, such as `job 0190…`.
    pub subject: String,
    /// How it was; `null` for a creation.
    #[schema(required)]
    pub before: Option<Value>,
    /// How it was then; `null` for a removal.
    #[schema(required)]
    pub after: Option<Value>,
    /// SHA-256 over the hash of the entry before and this one, in hexadecimal digits.
    pub hash: String,
}

/// Whether the log is as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCheck {
    /// Every entry is as it was written, and none is missing before the last one.
    pub whole: bool,
    /// How many entries are right from the beginning.
    pub entries: u64,
    /// The first entry that is missing or was changed; `null` when the log is whole.
    #[schema(required)]
    pub broken_at: Option<u64>,
}

impl From<AuditRow> for AuditBody {
    fn from(row: AuditRow) -> Self {
        let entry = row.entry;
        Self {
            number: row.number,
            at: entry.at,
            actor_id: entry.who,
            actor: entry.who_name,
            from: entry.from,
            action: entry.action,
            subject: entry.subject,
            before: entry.before,
            after: entry.after,
            hash: row.hash.to_string(),
        }
    }
}
