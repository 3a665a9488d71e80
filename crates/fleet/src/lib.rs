//! Assets × patches in memory: which patch is missing where, and lists of it cut to what a person may see.
//!
//! [`Catalog`] holds all patches with their supersedence, [`Assessor`] decides the [`Findings`] of an
//! inventory, and [`Fleet`] publishes an immutable [`View`] of all assets that readers take without waiting.
//! A view cannot be listed: only the [`ScopedView`] made for an actor can.
//!
//! The crate is pure apart from sharing memory between threads: the store is the truth, this is a cache that
//! can be rebuilt from it. To judge another package world, add a variant to
//! [`fettle_model::rule::Rule`], an index of its rules to [`Catalog`], and a way to walk an inventory
//! with it to [`Assessor`]; the test that compares with the slow reading of the rules then wants it, too.
//!
//! [`Findings`]: fettle_model::finding::Findings

mod assess;
mod card;
mod catalog;
mod codec;
mod execute;
mod fleet;
mod index;
mod origin;
mod packages;
mod page;
mod patches;
mod reassess;
mod record;
mod revise;
mod rules;
mod scoped;
mod size;
mod snapshot;
mod software;
mod sorted;
mod supersedence;
mod tags;
mod view;
mod why;

pub use assess::{Assessment, Assessor};
pub use card::{AssetCard, AssetRow, PatchRow};
pub use catalog::{Catalog, Entry};
pub use codec::{DamagedFindings, decode_findings, encode_findings};
pub use execute::{Group, NotSortable, PatchCounts, Selection, WrongEntity};
pub use fleet::{Change, Fleet};
pub use origin::Origin;
pub use page::{Cursor, NotACursor, Page};
pub use patches::{Applicable, PatchRecord, PatchSelection, PatchSet};
pub use record::ONLINE;
pub use revise::{Outcome, Outcomes, Revision};
pub use scoped::{ScopedView, Totals};
pub use size::PlaneSize;
pub use snapshot::{LoadError, Owner, SaveError, Snapshot};
pub use software::{ListId, ListSet, SoftwareList, SoftwareSize, SoftwareTable};
pub use sorted::{Direction, Sorted};
pub use supersedence::BrokenEdge;
pub use view::{Purpose, View};
pub use why::{Decision, Judged, JudgedBy, MOST_SUCCESSORS, NotApplicable, ScanEvidence, Successor, Why, why};
