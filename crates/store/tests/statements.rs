//! How many statements uploads and findings that stay cost, counted as sqlx logs them, on both databases.
//!
//! A process of its own, because the counter sees every statement of the process.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what it expected and ends")]

#[path = "contract/world.rs"]
#[expect(dead_code, unused_macros, unused_imports, reason = "shared with the contract suite, which uses all of it")]
mod world;

use fettle_store::KeptFindings;
use std::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use world::{World, inventory};

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Collects the statements that sqlx logs.
struct Counter;

struct Summary(String);

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut summary = Summary(String::new());
        event.record(&mut summary);
        SEEN.lock().expect("the list").push(summary.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The statements since the last call, without those of transactions and of connecting.
fn statements() -> Vec<String> {
    let all = std::mem::take(&mut *SEEN.lock().expect("the list"));
    let own = |text: &String| ["BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "LOCK"].iter().any(|word| text.trim_matches('"').starts_with(word));
    all.into_iter().filter(|text| !own(text)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_take_three_statements_and_many_share_them_as_findings_that_stay_do() {
    tracing::subscriber::set_global_default(Counter).expect("the only one");
    let worlds = [Some(World::sqlite().await), World::postgres().await];
    for world in worlds.into_iter().flatten() {
        let assets = world.assets(32).await;
        statements();
        world.store.record_upload(world.upload(assets[0], inventory("alone", 500))).await.expect("recorded");
        let alone = statements();
        assert_eq!(alone.len(), 3, "{alone:#?}");
        let mut gate = world.hold_writers().await;
        let mut all: Vec<_> =
            assets.iter().map(|asset| Box::pin(world.store.record_upload(world.upload(*asset, inventory("many", 500))))).collect();
        for upload in &mut all {
            // After one poll an upload waits in the queue; the first of them are being written, and wait for the gate.
            assert!(futures::poll!(upload.as_mut()).is_pending());
        }
        sqlx::query("ROLLBACK").execute(&mut gate).await.expect("opens the gate");
        for outcome in futures::future::join_all(all).await {
            outcome.expect("recorded");
        }
        let together = statements();
        assert!((3..=6).contains(&together.len()), "two groups at most: {together:#?}");
        let mut kept = Vec::new();
        for &asset in &assets {
            let record = world.store.asset(asset).await.expect("answers").expect("is there");
            kept.push(KeptFindings { asset, mark: record.mark() });
        }
        statements();
        assert_eq!(world.store.raise_findings(&kept, 1, 2).await.expect("raised").len(), 32);
        let raising = statements();
        assert!((3..=4).contains(&raising.len()), "PostgreSQL locks the rows: {raising:#?}");
    }
}
