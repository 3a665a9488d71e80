//! Fields of results.

use super::{Field, Key, Kind, field};

/// A closed list in no order.
const fn choice(members: &'static [&'static str]) -> Kind {
    Kind::Choice { members, ordered: false }
}

const STATUS: &[&str] = &[
    "pending",
    "downloading",
    "installing",
    "verifying",
    "installed",
    "removed",
    "pending_reboot",
    "failed",
    "superseded",
    "not_applicable",
    "skipped",
];

/// What can be asked of a result; `asset.` and `patch.` lead to the asset and the patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResultField {
    /// Name of the job.
    Job,
    /// Id of the run.
    Run,
    /// What became of the patch.
    Status,
    /// Why it failed.
    Reason,
    /// The installer's exit code.
    ExitCode,
    /// When the asset began.
    Started,
    /// When it ended.
    Ended,
}

use ResultField as F;

const fn of(key: F, name: &'static str, kind: Kind, help: &'static str, example: &'static str) -> Field {
    field(Key::Result(key), name, kind, help, example)
}

/// Results are read run by run, and within a run by asset: there are many, each is within its asset's part of the run, and
/// no index could hold them in another order without being written at every report. So lists are sorted by the run alone,
/// whose id grows with time.
pub(super) const FIELDS: &[Field] = &[
    Field { main: true, sortable: false, aliases: &["jobName"], ..of(F::Job, "job", Kind::Text, "Name of the job", "job:monthly") },
    Field { aliases: &["runId"], ..of(F::Run, "run", Kind::Text, "Id of the run", "run:`0193b8a0-0000-7000-8000-000000000000`") },
    Field { sortable: false, ..of(F::Status, "status", choice(STATUS), "What became of the patch", "status:failed") },
    Field {
        main: true,
        facet: true,
        sortable: false,
        aliases: &["error"],
        ..of(F::Reason, "reason", Kind::Text, "Why it failed", r#"reason:"not enough disk""#)
    },
    Field {
        sortable: false,
        aliases: &["errorCode"],
        ..of(F::ExitCode, "exitCode", Kind::Number, "The installer's exit code", "exitCode:100")
    },
    Field { sortable: false, aliases: &["startTime"], ..of(F::Started, "started", Kind::Moment, "When the asset began", "started>now-1d") },
    Field { sortable: false, aliases: &["endTime"], ..of(F::Ended, "ended", Kind::Moment, "When it ended", "ended>now-1d") },
];
