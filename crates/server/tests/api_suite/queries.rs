//! Lists that queries make: refusals, the second box, facets, unknown assets, cursors, exports.

use crate::client::{Client, asked, column};
use crate::fleet::facet;
use crate::harness::samples::bookworm;
use crate::world::{CURL, VIM, World};
use fettle_model::access::Role;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_query_is_refused_with_its_place() {
    let world = World::new().await;
    let root = world.root().await;
    for list in ["/assets", "/assets/facets", "/assets/export", "/assets/top-patches", "/patches", "/patches/facets", "/patches/export"] {
        let problem = root.get(&asked(list, &[("query", "name:`\u{1f600}` and platfrom:linux")])).await.refused(400, "bad-query");
        let error = &problem["errors"][0];
        assert_eq!((&error["field"], &error["from"], &error["to"]), (&json!("query"), &json!(14), &json!(22)), "{list}: {problem}");
        assert_eq!(error["suggestion"], "platform", "{problem}");
        let rendered = problem["rendered"].as_str().unwrap();
        assert!(rendered.contains("platfrom:linux") && rendered.contains('^'), "{rendered}");
    }
    let both = [("query", "missingCount>many"), ("patches", "severity:dire")];
    let mut fields = root.get(&asked("/assets", &both)).await.refused_fields(400, "bad-query");
    fields.dedup();
    assert_eq!(fields, ["query", "patches"], "everything that is wrong is told at once");
    root.get(&asked("/patches", &[("assets", "(")])).await.refused_fields(400, "bad-query");
    root.get(&asked("/assets", &[("query", &"(".repeat(5_000))])).await.refused(400, "bad-query");
    root.get(&asked("/assets", &[("query", &"a".repeat(17_000))])).await.refused(400, "bad-query");
    root.get(&asked("/assets/groups", &[("by", "name")])).await.refused(400, "query-invalid");
    root.get("/assets/groups").await.refused(400, "query-invalid");
    root.get("/assets/top-patches?n=0").await.refused(400, "query-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_box_asks_for_one_patch_that_is_missing_or_there() {
    let world = World::new().await;
    let root = world.root().await;
    for (parameters, expected) in [
        (vec![("patches", "category:security")], vec!["alpha"]),
        (vec![("patches", "category:security"), ("status", "installed")], vec!["beta"]),
        (vec![("patches", "category:non-security"), ("query", "name:beta")], vec!["beta"]),
        (vec![("patches", "  "), ("status", "installed")], vec!["alpha", "beta"]),
        (vec![("patches", "title:curl category:non-security")], vec![]),
        (vec![("query", "missing.title:curl missing.category:non-security")], vec!["alpha"]),
    ] {
        assert_eq!(column(&root.get(&asked("/assets", &parameters)).await.expect(200), "name"), expected, "{parameters:?}");
    }
    let north = world.at(Role::PatchReader, world.north).await;
    let installed = [("patches", "category:security"), ("status", "installed")];
    assert_eq!(north.get(&asked("/assets", &installed)).await.expect(200)["total"], 0);
}

/// Every value of every facet narrows the list to exactly as many rows as it says.
async fn terms_reproduce_counts(client: &Client, list: &str, parameters: &[(&str, &str)]) -> usize {
    let facets = client.get(&asked(&format!("{list}/facets"), parameters)).await.expect(200);
    let whole = client.get(&asked(list, parameters)).await.expect(200);
    assert_eq!((&facets["total"], &facets["version"], &facets["unknown"]), (&whole["total"], &whole["version"], &whole["unknown"]));
    let query = parameters.iter().find(|(name, _)| *name == "query").map_or("", |(_, query)| query);
    let mut checked = 0;
    for facet in facets["facets"].as_array().unwrap() {
        for value in facet["values"].as_array().unwrap() {
            let term = value["term"].as_str().unwrap();
            let narrowed = if query.is_empty() { term.to_owned() } else { format!("({query}) and {term}") };
            let others = parameters.iter().filter(|(name, _)| *name != "query").copied();
            let parameters: Vec<(&str, &str)> = others.chain([("query", narrowed.as_str())]).collect();
            let found = client.get(&asked(list, &parameters)).await.expect(200);
            assert_eq!(found["total"], value["count"], "{list} {parameters:?}");
            checked += 1;
        }
    }
    checked
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_of_facets_reproduce_their_counts() {
    let world = World::new().await;
    let root = world.root().await;
    // Values that differ only in case are one to the language.
    for (name, os) in [("gamma", "Debian GNU/Linux 12 (BOOKWORM)"), ("delta", "od\"d `name`"), ("epsilon", "od\"d `name`")] {
        let machine = world.harness.enrolled(name).await;
        let mut inventory = bookworm(name, &[("curl", "1")]);
        inventory.os.name = os.to_owned();
        inventory.os.version = if name == "gamma" { "not a version".to_owned() } else { "12.01".to_owned() };
        machine.scan_fully(&inventory).await.unwrap();
    }
    world.harness.enrolled("never-scanned").await;
    let north = world.at(Role::PatchReader, world.north).await;
    for client in [&root, &north] {
        for parameters in [vec![], vec![("query", "name:alpha or name:d*")], vec![("patches", "title:curl"), ("status", "installed")]] {
            terms_reproduce_counts(client, "/assets", &parameters).await;
        }
        for parameters in [vec![], vec![("applicable", "all")], vec![("assets", "name:beta"), ("query", "category:security")]] {
            terms_reproduce_counts(client, "/patches", &parameters).await;
        }
    }
    assert!(terms_reproduce_counts(&root, "/assets", &[]).await > 15 && terms_reproduce_counts(&root, "/patches", &[]).await > 10);
    let facets = root.get("/assets/facets").await.expect(200);
    assert_eq!(facet(&facets, "scanStatus"), [("scanned".to_owned(), 5), ("never_scanned".to_owned(), 1)]);
    assert_eq!(facet(&facets, "missing.vendorSeverity"), [("none".to_owned(), 5)]);
    assert_eq!(facet(&facets, "os.name").iter().map(|(_, count)| count).sum::<u64>(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_above_the_callers_scope_are_in_no_facet_group_or_suggestion() {
    let world = World::new().await;
    let root = world.root().await;
    let sites = root.post("/tags", &json!({"name": "sites"})).await.expect(201)["id"].clone();
    root.patch(&format!("/tags/{}", world.north), &json!({"parent": sites})).await.expect(200);
    let everything = [("north".to_owned(), 1), ("sites".to_owned(), 1), ("south".to_owned(), 1)];
    let sorted = |mut values: Vec<(String, u64)>| {
        values.sort();
        values
    };
    assert_eq!(sorted(facet(&root.get("/assets/facets").await.expect(200), "tags.name")), everything);
    assert_eq!(column(&root.get("/assets?query=tags.name:sites").await.expect(200), "name"), ["alpha"]);
    let north = world.at(Role::PatchReader, world.north).await;
    assert_eq!(facet(&north.get("/assets/facets").await.expect(200), "tags.name"), [("north".to_owned(), 1)]);
    let groups = north.get("/assets/groups?by=tags.name").await.expect(200);
    assert_eq!(groups["groups"].as_array().unwrap().len(), 1, "{groups}");
    let suggested = north.get("/query/suggest?entity=asset&text=tags.name:").await.expect(200).to_string();
    assert!(suggested.contains("north") && !suggested.contains("sites") && !suggested.contains("south"), "{suggested}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_counted_apart() {
    let world = World::new().await;
    let root = world.root().await;
    world.harness.enrolled("new").await;
    let numbers = async |query: &str| {
        let page = root.get(&asked("/assets", &[("query", query)])).await.expect(200);
        (page["total"].as_u64().unwrap(), page["unknown"].as_u64().unwrap())
    };
    assert_eq!(numbers("").await, (3, 0));
    assert_eq!(numbers("missing.category:security").await, (1, 1));
    assert_eq!(numbers("not missing.category:security").await, (1, 1));
    assert_eq!(numbers("missingCount:0").await, (0, 1));
    assert_eq!(numbers("name:new and missing:*").await, (0, 1));
    assert_eq!(numbers("name:alpha and missing:*").await, (1, 0));
    assert_eq!(numbers("scanStatus:never_scanned").await, (1, 0));
    let patches = root.get(&asked("/patches", &[("assets", "not missing.title:curl")])).await.expect(200);
    assert_eq!(patches["unknown"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_while_assets_change() {
    let world = World::new().await;
    let root = world.root().await;
    for name in ["golf", "echo", "kilo", "india"] {
        world.harness.enrolled(name).await;
    }
    let first = root.get("/assets?limit=3").await.expect(200);
    assert_eq!(column(&first, "name"), ["alpha", "beta", "echo"]);
    // One goes that was seen, one that was not; one comes before the cursor, one behind it.
    root.delete(&format!("/assets/{}", world.beta.asset())).await.expect(204);
    let golf = root.get("/assets?query=name:golf").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    root.delete(&format!("/assets/{golf}")).await.expect(204);
    world.harness.enrolled("bravo").await;
    world.harness.enrolled("juliet").await;
    let next = asked("/assets", &[("limit", "10"), ("cursor", first["next"].as_str().unwrap())]);
    let second = root.get(&next).await.expect(200);
    assert_eq!((column(&second, "name"), &second["next"]), (vec!["india".into(), "juliet".into(), "kilo".into()], &Value::Null));
    assert_ne!(second["version"], first["version"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_hold_the_list_in_its_order() {
    let world = World::new().await;
    let root = world.root().await;
    for number in 0..7 {
        world.harness.enrolled(&format!("machine-{number}")).await;
    }
    let lists: [(&str, Vec<(&str, &str)>); 4] = [
        ("/assets", vec![("sort", "-name")]),
        ("/assets", vec![("query", "machine or beta"), ("sort", "-missingCount")]),
        ("/assets", vec![("patches", "title:vim"), ("sort", "lastScan")]),
        ("/patches", vec![("applicable", "all"), ("sort", "-missingCount"), ("query", "not title:codec")]),
    ];
    for (list, parameters) in lists {
        let page = root.get(&asked(list, &parameters)).await.expect(200);
        let export = root.get(&asked(&format!("{list}/export"), &parameters)).await;
        let exported: Vec<&str> = export.text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(exported, column(&page, "id"), "{list} {parameters:?}");
        assert!(exported.len() > 1, "{list} {parameters:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn top_patches_and_groups_link_to_what_they_count() {
    let world = World::new().await;
    let root = world.root().await;
    let top = root.get("/assets/top-patches").await.expect(200);
    assert_eq!((column(&top, "id"), column(&top, "assets")), (vec![VIM.to_owned(), CURL.to_owned()], vec!["2".into(), "1".into()]));
    for item in top["items"].as_array().unwrap() {
        let term = item["term"].as_str().unwrap();
        assert_eq!(root.get(&asked("/assets", &[("query", term)])).await.expect(200)["total"], item["assets"], "{term}");
    }
    assert_eq!(column(&root.get("/assets/top-patches?n=1").await.expect(200), "id"), [VIM]);
    let security = asked("/assets/top-patches", &[("patches", "category:security"), ("query", "name:alpha")]);
    assert_eq!(column(&root.get(&security).await.expect(200), "id"), [CURL]);
    let south = world.at(Role::PatchReader, world.south).await;
    assert_eq!(column(&south.get("/assets/top-patches").await.expect(200), "assets"), ["1"]);

    world.harness.enrolled("new").await;
    let groups = root.get("/assets/groups?by=os.name,scanStatus").await.expect(200);
    assert_eq!((&groups["total"], &groups["by"]), (&json!(3), &json!(["os.name", "scanStatus"])));
    let groups = groups["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{groups:?}");
    for group in groups {
        let term = group["term"].as_str().unwrap();
        assert_eq!(root.get(&asked("/assets", &[("query", term)])).await.expect(200)["total"], group["assets"], "{term}");
    }
    assert_eq!(groups.iter().map(|group| group["latest_missing"].as_u64().unwrap()).sum::<u64>(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_says_what_was_compared() {
    let world = World::new().await;
    let root = world.root().await;
    let why = |asset: String, patch: &str| format!("/assets/{asset}/patches/{}/why", crate::world::in_path(patch));
    let (alpha, beta) = (world.alpha.asset().to_string(), world.beta.asset().to_string());
    let missing = root.get(&why(alpha.clone(), CURL)).await.expect(200);
    assert_eq!((&missing["status"], &missing["listed"], &missing["asset_name"]), (&json!("missing"), &json!("missing"), &json!("alpha")));
    let judged = &missing["judged"][0];
    assert_eq!((&judged["installed"], &judged["fixed"], &judged["below"]), (&json!("1"), &json!("2"), &json!(true)));
    assert!(missing["sentences"][0].as_str().unwrap().contains("alpha"), "{missing}");
    assert_eq!(root.get(&why(beta, CURL)).await.expect(200)["status"], "installed");
    let other = root.get(&why(alpha.clone(), crate::world::NANO)).await.expect(200);
    assert_eq!((&other["status"], &other["reason"], &other["listed"]), (&json!("not_applicable"), &json!("nothing_present"), &Value::Null));
    root.get(&why(alpha.clone(), "debian:bookworm:none")).await.refused(404, "not-found");
    let south = world.at(Role::PatchReader, world.south).await;
    south.get(&why(alpha, CURL)).await.refused(404, "not-found");
    let new = world.harness.enrolled("new").await.asset().to_string();
    assert_eq!(root.get(&why(new, CURL)).await.expect(200)["status"], "unknown");
}
