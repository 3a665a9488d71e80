//! `GET /api/v1/query/suggest`

use super::asked::{bytes, units};
use super::values::values;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_query::Entity;
use fettle_query::complete::{Item, ItemKind, complete};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

fettle_model::text_enum! {
    /// Kinds of suggestions.
    pub enum SuggestionKind {
        /// A field.
        Field = "field",
        /// A way to other records.
        Relation = "relation",
        /// A value.
        Value = "value",
        /// A comparison.
        Operator = "operator",
        /// `and`, `or`, `not` and the like.
        Keyword = "keyword",
    }
}

/// A query that is being written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SuggestQuery {
    /// What it asks for.
    #[param(value_type = words::Entity)]
    entity: Entity,
    /// The query as far as it is written.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 16384)]
    text: String,
    /// Where the cursor stands, in UTF-16 code units, as browsers count; at the end when left out.
    cursor: Option<u32>,
}

/// What could be written at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct Suggestions {
    /// Where the text begins that a suggestion replaces, in UTF-16 code units.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
    /// The suggestions, best first.
    pub items: Vec<Suggestion>,
}

/// Something that could be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct Suggestion {
    /// The text to write.
    pub insert: String,
    /// What to show.
    pub label: String,
    /// More about it; may be empty.
    pub detail: String,
    /// What it is.
    #[schema(value_type = words::SuggestionKind)]
    pub kind: SuggestionKind,
    /// For a value: how many records the caller sees have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// Completes a query: fields, operators, keywords, and values that occur among what the caller sees.
#[utoipa::path(
    get,
    path = "/query/suggest",
    tag = "query",
    operation_id = "suggest_query",
    params(SuggestQuery),
    responses((status = 200, description = "What could be written at the cursor.", body = Suggestions)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn suggest_query(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<SuggestQuery>,
) -> Result<Json<Suggestions>, Problem> {
    let text = query.text.as_str();
    let cursor = query.cursor.map_or(text.len(), |at| bytes(text, at));
    let completion = complete(query.entity, text, cursor);
    let typed = text.get(completion.place.start..cursor).unwrap_or_default();
    let mut items = Vec::new();
    for item in completion.items {
        match item.values_of {
            Some(field) => items.extend(values(&granted, field, typed).await?),
            None => items.push(suggestion(item)),
        }
    }
    Ok(Json(Suggestions { from: units(text, completion.place.start), to: units(text, completion.place.end), items }))
}

fn suggestion(item: Item) -> Suggestion {
    let kind = match item.kind {
        ItemKind::Field => SuggestionKind::Field,
        ItemKind::Relation => SuggestionKind::Relation,
        ItemKind::Value => SuggestionKind::Value,
        ItemKind::Operator => SuggestionKind::Operator,
        ItemKind::Keyword => SuggestionKind::Keyword,
    };
    Suggestion { insert: item.insert, label: item.label, detail: item.detail, kind, count: None }
}
