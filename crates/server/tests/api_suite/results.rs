//! Results by query, cut to who asks.

use crate::client::Client;
use crate::runs::running;
use crate::world::{VIM, World};
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus, Report};
use fettle_model::access::{Role, Scope};
use fettle_model::ids::PatchId;
use serde_json::{Value, json};

pub(crate) fn asked(list: &str, query: &str) -> String {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    format!("{list}?query={query}")
}

async fn results(client: &Client, query: &str) -> Value {
    client.get(&asked("/results", query)).await.expect(200)
}

/// `asset patch status` of each row.
fn rows(page: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row = |item: &Value| format!("{} {} {}", text(&item["asset"]["name"]), text(&item["patch"]["title"]), text(&item["status"]));
    page["items"].as_array().unwrap().iter().map(row).collect()
}

/// Beta begins, and fails to install vim.
async fn fail(world: &World, run: &str) {
    let run = run.rsplit('/').next().unwrap().parse().unwrap();
    let failure = Failure::new(FailureReason::NotEnoughDisk, Some(100), "E: no room");
    let patch = |status, failure| Report::Patch { patch: PatchId(VIM.to_owned()), status, failure, changes: Vec::new() };
    let asset = |status, failure| Report::Asset { status, failure };
    let reports = [
        asset(AssetRunStatus::Received, None),
        asset(AssetRunStatus::Running, None),
        patch(PatchRunStatus::Installing, None),
        patch(PatchRunStatus::Failed, Some(failure.clone())),
        asset(AssetRunStatus::Failed, Some(failure)),
    ];
    let events = reports.into_iter().map(|report| world.beta.event(run, report)).collect();
    world.beta.report(events).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_found_by_job_asset_patch_and_outcome() {
    let world = World::new().await;
    let root = world.root().await;
    let (_, run) = running(&world, &root).await;
    fail(&world, &run).await;
    let everything = results(&root, "").await;
    assert_eq!(everything["total"], 4, "{everything}");
    let failed = results(&root, "status:failed").await;
    assert_eq!((rows(&failed), failed["total"].as_u64()), (vec!["beta vim 2 failed".to_owned()], Some(1)), "{failed}");
    let row = &failed["items"][0];
    assert_eq!((row["job"]["name"].as_str(), row["run"].as_str()), (Some("update"), run.rsplit('/').next()));
    assert_eq!((row["failure"]["reason"].as_str(), row["failure"]["exit_code"].as_i64()), (Some("not_enough_disk"), Some(100)));
    assert_eq!(
        (row["started_at"].as_str(), row["ended_at"].as_str()),
        (Some(world.harness.now().to_string().as_str()), row["started_at"].as_str())
    );
    for query in [
        "reason:\"not enough disk\"",
        "exitCode:100 and started>now-1h",
        "job:update status:failed",
        "asset.name:beta patch.title:vim",
        "asset:(name:b* and scanStatus:scanned) patch:(title:vim and category:non-security)",
        "asset.installed.title:curl patch.title:vim",
        "ended is not null and not (asset.name:alpha or patch.title:curl)",
        "patch.missingCount:2 status:failed",
        &format!("patch.id:`{VIM}` status:failed"),
        &format!("asset.agent.id:`{}` status:failed", world.beta.asset()),
    ] {
        assert_eq!(rows(&results(&root, query).await), ["beta vim 2 failed"], "{query}");
    }
    for query in ["status:installed", "job:other", "asset.name:gamma", "patch.kev:yes", "asset is null", "exitCode:1"] {
        assert_eq!(results(&root, query).await["total"], 0, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_counted_apart() {
    let world = World::new().await;
    let root = world.root().await;
    running(&world, &root).await;
    let key = world.harness.key().await;
    let mut gamma = world.harness.machine("gamma");
    gamma.enroll(&key).await.unwrap();
    let known = results(&root, "asset.missingCount<1").await;
    assert_eq!((known["total"].as_u64(), known["unknown"].as_u64()), (Some(0), Some(0)));
    root.delete(&format!("/assets/{}", world.alpha.asset())).await.expect(204);
    // Nobody knows any more what a removed asset misses; its name is remembered.
    let removed = results(&root, "asset.missingCount<1").await;
    assert_eq!((removed["total"].as_u64(), removed["unknown"].as_u64()), (Some(0), Some(2)), "{removed}");
    assert_eq!(results(&root, "asset.name:alpha").await["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_together_are_the_list() {
    let world = World::new().await;
    let root = world.root().await;
    running(&world, &root).await;
    for query in ["", "status:pending", "asset.name:alpha or patch.title:vim"] {
        let whole = rows(&results(&root, query).await);
        assert!(whole.len() >= 3, "{whole:?}");
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = root.get(&format!("{}&limit=1{cursor}", asked("/results", query))).await.expect(200);
            assert_eq!(page["total"].as_u64(), Some(whole.len() as u64), "{query}");
            seen.extend(rows(&page));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, whole, "{query}");
    }
    root.get("/results?cursor=e30").await.refused(400, "cursor-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_cut_to_jobs_and_assets_of_the_caller() {
    let world = World::new().await;
    let (owner_id, owner) = world.somebody(Role::PatchUser, Scope::Everything).await;
    let (job, run) = running(&world, &owner).await;
    fail(&world, &run).await;
    assert_eq!(results(&owner, "").await["total"], 4);
    let south = world.at(Role::PatchManager, world.south).await;
    let seen = results(&south, "").await;
    assert_eq!((seen["total"].as_u64(), rows(&seen).len()), (Some(2), 2), "{seen}");
    assert!(rows(&seen).iter().all(|row| row.starts_with("beta")), "{seen}");
    assert_eq!(results(&south, "asset.name:alpha").await["total"], 0);
    assert!(!south.get("/results/export").await.text.contains("alpha"));
    // The owner's own jobs, seen from a smaller scope.
    let narrow = world.client_of(owner_id, Role::PatchUser, World::site(world.north)).await;
    assert!(rows(&results(&narrow, "").await).iter().all(|row| row.starts_with("alpha")));
    for role in [Role::PatchReader, Role::DashboardAuthor, Role::PatchUser, Role::PatchSecurity] {
        let (_, other) = world.somebody(role, Scope::Everything).await;
        let none = results(&other, "").await;
        assert_eq!((none["total"].as_u64(), none["items"].clone()), (Some(0), json!([])), "{role}");
        assert_eq!(results(&other, "status:failed").await["total"], 0, "{role}");
        assert_eq!(other.get("/results/export").await.text.lines().count(), 1, "{role}");
    }
    // A deleted job is nobody's any more.
    owner.delete(&job).await.expect(204);
    assert_eq!(results(&owner, "").await["total"], 0);
    let (_, manager) = world.somebody(Role::PatchManager, Scope::Everything).await;
    assert_eq!(results(&manager, "").await["total"], 4);
    // An asset that was removed is nobody's but theirs who see everything.
    world.root().await.delete(&format!("/assets/{}", world.beta.asset())).await.expect(204);
    assert_eq!(results(&south, "").await["total"], 0);
    assert_eq!(results(&manager, "").await["total"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_a_line_for_each_result() {
    let world = World::new().await;
    let root = world.root().await;
    let (job, run) = running(&world, &root).await;
    fail(&world, &run).await;
    let export = root.get(&asked("/results/export", "asset.name:beta")).await;
    assert_eq!(export.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = export.text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", export.text);
    let job = job.rsplit('/').next().unwrap();
    let failed = lines.iter().find(|line| line.contains("not_enough_disk")).unwrap();
    assert!(failed.starts_with(&format!("{job},update,")) && failed.contains(",100,"), "{failed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_query_is_refused_with_its_place() {
    let world = World::new().await;
    let root = world.root().await;
    for list in ["/results", "/results/export", "/audit", "/audit/export", "/jobs"] {
        let problem = root.get(&asked(list, "nonsense:1")).await.refused(400, "bad-query");
        let error = &problem["errors"][0];
        assert_eq!((error["field"].as_str(), error["from"].as_u64(), error["to"].as_u64()), (Some("query"), Some(0), Some(8)), "{problem}");
        assert!(problem["rendered"].as_str().unwrap().contains("nonsense"), "{problem}");
        root.get(&format!("{list}?frobnicate=1")).await.refused(400, "query-invalid");
    }
}
