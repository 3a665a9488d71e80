//! Completing and explaining queries, and the table of fields.

use crate::client::{Client, asked};
use crate::harness::samples::bookworm;
use crate::runs::running;
use crate::world::World;
use fettle_model::access::Role;
use serde_json::{Value, json};

fn inserts(answer: &Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|item| item["insert"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_completed_with_fields_and_with_values_in_sight() {
    let world = World::new().await;
    let (root, north) = (world.root().await, world.at(Role::PatchReader, world.north).await);
    let fields = root.get("/query/suggest?entity=asset&text=scanS").await.expect(200);
    assert_eq!((&fields["from"], &fields["to"]), (&json!(0), &json!(5)));
    assert!(inserts(&fields).iter().any(|insert| insert.starts_with("scanStatus")), "{fields}");

    // The place counts UTF-16 code units, of which the face has two.
    let text = "\u{1f600} name:al and online:yes";
    let names = root.get(&asked("/query/suggest", &[("entity", "asset"), ("text", text), ("cursor", "10")])).await.expect(200);
    assert_eq!((&names["from"], &names["to"]), (&json!(8), &json!(10)), "{names}");
    assert_eq!(inserts(&names), ["`alpha`"]);

    let tags = async |client: &crate::client::Client| client.get("/query/suggest?entity=asset&text=tags.name:").await.expect(200);
    let all = tags(&root).await;
    assert!(inserts(&all).contains(&"`south`".to_owned()), "{all}");
    assert_eq!(all["items"].as_array().unwrap().iter().filter(|item| item["count"] == 1).count(), 2, "{all}");
    let cut = tags(&north).await;
    assert!(inserts(&cut).contains(&"`north`".to_owned()) && !inserts(&cut).contains(&"`south`".to_owned()), "{cut}");

    let patches = root.get("/query/suggest?entity=patch&text=cve:CVE").await.expect(200);
    assert_eq!(inserts(&patches), ["`CVE-2026-1000`"]);
    let inner = root.get("/query/suggest?entity=asset&text=missing:(title:cu").await.expect(200);
    assert_eq!(inserts(&inner), ["`curl 2`"], "{inner}");
    let nothing = north.get("/query/suggest?entity=asset&text=name:be").await.expect(200);
    assert_eq!(inserts(&nothing), [""; 0]);
    root.get("/query/suggest?entity=nonsense").await.refused(400, "query-invalid");
    root.get("/query/suggest?entity=asset&text=%28%28%60&cursor=999").await.expect(200);
}

async fn suggested(client: &Client, entity: &str, text: &str) -> Vec<String> {
    let answer = client.get(&asked("/query/suggest", &[("entity", entity), ("text", text)])).await.expect(200);
    let items = answer["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "value");
    items.map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_are_suggested_that_are_on_assets_in_sight() {
    let world = World::new().await;
    world.beta.scan_fully(&bookworm("beta", &[("curl", "2"), ("secretd", "7.1")])).await.unwrap();
    let (root, north) = (world.root().await, world.at(Role::PatchReader, world.north).await);
    assert_eq!(suggested(&root, "asset", "software.name:").await, ["curl", "secretd", "vim"]);
    assert_eq!(suggested(&root, "asset", "software:(name:sec").await, ["secretd"]);
    assert_eq!(suggested(&root, "asset", "software.version:7").await, ["7.1"]);
    assert_eq!(suggested(&north, "asset", "software.name:").await, ["curl", "vim"]);
    assert_eq!(suggested(&north, "asset", "software.version:").await, ["1"]);
    assert_eq!(suggested(&north, "result", "asset:(software.name:sec").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_jobs_and_runs_are_suggested_to_those_who_may_see_them() {
    let world = World::new().await;
    let root = world.root().await;
    let (_, run) = running(&world, &root).await;
    let id = run.rsplit('/').next().unwrap();
    assert_eq!(suggested(&root, "job", "name:up").await, ["update"]);
    assert_eq!(suggested(&root, "job", "owner:").await.len(), 1);
    assert_eq!(suggested(&root, "job", "tags.name:").await, ["north", "south"]);
    assert_eq!(suggested(&root, "result", "job:").await, ["update"]);
    assert_eq!(suggested(&root, "result", "run:").await, [id]);
    assert_eq!(suggested(&root, "result", "reason:not_enough").await, ["not_enough_disk"]);
    assert_eq!(suggested(&root, "result", "asset.name:").await, ["alpha", "beta"]);
    // The list of jobs shows names and owners to everybody; runs only to those who may open the job.
    let north = world.at(Role::PatchReader, world.north).await;
    assert_eq!(suggested(&north, "job", "name:").await, ["update"]);
    assert_eq!(suggested(&north, "job", "tags.name:").await, ["north"]);
    for hidden in ["job:", "run:"] {
        assert_eq!(suggested(&north, "result", hidden).await, [""; 0], "{hidden}");
    }
    assert_eq!(suggested(&north, "result", "asset.name:").await, ["alpha"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_the_audit_log_are_suggested_to_those_who_may_read_it() {
    let world = World::new().await;
    let root = world.root().await;
    root.post("/tags", &json!({"name": "east"})).await.expect(201);
    assert!(suggested(&root, "audit", "action:tag").await.contains(&"tag.create".to_owned()));
    assert!(!suggested(&root, "audit", "actor:").await.is_empty() && !suggested(&root, "audit", "from:").await.is_empty());
    assert!(suggested(&root, "audit", "subject:tag").await.iter().all(|subject| subject.starts_with("tag ")));
    let manager = world.somebody(Role::PatchManager, fettle_model::access::Scope::Everything).await.1;
    for field in ["action:", "actor:", "from:", "subject:"] {
        assert_eq!(suggested(&manager, "audit", field).await, [""; 0], "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggested_value_finds_what_it_names() {
    let world = World::new().await;
    let root = world.root().await;
    for (text, list) in [("os.name:de", "/assets"), ("hardware.model:", "/assets"), ("vendor:", "/patches"), ("title:vi", "/patches")] {
        let entity = if list == "/assets" { "asset" } else { "patch" };
        let answer = root.get(&asked("/query/suggest", &[("entity", entity), ("text", text)])).await.expect(200);
        let from = usize::try_from(answer["from"].as_u64().unwrap()).unwrap();
        for item in answer["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "value") {
            let query = format!("{}{}", &text[..from], item["insert"].as_str().unwrap());
            let found = root.get(&asked(list, &[("query", &query)])).await.expect(200);
            assert!(found["total"].as_u64() > Some(0), "{query}");
            assert!(item.get("count").is_none_or(|count| *count == found["total"]), "{query}: {item}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_explained_or_said_to_be_wrong() {
    let world = World::new().await;
    let root = world.root().await;
    let explain =
        async |entity: &str, text: &str| root.get(&asked("/query/explain", &[("entity", entity), ("text", text)])).await.expect(200);
    let fine = explain("asset", "NAME:web* and   missing.severity:critical").await;
    assert_eq!((&fine["ok"], &fine["errors"], &fine["rendered"]), (&json!(true), &json!([]), &json!("")));
    assert!(fine["canonical"].as_str().unwrap().starts_with("name:web* and missing"), "{fine}");
    assert!(fine["lines"].as_array().unwrap().len() > 1 && fine["lines"][0]["depth"] == 0, "{fine}");
    let again = explain("asset", fine["canonical"].as_str().unwrap()).await;
    assert_eq!(again["canonical"], fine["canonical"]);
    let wrong = explain("patch", "isSecurty:yes or size>many").await;
    assert_eq!((&wrong["ok"], &wrong["canonical"], &wrong["lines"]), (&json!(false), &json!(""), &json!([])));
    assert_eq!(
        (&wrong["errors"][0]["from"], &wrong["errors"][0]["to"], &wrong["errors"][0]["suggestion"]),
        (&json!(0), &json!(9), &json!("isSecurity"))
    );
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 2, "{wrong}");
    assert!(wrong["rendered"].as_str().unwrap().contains("isSecurty"));
    assert_eq!(explain("asset", "").await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_table_of_fields_can_be_asked() {
    let world = World::new().await;
    let root = world.root().await;
    for (entity, list) in [("asset", "/assets"), ("patch", "/patches"), ("job", "/jobs"), ("result", "/results"), ("audit", "/audit")] {
        let table = root.get(&asked("/query/fields", &[("entity", entity)])).await.expect(200);
        assert_eq!(table["entity"], entity);
        for field in table["fields"].as_array().unwrap() {
            let example = field["example"].as_str().unwrap();
            root.get(&asked(list, &[("query", example)])).await.expect(200);
            assert!(!field["label"].as_str().unwrap().is_empty());
            let name = field["name"].as_str().unwrap();
            for sort in [name.to_owned(), format!("-{name}")] {
                let answer = root.get(&asked(list, &[("sort", &sort)])).await;
                if field["sortable"] == true {
                    answer.expect(200);
                } else {
                    answer.refused(400, "query-invalid");
                }
            }
        }
    }
    let software = root.get("/query/fields?entity=software").await.expect(200);
    assert_eq!(software["relations"], json!([]));
    let assets = root.get("/query/fields?entity=asset").await.expect(200);
    assert_eq!(assets["relations"][0]["name"], "missing");
}
