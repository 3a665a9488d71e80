//! What patch lists can be asked for.

use crate::api::list_query::list_query;
use crate::api::page::Sort;
use crate::api::words;
use fettle_fleet::PatchSort;
use fettle_model::finding::FindingStatus;
use fettle_model::patch::{Category, PatchKind, Severity};

/// How patches are sorted when the request does not say: newest first.
pub(crate) const DEFAULT_SORT: Sort<PatchSort> = Sort { by: PatchSort::PublishedAt, descending: true };

list_query! {
    /// Filters of patch lists; all that are given must hold.
    pub struct PatchQuery and PatchFilterQuery sorted by PatchSort, as "Column to sort by, with `-` before it for largest first; `-published_at` when left out: `published_at`, `id`, `title`, `vendor`, `release`, `product`, `bulletin`, `category`, `severity`, `missing`, `installed`." {
        /// Patches that at least one visible asset misses, or has.
        #[param(value_type = Option<words::FindingStatus>)]
        status: Option<FindingStatus>,
        /// Leaves out superseded patches. Left out: `true`.
        latest: Option<bool>,
        /// Also patches that apply to no visible asset. Left out: `false`.
        all: Option<bool>,
        /// Security or not.
        #[param(value_type = Option<words::Category>)]
        category: Option<Category>,
        /// The vendor's rating.
        #[param(value_type = Option<words::Severity>)]
        severity: Option<Severity>,
        /// Distribution release: `debian/bookworm`.
        release: Option<String>,
        /// Operating system or application.
        #[param(value_type = Option<words::PatchKind>)]
        kind: Option<PatchKind>,
        /// A CVE id that it fixes.
        cve: Option<String>,
    }
}
