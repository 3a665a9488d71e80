//! Fields of the audit log.

use super::{Field, Key, Kind, field};

/// What can be asked of an audit entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuditField {
    /// When it happened.
    At,
    /// Who did it.
    Actor,
    /// Address it came from.
    From,
    /// What was done.
    Action,
    /// What it was done to.
    Subject,
}

use AuditField as F;

const fn of(key: F, name: &'static str, kind: Kind, help: &'static str, example: &'static str) -> Field {
    field(Key::Audit(key), name, kind, help, example)
}

pub(super) const FIELDS: &[Field] = &[
    Field { aliases: &["when", "time", "timestamp"], ..of(F::At, "at", Kind::Moment, "When it happened", "at>now-1d") },
    Field { main: true, facet: true, aliases: &["who", "user"], ..of(F::Actor, "actor", Kind::Text, "Who did it", "actor:alice") },
    Field { aliases: &["ip"], ..of(F::From, "from", Kind::Text, "Address it came from", "from:`10.0.0.1`") },
    Field { main: true, facet: true, ..of(F::Action, "action", Kind::Text, "What was done", "action:job.enable") },
    Field { main: true, aliases: &["target"], ..of(F::Subject, "subject", Kind::Text, "What it was done to", "subject:job") },
];
