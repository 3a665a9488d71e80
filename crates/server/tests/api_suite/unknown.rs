//! The assets of which nobody can tell: the list that `unknown` counts.

use crate::client::{Client, asked, column};
use crate::fleet::facet;
use crate::runs::running;
use crate::world::{VIM, World};
use fettle_model::access::{Role, Scope};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Names of the unknown ones, after comparing their number with what the certain list says.
async fn unknown(client: &Client, list: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    let certain = client.get(&asked(list, parameters)).await.expect(200);
    let open = client.get(&asked(list, &with(parameters, ("truth", "unknown")))).await.expect(200);
    assert_eq!((&open["total"], &open["unknown"]), (&certain["unknown"], &json!(0)), "{list} {parameters:?}");
    column(&open, "name")
}

fn with<'a>(parameters: &[(&'a str, &'a str)], one: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    parameters.iter().copied().chain([one]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_unknown_assets_is_a_list() {
    let world = World::new().await;
    let root = world.root().await;
    for name in ["new", "newer"] {
        world.harness.enrolled(name).await;
    }
    let none: [&str; 0] = [];
    assert_eq!(unknown(&root, "/assets", &[]).await, none);
    assert_eq!(unknown(&root, "/assets", &[("query", "missing.title:curl")]).await, ["new", "newer"]);
    assert_eq!(unknown(&root, "/assets", &[("query", "not missing.title:curl and name:newer")]).await, ["newer"]);
    assert_eq!(unknown(&root, "/assets", &[("query", "name:alpha or missingCount:0")]).await, ["new", "newer"]);
    assert_eq!(unknown(&root, "/assets", &[("patches", "title:vim"), ("status", "installed")]).await, ["new", "newer"]);
    assert_eq!(unknown(&root, &format!("/patches/{VIM}/assets"), &[]).await, ["new", "newer"]);
    let north = world.at(Role::PatchReader, world.north).await;
    assert_eq!(unknown(&north, "/assets", &[("query", "missing.title:curl")]).await, none);

    let parameters = [("query", "missing:*"), ("truth", "unknown")];
    let page = root.get(&asked("/assets", &with(&parameters, ("limit", "1")))).await.expect(200);
    let next = page["next"].as_str().unwrap();
    let rest = root.get(&asked("/assets", &with(&parameters, ("cursor", next)))).await.expect(200);
    assert_eq!((column(&page, "name"), column(&rest, "name")), (vec!["new".to_owned()], vec!["newer".to_owned()]));
    let export = root.get(&asked("/assets/export", &parameters)).await;
    assert_eq!(export.text.lines().count(), 3, "{}", export.text);
    root.get("/assets?truth=no").await.refused(400, "query-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_of_the_unknown_ones_links_to_them() {
    let world = World::new().await;
    let root = world.root().await;
    let (curl, all) = (("query", "not missing.title:nano"), ("truth", "unknown"));
    // Beta does not scan any more; what was found of it stays found.
    world.harness.enrolled("new").await;
    world.beta.scan_failed("no apt").await.unwrap();
    assert_eq!(unknown(&root, "/assets", &[curl]).await, ["beta", "new"]);

    let facets = root.get(&asked("/assets/facets", &[curl, all])).await.expect(200);
    assert_eq!(facets["total"], 2);
    assert_eq!(facet(&facets, "scanStatus"), [("never_scanned".to_owned(), 1), ("scan_failed".to_owned(), 1)]);
    for value in facets["facets"].as_array().unwrap().iter().flat_map(|facet| facet["values"].as_array().unwrap()) {
        let narrowed = format!("({}) and {}", curl.1, value["term"].as_str().unwrap());
        assert_eq!(root.get(&asked("/assets", &[("query", &narrowed), all])).await.expect(200)["total"], value["count"], "{narrowed}");
    }
    let groups = root.get(&asked("/assets/groups", &[curl, all, ("by", "scanStatus")])).await.expect(200);
    assert_eq!((groups["total"].as_u64(), groups["groups"].as_array().unwrap().len()), (Some(2), 2));
    let top = root.get(&asked("/assets/top-patches", &[curl, all])).await.expect(200);
    assert_eq!((column(&top, "id"), column(&top, "term")), (vec![VIM.to_owned()], vec!["null".to_owned()]), "what was found of beta");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_nobody_can_tell_of_are_a_list() {
    let world = World::new().await;
    let root = world.root().await;
    running(&world, &root).await;
    root.delete(&format!("/assets/{}", world.alpha.asset())).await.expect(204);
    let query = ("query", "asset.missingCount<1");
    let certain = root.get(&asked("/results", &[query])).await.expect(200);
    let pages = |cursor: Option<String>| {
        let root = root.clone();
        async move {
            let cursor = cursor.as_deref().map(|cursor| ("cursor", cursor));
            let parameters: Vec<_> = [query, ("truth", "unknown"), ("limit", "1")].into_iter().chain(cursor).collect();
            root.get(&asked("/results", &parameters)).await.expect(200)
        }
    };
    let first = pages(None).await;
    let second = pages(first["next"].as_str().map(str::to_owned)).await;
    for page in [&first, &second] {
        assert_eq!((&page["total"], &page["unknown"]), (&certain["unknown"], &json!(0)));
        assert_eq!((page["items"].as_array().unwrap().len(), &page["items"][0]["asset"]["name"]), (1, &json!("alpha")));
    }
    assert_eq!(second["next"], Value::Null);
    let export = root.get(&asked("/results/export", &[query, ("truth", "unknown")])).await;
    assert_eq!(export.text.lines().count(), 3, "{}", export.text);
    let (_, elsewhere) = world.somebody(Role::PatchReader, Scope::Tags(BTreeSet::from([world.south]))).await;
    assert_eq!(elsewhere.get(&asked("/results", &[query, ("truth", "unknown")])).await.expect(200)["total"], 0);
}
