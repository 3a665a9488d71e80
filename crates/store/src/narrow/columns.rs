//! The columns of the fields that SQL can tell something of.

use super::Column;
use fettle_query::registry::{AssetField, AuditField, JobField, Key, ResultField};

/// Of jobs, selected as `j`.
pub(crate) fn job(key: Key) -> Option<Column> {
    let Key::Job(field) = key else { return None };
    match field {
        JobField::Status => Some(Column::Choice("j.status")),
        JobField::Updated => Some(Column::Moment("j.updated_at")),
        JobField::Partial => Some(Column::Flag("CASE WHEN j.status = 'partially_configured' THEN 1 ELSE 0 END")),
        // The last run is one of them. People who may not open the job see none, so its absence tells nothing.
        JobField::LastRun => Some(Column::Elsewhere {
            before: "EXISTS (SELECT 1 FROM runs r WHERE r.job_id = j.id AND ",
            moment: "r.started_at",
            after: ")",
        }),
        _ => None,
    }
}

/// Of entries of the audit log, selected as `a`.
pub(crate) fn audit(key: Key) -> Option<Column> {
    let Key::Audit(field) = key else { return None };
    match field {
        AuditField::At => Some(Column::Moment("a.at")),
        // An address or a fixed word, and a fixed word: people's own texts are in the other columns.
        AuditField::From => Some(Column::Plain("a.origin")),
        AuditField::Action => Some(Column::Plain("a.action")),
        AuditField::Actor | AuditField::Subject => None,
    }
}

/// Of results, by the parts of runs they belong to, selected as `p`.
pub(crate) fn result(key: Key) -> Option<Column> {
    match key {
        Key::Result(ResultField::Run) => Some(Column::Plain("p.run_id")),
        Key::Result(ResultField::Status) => Some(Column::OneWith(|status| format!("p.n_{status} > 0"))),
        // Only a patch that failed has a reason.
        Key::Result(ResultField::Reason | ResultField::ExitCode) => Some(Column::OnlyWhere("p.n_failed > 0")),
        Key::Result(ResultField::Started) => Some(Column::Moment("p.began_at")),
        Key::Result(ResultField::Ended) => Some(Column::Moment(ENDED)),
        Key::Asset(AssetField::AgentId) => Some(Column::Plain("p.asset_id")),
        _ => None,
    }
}

/// When a part of a run ended. A process of an older release ends parts without saying when.
pub(crate) const ENDED: &str = "CASE WHEN p.is_open = 1 THEN NULL ELSE COALESCE(p.ended_at, p.updated_at) END";

#[cfg(test)]
mod tests {
    use crate::runs::COUNTS;
    use fettle_deploy::job::JobStatus;
    use fettle_query::registry::{Entity, Kind, fields};

    fn members(entity: Entity, name: &str) -> Vec<&'static str> {
        let field = fields(entity).iter().find(|field| field.name == name).expect("a field");
        match field.kind {
            Kind::Choice { members, .. } => members.to_vec(),
            other => panic!("{name} is {other:?}"),
        }
    }

    #[test]
    fn choices_are_the_words_of_the_database() {
        let words: Vec<&str> = JobStatus::ALL.iter().map(|status| status.as_str()).collect();
        assert_eq!(members(Entity::Job, "status"), words);
        for status in members(Entity::Result, "status") {
            assert!(COUNTS.contains(&format!("n_{status}").as_str()), "{status}");
        }
    }
}
