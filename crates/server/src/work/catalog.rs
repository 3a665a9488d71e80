//! Bringing the catalog up to date.

use super::{Reconciler, WorkError, store};
use crate::{App, Event};
use fettle_catalog::{Content, Feed, FeedConfig, Fingerprint, Folders, Progress, Step, Synced};
use fettle_model::ids::FeedId;
use fettle_store::{FactsReport, FeedRecord, ImportNote, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// Vendors publish a few times a day; asking costs them and us one small request.
const PACE: SignedDuration = SignedDuration::from_hours(4);
/// After a failure it is tried again sooner.
const RETRY: SignedDuration = SignedDuration::from_mins(15);

/// How far synchronisations are: one line per feed that is at work.
#[derive(Debug, Default)]
pub struct SyncProgress(Mutex<HashMap<FeedId, String>>);

impl SyncProgress {
    /// What a feed's synchronisation is doing; `None` when none is at work.
    #[must_use]
    pub fn of(&self, feed: FeedId) -> Option<String> {
        self.lines().get(&feed).cloned()
    }

    fn set(&self, feed: FeedId, line: Option<String>) -> bool {
        let mut lines = self.lines();
        let before = lines.get(&feed);
        if before == line.as_ref() {
            return false;
        }
        match line {
            Some(line) => lines.insert(feed, line),
            None => lines.remove(&feed),
        };
        true
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, HashMap<FeedId, String>> {
        // A panic elsewhere cannot leave the map half changed: every use is one call on it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes on what a synchronisation tells, for the status page and whoever watches.
struct Told<'a> {
    app: &'a App,
    feed: FeedId,
}

impl Progress for Told<'_> {
    fn report(&self, step: &Step) {
        if self.app.sync_progress.set(self.feed, Some(step.to_string())) {
            self.app.tell(Event::Feed(self.feed));
        }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.app.sync_progress.set(self.feed, None);
        self.app.tell(Event::Feed(self.feed));
    }
}

/// What an import was made from. The one before is forgotten before the import is stored, and this one is kept after, so that
/// a crash between makes the next synchronisation do too much, never too little.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    fingerprint: Fingerprint,
    /// All feeds there were. A patch belongs to the first feed that carries it, so another set of feeds can
    /// make an unchanged feed's import come out differently.
    feeds: BTreeSet<FeedId>,
}

/// Stands where nothing is known of what an import was made from.
const FORGOTTEN: &str = "null";

/// Synchronises feeds that are due or asked for. One feed's failure does not keep the others back.
pub(super) async fn sync(app: &App) -> Result<String, WorkError> {
    let feeds = app.store.feeds().await.map_err(store("read the feeds"))?;
    let all: BTreeSet<FeedId> = feeds.iter().map(|feed| feed.id).collect();
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for feed in feeds.iter().filter(|feed| is_due(feed, app.clock.now())) {
        let synced = tokio::select! {
            () = app.stopping.cancelled() => break,
            synced = Box::pin(sync_feed(app, feed, &all)) => synced,
        };
        match synced {
            Ok(result) => done.push(format!("{}: {result}", feed.name)),
            Err(why) => {
                let noted = app.store.note_sync(feed.id, app.clock.now(), Some(&why)).await;
                noted.map_err(store("note that a synchronisation failed"))?;
                failed.push(format!("{}: {why}", feed.name));
            }
        }
        app.tell(Event::Feed(feed.id));
    }
    if failed.is_empty() { Ok(done.join("; ")) } else { Err(WorkError::Some(failed.join("; "))) }
}

/// When a feed is synchronised next by itself: at once after it was made. `None` while it is switched off.
#[must_use]
pub fn next_sync(feed: &FeedRecord) -> Option<Timestamp> {
    let pace = if feed.state.error.is_some() { RETRY } else { PACE };
    let Some(at) = feed.state.last_attempt else { return feed.enabled.then_some(feed.created_at) };
    // A time too late to be written down never comes.
    at.checked_add(pace).ok().filter(|_| feed.enabled)
}

fn is_due(feed: &FeedRecord, now: Timestamp) -> bool {
    feed.state.requested || next_sync(feed).is_some_and(|at| at <= now)
}

async fn sync_feed(app: &App, record: &FeedRecord, all: &BTreeSet<FeedId>) -> Result<String, String> {
    let told = Told { app, feed: record.id };
    let config: FeedConfig =
        serde_json::from_value(record.config.clone()).map_err(|error| format!("its configuration cannot be read: {error}"))?;
    let feed = Feed { name: record.name.clone(), config };
    let folders = Folders::new(&app.settings.data, &record.id.to_string());
    let key = format!("feed-made:{}", record.id);
    let failed = |error: StoreError| crate::gateway::chain(&error);
    let made: Option<Made> = app.store.meta(&key).await.map_err(failed)?.and_then(|text| serde_json::from_str(&text).ok());
    let since = made.filter(|made| made.feeds == *all).map(|made| made.fingerprint);
    let synced = Box::pin(fettle_catalog::sync(&feed, since.as_ref(), &folders, &app.fetcher, app.clock.as_ref(), &told)).await;
    match synced.map_err(|error| error.full_text())? {
        Synced::Unchanged { warnings } => {
            warnings.iter().for_each(|warning| tracing::warn!(feed = %record.name, "{warning}"));
            app.store.note_sync(record.id, app.clock.now(), None).await.map_err(failed)?;
            Ok("nothing new".to_owned())
        }
        Synced::Changed { content, warnings, summary: _, fingerprint } => {
            let note = ImportNote { now: app.clock.now(), warnings };
            // Forgotten first: were this server killed in between, and did the vendor go back to the state before, that
            // state would be taken for what is stored.
            app.store.set_meta(&key, FORGOTTEN).await.map_err(failed)?;
            let told = take(app, record.id, content, &note).await.map_err(failed)?;
            let made = Made { fingerprint, feeds: all.clone() };
            let text = serde_json::to_string(&made).map_err(|error| error.to_string())?;
            app.store.set_meta(&key, &text).await.map_err(failed)?;
            app.signals.ask(Reconciler::Reassess);
            Ok(told)
        }
    }
}

/// Stores what a feed carries, and tells in one line what that changed.
async fn take(app: &App, feed: FeedId, content: Content, note: &ImportNote) -> Result<String, StoreError> {
    Ok(match content {
        Content::Patches(patches) => {
            let report = app.store.apply_import(feed, &patches, note).await?;
            let (added, changed, withdrawn) = (report.added.len(), report.changed.len(), report.withdrawn.len());
            format!("{added} patches added, {changed} changed, {withdrawn} withdrawn")
        }
        Content::Facts(facts) => {
            let FactsReport { added, changed, removed, .. } = app.store.replace_facts(feed, &facts, note).await?;
            format!("{added} vulnerabilities added, {changed} changed, {removed} removed")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_store::FeedState;
    use uuid::Uuid;

    fn feed(state: FeedState, enabled: bool) -> FeedRecord {
        let created_at = Timestamp::UNIX_EPOCH;
        FeedRecord { id: FeedId(Uuid::from_u128(1)), name: "main".into(), config: serde_json::Value::Null, enabled, created_at, state }
    }

    #[test]
    fn feeds_are_due_when_new_asked_for_or_old() {
        let now: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        let tried = |ago: SignedDuration, error: Option<&str>| FeedState {
            last_attempt: Some(now - ago),
            error: error.map(str::to_owned),
            ..FeedState::default()
        };
        assert!(is_due(&feed(FeedState::default(), true), now));
        assert!(!is_due(&feed(FeedState::default(), false), now));
        assert!(!is_due(&feed(tried(PACE - SignedDuration::from_secs(1), None), true), now));
        assert!(is_due(&feed(tried(PACE, None), true), now));
        assert!(is_due(&feed(tried(RETRY, Some("no answer")), true), now));
        assert!(!is_due(&feed(tried(RETRY, None), true), now));
        let asked = FeedState { requested: true, ..tried(SignedDuration::ZERO, None) };
        assert!(is_due(&feed(asked.clone(), true), now));
        assert!(is_due(&feed(asked, false), now), "switched off means only: not by itself");
        assert_eq!(next_sync(&feed(tried(SignedDuration::ZERO, None), true)), Some(now + PACE));
        assert_eq!(next_sync(&feed(tried(SignedDuration::ZERO, Some("no answer")), true)), Some(now + RETRY));
        assert_eq!(next_sync(&feed(tried(SignedDuration::ZERO, None), false)), None);
    }

    #[test]
    fn progress_says_when_it_changed() {
        let progress = SyncProgress::default();
        let id = FeedId(Uuid::from_u128(1));
        assert!(progress.set(id, Some("reading".into())));
        assert!(!progress.set(id, Some("reading".into())));
        assert_eq!(progress.of(id).as_deref(), Some("reading"));
        assert!(progress.set(id, None));
        assert_eq!(progress.of(id), None);
    }
}
