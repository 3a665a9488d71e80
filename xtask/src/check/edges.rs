//! Which crate may use which. An edge that is not in the table is forbidden; adding one is a decision and
//! wants a record in `docs/decisions`.

use anyhow::{Context, Result};
use serde_json::Value;

/// A room, the rooms it may use, and why no others.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    /// Further rooms for its tests.
    tests_may_use: &'static [&'static str],
    because: &'static str,
}

const ROOMS: &[Room] = &[
    Room { name: "model", may_use: &[], tests_may_use: &[], because: "the domain's words stand alone" },
    Room { name: "catalog", may_use: &["model"], tests_may_use: &[], because: "feeds know patches and nothing of who runs them" },
    Room { name: "deploy", may_use: &["model"], tests_may_use: &[], because: "jobs are pure; what happened is told to them" },
    Room { name: "protocol", may_use: &["model", "deploy"], tests_may_use: &[], because: "messages carry words, manifests and reports" },
    Room { name: "query", may_use: &["model"], tests_may_use: &[], because: "the language knows names and types, and no data" },
    Room {
        name: "fleet",
        may_use: &["model", "query"],
        tests_may_use: &["catalog"],
        because: "assessment needs records, not where they came from",
    },
    Room {
        name: "store",
        may_use: &["model", "catalog", "deploy", "fleet", "protocol", "query"],
        tests_may_use: &[],
        because: "the store keeps what others define and knows nothing of HTTP",
    },
    Room {
        name: "server",
        may_use: &["model", "catalog", "deploy", "fleet", "protocol", "query", "store"],
        tests_may_use: &["agent", "sim"],
        because: "the server never contains the agent",
    },
    Room {
        name: "agent",
        may_use: &["model", "deploy", "protocol"],
        tests_may_use: &[],
        because: "the agent is small and knows no server internals",
    },
    Room {
        name: "sim",
        may_use: &["model", "query", "fleet", "deploy", "protocol", "agent"],
        tests_may_use: &[],
        because: "a simulated fleet is made of agents, or of numbers that fill an index",
    },
    Room {
        name: "oracle",
        may_use: &["model", "catalog", "fleet", "query"],
        tests_may_use: &[],
        because: "judges ask what decides, and neither store nor server",
    },
];

/// A foreign crate and the only rooms that may use it.
struct Fenced {
    name: &'static str,
    only: &'static [&'static str],
    because: &'static str,
}

const FENCED: &[Fenced] = &[
    Fenced { name: "sqlx", only: &["store"], because: "no SQL outside the store" },
    Fenced { name: "axum", only: &["server"], because: "no HTTP types outside the server" },
    Fenced { name: "hyper", only: &["server"], because: "no HTTP types outside the server" },
    Fenced { name: "reqwest", only: &["catalog", "server", "agent", "sim"], because: "only feeds, agents and command lines speak HTTP" },
    Fenced {
        name: "tokio",
        only: &["catalog", "store", "server", "agent", "sim"],
        because: "model, fleet, deploy and protocol do no input or output",
    },
    Fenced { name: "getrandom", only: &["server", "agent"], because: "chance comes in as an argument" },
    Fenced { name: "anyhow", only: &["server", "agent", "sim", "oracle"], because: "libraries name their errors" },
];

/// Every forbidden edge in cargo's metadata.
pub(super) fn findings(metadata: &str) -> Result<Vec<String>> {
    let metadata: Value = serde_json::from_str(metadata).context("cargo metadata printed something unexpected")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut findings = Vec::new();
    for package in packages {
        let Some(room_name) = package["name"].as_str().and_then(|name| name.strip_prefix("fettle-")) else { continue };
        let Some(room) = ROOMS.iter().find(|room| room.name == room_name) else {
            findings.push(format!("{room_name}: a crate that is not in the table of rooms"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"].as_str().unwrap_or_default();
            findings.extend(judge(room, used, dependency["kind"].as_str() == Some("dev")));
        }
    }
    Ok(findings)
}

fn judge(room: &Room, used: &str, in_tests: bool) -> Option<String> {
    if let Some(other) = used.strip_prefix("fettle-") {
        let fine = room.may_use.contains(&other) || (in_tests && room.tests_may_use.contains(&other));
        return (!fine).then(|| format!("{} may not use {other}: {}", room.name, room.because));
    }
    let fence = FENCED.iter().find(|fence| fence.name == used)?;
    (!in_tests && !fence.only.contains(&room.name)).then(|| format!("{} may not use {used}: {}", room.name, fence.because))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, uses: &str, kind: Option<&str>) -> String {
        serde_json::json!({"packages": [{"name": name, "dependencies": [{"name": uses, "kind": kind}]}]}).to_string()
    }

    #[test]
    fn a_forbidden_edge_is_found_and_says_why() {
        let found = findings(&package("fettle-model", "fettle-store", None)).expect("valid");
        assert_eq!(found, ["model may not use store: the domain's words stand alone"]);
        let found = findings(&package("fettle-server", "sqlx", None)).expect("valid");
        assert_eq!(found, ["server may not use sqlx: no SQL outside the store"]);
    }

    #[test]
    fn an_allowed_edge_is_not_found() {
        assert!(findings(&package("fettle-catalog", "fettle-model", None)).expect("valid").is_empty());
        assert!(findings(&package("fettle-server", "fettle-sim", Some("dev"))).expect("valid").is_empty());
        assert!(!findings(&package("fettle-server", "fettle-sim", None)).expect("valid").is_empty());
    }

    #[test]
    fn an_unknown_room_is_found() {
        assert_eq!(findings(&package("fettle-attic", "serde", None)).expect("valid").len(), 1);
    }
}
