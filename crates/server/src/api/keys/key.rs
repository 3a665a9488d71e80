//! Activation keys as the API takes and shows them.

use crate::api::assets::row::TagRef;
use fettle_model::ids::{KeyId, TagId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What an installer carries to enrol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: KeyId,
    /// Title for people.
    pub title: String,
    /// When it stops working; `null`: never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// How many assets may enrol with it; `null`: any number.
    #[schema(required)]
    pub use_limit: Option<u32>,
    /// How many have.
    pub uses: u32,
    /// Tags given to assets that enrol with it.
    pub tags: Vec<TagRef>,
    /// Switched off.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A new activation key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// Title for people.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// When it stops working.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// How many assets may enrol with it.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub use_limit: Option<u32>,
    /// Tags given to assets that enrol with it.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 100)]
    pub tags: BTreeSet<TagId>,
}

/// A key just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: KeyBody,
    /// The key as text, `fk1-…`: shown here once, and `null` when the request was only repeated.
    #[schema(required)]
    pub secret: Option<String>,
}

/// Changes to a key. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeKey {
    /// Title for people.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Switched off.
    pub disabled: Option<bool>,
}
