//! Searches that people keep, and those they made last.

use crate::client::{column, id};
use crate::world::World;
use fettle_model::access::{Role, Scope};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn searches_are_kept_changed_and_removed_by_their_owner_alone() {
    let world = World::new().await;
    let (_, reader) = world.somebody(Role::PatchReader, Scope::Everything).await;
    let (_, other) = world.somebody(Role::SuperUser, Scope::Everything).await;
    let urgent = json!({"name": "Urgent", "query": "os.family:linux", "beside": "kev:yes"});
    let made = reader.post("/searches?entity=asset", &urgent).await.expect(201);
    assert_eq!((&made["query"], &made["beside"], &made["entity"]), (&json!("os.family:linux"), &json!("kev:yes"), &json!("asset")));
    reader.post("/searches?entity=asset", &json!({"name": "urgent "})).await.refused(409, "name-taken");
    reader.post("/searches?entity=patch", &json!({"name": "Urgent", "beside": "name:web*"})).await.expect(201);
    assert_eq!(column(&reader.get("/searches?entity=asset").await.expect(200), "name"), ["Urgent"]);
    assert_eq!(column(&other.get("/searches?entity=asset").await.expect(200), "name"), [""; 0]);

    let path = format!("/searches/{}", id(&made));
    let renamed = json!({"name": "Linux", "query": "os.family:linux"});
    other.put(&path, &renamed).await.refused(404, "not-found");
    other.delete(&path).await.refused(404, "not-found");
    let changed = reader.put(&path, &renamed).await.expect(200);
    assert_eq!((&changed["name"], &changed["beside"]), (&json!("Linux"), &json!("")));
    reader.delete(&path).await.expect(204);
    assert_eq!(column(&reader.get("/searches?entity=asset").await.expect(200), "name"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_could_never_be_run_is_not_kept() {
    let world = World::new().await;
    let root = world.root().await;
    let both = json!({"name": "x", "query": "nmae:web", "beside": "kve:yes"});
    assert_eq!(root.post("/searches?entity=asset", &both).await.refused_fields(400, "bad-query"), ["query", "beside"]);
    root.post("/searches/recent?entity=patch", &json!({"query": "(("})).await.refused(400, "bad-query");
    let alone = json!({"name": "x", "query": "status:failed", "beside": "kev:yes"});
    assert_eq!(root.post("/searches?entity=result", &alone).await.refused_fields(422, "invalid"), ["beside"]);
    assert_eq!(root.post("/searches?entity=asset", &json!({"name": " "})).await.refused_fields(422, "invalid"), ["name"]);
    root.post("/searches?entity=software", &json!({"name": "x"})).await.refused(400, "query-invalid");
    root.get("/searches").await.refused(400, "query-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_twenty_searches_are_remembered() {
    let world = World::new().await;
    let root = world.root().await;
    for number in 0..22 {
        root.post("/searches/recent?entity=asset", &json!({"query": format!("missingCount>{number}")})).await.expect(204);
    }
    root.post("/searches/recent?entity=asset", &json!({"query": "missingCount>5"})).await.expect(204);
    let recent = column(&root.get("/searches/recent?entity=asset").await.expect(200), "query");
    assert_eq!((recent.len(), recent[0].as_str(), recent[1].as_str()), (20, "missingCount>5", "missingCount>21"));
    assert_eq!(root.get("/searches/recent?entity=patch").await.expect(200)["items"], json!([]));
    root.delete("/searches/recent?entity=asset").await.expect(204);
    assert_eq!(root.get("/searches/recent?entity=asset").await.expect(200)["items"], json!([]));
}
