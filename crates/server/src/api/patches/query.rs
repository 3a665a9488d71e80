//! What patch lists can be asked for.

use crate::api::list_query::list_query;
use crate::api::page::AnyOf;
use crate::api::words;
use fettle_model::finding::FindingStatus;
use fettle_model::patch::{Category, PatchKind, Severity};

fettle_model::text_enum! {
    /// What patch lists can be sorted by.
    pub enum PatchColumn {
        /// When the vendor published it.
        PublishedAt = "published_at",
        /// Title.
        Title = "title",
        /// Family of products.
        Product = "product",
        /// The vendor's rating.
        Severity = "severity",
        /// Security or not.
        Category = "category",
        /// Visible assets that miss it.
        Missing = "missing",
        /// Visible assets that have it.
        Installed = "installed",
    }
}

list_query! {
    /// Filters of patch lists; all that are given must hold.
    pub struct PatchQuery sorted by PatchColumn, as "Column to sort by, with `-` before it for largest first: `published_at`, `title`, `product`, `severity`, `category`, `missing`, `installed`." {
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
        /// Ratings, comma-separated.
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
