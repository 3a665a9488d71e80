//! Between the store and what the API takes and shows of feeds.

use super::feed::{FeedBody, FeedConfigBody, FeedState};
use crate::App;
use crate::api::problem::{FieldError, Problem};
use crate::work;
use fettle_catalog::{FeedConfig, Folders};
use fettle_model::ids::FeedId;
use fettle_store::FeedRecord;
use serde_json::Value;

/// Longest name, in characters.
const MAX_NAME: usize = 200;

/// One feed.
pub(super) fn body(app: &App, feed: FeedRecord) -> Result<FeedBody, Problem> {
    let next_sync = work::next_sync(&feed);
    let config = serde_json::from_value(feed.config).map_err(|error| Problem::internal(&error))?;
    let state = feed.state;
    let progress = match app.sync_progress.of(feed.id) {
        None if state.requested => Some("waiting for its turn".to_owned()),
        progress => progress,
    };
    let state = FeedState {
        last_attempt: state.last_attempt,
        last_success: state.last_success,
        next_sync,
        error: state.error,
        warnings: state.warnings,
        added: state.added,
        changed: state.changed,
        withdrawn: state.withdrawn,
        patches: state.patches,
        facts: state.facts,
        progress,
    };
    Ok(FeedBody { id: feed.id, name: feed.name, config, enabled: feed.enabled, state })
}

/// Checks a configuration and gives it as the store keeps it: the API's shape is the catalog's own.
pub(super) fn config(app: &App, feed: FeedId, given: &FeedConfigBody) -> Result<Value, Problem> {
    let value = serde_json::to_value(given).map_err(|error| Problem::internal(&error))?;
    let config: FeedConfig = serde_json::from_value(value.clone()).map_err(|error| Problem::invalid_field("config", error.to_string()))?;
    let flaws = config.check(&Folders::new(&app.settings.data, &feed.to_string()));
    if flaws.is_empty() {
        return Ok(value);
    }
    Err(Problem::invalid(flaws.into_iter().map(|flaw| FieldError::new(format!("config.{}", flaw.field), flaw.message)).collect()))
}

/// Checks a name.
pub(super) fn name(given: &str) -> Result<String, Problem> {
    let name = given.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid_field("name", format!("must be plain text of 1 to {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}
