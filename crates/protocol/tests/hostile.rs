//! Bodies that are cut, damaged, too large, or forged.

use ed25519_dalek::SigningKey;
use fettle_deploy::job::JobKind;
use fettle_deploy::manifest::Manifest;
use fettle_model::ids::{AssetId, JobId, RunId};
use fettle_protocol::codec::{self, CodecError, MAX_BODY, MAX_UNPACKED};
use fettle_protocol::message::{CheckIn, ScanReply};
use fettle_protocol::signed::{ManifestError, SignedManifest};
use proptest::prelude::*;
use uuid::Uuid;

fn check_in() -> CheckIn {
    CheckIn::V1 { agent_version: "0.1.0".into(), assess_only: false, work_seen: 1, scan_seen: 2, wait_seconds: 30 }
}

#[test]
fn a_body_cut_anywhere_is_refused() {
    let body = codec::encode(&check_in()).expect("encodes");
    for cut in 0..body.len() {
        assert!(codec::decode::<CheckIn>(&body[..cut]).is_err(), "cut at {cut}");
    }
    assert_eq!(codec::decode::<CheckIn>(&body).expect("whole"), check_in());
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_unpacked() {
    let error = codec::decode::<CheckIn>(&vec![0; MAX_BODY + 1]).expect_err("too large");
    assert!(matches!(error, CodecError::TooLarge { limit: MAX_BODY }), "{error}");
}

#[test]
fn a_small_body_that_unpacks_to_very_much_is_refused() {
    let bomb = zstd::bulk::compress(&vec![0; MAX_UNPACKED + 1], 19).expect("compresses");
    assert!(bomb.len() < 100_000);
    let error = codec::decode::<CheckIn>(&bomb).expect_err("a bomb");
    assert!(matches!(error, CodecError::TooLarge { limit: MAX_UNPACKED }), "{error}");
}

#[test]
fn something_behind_the_message_is_refused() {
    let mut plain = postcard::to_stdvec(&ScanReply::Known).expect("encodes");
    plain.push(0);
    let body = zstd::bulk::compress(&plain, 3).expect("compresses");
    assert!(matches!(codec::decode::<ScanReply>(&body), Err(CodecError::Trailing)));
}

#[test]
fn a_message_of_a_newer_version_is_refused() {
    let body = zstd::bulk::compress(&[99], 3).expect("compresses");
    assert!(matches!(codec::decode::<ScanReply>(&body), Err(CodecError::Decode(_))));
}

#[test]
fn a_manifest_is_trusted_only_with_the_right_key_and_untouched() {
    let manifest = Manifest {
        asset: AssetId(Uuid::from_u128(1)),
        job: JobId(Uuid::from_u128(2)),
        job_name: "job".into(),
        run: RunId(Uuid::from_u128(3)),
        generation: 1,
        kind: JobKind::Install,
        not_before: jiff::Timestamp::UNIX_EPOCH,
        begin_before: None,
        expires_at: jiff::Timestamp::MAX,
        patches: vec![],
        continue_on_failure: true,
    };
    let (ours, theirs) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
    let signed = SignedManifest::sign(&manifest, &ours).expect("signs");
    assert_eq!(signed.verify(&ours.verifying_key()).expect("ours").get(), &manifest);
    assert!(matches!(signed.verify(&theirs.verifying_key()), Err(ManifestError::Signature(_))));
    let bytes = postcard::to_stdvec(&signed).expect("encodes");
    for index in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[index] ^= 1;
        let Ok(damaged) = postcard::from_bytes::<SignedManifest>(&damaged) else { continue };
        assert!(damaged.verify(&ours.verifying_key()).is_err(), "byte {index}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read_and_never_end_the_program(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let packed = zstd::bulk::compress(&bytes, 1).expect("compresses");
        if let Ok(read) = codec::decode::<CheckIn>(&packed) {
            prop_assert_eq!(codec::decode::<CheckIn>(&codec::encode(&read).expect("encodes")).expect("decodes"), read);
        }
    }
}
