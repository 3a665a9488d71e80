//! A machine's agent, as far as the server can tell: it speaks the protocol and does nothing else.

use super::{DEADLINE, tls_time};
use fettle_deploy::manifest::Manifest;
use fettle_deploy::run::Report;
use fettle_model::clock::{Clock, ManualClock};
use fettle_model::ids::{AssetId, EventId, RunId};
use fettle_model::inventory::{Inventory, Volatile};
use fettle_protocol::codec;
use fettle_protocol::key::ActivationKey;
use fettle_protocol::message::{
    CheckIn, Enroll, Enrolled, Event, InventoryUpload, Nudge, Renew, Renewed, Reports, ScanReply, ScanReport, Work,
};
use fettle_protocol::{CAPABILITY, CAPABILITY_HEADER, path};
use jiff::Timestamp;
use rcgen::KeyPair;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// HTTP status.
    pub(crate) status: u16,
    /// The problem's code.
    pub(crate) code: String,
    /// The problem's detail.
    pub(crate) detail: String,
}

/// What an agent keeps after enrolling.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The asset.
    pub(crate) asset: AssetId,
    /// Client certificate, PEM.
    pub(crate) certificate: String,
    /// The key that signs manifests.
    pub(crate) manifest_key: [u8; 32],
}

/// A test agent.
pub(crate) struct TestAgent {
    /// Name of the machine.
    pub(crate) name: String,
    /// Stable id of the machine.
    pub(crate) machine_id: String,
    /// Where the server is.
    pub(crate) server: String,
    /// What it is, once enrolled.
    pub(crate) identity: Option<Identity>,
    /// The agent only looks.
    pub(crate) assess_only: bool,
    key: KeyPair,
    authority: CertificateDer<'static>,
    clock: Arc<ManualClock>,
    client: reqwest::Client,
    events: AtomicU64,
}

impl TestAgent {
    /// A machine that has not enrolled.
    pub(crate) fn new(name: &str, server: String, clock: Arc<ManualClock>, authority: CertificateDer<'static>) -> Self {
        let client = client(&authority, &clock, None);
        Self {
            name: name.to_owned(),
            machine_id: hex(&Sha256::digest(name)),
            server,
            identity: None,
            assess_only: false,
            key: KeyPair::generate().expect("a key"),
            authority,
            clock,
            client,
            events: AtomicU64::new(1),
        }
    }

    /// The asset it is.
    pub(crate) fn asset(&self) -> AssetId {
        self.identity.as_ref().expect("enrolled").asset
    }

    /// A signing request for its key.
    pub(crate) fn signing_request(&self) -> Vec<u8> {
        rcgen::CertificateParams::default().serialize_request(&self.key).expect("a request").der().to_vec()
    }

    /// The enrolment message.
    pub(crate) fn enrolment(&self, key: &ActivationKey) -> Enroll {
        Enroll::V1 {
            key: key.to_string(),
            signing_request: self.signing_request(),
            machine_id: self.machine_id.clone(),
            hostname: self.name.clone(),
            agent_version: "0.1.0".to_owned(),
            assess_only: self.assess_only,
            sent_at: self.clock.now(),
        }
    }

    /// Enrols and goes on with the certificate it is given.
    pub(crate) async fn enroll(&mut self, key: &ActivationKey) -> Result<AssetId, Refused> {
        let message = self.enrolment(key);
        let Enrolled::V1 { asset, certificate, authority, manifest_key } = self.post(path::ENROLL, &message).await?;
        assert_eq!(CertificateDer::from_pem_slice(authority.as_bytes()).expect("a certificate"), self.authority);
        self.identity = Some(Identity { asset, certificate, manifest_key });
        self.reconnect();
        Ok(asset)
    }

    /// Opens new connections, with the certificate if there is one.
    pub(crate) fn reconnect(&mut self) {
        let certificate = self.identity.as_ref().map(|identity| (identity.certificate.as_str(), &self.key));
        self.client = client(&self.authority, &self.clock, certificate);
    }

    /// Renews the certificate and goes on with the new one.
    pub(crate) async fn renew(&mut self) -> Result<(), Refused> {
        let message = Renew::V1 { signing_request: self.signing_request() };
        let Renewed::V1 { certificate } = self.post(path::RENEW, &message).await?;
        self.identity.as_mut().expect("enrolled").certificate = certificate;
        self.reconnect();
        Ok(())
    }

    /// Checks in and gives the numbers: work, scan, and whether to renew.
    pub(crate) async fn check_in(&self, work_seen: u64, scan_seen: u64, wait_seconds: u16) -> Result<(u64, u64, bool), Refused> {
        let agent_version = "0.1.0".to_owned();
        let message = CheckIn::V1 { agent_version, assess_only: self.assess_only, work_seen, scan_seen, wait_seconds };
        let Nudge::V1 { work, scan, renew_certificate, .. } = self.post(path::CHECK_IN, &message).await?;
        Ok((work, scan, renew_certificate))
    }

    /// Says which inventory it has.
    pub(crate) async fn scan(&self, inventory: &Inventory) -> Result<ScanReply, Refused> {
        let digest = codec::inventory_digest(inventory).expect("a digest");
        self.post(path::SCAN, &ScanReport::V1 { digest, volatile: Volatile::default(), scanned_at: self.clock.now() }).await
    }

    /// Says that it could not make an inventory.
    pub(crate) async fn scan_failed(&self, reason: &str) -> Result<ScanReply, Refused> {
        self.post(path::SCAN, &ScanReport::FailedV1 { reason: reason.to_owned(), scanned_at: self.clock.now() }).await
    }

    /// Uploads an inventory.
    pub(crate) async fn upload(&self, inventory: &Inventory) -> Result<(), Refused> {
        let message = InventoryUpload::of(inventory.clone(), Volatile::default(), self.clock.now());
        self.send(reqwest::Method::PUT, path::INVENTORY, codec::encode(&message).expect("a body")).await.map(|_| ())
    }

    /// Scans as a real agent does: the digest first, the inventory when it is wanted.
    pub(crate) async fn scan_fully(&self, inventory: &Inventory) -> Result<ScanReply, Refused> {
        let reply = self.scan(inventory).await?;
        if reply == ScanReply::SendInventory {
            self.upload(inventory).await?;
        }
        Ok(reply)
    }

    /// Fetches its work and verifies it: the number of the list, and the manifests.
    pub(crate) async fn work(&self) -> Result<(u64, Vec<Manifest>), Refused> {
        let body = self.send(reqwest::Method::GET, path::WORK, Vec::new()).await?;
        let Work::V1 { number, manifests } = codec::decode(&body).expect("work");
        let key = self.identity.as_ref().expect("enrolled").manifest_key;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&key).expect("a key");
        let manifests = manifests.iter().map(|signed| signed.verify(&key).expect("a good signature").into_inner());
        Ok((number, manifests.collect()))
    }

    /// An event with an id of its own.
    pub(crate) fn event(&self, run: RunId, report: Report) -> Event {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.events.fetch_add(1, Ordering::SeqCst).to_le_bytes());
        Event { id: EventId::make(self.clock.now(), random), run, at: self.clock.now(), report }
    }

    /// Reports events.
    pub(crate) async fn report(&self, events: Vec<Event>) -> Result<(), Refused> {
        let body = codec::encode(&Reports::V1 { events }).expect("a body");
        self.send(reqwest::Method::POST, path::REPORTS, body).await.map(|_| ())
    }

    /// Posts a message and decodes the answer.
    pub(crate) async fn post<M: Serialize, A: DeserializeOwned>(&self, path: &str, message: &M) -> Result<A, Refused> {
        let body = self.send(reqwest::Method::POST, path, codec::encode(message).expect("a body")).await?;
        Ok(codec::decode(&body).expect("an answer"))
    }

    /// Begins to send bytes and breaks the connection off. Whether the server answered is of no interest.
    pub(crate) async fn break_off(&self, method: reqwest::Method, path: &str, part: Vec<u8>) {
        let broken = std::io::Error::other("the cable was pulled");
        let body = reqwest::Body::wrap_stream(futures::stream::iter([Ok(part), Err(broken)]));
        let request = self.client.request(method, format!("{}{path}", self.server)).header(CAPABILITY_HEADER, CAPABILITY.to_string());
        request.body(body).send().await.expect_err("the request was broken off");
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&self, method: reqwest::Method, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Refused> {
        self.send_as(method, path, body, &CAPABILITY.to_string()).await
    }

    /// Fetches something with these headers: status, headers and bytes of the answer.
    pub(crate) async fn fetch(&self, path: &str, headers: &[(&str, &str)]) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let mut request = self.client.get(format!("{}{path}", self.server)).header(CAPABILITY_HEADER, CAPABILITY.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("no answer from {path}: {error:?}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.bytes().await.expect("the whole answer").to_vec())
    }

    /// Sends bytes with another capability.
    pub(crate) async fn send_as(&self, method: reqwest::Method, path: &str, body: Vec<u8>, capability: &str) -> Result<Vec<u8>, Refused> {
        let request = self.client.request(method, format!("{}{path}", self.server)).header(CAPABILITY_HEADER, capability).body(body);
        let answer = request.send().await.unwrap_or_else(|error| panic!("no answer from {path}: {error:?}"));
        let status = answer.status();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().expect("text").to_owned());
        let body = answer.bytes().await.expect("the whole answer").to_vec();
        if status.is_success() {
            return Ok(body);
        }
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
        let problem: serde_json::Value = serde_json::from_slice(&body).expect("a problem");
        assert_eq!(problem["status"], status.as_u16());
        let text = |field: &str| problem[field].as_str().expect("text").to_owned();
        Err(Refused { status: status.as_u16(), code: text("code"), detail: text("detail") })
    }
}

/// The end of the certificate's life.
pub(crate) fn not_after(pem: &str) -> Timestamp {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).expect("a certificate");
    Timestamp::from_second(certificate.validity().not_after.timestamp()).expect("a time")
}

#[expect(clippy::disallowed_methods, reason = "the test's agent is an HTTP client of its own")]
fn client(authority: &CertificateDer<'static>, clock: &Arc<ManualClock>, identity: Option<(&str, &KeyPair)>) -> reqwest::Client {
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone()).expect("a root");
    let builder = ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), tls_time(clock))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((pem, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")];
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
            builder.with_client_auth_cert(chain, key).expect("an identity")
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .timeout(DEADLINE)
        .redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client")
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
