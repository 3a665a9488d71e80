//! `fettle serve`: starting, serving, stopping.

use crate::authority::{Authority, AuthorityError, SetupToken};
use crate::bundles::Bundles;
use crate::certificate::{CertificateError, OwnCertificate};
use crate::contents::Contents;
use crate::gateway::{self, TlsError, chain};
use crate::listen::{self, Speech, TlsTime};
use crate::settings::{ConsoleTls, LogFormat, ServeArgs, Settings, SettingsError};
use crate::system::{SystemClock, SystemEntropy};
use crate::{App, api, index, work};
use fettle_catalog::{FetchError, FetchLimits, Fetcher};
use fettle_model::clock::{Clock, Entropy};
use fettle_store::{Store, StoreError};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::{DirBuilder, File};
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing_subscriber::EnvFilter;

/// People and scripts at once.
const CONSOLE_CONNECTIONS: usize = 2_000;
/// Files that are not connections: the database and its readers, feeds, logs.
const RESERVED_FILES: usize = 256;
/// Events kept for a watcher that is slow; one that falls behind further reads everything anew.
const EVENTS: usize = 1_024;

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The settings cannot be used.
    #[error("could not use the settings")]
    Settings(#[from] SettingsError),
    /// The data folder cannot be used.
    #[error("could not {doing} {}", path.display())]
    Folder {
        /// What was attempted.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another server has the data folder.
    #[error("another server is running on the data folder {}: stop it first, or give another --data", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The store cannot be opened or read.
    #[error("could not {doing}")]
    Store {
        /// What was attempted.
        doing: &'static str,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The authority cannot be opened.
    #[error("could not open the certificate authority")]
    Authority(#[from] AuthorityError),
    /// The server has no certificate to show.
    #[error("could not get the server's certificate ready")]
    Certificate(#[from] CertificateError),
    /// TLS cannot be set up.
    #[error("could not set up TLS")]
    Tls(#[from] TlsError),
    /// A certificate or key file cannot be read.
    #[error("could not read a certificate or key from {}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls_pki_types::pem::Error,
    },
    /// The client that fetches feeds cannot be made.
    #[error("could not set up the fetching of feeds")]
    Fetcher(#[from] FetchError),
    /// An address cannot be listened on.
    #[error("could not listen on {address}: is another program using it?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The handlers of signals cannot be installed.
    #[error("could not wait for signals")]
    Signals(#[source] std::io::Error),
}

/// What a server is made of; tests give their own clock and chance.
pub struct Parts {
    /// Settings.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// A server that serves. Stop it with [`Server::stop`]; dropping it leaves its tasks running.
#[derive(Debug)]
pub struct Server {
    /// Shared state.
    pub app: Arc<App>,
    /// Address of console and API.
    pub console: SocketAddr,
    /// Address of the agent link.
    pub agents: SocketAddr,
    /// Makes the first administrator; `None` when there is one.
    pub setup_token: Option<String>,
    tasks: TaskTracker,
    /// Held while the server runs, so that no other uses the data folder.
    _lock: File,
}

/// `fettle serve`, until it is told to stop.
pub async fn main(args: &ServeArgs) -> ExitCode {
    let outcome = match Settings::load(args) {
        Ok(settings) => {
            logs(settings.log_format);
            Box::pin(run(settings)).await
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fettle: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: Settings) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let parts = Parts { settings, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
    let server = Box::pin(start(parts)).await?;
    announce(&server);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: requests under way are finished");
    server.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// The lines people and scripts wait for.
fn announce(server: &Server) {
    let settings = &server.app.settings;
    let scheme = if settings.console_tls.is_https() { "https" } else { "http" };
    let host = match settings.console_tls {
        ConsoleTls::Plain => server.console.to_string(),
        _ => format!("{}:{}", settings.public_name, server.console.port()),
    };
    println!("Console: {scheme}://{host}/");
    println!("Agents: https://{}:{}/", settings.public_name, server.agents.port());
    if let Some(token) = &server.setup_token {
        println!("First administrator: {scheme}://{host}/setup#{token}");
    }
}

fn logs(format: LogFormat) {
    let filter = EnvFilter::try_from_env("FETTLE_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn,rustls=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Pretty => builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}

/// Starts a server and gives it when it serves.
///
/// # Errors
/// When anything it needs is not there; nothing is left running then.
pub async fn start(parts: Parts) -> Result<Server, ServeError> {
    // The error only says that one is installed already.
    let _installed = aws_lc_rs::default_provider().install_default();
    let lock = claim(&parts.settings)?;
    let app = Arc::new(Box::pin(open(parts)).await?);
    let setup_token = offer_setup(&app).await?;
    app.contents
        .sweep(&app.store, app.clock.now())
        .await
        .map_err(|source| ServeError::Store { doing: "look for uploaded files", source })?;
    let (console, console_address) = bind(app.settings.listen).await?;
    let (agents, agents_address) = bind(app.settings.agent_listen).await?;
    let console_speech = console_speech(&app)?;
    let agents_speech = Speech::Tls(Arc::new(gateway::tls_config(&app)?));

    let tasks = TaskTracker::new();
    let stopping = app.stopping.clone();
    let console_router = api::router(Arc::clone(&app));
    // Where files are few, agents wait in the queue before the database finds none left.
    let files = open_files();
    let agents_at_most = gateway::MOST_CONNECTIONS.min(files.saturating_sub(RESERVED_FILES + CONSOLE_CONNECTIONS).max(RESERVED_FILES));
    let console_at_most = CONSOLE_CONNECTIONS.min((files / 4).max(RESERVED_FILES / 4));
    tasks.spawn(listen::serve(console, console_speech, console_router, console_at_most, stopping.clone()));
    let agents_router = gateway::router(Arc::clone(&app));
    tasks.spawn(listen::serve(agents, agents_speech, agents_router, agents_at_most, stopping));
    work::start(&app, &tasks);
    tasks.close();
    tracing::info!(console = %console_address, agents = %agents_address, "serving");
    Ok(Server { app, console: console_address, agents: agents_address, setup_token, tasks, _lock: lock })
}

impl Server {
    /// Stops: nothing new is accepted, held check-ins are answered, requests under way and the turns of
    /// reconcilers end, the index is saved, the store is closed.
    pub async fn stop(self) {
        self.app.stopping.cancel();
        self.tasks.wait().await;
        // The loop that writes these down has ended; what came in since is written here.
        work::run_once(&self.app, work::Reconciler::NoteCheckIns).await;
        work::run_once(&self.app, work::Reconciler::SaveIndex).await;
        self.app.store.close().await;
    }
}

/// Raises the limit of open files to what the system allows, and gives it. Every held check-in is an open
/// file, and the usual soft limit of 1,024 would end the server's patience long before its memory.
fn open_files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let held = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    held.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

/// Makes the data folder and takes its lock.
fn claim(settings: &Settings) -> Result<File, ServeError> {
    let failed = |doing, path: &Path| {
        let path = path.to_owned();
        move |source| ServeError::Folder { doing, path, source }
    };
    let folders = [settings.data.clone(), settings.feeds()];
    for folder in &folders {
        // The database holds what only its owner should read; a folder that is there already is the owner's business.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed("create the folder", folder))?;
    }
    let path = settings.data.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(ServeError::Occupied { path: settings.data.clone() }),
        Err(std::fs::TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
    }
}

async fn open(parts: Parts) -> Result<App, ServeError> {
    let Parts { settings, clock, entropy } = parts;
    let authority = Authority::open(&settings.secrets(), clock.now(), entropy.as_ref())?;
    let store = Store::open(&settings.database, clock.as_ref(), entropy.as_ref()).await;
    let store = store.map_err(|source| ServeError::Store { doing: "open the store", source })?;
    let certificate = OwnCertificate::load(&authority, &settings, clock.now(), entropy.as_ref())?;
    let contents = Contents::open(settings.contents(), settings.upload_limit);
    let contents = contents.map_err(|source| ServeError::Folder { doing: "prepare the folder", path: settings.contents(), source })?;
    let bundles = Bundles::open(settings.bundles());
    let bundles = bundles.map_err(|source| ServeError::Folder { doing: "prepare the folder", path: settings.bundles(), source })?;
    let loaded = index::load(&store, &settings.index(), clock.now()).await;
    let (fleet, refreshing) = loaded.map_err(|source| ServeError::Store { doing: "load the fleet", source })?;
    Ok(App {
        fleet,
        authority,
        certificate: Arc::new(certificate),
        setup: SetupToken::closed(&settings.secrets()),
        nudges: crate::nudges::Nudges::default(),
        check_ins: gateway::CheckIns::default(),
        refreshing,
        vulnerabilities: crate::vulnerabilities::Vulnerabilities::default(),
        versions: crate::versions::Versions::new(entropy.as_ref()),
        revised: work::Revised::default(),
        fetcher: Fetcher::new(FetchLimits::default())?.with_chance(Arc::clone(&entropy)),
        sync_progress: work::SyncProgress::default(),
        contents,
        bundles,
        signals: work::Signals::default(),
        events: broadcast::Sender::new(EVENTS),
        stopping: CancellationToken::new(),
        store,
        clock,
        entropy,
        settings,
    })
}

/// While there is no administrator, a new one-time token at each start.
async fn offer_setup(app: &App) -> Result<Option<String>, ServeError> {
    let has_administrator = app.store.has_administrator().await;
    if has_administrator.map_err(|source| ServeError::Store { doing: "look for users", source })? {
        app.setup.close()?;
        return Ok(None);
    }
    Ok(Some(app.setup.open(app.entropy.as_ref())?))
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let socket = TcpListener::bind(address).await.map_err(failed)?;
    let bound = socket.local_addr().map_err(failed)?;
    Ok((socket, bound))
}

fn console_speech(app: &App) -> Result<Speech, ServeError> {
    let failed = |error: rustls::Error| ServeError::Tls(error.into());
    let time = Arc::new(TlsTime(Arc::clone(&app.clock)));
    let builder = ServerConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), time)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth();
    let mut config = match &app.settings.console_tls {
        ConsoleTls::Plain => return Ok(Speech::Plain),
        ConsoleTls::OwnAuthority => builder.with_cert_resolver(Arc::<OwnCertificate>::clone(&app.certificate)),
        ConsoleTls::Files { certificate, key } => {
            let (chain, key) = read_pem(certificate, key)?;
            builder.with_single_cert(chain, key).map_err(failed)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Speech::Tls(Arc::new(config)))
}

fn read_pem(certificate: &Path, key: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), ServeError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ServeError::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(failed(key))?;
    Ok((chain.map_err(failed(certificate))?, key_der))
}
