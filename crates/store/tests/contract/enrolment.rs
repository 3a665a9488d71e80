//! Enrolment and certificates.

use crate::world::{World, contract};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_store::{CertificateState, EnrolOutcome, KeyRefusal, NewCertificate, Store, StoreError};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// Enrols and gives the certificate that was made.
async fn enrol(world: &World, store: &Store, enrolment: &fettle_store::Enrolment) -> (EnrolOutcome, NewCertificate) {
    let certificate = world.certificate();
    (store.enrol(enrolment, |_| Ok(certificate.clone())).await.expect("works"), certificate)
}

async fn state(world: &World, fingerprint: Sha256Digest) -> CertificateState {
    world.store.certificate(fingerprint).await.expect("answers").expect("is there").state
}

contract! {
    async fn a_key_that_does_not_count_is_refused_with_its_reason(world: &World) {
        let refused = async |enrolment| match world.enrol(&enrolment).await {
            EnrolOutcome::Refused(why) => why,
            EnrolOutcome::Enrolled { .. } => panic!("enrolled"),
        };
        let good = world.key(|_| {}).await;
        let mut unknown = world.enrolment(&good, "m");
        unknown.key = world.new_key().id;
        assert_eq!(refused(unknown).await, KeyRefusal::Unknown);
        let mut wrong = world.enrolment(&good, "m");
        wrong.secret_hash = Sha256Digest([8; 32]);
        assert_eq!(refused(wrong).await, KeyRefusal::Unknown);
        let disabled = world.key(|key| key.disabled = true).await;
        assert_eq!(refused(world.enrolment(&disabled, "m")).await, KeyRefusal::Disabled);
        let expired = world.key(|key| key.expires_at = Some(key.created_at)).await;
        assert_eq!(refused(world.enrolment(&expired, "m")).await, KeyRefusal::Expired);
        let used = world.key(|key| key.use_limit = Some(0)).await;
        assert_eq!(refused(world.enrolment(&used, "m")).await, KeyRefusal::UsedUp);
        assert_eq!(world.store.assets(None, 10).await.expect("answers"), []);
    }

    async fn a_machine_becomes_an_asset_with_the_tags_of_its_key(world: &World) {
        let tag = world.tag("laptops", None).await;
        let key = world.key(|key| key.tags = BTreeSet::from([tag])).await;
        let enrolment = world.enrolment(&key, "m1");
        let (outcome, certificate) = enrol(world, &world.store, &enrolment).await;
        assert_eq!(outcome, EnrolOutcome::Enrolled { asset: enrolment.asset, returning: false });
        let asset = world.store.asset(enrolment.asset).await.expect("answers").expect("is there");
        assert_eq!((asset.name.as_str(), asset.machine_id.as_str(), asset.tags), ("m1.example", "m1", BTreeSet::from([tag])));
        assert_eq!((asset.created_at, asset.enrolled_with, asset.last_check_in), (world.now(), Some(key.id), Some(world.now())));
        assert_eq!(asset.scan.status, fettle_model::asset::ScanStatus::NeverScanned);
        let found = world.store.certificate(certificate.fingerprint).await.expect("answers").expect("is there");
        assert_eq!((found.asset, found.certificate, found.state), (enrolment.asset, certificate, CertificateState::Live));
        assert_eq!(world.store.certificate(Sha256Digest([0; 32])).await.expect("answers"), None);
        let log = world.store.audit(None, 1).await.expect("answers").remove(0).entry;
        assert_eq!((log.action.as_str(), log.from.as_str()), ("asset.enrol", "192.0.2.9"));
    }

    async fn the_same_machine_keeps_its_asset(world: &World) {
        let key = world.key(|key| key.use_limit = Some(1)).await;
        let (first, old) = enrol(world, &world.store, &world.enrolment(&key, "m1")).await;
        let EnrolOutcome::Enrolled { asset, .. } = first else { panic!("{first:?}") };
        let tag = world.tag("kept", None).await;
        world.store.set_asset_tags(asset, &BTreeSet::from([tag]), &world.audit("tags")).await.expect("given");
        let now = world.later(SignedDuration::from_hours(1));
        let mut again = world.enrolment(&key, "m1");
        again.hostname = "renamed.example".to_owned();
        let (outcome, new) = enrol(world, &world.store, &again).await;
        assert_eq!(outcome, EnrolOutcome::Enrolled { asset, returning: true });
        assert_eq!(state(world, old.fingerprint).await, CertificateState::Revoked { at: now });
        assert_eq!(state(world, new.fingerprint).await, CertificateState::Live);
        let record = world.store.asset(asset).await.expect("answers").expect("is there");
        assert_eq!((record.name.as_str(), record.tags), ("renamed.example", BTreeSet::from([tag])));
        assert_eq!(world.store.activation_key(key.id).await.expect("answers").expect("is there").uses, 1);
        assert_eq!(world.enrol(&world.enrolment(&key, "m2")).await, EnrolOutcome::Refused(KeyRefusal::UsedUp));
        let other = world.key(|_| {}).await;
        assert_eq!(world.enrol(&world.enrolment(&other, "m1")).await, EnrolOutcome::Enrolled { asset, returning: true });
        assert_eq!(world.store.activation_key(other.id).await.expect("answers").expect("is there").uses, 1);
    }

    async fn a_certificate_that_cannot_be_made_leaves_nothing(world: &World) {
        let key = world.key(|_| {}).await;
        let failed = world.store.enrol(&world.enrolment(&key, "m1"), |_| Err("no key".into())).await;
        assert!(matches!(failed, Err(StoreError::Issue { what: "certificate", .. })), "{failed:?}");
        assert_eq!(world.store.assets(None, 10).await.expect("answers"), []);
        assert_eq!(world.store.activation_key(key.id).await.expect("answers").expect("is there").uses, 0);
    }

    async fn a_renewed_certificate_stands_beside_the_old_one(world: &World) {
        let key = world.key(|_| {}).await;
        let (outcome, old) = enrol(world, &world.store, &world.enrolment(&key, "m1")).await;
        let EnrolOutcome::Enrolled { asset, .. } = outcome else { panic!("{outcome:?}") };
        let new = world.certificate();
        world.store.renew_certificate(asset, &new).await.expect("kept");
        assert_eq!(state(world, old.fingerprint).await, CertificateState::Live);
        assert_eq!(state(world, new.fingerprint).await, CertificateState::Live);
        let nobody = AssetId::make(world.now(), world.ten());
        let refused = world.store.renew_certificate(nobody, &world.certificate()).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "asset" })));
    }

    async fn a_removed_asset_is_revoked_and_its_machine_new(world: &World) {
        let key = world.key(|_| {}).await;
        let (outcome, certificate) = enrol(world, &world.store, &world.enrolment(&key, "m1")).await;
        let EnrolOutcome::Enrolled { asset, .. } = outcome else { panic!("{outcome:?}") };
        world.store.remove_asset(asset, &world.audit("asset.remove")).await.expect("removed");
        assert_eq!(world.store.asset(asset).await.expect("answers"), None);
        assert_eq!(world.store.numbers(asset).await.expect("answers"), None);
        assert_eq!(state(world, certificate.fingerprint).await, CertificateState::Revoked { at: world.now() });
        let again = world.store.remove_asset(asset, &world.audit("asset.remove")).await;
        assert!(matches!(again, Err(StoreError::NotFound { what: "asset" })));
        let enrolment = world.enrolment(&key, "m1");
        assert_eq!(world.enrol(&enrolment).await, EnrolOutcome::Enrolled { asset: enrolment.asset, returning: false });
    }

    async fn a_key_lets_in_no_more_machines_than_it_allows(world: &World) {
        let key = world.key(|key| key.use_limit = Some(3)).await;
        let other = world.another_node().await;
        let tasks: Vec<_> = (0..10)
            .map(|number| {
                let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
                let (enrolment, certificate) = (world.enrolment(&key, &format!("m{number}")), world.certificate());
                tokio::spawn(async move { store.enrol(&enrolment, |_| Ok(certificate)).await.expect("works") })
            })
            .collect();
        let mut enrolled = 0;
        for task in tasks {
            match task.await.expect("runs") {
                EnrolOutcome::Enrolled { .. } => enrolled += 1,
                EnrolOutcome::Refused(why) => assert_eq!(why, KeyRefusal::UsedUp),
            }
        }
        assert_eq!(enrolled, 3);
        assert_eq!(world.store.assets(None, 100).await.expect("answers").len(), 3);
        assert_eq!(world.store.activation_key(key.id).await.expect("answers").expect("is there").uses, 3);
    }

    async fn one_machine_that_enrols_twice_at_once_is_one_asset(world: &World) {
        let (key, other_key) = (world.key(|_| {}).await, world.key(|_| {}).await);
        let other = world.another_node().await;
        let (one, two) = (world.enrolment(&key, "m1"), world.enrolment(&other_key, "m1"));
        let ((one, first), (two, second)) = tokio::join!(enrol(world, &world.store, &one), enrol(world, &other, &two));
        let (EnrolOutcome::Enrolled { asset: one, .. }, EnrolOutcome::Enrolled { asset: two, .. }) = (one, two) else { panic!("refused") };
        assert_eq!(one, two);
        let states = [state(world, first.fingerprint).await, state(world, second.fingerprint).await];
        assert_eq!(states.iter().filter(|state| **state == CertificateState::Live).count(), 1);
    }
}
