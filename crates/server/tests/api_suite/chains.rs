//! Chains of patches that replace each other.

use crate::harness::samples::patch;
use crate::world::{World, in_path};
use fettle_model::patch::Patch;
use serde_json::{Value, json};

/// Patches of one package, each replacing the one before.
fn line(package: &str, length: usize) -> Vec<Patch> {
    let mut all: Vec<Patch> = (1..=length).map(|version| patch(package, &version.to_string(), None)).collect();
    let ids: Vec<_> = all.iter().map(|patch| patch.id.clone()).collect();
    all.iter_mut().skip(1).zip(ids).for_each(|(newer, older)| newer.supersedes = vec![older]);
    all
}

fn id(package: &str, version: usize) -> String {
    format!("debian:bookworm:{package}@{version}")
}

async fn chain(world: &World, package: &str, version: usize) -> Value {
    let path = format!("/patches/{}/chain", in_path(&id(package, version)));
    world.root().await.get(&path).await.expect(200)
}

fn column<'a>(chain: &'a Value, name: &str) -> Vec<&'a Value> {
    chain["patches"].as_array().unwrap().iter().map(|patch| &patch[name]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_goes_both_ways_over_others() {
    let world = World::new().await;
    let feed = world.harness.feed("more").await;
    let mut patches = line("vim-tools", 4);
    // Something else that also replaces the second is no part of the chain of the third.
    let mut other = patch("other", "1", None);
    other.supersedes = vec![patches[1].id.clone()];
    patches.push(other);
    world.harness.import(feed, &patches).await;

    let third = chain(&world, "vim-tools", 3).await;
    assert_eq!(column(&third, "id"), [4, 3, 2, 1].map(|version| json!(id("vim-tools", version))).each_ref());
    assert_eq!(column(&third, "distance"), [1, 0, -1, -2].map(Value::from).each_ref());
    assert_eq!(column(&third, "superseded"), [false, true, true, true].map(Value::from).each_ref());
    let links = json!([
        {"newer": id("vim-tools", 2), "older": id("vim-tools", 1)},
        {"newer": id("vim-tools", 3), "older": id("vim-tools", 2)},
        {"newer": id("vim-tools", 4), "older": id("vim-tools", 3)},
    ]);
    assert_eq!((&third["links"], &third["cut"]), (&links, &json!(false)));
    let second = chain(&world, "vim-tools", 2).await;
    assert_eq!(column(&second, "id").len(), 5, "both that replace it, and the fourth over the third");
    let alone = chain(&world, "nano", 2).await;
    assert_eq!((column(&alone, "id"), &alone["links"]), (vec![&json!(id("nano", 2))], &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_without_end_is_cut_at_both_ends() {
    let world = World::new().await;
    let feed = world.harness.feed("more").await;
    world.harness.import(feed, &line("kernel", 301)).await;
    let middle = chain(&world, "kernel", 151).await;
    let ids = column(&middle, "id");
    assert_eq!((ids.len(), &middle["cut"]), (201, &json!(true)));
    assert_eq!((ids[0], ids[200]), (&json!(id("kernel", 251)), &json!(id("kernel", 51))));
    let first = chain(&world, "kernel", 201).await;
    assert_eq!(first["cut"], json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_two_links_is_left_out() {
    let world = World::new().await;
    let feed = world.harness.feed("more").await;
    let mut patches = line("monthly", 5);
    // As Microsoft does: each month names all before it.
    let ids: Vec<_> = patches.iter().map(|patch| patch.id.clone()).collect();
    for (place, patch) in patches.iter_mut().enumerate() {
        patch.supersedes = ids[..place].to_vec();
    }
    world.harness.import(feed, &patches).await;
    let first = chain(&world, "monthly", 1).await;
    assert_eq!(column(&first, "id"), [5, 4, 3, 2, 1].map(|version| json!(id("monthly", version))).each_ref());
    assert_eq!(column(&first, "distance"), [1, 1, 1, 1, 0].map(Value::from).each_ref(), "as the vendor links them");
    let links: Vec<_> = (1..5).map(|older| json!({"newer": id("monthly", older + 1), "older": id("monthly", older)})).collect();
    assert_eq!(first["links"], json!(links));
}
