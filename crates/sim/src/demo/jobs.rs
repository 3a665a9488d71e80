//! Jobs in every state: done with some failures, at work, waiting for their time, switched off, half made.

use super::{Api, Tags, private_file};
use anyhow::Result;
use fettle_model::clock::Clock;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Longest wait for a job of the demonstration to end before the next is made.
const PATIENCE: Duration = Duration::from_secs(180);

/// Makes the jobs once.
pub(super) async fn make(api: &Api, tags: &Tags, out: &Path, clock: &dyn Clock) -> Result<()> {
    let mark = out.join("jobs-made");
    if mark.exists() {
        return Ok(());
    }
    let security = missing(api, "security").await?;
    let others = missing(api, "non-security").await?;
    if security.is_empty() {
        eprintln!("No asset misses a patch, so no jobs were made.");
        return Ok(());
    }
    let tag = |path: &str| json!({ "include_tags": tags.get(path).into_iter().collect::<Vec<_>>() });
    let on_demand = json!({ "type": "on_demand" });
    let job = |name: &str, kind: &str, patches: &[String], assets: Value, schedule: &Value, enable: bool| {
        let body = json!({
            "name": name, "kind": kind, "patches": patches, "assets": assets, "schedule": schedule, "enable": enable,
            "description": "Part of the demonstration",
        });
        async move { api.post("/jobs", &body).await }
    };
    let security: Vec<String> = ids(&security, |_| true);
    let (others, returnable) = (ids(&others, |_| true), ids(&others, |patch| patch["rollback"] == true));
    let pilot = job("Security updates, pilot machines", "install", part(&security, 0, 12), tag("Pilot"), &on_demand, true).await?;
    let id = super::api::text(&pilot, "id")?;
    api.wait(PATIENCE, &format!("/jobs/{id}"), |job| job["status"] == "completed").await?;
    job("Security updates, Singapore", "install", part(&security, 0, 30), tag("Sites/Singapore"), &on_demand, true).await?;
    let hour = clock.now().round(jiff::Unit::Hour).unwrap_or_else(|_| clock.now());
    let tonight = hour.checked_add(SignedDuration::from_hours(20)).ok();
    let once = json!({ "type": "once", "at": tonight });
    job("Browser and mail updates, Berlin", "install", part(&security, 12, 20), tag("Sites/Berlin"), &once, true).await?;
    job("Maintenance updates, test environment", "install", part(&others, 0, 20), tag("Environments/Test"), &once, false).await?;
    job("Everything else, production", "install", part(&others, 20, 40), json!({}), &Value::Null, false).await?;
    job("Take back the newest, pilot machines", "uninstall", part(&returnable, 0, 1), tag("Pilot"), &on_demand, false).await?;
    private_file(&mark, b"")
}

/// The patches of a category that most assets miss and nothing newer replaces.
async fn missing(api: &Api, category: &str) -> Result<Vec<Value>> {
    let query = format!("patchStatus:missing+isSuperseded:no+category:{category}");
    let mut page = api.get(&format!("/patches?query={query}&sort=-missingCount&limit=60")).await?;
    Ok(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// Ids of the patches that are wanted.
fn ids(patches: &[Value], wanted: impl Fn(&Value) -> bool) -> Vec<String> {
    patches.iter().filter(|patch| wanted(patch)).filter_map(|patch| patch["id"].as_str().map(str::to_owned)).collect()
}

/// Some of a list, as far as it goes.
fn part(ids: &[String], from: usize, to: usize) -> &[String] {
    ids.get(from.min(ids.len())..to.min(ids.len())).unwrap_or_default()
}
