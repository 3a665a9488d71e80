//! `GET /api/v1/patches/facets`

use super::query::Chosen;
use crate::api::extract::{Json, Query};
use crate::api::patches::query::PatchFilterQuery;
use crate::api::problem::Problem;
use crate::api::query::facet::{Facet, Facets, facet, facet_fields};
use crate::api::query::order::EntityField;
use crate::auth::{Granted, permission};
use fettle_query::registry::PatchField;
use fettle_query::{Entity, Field, check};

/// How many of the patches have each value of each field that has few.
#[utoipa::path(
    get,
    path = "/patches/facets",
    tag = "patches",
    operation_id = "show_patch_facets",
    params(PatchFilterQuery),
    responses((status = 200, description = "The counts.", body = Facets)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_patch_facets(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<PatchFilterQuery>,
) -> Result<Json<Facets>, Problem> {
    let chosen = query.boxes().choose(&granted)?;
    let facets = facet_fields(Entity::Patch).filter_map(|field| one(&chosen, field)).collect();
    let patches = &chosen.patches;
    Ok(Json(Facets { version: chosen.version, total: patches.count(), unknown: chosen.over.unknown(), facets }))
}

fn one(chosen: &Chosen, field: &'static Field) -> Option<Facet> {
    let counted = chosen.patches.facet(PatchField::of(field.key)?);
    Some(facet(field, counted, &chosen.context, |term| recount(chosen, term)))
}

/// How many patches a term leaves.
fn recount(chosen: &Chosen, term: &str) -> u64 {
    let narrowed = check(Entity::Patch, term, &chosen.context).ok().and_then(|term| chosen.query.clone().and(term));
    let patches = narrowed.and_then(|query| chosen.view.select_patches(&query, &chosen.over, chosen.applicable).ok());
    patches.map_or(0, |patches| patches.count())
}
