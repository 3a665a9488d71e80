//! Who carries the tags that queries decide, as it was decided last.
//!
//! The fleet index decides it; what it has decided is kept here by differences, and is what the index begins with after
//! a restart. It is a memory, not a truth of its own: nothing here gives a tag to anybody.

use crate::engine::{CHUNK, Lock, Tx, Values};
use crate::error::Attempt;
use crate::row::Get;
use crate::{Result, Store};
use fettle_model::ids::{AssetId, SubscriptionId, TagId};
use std::collections::{BTreeSet, HashMap};

/// A tag was decided to be on an asset, or not to be on it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The asset.
    pub asset: AssetId,
    /// A tag with a query.
    pub tag: TagId,
    /// Whether the asset carries it now.
    pub carries: bool,
}

impl Store {
    /// The decided tags of the assets with ids from `first` to `last`; assets without any are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decided_tags(&self, first: AssetId, last: AssetId) -> Result<HashMap<AssetId, BTreeSet<TagId>>> {
        let rows = sqlx::query("SELECT asset_id, tag_id FROM decided_tags WHERE asset_id >= $1 AND asset_id <= $2")
            .bind(first.to_string())
            .bind(last.to_string())
            .fetch_all(self.read())
            .await
            .attempt("read the decided tags of assets")?;
        let mut tags: HashMap<AssetId, BTreeSet<TagId>> = HashMap::new();
        for row in &rows {
            tags.entry(row.parsed("asset_id")?).or_default().insert(row.parsed("tag_id")?);
        }
        Ok(tags)
    }

    /// Notes what was decided, all in one transaction: give it some thousands at a time, since SQLite has one writer. What
    /// is about an asset or a tag that is gone, or about a tag that is given by hand by now, is dropped.
    ///
    /// # Errors
    /// When the database fails; nothing is noted then.
    pub async fn note_decided(&self, decided: &[Decided]) -> Result<()> {
        if decided.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        tx.lock(Lock::Tags, "").await?;
        for carries in [false, true] {
            let some: Vec<&Decided> = decided.iter().filter(|one| one.carries == carries).collect();
            for chunk in some.chunks(CHUNK) {
                note(&mut tx, chunk, carries).await?;
            }
        }
        tx.commit().await
    }
}

async fn note(tx: &mut Tx, decided: &[&Decided], carries: bool) -> Result<()> {
    let mut values = Values::default();
    let subscription = values.text(SubscriptionId::DEFAULT.to_string());
    let rows = decided.iter().map(|one| format!("({}, {})", values.text(one.asset.to_string()), values.text(one.tag.to_string())));
    let rows = rows.collect::<Vec<_>>().join(", ");
    let sql = if carries {
        format!(
            "WITH v (asset_id, tag_id) AS (VALUES {rows})
             INSERT INTO decided_tags (subscription_id, asset_id, tag_id)
             SELECT {subscription}, v.asset_id, v.tag_id
             FROM v JOIN assets a ON a.asset_id = v.asset_id JOIN tags t ON t.id = v.tag_id WHERE t.query IS NOT NULL
             ON CONFLICT (asset_id, tag_id) DO NOTHING"
        )
    } else {
        format!("DELETE FROM decided_tags WHERE subscription_id = {subscription} AND (asset_id, tag_id) IN (VALUES {rows})")
    };
    tx.run("note who carries tags with a query", sql, values).await?;
    Ok(())
}

/// Forgets who carried a tag that no query decides any more.
pub(crate) async fn forget(tx: &mut Tx, tag: TagId) -> Result<()> {
    let sql = "DELETE FROM decided_tags WHERE tag_id = $1";
    sqlx::query(sql).bind(tag.to_string()).execute(tx.conn()).await.attempt("forget who carried a tag")?;
    Ok(())
}
