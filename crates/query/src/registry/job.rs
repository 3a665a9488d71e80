//! Fields of jobs.

use super::{Field, Key, Kind, field};

/// A closed list in no order.
const fn choice(members: &'static [&'static str]) -> Kind {
    Kind::Choice { members, ordered: false }
}

/// What can be asked of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobField {
    /// Name of the job.
    Name,
    /// Description.
    Description,
    /// State of the job.
    Status,
    /// What it does.
    Type,
    /// How it is scheduled.
    ScheduleType,
    /// It runs more than once.
    IsRecurring,
    /// Whose job it is.
    Owner,
    /// Who else may edit it.
    CoAuthor,
    /// Tags whose assets it takes.
    Tag,
    /// When it was made.
    Created,
    /// When it was last changed.
    Updated,
    /// When it runs next.
    NextRun,
    /// When it last began to run.
    LastRun,
    /// Patches in its list.
    PatchCount,
    /// Assets in its last run.
    AssetCount,
    /// Share of assets that have ended in its last run, in per cent.
    CompletionPercent,
    /// A critical part is missing.
    Partial,
    /// It is an advisory: a patch list without an owner.
    Advisory,
}

use JobField as F;

const fn of(key: F, name: &'static str, kind: Kind, help: &'static str, example: &'static str) -> Field {
    field(Key::Job(key), name, kind, help, example)
}

/// Lists are sorted by what every job has and people look for; the rest narrows them.
pub(super) const FIELDS: &[Field] = &[
    Field { main: true, aliases: &["jobName"], ..of(F::Name, "name", Kind::Text, "Name of the job", "name:monthly") },
    Field { main: true, sortable: false, ..of(F::Description, "description", Kind::Text, "Description", "description:canary") },
    of(F::Status, "status", choice(&["partially_configured", "disabled", "enabled", "completed"]), "State of the job", "status:enabled"),
    Field { sortable: false, ..of(F::Type, "type", choice(&["install", "uninstall"]), "What it does", "type:install") },
    Field {
        sortable: false,
        ..of(F::ScheduleType, "scheduleType", choice(&["on_demand", "once"]), "How it is scheduled", "scheduleType:once")
    },
    Field { sortable: false, ..of(F::IsRecurring, "isRecurring", Kind::Flag, "It runs more than once", "isRecurring:no") },
    Field { main: true, facet: true, aliases: &["createdBy"], ..of(F::Owner, "owner", Kind::Text, "Whose job it is", "owner:alice") },
    Field {
        many: true,
        sortable: false,
        aliases: &["coAuthors"],
        ..of(F::CoAuthor, "coAuthor", Kind::Text, "Who else may edit it", "coAuthor:bob")
    },
    Field {
        many: true,
        facet: true,
        sortable: false,
        aliases: &["tag", "tags"],
        ..of(F::Tag, "tags.name", Kind::Text, "Tags whose assets it takes", "tags.name:production")
    },
    of(F::Created, "created", Kind::Moment, "When it was made", "created>now-1w"),
    Field { aliases: &["modified"], ..of(F::Updated, "updated", Kind::Moment, "When it was last changed", "updated>now-1d") },
    Field { sortable: false, ..of(F::NextRun, "nextRun", Kind::Moment, "When it runs next", "nextRun<now+1d") },
    of(F::LastRun, "lastRun", Kind::Moment, "When it last began to run", "lastRun>now-7d"),
    Field { sortable: false, ..of(F::PatchCount, "patchCount", Kind::Number, "Patches in its list", "patchCount>10") },
    Field { sortable: false, ..of(F::AssetCount, "assetCount", Kind::Number, "Assets in its last run", "assetCount>100") },
    Field {
        sortable: false,
        aliases: &["progress"],
        ..of(
            F::CompletionPercent,
            "completionPercent",
            Kind::Number,
            "Share of assets that have ended in its last run, in per cent",
            "completionPercent<100",
        )
    },
    Field { sortable: false, ..of(F::Partial, "partial", Kind::Flag, "A critical part is missing", "partial:yes") },
    Field { sortable: false, ..of(F::Advisory, "advisory", Kind::Flag, "It is an advisory: a patch list without an owner", "advisory:no") },
];
