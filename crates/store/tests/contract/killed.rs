//! A process that is killed in the middle loses nothing that it had acknowledged.

use crate::world::{START, World, contract, inventory};
use fettle_model::clock::ManualClock;
use fettle_model::ids::AssetId;
use fettle_store::Store;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const URL: &str = "FETTLE_TEST_KILLED_URL";
const ASSETS: &str = "FETTLE_TEST_KILLED_ASSETS";

contract! {
    async fn acknowledged_uploads_survive_kill_9(world: &World) {
        let assets = world.assets(60).await;
        let list = assets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let mut child = Command::new(std::env::current_exe().expect("a path"))
            .args(["--exact", "killed::uploads_until_it_is_killed", "--ignored", "--nocapture", "--test-threads=1"])
            .env(URL, &world.url)
            .env(ASSETS, list)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut acknowledged = BTreeSet::new();
        for line in output.lines() {
            let line = line.expect("readable");
            if let Some(asset) = line.split_once("acknowledged ").map(|(_, asset)| asset) {
                acknowledged.insert(asset.parse::<AssetId>().expect("an id"));
            }
            if acknowledged.len() >= 30 {
                // SIGKILL, while the rest is being written; what was said before may still be in the pipe.
                child.kill().expect("killed");
                break;
            }
        }
        child.wait().expect("gone");
        assert!(acknowledged.len() >= 30, "only {} were acknowledged", acknowledged.len());
        let again = world.another_node().await;
        for asset in &acknowledged {
            assert!(again.inventory(*asset).await.expect("answers").is_some(), "{asset} was acknowledged and lost");
        }
        for record in again.assets(None, 100).await.expect("answers") {
            let whole = record.scan.inventory.is_none() || again.inventory(record.id).await.expect("answers").is_some();
            assert!(whole, "{} has half a scan", record.id);
        }
    }
}

/// Not a test: the process that is killed by the one above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by another test"]
async fn uploads_until_it_is_killed() {
    let (Ok(url), Ok(assets)) = (std::env::var(URL), std::env::var(ASSETS)) else { return };
    let clock = ManualClock::new(START.parse().expect("a time"));
    let store = Store::open(&url, &clock, &crate::world::Counting::default()).await.expect("opens");
    let world = crate::world::World::of(store);
    let sent = assets.split(',').map(|asset| {
        let asset: AssetId = asset.parse().expect("an id");
        let upload = world.upload(asset, inventory(&asset.to_string(), 2_000));
        let store = world.store.clone();
        tokio::spawn(async move {
            store.record_upload(upload).await.expect("recorded");
            println!("acknowledged {asset}");
        })
    });
    for task in sent.collect::<Vec<_>>() {
        task.await.expect("runs");
    }
}
