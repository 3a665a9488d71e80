//! What entries of the audit log can be asked for.

use crate::api::page::Limit;
use crate::api::query::asked::QueryText;
use crate::api::query::order::SortText;

/// Which entries of the audit log.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuditQuery {
    /// Rows of a page; 50 when left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    pub(super) limit: Limit,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// Query over entries of the audit log; empty for all.
    #[param(value_type = Option<String>, max_length = 16384)]
    pub(super) query: QueryText,
    /// Field of the audit log to sort by, with `-` before it for largest first; `-at` when left out. Texts are compared letter
    /// by letter, capital ones before small ones.
    #[param(value_type = Option<String>)]
    pub(super) sort: Option<SortText>,
}

/// Which entries of the audit log, for exports.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuditFilterQuery {
    /// Query over entries of the audit log; empty for all.
    #[param(value_type = Option<String>, max_length = 16384)]
    pub(super) query: QueryText,
    /// Field of the audit log to sort by, with `-` before it for largest first; `-at` when left out. Texts are compared letter
    /// by letter, capital ones before small ones.
    #[param(value_type = Option<String>)]
    pub(super) sort: Option<SortText>,
}
