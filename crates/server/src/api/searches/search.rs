//! Searches as the API takes and shows them.

use crate::App;
use crate::api::problem::{FieldError, Problem};
use crate::api::query::asked::Checks;
use crate::api::words;
use fettle_model::ids::SearchId;
use fettle_query::Entity;
use fettle_store::{RecentSearch, SavedSearch, SearchText};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A search somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: SearchId,
    /// What is listed.
    #[schema(value_type = words::Entity)]
    pub entity: Entity,
    /// Name, unique among the caller's searches of the entity.
    pub name: String,
    /// Query over the entity; empty for everything.
    pub query: String,
    /// Query of the box beside it: over patches in a list of assets, over assets in a list of patches; else empty.
    pub beside: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl From<SavedSearch> for SearchBody {
    fn from(search: SavedSearch) -> Self {
        Self {
            id: search.id,
            entity: search.entity,
            name: search.name,
            query: search.text.query,
            beside: search.text.beside,
            created_at: search.created_at,
            updated_at: search.updated_at,
        }
    }
}

/// A search somebody made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecentSearchBody {
    /// Query over the entity.
    pub query: String,
    /// Query of the box beside it.
    pub beside: String,
    /// When it was made, the last time.
    pub used_at: Timestamp,
}

impl From<RecentSearch> for RecentSearchBody {
    fn from(search: RecentSearch) -> Self {
        Self { query: search.text.query, beside: search.text.beside, used_at: search.used_at }
    }
}

/// All searches somebody keeps of an entity, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Searches {
    /// The searches.
    pub items: Vec<SearchBody>,
}

/// What somebody searched for last, newest first; at most 20 are remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecentSearches {
    /// The searches.
    pub items: Vec<RecentSearchBody>,
}

/// A search to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchInput {
    /// Name, unique among the caller's searches of the entity.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Query over the entity.
    #[serde(default)]
    #[schema(max_length = 16384)]
    pub query: String,
    /// Query of the box beside it.
    #[serde(default)]
    #[schema(max_length = 16384)]
    pub beside: String,
}

/// A search that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecentSearchInput {
    /// Query over the entity.
    #[serde(default)]
    #[schema(max_length = 16384)]
    pub query: String,
    /// Query of the box beside it.
    #[serde(default)]
    #[schema(max_length = 16384)]
    pub beside: String,
}

/// Which searches.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// What is listed.
    #[param(value_type = words::Entity)]
    pub entity: Entity,
}

/// Longest name, in characters.
const MAX_NAME: usize = 100;

/// Checks a search's name.
pub(super) fn name(given: &str) -> Result<String, Problem> {
    let name = given.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid_field("name", format!("must be plain text of 1 to {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}

/// Checks the queries of a search: one that cannot be understood is of no use later.
pub(super) fn text(app: &App, entity: Entity, query: &str, beside: &str) -> Result<SearchText, Problem> {
    let other = match entity {
        Entity::Asset => Some(Entity::Patch),
        Entity::Patch => Some(Entity::Asset),
        Entity::Job | Entity::Result | Entity::Audit => None,
        Entity::Software => {
            return Err(Problem::bad_request("query-invalid", "Software has no list of its own.")
                .with_errors(vec![FieldError::new("entity", "take asset and ask for software:( … )")]));
        }
    };
    let mut checks = Checks::new(app.clock.now());
    checks.check(entity, "query", query);
    match other {
        Some(other) => _ = checks.check(other, "beside", beside),
        None if !beside.trim().is_empty() => return Err(Problem::invalid_field("beside", "there is no second box beside this one")),
        None => {}
    }
    checks.done()?;
    Ok(SearchText { query: query.trim().to_owned(), beside: beside.trim().to_owned() })
}
