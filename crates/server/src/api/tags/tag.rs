//! Tags as the API takes and shows them.

use crate::api::problem::Problem;
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;
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
}

impl From<Tag> for TagBody {
    fn from(tag: Tag) -> Self {
        Self { id: tag.id, name: tag.name, parent: tag.parent }
    }
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
}

/// Tells a field that is `null` from one that is left out.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<TagId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
