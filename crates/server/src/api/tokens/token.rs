//! API tokens as the API takes and shows them.

use crate::api::session::account::ScopeBody;
use crate::api::words;
use fettle_model::access::Role;
use fettle_model::ids::TokenId;
use fettle_store::TokenRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Role it acts with, at most that of its maker at the time of each use.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// What it sees, at most what its maker sees at the time of each use.
    pub scope: ScopeBody,
    /// When it stops working; `null`: never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
}

impl From<TokenRecord> for TokenBody {
    fn from(token: TokenRecord) -> Self {
        Self {
            id: token.id,
            name: token.title,
            role: token.role,
            scope: ScopeBody::from(&token.scope),
            expires_at: token.expires_at,
            created_at: token.created_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// A new token. Role and scope may not be larger than those of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Role it acts with; left out: the caller's.
    #[serde(default)]
    #[schema(value_type = Option<words::Role>)]
    pub role: Option<Role>,
    /// What it sees; left out: what the caller sees.
    #[serde(default)]
    pub scope: Option<ScopeBody>,
    /// When it stops working.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A token just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedToken {
    /// The token.
    #[serde(flatten)]
    pub token: TokenBody,
    /// The token as text, `ft1_…`: shown here once, and `null` when the request was only repeated.
    #[schema(required)]
    pub secret: Option<String>,
}
