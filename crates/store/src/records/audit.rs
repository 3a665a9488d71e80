//! Entries of the audit log.

use super::{moment, text};
use crate::AuditRow;
use fettle_query::registry::{AuditField, Key};
use fettle_query::{Record, Relation, Value};

/// An entry of the audit log, to be asked.
#[derive(Debug, Clone, Copy)]
pub struct AuditRecord<'a>(pub &'a AuditRow);

impl Record for AuditRecord<'_> {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        let Key::Audit(field) = field else { return Vec::new() };
        let entry = &self.0.entry;
        match field {
            AuditField::At => moment(Some(entry.at)),
            AuditField::Actor => text(&entry.who_name),
            AuditField::From => text(&entry.from),
            AuditField::Action => text(&entry.action),
            AuditField::Subject => text(&entry.subject),
        }
    }

    fn related(&self, _: Relation) -> Vec<&dyn Record> {
        Vec::new()
    }

    fn is_known(&self) -> bool {
        true
    }
}
