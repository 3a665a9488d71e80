//! Recognising who sent a request.

use super::secret::{self, TOKEN_PREFIX};
use super::session;
use crate::App;
use crate::api::problem::Problem;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::TokenId;
use fettle_model::tag;
use fettle_store::{SessionRecord, StoreError, TokenRecord, UserRecord};
use jiff::{SignedDuration, Timestamp};
use std::net::SocketAddr;
use subtle::ConstantTimeEq;

/// Header that carries the session's CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// A use is written down at most this often, so that reading costs no write.
const NOTE_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Who sent a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whom decisions are made for.
    pub actor: Actor,
    /// Their name.
    pub name: String,
    /// Where the request came from.
    pub from: String,
    /// How they were recognised.
    pub via: Via,
}

/// How a caller was recognised.
#[derive(Debug, Clone)]
pub enum Via {
    /// By a session cookie.
    Session {
        /// Names the session in the store.
        token_hash: Sha256Digest,
        /// What writes must carry.
        csrf_token: String,
    },
    /// By an API token.
    Token {
        /// The token.
        id: TokenId,
        /// When it ends.
        expires_at: Option<Timestamp>,
    },
}

/// Recognises the caller of a request, or refuses it.
pub(super) async fn recognise(app: &App, parts: &Parts) -> Result<Caller, Problem> {
    let from = address(parts);
    match parts.headers.get(header::AUTHORIZATION) {
        // A header that was sent is what counts: falling back to a cookie would let a bad token pass.
        Some(value) => by_token(app, value.to_str().unwrap_or_default(), from).await,
        None => by_cookie(app, parts, from).await,
    }
}

/// Where a request came from, as text.
pub(super) fn address(parts: &Parts) -> String {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or_else(|| "unknown".to_owned(), |ConnectInfo(peer)| peer.ip().to_canonical().to_string())
}

async fn by_token(app: &App, header: &str, from: String) -> Result<Caller, Problem> {
    let (scheme, token) = header.split_once(' ').unwrap_or_default();
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || !token.starts_with(TOKEN_PREFIX) {
        return Err(Problem::unauthenticated());
    }
    let now = app.clock.now();
    let found = app.store.token_by_hash(secret::hash(token), now).await?;
    let (token, user) = found.ok_or_else(Problem::unauthenticated)?;
    if token.last_used_at.is_none_or(|used| now.duration_since(used) >= NOTE_EVERY) {
        app.store.touch_token(token.id, now).await?;
    }
    let actor = token_actor(app, &token, &user).await?;
    Ok(Caller { actor, name: user.name, from, via: Via::Token { id: token.id, expires_at: token.expires_at } })
}

/// A token acts with its own role and scope, and never with more than its maker has now.
async fn token_actor(app: &App, token: &TokenRecord, user: &UserRecord) -> Result<Actor, StoreError> {
    let role = lesser(token.role, user.role);
    // A super user sees everything whatever is written beside the role; a token of theirs with a smaller
    // role does not.
    let makers = if user.role == Role::SuperUser { Scope::Everything } else { expand(app, &user.scope).await? };
    let own = expand(app, &token.scope).await?;
    let scope = match (makers, own) {
        (Scope::Everything, scope) | (scope, Scope::Everything) => scope,
        (Scope::Tags(makers), Scope::Tags(own)) => Scope::Tags(&makers & &own),
    };
    Ok(Actor::new(user.id, role, scope))
}

/// The lesser of two roles; of two that stand beside each other, what both include.
fn lesser(one: Role, other: Role) -> Role {
    match (one.includes(other), other.includes(one)) {
        (_, true) => one,
        (true, false) => other,
        (false, false) => Role::PatchReader,
    }
}

async fn by_cookie(app: &App, parts: &Parts, from: String) -> Result<Caller, Problem> {
    let token = session::cookie(&parts.headers, app.settings.console_tls.is_https()).ok_or_else(Problem::unauthenticated)?;
    let now = app.clock.now();
    let token_hash = secret::hash(&token);
    let (session, user) = app.store.session(token_hash, now).await?.ok_or_else(Problem::unauthenticated)?;
    if !parts.method.is_safe() && !carries_csrf_token(&parts.headers, &session) {
        return Err(csrf());
    }
    if now.duration_since(session.last_seen_at) >= NOTE_EVERY {
        app.store.touch_session(token_hash, now, session::end(session.created_at, now)).await?;
    }
    let actor = actor(app, &user).await?;
    Ok(Caller { actor, name: user.name, from, via: Via::Session { token_hash, csrf_token: session.csrf_token } })
}

fn carries_csrf_token(headers: &HeaderMap, session: &SessionRecord) -> bool {
    let given = headers.get(CSRF_HEADER).map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    given.ct_eq(session.csrf_token.as_bytes()).into()
}

fn csrf() -> Problem {
    let detail = "Send the csrf_token of GET /api/v1/session as X-CSRF-Token with every write.";
    Problem::new(StatusCode::FORBIDDEN, "csrf", "The request does not prove that it comes from the console.", detail)
}

/// The actor a user is, with the children of their tags.
pub async fn actor(app: &App, user: &UserRecord) -> Result<Actor, StoreError> {
    Ok(Actor::new(user.id, user.role, expand(app, &user.scope).await?))
}

/// A scope with the children of its tags, as decisions want it.
pub async fn expand(app: &App, scope: &Scope) -> Result<Scope, StoreError> {
    match scope {
        Scope::Everything => Ok(Scope::Everything),
        Scope::Tags(tags) if tags.is_empty() => Ok(Scope::Tags(tags.clone())),
        Scope::Tags(tags) => Ok(Scope::Tags(tag::with_children(&app.store.tags().await?, tags))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_has_more_than_its_maker() {
        for &token in Role::ALL {
            for &maker in Role::ALL {
                let role = lesser(token, maker);
                assert!(token.includes(role) && maker.includes(role), "{token} and {maker} gave {role}");
            }
        }
    }
}
