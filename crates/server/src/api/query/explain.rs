//! `GET /api/v1/query/explain`

use super::asked::{context, refused};
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_query::{Entity, Explanation, QueryError, check, explain, render};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A query to explain.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainQuery {
    /// What it asks for.
    #[param(value_type = words::Entity)]
    entity: Entity,
    /// The query; empty asks for everything.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 16384)]
    text: String,
}

/// What a query means, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct ExplainBody {
    /// Whether it can be run.
    pub ok: bool,
    /// Its canonical form; empty when it cannot be run.
    pub canonical: String,
    /// Its meaning in plain sentences; none when it cannot be run.
    pub lines: Vec<ExplainLine>,
    /// What is wrong with it.
    pub errors: Vec<QueryMistake>,
    /// The same for terminals; empty when nothing is wrong.
    pub rendered: String,
}

/// One sentence of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct ExplainLine {
    /// How deep it stands below the first, which has 0.
    pub depth: u32,
    /// The sentence.
    pub text: String,
}

/// Something wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct QueryMistake {
    /// Where it begins, in UTF-16 code units, as browsers count.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
    /// What is wrong.
    pub message: String,
    /// What would be right; may be empty.
    pub expected: String,
    /// A text to put there instead.
    #[schema(required)]
    pub suggestion: Option<String>,
}

/// What a query means. Always answers with 200, also when the query is wrong: that is an answer, too.
#[utoipa::path(
    get,
    path = "/query/explain",
    tag = "query",
    operation_id = "explain_query",
    params(ExplainQuery),
    responses((status = 200, description = "Its meaning, or what is wrong with it.", body = ExplainBody)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn explain_query(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<ExplainQuery>,
) -> Result<Json<ExplainBody>, Problem> {
    Ok(Json(match check(query.entity, &query.text, &context(granted.now())) {
        Ok(checked) => {
            let mut lines = Vec::new();
            flatten(&explain(&checked), 0, &mut lines);
            let canonical = checked.canonical().to_owned();
            ExplainBody { ok: true, canonical, lines, errors: Vec::new(), rendered: String::new() }
        }
        Err(errors) => {
            let rendered: Vec<String> = errors.iter().map(|error| render(error, &query.text)).collect();
            let errors = errors.into_iter().map(|error| mistake(&query.text, error)).collect();
            ExplainBody { ok: false, canonical: String::new(), lines: Vec::new(), errors, rendered: rendered.join("\n") }
        }
    }))
}

fn mistake(text: &str, error: QueryError) -> QueryMistake {
    let error = refused("text", text, error);
    QueryMistake {
        from: error.from.unwrap_or_default(),
        to: error.to.unwrap_or_default(),
        message: error.message,
        expected: error.expected.unwrap_or_default(),
        suggestion: error.suggestion,
    }
}

/// The language bounds how deep a query may be, and with it this.
fn flatten(explanation: &Explanation, depth: u32, lines: &mut Vec<ExplainLine>) {
    lines.push(ExplainLine { depth, text: explanation.text.clone() });
    explanation.parts.iter().for_each(|part| flatten(part, depth + 1, lines));
}
