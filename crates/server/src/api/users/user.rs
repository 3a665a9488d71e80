//! Users as the API takes and shows them.

use crate::api::session::account::ScopeBody;
use crate::api::words;
use fettle_model::access::Role;
use fettle_model::ids::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person who can log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: UserId,
    /// Name to log in with.
    pub name: String,
    /// Role.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// What they see; a super user sees everything.
    pub scope: ScopeBody,
    /// May not log in.
    pub disabled: bool,
    /// When they were made.
    pub created_at: Timestamp,
}

/// A new user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Name to log in with.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Password.
    #[schema(min_length = 12, max_length = 1000, format = Password)]
    pub password: String,
    /// Role.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// What they see; left out: nothing.
    #[serde(default)]
    pub scope: ScopeBody,
}

/// Changes to a user. What is left out stays as it is.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeUser {
    /// Name to log in with.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// New password; ends all their sessions.
    #[schema(min_length = 12, max_length = 1000, format = Password)]
    pub password: Option<String>,
    /// Role.
    #[schema(value_type = Option<words::Role>)]
    pub role: Option<Role>,
    /// What they see.
    pub scope: Option<ScopeBody>,
    /// May not log in; ends all their sessions.
    pub disabled: Option<bool>,
}
