//! What results can be asked for.

use crate::api::assets::query::Told;
use crate::api::page::Limit;
use crate::api::query::asked::QueryText;
use crate::api::query::order::SortText;
use crate::api::words;
use crate::versions::VersionName;

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
    /// `-run`: newest run first, as when left out; `run`: oldest first. Within a run results are in the order of asset names.
    #[param(value_type = Option<String>)]
    pub(super) sort: Option<SortText>,
    /// Results for which the query is certain to hold, or those of which nobody can tell, since their asset's last good scan
    /// is missing or old: as many as `unknown` of the certain ones says. Left out: certain.
    #[param(value_type = Option<words::Truth>, inline)]
    pub(super) truth: Option<Told>,
    /// `version` of an answer: this one is made from the same version of the index and the same moment. Refused with
    /// `version-gone` when the server does not have it any more; ask again without it then. Left out: the newest.
    #[param(value_type = Option<String>)]
    pub(super) version: Option<VersionName>,
}

/// Which results, for exports.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ResultFilterQuery {
    /// Query over results; empty for all.
    #[param(value_type = Option<String>, max_length = 16384)]
    pub(super) query: QueryText,
    /// `-run`: newest run first, as when left out; `run`: oldest first. Within a run results are in the order of asset names.
    #[param(value_type = Option<String>)]
    pub(super) sort: Option<SortText>,
    /// Results for which the query is certain to hold, or those of which nobody can tell, since their asset's last good scan
    /// is missing or old: as many as `unknown` of the certain ones says. Left out: certain.
    #[param(value_type = Option<words::Truth>, inline)]
    pub(super) truth: Option<Told>,
    /// `version` of an answer: this one is made from the same version of the index and the same moment. Refused with
    /// `version-gone` when the server does not have it any more; ask again without it then. Left out: the newest.
    #[param(value_type = Option<String>)]
    pub(super) version: Option<VersionName>,
}
