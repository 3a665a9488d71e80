//! Marks of assets: whether an asset has changed since somebody looked, without reading all of it.

use crate::assets::AssetRecord;
use crate::engine::{CHUNK, Tx, Values};
use crate::error::Attempt;
use crate::row::Get;
use crate::{Result, Store};
use fettle_model::ids::{AssetId, TagId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An asset's mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetMark {
    /// Which asset.
    pub id: AssetId,
    /// The same as [`AssetRecord::mark`] of the whole record.
    pub mark: u64,
    /// When its agent was last heard of, which is no part of the mark: it changes all the time.
    pub last_check_in: Option<Timestamp>,
}

/// Everything a mark is made of, but for tags.
const MARKED: &str = "SELECT a.asset_id, COALESCE(s.hostname, a.name) AS shown_name, a.agent_version, a.assess_only, a.last_check_in,
            s.status, s.error, s.last_scan, s.digest, s.generation
     FROM assets a JOIN scans s ON s.asset_id = a.asset_id";

impl AssetRecord {
    /// Changes whenever the record does, but for when its agent was last heard of and what its agent is told. An
    /// inventory, its facts and what was volatile at the scan are named by the scan's digest and time, findings
    /// by the digest and the catalog's generation.
    #[must_use]
    pub fn mark(&self) -> u64 {
        let texts =
            [self.name.as_str(), self.agent_version.as_str(), self.scan.status.as_str(), self.scan.error.as_deref().unwrap_or_default()];
        let numbers = [i64::from(self.assess_only), self.scan.last_scan.map_or(i64::MIN, Timestamp::as_microsecond)];
        let digest = self.scan.inventory.map(|digest| digest.0);
        hash(texts, numbers, self.scan.catalog_generation, digest.as_ref().map_or(&[], |digest| digest.as_slice()), &self.tags)
    }
}

fn hash(texts: [&str; 4], numbers: [i64; 2], generation: u64, digest: &[u8], tags: &BTreeSet<TagId>) -> u64 {
    let mut hasher = Sha256::new();
    for text in texts {
        // The length in front keeps the texts apart.
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    numbers.iter().for_each(|number| hasher.update(number.to_be_bytes()));
    hasher.update(generation.to_be_bytes());
    hasher.update((digest.len() as u64).to_be_bytes());
    hasher.update(digest);
    tags.iter().for_each(|tag| hasher.update(tag.0.as_bytes()));
    hasher.finalize().iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}

impl Store {
    /// Marks of assets in order of their ids, after `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn asset_marks(&self, after: Option<AssetId>, limit: u32) -> Result<Vec<AssetMark>> {
        let mut tx = self.inner.database.snapshot().await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{MARKED} WHERE a.asset_id > $1 ORDER BY a.asset_id LIMIT $2")))
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await
            .attempt("read marks of assets")?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
        let carried = sqlx::query("SELECT asset_id, tag_id FROM asset_tags WHERE asset_id >= $1 AND asset_id <= $2")
            .bind(first.text("asset_id")?)
            .bind(last.text("asset_id")?)
            .fetch_all(&mut *tx)
            .await
            .attempt("read the tags of assets")?;
        let (tags, none) = (by_asset(&carried)?, BTreeSet::new());
        rows.iter().map(|row| read(row, tags.get(&row.parsed("asset_id")?).unwrap_or(&none), row.unsigned("generation")?)).collect()
    }

    /// Raises the generation of findings that the catalog of generation `to` does not change, from `from`, all in one
    /// transaction. Assets that are not any more as their mark says are left alone, and so are findings that are not
    /// of generation `from`. Gives those that were raised, with their new marks.
    ///
    /// # Errors
    /// When the database fails; nothing is raised then.
    pub async fn raise_findings(&self, kept: &[KeptFindings], from: u64, to: u64) -> Result<Vec<AssetMark>> {
        let marks: BTreeMap<AssetId, u64> = kept.iter().map(|one| (one.asset, one.mark)).collect();
        let assets: Vec<AssetId> = marks.keys().copied().collect();
        let mut tx = self.begin().await?;
        crate::scans::lock(&mut tx, &assets).await?;
        let mut raised = Vec::with_capacity(assets.len());
        for chunk in assets.chunks(CHUNK) {
            raised.extend(raise_chunk(&mut tx, chunk, &marks, (from, to)).await?);
        }
        tx.commit().await?;
        Ok(raised)
    }
}

/// An asset whose findings a new catalog does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptFindings {
    /// Which asset.
    pub asset: AssetId,
    /// Its mark when that was found out. It names the inventory and the generation of the findings.
    pub mark: u64,
}

async fn raise_chunk(tx: &mut Tx, assets: &[AssetId], marks: &BTreeMap<AssetId, u64>, (from, to): (u64, u64)) -> Result<Vec<AssetMark>> {
    let mut values = Values::default();
    let places = values.texts(assets);
    let rows = tx.rows("read marks of assets", format!("{MARKED} WHERE a.asset_id IN ({places})"), values).await?;
    let mut values = Values::default();
    let places = values.texts(assets);
    let sql = format!("SELECT asset_id, tag_id FROM asset_tags WHERE asset_id IN ({places})");
    let carried = tx.rows("read the tags of assets", sql, values).await?;
    let (tags, none) = (by_asset(&carried)?, BTreeSet::new());
    let mut raised = Vec::with_capacity(rows.len());
    for row in &rows {
        let asset: AssetId = row.parsed("asset_id")?;
        let (tags, generation) = (tags.get(&asset).unwrap_or(&none), row.unsigned("generation")?);
        if generation == from && marks.get(&asset) == Some(&read(row, tags, generation)?.mark) {
            raised.push(read(row, tags, to)?);
        }
    }
    if raised.is_empty() {
        return Ok(raised);
    }
    let mut values = Values::default();
    let signed = |generation: u64| i64::try_from(generation).unwrap_or(i64::MAX);
    let (to, from) = (values.int(signed(to)), values.int(signed(from)));
    let places = values.texts(raised.iter().map(|mark| mark.id));
    let sql = format!("UPDATE scans SET generation = {to} WHERE generation = {from} AND asset_id IN ({places})");
    tx.run("raise the generation of findings", sql, values).await?;
    Ok(raised)
}

fn by_asset(carried: &[AnyRow]) -> Result<HashMap<AssetId, BTreeSet<TagId>>> {
    let mut tags: HashMap<AssetId, BTreeSet<TagId>> = HashMap::new();
    for row in carried {
        tags.entry(row.parsed("asset_id")?).or_default().insert(row.parsed("tag_id")?);
    }
    Ok(tags)
}

/// The mark of a row if its findings were of `generation`.
fn read(row: &AnyRow, tags: &BTreeSet<TagId>, generation: u64) -> Result<AssetMark> {
    let (name, agent_version, status) = (row.text("shown_name")?, row.text("agent_version")?, row.text("status")?);
    let error = row.maybe_text("error")?.unwrap_or_default();
    let last_scan = row.maybe_time("last_scan")?.map_or(i64::MIN, Timestamp::as_microsecond);
    let digest = row.maybe_digest("digest")?.map(|digest| digest.0);
    let mark = hash(
        [&name, &agent_version, &status, &error],
        [i64::from(row.flag("assess_only")?), last_scan],
        generation,
        digest.as_ref().map_or(&[], |digest| digest.as_slice()),
        tags,
    );
    Ok(AssetMark { id: row.parsed("asset_id")?, mark, last_check_in: row.maybe_time("last_check_in")? })
}
