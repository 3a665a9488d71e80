//! This server's catalog as a bundle.

use super::{Bundles, BundlesError, in_background, kept, named};
use crate::App;
use fettle_catalog::FeedConfig;
use fettle_catalog::bundle::{Base, Carries, Exporter, FeedHead, FeedWriter, Held, Line, Manifest, Writer, Written, signature};
use fettle_model::ids::FeedId;
use fettle_store::{AuditEntry, CatalogReader, ExportRecord, FeedRecord};
use jiff::SignedDuration;
use std::fs::File;
use std::io::{Seek, SeekFrom};

/// A bundle that was made.
#[derive(Debug)]
pub struct Exported {
    /// The file, at its beginning.
    pub file: File,
    /// Bytes.
    pub size: u64,
    /// What it says of itself.
    pub manifest: Manifest,
}

pub(super) async fn export(
    app: &App,
    bundles: &Bundles,
    since: Option<u64>,
    valid: SignedDuration,
    audit: impl FnOnce(&Manifest) -> AuditEntry,
) -> Result<Exported, BundlesError> {
    let base = match since {
        Some(sequence) => Some(base(app, sequence).await?),
        None => None,
    };
    let key = app.authority.catalog_key(app.entropy.as_ref())?;
    let sequence = app.store.next_export().await?;
    let created = app.clock.now();
    let mut reader = app.store.read_catalog().await?;
    let mut writer = Writer::new(bundles.scratch()?, base);
    for feed in reader.feeds().await? {
        writer = write(&mut reader, writer, &feed).await?;
    }
    drop(reader);
    let exporter = Exporter { id: app.store.installation_id(), name: app.settings.public_name.clone() };
    let mut out = bundles.scratch()?;
    let (written, held, file) = in_background(move || {
        let sign = |manifest: &[u8]| signature(manifest, &key);
        let written = writer.finish(exporter, sequence, (created, created + valid), &sign, &mut out)?;
        out.seek(SeekFrom::Start(0))?;
        let held = written.held.to_bytes()?;
        Ok::<_, BundlesError>((written, held, out))
    })
    .await??;
    let Written { manifest, name, .. } = written;
    let size = file.metadata()?.len();
    // Remembered before it is handed out, so that whoever has a bundle can ask for what changed since.
    let record = ExportRecord { name: kept(name), held, created_at: created };
    app.store.keep_export(&record, &audit(&manifest)).await?;
    Ok(Exported { file, size, manifest })
}

async fn base(app: &App, sequence: u64) -> Result<Base, BundlesError> {
    let Some(record) = app.store.export(sequence).await? else {
        let kept = app.store.exports().await?.into_iter().map(|(sequence, _)| sequence).collect();
        return Err(BundlesError::NoSuchExport { asked: sequence, kept });
    };
    let name = named(record.name);
    let held = in_background(move || Held::from_bytes(&record.held)).await?;
    Ok(Base { name, held: held.map_err(|source| BundlesError::Forgotten { sequence, source })? })
}

/// Writes all that a feed carries.
async fn write(reader: &mut CatalogReader, writer: Writer, record: &FeedRecord) -> Result<Writer, BundlesError> {
    let head = head(record)?;
    let carries = head.carries;
    let mut feed = writer.feed(head)?;
    let (mut after_patch, mut after_cve) = (None, String::new());
    loop {
        let lines = match carries {
            Carries::Patches => {
                let page = reader.patches(record.id, after_patch).await?;
                after_patch = page.last().map(|(no, _)| *no);
                page.into_iter().map(|(_, patch)| Line::Patch(Box::new(patch))).collect()
            }
            Carries::Facts => facts(reader, record.id, &mut after_cve).await?,
        };
        if lines.is_empty() {
            return Ok(in_background(move || feed.end()).await??);
        }
        feed = in_background(move || put(feed, &lines)).await??;
    }
}

async fn facts(reader: &mut CatalogReader, feed: FeedId, after: &mut String) -> Result<Vec<Line>, BundlesError> {
    let page = reader.facts(feed, after).await?;
    if let Some(last) = page.last() {
        after.clone_from(&last.cve);
    }
    Ok(page.into_iter().map(Line::Facts).collect())
}

fn put(mut feed: FeedWriter, lines: &[Line]) -> Result<FeedWriter, BundlesError> {
    for line in lines {
        feed.put(line)?;
    }
    Ok(feed)
}

/// What a bundle says of a feed. One that came with a bundle itself goes on as what it was at first.
fn head(record: &FeedRecord) -> Result<FeedHead, BundlesError> {
    let config: FeedConfig =
        serde_json::from_value(record.config.clone()).map_err(|source| BundlesError::Feed { name: record.name.clone(), source })?;
    let kind = match &config {
        FeedConfig::Bundle(feed) => feed.original.clone(),
        _ => record.config["kind"].as_str().unwrap_or_default().to_owned(),
    };
    Ok(FeedHead {
        id: record.id,
        name: record.name.clone(),
        kind,
        release: config.release().cloned(),
        repositories: config.repositories().into_iter().cloned().collect(),
        carries: config.carries(),
    })
}
