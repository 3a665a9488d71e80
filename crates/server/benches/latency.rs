//! A server whose index holds a synthetic fleet, for load tools: `cargo xtask bench http` runs this.
//!
//! The index is filled directly; the store has no assets, and answering a list reads none from it. Prints where
//! it serves and with which token, then lets scans arrive until its input ends.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement prints, and stops when something is wrong")]

use clap::Parser;
use fettle_fleet::Change;
use fettle_model::access::{Role, Scope};
use fettle_model::ids::{TokenId, UserId};
use fettle_server::App;
use fettle_server::auth::secret;
use fettle_server::serve::{self, Parts};
use fettle_server::settings::{ConsoleTls, LogFormat, Pace, Settings};
use fettle_server::system::{SystemClock, SystemEntropy};
use fettle_sim::synthetic::{Size, Synthetic};
use fettle_store::{AuditEntry, TokenRecord, UserRecord};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The allocator of the server.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sizes.
#[derive(Parser)]
struct Options {
    /// Assets.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
    /// Patches.
    #[arg(long, default_value_t = 20_000)]
    patches: u32,
    /// Scans that arrive each second.
    #[arg(long, default_value_t = 100)]
    scans: u32,
    /// What cargo tells every benchmark; without a meaning here.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Assets put into the index at a time.
const TOGETHER: u32 = 8_192;
/// Group commits per second; the scans of each are published together.
const COMMITS: u32 = 20;

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let folder = tempfile::tempdir().expect("a scratch folder");
    let parts = Parts { settings: settings(folder.path()), clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
    let server = Box::pin(serve::start(parts)).await.expect("the server starts");
    let app = Arc::clone(&server.app);
    let token = token(&app).await;
    let size = Size { assets: options.assets, patches: options.patches, missing: 150.0, installed: 600.0, seed: 1 };
    let made = Arc::new(Synthetic::new(size, app.clock.now()));
    let filling = (Arc::clone(&app), Arc::clone(&made));
    tokio::task::spawn_blocking(move || fill(&filling.0, &filling.1)).await.expect("the index is filled");
    println!("{}", serde_json::json!({"url": format!("https://{}", server.console), "token": token}));
    let stop = Arc::new(AtomicBool::new(false));
    let arriving = (Arc::clone(&app), Arc::clone(&made), Arc::clone(&stop));
    let scans = tokio::spawn(async move { arrive(&arriving.0, &arriving.1, options.scans, &arriving.2).await });
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    ended.await.expect("waits").expect("the input ends");
    stop.store(true, Ordering::Relaxed);
    let applied = scans.await.expect("scans arrive");
    println!("{}", serde_json::json!({"scans": applied}));
    server.stop().await;
}

fn fill(app: &App, made: &Synthetic) {
    app.fleet.apply(vec![Change::Catalog(Arc::clone(made.catalog())), Change::Tags(made.tags().to_vec())]);
    for from in (0..made.len()).step_by(usize::try_from(TOGETHER).expect("small")) {
        let some = (from..(from + TOGETHER).min(made.len())).flat_map(|number| {
            let (card, findings) = made.asset(number);
            let asset = card.id;
            [Change::Card(Box::new(card)), Change::Findings { asset, findings }]
        });
        app.fleet.apply(some.collect());
    }
}

/// Lets scans arrive at a steady pace; how many there were.
async fn arrive(app: &App, made: &Synthetic, per_second: u32, stop: &AtomicBool) -> u32 {
    let mut commits = tokio::time::interval(Duration::from_secs(1) / COMMITS);
    let mut applied = 0;
    while !stop.load(Ordering::Relaxed) && per_second > 0 {
        commits.tick().await;
        let some = (0..per_second.div_ceil(COMMITS)).map(|nth| {
            let number = (applied + nth).wrapping_mul(7_919) % made.len();
            Change::Findings { asset: made.asset(number).0.id, findings: made.rescanned(number, 1 + applied / made.len()) }
        });
        let some: Vec<Change> = some.collect();
        applied += u32::try_from(some.len()).expect("small");
        app.fleet.apply(some);
    }
    applied
}

async fn token(app: &App) -> String {
    let now = app.clock.now();
    let id = UserId::make(now, app.entropy.ten());
    let (name, password_hash) = ("load".to_owned(), String::new());
    let user = UserRecord { id, name, role: Role::SuperUser, scope: Scope::Everything, password_hash, disabled: false, created_at: now };
    app.store.create_user(&user, &audit(app, "user.create")).await.expect("a user");
    let text = secret::make_token(app.entropy.as_ref());
    let record = TokenRecord {
        id: TokenId::make(now, app.entropy.ten()),
        user: id,
        title: "load".to_owned(),
        token_hash: secret::hash(&text),
        role: Role::SuperUser,
        scope: Scope::Everything,
        created_at: now,
        expires_at: None,
        last_used_at: None,
    };
    app.store.create_token(&record, &audit(app, "token.create")).await.expect("a token");
    text
}

fn audit(app: &App, action: &str) -> AuditEntry {
    AuditEntry {
        at: app.clock.now(),
        who: None,
        who_name: "bench".to_owned(),
        from: "127.0.0.1".to_owned(),
        action: action.to_owned(),
        subject: String::new(),
        before: None,
        after: None,
    }
}

fn settings(folder: &Path) -> Settings {
    let any = "127.0.0.1:0".parse().expect("an address");
    Settings {
        data: folder.to_owned(),
        database: format!("sqlite:{}", folder.join("fettle.db").display()),
        listen: any,
        agent_listen: any,
        public_name: "localhost".to_owned(),
        console_tls: ConsoleTls::OwnAuthority,
        log_format: LogFormat::Pretty,
        pace: Pace::default(),
        upload_limit: 1024 * 1024,
    }
}
