//! Who is logged in, as the API says it.

use crate::api::words;
use fettle_model::access::{Action, Role, Scope};
use fettle_model::ids::{TagId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// Id of the user.
    #[schema(value_type = Uuid)]
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Role the caller acts with; for a token at most that of its maker.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// What the caller sees.
    pub scope: ScopeBody,
    /// What the role allows, so that a console can leave out what would be refused.
    #[schema(value_type = Vec<words::Permission>)]
    pub permissions: Vec<Action>,
    /// Send as `X-CSRF-Token` on every write made with the session cookie; `null` for a token.
    #[schema(required)]
    pub csrf_token: Option<String>,
}

/// The part of the fleet somebody sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeBody {
    /// Every asset; `tags` is then empty.
    #[serde(default)]
    #[schema(required)]
    pub everything: bool,
    /// Assets that carry one of these tags, or one below them.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, required)]
    pub tags: BTreeSet<TagId>,
}

impl From<&Scope> for ScopeBody {
    fn from(scope: &Scope) -> Self {
        match scope {
            Scope::Everything => Self { everything: true, tags: BTreeSet::new() },
            Scope::Tags(tags) => Self { everything: false, tags: tags.clone() },
        }
    }
}

impl From<ScopeBody> for Scope {
    fn from(body: ScopeBody) -> Self {
        if body.everything { Self::Everything } else { Self::Tags(body.tags) }
    }
}
