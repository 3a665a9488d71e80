//! Patches that administrators upload: from the file to what is missing, and what is refused on the way.

use crate::client::{Answer, Client, column, id};
use crate::harness::samples::{bookworm, deb, program};
use crate::world::{World, in_path};
use axum::body::Body;
use axum::http::Request;
use fettle_server::work::Reconciler;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) fn digest(file: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(file))
}

/// Uploads bytes under a digest.
pub(crate) async fn upload(client: &Client, sha256: &str, body: impl Into<Body>) -> Answer {
    let request = Request::put(format!("/api/v1/custom-patches/content/{sha256}")).body(body.into()).unwrap();
    client.raw(client.request(request)).await
}

/// A custom patch of a file.
pub(crate) async fn made(client: &Client, file: &[u8], details: Value) -> Value {
    let sha256 = digest(file);
    upload(client, &sha256, file.to_vec()).await.expect(200);
    let mut all = json!({"title": "Tool", "vendor": "Example", "app_family": "Tool"});
    all.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
    client.post("/custom-patches", &json!({"sha256": sha256, "file_name": "tool.bin", "details": all})).await.expect(201)
}

/// Names of files below the folder of contents.
fn files(world: &World) -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["contents", "contents/incoming"] {
        let entries = std::fs::read_dir(world.harness.folder().join(folder)).unwrap().map(Result::unwrap);
        names.extend(entries.filter(|entry| entry.file_type().unwrap().is_file()).map(|entry| entry.file_name().into_string().unwrap()));
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_package_is_missing_where_an_older_one_is() {
    let world = World::new().await;
    let root = world.root().await;
    let file = deb("tool", "2.1-1");
    let sha256 = digest(&file);
    root.get(&format!("/custom-patches/content/{sha256}")).await.refused(404, "not-found");
    let shown = upload(&root, &sha256, file.clone()).await.expect(200);
    assert_eq!(
        (&shown["file"]["kind"], &shown["file"]["version"], &shown["file"]["size"]),
        (&json!("deb"), &json!("2.1-1"), &json!(file.len()))
    );
    assert_eq!((&shown["proposed"]["title"], &shown["proposed"]["vendor"]), (&json!("tool 2.1-1"), &json!("Ida Example")));
    assert_eq!(root.get(&format!("/custom-patches/content/{sha256}")).await.expect(200), shown);
    // A deb does not say for which release it is.
    let mut body = json!({"sha256": sha256, "file_name": "tool_2.1-1_amd64.deb", "details": {}});
    assert_eq!(root.post("/custom-patches", &body).await.refused_fields(422, "invalid"), ["details.release"]);
    body["details"] = json!({
        "release": "debian/bookworm", "title": "Our tool", "category": "security", "severity": "critical", "cves": ["CVE-2026-1234"],
    });
    let patch = root.post("/custom-patches", &body).await.expect(201);
    world.harness.work(Reconciler::Reassess).await;

    world.alpha.scan_fully(&bookworm("alpha", &[("tool", "2.0-9")])).await.unwrap();
    world.beta.scan_fully(&bookworm("beta", &[("tool", "2.1-1")])).await.unwrap();
    let in_catalog = root.get(&format!("/patches/{}", in_path(patch["patch"].as_str().unwrap()))).await.expect(200);
    assert_eq!((&in_catalog["missing"], &in_catalog["installed"], &in_catalog["source"]), (&json!(1), &json!(1), &json!("custom")));
    let port = world.harness.app().settings.agent_listen.port();
    let url = format!("https://localhost:{port}/agent/v1/content/{sha256}");
    assert_eq!(in_catalog["download"]["installers"][0]["url"], url);
    let missing = root.get("/assets?patches=cve:CVE-2026-1234%20and%20source:custom").await.expect(200);
    assert_eq!(column(&missing, "name"), ["alpha"]);
    let server = root.get("/download-locations?purpose=server").await.expect(200);
    assert_eq!((&server["items"][0]["patches"], &server["items"][0]["feeds"]), (&json!(1), &json!(["custom"])));

    // Switched off it is nobody's concern; switched on again it is.
    let path = format!("/custom-patches/{}", id(&patch));
    let off = root.patch(&path, &json!({"enabled": false, "details": {"title": "Their tool"}})).await.expect(200);
    assert_eq!(
        (&off["details"]["title"], &off["details"]["severity"], &off["enabled"]),
        (&json!("Their tool"), &json!("critical"), &json!(false))
    );
    world.harness.work(Reconciler::Reassess).await;
    assert_eq!(root.get("/assets?patches=source:custom").await.expect(200)["total"], 0);
    assert_eq!(column(&root.get("/custom-patches?q=THEIR").await.expect(200), "id"), [id(&patch)]);
    root.delete(&path).await.expect(204);
    root.get(&path).await.refused(404, "not-found");
    assert_eq!(files(&world), [""; 0]);
    let log = format!("{:?}", world.harness.app().store.audit(None, 20).await.unwrap());
    for action in ["custom_patch.upload", "custom_patch.create", "custom_patch.change", "custom_patch.delete"] {
        assert!(log.contains(action), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_says_nothing_is_described_by_its_administrator() {
    let world = World::new().await;
    let root = world.root().await;
    let file = program(7);
    let sha256 = digest(&file);
    let shown = upload(&root, &sha256, file).await.expect(200);
    assert_eq!((&shown["file"]["kind"], &shown["proposed"]["architecture"]), (&json!("exe"), &json!("x64")));
    let body = json!({"sha256": sha256, "file_name": "../setup.exe"});
    let expected = ["file_name", "details.title", "details.vendor", "details.app_family", "details.product_name", "details.version"];
    assert_eq!(root.post("/custom-patches", &body).await.refused_fields(422, "invalid"), expected);
    let details = json!({
        "product_name": "Tool", "publisher": "Example", "version": "2.1", "silent_arguments": "/S", "success_codes": [7], "reboot_codes": [8],
    });
    let patch = made(&root, &program(7), details).await;
    assert_eq!((&patch["details"]["silent_arguments"], &patch["details"]["reboot_codes"]), (&json!("/S"), &json!([8])));
    // The same file may be another patch; it goes with the last of them.
    let other = made(&root, &program(7), json!({"product_name": "Tool", "version": "2.1", "architecture": ""})).await;
    root.delete(&format!("/custom-patches/{}", id(&patch))).await.expect(204);
    assert_eq!(files(&world), [sha256]);
    root.delete(&format!("/custom-patches/{}", id(&other))).await.expect(204);
    assert_eq!(files(&world), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_that_a_job_has_stays() {
    let world = World::new().await;
    let root = world.root().await;
    let patch = made(&root, &program(1), json!({"product_name": "Tool", "version": "1"})).await;
    world.harness.work(Reconciler::Reassess).await;
    let path = format!("/custom-patches/{}", id(&patch));
    // Agents of today cannot run installers, so the job is one of a later release.
    let job = root.post("/jobs", &json!({"name": "weekly", "kind": "install"})).await.expect(201);
    let store = &world.harness.app().store;
    let stored = store.job(id(&job).parse().unwrap()).await.unwrap().unwrap();
    let mut with = stored.clone();
    with.definition.patches = crate::world::ids(&[patch["patch"].as_str().unwrap()]);
    store.update_job(&with, stored.updated_at, &world.harness.audit("job.change")).await.unwrap();
    let refused = root.delete(&path).await.refused(409, "custom-patch-in-use");
    assert!(refused["detail"].as_str().unwrap().contains("weekly"), "{refused}");
    assert_eq!(files(&world).len(), 1);
    root.delete(&format!("/jobs/{}", id(&job))).await.expect(204);
    root.delete(&path).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_file_that_was_stated_leaves_nothing() {
    let world = World::new().await;
    let root = world.root().await;
    let file = program(1);
    let sha256 = digest(&file);
    upload(&root, &digest(b"another"), file.clone()).await.refused(422, "digest-differs");
    upload(&root, "..%2F..%2Fetc%2Fpasswd", file.clone()).await.refused_fields(422, "invalid");
    upload(&root, &sha256[1..], file.clone()).await.refused_fields(422, "invalid");
    for stranger in [&b"#!/bin/sh\necho hello\n"[..], b"", b"MZ", &file[..0x90], b"!<arch>\nhello"] {
        upload(&root, &digest(stranger), stranger.to_vec()).await.refused(422, "file-refused");
    }
    let large = vec![0; usize::try_from(world.harness.app().settings.upload_limit).unwrap() + 1];
    let refused = upload(&root, &digest(&large), large).await.refused(413, "file-too-large");
    assert!(refused["detail"].as_str().unwrap().contains("upload_limit_mb"), "{refused}");
    let broken = std::io::Error::other("the cable was pulled");
    let cut = futures::stream::iter([Ok(file[..100].to_vec()), Err(broken)]);
    upload(&root, &sha256, Body::from_stream(cut)).await.refused(400, "body-cut-short");
    assert_eq!(files(&world), [""; 0], "nothing of what was refused is left");
    let unknown = json!({"sha256": sha256, "file_name": "x.exe"});
    assert_eq!(root.post("/custom-patches", &unknown).await.refused_fields(422, "invalid"), ["sha256"]);
    root.post("/custom-patches", &json!({"sha256": sha256, "file_name": "x", "details": {"titel": "x"}})).await.refused(422, "invalid");
    // The same file in a whole piece is taken, and again.
    for _ in 0..2 {
        upload(&root, &sha256, file.clone()).await.expect(200);
    }
    assert_eq!(files(&world), [sha256]);
}
