//! Mirrors and download locations: where installers are fetched, and which hosts agents must reach.

use crate::client::{Client, column, id};
use crate::harness::samples::patch;
use crate::world::{World, in_path};
use fettle_model::access::{Role, Scope};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::PatchId;
use fettle_model::installer::{Installer, InstallerKind, InstallerScope};
use fettle_model::patch::{Download, Patch};
use serde_json::{Value, json};

/// An installer at an address, of an application that no machine has.
fn installer(name: &str, url: &str, digest: u8) -> Patch {
    let installer = Installer {
        kind: InstallerKind::Msi,
        architecture: "x64".to_owned(),
        scope: InstallerScope::Machine,
        locale: None,
        url: url.to_owned(),
        size: None,
        sha256: Sha256Digest([digest; 32]),
        signed_by: None,
        file: None,
        silent_arguments: "/qn".to_owned(),
        success_codes: Vec::new(),
        reboot_codes: Vec::new(),
    };
    Patch {
        id: PatchId(format!("winget:{name}@1")),
        download: Download::Automatic { installers: vec![installer] },
        source: "applications".to_owned(),
        ..patch(name, "1", None)
    }
}

/// Two installers of one vendor on two hosts, and a feed of packages that the world's own patches come from.
async fn catalog(world: &World) -> Client {
    let root = world.root().await;
    let feed = world.harness.feed("applications").await;
    let zip = installer("zip", "https://download.example/a/zip.msi?v=1", 1);
    let edit = installer("edit", "http://old.example:8080/edit.exe", 2);
    let mut off = installer("off", "https://off.example/off.exe", 3);
    off.enabled = false;
    world.harness.import(feed, &[zip, edit, off]).await;
    let source = |uri: &str| json!({"uri": uri, "suite": "bookworm", "components": ["main"], "keyring": "/usr/share/keyrings/k.gpg"});
    let sources = [source("https://deb.example/debian"), source("https://deb.example/security"), source("file:///srv/debian")];
    let config = json!({"kind": "debian", "release": "debian/bookworm", "architectures": ["amd64"], "sources": sources});
    root.post("/feeds", &json!({"name": "test", "enabled": false, "config": config})).await.expect(201);
    root
}

fn prefix(name: &str, from: &str, to: &str) -> Value {
    json!({"name": name, "rule": {"kind": "prefix", "from": from, "to": to}})
}

async fn url(client: &Client, patch: &str) -> (Value, Value) {
    let shown = client.get(&format!("/patches/{}", in_path(patch))).await.expect(200);
    let installer = &shown["download"]["installers"][0];
    (installer["url"].clone(), installer["vendor_url"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_moves_installers_and_never_their_digest() {
    let world = World::new().await;
    let root = catalog(&world).await;
    let before = root.get(&format!("/patches/{}", in_path("winget:zip@1"))).await.expect(200);
    let made = root.post("/mirrors", &prefix("inside", "https://Download.example/", "https://mirror.example/d/")).await.expect(201);
    assert_eq!(made["rule"]["from"], "https://download.example/");
    let moved = (json!("https://mirror.example/d/a/zip.msi?v=1"), json!("https://download.example/a/zip.msi?v=1"));
    assert_eq!(url(&root, "winget:zip@1").await, moved);
    assert_eq!(url(&root, "winget:edit@1").await, (json!("http://old.example:8080/edit.exe"), Value::Null));
    let list = root.get("/patches?applicable=all&query=id:%60winget:zip@1%60").await.expect(200);
    assert_eq!(list["items"][0]["download"]["installers"][0]["url"], moved.0);
    assert_eq!(list["items"][0]["download"]["installers"][0]["sha256"], before["download"]["installers"][0]["sha256"]);

    let digest = "01".repeat(32);
    let one = json!({"name": "one", "plain_http": true, "rule": {"kind": "installer", "sha256": digest, "to": "http://near.example/zip"}});
    let one = id(&root.post("/mirrors", &one).await.expect(201));
    assert_eq!(url(&root, "winget:zip@1").await.0, "http://near.example/zip");
    root.patch(&format!("/mirrors/{one}"), &json!({"plain_http": false})).await.refused(422, "invalid");
    root.patch(&format!("/mirrors/{one}"), &json!({"enabled": false})).await.expect(200);
    assert_eq!(url(&root, "winget:zip@1").await, moved);
    root.delete(&format!("/mirrors/{}", id(&made))).await.expect(204);
    assert_eq!(url(&root, "winget:zip@1").await.0, "https://download.example/a/zip.msi?v=1");
    root.delete(&format!("/mirrors/{}", id(&made))).await.refused(404, "not-found");
    let log = format!("{:?}", world.harness.app().store.audit(None, 10).await.unwrap());
    assert!(["mirror.create", "mirror.change", "mirror.delete"].iter().all(|action| log.contains(action)), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mirrors_are_refused_with_the_field_that_is_wrong() {
    let world = World::new().await;
    let root = world.root().await;
    let cases = [
        (prefix("m", "https://a.example", "ftp://b.example/"), vec!["rule.to"]),
        (prefix("m", "https://a.example/x", "https://b.example/"), vec!["rule.from"]),
        (prefix("m", "https://a.example/", "http://b.example/"), vec!["rule.to"]),
        (prefix("m", "https://a.example/", "https://u:p@b.example/"), vec!["rule.to"]),
        (prefix(" ", "https://a.example/", "https://b.example/"), vec!["name"]),
        (json!({"name": "m", "rule": {"kind": "installer", "sha256": "12", "to": "https://b.example/"}}), vec!["rule.sha256"]),
    ];
    for (body, fields) in cases {
        assert_eq!(root.post("/mirrors", &body).await.refused_fields(422, "invalid"), fields, "{body}");
    }
    root.post("/mirrors", &prefix("there", "https://a.example/", "https://b.example/")).await.expect(201);
    root.post("/mirrors", &prefix("THERE", "https://c.example/", "https://d.example/")).await.refused(409, "name-taken");
    let back = root.post("/mirrors", &prefix("back", "https://b.example/", "https://a.example/")).await.refused(409, "mirror-overlaps");
    assert!(back["detail"].as_str().unwrap().contains("\"there\""), "{back}");
    let list = root.get("/mirrors?q=B.EXAMPLE&sort=-to").await.expect(200);
    assert_eq!(column(&list, "name"), ["there"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn download_locations_are_the_hosts_that_agents_must_reach() {
    let world = World::new().await;
    let root = catalog(&world).await;
    let (_, reader) = world.somebody(Role::PatchReader, Scope::Everything).await;
    let shown = |page: &Value| -> Vec<String> {
        let line = |row: &Value| {
            let text = |field: &str| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned);
            format!("{}://{}:{} {} {} {}", text("scheme"), text("host"), text("port"), text("purpose"), text("patches"), text("mirror"))
        };
        page["items"].as_array().unwrap().iter().map(line).collect()
    };
    let all = reader.get("/download-locations").await.expect(200);
    let port = world.harness.app().settings.agent_listen.port();
    // Three of the world's four patches are packages; one can only be acquired from its vendor.
    let own = format!("https://localhost:{port} server 0 false");
    let expected = [
        "https://deb.example:443 packages 3 false",
        "https://download.example:443 installers 1 false",
        &own,
        "http://old.example:8080 installers 1 false",
    ];
    assert_eq!(shown(&all), expected);
    assert_eq!((&all["total"], &all["items"][1]["note"]), (&json!(4), &Value::Null));
    assert!(all["items"][0]["note"].as_str().unwrap().contains("own package sources"));
    assert_eq!(all["items"][0]["feeds"], json!(["test"]));

    root.post("/mirrors", &prefix("all", "https://download.example/", "https://mirror.example/")).await.expect(201);
    let installers = reader.get("/download-locations?purpose=installers,server&sort=-host&limit=2").await.expect(200);
    assert_eq!(shown(&installers), ["http://old.example:8080 installers 1 false", "https://mirror.example:443 installers 1 true"]);
    let next = installers["next"].as_str().unwrap();
    let rest = reader.get(&format!("/download-locations?purpose=installers,server&sort=-host&cursor={next}")).await.expect(200);
    assert_eq!(shown(&rest), [own]);
    assert_eq!(column(&reader.get("/download-locations?q=applic&sort=port").await.expect(200), "host"), ["mirror.example", "old.example"]);
    let csv = reader.get("/download-locations/export?q=mirror&purpose=installers").await.text;
    assert_eq!(csv, "scheme,host,port,purpose,patches,feeds,mirror,note\r\nhttps,mirror.example,443,installers,1,applications,true,\r\n");
    reader.get("/download-locations?purpose=fun").await.refused(400, "query-invalid");
}
