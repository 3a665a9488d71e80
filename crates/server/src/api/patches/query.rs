//! What patch lists can be asked for.

use crate::api::list_query::list_query;
use crate::api::page::{AnyOf, Sort};
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
        /// Categories, comma-separated.
        #[param(value_type = Option<String>)]
        category: AnyOf<Category>,
        /// The vendor's ratings, comma-separated.
        #[param(value_type = Option<String>)]
        severity: AnyOf<Severity>,
        /// Distribution releases, comma-separated: `debian/bookworm`.
        #[param(value_type = Option<String>)]
        release: AnyOf<String>,
        /// Operating system or application.
        #[param(value_type = Option<words::PatchKind>)]
        kind: Option<PatchKind>,
        /// A CVE id that it fixes.
        cve: Option<String>,
    }
}
