//! What synchronisations changed, and when the next one is.

use crate::client::column;
use crate::harness::samples::patch;
use crate::world::{CURL, NANO, World};
use fettle_store::ImportNote;
use jiff::SignedDuration;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn synchronisations_name_what_they_changed() {
    let world = World::new().await;
    let root = world.root().await;
    let app = world.harness.app();
    let feed = app.store.feeds().await.unwrap()[0].id;
    let mut curl = patch("curl", "2", Some("1"));
    curl.title = "curl, in other words".to_owned();
    let note = ImportNote { now: app.clock.now(), warnings: vec!["advisories unreachable".to_owned()] };
    app.store.apply_import(feed, &[curl, patch("new", "1", None)], &note).await.unwrap();

    let list = root.get(&format!("/feeds/{feed}/syncs")).await.expect(200);
    let counts = |sync: &Value| (sync["no"].clone(), sync["added"].clone(), sync["changed"].clone(), sync["withdrawn"].clone());
    let seen: Vec<_> = list["items"].as_array().unwrap().iter().map(counts).collect();
    assert_eq!(seen, [(json!(2), json!(1), json!(1), json!(3)), (json!(1), json!(4), json!(0), json!(0))]);
    assert_eq!(list["items"][0]["warnings"], json!(["advisories unreachable"]));

    let sync = root.get(&format!("/feeds/{feed}/syncs/2")).await.expect(200);
    assert_eq!(sync["changed_patches"], json!([{"id": CURL, "title": "curl, in other words"}]));
    let withdrawn: Vec<&str> = sync["withdrawn_patches"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!((withdrawn.len(), withdrawn[1]), (3, NANO), "their names are still known");
    root.get(&format!("/feeds/{feed}/syncs/3")).await.refused(404, "not-found");
    root.get(&format!("/feeds/{feed}/syncs/x")).await.refused(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_synchronisation_is_known_unless_it_is_switched_off() {
    let world = World::new().await;
    let root = world.root().await;
    let app = world.harness.app();
    let feed = app.store.feeds().await.unwrap()[0].id;
    root.patch(&format!("/feeds/{feed}"), &json!({"enabled": true})).await.expect(200);
    app.store.note_sync(feed, app.clock.now(), Some("no answer")).await.unwrap();
    let state = root.get(&format!("/feeds/{feed}")).await.expect(200)["state"].clone();
    assert_eq!(state["next_sync"], json!(app.clock.now() + SignedDuration::from_mins(15)));
    root.patch(&format!("/feeds/{feed}"), &json!({"enabled": false})).await.expect(200);
    let page = root.get("/feeds").await.expect(200);
    assert_eq!((column(&page, "name"), &page["items"][0]["state"]["next_sync"]), (vec!["main".to_owned()], &Value::Null));
}
