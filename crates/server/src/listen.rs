//! Listeners: sockets, TLS, HTTP, and the limits that keep one peer from using up the server.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use fettle_model::clock::Clock;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, UnixTime};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// A TLS handshake takes two round trips; a peer that needs longer is not speaking TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Headers must arrive within this time; it also ends idle connections.
const HEADERS: Duration = Duration::from_secs(30);
/// HTTP/2 peers are asked for a sign of life this often, and have as long to answer.
const PING: Duration = Duration::from_secs(30);
/// Requests at once on one HTTP/2 connection: a browser's, and far more than an agent's.
const STREAMS: u32 = 64;
/// Bytes of all headers of one request.
const HEADER_BYTES: u32 = 32 * 1024;
/// Requests under way have this long to end when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// Pause after an accept that failed, most often for want of file descriptors.
const BREATHER: Duration = Duration::from_millis(100);

/// Who is at the other end of a connection. An extension of every request.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// The certificate it proved to hold, DER, if it showed one; issued by our authority, maybe expired.
    pub certificate: Option<CertificateDer<'static>>,
}

/// What a listener speaks.
#[derive(Clone)]
pub enum Speech {
    /// HTTP.
    Plain,
    /// HTTPS.
    Tls(Arc<ServerConfig>),
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Plain) { "Plain" } else { "Tls" })
    }
}

/// Gives the server's clock to rustls.
#[derive(Clone)]
pub struct TlsTime(pub Arc<dyn Clock>);

impl std::fmt::Debug for TlsTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsTime")
    }
}

impl rustls::time_provider::TimeProvider for TlsTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// Serves until `stopping`, then lets requests under way end.
pub async fn serve(socket: TcpListener, speech: Speech, router: Router, most_connections: usize, stopping: CancellationToken) {
    let places = Arc::new(Semaphore::new(most_connections));
    let tasks = TaskTracker::new();
    let http = Arc::new(http());
    while let Some((stream, address, place)) = next(&socket, &places, &stopping).await {
        let (speech, router, http, stopping) = (speech.clone(), router.clone(), Arc::clone(&http), stopping.clone());
        tasks.spawn(async move {
            connection(stream, address, speech, router, &http, stopping).await;
            drop(place);
        });
    }
    drop(socket);
    tasks.close();
    if tokio::time::timeout(FAREWELL, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "connections did not end in time and are cut");
    }
}

/// The next connection; `None` when the server stops. Without a free place new connections wait in the
/// kernel's queue, which is what tells their peers to come back later.
async fn next(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
    stopping: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    loop {
        let accepted = async {
            let place = Arc::clone(places).acquire_owned().await.ok()?;
            Some((socket.accept().await, place))
        };
        let (accepted, place) = tokio::select! {
            () = stopping.cancelled() => return None,
            accepted = accepted => accepted?,
        };
        match accepted {
            Ok((stream, address)) => return Some((stream, address, place)),
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

fn http() -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(HEADER_BYTES as usize);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES);
    http
}

async fn connection(
    stream: TcpStream,
    address: SocketAddr,
    speech: Speech,
    router: Router,
    http: &auto::Builder<TokioExecutor>,
    stopping: CancellationToken,
) {
    // Nudges are small answers that must leave at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not switch off the delay of small packets");
    }
    let Speech::Tls(config) = speech else {
        return requests(stream, Peer { address, certificate: None }, router, http, stopping).await;
    };
    match tokio::time::timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)).await {
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let certificate = shown.map(|certificate| certificate.clone().into_owned());
            requests(stream, Peer { address, certificate }, router, http, stopping).await;
        }
        Ok(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
    }
}

async fn requests<S>(stream: S, peer: Peer, router: Router, http: &auto::Builder<TokioExecutor>, stopping: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let address = peer.address;
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer.address));
        request.extensions_mut().insert(peer.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%address, %error, "a connection ended early");
    }
}
