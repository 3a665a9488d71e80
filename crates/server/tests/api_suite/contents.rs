//! Uploaded files: what a killed server leaves, what nobody needs, and what agents are given.

use crate::client::{Client, id};
use crate::custom_patches::{digest, made, upload};
use crate::harness::agent::TestAgent;
use crate::harness::samples::program;
use crate::world::{World, ids};
use fettle_deploy::job::JobKind;
use fettle_deploy::manifest::{Manifest, PlannedPatch};
use fettle_deploy::plan::{PatchPlan, Plan, PlannedAsset};
use fettle_deploy::run::PatchRunStatus;
use fettle_model::clock::Entropy;
use fettle_model::ids::{PatchId, RunId};
use fettle_model::patch::Reboot;
use fettle_server::work::Reconciler;
use fettle_store::{NewRun, StartOutcome};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

async fn tool(root: &Client, filling: u8) -> Value {
    made(root, &program(filling), json!({"product_name": "Tool", "version": "1"})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_removes_halves_and_what_nobody_made_a_patch_of() {
    let mut world = World::new().await;
    let root = world.root().await;
    tool(&root, 1).await;
    for unused in [2, 3] {
        upload(&root, &digest(&program(unused)), program(unused)).await.expect(200);
    }
    let folder = world.harness.folder().join("contents");
    std::fs::write(folder.join("incoming/half"), "half a file").unwrap();
    let old = SystemTime::from(world.harness.now()) - Duration::from_secs(25 * 3600);
    for filling in [1, 2] {
        std::fs::File::options().write(true).open(folder.join(digest(&program(filling)))).unwrap().set_modified(old).unwrap();
    }
    world.harness.restart().await;
    let there = |filling: u8| folder.join(digest(&program(filling))).exists();
    assert!(!folder.join("incoming/half").exists(), "half a file is gone");
    assert_eq!((there(1), there(2), there(3)), (true, false, true), "a patch's file stays, an old one that nobody used goes");
}

/// Has an asset install patches, as a release will that can run installers.
async fn order(world: &World, root: &Client, agent: &TestAgent, patches: &[PatchId]) {
    let store = &world.harness.app().store;
    let body = json!({"name": "order", "kind": "install", "assets": {"include_assets": [agent.asset()]}, "patches": [crate::world::CURL], "schedule": {"type": "on_demand"}});
    let job = id(&root.post("/jobs", &body).await.expect(201)).parse().unwrap();
    let job = store.job(job).await.unwrap().unwrap();
    let enabled = job.clone().enable(world.harness.now()).unwrap();
    store.update_job(&enabled, job.updated_at, &world.harness.audit("job.enable")).await.unwrap();
    let planned = |patch: &PatchId| PatchPlan {
        patch: patch.clone(),
        title: "x".to_owned(),
        status: PatchRunStatus::Pending,
        note: None,
        packages: Vec::new(),
        held: Vec::new(),
        reboot: Reboot::Never,
    };
    let asset = PlannedAsset { asset: agent.asset(), name: "x".to_owned(), patches: patches.iter().map(planned).collect() };
    let now = world.harness.now();
    let run = NewRun {
        id: RunId::make(now, world.harness.entropy.ten()),
        job: job.id,
        slot: 0,
        now,
        planned_from: enabled.updated_at,
        begin_before: None,
        expires_at: now + SignedDuration::from_hours(1),
        plan: Plan { kind: JobKind::Install, assets: vec![asset], left_out: Vec::new() },
    };
    let app = std::sync::Arc::clone(world.harness.app());
    let sign = |asset: &PlannedAsset, generation: u64| {
        let patches = asset.patches.iter().map(|patch| PlannedPatch {
            patch: patch.patch.clone(),
            title: patch.title.clone(),
            packages: Vec::new(),
            reboot: patch.reboot,
        });
        let manifest = Manifest {
            asset: asset.asset,
            job: run.job,
            job_name: "order".to_owned(),
            run: run.id,
            generation,
            kind: JobKind::Install,
            not_before: now,
            begin_before: None,
            expires_at: run.expires_at,
            patches: patches.collect(),
            continue_on_failure: true,
        };
        app.authority.sign(&manifest).map_err(Into::into)
    };
    let started = store.start_run(&run, sign).await.unwrap();
    assert!(matches!(started, StartOutcome::Started { .. }), "{started:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_given_the_files_of_its_own_work_and_no_others() {
    let world = World::new().await;
    let root = world.root().await;
    let (ordered, other) = (tool(&root, 1).await, tool(&root, 2).await);
    world.harness.work(Reconciler::Reassess).await;
    let path = |filling: u8| format!("/agent/v1/content/{}", digest(&program(filling)));
    let refused = async |agent: &TestAgent, path: &str| agent.send(reqwest::Method::GET, path, Vec::new()).await.unwrap_err().code;
    assert_eq!(refused(&world.alpha, &path(1)).await, "not-found");
    order(&world, &root, &world.alpha, &ids(&[ordered["patch"].as_str().unwrap()])).await;

    let (status, headers, whole) = world.alpha.fetch(&path(1), &[]).await;
    assert_eq!((status, headers["accept-ranges"].to_str().unwrap()), (200, "bytes"));
    assert_eq!(digest(&whole), digest(&program(1)));
    // Cut off after some bytes, it goes on where it was.
    let (status, headers, rest) = world.alpha.fetch(&path(1), &[("range", "bytes=4000-")]).await;
    assert_eq!((status, headers["content-range"].to_str().unwrap()), (206, "bytes 4000-4095/4096"));
    assert_eq!(rest, &whole[4000..]);
    assert_eq!(world.alpha.fetch(&path(1), &[("range", "bytes=9000-")]).await.0, 416);

    assert_eq!(refused(&world.alpha, &path(2)).await, "not-found", "{other}");
    assert_eq!(refused(&world.beta, &path(1)).await, "not-found", "another machine's work");
    for wrong in ["/agent/v1/content/x", "/agent/v1/content/..%2F..%2Ffettle.db", "/agent/v1/content/"] {
        assert_eq!(refused(&world.alpha, wrong).await, "not-found", "{wrong}");
    }
    let stranger = world.harness.machine("stranger");
    assert_eq!(refused(&stranger, &path(1)).await, "certificate-missing");

    // A mirror near the machine is told to the agent; the digest stays.
    let rule = json!({"kind": "installer", "sha256": digest(&program(1)), "to": "https://near.example/tool.exe"});
    root.post("/mirrors", &json!({"name": "near", "rule": rule})).await.expect(201);
    let (status, headers, _) = world.alpha.fetch(&path(1), &[]).await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (307, "https://near.example/tool.exe"));

    // While the run is open, its patch cannot be deleted; a file that is gone from the disk is said to be.
    root.delete(&format!("/custom-patches/{}", id(&ordered))).await.refused(409, "custom-patch-in-use");
    let mirror = root.get("/mirrors").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    root.delete(&format!("/mirrors/{mirror}")).await.expect(204);
    let file: PathBuf = world.harness.folder().join("contents").join(digest(&program(1)));
    std::fs::remove_file(file).unwrap();
    assert_eq!(refused(&world.alpha, &path(1)).await, "unavailable");
}
