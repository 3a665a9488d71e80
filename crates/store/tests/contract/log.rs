//! The audit log.

use crate::world::{World, contract};
use fettle_model::access::Role;
use fettle_store::{AuditVerdict, StoreError};

contract! {
    async fn entries_come_back_newest_first(world: &World) {
        let mut entry = world.audit("first");
        world.store.record_audit(&entry).await.expect("appended");
        entry.action = "second".to_owned();
        entry.who = None;
        entry.before = entry.after.take();
        world.store.record_audit(&entry).await.expect("appended");
        let rows = world.store.audit(None, 10).await.expect("answers");
        assert_eq!(rows.iter().map(|row| (row.number, row.entry.action.as_str())).collect::<Vec<_>>(), [(2, "second"), (1, "first")]);
        assert_eq!(rows[0].entry, entry);
        assert_eq!(world.store.audit(Some(2), 10).await.expect("answers").len(), 1);
        assert_eq!(world.store.audit(None, 1).await.expect("answers")[0].number, 2);
        assert_eq!(world.store.verify_audit().await.expect("answers"), AuditVerdict::Whole(2));
    }

    async fn appending_at_once_leaves_no_gap(world: &World) {
        let other = world.another_node().await;
        let entry = world.audit("x");
        let writers = (0..20).map(|number| {
            let (store, entry) = (if number % 2 == 0 { world.store.clone() } else { other.clone() }, entry.clone());
            tokio::spawn(async move { store.record_audit(&entry).await })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("runs").expect("appends");
        }
        assert_eq!(world.store.verify_audit().await.expect("answers"), AuditVerdict::Whole(20));
    }

    async fn tampering_shows(world: &World) {
        for _ in 0..3 {
            world.store.record_audit(&world.audit("x")).await.expect("appended");
        }
        world.sql("UPDATE audit_log SET who_name = 'eve' WHERE number = 2").await;
        assert_eq!(world.store.verify_audit().await.expect("answers"), AuditVerdict::Broken { number: 2 });
        world.sql("UPDATE audit_log SET who_name = 'ada' WHERE number = 2").await;
        assert_eq!(world.store.verify_audit().await.expect("answers"), AuditVerdict::Whole(3));
        world.sql("UPDATE audit_log SET before_json = '' WHERE number = 2").await;
        assert_eq!(world.store.verify_audit().await.expect("answers"), AuditVerdict::Broken { number: 2 });
        world.sql("DELETE FROM audit_log WHERE number = 2").await;
        assert_eq!(world.store.verify_audit().await.expect("answers"), AuditVerdict::Broken { number: 2 });
    }

    async fn a_refused_change_is_not_logged(world: &World) {
        world.user("ada", Role::SuperUser).await;
        let refused = world.store.create_user(&world.new_user("ada", Role::PatchUser), &world.audit("user.create")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })));
        assert_eq!(world.store.audit(None, 10).await.expect("answers").len(), 1);
    }
}
