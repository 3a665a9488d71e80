//! `GET /api/v1/assets/groups`

use super::query::{AssetBoxes, Told};
use super::row::{AssetGroup, AssetGroups};
use crate::api::extract::{Json, Query};
use crate::api::problem::{FieldError, Problem};
use crate::api::query::asked::QueryText;
use crate::api::query::facet::{facet_fields, term};
use crate::api::query::order::{EntityField, find};
use crate::api::tags::visible::Visible;
use crate::api::words;
use crate::auth::{Granted, permission};
use crate::versions::VersionName;
use fettle_model::finding::FindingStatus;
use fettle_query::registry::AssetField;
use fettle_query::{Entity, Field};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which assets, and what they are grouped by.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GroupsQuery {
    /// Query over assets; empty for all.
    #[param(value_type = Option<String>, max_length = 16384)]
    query: QueryText,
    /// Query over patches: one that the asset misses, or has, must satisfy it. Empty: no such condition.
    #[param(value_type = Option<String>, max_length = 16384)]
    patches: QueryText,
    /// Whether `patches` is about patches that the asset misses, or has; left out: misses.
    #[param(value_type = Option<words::FindingStatus>)]
    status: Option<FindingStatus>,
    /// Assets of which the query is certain to hold, or those of which nobody can tell, since their last good scan is missing
    /// or old: as many as `unknown` of the certain ones says. Left out: certain.
    #[param(value_type = Option<words::Truth>, inline)]
    truth: Option<Told>,
    /// `version` of an answer: this one is made from the same version of the index and the same moment. Refused with
    /// `version-gone` when the server does not have it any more; ask again without it then. Left out: the newest.
    #[param(value_type = Option<String>)]
    version: Option<VersionName>,
    /// One or two fields of assets that make facets, separated by a comma: `os.name,scanStatus`.
    #[param(required)]
    by: String,
}

/// Assets grouped by the values of one field or two.
#[utoipa::path(
    get,
    path = "/assets/groups",
    tag = "assets",
    operation_id = "list_asset_groups",
    params(GroupsQuery),
    responses((status = 200, description = "The groups.", body = AssetGroups)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_asset_groups(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<GroupsQuery>,
) -> Result<Json<AssetGroups>, Problem> {
    let by = fields(&query.by)?;
    let keys: Vec<AssetField> = by.iter().filter_map(|field| AssetField::of(field.key)).collect();
    let visible = Visible::of(&granted).await?;
    let GroupsQuery { query, patches, status, truth, version, .. } = &query;
    let chosen = AssetBoxes { query, patches, status: *status, truth: *truth, version: *version }.choose(&granted)?;
    let seen = |values: &[String]| {
        let mut tags = keys.iter().zip(values).filter(|(key, value)| **key == AssetField::Tag && !value.is_empty());
        tags.all(|(_, name)| visible.has_name(name))
    };
    let groups = chosen.assets.group(&keys).into_iter().filter(|(values, _)| seen(values)).map(|(values, group)| AssetGroup {
        term: by.iter().zip(&values).map(|(field, value)| one_term(field, value)).collect::<Vec<_>>().join(" and "),
        values,
        assets: group.assets,
        missing: group.missing,
        latest_missing: group.latest_missing,
    });
    let (assets, groups) = (&chosen.assets, groups.collect());
    let by = by.iter().map(|field| field.name.to_owned()).collect();
    Ok(Json(AssetGroups { version: chosen.version, total: assets.count(), unknown: assets.unknown(), by, groups }))
}

fn one_term(field: &Field, value: &str) -> String {
    if value.is_empty() { format!("{} is null", field.name) } else { term(field, value) }
}

/// The fields to group by.
fn fields(text: &str) -> Result<Vec<&'static Field>, Problem> {
    let found: Option<Vec<&'static Field>> =
        text.split(',').map(|name| find(Entity::Asset, name.trim()).filter(|field| field.facet)).collect();
    match found {
        Some(by) if by.len() == 1 || (by.len() == 2 && by[0].key != by[1].key) => Ok(by),
        _ => {
            let names: Vec<&str> = facet_fields(Entity::Asset).map(|field| field.name).collect();
            let error =
                FieldError::new("by", format!("takes one field or two different ones, separated by a comma, of {}", names.join(", ")));
            Err(Problem::bad_request("query-invalid", "A query parameter was refused; errors names it.").with_errors(vec![error]))
        }
    }
}
