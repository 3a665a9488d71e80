//! Tags as the API takes and shows them.

use crate::App;
use crate::api::problem::{FieldError, Problem};
use crate::api::query::asked::{checked, context};
use crate::auth::Granted;
use crate::auth::permission::Permission;
use fettle_model::access::Scope;
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;
use fettle_query::{Entity, check};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A label on assets, in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TagBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: TagId,
    /// Name, unique among its siblings.
    pub name: String,
    /// The tag above; `null` at the top.
    #[schema(value_type = Option<Uuid>, required)]
    pub parent: Option<TagId>,
    /// The query over assets that decides who carries it; `null` when it is assigned by hand.
    #[schema(required)]
    pub query: Option<String>,
    /// What is wrong with its query, when it cannot be understood any more: then whoever carried it last keeps it.
    #[schema(required)]
    pub error: Option<String>,
    /// How many visible assets carry it, those that only carry one below it not counted.
    pub assets: u64,
}

impl TagBody {
    /// A tag as a caller sees it, which `assets` visible assets carry.
    pub(super) fn new(tag: Tag, assets: u64, app: &App) -> Self {
        let errors = tag.query.as_ref().and_then(|query| check(Entity::Asset, query, &context(app.clock.now())).err());
        let error = errors.and_then(|errors| errors.into_iter().next()).map(|error| error.message);
        Self { id: tag.id, name: tag.name, parent: tag.parent, query: tag.query, error, assets }
    }
}

/// Checks the query that is to decide who carries a tag.
///
/// Scopes are made of tags: whoever could let a query decide about a tag of their scope could see every asset.
pub(super) fn query<P: Permission>(granted: &Granted<P>, given: &str) -> Result<String, Problem> {
    if given.trim().is_empty() {
        let error = FieldError::new("query", "must say which assets carry the tag; leave it out for a tag that is assigned by hand");
        return Err(Problem::invalid(vec![error]));
    }
    if *granted.actor().scope() != Scope::Everything {
        return Err(Problem::invalid_field("query", "only somebody who sees every asset may let a query decide who carries a tag"));
    }
    let query = checked(granted.now(), Entity::Asset, "query", given)?;
    Ok(query.canonical().to_owned())
}

/// Checks a tag's name.
pub(super) fn name(given: &str) -> Result<String, Problem> {
    let name = given.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid_field("name", format!("must be plain text of 1 to {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}

/// Longest name, in characters.
const MAX_NAME: usize = 100;

/// A new tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTag {
    /// Name, unique among its siblings.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The tag above.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub parent: Option<TagId>,
    /// Query over assets: those that satisfy it carry the tag, and nobody else. It may use every field of assets;
    /// `tags.name` sees only tags that are assigned by hand. Left out: the tag is assigned by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 16384)]
    pub query: Option<String>,
}

/// Changes to a tag. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeTag {
    /// Name.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// The tag above; `null` moves it to the top.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub parent: Option<Option<TagId>>,
    /// Query that decides who carries it; `null` makes it a tag that is assigned by hand, which nobody carries yet.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 16384)]
    pub query: Option<Option<String>>,
}

/// Tells a field that is `null` from one that is left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
