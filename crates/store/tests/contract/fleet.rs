//! Reading assets, check-ins and requests for scans.

use crate::world::{World, contract, inventory};
use fettle_model::asset::ScanStatus;
use fettle_model::ids::AssetId;
use fettle_store::{CheckInNote, Numbers, StoreError};
use jiff::SignedDuration;

contract! {
    async fn assets_come_in_pages(world: &World) {
        let mut assets = world.assets(5).await;
        assets.sort();
        let first = world.store.assets(None, 3).await.expect("answers");
        let second = world.store.assets(first.last().map(|asset| asset.id), 3).await.expect("answers");
        let ids: Vec<AssetId> = first.iter().chain(&second).map(|asset| asset.id).collect();
        assert_eq!((first.len(), ids), (3, assets));
    }

    async fn check_ins_are_noted_together(world: &World) {
        let (one, two) = (world.asset("m1").await, world.asset("m2").await);
        let later = world.later(SignedDuration::from_mins(5));
        let note = |asset, at, version: &str| CheckInNote { asset, at, agent_version: version.to_owned(), assess_only: true };
        let nobody = AssetId::make(world.now(), world.ten());
        let notes = [note(one, later - SignedDuration::from_mins(1), "0.1.1"), note(nobody, later, "9"), note(one, later, "0.1.2")];
        world.store.note_check_ins(&notes).await.expect("noted");
        world.store.note_check_ins(&[]).await.expect("nothing to note");
        let record = world.store.asset(one).await.expect("answers").expect("is there");
        assert_eq!((record.last_check_in, record.agent_version.as_str(), record.assess_only), (Some(later), "0.1.2", true));
        let other = world.store.asset(two).await.expect("answers").expect("is there");
        assert_eq!((other.agent_version.as_str(), other.assess_only), ("0.1.0", false));
    }

    async fn asking_for_a_scan_counts_up(world: &World) {
        let asset = world.asset("m1").await;
        assert_eq!(world.store.numbers(asset).await.expect("answers"), Some(Numbers { work: 0, scan: 0 }));
        assert_eq!(world.store.request_scan(asset, &world.audit("asset.scan")).await.expect("asked"), 1);
        assert_eq!(world.store.request_scan(asset, &world.audit("asset.scan")).await.expect("asked"), 2);
        assert_eq!(world.store.numbers(asset).await.expect("answers"), Some(Numbers { work: 0, scan: 2 }));
        assert_eq!(world.store.asset(asset).await.expect("answers").expect("is there").scan.status, ScanStatus::Scanning);
        let nobody = AssetId::make(world.now(), world.ten());
        let refused = world.store.request_scan(nobody, &world.audit("asset.scan")).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "asset" })));
    }

    async fn marks_change_with_what_they_stand_for(world: &World) {
        let (asset, other) = (world.asset("m1").await, world.asset("m2").await);
        let tag = world.tag("north", None).await;
        let marks = async || {
            let all = world.store.asset_marks(None, 10).await.expect("answers");
            for mark in &all {
                let record = world.store.asset(mark.id).await.expect("answers").expect("is there");
                assert_eq!((mark.mark, mark.last_check_in), (record.mark(), record.last_check_in));
            }
            let of = |asset| all.iter().find(|mark| mark.id == asset).expect("is there").mark;
            (of(asset), of(other))
        };
        let (mut before, untouched) = marks().await;
        let changed = async |before: &mut u64, what: &str| {
            let (now, same) = marks().await;
            assert!(now != *before && same == untouched, "{what}");
            *before = now;
        };
        world.store.record_upload(world.upload(asset, inventory("a", 3))).await.expect("recorded");
        changed(&mut before, "an upload").await;
        let now = world.later(SignedDuration::from_hours(4));
        let upload = world.upload(asset, inventory("a", 3));
        world.store.record_upload(upload).await.expect("recorded");
        changed(&mut before, "a later scan of the same").await;
        world.store.set_asset_tags(asset, &[tag].into(), &world.audit("asset.tag")).await.expect("tagged");
        changed(&mut before, "a tag").await;
        world.store.request_scan(asset, &world.audit("asset.scan")).await.expect("asked");
        changed(&mut before, "a status").await;
        let note = |version: &str, at| CheckInNote { asset, at, agent_version: version.to_owned(), assess_only: false };
        world.store.note_check_ins(&[note("0.9.0", now)]).await.expect("noted");
        changed(&mut before, "another agent").await;
        world.store.note_check_ins(&[note("0.9.0", now + SignedDuration::from_mins(1))]).await.expect("noted");
        assert_eq!(marks().await, (before, untouched), "being heard of is no change");
        world.store.remove_asset(asset, &world.audit("asset.remove")).await.expect("removed");
        let left: Vec<AssetId> = world.store.asset_marks(None, 10).await.expect("answers").iter().map(|mark| mark.id).collect();
        assert_eq!(left, [other]);
        assert_eq!(world.store.asset_marks(Some(other), 10).await.expect("answers"), []);
    }
}
