//! `GET /api/v1/assets/facets`

use super::query::{Chosen, Told, relation};
use crate::api::assets::query::AssetFilterQuery;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::query::facet::{Facet, FacetValue, Facets, facet, facet_fields, sentence};
use crate::api::query::order::EntityField;
use crate::api::tags::visible::Visible;
use crate::auth::{Granted, permission};
use fettle_model::patch::Severity;
use fettle_query::registry::AssetField;
use fettle_query::{Entity, Field, check};

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
    let mut facets = Vec::new();
    // Findings of the unknown ones are what is in doubt: no term on them would leave exactly the assets counted.
    if chosen.truth == Told::Certain {
        facets.push(severities(&chosen));
    }
    facets.extend(facet_fields(Entity::Asset).filter_map(|field| one(&chosen, field, &visible)));
    let assets = &chosen.assets;
    Ok(Json(Facets { version: chosen.version, total: assets.count(), unknown: assets.unknown(), facets }))
}

fn one(chosen: &Chosen, field: &'static Field, visible: &Visible) -> Option<Facet> {
    let by = AssetField::of(field.key)?;
    let mut counted = chosen.assets.facet(by);
    if by == AssetField::Tag {
        // A tag above one of theirs may be out of the caller's sight: then its name is, too.
        counted.retain(|(name, _)| visible.has_name(name));
    }
    Some(facet(field, counted, &chosen.context, |term| recount(chosen, term)))
}

/// How many assets a term leaves.
fn recount(chosen: &Chosen, term: &str) -> u64 {
    let narrowed = check(Entity::Asset, term, &chosen.context).ok().and_then(|term| chosen.query.clone().and(term));
    narrowed.and_then(|query| chosen.truth.select(&chosen.view, &query).ok()).map_or(0, |assets| assets.count())
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
