//! From a signed archive to patched machines: the real import, the real agents, the real command line.

use crate::harness::Harness;
use crate::terminal::Terminal;
use fettle_agent::settings::Pace;
use fettle_model::clock::{Clock, Entropy, ManualClock};
use fettle_sim::fleet::Fleet;
use fettle_sim::platform::Tempo;
use fettle_sim::repository::Archive;
use fettle_sim::world::World;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Machines of the fleet.
const COUNT: u32 = 20;

fn fleet(harness: &Harness, world: &Arc<World>, state: &Path) -> Fleet {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&harness.clock);
    let entropy: Arc<dyn Entropy> = Arc::<crate::harness::Seeded>::clone(&harness.entropy);
    Fleet {
        world: Arc::clone(world),
        server: harness.agents().parse().expect("a URL"),
        count: COUNT,
        state: Some(state.to_owned()),
        tempo: Tempo::Instant,
        pace: Pace { retry: (Duration::from_millis(20), Duration::from_millis(200)), ..Pace::default() },
        clock,
        entropy,
    }
}

/// Moves the time on by itself, for those who wait for it.
fn passing_time(harness: &Harness) -> tokio::task::JoinHandle<()> {
    let clock = Arc::clone(&harness.clock);
    tokio::spawn(async move {
        let mut beat = tokio::time::interval(Duration::from_millis(100));
        loop {
            beat.tick().await;
            clock.advance_millis(1_000);
        }
    })
}

async fn add_feeds(terminal: &Terminal, archive: &Archive) {
    for feed in &archive.feeds {
        let config = json!({
            "kind": "debian", "release": feed.release, "sources": feed.sources, "architectures": ["amd64"], "advisories": [&feed.advisories],
        });
        let file = terminal.home().join("feed.json");
        std::fs::write(&file, json!({ "name": feed.name, "config": config }).to_string()).expect("written");
        terminal.run(&["feeds", "add", "--from", &file.display().to_string()]).await.fine();
    }
}

async fn scanned(terminal: &Terminal) -> Vec<Value> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let assets = terminal.json(&["assets"]).await.as_array().expect("a list").clone();
        if assets.len() == COUNT as usize && assets.iter().all(|asset| asset["scan_status"] != "never_scanned") {
            return assets;
        }
        assert!(tokio::time::Instant::now() < deadline, "not all are scanned: {assets:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_simulated_machines_are_patched() {
    let harness = Harness::start().await;
    let time = passing_time(&harness);
    let terminal = Terminal::administrator(&harness).await;
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let world = Arc::new(World::of(11));
    let archive = Archive::make(&scratch.path().join("archive"), &world, harness.now()).expect("an archive");
    add_feeds(&terminal, &archive).await;
    let synced = terminal.run(&["catalog", "sync"]).await.fine().out;
    assert_eq!(synced.lines().filter(|line| line.contains("patches; last change")).count(), archive.feeds.len(), "{synced}");
    let feed = &archive.feeds[0].name;
    let history = terminal.json(&["feeds", "history", feed]).await;
    let named = terminal.run(&["feeds", "history", feed, "1", "--output", "csv"]).await.fine().out;
    let first = history.as_array().and_then(|syncs| syncs.last()).expect("a synchronisation");
    let added = first["added"].as_u64().expect("a count").min(1_000);
    assert_eq!(named.lines().filter(|line| line.starts_with("added,")).count() as u64, added, "{named}");

    terminal.run(&["tags", "create", "All"]).await.fine();
    let key = terminal.json(&["keys", "create", "--title", "Fleet", "--tag", "All"]).await;
    let key: fettle_protocol::key::ActivationKey = key["secret"].as_str().expect("a key").parse().expect("a key");
    let state = scratch.path().join("state");
    let again = key.clone();
    let running = fleet(&harness, &world, &state).start(move |_| key.clone(), Arc::new(|_| ())).await.expect("the fleet runs");
    let assets = scanned(&terminal).await;
    assert!(assets.iter().any(|asset| asset["scan_status"] == "unsupported"), "no Windows in the fleet");
    let before: u64 = assets.iter().filter_map(|asset| asset["latest_missing"].as_u64()).sum();
    assert!(before > 50, "{before} patches are missing");

    let missing =
        terminal.json(&["patches", "patchStatus:missing isSuperseded:no isSecurity:yes", "--sort=-missingCount", "--limit", "12"]).await;
    let patches: Vec<&str> = missing.as_array().expect("a list").iter().filter_map(|patch| patch["id"].as_str()).collect();
    let job = [&["jobs", "create", "--install", "--tag", "All", "--name", "All", "--watch", "--patch"], patches.as_slice()].concat();
    let watched = terminal.run(&job).await;
    assert!(watched.out.contains("assets done"), "{watched:?}");
    let run = terminal.json(&["jobs", "runs", "All"]).await[0].clone();
    let count = |status: &str| {
        let counts = run["asset_status"].as_array().expect("counts");
        counts.iter().find(|count| count["status"] == status).and_then(|count| count["count"].as_u64()).unwrap_or(0)
    };
    let assets_done = count("succeeded") + count("partly_succeeded") + count("failed");
    assert_eq!(run["assets"].as_u64(), Some(assets_done), "{run}");
    assert!(count("succeeded") > 5, "{run}");
    assert_eq!(watched.code == 0, count("succeeded") == assets_done, "the exit code tells whether the run succeeded: {watched:?}");

    let after: u64 = scanned(&terminal).await.iter().filter_map(|asset| asset["latest_missing"].as_u64()).sum();
    assert!(after < before, "{after} of {before} are still missing");
    let stop = CancellationToken::new();
    stop.cancel();
    running.until(stop.cancelled()).await.expect("the fleet ends in order");

    // The same fleet again: nobody enrols anew, and what was installed stays installed.
    let fresh = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let seen = Arc::clone(&fresh);
    let progress = move |progress: fettle_sim::fleet::Progress| seen.store(progress.enrolled, std::sync::atomic::Ordering::SeqCst);
    let running = fleet(&harness, &world, &state).start(move |_| again.clone(), Arc::new(progress)).await.expect("the fleet runs again");
    assert_eq!(fresh.load(std::sync::atomic::Ordering::SeqCst), 0);
    terminal.run(&["assets", "scan", assets[0]["name"].as_str().expect("a name")]).await.fine();
    let later: u64 = scanned(&terminal).await.iter().filter_map(|asset| asset["latest_missing"].as_u64()).sum();
    assert_eq!(later, after);
    running.until(stop.cancelled()).await.expect("the fleet ends in order");
    time.abort();
}
