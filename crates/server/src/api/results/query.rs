//! What results can be asked for.

use crate::api::page::Limit;
use crate::api::query::asked::QueryText;

/// Which results.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ResultQuery {
    /// Rows of a page; 50 when left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    pub(super) limit: Limit,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// Query over results; empty for all.
    #[param(value_type = Option<String>, max_length = 16384)]
    pub(super) query: QueryText,
}

/// Which results, for exports.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ResultFilterQuery {
    /// Query over results; empty for all.
    #[param(value_type = Option<String>, max_length = 16384)]
    pub(super) query: QueryText,
}
