//! The server, as seen through its API.

use super::{Finding, chain};
use crate::cli::Globals;
use crate::cli::answer::{items, text};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::moment::ago;
use jiff::Timestamp;
use serde_json::Value;

/// More difference than this and agents are refused; half of it is worth a word.
const SKEW_SECONDS: i64 = 300;
/// A feed that has not succeeded for this long is behind: feeds are read several times a day.
const OLD_SECONDS: i64 = 2 * 86_400;

/// Checks what a logged-in client can see; says so when there is no login.
pub(super) async fn check(globals: &Globals, now: Timestamp) -> Vec<Finding> {
    let client = match Client::connect(globals) {
        Ok(client) => client,
        Err(error) => return vec![Finding::warn("server", "not asked", error.to_string())],
    };
    let status = match client.stream("/status", &[]).await {
        Ok(answer) => {
            let skew = skew(&answer, now);
            match client.json(answer).await {
                Ok(status) => (skew, status),
                Err(error) => return vec![unwell(&error)],
            }
        }
        Err(error) => return vec![unwell(&error)],
    };
    let (skew, status) = status;
    let mut findings = vec![Finding::ok("server", format!("{} answers, version {}", client.server(), text(&status, "/version")))];
    findings.extend(skew);
    findings.extend(reconcilers(&status));
    match client.all("/feeds", &[], None).await {
        Ok(feeds) if feeds.is_empty() => {
            findings.push(Finding::warn("feeds", "there are none", "add some: `fettle feeds from-machine` or `fettle feeds add`"));
        }
        Ok(feeds) => findings.extend(feeds.iter().map(|item| feed(item, now))),
        Err(CliError::Refused(problem)) if problem.status == 403 => {
            findings.push(Finding::warn("feeds", "your role may not look at them", "run this as a patch manager"));
        }
        Err(error) => findings.push(unwell(&error)),
    }
    findings
}

fn unwell(error: &CliError) -> Finding {
    Finding::fail(
        "server",
        chain(error),
        "start it with `fettle serve --data DIR`, or check --server and FETTLE_SERVER; then look into its log",
    )
}

fn skew(answer: &reqwest::Response, now: Timestamp) -> Option<Finding> {
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let seconds = (theirs.as_second() - now.as_second()).abs();
    Some(if seconds <= SKEW_SECONDS {
        Finding::ok("clocks", format!("this machine and the server agree to {seconds} s"))
    } else {
        Finding::fail("clocks", format!("this machine and the server differ by {seconds} s"), "synchronise both with a time service")
    })
}

fn reconcilers(status: &Value) -> Vec<Finding> {
    let failed = items(status, "/reconcilers").iter().filter(|item| !text(item, "/error").is_empty());
    failed
        .map(|item| Finding::warn(&text(item, "/name"), text(item, "/error"), "it is tried again by itself; look into the server's log"))
        .collect()
}

fn feed(feed: &Value, now: Timestamp) -> Finding {
    let subject = format!("feed {}", text(feed, "/name"));
    let again = format!("try again with `fettle feeds sync {}`", text(feed, "/id"));
    if feed["enabled"] == Value::Bool(false) {
        return Finding::ok(&subject, "switched off");
    }
    let error = text(feed, "/state/error");
    if !error.is_empty() {
        return Finding::fail(&subject, error, format!("mend what it says, then {again}"));
    }
    let last = text(feed, "/state/last_success").parse::<Timestamp>();
    let found = format!("last success {}", ago(feed, "/state/last_success", now));
    match last {
        Ok(last) if now.as_second() - last.as_second() <= OLD_SECONDS => Finding::ok(&subject, found),
        _ => Finding::warn(&subject, found, again),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({ "enabled": true, "state": { "last_success": "2029-12-31T12:00:00Z", "error": null } }), Verdict::Ok)]
    #[case(json!({ "enabled": true, "state": { "last_success": "2029-12-20T12:00:00Z", "error": null } }), Verdict::Warn)]
    #[case(json!({ "enabled": true, "state": { "last_success": null, "error": null } }), Verdict::Warn)]
    #[case(json!({ "enabled": true, "state": { "last_success": "2029-12-31T12:00:00Z", "error": "no route" } }), Verdict::Fail)]
    #[case(json!({ "enabled": false, "state": { "last_success": null, "error": "no route" } }), Verdict::Ok)]
    fn a_feed_is_well_when_it_succeeded_lately(#[case] record: Value, #[case] verdict: Verdict) {
        let now = "2030-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(feed(&record, now).verdict, verdict);
    }
}
