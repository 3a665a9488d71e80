//! Jobs.

use crate::world::{World, contract};
use fettle_deploy::job::JobStatus;
use fettle_model::ids::JobId;
use fettle_store::StoreError;
use jiff::SignedDuration;

contract! {
    async fn jobs_come_back_newest_first(world: &World) {
        let first = world.job("first").await;
        world.later(SignedDuration::from_secs(1));
        let second = world.job("second").await;
        assert_eq!(world.store.jobs().await.expect("answers"), [second, first.clone()]);
        assert_eq!(world.store.job(first.id).await.expect("answers"), Some(first.clone()));
        assert_eq!(world.store.job(JobId::make(world.now(), world.ten())).await.expect("answers"), None);
        let mut completed = first.clone();
        completed.status = JobStatus::Completed;
        world.store.update_job(&completed, first.updated_at, &world.audit("job.update")).await.expect("changed");
        let enabled = world.store.enabled_jobs().await.expect("answers");
        assert_eq!(enabled.iter().map(|job| job.definition.name.as_str()).collect::<Vec<_>>(), ["second"]);
    }

    async fn a_change_of_something_outdated_is_refused(world: &World) {
        let job = world.job("a job").await;
        let now = world.later(SignedDuration::from_secs(5));
        let change = |name: &str| {
            let mut changed = job.clone();
            changed.definition.name = name.to_owned();
            changed.updated_at = now;
            changed
        };
        let other = world.another_node().await;
        let (mine, theirs) = (change("mine"), change("theirs"));
        let audit = world.audit("job.update");
        let (one, two) = tokio::join!(world.store.update_job(&mine, job.updated_at, &audit), other.update_job(&theirs, job.updated_at, &audit));
        let refused = match (one, two) {
            (Ok(()), Err(error)) | (Err(error), Ok(())) => error,
            other => panic!("{other:?}"),
        };
        assert!(matches!(refused, StoreError::Outdated { what: "job" }), "{refused:?}");
    }

    async fn a_deleted_job_is_gone(world: &World) {
        let job = world.job("a job").await;
        let audit = world.audit("job.delete");
        assert_eq!(world.store.delete_job(job.id, world.now(), &audit).await.expect("deleted"), []);
        assert_eq!(world.store.job(job.id).await.expect("answers"), None);
        assert_eq!(world.store.jobs().await.expect("answers"), []);
        assert_eq!(world.store.enabled_jobs().await.expect("answers"), []);
        let again = world.store.delete_job(job.id, world.now(), &audit).await;
        assert!(matches!(again, Err(StoreError::NotFound { what: "job" })));
        let changed = world.store.update_job(&job, job.updated_at, &audit).await;
        assert!(matches!(changed, Err(StoreError::NotFound { what: "job" })));
    }
}
