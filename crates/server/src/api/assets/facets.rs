//! `GET /api/v1/assets/facets`

use super::query::{Chosen, relation};
use crate::api::assets::query::AssetFilterQuery;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::query::asked::context;
use crate::api::query::facet::{Facet, FacetValue, Facets, facet, facet_fields, sentence};
use crate::api::query::order::EntityField;
use crate::api::tags::visible::Visible;
use crate::auth::{Granted, permission};
use fettle_model::patch::Severity;
use fettle_query::registry::AssetField;
use fettle_query::{Context, Entity, Field, check};

/// How many of the assets have each value of each field that has few.
#[utoipa::path(
    get,
    path = "/assets/facets",
    tag = "assets",
    operation_id = "show_asset_facets",
    params(AssetFilterQuery),
    responses((status = 200, description = "The counts.", body = Facets)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_asset_facets(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<AssetFilterQuery>,
) -> Result<Json<Facets>, Problem> {
    let visible = Visible::of(&granted).await?;
    let chosen = query.boxes().choose(&granted)?;
    let context = context(granted.app());
    let mut facets = vec![severities(&chosen)];
    facets.extend(facet_fields(Entity::Asset).filter_map(|field| one(&chosen, field, &context, &visible)));
    let assets = &chosen.assets;
    Ok(Json(Facets { version: assets.version(), total: assets.count(), unknown: assets.unknown(), facets }))
}

fn one(chosen: &Chosen, field: &'static Field, context: &Context, visible: &Visible) -> Option<Facet> {
    let by = AssetField::of(field.key)?;
    let mut counted = chosen.assets.facet(by);
    if by == AssetField::Tag {
        // A tag above one of theirs may be out of the caller's sight: then its name is, too.
        counted.retain(|(name, _)| visible.has_name(name));
    }
    Some(facet(field, counted, context, |term| recount(chosen, term, context)))
}

/// How many assets a term leaves.
fn recount(chosen: &Chosen, term: &str, context: &Context) -> u64 {
    let narrowed = check(Entity::Asset, term, context).ok().and_then(|term| chosen.query.clone().and(term));
    narrowed.and_then(|query| chosen.view.select(&query).ok()).map_or(0, |assets| assets.count())
}

/// Assets by how vendors rate the latest patches that they miss, or have: most urgent first.
fn severities(chosen: &Chosen) -> Facet {
    let relation = relation(chosen.status).name();
    let counts = chosen.assets.severity_facet(chosen.status);
    let values = Severity::ALL.iter().zip(counts).rev().filter(|&(_, count)| count > 0).map(|(severity, count)| FacetValue {
        value: severity.to_string(),
        label: sentence(severity.as_str()),
        count,
        term: format!("{relation}:(vendorSeverity:{severity} and isSuperseded:no)"),
    });
    Facet { field: format!("{relation}.vendorSeverity"), label: "Severity".to_owned(), values: values.collect() }
}
