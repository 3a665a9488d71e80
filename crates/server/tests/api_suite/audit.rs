//! The audit log: found, paged, exported and checked.

use crate::client::column;
use crate::results::asked;
use crate::world::World;
use fettle_model::access::{Role, Scope};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_found_by_who_what_and_when() {
    let world = World::new().await;
    let root = world.root().await;
    let begun = world.harness.now();
    world.harness.advance(std::time::Duration::from_secs(60));
    root.post("/tags", &json!({"name": "east"})).await.expect(201);
    let feed = json!({"title": "Laptops"});
    root.post("/activation-keys", &feed).await.expect(201);
    let all = root.get("/audit?limit=1000").await.expect(200);
    assert_eq!(all["total"].as_u64(), Some(all["items"].as_array().unwrap().len() as u64));
    let made = root.get(&asked("/audit", &format!("action:`tag.create` at>{begun}"))).await.expect(200);
    let entry = &made["items"][0];
    assert_eq!((made["total"].as_u64(), entry["action"].as_str()), (Some(1), Some("tag.create")), "{made}");
    assert_eq!((entry["before"].is_null(), entry["after"]["name"].as_str()), (true, Some("east")));
    assert_eq!(entry["from"], "192.0.2.10");
    let name = entry["actor"].as_str().unwrap();
    let mine = root.get(&asked("/audit", &format!("actor:`{name}` at>{begun}"))).await.expect(200);
    assert_eq!((mine["total"].as_u64(), column(&mine, "action").len()), (Some(2), 2), "{mine}");
    assert_eq!(root.get(&asked("/audit", "actor:nobody")).await.expect(200)["total"], 0);
    assert_eq!(root.get(&asked("/audit", "from:192.0.2 action:tag")).await.expect(200)["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_log_are_the_log() {
    let world = World::new().await;
    let root = world.root().await;
    // SQL counts the first; entries are read and interpreted for the second.
    for query in ["at>2020-01-01", "not subject:nothing"] {
        let whole = column(&root.get(&format!("{}&limit=1000", asked("/audit", query))).await.expect(200), "number");
        assert!(whole.len() > 5, "{whole:?}");
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = root.get(&format!("{}&limit=2{cursor}", asked("/audit", query))).await.expect(200);
            assert_eq!(page["total"].as_u64(), Some(whole.len() as u64), "{query}");
            seen.extend(column(&page, "number"));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, whole, "{query}");
    }
    root.get("/audit?cursor=e30").await.refused(400, "cursor-invalid");
    let export = root.get(&asked("/audit/export", "action:tag.create")).await;
    let lines: Vec<&str> = export.text.lines().collect();
    assert_eq!(lines[0], "number,at,actor_id,actor,from,action,subject,before,after,hash");
    assert_eq!(lines.len(), 3, "{}", export.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_checked_and_shown_to_super_users_alone() {
    let world = World::new().await;
    let root = world.root().await;
    let entries = root.get("/audit").await.expect(200)["total"].clone();
    let check = root.get("/audit/verify").await.expect(200);
    assert_eq!(check, json!({"whole": true, "entries": entries, "broken_at": null}));
    for role in [Role::PatchReader, Role::PatchUser, Role::PatchSecurity, Role::PatchManager] {
        let (_, client) = world.somebody(role, Scope::Everything).await;
        for path in ["/audit", "/audit/export", "/audit/verify"] {
            client.get(path).await.refused(403, "forbidden");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_sorted_by_any_field_page_by_page() {
    let world = World::new().await;
    let root = world.root().await;
    for name in ["east", "west"] {
        root.post("/tags", &json!({"name": name})).await.expect(201);
    }
    let all = root.get("/audit?limit=1000").await.expect(200);
    for (sort, field) in
        [("action", "action"), ("-action", "action"), ("actor", "actor"), ("-subject", "subject"), ("from", "from"), ("at", "at")]
    {
        let (mut seen, mut numbers, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = root.get(&format!("/audit?limit=2&sort={sort}{cursor}")).await.expect(200);
            assert_eq!(page["total"], all["total"]);
            for item in page["items"].as_array().unwrap() {
                seen.push(item[field].as_str().unwrap().to_owned());
                numbers.push(item["number"].as_u64().unwrap());
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut wanted = seen.clone();
        wanted.sort();
        if sort.starts_with('-') {
            wanted.reverse();
        }
        assert_eq!(seen, wanted, "{sort}");
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len() as u64, all["total"].as_u64().unwrap(), "{sort}: nothing twice, nothing left out");
    }
    let export = root.get("/audit/export?sort=at").await.text;
    assert!(export.lines().nth(1).is_some_and(|line| line.starts_with("1,")), "{export}");
    let refused = root.get("/audit?sort=number").await.refused(400, "query-invalid");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("action"), "{refused}");
    let refused = root.get("/results?sort=status").await.refused(400, "query-invalid");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("take one of run"), "{refused}");
}
