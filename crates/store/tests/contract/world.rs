//! A store of its own for each test, and short ways to fill it.

use ed25519_dalek::SigningKey;
use fettle_deploy::job::{AssetSelection, Definition, Job, JobKind, Options, Schedule};
use fettle_deploy::manifest::Manifest;
use fettle_deploy::plan::{LeftOut, PatchPlan, Plan, PlannedAsset};
use fettle_deploy::run::{FindingState, PatchRunStatus, Report};
use fettle_model::access::{Role, Scope};
use fettle_model::clock::{Clock, Entropy, ManualClock};
use fettle_model::digest::Sha256Digest;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, EventId, FeedId, JobId, KeyId, PatchId, PatchNo, RunId, TagId, UserId};
use fettle_model::inventory::{
    Hardware, Interface, Inventory, Kernels, LogOn, Package, PackageManagerHealth, PackageState, Volatile, WindowsSoftware,
};
use fettle_model::os::{OperatingSystem, Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule};
use fettle_protocol::codec::inventory_digest;
use fettle_protocol::message::Event;
use fettle_protocol::signed::SignedManifest;
use fettle_store::{
    ActivationKeyRecord, Assessed, AuditEntry, EnrolOutcome, Enrolment, FeedRecord, FeedState, NewCertificate, NewRun, Store, Upload,
    UserRecord,
};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyConnection, Connection};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where every test begins in time.
pub(crate) const START: &str = "2026-03-01T12:00:00Z";

/// Chance that is the same in every run of a test.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        for (index, byte) in bytes.iter_mut().rev().enumerate() {
            *byte = number.to_le_bytes().get(index).copied().unwrap_or(0);
        }
    }
}

/// A store of its own.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) clock: ManualClock,
    entropy: Counting,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("fettle.db").display());
        Self::open(url, folder).await
    }

    /// `None` when PostgreSQL is to be left out.
    pub(crate) async fn postgres() -> Option<Self> {
        let server = std::env::var("FETTLE_TEST_POSTGRES")
            .expect("FETTLE_TEST_POSTGRES is not set: run `cargo xtask test`, or set it to `skip` to leave PostgreSQL out");
        if server == "skip" {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let name = folder.path().file_name().expect("a name").to_string_lossy().to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
        let schema = format!("test_{}_{name}", std::process::id());
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&server).await.expect("PostgreSQL answers");
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut connection).await.expect("a schema");
        connection.close().await.expect("closes");
        let mark = if server.contains('?') { '&' } else { '?' };
        Some(Self::open(format!("{server}{mark}options[search_path]={schema}"), folder).await)
    }

    async fn open(url: String, folder: tempfile::TempDir) -> Self {
        let clock = ManualClock::new(START.parse().expect("a time"));
        let entropy = Counting::default();
        let store = Store::open(&url, &clock, &entropy).await.expect("the store opens");
        Self { store, url, clock, entropy, _folder: folder }
    }

    /// Around a store that was opened elsewhere.
    pub(crate) fn of(store: Store) -> Self {
        let (clock, entropy) = (ManualClock::new(START.parse().expect("a time")), Counting::default());
        Self { store, url: String::new(), clock, entropy, _folder: tempfile::tempdir().expect("a folder") }
    }

    /// Another process on the same database.
    pub(crate) async fn another_node(&self) -> Store {
        Store::open(&self.url, &self.clock, &self.entropy).await.expect("the store opens again")
    }

    /// Straight to the database, for damage and for looking at what no method shows.
    pub(crate) async fn sql(&self, sql: &str) -> u64 {
        let url = self.url.replace("sqlite:", "sqlite://");
        let mut connection = AnyConnection::connect(&url).await.expect("connects");
        let done = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("runs");
        connection.close().await.expect("closes");
        done.rows_affected()
    }

    /// Keeps everybody from writing until the connection is told to roll back.
    pub(crate) async fn hold_writers(&self) -> AnyConnection {
        let mut connection = AnyConnection::connect(&self.url.replace("sqlite:", "sqlite://")).await.expect("connects");
        let hold: &[&'static str] = match self.store.engine() {
            fettle_store::Engine::Sqlite => &["BEGIN IMMEDIATE"],
            fettle_store::Engine::Postgres => &["BEGIN", "LOCK TABLE inventories IN EXCLUSIVE MODE"],
        };
        for statement in hold {
            sqlx::query(*statement).execute(&mut connection).await.expect("holds");
        }
        connection
    }

    /// How many rows a query has.
    pub(crate) async fn count(&self, from: &str) -> i64 {
        use sqlx::Row;
        let url = self.url.replace("sqlite:", "sqlite://");
        let mut connection = AnyConnection::connect(&url).await.expect("connects");
        let sql = format!("SELECT COUNT(*) AS n FROM {from}");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect("runs");
        connection.close().await.expect("closes");
        row.get("n")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn later(&self, duration: SignedDuration) -> Timestamp {
        self.clock.advance_millis(i64::try_from(duration.as_millis()).expect("short"));
        self.now()
    }

    pub(crate) fn ten(&self) -> [u8; 10] {
        self.entropy.ten()
    }

    pub(crate) fn audit(&self, action: &str) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            who: Some(UserId::make(self.now(), [1; 10])),
            who_name: "ada".to_owned(),
            from: "192.0.2.7".to_owned(),
            action: action.to_owned(),
            subject: "something".to_owned(),
            before: None,
            after: Some(serde_json::json!({ "b": 1, "a": "ü" })),
        }
    }

    pub(crate) async fn user(&self, name: &str, role: Role) -> UserRecord {
        let user = self.new_user(name, role);
        self.store.create_user(&user, &self.audit("user.create")).await.expect("a user");
        user
    }

    pub(crate) fn new_user(&self, name: &str, role: Role) -> UserRecord {
        UserRecord {
            id: UserId::make(self.now(), self.ten()),
            name: name.to_owned(),
            role,
            scope: Scope::Everything,
            password_hash: "$argon2id$…".to_owned(),
            disabled: false,
            created_at: self.now(),
        }
    }

    pub(crate) fn new_key(&self) -> ActivationKeyRecord {
        ActivationKeyRecord {
            id: KeyId::make(self.now(), self.ten()),
            title: "laptops".to_owned(),
            secret_hash: Sha256Digest([7; 32]),
            created_by: UserId::make(self.now(), [1; 10]),
            created_at: self.now(),
            expires_at: None,
            use_limit: None,
            uses: 0,
            tags: BTreeSet::new(),
            disabled: false,
        }
    }

    pub(crate) async fn key(&self, change: impl FnOnce(&mut ActivationKeyRecord)) -> ActivationKeyRecord {
        let mut key = self.new_key();
        change(&mut key);
        self.store.create_activation_key(&key, &self.audit("key.create")).await.expect("a key");
        key
    }

    pub(crate) fn enrolment(&self, key: &ActivationKeyRecord, machine: &str) -> Enrolment {
        Enrolment {
            asset: AssetId::make(self.now(), self.ten()),
            key: key.id,
            secret_hash: key.secret_hash,
            machine_id: machine.to_owned(),
            hostname: format!("{machine}.example"),
            agent_version: "0.1.0".to_owned(),
            assess_only: false,
            from: "192.0.2.9".to_owned(),
            now: self.now(),
        }
    }

    pub(crate) fn certificate(&self) -> NewCertificate {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        bytes[0] = 0xce;
        NewCertificate {
            fingerprint: Sha256Digest(bytes),
            serial: "0102".to_owned(),
            not_before: self.now(),
            not_after: self.now() + SignedDuration::from_hours(90 * 24),
        }
    }

    pub(crate) async fn enrol(&self, enrolment: &Enrolment) -> EnrolOutcome {
        self.store.enrol(enrolment, |_| Ok(self.certificate())).await.expect("enrolment works")
    }

    /// A machine that has enrolled.
    pub(crate) async fn asset(&self, machine: &str) -> AssetId {
        let key = self.key(|_| {}).await;
        match self.enrol(&self.enrolment(&key, machine)).await {
            EnrolOutcome::Enrolled { asset, .. } => asset,
            EnrolOutcome::Refused(why) => panic!("refused: {why:?}"),
        }
    }

    pub(crate) async fn assets(&self, count: usize) -> Vec<AssetId> {
        let mut assets = Vec::new();
        for number in 0..count {
            assets.push(self.asset(&format!("machine{number}")).await);
        }
        assets
    }

    pub(crate) fn upload(&self, asset: AssetId, inventory: Inventory) -> Upload {
        Upload {
            asset,
            digest: inventory_digest(&inventory).expect("encodes"),
            inventory: Arc::new(inventory),
            volatile: volatile("ada"),
            scanned_at: self.now(),
            received_at: self.now(),
            assessed: Assessed::Findings { findings: findings(&[1, 5], &[2]), generation: 1 },
            verdict: says(FindingState::Installed),
        }
    }

    pub(crate) async fn tag(&self, name: &str, parent: Option<TagId>) -> TagId {
        let tag = fettle_model::tag::Tag { id: TagId::make(self.now(), self.ten()), name: name.to_owned(), parent, query: None };
        self.store.create_tag(&tag, &self.audit("tag.create")).await.expect("a tag");
        tag.id
    }

    pub(crate) async fn feed(&self, name: &str) -> FeedId {
        let feed = FeedRecord {
            id: FeedId::make(self.now(), self.ten()),
            name: name.to_owned(),
            config: serde_json::json!({ "kind": "debian" }),
            enabled: true,
            created_at: self.now(),
            state: FeedState::default(),
        };
        self.store.create_feed(&feed, &self.audit("feed.create")).await.expect("a feed");
        feed.id
    }

    /// A job that is switched on.
    pub(crate) async fn job(&self, name: &str) -> Job {
        let definition = Definition {
            name: name.to_owned(),
            description: String::new(),
            kind: JobKind::Install,
            patches: vec![PatchId("p1".to_owned())],
            assets: AssetSelection { include_assets: BTreeSet::from([AssetId::make(self.now(), [0; 10])]), ..AssetSelection::default() },
            schedule: Some(Schedule::OnDemand),
            options: Options::default(),
        };
        let job = Job::new(JobId::make(self.now(), self.ten()), definition, Some(UserId::make(self.now(), [1; 10])), self.now());
        let job = job.expect("sound").enable(self.now()).expect("complete");
        self.store.create_job(&job, &self.audit("job.create")).await.expect("a job");
        job
    }

    pub(crate) fn new_run(&self, job: &Job, assets: &[AssetId], left_out: Vec<LeftOut>) -> NewRun {
        let planned = assets.iter().map(|asset| planned(*asset)).collect();
        NewRun {
            id: RunId::make(self.now(), self.ten()),
            job: job.id,
            slot: 0,
            now: self.now(),
            planned_from: job.updated_at,
            begin_before: Some(self.now() + SignedDuration::from_hours(1)),
            expires_at: self.now() + SignedDuration::from_hours(24),
            plan: Plan { kind: JobKind::Install, assets: planned, left_out },
        }
    }

    /// A run of a job of its own.
    pub(crate) async fn run(&self, name: &str, assets: &[AssetId]) -> NewRun {
        let job = self.job(name).await;
        let run = self.new_run(&job, assets, Vec::new());
        let started = self.store.start_run(&run, sign(&run)).await.expect("starts");
        assert!(matches!(started, fettle_store::StartOutcome::Started { .. }), "{started:?}");
        run
    }

    pub(crate) fn event(&self, run: &NewRun, report: Report) -> Event {
        Event { id: EventId::make(self.now(), self.ten()), run: run.id, at: self.now(), report }
    }
}

/// What is done on an asset.
pub(crate) fn planned(asset: AssetId) -> PlannedAsset {
    let patch = |id: &str, status| PatchPlan {
        patch: PatchId(id.to_owned()),
        title: id.to_uppercase(),
        status,
        note: None,
        packages: vec![BinaryVersion { name: id.to_owned(), architecture: "amd64".to_owned(), version: "2".to_owned() }],
        held: Vec::new(),
        reboot: Reboot::Never,
    };
    let patches = vec![patch("p1", PatchRunStatus::Pending), patch("p2", PatchRunStatus::NotApplicable)];
    PlannedAsset { asset, name: format!("Host-{}", &asset.to_string()[30..]), patches }
}

/// A signer of manifests.
pub(crate) fn sign(run: &NewRun) -> impl FnMut(&PlannedAsset, u64) -> Result<SignedManifest, fettle_store::IssueError> + Send + use<> {
    let (run, key) = (run.clone(), signing_key());
    move |asset, generation| {
        let manifest = Manifest {
            asset: asset.asset,
            job: run.job,
            job_name: "a job".to_owned(),
            run: run.id,
            generation,
            kind: JobKind::Install,
            not_before: run.now,
            begin_before: run.begin_before,
            expires_at: run.expires_at,
            patches: Vec::new(),
            continue_on_failure: true,
        };
        Ok(SignedManifest::sign(&manifest, &key)?)
    }
}

pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

/// A verdict that says the same of every patch.
pub(crate) fn says(state: FindingState) -> fettle_store::Verdict {
    Arc::new(move |_| state)
}

pub(crate) fn findings(missing: &[u32], installed: &[u32]) -> Findings {
    let numbers = |list: &[u32]| list.iter().copied().map(PatchNo).collect();
    Findings { missing: numbers(missing), installed: numbers(installed) }
}

pub(crate) fn volatile(user: &str) -> Volatile {
    Volatile { logged_on: vec![LogOn { user: user.to_owned(), terminal: "tty1".to_owned() }], disks: Vec::new(), booted_at: None }
}

pub(crate) fn inventory(hostname: &str, packages: usize) -> Inventory {
    let package = |number: usize| Package {
        name: format!("package{number}"),
        architecture: "amd64".to_owned(),
        version: "1.0-1".to_owned(),
        source: format!("package{number}"),
        source_version: "1.0-1".to_owned(),
        state: PackageState::Installed,
        held: false,
    };
    Inventory {
        hostname: hostname.to_owned(),
        os: OperatingSystem {
            platform: Platform::Linux,
            id: "debian".to_owned(),
            name: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            version: "12".to_owned(),
            codename: "bookworm".to_owned(),
            architecture: "amd64".to_owned(),
            foreign_architectures: Vec::new(),
        },
        hardware: Hardware::default(),
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            mac: String::new(),
            addresses: vec!["192.0.2.20".to_owned(), "2001:db8::20".to_owned()],
        }],
        packages: (0..packages).map(package).collect(),
        kernels: Kernels::default(),
        pending_reboot: Vec::new(),
        package_manager: PackageManagerHealth::default(),
        windows: WindowsSoftware::default(),
    }
}

pub(crate) fn patch(id: &str, title: &str) -> Patch {
    Patch {
        id: PatchId(id.to_owned()),
        vendor: "Debian".to_owned(),
        title: title.to_owned(),
        description: String::new(),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: "openssl".to_owned(),
        products: vec!["debian/bookworm".to_owned()],
        architectures: vec!["amd64".to_owned()],
        bulletin: None,
        advisory_url: None,
        category: Category::Security,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at: None,
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 1 },
        rollback: Rollback::No,
        rule: Rule::Dpkg { release: ReleaseKey::new("debian", "bookworm"), binaries: Vec::new(), sources: Vec::new() },
        source: "feed".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}

/// Declares tests that run on both databases.
macro_rules! contract {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: &World) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn check($world: &World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check(&World::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(world) = World::postgres().await {
                    check(&world).await;
                }
            }
        }
    )*};
}
pub(crate) use contract;
