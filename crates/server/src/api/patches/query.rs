//! What patch lists can be asked for, and the one selection that every number of a screen is made from.

use crate::api::assets::query::wrong_entity;
use crate::api::list_query::asked_list;
use crate::api::problem::Problem;
use crate::api::query::asked::{Checks, QueryText, context};
use crate::api::words;
use crate::auth::permission::Permission;
use crate::auth::{Granted, Seen};
use crate::versions::VersionName;
use fettle_fleet::{Applicable, PatchSelection, ScopedView, Selection};
use fettle_query::{Checked, Context, Entity};

/// How patches are sorted when the request does not say: newest first.
pub(crate) const DEFAULT_SORT: &str = "-publishedDate";

fettle_model::text_enum! {
    /// Which patches a list begins with.
    pub enum Applicability {
        /// Those that are enabled and that some asset of the asset query misses or has.
        InView = "in_view",
        /// All of the catalog.
        All = "all",
    }
}

impl From<Applicability> for Applicable {
    fn from(applicability: Applicability) -> Self {
        match applicability {
            Applicability::InView => Self::InView,
            Applicability::All => Self::All,
        }
    }
}

asked_list! {
    /// Which patches.
    pub struct PatchQuery and PatchFilterQuery,
        sorted as "Field of patches to sort by, with `-` before it for largest first; `-publishedDate` when left out.",
        of "Query over patches; empty for all." {
        /// Query over assets: numbers of assets are counted among those that satisfy it. Empty for all.
        #[param(value_type = Option<String>, max_length = 16384)]
        assets: QueryText,
        /// Whether to begin with the patches that apply to such an asset, or with the whole catalog; `in_view` when left out.
        #[param(value_type = Option<words::Applicability>, inline)]
        applicable: Option<Applicability>,
    }
}

/// What a request asks of the patches page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PatchBoxes<'a> {
    /// Over patches.
    pub(crate) query: &'a QueryText,
    /// Over assets.
    pub(crate) assets: &'a QueryText,
    /// Which patches to begin with.
    pub(crate) applicable: Option<Applicability>,
    /// The version to answer from.
    pub(crate) version: Option<VersionName>,
}

impl PatchQuery {
    /// Its boxes.
    pub(crate) fn boxes(&self) -> PatchBoxes<'_> {
        let Self { query, assets, applicable, version, .. } = self;
        PatchBoxes { query, assets, applicable: *applicable, version: *version }
    }
}

impl PatchFilterQuery {
    /// Its boxes.
    pub(crate) fn boxes(&self) -> PatchBoxes<'_> {
        let Self { query, assets, applicable, version, .. } = self;
        PatchBoxes { query, assets, applicable: *applicable, version: *version }
    }
}

/// Patches that the boxes choose, with numbers of assets among those the caller sees.
pub(crate) struct Chosen {
    /// The view all numbers are taken from.
    pub(crate) view: ScopedView,
    /// The name of its version.
    pub(crate) version: String,
    /// What queries are checked with.
    pub(crate) context: Context,
    /// The box over patches.
    pub(crate) query: Checked,
    /// Which patches to begin with.
    pub(crate) applicable: Applicable,
    /// The assets numbers are counted among.
    pub(crate) over: Selection,
    /// The patches.
    pub(crate) patches: PatchSelection,
}

impl PatchBoxes<'_> {
    /// Evaluates the boxes once.
    pub(crate) fn choose<P: Permission>(self, granted: &Granted<P>) -> Result<Chosen, Problem> {
        let Seen { view, at, version } = granted.seen(self.version)?;
        let mut checks = Checks::new(at);
        let query = checks.check(Entity::Patch, "query", self.query.raw());
        let assets = checks.check(Entity::Asset, "assets", self.assets.raw());
        let proof = checks.done()?;
        let (query, assets) = (query.proven(proof), assets.proven(proof));
        let applicable = self.applicable.unwrap_or(Applicability::InView).into();
        let over = view.select(&assets).map_err(wrong_entity)?;
        let patches = view.select_patches(&query, &over, applicable).map_err(wrong_entity)?;
        Ok(Chosen { view, version, context: context(at), query, applicable, over, patches })
    }
}
