//! Assets: what is known of each machine.

use crate::audit::append;
use crate::engine::{CHUNK, Values};
use crate::error::Attempt;
use crate::row::{Get, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::asset::ScanStatus;
use fettle_model::digest::Sha256Digest;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, KeyId, TagId};
use fettle_model::inventory::{Hardware, Inventory, Volatile};
use fettle_model::os::OperatingSystem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An asset with everything lists show.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetRecord {
    /// Id.
    pub id: AssetId,
    /// Stable id of the machine.
    pub machine_id: String,
    /// Name of the machine.
    pub name: String,
    /// Version of its agent.
    pub agent_version: String,
    /// Its agent never changes it.
    pub assess_only: bool,
    /// When it first enrolled.
    pub created_at: Timestamp,
    /// The activation key it last enrolled with.
    pub enrolled_with: Option<KeyId>,
    /// When its agent was last heard of.
    pub last_check_in: Option<Timestamp>,
    /// Tags it carries, without parents.
    pub tags: BTreeSet<TagId>,
    /// What its agent is told at a check-in.
    pub numbers: Numbers,
    /// Its last scan.
    pub scan: ScanRecord,
}

/// Numbers that tell an agent whether there is anything new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Grows when its list of open manifests changes.
    pub work: u64,
    /// Grows when a scan is asked for.
    pub scan: u64,
}

/// The last scan of an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanRecord {
    /// How it went.
    pub status: ScanStatus,
    /// Why it failed or why the system cannot be assessed.
    pub error: Option<String>,
    /// When the last good one was made, by the server's clock at its arrival.
    pub last_scan: Option<Timestamp>,
    /// Names the inventory.
    pub inventory: Option<Sha256Digest>,
    /// What lists show of the inventory.
    pub facts: Option<Facts>,
    /// What changes all the time.
    pub volatile: Volatile,
    /// The catalog the findings were made with.
    pub catalog_generation: u64,
    /// What the asset misses and has.
    pub findings: Findings,
}

/// What lists show of an inventory, so that they need not unpack it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Operating system.
    pub os: OperatingSystem,
    /// Addresses of all interfaces.
    pub addresses: Vec<String>,
    /// Whether the machine should be restarted.
    pub pending_reboot: bool,
    /// Number of packages.
    pub packages: u32,
    /// Release of the running kernel. Here and below: empty in what older versions wrote, until the next upload.
    #[serde(default)]
    pub kernel: String,
    /// Hardware addresses of all interfaces that have one.
    #[serde(default)]
    pub macs: Vec<String>,
    /// Hardware.
    #[serde(default)]
    pub hardware: Hardware,
}

impl Facts {
    /// The facts of an inventory.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        Self {
            os: inventory.os.clone(),
            addresses: inventory.interfaces.iter().flat_map(|interface| interface.addresses.iter().cloned()).collect(),
            pending_reboot: !inventory.pending_reboot.is_empty(),
            packages: u32::try_from(inventory.packages.len()).unwrap_or(u32::MAX),
            kernel: inventory.kernels.running.clone(),
            macs: inventory.interfaces.iter().map(|interface| &interface.mac).filter(|mac| !mac.is_empty()).cloned().collect(),
            hardware: inventory.hardware.clone(),
        }
    }
}

/// An agent was heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInNote {
    /// Which asset.
    pub asset: AssetId,
    /// When.
    pub at: Timestamp,
    /// Version of its agent.
    pub agent_version: String,
    /// Its agent never changes it.
    pub assess_only: bool,
}

impl Store {
    /// Assets in order of their ids, after `after`; for building the index of the fleet piece by piece.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn assets(&self, after: Option<AssetId>, limit: u32) -> Result<Vec<AssetRecord>> {
        self.read_assets("a.asset_id > $1", after.map_or_else(String::new, |id| id.to_string()), limit).await
    }

    /// One asset.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn asset(&self, id: AssetId) -> Result<Option<AssetRecord>> {
        Ok(self.read_assets("a.asset_id = $1", id.to_string(), 1).await?.pop())
    }

    /// The stored inventory of an asset.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inventory(&self, asset: AssetId) -> Result<Option<Inventory>> {
        let row = sqlx::query("SELECT i.body FROM scans s JOIN inventories i ON i.digest = s.digest WHERE s.asset_id = $1")
            .bind(asset.to_string())
            .fetch_optional(self.read())
            .await
            .attempt("read an inventory")?;
        row.map(|row| crate::scans::unpack(&row.blob("body")?)).transpose()
    }

    /// What to tell an asset at a check-in; `None` when it was removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn numbers(&self, asset: AssetId) -> Result<Option<Numbers>> {
        let row = sqlx::query("SELECT work_number, scan_number FROM assets WHERE asset_id = $1")
            .bind(asset.to_string())
            .fetch_optional(self.read())
            .await
            .attempt("read an asset's numbers")?;
        row.as_ref().map(read_numbers).transpose()
    }

    /// Notes that agents were heard of, all in one transaction. Notes of removed assets are dropped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_check_ins(&self, notes: &[CheckInNote]) -> Result<()> {
        let latest: BTreeMap<AssetId, &CheckInNote> = notes.iter().map(|note| (note.asset, note)).collect();
        if latest.is_empty() {
            return Ok(());
        }
        let latest: Vec<_> = latest.into_values().collect();
        let mut tx = self.begin().await?;
        crate::runs::lock_assets(&mut tx, &latest.iter().map(|note| note.asset).collect()).await?;
        for chunk in latest.chunks(CHUNK) {
            let mut values = Values::default();
            let rows: Vec<String> = chunk
                .iter()
                .map(|note| {
                    let places = [
                        values.text(note.asset.to_string()),
                        values.int(micros(note.at)),
                        values.text(&note.agent_version),
                        values.int(i64::from(note.assess_only)),
                    ];
                    format!("({})", places.join(", "))
                })
                .collect();
            let sql = format!(
                "WITH v (asset_id, at, agent_version, assess_only) AS (VALUES {})
                 UPDATE assets SET last_check_in = v.at, agent_version = v.agent_version, assess_only = v.assess_only
                 FROM v WHERE assets.asset_id = v.asset_id",
                rows.join(", ")
            );
            tx.run("note check-ins", sql, values).await?;
        }
        tx.commit().await
    }

    /// Asks an asset to scan: its scan number grows, its status becomes `Scanning`. Gives the number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn request_scan(&self, asset: AssetId, audit: &AuditEntry) -> Result<u64> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE scans SET status = $1, error = NULL WHERE asset_id = $2")
            .bind(ScanStatus::Scanning.as_str())
            .bind(asset.to_string())
            .execute(tx.conn())
            .await
            .attempt("note that a scan was asked for")?;
        let row = sqlx::query("UPDATE assets SET scan_number = scan_number + 1 WHERE asset_id = $1 RETURNING scan_number")
            .bind(asset.to_string())
            .fetch_optional(tx.conn())
            .await
            .attempt("ask for a scan")?;
        let number = row.ok_or(StoreError::NotFound { what: "asset" })?.unsigned("scan_number")?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(number)
    }
}

impl Store {
    /// `which` is one of the conditions above and holds `$1`.
    async fn read_assets(&self, which: &'static str, first: String, limit: u32) -> Result<Vec<AssetRecord>> {
        let mut tx = self.inner.database.snapshot().await?;
        let sql = format!(
            "SELECT a.asset_id, a.machine_id, COALESCE(s.hostname, a.name) AS shown_name, a.agent_version, a.assess_only, a.created_at,
                    a.enrolled_with, a.last_check_in, a.work_number, a.scan_number, s.status, s.error, s.last_scan, s.digest, s.facts,
                    s.volatile, s.generation, s.findings
             FROM assets a JOIN scans s ON s.asset_id = a.asset_id WHERE {which} ORDER BY a.asset_id LIMIT $2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&first).bind(i64::from(limit)).fetch_all(&mut *tx).await;
        let mut assets = rows.attempt("read assets")?.iter().map(read_asset).collect::<Result<Vec<_>>>()?;
        let (Some(from), Some(to)) = (assets.first().map(|asset| asset.id), assets.last().map(|asset| asset.id)) else {
            return Ok(assets);
        };
        let rows = sqlx::query("SELECT asset_id, tag_id FROM asset_tags WHERE asset_id >= $1 AND asset_id <= $2")
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_all(&mut *tx)
            .await
            .attempt("read the tags of assets")?;
        let mut tags: HashMap<AssetId, BTreeSet<TagId>> = HashMap::new();
        for row in &rows {
            tags.entry(row.parsed("asset_id")?).or_default().insert(row.parsed("tag_id")?);
        }
        for asset in &mut assets {
            asset.tags = tags.remove(&asset.id).unwrap_or_default();
        }
        Ok(assets)
    }
}

fn read_numbers(row: &AnyRow) -> Result<Numbers> {
    Ok(Numbers { work: row.unsigned("work_number")?, scan: row.unsigned("scan_number")? })
}

fn read_asset(row: &AnyRow) -> Result<AssetRecord> {
    let findings = row.maybe_blob("findings")?;
    Ok(AssetRecord {
        id: row.parsed("asset_id")?,
        machine_id: row.text("machine_id")?,
        name: row.text("shown_name")?,
        agent_version: row.text("agent_version")?,
        assess_only: row.flag("assess_only")?,
        created_at: row.time("created_at")?,
        enrolled_with: row.maybe_parsed("enrolled_with")?,
        last_check_in: row.maybe_time("last_check_in")?,
        tags: BTreeSet::new(),
        numbers: read_numbers(row)?,
        scan: ScanRecord {
            status: row.parsed("status")?,
            error: row.maybe_text("error")?,
            last_scan: row.maybe_time("last_scan")?,
            inventory: row.maybe_digest("digest")?,
            facts: row.maybe_json("facts")?,
            volatile: row.json("volatile")?,
            catalog_generation: row.unsigned("generation")?,
            findings: findings
                .map(|bytes| fettle_fleet::decode_findings(&bytes).map_err(|source| StoreError::corrupt("findings", source)))
                .transpose()?
                .unwrap_or_default(),
        },
    })
}
