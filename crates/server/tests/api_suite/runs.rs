//! Runs: progress, live and afterwards, cut to who looks.

use crate::client::{Client, column, id};
use crate::harness::eventually;
use crate::world::{CURL, VIM, World, ids};
use axum::body::Body;
use axum::http::Request;
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus, Report};
use fettle_model::access::Role;
use fettle_model::ids::PatchId;
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

/// The first run of a job, once it is there.
pub(crate) async fn first_run(client: &Client, job: &str) -> String {
    eventually("the job runs", async || {
        let runs = client.get(&format!("/jobs/{job}/runs")).await.expect(200);
        runs["items"].as_array().unwrap().first().map(id)
    })
    .await
}

/// A job over both sites that runs: its path and that of its run.
pub(crate) async fn running(world: &World, root: &Client) -> (String, String) {
    let assets = json!({"include_tags": [world.north, world.south]});
    let body = json!({
        "name": "update", "kind": "install", "patches": ids(&[CURL, VIM]), "assets": assets,
        "schedule": {"type": "on_demand"}, "enable": true,
    });
    let job = id(&root.post("/jobs", &body).await.expect(201));
    let run = first_run(root, &job).await;
    (format!("/jobs/{job}"), format!("/jobs/{job}/runs/{run}"))
}

fn count(run: &Value, field: &str, status: &str) -> u64 {
    let counts = run[field].as_array().unwrap().iter();
    counts.filter(|count| count["status"] == status).map(|count| count["count"].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_counted_over_what_the_caller_sees() {
    let world = World::new().await;
    let root = world.root().await;
    let (job, run) = running(&world, &root).await;
    let whole = root.get(&run).await.expect(200);
    assert_eq!((whole["assets"].as_u64(), count(&whole, "patch_status", "pending")), (Some(2), 3), "{whole}");
    let manager = world.at(Role::PatchManager, world.south).await;
    let part = manager.get(&run).await.expect(200);
    assert_eq!((part["assets"].as_u64(), count(&part, "patch_status", "pending")), (Some(1), 1), "{part}");
    assert_eq!(manager.get(&job).await.expect(200)["last_run"], part);
    let rows = manager.get(&format!("{run}/assets")).await.expect(200);
    assert_eq!((rows["total"].as_u64(), rows["items"][0]["asset"]["name"].as_str()), (Some(1), Some("beta")));
    assert!(!manager.get(&format!("{run}/assets/export")).await.text.contains("alpha"));
    manager.get(&format!("{run}/assets/{}", world.alpha.asset())).await.refused(404, "not-found");
    let own = format!("/assets/{}/jobs", world.alpha.asset());
    assert_eq!(column(&root.get(&own).await.expect(200), "name"), ["update"]);
    manager.get(&own).await.refused(404, "not-found");
    let other = world.root().await;
    other
        .get(&format!("/jobs/{}/runs/{}", "0190a000-0000-7000-8000-000000000000", "0190a000-0000-7000-8000-000000000000"))
        .await
        .refused(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_of_a_run_are_paged_alike_however_they_are_read() {
    let world = World::new().await;
    let root = world.root().await;
    let (_, run) = running(&world, &root).await;
    // The second is read by the store, the others are cut here.
    for (query, expected) in
        [("sort=-name", ["beta", "alpha"]), ("sort=name", ["alpha", "beta"]), ("patch_status=pending", ["alpha", "beta"])]
    {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = root.get(&format!("{run}/assets?limit=1&{query}{cursor}")).await.expect(200);
            assert_eq!((page["total"].as_u64(), page["items"].as_array().unwrap().len()), (Some(2), 1), "{query}");
            names.push(page["items"][0]["asset"]["name"].as_str().unwrap().to_owned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(names, expected, "{query}");
    }
    root.get(&format!("{run}/assets?cursor=e30")).await.refused(400, "cursor-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_shown_with_its_reason_and_advice() {
    let world = World::new().await;
    let root = world.root().await;
    let (_, run) = running(&world, &root).await;
    let run_id = run.rsplit('/').next().unwrap().parse().unwrap();
    let failure = Failure::new(FailureReason::InstallerFailed, Some(100), "E: no luck");
    let patch = |status, failure| Report::Patch { patch: PatchId(VIM.to_owned()), status, failure, changes: Vec::new() };
    let asset = |status, failure| Report::Asset { status, failure };
    let reports = [
        asset(AssetRunStatus::Received, None),
        asset(AssetRunStatus::Running, None),
        patch(PatchRunStatus::Installing, None),
        patch(PatchRunStatus::Failed, Some(failure.clone())),
        asset(AssetRunStatus::Failed, Some(failure)),
    ];
    let events = reports.into_iter().map(|report| world.beta.event(run_id, report)).collect();
    world.beta.report(events).await.unwrap();
    let detail = root.get(&format!("{run}/assets/{}", world.beta.asset())).await.expect(200);
    let shown = detail["patches"].as_array().unwrap().iter().find(|patch| patch["id"] == VIM).unwrap();
    assert_eq!((shown["status"].as_str(), shown["failure"]["exit_code"].as_i64()), (Some("failed"), Some(100)));
    assert_eq!(shown["failure"]["reason"], "installer_failed");
    assert!(shown["failure"]["advice"].as_str().unwrap().contains("log"), "{shown}");
    let failed = root.get(&format!("{run}/assets?status=failed")).await.expect(200);
    assert_eq!((failed["total"].as_u64(), failed["items"][0]["asset"]["name"].as_str()), (Some(1), Some("beta")));
    assert_eq!(root.get(&format!("{run}/assets?patch_status=failed")).await.expect(200)["total"], 1);
    let export = root.get(&format!("{run}/assets/export?patch_status=failed")).await.text;
    assert!(export.contains(VIM) && export.contains("The installer reported an error."), "{export}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_ends() {
    let world = World::new().await;
    let root = world.root().await;
    let (job, run) = running(&world, &root).await;
    let cancelled = root.ask(&format!("{run}/cancel")).await.expect(200);
    assert_eq!(count(&cancelled, "asset_status", "cancelled"), 2, "{cancelled}");
    assert_eq!(world.alpha.work().await.unwrap().1.len(), 0, "the agents are told");
    eventually("the job is completed", async || {
        let now = root.get(&job).await.expect(200);
        (now["status"] == "completed").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_as_it_happens() {
    let world = World::new().await;
    let root = world.root().await;
    let (_, run) = running(&world, &root).await;
    let request = root.request(Request::get(format!("/api/v1{run}/events")).body(Body::empty()).unwrap());
    let response = root.router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let first = next(&mut stream).await;
    assert_eq!(count(&first, "asset_status", "pending"), 2, "{first}");
    root.ask(&format!("{run}/cancel")).await.expect(200);
    let mut last = first;
    while last["ended_at"].is_null() {
        last = next(&mut stream).await;
    }
    assert_eq!(count(&last, "asset_status", "cancelled"), 2, "{last}");
    let end = tokio::time::timeout(crate::harness::DEADLINE, stream.next()).await.expect("the stream ends with the run");
    assert!(end.is_none());
}

/// The next `progress` event of a stream.
async fn next(stream: &mut axum::body::BodyDataStream) -> Value {
    let part = tokio::time::timeout(crate::harness::DEADLINE, stream.next()).await.expect("an event in time");
    let text = String::from_utf8(part.expect("an event").unwrap().to_vec()).unwrap();
    assert!(text.contains("event: progress"), "{text}");
    let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(data).unwrap()
}
