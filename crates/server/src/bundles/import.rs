//! Another server's catalog into this one's.

use super::{BundlesError, in_background, kept, occasion};
use crate::App;
use crate::work::Reconciler;
use fettle_catalog::FeedConfig;
use fettle_catalog::bundle::{BundleError, BundleKey, BundledFeed, FeedEntry, Line, Piece, Signed, Verdict, contents, verify};
use fettle_model::clock::{Clock, Entropy};
use fettle_model::ids::FeedId;
use fettle_store::{AuditEntry, BundleFeed, BundleImport, BundlePiece, BundleReport, CatalogSource, FeedReport, SourceImport};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Pieces that wait to be written: reading goes on while the database works, and no further.
const AHEAD: usize = 4;

/// How an import ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The name of the source.
    pub source: String,
    /// Number of the bundle.
    pub sequence: u64,
    /// Number of the bundle whose changes it holds; `None` when it is full.
    pub base: Option<u64>,
    /// What it did to each feed; `None` when it had been imported before.
    pub feeds: Option<Vec<FeedReport>>,
}

pub(super) async fn import(
    app: &App,
    file: File,
    audit: impl FnOnce(&Outcome, &BundleReport) -> AuditEntry,
) -> Result<Outcome, BundlesError> {
    let sources = app.store.catalog_sources().await?;
    // A key that cannot be read was never trusted by this version.
    let keys: Vec<BundleKey> = sources.iter().filter_map(|source| source.key.parse().ok()).collect();
    if keys.is_empty() {
        return Err(BundlesError::NobodyTrusted);
    }
    let (signed, file) = in_background(move || {
        let mut file = file;
        file.seek(SeekFrom::Start(0))?;
        Ok::<_, BundlesError>((verify(&file, &keys)?, file))
    })
    .await??;
    let key = signed.key().to_string();
    let source = sources.into_iter().find(|source| source.key == key).ok_or(BundleError::Signature)?;
    let manifest = signed.manifest();
    let (sequence, base) = (manifest.sequence, manifest.base.map(|base| base.sequence));
    let mut outcome = Outcome { source: source.name.clone(), sequence, base, feeds: None };
    let last = source.imported.as_ref().map(|imported| imported.export);
    if signed.fits(occasion(app, last))? == Verdict::Known {
        return Ok(outcome);
    }
    let report = take(app, &source, signed, file, |report| audit(&outcome, report)).await?;
    outcome.feeds = Some(report.feeds);
    // What an import did is in the stored catalog; the findings follow.
    app.signals.ask(Reconciler::Reassess);
    app.tell(crate::Event::Catalog);
    Ok(outcome)
}

/// Has the store write what a bundle holds while it is read.
async fn take(
    app: &App,
    source: &CatalogSource,
    signed: Signed,
    file: File,
    audit: impl FnOnce(&BundleReport) -> AuditEntry,
) -> Result<BundleReport, BundlesError> {
    let manifest = signed.manifest();
    let imported = SourceImport {
        export: kept(signed.name()),
        exporter: manifest.exporter.name.clone(),
        exported_at: manifest.created,
        at: app.clock.now(),
    };
    let after = source.imported.as_ref().map(|imported| imported.export);
    let import = BundleImport { source: source.id, after, imported };
    let (sender, pieces) = mpsc::channel(AHEAD);
    let reading = Reading { from: source.name.clone(), clock: Arc::clone(&app.clock), entropy: Arc::clone(&app.entropy), sender };
    let reader = tokio::task::spawn_blocking(move || reading.run(&signed, file));
    let report = app.store.import_bundle(&import, pieces, audit).await;
    let read = reader.await.map_err(|_| BundlesError::Stopped)?;
    match report? {
        Some(report) => Ok(report),
        None => Err(read.err().unwrap_or(BundlesError::Stopped)),
    }
}

/// Reads a bundle for the store.
struct Reading {
    from: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    sender: mpsc::Sender<BundlePiece>,
}

impl Reading {
    fn run(self, signed: &Signed, mut file: File) -> Result<(), BundlesError> {
        file.seek(SeekFrom::Start(0))?;
        let sequence = signed.manifest().sequence;
        contents(&file, signed, &mut |piece| match piece {
            Piece::Feed(entry) => self.send(BundlePiece::Feed(self.feed(entry, sequence)?)),
            Piece::Lines(lines) => self.lines(lines),
        })?;
        Ok(self.send(BundlePiece::End)?)
    }

    /// That nobody takes it means that the store has given up, and says why.
    fn send(&self, piece: BundlePiece) -> Result<(), BundleError> {
        self.sender.blocking_send(piece).map_err(|_| BundleError::Stopped)
    }

    fn feed(&self, entry: &FeedEntry, sequence: u64) -> Result<BundleFeed, BundleError> {
        let config = FeedConfig::Bundle(BundledFeed::new(entry, &self.from, sequence));
        let config = serde_json::to_value(config).map_err(|_| BundleError::Manifest("a feed cannot be described"))?;
        Ok(BundleFeed {
            origin: entry.feed.id,
            id: FeedId::make(self.clock.now(), self.entropy.ten()),
            name: entry.feed.name.clone(),
            config,
            facts: entry.feed.carries == fettle_catalog::bundle::Carries::Facts,
            whole: entry.whole,
            total: entry.total,
        })
    }

    fn lines(&self, lines: Vec<Line>) -> Result<(), BundleError> {
        let (mut patches, mut withdrawn, mut facts, mut forgotten) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for line in lines {
            match line {
                Line::Patch(patch) => patches.push(*patch),
                Line::Withdrawn(id) => withdrawn.push(id),
                Line::Facts(said) => facts.push(said),
                Line::Forgotten(cve) => forgotten.push(cve),
            }
        }
        let pieces = [
            (!patches.is_empty()).then_some(BundlePiece::Patches(patches)),
            (!withdrawn.is_empty()).then_some(BundlePiece::Withdrawn(withdrawn)),
            (!facts.is_empty()).then_some(BundlePiece::Facts(facts)),
            (!forgotten.is_empty()).then_some(BundlePiece::Forgotten(forgotten)),
        ];
        pieces.into_iter().flatten().try_for_each(|piece| self.send(piece))
    }
}
