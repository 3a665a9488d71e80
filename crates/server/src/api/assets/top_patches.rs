//! `GET /api/v1/assets/top-patches`

use super::query::{AssetBoxes, Told, wrong_entity};
use super::row::{TopPatch, TopPatches};
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::query::asked::QueryText;
use crate::api::query::facet::named_term;
use crate::api::words;
use crate::auth::{Granted, permission};
use crate::versions::VersionName;
use fettle_fleet::{Applicable, Entry};
use fettle_query::syntax::Quoting;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

/// Most patches of one answer: what fits on a page.
const MOST: u16 = 1_000;

/// How many patches, 1 to [`MOST`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Many(u16);

impl Default for Many {
    fn default() -> Self {
        Self(20)
    }
}

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        let fits = (1..=MOST).contains(&number);
        fits.then_some(Self(number)).ok_or_else(|| serde::de::Error::custom(format!("must be 1 to {MOST}, not {number}")))
    }
}

/// Which assets, and how many patches.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TopPatchesQuery {
    /// Query over assets; empty for all.
    #[param(value_type = Option<String>, max_length = 16384)]
    query: QueryText,
    /// Query over patches: only these are counted, and only on assets that miss one. Empty: all patches.
    #[param(value_type = Option<String>, max_length = 16384)]
    patches: QueryText,
    /// How many patches; 20 when left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    n: Many,
    /// Assets of which the query is certain to hold, or those of which nobody can tell, since their last good scan is missing
    /// or old: as many as `unknown` of the certain ones says. Left out: certain.
    #[param(value_type = Option<words::Truth>, inline)]
    truth: Option<Told>,
    /// `version` of an answer: this one is made from the same version of the index and the same moment. Refused with
    /// `version-gone` when the server does not have it any more; ask again without it then. Left out: the newest.
    #[param(value_type = Option<String>)]
    version: Option<VersionName>,
}

/// The patches that most of the assets miss.
#[utoipa::path(
    get,
    path = "/assets/top-patches",
    tag = "assets",
    operation_id = "list_top_patches",
    params(TopPatchesQuery),
    responses((status = 200, description = "Patches with the number of assets, most first.", body = TopPatches)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_top_patches(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<TopPatchesQuery>,
) -> Result<Json<TopPatches>, Problem> {
    let TopPatchesQuery { query, patches, n, truth, version } = &query;
    let chosen = AssetBoxes { query, patches, status: None, truth: *truth, version: *version }.choose(&granted)?;
    let among = match &chosen.patches {
        Some(patches) => Some(chosen.view.select_patches(patches, &chosen.view.everything(), Applicable::All).map_err(wrong_entity)?),
        None => None,
    };
    let top = chosen.assets.top_missing(usize::from(n.0), among.as_ref().map(|patches| patches.set().as_ref()));
    let catalog = chosen.view.catalog();
    let items = top.into_iter().filter_map(|(no, assets)| Some(row(catalog.get(no)?, assets, chosen.truth))).collect();
    let assets = &chosen.assets;
    Ok(Json(TopPatches { version: chosen.version, total: assets.count(), unknown: assets.unknown(), items }))
}

fn row(entry: &Entry, assets: u64, truth: Told) -> TopPatch {
    let patch = &entry.patch;
    TopPatch {
        id: patch.id.clone(),
        title: patch.title.clone(),
        category: patch.category,
        severity: patch.vendor_severity,
        published_at: patch.published_at,
        known_exploited: patch.scores.kev.is_some(),
        superseded: entry.superseded,
        assets,
        term: (truth == Told::Certain).then(|| format!("missing:({})", named_term("id", patch.id.as_str(), Quoting::Exact))),
    }
}
