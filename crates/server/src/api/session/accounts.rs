//! What all ways to log in share.

use super::account::{Me, ScopeBody};
use crate::App;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::caller::{self, Caller, Via};
use crate::auth::session;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fettle_model::access::{Action, Actor, allowed};
use fettle_store::{AuditEntry, UserRecord};

/// Longest name, in characters.
const MAX_NAME: usize = 100;

/// Checks a name to log in with.
pub(crate) fn name(field: &str, given: &str) -> Result<String, Problem> {
    let name = given.trim();
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME {
        return Err(Problem::invalid_field(field, format!("must have 1 to {MAX_NAME} characters")));
    }
    if name.chars().any(char::is_control) {
        return Err(Problem::invalid_field(field, "must be plain text"));
    }
    Ok(name.to_owned())
}

/// Begins a session for a user who proved who they are, and answers with the cookie.
pub(crate) async fn log_in(app: &App, user: UserRecord, from: &str, status: StatusCode) -> Result<Response, Problem> {
    let (session, cookie) = session::begin(app, user.id, from).await?;
    app.store.record_audit(&audit(app, &user, from, "session.create")).await?;
    let actor = caller::actor(app, &user).await?;
    let me = me_of(&actor, user.name, Some(session.csrf_token));
    Ok((status, [(header::SET_COOKIE, cookie)], Json(me)).into_response())
}

/// The caller of a request.
pub(super) fn me(caller: &Caller) -> Me {
    let csrf_token = match &caller.via {
        Via::Session { csrf_token, .. } => Some(csrf_token.clone()),
        Via::Token { .. } => None,
    };
    me_of(&caller.actor, caller.name.clone(), csrf_token)
}

fn me_of(actor: &Actor, name: String, csrf_token: Option<String>) -> Me {
    let permissions = Action::ALL.iter().copied().filter(|&action| allowed(actor.role, action)).collect();
    Me { id: actor.user, name, role: actor.role, scope: ScopeBody::from(actor.scope()), permissions, csrf_token }
}

/// An entry for the audit log about something a user does before they are a caller.
pub(crate) fn audit(app: &App, user: &UserRecord, from: &str, action: &str) -> AuditEntry {
    AuditEntry {
        at: app.clock.now(),
        who: Some(user.id),
        who_name: user.name.clone(),
        from: from.to_owned(),
        action: action.to_owned(),
        subject: format!("user {}", user.id),
        before: None,
        after: None,
    }
}
