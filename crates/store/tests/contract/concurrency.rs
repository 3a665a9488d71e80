//! Many at once, on one node and on two.

use crate::world::{World, contract, findings, inventory, sign};
use fettle_deploy::run::{AssetRunStatus, Report};
use fettle_store::{ScanOutcome, StartOutcome, StoreError};
use jiff::SignedDuration;

contract! {
    async fn uploads_at_once_share_commits_and_are_all_there(world: &World) {
        let other = world.another_node().await;
        let assets = world.assets(40).await;
        let tasks: Vec<_> = (0..4_usize)
            .flat_map(|round| assets.iter().enumerate().map(move |(number, asset)| (round, number, *asset)))
            .map(|(round, number, asset)| {
                let store = if (number + round) % 2 == 0 { world.store.clone() } else { other.clone() };
                let upload = world.upload(asset, inventory(&format!("host{number}"), 3 + round % 2));
                tokio::spawn(async move { store.record_upload(upload).await })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.expect("runs").expect("recorded"), ScanOutcome::Recorded { runs: Vec::new() });
        }
        let records = world.store.assets(None, 100).await.expect("answers");
        assert_eq!(records.len(), 40);
        for record in records {
            assert_eq!(record.scan.findings, findings(&[1, 5], &[2]));
            let stored = world.store.inventory(record.id).await.expect("answers").expect("is there");
            assert_eq!(stored.hostname, record.name);
        }
    }

    async fn an_upload_is_not_acknowledged_before_it_is_committed(world: &World) {
        let asset = world.asset("m1").await;
        let mut gate = world.hold_writers().await;
        let mut upload = Box::pin(world.store.record_upload(world.upload(asset, inventory("a", 1))));
        assert!(futures::poll!(upload.as_mut()).is_pending());
        assert_eq!(world.store.inventory(asset).await.expect("readers do not wait"), None);
        assert!(futures::poll!(upload.as_mut()).is_pending());
        sqlx::query("ROLLBACK").execute(&mut gate).await.expect("opens the gate");
        upload.await.expect("recorded");
        assert!(world.store.inventory(asset).await.expect("answers").is_some());
    }

    async fn what_one_asset_sends_stays_in_order(world: &World) {
        let asset = world.asset("m1").await;
        let sent: Vec<_> = (0..30)
            .map(|number| {
                let upload = world.upload(asset, inventory(&format!("name{number:02}"), 1));
                let store = world.store.clone();
                async move { store.record_upload(upload).await.expect("recorded") }
            })
            .collect();
        futures::future::join_all(sent).await;
        assert_eq!(world.store.asset(asset).await.expect("answers").expect("is there").name, "name29");
    }

    async fn a_write_that_cannot_be_does_not_harm_its_neighbours(world: &World) {
        let assets = world.assets(10).await;
        let sent = assets.iter().enumerate().map(|(number, asset)| {
            let mut upload = world.upload(*asset, inventory("a", 1));
            if number == 5 {
                // PostgreSQL takes no zero byte in a text; SQLite does.
                upload.volatile.logged_on[0].user = "a\0b".to_owned();
                std::sync::Arc::make_mut(&mut upload.inventory).hostname = "a\0b".to_owned();
            }
            world.store.record_upload(upload)
        });
        let results = futures::future::join_all(sent).await;
        for (number, result) in results.iter().enumerate() {
            match world.store.engine() {
                fettle_store::Engine::Postgres if number == 5 => assert!(matches!(result, Err(StoreError::Query { .. })), "{result:?}"),
                _ => assert!(result.is_ok(), "{number}: {result:?}"),
            }
        }
    }

    async fn the_same_reports_twice_at_once_count_once(world: &World) {
        let asset = world.asset("m1").await;
        let run = world.run("a job", &[asset]).await;
        let other = world.another_node().await;
        let event = world.event(&run, Report::Asset { status: AssetRunStatus::Running, failure: None });
        let (one, two) = tokio::join!(
            world.store.apply_reports(asset, vec![event.clone()], world.now()),
            other.apply_reports(asset, vec![event.clone()], world.now())
        );
        let moved = one.expect("taken").runs.len() + two.expect("taken").runs.len();
        assert_eq!((moved, world.count("run_events").await), (1, 1));
    }

    async fn two_nodes_start_a_slot_once(world: &World) {
        let assets = world.assets(5).await;
        let job = world.job("a job").await;
        let other = world.another_node().await;
        let (mine, theirs) = (world.new_run(&job, &assets, Vec::new()), world.new_run(&job, &assets, Vec::new()));
        let (one, two) = tokio::join!(world.store.start_run(&mine, sign(&mine)), other.start_run(&theirs, sign(&theirs)));
        let outcomes = [one.expect("answers"), two.expect("answers")];
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, StartOutcome::Started { .. })).count(), 1, "{outcomes:?}");
        assert!(outcomes.contains(&StartOutcome::AlreadyStarted), "{outcomes:?}");
        assert_eq!((world.count("runs").await, world.count("run_assets").await), (1, 5));
        assert_eq!(world.store.work_for(assets[0]).await.expect("answers").expect("is there").manifests.len(), 1);
    }

    async fn two_jobs_on_the_same_assets_get_generations_of_their_own(world: &World) {
        let assets = world.assets(20).await;
        let other = world.another_node().await;
        let (one, two) = (world.job("one").await, world.job("two").await);
        let backwards: Vec<_> = assets.iter().rev().copied().collect();
        let (first, second) = (world.new_run(&one, &assets, Vec::new()), world.new_run(&two, &backwards, Vec::new()));
        let (left, right) = tokio::join!(world.store.start_run(&first, sign(&first)), other.start_run(&second, sign(&second)));
        assert!(matches!(left.expect("answers"), StartOutcome::Started { .. }) && matches!(right.expect("answers"), StartOutcome::Started { .. }));
        for asset in assets {
            let list = world.store.work_for(asset).await.expect("answers").expect("is there");
            assert_eq!((list.number, list.manifests.len()), (2, 2));
        }
    }

    async fn cancelling_while_agents_report_loses_neither(world: &World) {
        let assets = world.assets(20).await;
        let run = world.run("a job", &assets).await;
        let other = world.another_node().await;
        let reports = assets.iter().map(|asset| {
            let event = world.event(&run, Report::Asset { status: AssetRunStatus::Running, failure: None });
            other.apply_reports(*asset, vec![event], world.now())
        });
        let audit = world.audit("run.cancel");
        let (cancelled, reported) = tokio::join!(world.store.cancel_run(run.id, world.now(), &audit), futures::future::join_all(reports));
        cancelled.expect("cancelled");
        for report in reported {
            assert_eq!(report.expect("taken").refused, []);
        }
        let counts = world.store.run(run.id).await.expect("answers").expect("is there").counts.assets;
        // A report that came after the cancellation opened its part again; none may be lost.
        assert_eq!(counts, std::collections::BTreeMap::from([(AssetRunStatus::Running, 20)]));
    }

    async fn a_transaction_whose_caller_goes_away_leaves_nothing(world: &World) {
        let assets = world.assets(3).await;
        let job = world.job("a job").await;
        let run = world.new_run(&job, &assets, Vec::new());
        // The second manifest is never signed: the task is aborted while the transaction is open.
        let (reached, waiting) = std::sync::mpsc::channel();
        let (store, run_of_task, fatal) = (world.store.clone(), run.clone(), run.plan.assets[1].asset);
        let mut signer = sign(&run);
        let task = tokio::spawn(async move {
            store.start_run(&run_of_task, move |asset, generation| {
                reached.send(()).expect("somebody listens");
                assert_ne!(asset.asset, fatal, "the task dies here");
                signer(asset, generation)
            }).await
        });
        assert!(task.await.is_err(), "the task died");
        waiting.recv().expect("it had begun");
        assert_eq!((world.count("runs").await, world.count("run_assets").await), (0, 0));
        let started = world.store.start_run(&run, sign(&run)).await.expect("the store goes on");
        assert!(matches!(started, StartOutcome::Started { .. }));
        world.later(SignedDuration::from_secs(1));
    }
}
