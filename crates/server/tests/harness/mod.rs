//! A whole server in the test's own process, and agents that speak to it over real mutual TLS.
//!
//! Ports are random, the clock stands still until the test moves it, chance is a seeded sequence, and the
//! data folder is gone with the test. Waiting is for a condition, with a deadline: [`eventually`].

#![expect(dead_code, reason = "every test binary has its own copy of the harness and uses another part of it")]
#![expect(clippy::expect_used, clippy::panic, reason = "a harness that cannot do its part ends the test")]

pub(crate) mod agent;
pub(crate) mod samples;

use agent::TestAgent;
use fettle_model::clock::{Clock, Entropy, ManualClock};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{FeedId, KeyId, TagId, UserId};
use fettle_model::patch::Patch;
use fettle_protocol::key::ActivationKey;
use fettle_server::serve::{self, Parts, Server};
use fettle_server::settings::{ConsoleTls, LogFormat, Pace, Settings};
use fettle_server::work::{Reconciler, run_once};
use fettle_server::{App, listen};
use fettle_store::{ActivationKeyRecord, AuditEntry, FeedRecord, FeedState, ImportNote, UserRecord};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Longest time anything in a test may take before the test says what it waited for.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Chance from a seed: the same sequence in every run (SplitMix64).
#[derive(Debug)]
pub(crate) struct Seeded(AtomicU64);

impl Seeded {
    /// A sequence of its own for each seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A running server and what belongs to it.
pub(crate) struct Harness {
    /// The clock; it moves only when told to.
    pub(crate) clock: Arc<ManualClock>,
    /// Chance.
    pub(crate) entropy: Arc<Seeded>,
    server: Option<Server>,
    settings: Settings,
    /// Removed with the harness.
    folder: tempfile::TempDir,
}

impl Harness {
    /// Starts a server on SQLite in a folder of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server whose keys and ids are others than those of the usual one.
    pub(crate) async fn start_another() -> Self {
        Self::start_seeded(8, |_| {}).await
    }

    /// Starts a server with changed settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_seeded(7, change).await
    }

    async fn start_seeded(seed: u64, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let mut settings = settings(folder.path());
        change(&mut settings);
        let clock = Arc::new(ManualClock::new("2026-01-15T12:00:00Z".parse().expect("a time")));
        let mut harness = Self { clock, entropy: Arc::new(Seeded::new(seed)), server: None, settings, folder };
        harness.launch().await;
        harness
    }

    async fn launch(&mut self) {
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        let entropy: Arc<dyn Entropy> = Arc::<Seeded>::clone(&self.entropy);
        let parts = Parts { settings: self.settings.clone(), clock, entropy };
        self.server = Some(Box::pin(serve::start(parts)).await.expect("the server starts"));
    }

    /// Stops the server in good order and starts it again on the same folder. Ports change.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.launch().await;
    }

    /// Stops the server in good order.
    pub(crate) async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            tokio::time::timeout(DEADLINE, server.stop()).await.expect("the server stops in time");
        }
    }

    /// The running server.
    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().expect("the server runs")
    }

    /// Its shared state.
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.server().app
    }

    /// Its data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Address of console and API, without a slash at the end.
    pub(crate) fn console(&self) -> String {
        format!("http://{}", self.server().console)
    }

    /// Address of the agent link.
    pub(crate) fn agents(&self) -> String {
        format!("https://localhost:{}", self.server().agents.port())
    }

    /// The time as the server sees it.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance_millis(i64::try_from(by.as_millis()).expect("a sane time"));
    }

    /// Runs a reconciler to its end.
    pub(crate) async fn work(&self, reconciler: Reconciler) {
        run_once(self.app(), reconciler).await;
        let last = self.app().signals.last_runs().remove(&reconciler).expect("it has run");
        assert_eq!(last.error, None, "{reconciler}");
    }

    /// A person, put into the store directly. The password cannot be used.
    pub(crate) async fn user(&self, name: &str, role: fettle_model::access::Role, scope: fettle_model::access::Scope) -> UserId {
        let id = UserId::make(self.now(), self.entropy.ten());
        let (name, password_hash) = (name.to_owned(), "unusable".to_owned());
        let user = UserRecord { id, name, role, scope, password_hash, disabled: false, created_at: self.now() };
        self.app().store.create_user(&user, &self.audit("user.create")).await.expect("a user is created");
        id
    }

    /// An activation key without limits, as an installer carries it.
    pub(crate) async fn key(&self) -> ActivationKey {
        self.key_with(|_| {}).await
    }

    /// An activation key, changed before it is stored.
    pub(crate) async fn key_with(&self, change: impl FnOnce(&mut ActivationKeyRecord)) -> ActivationKey {
        let mut secret = [0; 20];
        self.entropy.fill(&mut secret);
        let id = KeyId::make(self.now(), self.entropy.ten());
        let mut record = ActivationKeyRecord {
            id,
            title: "test machines".to_owned(),
            secret_hash: Sha256Digest(Sha256::digest(secret).into()),
            created_by: UserId::make(self.now(), self.entropy.ten()),
            created_at: self.now(),
            expires_at: None,
            use_limit: None,
            uses: 0,
            tags: BTreeSet::new(),
            disabled: false,
        };
        change(&mut record);
        self.app().store.create_activation_key(&record, &self.audit("key.create")).await.expect("a key is created");
        ActivationKey { id, secret, authority: self.app().authority.fingerprint() }
    }

    /// A tag at the top of the tree.
    pub(crate) async fn tag(&self, name: &str) -> TagId {
        let id = TagId::make(self.now(), self.entropy.ten());
        let tag = fettle_model::tag::Tag { id, name: name.to_owned(), parent: None, query: None };
        self.app().store.create_tag(&tag, &self.audit("tag.create")).await.expect("a tag is created");
        fettle_server::index::refresh_tags(self.app()).await.expect("the index knows the tag");
        id
    }

    /// A machine that has not enrolled.
    pub(crate) fn machine(&self, name: &str) -> TestAgent {
        TestAgent::new(name, self.agents(), Arc::clone(&self.clock), self.app().authority.certificate().clone())
    }

    /// A machine that has enrolled with a key of its own.
    pub(crate) async fn enrolled(&self, name: &str) -> TestAgent {
        let mut machine = self.machine(name);
        machine.enroll(&self.key().await).await.expect("the machine enrols");
        machine
    }

    /// A feed that is never synchronised; patches are put into it with [`Self::import`].
    pub(crate) async fn feed(&self, name: &str) -> FeedId {
        let source = serde_json::json!({"uri": "file:///nowhere", "suite": "bookworm", "components": ["main"], "keyring": "/usr/share/keyrings/x.gpg"});
        let config = serde_json::json!({"kind": "debian", "release": "debian/bookworm", "sources": [source], "architectures": ["amd64"]});
        self.feed_of(name, config).await
    }

    /// The same with a configuration as some version stored it.
    pub(crate) async fn feed_of(&self, name: &str, config: serde_json::Value) -> FeedId {
        let id = FeedId::make(self.now(), self.entropy.ten());
        let name = name.to_owned();
        let feed = FeedRecord { id, name, config, enabled: false, created_at: self.now(), state: FeedState::default() };
        self.app().store.create_feed(&feed, &self.audit("feed.create")).await.expect("a feed is created");
        id
    }

    /// Makes `patches` all that a feed carries, and assesses everything by the new catalog.
    pub(crate) async fn import(&self, feed: FeedId, patches: &[Patch]) {
        let note = ImportNote { now: self.now(), warnings: Vec::new() };
        self.app().store.apply_import(feed, patches, &note).await.expect("the import is applied");
        self.work(Reconciler::Reassess).await;
    }

    /// An audit entry of the test itself.
    pub(crate) fn audit(&self, action: &str) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            who: None,
            who_name: "test".to_owned(),
            from: "127.0.0.1".to_owned(),
            action: action.to_owned(),
            subject: String::new(),
            before: None,
            after: None,
        }
    }
}

/// The server's settings in a test: loopback, random ports, no waiting between check-ins.
pub(crate) fn settings(folder: &Path) -> Settings {
    let any = "127.0.0.1:0".parse().expect("an address");
    Settings {
        data: folder.to_owned(),
        database: format!("sqlite:{}", folder.join("fettle.db").display()),
        listen: any,
        agent_listen: any,
        public_name: "localhost".to_owned(),
        console_tls: ConsoleTls::Plain,
        log_format: LogFormat::Pretty,
        pace: Pace { pause: 0, ..Pace::default() },
        upload_limit: 8 * 1024 * 1024,
    }
}

/// The manual clock for rustls, so that certificates are judged by the time of the test.
pub(crate) fn tls_time(clock: &Arc<ManualClock>) -> Arc<listen::TlsTime> {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    Arc::new(listen::TlsTime(clock))
}

/// Waits until `condition` gives something.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, condition: impl Fn() -> F) -> T {
    let asked = async {
        let mut turns = tokio::time::interval(Duration::from_millis(10));
        loop {
            turns.tick().await;
            if let Some(found) = condition().await {
                return found;
            }
        }
    };
    match tokio::time::timeout(DEADLINE, asked).await {
        Ok(found) => found,
        Err(_) => panic!("waited in vain: {what}"),
    }
}
