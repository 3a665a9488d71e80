//! Between the store and what the API takes and shows of users.

use super::user::UserBody;
use crate::App;
use crate::api::problem::{FieldError, Problem};
use crate::api::session::account::ScopeBody;
use crate::auth::{caller, privilege};
use fettle_model::access::{Actor, Role, Scope};
use fettle_store::UserRecord;

impl From<UserRecord> for UserBody {
    fn from(user: UserRecord) -> Self {
        // What is written beside a super user's role has no meaning.
        let scope = if user.role == Role::SuperUser { Scope::Everything } else { user.scope };
        Self {
            id: user.id,
            name: user.name,
            role: user.role,
            scope: ScopeBody::from(&scope),
            disabled: user.disabled,
            created_at: user.created_at,
        }
    }
}

/// Checks a scope that is to be given with a role, by `maker`.
pub(crate) async fn scope(app: &App, maker: &Actor, role: Role, given: ScopeBody) -> Result<Scope, Problem> {
    let mut errors = Vec::new();
    if given.everything && !given.tags.is_empty() {
        errors.push(FieldError::new("scope", "is either everything or a list of tags"));
    }
    let known = app.store.tags().await?;
    let unknown = given.tags.iter().filter(|id| known.iter().all(|tag| tag.id != **id));
    errors.extend(unknown.map(|id| FieldError::new("scope.tags", format!("there is no tag {id}"))));
    let scope = Scope::from(given);
    if errors.is_empty() {
        errors = privilege::excess(maker, role, &caller::expand(app, &scope).await?);
    }
    if errors.is_empty() { Ok(scope) } else { Err(Problem::invalid(errors)) }
}
