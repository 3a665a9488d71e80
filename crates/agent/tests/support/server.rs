//! A server that speaks the agent link, and remembers what it heard.

use ed25519_dalek::SigningKey;
use fettle_deploy::manifest::Manifest;
use fettle_deploy::run::Report;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, EventId, KeyId, RunId};
use fettle_model::inventory::Inventory;
use fettle_protocol::codec;
use fettle_protocol::key::ActivationKey;
use fettle_protocol::message::{
    CheckIn, Enroll, Enrolled, Event, InventoryUpload, Nudge, Renew, Renewed, Reports, ScanReply, ScanReport, Work,
};
use fettle_protocol::path;
use fettle_protocol::signed::SignedManifest;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use url::Url;
use uuid::Uuid;

/// What the server heard and is to answer.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) enrolments: Vec<Enroll>,
    pub(crate) check_ins: Vec<CheckIn>,
    pub(crate) scans: Vec<ScanReport>,
    pub(crate) uploads: Vec<Inventory>,
    pub(crate) events: Vec<Event>,
    /// Digests the server has, as after an upload.
    pub(crate) known: BTreeSet<Sha256Digest>,
    pub(crate) renewals: usize,
    pub(crate) work_fetches: usize,
    /// Client certificates seen, by SHA-256.
    pub(crate) certificates: BTreeSet<Vec<u8>>,
    /// Refusals to give, by path: status, code, detail; as often as the number says.
    pub(crate) refusals: BTreeMap<&'static str, (u16, &'static str, &'static str, usize)>,
    /// The list of work.
    pub(crate) manifests: Vec<SignedManifest>,
    pub(crate) renew_certificate: bool,
    pub(crate) scan_interval: u32,
}

/// A running test server.
pub(crate) struct TestServer {
    pub(crate) port: u16,
    pub(crate) asset: AssetId,
    pub(crate) key: ActivationKey,
    pub(crate) signing: SigningKey,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    heard: Mutex<Heard>,
    /// Work number and scan number.
    nudge: watch::Sender<(u64, u64)>,
    asset: AssetId,
    issuer: Issuer<'static, KeyPair>,
    authority_pem: String,
    manifest_key: [u8; 32],
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A certificate authority and a server certificate for localhost.
pub(crate) struct Authority {
    pub(crate) issuer: Issuer<'static, KeyPair>,
    pub(crate) der: CertificateDer<'static>,
    pub(crate) pem: String,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::with_validity((2020, 2090))
    }

    /// An authority whose server certificate is valid between the starts of two years.
    pub(crate) fn with_validity(years: (i32, i32)) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("signed");
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        let server = params.signed_by(&key, &issuer).expect("signed");
        let chain = vec![server.der().clone(), der.clone()];
        Self { issuer, der, pem, chain, key }
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(Authority::new(), 0).await
    }

    pub(crate) async fn with(authority: Authority, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let signing = SigningKey::from_bytes(&[7; 32]);
        let asset = AssetId(Uuid::from_u128(7));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der.clone()).expect("a root");
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(clients.allow_unauthenticated().build().expect("a verifier"))
            .with_single_cert(authority.chain.clone(), PrivateKeyDer::Pkcs8(authority.key.serialize_der().into()))
            .expect("a certificate");
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let fingerprint = Sha256Digest(Sha256::digest(&authority.der).into());
        let shared = Arc::new(Shared {
            heard: Mutex::new(Heard { scan_interval: 3600, ..Heard::default() }),
            nudge: watch::Sender::new((0, 0)),
            asset,
            issuer: authority.issuer,
            authority_pem: authority.pem,
            manifest_key: signing.verifying_key().to_bytes(),
        });
        let task = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(tls)), Arc::clone(&shared)));
        let key = ActivationKey { id: KeyId(Uuid::from_u128(5)), secret: [3; 20], authority: fingerprint };
        Self { port, asset, key, signing, shared, task }
    }

    pub(crate) fn url(&self) -> Url {
        Url::parse(&format!("https://localhost:{}/", self.port)).expect("a URL")
    }

    pub(crate) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.shared.heard.lock().expect("unpoisoned")
    }

    /// Gives the agent a further manifest.
    pub(crate) fn give(&self, manifest: &Manifest) {
        let signed = SignedManifest::sign(manifest, &self.signing).expect("signed");
        self.give_signed(signed);
    }

    pub(crate) fn give_signed(&self, signed: SignedManifest) {
        self.heard().manifests.push(signed);
        self.shared.nudge.send_modify(|(work, _)| *work += 1);
    }

    /// Withdraws all manifests.
    pub(crate) fn withdraw(&self) {
        self.heard().manifests.clear();
        self.shared.nudge.send_modify(|(work, _)| *work += 1);
    }

    pub(crate) fn ask_for_scan(&self) {
        self.shared.nudge.send_modify(|(_, scan)| *scan += 1);
    }

    /// Lets held check-ins go, so that changed answers take effect.
    pub(crate) fn poke(&self) {
        self.shared.nudge.send_modify(|_| ());
    }

    pub(crate) fn refuse(&self, path: &'static str, status: u16, code: &'static str, detail: &'static str, times: usize) {
        self.heard().refusals.insert(path, (status, code, detail, times));
    }

    /// Reports of one run, each event once, in the order they came first.
    pub(crate) fn reports(&self, run: RunId) -> Vec<Report> {
        let mut seen: BTreeSet<EventId> = BTreeSet::new();
        let heard = self.heard();
        let fresh = heard.events.iter().filter(|event| event.run == run && seen.insert(event.id));
        fresh.map(|event| event.report.clone()).collect()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    // Connections end with the server: a stopped server must look like one.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        connections.spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let peer = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|der| Sha256::digest(der).to_vec());
            let service = service_fn(move |request| {
                let (shared, peer) = (Arc::clone(&shared), peer.clone());
                async move { Ok::<_, Infallible>(answer(&shared, peer, request).await) }
            });
            let _ =
                hyper_util::server::conn::auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(shared: &Shared, peer: Option<Vec<u8>>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let body = match request.into_body().collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return problem(400, "body-damaged", "the body ended early"),
    };
    let refusal = {
        let mut heard = shared.heard.lock().expect("unpoisoned");
        match heard.refusals.get_mut(path.as_str()) {
            Some((status, code, detail, times)) if *times > 0 => {
                *times -= 1;
                Some((*status, *code, *detail))
            }
            _ => None,
        }
    };
    if let Some((status, code, detail)) = refusal {
        return problem(status, code, detail);
    }
    match peer {
        Some(peer) => drop(shared.heard.lock().expect("unpoisoned").certificates.insert(peer)),
        None if path != path::ENROLL => return problem(403, "certificate-missing", ""),
        None => {}
    }
    dispatch(shared, &path, &body).await
}

async fn dispatch(shared: &Shared, path: &str, body: &[u8]) -> Response<Full<Bytes>> {
    let heard = || shared.heard.lock().expect("unpoisoned");
    match path {
        path::ENROLL => {
            let message: Enroll = codec::decode(body).expect("an enrolment");
            let Enroll::V1 { signing_request, .. } = &message;
            let certificate = certify(shared, signing_request);
            heard().enrolments.push(message);
            reply(&Enrolled::V1 {
                asset: shared.asset,
                certificate,
                authority: shared.authority_pem.clone(),
                manifest_key: shared.manifest_key,
            })
        }
        path::CHECK_IN => {
            let message: CheckIn = codec::decode(body).expect("a check-in");
            heard().check_ins.push(message.clone());
            reply(&hold(shared, &message).await)
        }
        path::SCAN => {
            let message: ScanReport = codec::decode(body).expect("a scan");
            let mut heard = heard();
            heard.scans.push(message.clone());
            let known = matches!(&message, ScanReport::V1 { digest, .. } if !heard.known.contains(digest));
            reply(&if known { ScanReply::SendInventory } else { ScanReply::Known })
        }
        path::INVENTORY => {
            let message: InventoryUpload = codec::decode(body).expect("an inventory");
            let (inventory, ..) = message.into_parts();
            let digest = codec::inventory_digest(&inventory).expect("a digest");
            heard().known.insert(digest);
            heard().uploads.push(*inventory);
            Response::new(Full::default())
        }
        path::WORK => {
            heard().work_fetches += 1;
            let number = shared.nudge.borrow().0;
            let manifests = heard().manifests.clone();
            reply(&Work::V1 { number, manifests })
        }
        path::REPORTS => {
            let Reports::V1 { events } = codec::decode(body).expect("reports");
            heard().events.extend(events);
            Response::new(Full::default())
        }
        path::RENEW => {
            let Renew::V1 { signing_request } = codec::decode(body).expect("a renewal");
            heard().renewals += 1;
            heard().renew_certificate = false;
            reply(&Renewed::V1 { certificate: certify(shared, &signing_request) })
        }
        _ => problem(404, "not-found", "there is nothing here"),
    }
}

async fn hold(shared: &Shared, message: &CheckIn) -> Nudge {
    let CheckIn::V1 { work_seen, scan_seen, wait_seconds, .. } = message;
    let mut nudge = shared.nudge.subscribe();
    let news = nudge.wait_for(|numbers| *numbers != (*work_seen, *scan_seen));
    let changed = tokio::time::timeout(Duration::from_secs(u64::from(*wait_seconds)), news);
    let _ = Box::pin(changed).await;
    let (work, scan) = *shared.nudge.borrow();
    let heard = shared.heard.lock().expect("unpoisoned");
    Nudge::V1 {
        work,
        scan,
        scan_interval_seconds: heard.scan_interval,
        pause_seconds: 0,
        server_time: super::now(),
        renew_certificate: heard.renew_certificate,
    }
}

fn certify(shared: &Shared, signing_request: &[u8]) -> String {
    let request = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(signing_request)).expect("a request");
    let mut params = CertificateParams::default();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.signed_by(&request.public_key, &shared.issuer).expect("signed").pem()
}

fn reply<T: serde::Serialize>(message: &T) -> Response<Full<Bytes>> {
    Response::new(Full::new(codec::encode(message).expect("encoded").into()))
}

fn problem(status: u16, code: &str, detail: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "type": "about:blank", "title": "Refused", "status": status, "code": code, "detail": detail });
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}
