//! Users of each role, with scopes of their own.

use super::{Api, Tags, private_file};
use anyhow::{Context, Result};
use fettle_model::clock::Entropy;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Names and passwords, for whoever shows the demonstration.
pub(super) const FILE: &str = "users.json";

/// Name, role, and the tags that are seen; none means everything.
const PEOPLE: &[(&str, &str, &[&str])] = &[
    ("maria.manager", "patch_manager", &[]),
    ("berlin.operator", "patch_user", &["Sites/Berlin"]),
    ("newyork.operator", "patch_user", &["Sites/New York"]),
    ("sam.security", "patch_security", &[]),
    ("dana.dashboards", "patch_dashboard_author", &["Environments/Production"]),
    ("rick.reader", "patch_reader", &["Sites/London", "Sites/Paris"]),
];

/// Makes those who are not there yet, each with a password by chance.
pub(super) async fn make(api: &Api, tags: &Tags, out: &Path, entropy: &dyn Entropy) -> Result<()> {
    let path = out.join(FILE);
    let mut passwords: BTreeMap<String, String> = match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged: remove it", path.display()))?,
        Err(_) => BTreeMap::new(),
    };
    let known = api.all("/users").await?;
    for (name, role, sees) in PEOPLE {
        if known.iter().any(|user| user["name"] == *name) {
            continue;
        }
        let password = passwords.entry((*name).to_owned()).or_insert_with(|| new_password(entropy)).clone();
        // Written before the user exists: a password that nobody knows would be of no use.
        private_file(&path, &serde_json::to_vec_pretty(&passwords)?)?;
        let ids: Vec<&String> = sees.iter().filter_map(|path| tags.get(*path)).collect();
        let scope = if sees.is_empty() { json!({ "everything": true }) } else { json!({ "tags": ids }) };
        api.post("/users", &json!({ "name": name, "role": role, "password": password, "scope": scope })).await?;
    }
    Ok(())
}

fn new_password(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 15];
    entropy.fill(&mut bytes);
    data_encoding::BASE32_NOPAD.encode(&bytes).to_lowercase()
}
