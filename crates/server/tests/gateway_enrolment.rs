//! Enrolment and identity on the agent link: the happy path and every refusal, over real mutual TLS.

#![expect(clippy::expect_used, reason = "helpers of tests end the test, as tests do")]

mod harness;

use fettle_protocol::message::Enroll;
use fettle_protocol::{codec, path};
use fettle_server::work::Reconciler;
use harness::Harness;
use harness::agent::{Refused, not_after};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

fn code<T: std::fmt::Debug>(outcome: Result<T, Refused>) -> (u16, String) {
    let refused = outcome.expect_err("it should have been refused");
    (refused.status, refused.code)
}

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_enrols_and_is_known_by_its_certificate() {
    let harness = Harness::start().await;
    let tag = harness.tag("web").await;
    let key = harness.key_with(|key| key.tags = [tag].into()).await;
    let mut machine = harness.machine("web-1");
    let asset = machine.enroll(&key).await.expect("it enrols");
    assert_eq!(machine.check_in(0, 0, 0).await, Ok((0, 0, false)));
    let record = harness.app().store.asset(asset).await.unwrap().expect("the asset is stored");
    assert_eq!((record.name.as_str(), record.machine_id.as_str()), ("web-1", machine.machine_id.as_str()));
    assert_eq!(record.tags, [tag].into());
    let view = harness.app().fleet.view().unscoped(fettle_fleet::Purpose::Upkeep);
    assert_eq!(view.asset(asset).expect("the asset is shown").card.tags, [tag].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_machine_keeps_its_asset_and_its_old_certificate_ends() {
    let harness = Harness::start().await;
    let key = harness.key_with(|key| key.use_limit = Some(1)).await;
    let mut first = harness.machine("web-1");
    let asset = first.enroll(&key).await.unwrap();
    let mut again = harness.machine("web-1");
    assert_eq!(again.enroll(&key).await, Ok(asset), "a machine that comes back uses no place");
    assert_eq!(code(first.check_in(0, 0, 0).await), refusal(403, "certificate-revoked"));
    assert!(again.check_in(0, 0, 0).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_do_not_count_are_refused() {
    let harness = Harness::start().await;
    let now = harness.now();
    let mut machine = harness.machine("web-1");

    let mut wrong = harness.key().await;
    wrong.secret[0] ^= 1;
    assert_eq!(code(machine.enroll(&wrong).await), refusal(403, "key-unknown"));

    let expired = harness.key_with(|key| key.expires_at = Some(now)).await;
    assert_eq!(code(machine.enroll(&expired).await), refusal(403, "key-expired"));

    let disabled = harness.key_with(|key| key.disabled = true).await;
    assert_eq!(code(machine.enroll(&disabled).await), refusal(403, "key-disabled"));

    let once = harness.key_with(|key| key.use_limit = Some(1)).await;
    harness.machine("other").enroll(&once).await.expect("the first one gets in");
    assert_eq!(code(machine.enroll(&once).await), refusal(403, "key-used-up"));

    let assets = harness.app().store.assets(None, 10).await.unwrap();
    assert_eq!(assets.len(), 1, "refused machines leave nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolments_that_make_no_sense_are_refused() {
    let harness = Harness::start().await;
    let key = harness.key().await;
    let machine = harness.machine("web-1");
    type Damage = fn(&mut Enroll);
    let cases: [(Damage, &str, &str); 6] = [
        (|Enroll::V1 { sent_at, .. }| *sent_at += jiff::SignedDuration::from_mins(11), "clock-skew", "660 seconds ahead of the server's"),
        (|Enroll::V1 { sent_at, .. }| *sent_at -= jiff::SignedDuration::from_mins(11), "clock-skew", "660 seconds behind the server's"),
        (|Enroll::V1 { key, .. }| *key = "fk1-nonsense".to_owned(), "key-unknown", "copy it again"),
        (|Enroll::V1 { machine_id, .. }| *machine_id = "web-1".to_owned(), "body-damaged", "machine id"),
        (|Enroll::V1 { hostname, .. }| *hostname = "a\u{1b}[31m".to_owned(), "body-damaged", "control characters"),
        (|Enroll::V1 { signing_request, .. }| signing_request[40] ^= 1, "body-damaged", "signing request"),
    ];
    for (damage, code, part) in cases {
        let mut message = machine.enrolment(&key);
        damage(&mut message);
        let body = codec::encode(&message).unwrap();
        let refused = machine.send(reqwest::Method::POST, path::ENROLL, body).await.expect_err(code);
        assert_eq!(refused.code, code);
        assert!(refused.detail.contains(part), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_but_enrolment_wants_a_certificate() {
    let harness = Harness::start().await;
    let stranger = harness.machine("web-1");
    for (method, path) in [
        (reqwest::Method::POST, path::CHECK_IN),
        (reqwest::Method::POST, path::SCAN),
        (reqwest::Method::PUT, path::INVENTORY),
        (reqwest::Method::GET, path::WORK),
        (reqwest::Method::POST, path::REPORTS),
        (reqwest::Method::POST, path::RENEW),
    ] {
        assert_eq!(code(stranger.send(method, path, Vec::new()).await), refusal(403, "certificate-missing"), "{path}");
    }
    assert_eq!(code(stranger.send(reqwest::Method::GET, "/api/v1/assets", Vec::new()).await), refusal(404, "not-found"));
    assert_eq!(code(stranger.send(reqwest::Method::GET, path::ENROLL, Vec::new()).await), refusal(404, "not-found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_removed_assets_and_of_other_authorities_are_refused() {
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    harness.app().store.remove_asset(machine.asset(), &harness.audit("asset.remove")).await.unwrap();
    let (status, code) = code(machine.check_in(0, 0, 0).await);
    assert_eq!(status, 403);
    assert!(["certificate-unknown", "certificate-revoked"].contains(&code.as_str()), "{code}");

    let elsewhere = Harness::start().await;
    let mut stray = elsewhere.enrolled("web-2").await;
    stray.server = harness.agents();
    let outcome = tokio::spawn(async move { stray.check_in(0, 0, 0).await }).await;
    assert!(outcome.is_err(), "the handshake fails: neither knows the other's authority");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_renewed_in_time_and_refused_after_it() {
    let harness = Harness::start().await;
    let mut machine = harness.enrolled("web-1").await;
    let first = not_after(&machine.identity.as_ref().unwrap().certificate);
    harness.advance(DAY * 59);
    assert_eq!(machine.check_in(0, 0, 0).await, Ok((0, 0, false)));
    harness.advance(DAY * 2);
    assert_eq!(machine.check_in(0, 0, 0).await, Ok((0, 0, true)));
    let old = machine.identity.clone();
    machine.renew().await.expect("it renews");
    assert!(not_after(&machine.identity.as_ref().unwrap().certificate) > first);
    assert_eq!(machine.check_in(0, 0, 0).await, Ok((0, 0, false)));

    harness.advance(DAY * 30);
    let new = std::mem::replace(&mut machine.identity, old);
    machine.reconnect();
    assert_eq!(code(machine.check_in(0, 0, 0).await), refusal(403, "certificate-expired"));
    assert_eq!(code(machine.renew().await), refusal(403, "certificate-expired"));
    machine.identity = new;
    machine.reconnect();
    assert!(machine.check_in(0, 0, 0).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large_damaged_or_too_new_are_refused() {
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    let post = |path: &'static str, body: Vec<u8>| machine.send(reqwest::Method::POST, path, body);

    assert_eq!(code(post(path::SCAN, vec![0; codec::MAX_BODY + 1]).await), refusal(413, "body-too-large"));
    let bomb = zstd::bulk::compress(&vec![0; codec::MAX_UNPACKED + 1], 19).unwrap();
    assert_eq!(code(post(path::SCAN, bomb).await), refusal(413, "body-too-large"));
    for damaged in [Vec::new(), b"hello".to_vec(), codec::encode(&250_u8).unwrap()] {
        assert_eq!(code(post(path::SCAN, damaged).await), refusal(400, "body-damaged"));
    }
    assert_eq!(code(post(path::ENROLL, vec![0; 16 * 1024 + 1]).await), refusal(413, "body-too-large"), "strangers may send little");
    let whole = codec::encode(&machine.enrolment(&harness.key().await)).unwrap();
    assert_eq!(code(post(path::ENROLL, whole[..whole.len() - 3].to_vec()).await), refusal(400, "body-damaged"));

    let newer = machine.send_as(reqwest::Method::GET, path::WORK, Vec::new(), "2").await;
    assert_eq!(code(newer), refusal(400, "capability-too-new"));
    let nonsense = machine.send_as(reqwest::Method::GET, path::WORK, Vec::new(), "many").await;
    assert_eq!(code(nonsense), refusal(400, "body-damaged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authority_outlives_a_restart() {
    let mut harness = Harness::start().await;
    let mut machine = harness.enrolled("web-1").await;
    harness.restart().await;
    machine.server = harness.agents();
    assert_eq!(machine.check_in(0, 0, 0).await, Ok((0, 0, false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_shows_a_new_certificate_before_its_old_one_ends() {
    let harness = Harness::start().await;
    let mut machine = harness.enrolled("web-1").await;
    harness.advance(DAY * 310);
    harness.work(Reconciler::RenewCertificate).await;
    let last = harness.app().signals.last_runs().remove(&Reconciler::RenewCertificate).expect("it has run");
    assert_eq!(last.result, "the server shows a new certificate");
    harness.advance(DAY * 100);
    machine.reconnect();
    assert_eq!(code(machine.check_in(0, 0, 0).await), refusal(403, "certificate-expired"), "the server is trusted and answers");
}
