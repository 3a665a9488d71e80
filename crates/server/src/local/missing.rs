//! `fettle local missing`: what this machine misses, without logging in.

use super::{Installation, LOCAL_KEY, LocalError, open, store};
use crate::index::read_catalog;
use crate::settings::Settings;
use comfy_table::{ContentArrangement, Table, presets};
use fettle_fleet::Catalog;
use fettle_model::asset::ScanStatus;
use fettle_model::clock::{Clock, Entropy};
use fettle_model::inventory::Inventory;
use fettle_protocol::key::ActivationKey;
use fettle_store::{AssetRecord, Store};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// Arguments of `fettle local missing`.
#[derive(Debug, clap::Args)]
pub(super) struct MissingArgs {
    #[command(flatten)]
    installation: Installation,
    /// Wait for the first import of the catalog and this machine's first scan, and show how far they are
    #[arg(long)]
    wait: bool,
}

/// How often the database is asked while waiting.
const PACE: Duration = Duration::from_millis(500);
/// How long waiting may take: a first import on a slow line takes minutes.
const PATIENCE: u32 = 30 * 60 * 2;

/// Runs it.
pub(super) async fn run(args: &MissingArgs, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<(), LocalError> {
    let settings = args.installation.settings()?;
    let store = open(&settings, clock, entropy).await?;
    let outcome = show(args, &settings, &store).await;
    store.close().await;
    outcome
}

async fn show(args: &MissingArgs, settings: &Settings, in_store: &Store) -> Result<(), LocalError> {
    let shown = Progress::new();
    let mut turns = tokio::time::interval(PACE);
    let asset = 'ready: {
        for _ in 0..PATIENCE {
            turns.tick().await;
            match state(settings, in_store).await? {
                State::Ready(asset) => break 'ready asset,
                State::Failed(why) => return Err(LocalError::Told(why)),
                State::Waiting(what) if args.wait => shown.say(&what),
                State::Waiting(what) => return Err(LocalError::Told(format!("{what}; try again, or wait with --wait"))),
            }
        }
        return Err(LocalError::Told("gave up waiting; the server's log says what keeps it".to_owned()));
    };
    shown.done();
    let catalog = read_catalog(in_store).await.map_err(store("read the catalog"))?;
    let inventory = in_store.inventory(asset.id).await.map_err(store("read the inventory"))?;
    print(&asset, &catalog, inventory.as_ref());
    Ok(())
}

enum State {
    Ready(Box<AssetRecord>),
    Waiting(String),
    Failed(String),
}

async fn state(settings: &Settings, in_store: &Store) -> Result<State, LocalError> {
    let feeds = in_store.feeds().await.map_err(store("read the feeds"))?;
    if let Some(error) = feeds.iter().filter(|feed| feed.state.last_success.is_none()).find_map(|feed| feed.state.error.clone()) {
        return Ok(State::Failed(format!("the catalog could not be imported: {error}")));
    }
    if !feeds.iter().any(|feed| feed.state.last_success.is_some()) {
        return Ok(State::Waiting("importing the catalog".to_owned()));
    }
    let generation = in_store.catalog_generation().await.map_err(store("read the catalog's generation"))?;
    let Some(asset) = this_machine(settings, in_store).await? else {
        return Ok(State::Waiting("waiting for this machine's agent to enrol".to_owned()));
    };
    let why = || asset.scan.error.as_deref().unwrap_or("no reason was given").to_owned();
    Ok(match asset.scan.status {
        ScanStatus::ScanFailed => State::Failed(format!("this machine could not be scanned: {}", why())),
        // Before a catalog is there no system can be assessed; the first one has every stored scan judged anew.
        _ if asset.scan.last_scan.is_none() => State::Waiting("waiting for this machine's first scan".to_owned()),
        _ if asset.scan.catalog_generation < generation => State::Waiting("assessing".to_owned()),
        ScanStatus::Unsupported => State::Failed(format!("this machine could not be assessed: {}", why())),
        _ => State::Ready(Box::new(asset)),
    })
}

/// The asset that enrolled with the key made for this machine.
async fn this_machine(settings: &Settings, in_store: &Store) -> Result<Option<AssetRecord>, LocalError> {
    let path = settings.secrets().join(LOCAL_KEY);
    let text = std::fs::read_to_string(&path).map_err(|source| LocalError::File { doing: "read", path, source })?;
    let key: ActivationKey = text.parse().map_err(|error| LocalError::Told(format!("secrets/{LOCAL_KEY}: {error}")))?;
    let mut after = None;
    loop {
        let page = in_store.assets(after, 1_000).await.map_err(store("read the assets"))?;
        let Some(last) = page.last() else { return Ok(None) };
        after = Some(last.id);
        if let Some(found) = page.into_iter().find(|asset| asset.enrolled_with == Some(key.id)) {
            return Ok(Some(found));
        }
    }
}

fn print(asset: &AssetRecord, catalog: &Catalog, inventory: Option<&Inventory>) {
    let counts = catalog.counts(&asset.scan.findings);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["PATCH", "CATEGORY", "PACKAGES", "CVES"]);
    let latest = asset.scan.findings.missing.iter().filter_map(|&no| catalog.get(no)).filter(|entry| !entry.superseded);
    for entry in latest {
        let packages = inventory.map(|inventory| catalog.missing_packages(entry.no, inventory)).unwrap_or_default();
        let names: Vec<String> = packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect();
        let name = entry.patch.bulletin.clone().unwrap_or_else(|| entry.patch.app_family.clone());
        table.add_row([name, entry.patch.category.to_string(), names.join(", "), entry.patch.cves.join(", ")]);
    }
    if counts.latest_missing > 0 {
        println!("{table}");
    }
    println!(
        "{} misses {} patches, {} of them security; {} are installed.",
        asset.name, counts.latest_missing, counts.latest_missing_security, counts.installed
    );
}

/// A line that turns on a terminal, and a line per change elsewhere.
struct Progress {
    bar: Option<ProgressBar>,
    last: std::cell::RefCell<String>,
}

impl Progress {
    fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_style(ProgressStyle::default_spinner());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, last: std::cell::RefCell::default() }
    }

    fn say(&self, what: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(format!("{what} ({} s)", bar.elapsed().as_secs())),
            None if *self.last.borrow() != what => eprintln!("{what}"),
            None => {}
        }
        what.clone_into(&mut self.last.borrow_mut());
    }

    fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
