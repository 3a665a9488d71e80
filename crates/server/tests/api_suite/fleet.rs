//! Assets, patches and tags: what lists hold, and that scope cuts all of them.

use crate::client::{asked, column};
use crate::harness::samples::bookworm;
use crate::world::{CODEC, CURL, NANO, VIM, World, in_path};
use fettle_model::access::{Role, Scope};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn scope_cuts_every_list_count_facet_and_export() {
    let world = World::new().await;
    let (root, north) = (world.root().await, world.at(Role::PatchReader, world.north).await);
    assert_eq!(column(&root.get("/assets").await.expect(200), "name"), ["alpha", "beta"]);
    let page = north.get("/assets").await.expect(200);
    assert_eq!((column(&page, "name"), page["total"].as_u64()), (vec!["alpha".to_owned()], Some(1)));

    let facets = north.get("/assets/facets").await.expect(200);
    assert_eq!(facets["total"], 1);
    assert_eq!(facet(&facets, "tags.name"), [("north".to_owned(), 1)]);
    let export = north.get("/assets/export").await;
    assert!(export.text.contains("alpha") && !export.text.contains("beta"), "{}", export.text);

    let numbers = |page: &Value, id: &str| {
        let rows = page["items"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == id).map(|row| (row["missing"].as_u64().unwrap(), row["installed"].as_u64().unwrap()))
    };
    let all = root.get("/patches").await.expect(200);
    assert_eq!((numbers(&all, CURL), numbers(&all, VIM), numbers(&all, NANO)), (Some((1, 1)), Some((2, 0)), None));
    let cut = north.get("/patches").await.expect(200);
    assert_eq!((numbers(&cut, CURL), numbers(&cut, VIM)), (Some((1, 0)), Some((1, 0))));
    let south = world.at(Role::PatchReader, world.south).await;
    let missing = [("query", "patchStatus:missing")];
    assert_eq!(column(&south.get(&asked("/patches", &missing)).await.expect(200), "id"), [VIM]);
    assert_eq!(south.get(&asked("/patches/facets", &missing)).await.expect(200)["total"], 1);
    assert!(!south.get(&asked("/patches/export", &missing)).await.text.contains(CURL));

    let of_patch = format!("/patches/{}/assets", in_path(VIM));
    assert_eq!(column(&root.get(&of_patch).await.expect(200), "name"), ["alpha", "beta"]);
    assert_eq!(column(&north.get(&of_patch).await.expect(200), "name"), ["alpha"]);
    assert_eq!(north.get(&format!("/patches/{}", in_path(VIM))).await.expect(200)["missing"], 1);

    assert_eq!(column(&north.get("/tags").await.expect(200), "name"), ["north"]);
    assert_eq!(column(&root.get("/tags").await.expect(200), "name"), ["north", "south"]);
    let totals = north.get("/status").await.expect(200)["totals"].clone();
    assert_eq!((&totals["assets"], &totals["patches_missing"]), (&json!(1), &json!(2)));
    let nothing = world.somebody(Role::PatchManager, Scope::Tags(BTreeSet::new())).await.1;
    assert_eq!(nothing.get("/assets").await.expect(200)["total"], 0);
    assert_eq!(nothing.get("/patches").await.expect(200)["total"], 0);
    assert_eq!(nothing.get("/tags").await.expect(200)["total"], 0);
}

/// Values and counts of one facet.
pub(crate) fn facet(facets: &Value, field: &str) -> Vec<(String, u64)> {
    let facet = facets["facets"].as_array().unwrap().iter().find(|facet| facet["field"] == field).unwrap();
    let value = |value: &Value| (value["value"].as_str().unwrap().to_owned(), value["count"].as_u64().unwrap());
    facet["values"].as_array().unwrap().iter().map(value).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_asked_for_sorted_and_paged() {
    let world = World::new().await;
    let root = world.root().await;
    let (curl, has_curl) = (format!("missing.id:`{CURL}`"), format!("installed.id:`{CURL}`"));
    for (parameters, expected) in [
        (vec![], vec!["alpha", "beta"]),
        (vec![("sort", "-name")], vec!["beta", "alpha"]),
        (vec![("sort", "-LATESTmissingCount")], vec!["alpha", "beta"]),
        (vec![("query", "ALPH")], vec!["alpha"]),
        (vec![("query", "online:yes")], vec!["alpha", "beta"]),
        (vec![("query", "online:no")], vec![]),
        (vec![("query", "scanStatus:scanned and os.release:`debian/bookworm`")], vec!["alpha", "beta"]),
        (vec![("query", "scanStatus:stale")], vec![]),
        (vec![("query", "scanStatus:[stale, scanned] os.name:`Debian GNU/Linux 12 (bookworm)`")], vec!["alpha", "beta"]),
        (vec![("query", "os.family:windows")], vec![]),
        (vec![("query", "rebootPending:yes")], vec![]),
        (vec![("query", "tags.name:south")], vec!["beta"]),
        (vec![("query", "tags.name:[south, north]")], vec!["alpha", "beta"]),
        (vec![("query", &curl)], vec!["alpha"]),
        (vec![("query", &has_curl)], vec!["beta"]),
        (vec![("query", "interfaces.address:192.0.2.0/24 and not name:beta")], vec!["alpha"]),
        (vec![("query", "software:(name:curl and version<2)")], vec!["alpha"]),
        (vec![("query", "not software.name:emacs")], vec!["alpha", "beta"]),
    ] {
        assert_eq!(column(&root.get(&asked("/assets", &parameters)).await.expect(200), "name"), expected, "{parameters:?}");
    }
    let first = root.get("/assets?limit=1&sort=-name").await.expect(200);
    assert_eq!((column(&first, "name"), first["total"].as_u64()), (vec!["beta".to_owned()], Some(2)));
    let cursor = first["next"].as_str().unwrap();
    let second = root.get(&format!("/assets?limit=1&sort=-name&cursor={cursor}")).await.expect(200);
    assert_eq!((column(&second, "name"), &second["next"]), (vec!["alpha".to_owned()], &Value::Null));
    root.get(&format!("/assets?limit=1&sort=name&cursor={cursor}")).await.refused(400, "cursor-invalid");
    root.get("/assets?cursor=xyz").await.refused(400, "cursor-invalid");
    for sort in ["nonsense", "tags.name", "", "-"] {
        assert_eq!(root.get(&asked("/assets", &[("sort", sort)])).await.refused_fields(400, "query-invalid"), ["sort"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asset_shows_what_its_scan_saw() {
    let world = World::new().await;
    let root = world.root().await;
    let path = format!("/assets/{}", world.alpha.asset());
    let asset = root.get(&path).await.expect(200);
    assert_eq!((asset["name"].as_str(), asset["missing"].as_u64(), asset["online"].as_bool()), (Some("alpha"), Some(2), Some(true)));
    assert_eq!(asset["inventory"]["os"]["codename"], "bookworm");
    assert_eq!(asset["inventory"]["package_count"], 2);
    assert_eq!(asset["tags"], json!([{"id": world.north.to_string(), "name": "north", "dynamic": false}]));
    assert_eq!(column(&root.get(&format!("{path}/packages?q=vi")).await.expect(200), "name"), ["vim"]);
    assert_eq!(column(&root.get(&format!("{path}/patches")).await.expect(200), "id"), [VIM, CURL]);
    assert_eq!(column(&root.get(&format!("{path}/patches?sort=title&query=category:security")).await.expect(200), "id"), [CURL]);
    // The list is about one asset, the numbers in it are about all that are seen.
    assert_eq!(column(&root.get(&format!("{path}/patches")).await.expect(200), "missing"), ["2", "1"]);
    assert_eq!(root.get(&format!("{path}/patches?status=installed")).await.expect(200)["total"], 0);
    let ghost = root.get("/assets/0190a000-0000-7000-8000-000000000000").await;
    ghost.refused(404, "not-found");
    root.get("/assets/nonsense").await.refused(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_asked_for_and_reaches_the_agent() {
    let world = World::new().await;
    let user = world.at(Role::PatchUser, world.north).await;
    let path = format!("/assets/{}", world.alpha.asset());
    user.ask(&format!("{path}/scan")).await.expect(202);
    assert_eq!(user.get(&path).await.expect(200)["scan_status"], "scanning");
    let (_, scan, _) = world.alpha.check_in(0, 0, 0).await.unwrap();
    assert_eq!(scan, 1);
    world.alpha.scan_fully(&bookworm("alpha", &[("curl", "2"), ("vim", "2")])).await.unwrap();
    let after = user.get(&path).await.expect(200);
    assert_eq!((after["scan_status"].as_str(), after["missing"].as_u64()), (Some("scanned"), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_given_within_sight_only() {
    let world = World::new().await;
    let root = world.root().await;
    let user = world.at(Role::PatchUser, world.north).await;
    let path = format!("/assets/{}/tags", world.alpha.asset());
    let other = json!({"tags": [world.north, world.south]});
    assert_eq!(user.put(&path, &other).await.refused_fields(422, "invalid"), ["tags"]);
    let below = json!({"name": "lab", "parent": world.north});
    let lab = root.post("/tags", &below).await.expect(201)["id"].clone();
    let tagged = user.put(&path, &json!({"tags": [world.north, lab]})).await.expect(200);
    assert_eq!(tagged["tags"].as_array().unwrap().len(), 2);
    // Only the child is left: the parent's scope still covers it.
    user.put(&path, &json!({"tags": [lab]})).await.expect(200);
    assert_eq!(column(&user.get("/assets?query=tags.name:north").await.expect(200), "name"), ["alpha"]);
    // Who takes away the last tag of their scope does not see the asset any more.
    user.put(&path, &json!({"tags": []})).await.refused(404, "not-found");
    assert_eq!(root.get(&format!("/assets/{}", world.alpha.asset())).await.expect(200)["tags"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_asset_is_gone_and_its_agent_refused() {
    let world = World::new().await;
    let root = world.root().await;
    let path = format!("/assets/{}", world.alpha.asset());
    root.delete(&path).await.expect(204);
    root.get(&path).await.refused(404, "not-found");
    assert_eq!(column(&root.get("/assets").await.expect(200), "name"), ["beta"]);
    assert_eq!(world.alpha.check_in(0, 0, 0).await.unwrap_err().status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn patches_are_filtered_and_shown_whole() {
    let world = World::new().await;
    let root = world.root().await;
    for (parameters, expected) in [
        (vec![], vec![VIM, CURL]),
        (vec![("sort", "title")], vec![CURL, VIM]),
        (vec![("applicable", "all"), ("sort", "title")], vec![CODEC, CURL, NANO, VIM]),
        (vec![("query", "patchStatus:installed")], vec![CURL]),
        (vec![("query", "category:security")], vec![CURL]),
        (vec![("query", "vendorSeverity:[none, critical]")], vec![VIM, CURL]),
        (vec![("query", "cve:CVE-2026-1000")], vec![CURL]),
        (vec![("query", "vim")], vec![VIM]),
        (vec![("query", "product:`debian/trixie`")], vec![]),
        (vec![("query", "missingCount>1")], vec![VIM]),
        (vec![("query", "missingCount:1"), ("assets", "name:alpha"), ("sort", "title")], vec![CURL, VIM]),
        (vec![("query", "patchStatus:missing"), ("assets", "name:beta")], vec![VIM]),
        (vec![("assets", "name:nobody")], vec![]),
    ] {
        assert_eq!(column(&root.get(&asked("/patches", &parameters)).await.expect(200), "id"), expected, "{parameters:?}");
    }
    let cut = root.get(&asked("/patches", &[("assets", "name:beta"), ("sort", "title")])).await.expect(200);
    assert_eq!((column(&cut, "missing"), column(&cut, "installed")), (vec!["0".into(), "1".into()], vec!["1".into(), "0".into()]));
    let patch = root.get(&format!("/patches/{}", in_path(CURL))).await.expect(200);
    assert_eq!((patch["rollback"].as_bool(), patch["release"].as_str()), (Some(true), Some("debian/bookworm")));
    assert_eq!(patch["packages"], json!([{"name": "curl", "architecture": "amd64", "version": "2"}]));
    root.get("/patches/debian:bookworm:none").await.refused(404, "not-found");
    let lines = root.get("/patches/export?sort=title").await.text;
    let ids: Vec<&str> = lines.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, [CURL, VIM]);
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_cannot_put_formulas_into_exports() {
    let world = World::new().await;
    let name = "=HYPERLINK(\"http://x\")";
    let mut machine = world.harness.machine(name);
    machine.enroll(&world.harness.key().await).await.unwrap();
    let export = world.root().await.get("/assets/export").await;
    assert_eq!(export.headers["content-type"], "text/csv; charset=utf-8");
    assert!(!export.text.contains(",=HYPERLINK") && !export.text.contains(",\"=HYPERLINK"), "{}", export.text);
}
