//! Log-in sessions: cookies, and how long they last.

use super::secret;
use crate::App;
use crate::api::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, header};
use fettle_model::ids::UserId;
use fettle_store::SessionRecord;
use jiff::{SignedDuration, Timestamp};

/// A session that is not used ends after this time: a working day with its breaks.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// However much it is used, a session ends after this time.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The cookie's name. The prefix makes browsers insist on HTTPS, the whole host and the root path, which
/// plain HTTP on a loopback address cannot offer.
#[must_use]
pub fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-fettle" } else { "fettle" }
}

/// The session's token in a request.
#[must_use]
pub fn cookie(headers: &HeaderMap, https: bool) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie_name(https)).map(|(_, value)| value.to_owned())
}

/// When a session ends that is used now.
#[must_use]
pub fn end(created_at: Timestamp, now: Timestamp) -> Timestamp {
    let idle = now.checked_add(IDLE).unwrap_or(Timestamp::MAX);
    let longest = created_at.checked_add(LONGEST).unwrap_or(Timestamp::MAX);
    idle.min(longest)
}

/// A session just begun: its record, and the header that gives it to the browser.
///
/// # Errors
/// When the database fails.
pub async fn begin(app: &App, user: UserId, from: &str) -> Result<(SessionRecord, HeaderValue), Problem> {
    let now = app.clock.now();
    let token = secret::make(app.entropy.as_ref());
    let record = SessionRecord {
        token_hash: secret::hash(&token),
        user,
        csrf_token: secret::make(app.entropy.as_ref()),
        from: from.to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: end(now, now),
    };
    app.store.create_session(&record).await?;
    let header = set_cookie(&token, LONGEST.as_secs(), app.settings.console_tls.is_https())?;
    Ok((record, header))
}

/// The header that takes the cookie away.
///
/// # Errors
/// Never, in fact: the text is fixed.
pub fn forget(app: &App) -> Result<HeaderValue, Problem> {
    set_cookie("", 0, app.settings.console_tls.is_https())
}

fn set_cookie(value: &str, max_age: i64, https: bool) -> Result<HeaderValue, Problem> {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}", cookie_name(https));
    HeaderValue::try_from(text).map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_carry_all_their_flags() {
        let header = set_cookie("abc", 60, true).expect("a header");
        assert_eq!(header, "__Host-fettle=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
        let plain = set_cookie("abc", 60, false).expect("a header");
        assert_eq!(plain, "fettle=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; fettle=xyz"));
        assert_eq!(cookie(&headers, false).as_deref(), Some("xyz"));
        assert_eq!(cookie(&headers, true), None);
    }

    #[test]
    fn use_prolongs_a_session_but_not_for_ever() {
        let made = Timestamp::from_second(0).expect("in range");
        let later = made.checked_add(SignedDuration::from_hours(10)).expect("in range");
        assert_eq!(end(made, later), later.checked_add(IDLE).expect("in range"));
        let late = made.checked_add(SignedDuration::from_hours(7 * 24 - 1)).expect("in range");
        assert_eq!(end(made, late), made.checked_add(LONGEST).expect("in range"));
    }
}
