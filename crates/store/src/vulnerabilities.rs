//! What feeds say of vulnerabilities.
//!
//! Facts are kept as each feed gave them and put together when they are read. They change a patch's scores and never
//! which asset misses it, so they have a generation of their own: findings stay when it grows.

use crate::engine::{CHUNK, Lock, Tx, Values};
use crate::error::Attempt;
use crate::feed_syncs::{self, SyncedPatches};
use crate::row::{Get, json};
use crate::{FeedState, ImportNote, Result, Store, StoreError};
use fettle_model::ids::FeedId;
use fettle_model::patch::Patch;
use fettle_model::vulnerability::{Cvss, Exploited, VulnerabilityFacts};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, HashMap};

/// Stored facts that are compared at a time: some megabytes.
const PAGE: i64 = 10_000;

/// What bringing facts did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactsReport {
    /// The generation of facts afterwards; unchanged when no fact changed.
    pub generation: u64,
    /// Vulnerabilities that the feed did not speak of before.
    pub added: u32,
    /// Vulnerabilities of which it says something else.
    pub changed: u32,
    /// Vulnerabilities that it does not speak of any more.
    pub removed: u32,
    /// Vulnerabilities it speaks of now.
    pub total: u32,
}

impl Store {
    /// Makes `facts` all that `feed` says, whole or not at all, and bumps the generation of facts when anything changed.
    /// Patches that the feed carried while it was of another kind are withdrawn. The feed's state is written with it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the feed was removed.
    pub async fn replace_facts(&self, feed: FeedId, facts: &[VulnerabilityFacts], note: &ImportNote) -> Result<FactsReport> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let mut record = crate::feeds::lock_feed(&mut tx, feed).await?.ok_or(StoreError::NotFound { what: "feed" })?;
        let withdrawn = crate::patches::withdraw_all(&mut tx, feed).await?;
        crate::patches::generation(&mut tx, withdrawn > 0).await?;
        let report = replace(&mut tx, feed, facts).await?;
        record.state = FeedState {
            last_attempt: Some(note.now),
            last_success: Some(note.now),
            warnings: note.warnings.clone(),
            added: report.added,
            changed: report.changed,
            withdrawn: report.removed,
            facts: report.total,
            ..FeedState::default()
        };
        crate::feeds::write(&mut tx, &record).await?;
        feed_syncs::note(&mut tx, feed, note.now, &record.state.outcome(), &SyncedPatches::default()).await?;
        tx.commit().await?;
        Ok(report)
    }

    /// What all feeds together say of some vulnerabilities, by id; those that nobody speaks of are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts(&self, cves: &[String]) -> Result<Vec<VulnerabilityFacts>> {
        self.facts_with(cves, "*").await
    }

    /// The same without descriptions, for many at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn brief_facts(&self, cves: &[String]) -> Result<Vec<VulnerabilityFacts>> {
        self.facts_with(cves, BRIEF).await
    }

    async fn facts_with(&self, cves: &[String], columns: &'static str) -> Result<Vec<VulnerabilityFacts>> {
        let mut tx = self.inner.database.snapshot().await?;
        let found = of(&mut tx, cves, columns).await?;
        Ok(found.into_iter().collect::<BTreeMap<_, _>>().into_values().collect())
    }

    /// The generation of facts: grows with every change, 0 before the first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts_generation(&self) -> Result<u64> {
        let row = sqlx::query(GENERATION).fetch_optional(self.read()).await.attempt("read the generation of facts")?;
        row.as_ref().map_or(Ok(0), |row| row.parsed("value"))
    }
}

/// All columns but the long ones.
const BRIEF: &str = "cve, title, epss_ppm, exploited, added, due, ransomware, cvss_tenths, cvss_vector, NULL AS description";
const GENERATION: &str = "SELECT value FROM meta WHERE key = 'facts_generation'";

/// Gives patches the scores that their vulnerabilities have, and the generation of the facts they come from.
pub(crate) async fn score(connection: &mut AnyConnection, patches: &mut [Patch]) -> Result<u64> {
    let row = sqlx::query(GENERATION).fetch_optional(&mut *connection).await.attempt("read the generation of facts")?;
    let Some(row) = row else { return Ok(0) };
    let mut named: Vec<String> = patches.iter().flat_map(|patch| patch.cves.iter().cloned()).collect();
    named.sort_unstable();
    named.dedup();
    let facts = of(connection, &named, BRIEF).await?;
    for patch in patches {
        patch.cves.iter().filter_map(|cve| facts.get(cve)).for_each(|facts| patch.scores.consider(facts));
    }
    row.parsed("value")
}

/// The generation of facts, after bumping it when something changed. Wants the catalog's lock.
pub(crate) async fn generation(tx: &mut Tx, bump: bool) -> Result<u64> {
    let row = sqlx::query(GENERATION).fetch_optional(tx.conn()).await.attempt("read the generation of facts")?;
    let now: u64 = row.as_ref().map_or(Ok(0), |row| row.parsed("value"))?;
    if !bump {
        return Ok(now);
    }
    sqlx::query("INSERT INTO meta (key, value) VALUES ('facts_generation', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind((now + 1).to_string())
        .execute(tx.conn())
        .await
        .attempt("bump the generation of facts")?;
    Ok(now + 1)
}

/// Makes `facts` all that a feed says, and bumps the generation of facts when anything changed. Wants the catalog's lock.
pub(crate) async fn replace(tx: &mut Tx, feed: FeedId, facts: &[VulnerabilityFacts]) -> Result<FactsReport> {
    let difference = Difference::between(tx, feed, facts).await?;
    write(tx, feed, difference.written.values().copied()).await?;
    remove(tx, feed, &difference.removed).await?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let something = !(difference.written.is_empty() && difference.removed.is_empty());
    Ok(FactsReport {
        generation: generation(tx, something).await?,
        added: count(difference.written.len() - difference.changed),
        changed: count(difference.changed),
        removed: count(difference.removed.len()),
        total: count(difference.total),
    })
}

/// Changes some of what a feed says, and bumps the generation of facts when anything changed. Wants the catalog's lock.
pub(crate) async fn alter(tx: &mut Tx, feed: FeedId, facts: &[VulnerabilityFacts], forgotten: &[String]) -> Result<FactsReport> {
    let mut changed = 0_usize;
    for chunk in facts.chunks(CHUNK) {
        let mut values = Values::default();
        let feed = values.text(feed.to_string());
        let cves = values.texts(chunk.iter().map(|facts| &facts.cve));
        let sql = format!("SELECT cve FROM vulnerability_facts WHERE feed_id = {feed} AND cve IN ({cves})");
        changed += tx.rows("read what a feed says of vulnerabilities", sql, values).await?.len();
    }
    write(tx, feed, facts.iter()).await?;
    remove(tx, feed, forgotten).await?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (changed, written, removed) = (count(changed), count(facts.len()), count(forgotten.len()));
    let total = u32::try_from(spoken_of(tx, feed).await?).unwrap_or(u32::MAX);
    let generation = generation(tx, written + removed > 0).await?;
    Ok(FactsReport { generation, added: written.saturating_sub(changed), changed, removed, total })
}

/// Of how many vulnerabilities a feed speaks.
pub(crate) async fn spoken_of(tx: &mut Tx, feed: FeedId) -> Result<u64> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM vulnerability_facts WHERE feed_id = $1").bind(feed.to_string());
    row.fetch_one(tx.conn()).await.attempt("count what a feed says of vulnerabilities")?.unsigned("n")
}

/// Forgets all that a feed says. Says whether there was anything.
pub(crate) async fn forget(tx: &mut Tx, feed: FeedId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM vulnerability_facts WHERE feed_id = $1").bind(feed.to_string()).execute(tx.conn()).await;
    Ok(done.attempt("forget what a feed says of vulnerabilities")?.rows_affected() > 0)
}

async fn of(connection: &mut AnyConnection, cves: &[String], columns: &'static str) -> Result<HashMap<String, VulnerabilityFacts>> {
    let mut found: HashMap<String, VulnerabilityFacts> = HashMap::new();
    for chunk in cves.chunks(CHUNK) {
        let mut values = Values::default();
        // The order of feeds decides nothing but whose title is shown.
        let sql = format!("SELECT {columns} FROM vulnerability_facts WHERE cve IN ({}) ORDER BY cve, feed_id", values.texts(chunk));
        let rows = values.bind(sql).fetch_all(&mut *connection).await.attempt("read what is said of vulnerabilities")?;
        for row in &rows {
            let facts = read(row)?;
            match found.get_mut(&facts.cve) {
                Some(before) => before.merge(&facts),
                None => _ = found.insert(facts.cve.clone(), facts),
            }
        }
    }
    Ok(found)
}

/// What has to be written so that the stored facts of a feed are the wanted ones.
struct Difference<'a> {
    /// Facts that are not stored as they are.
    written: BTreeMap<&'a str, &'a VulnerabilityFacts>,
    /// Of these, those of vulnerabilities that something else is stored of.
    changed: usize,
    /// CVE ids that are stored and not wanted.
    removed: Vec<String>,
    /// Vulnerabilities that are wanted.
    total: usize,
}

impl<'a> Difference<'a> {
    async fn between(tx: &mut Tx, feed: FeedId, wanted: &'a [VulnerabilityFacts]) -> Result<Self> {
        // The last of two of one vulnerability wins.
        let written: BTreeMap<&str, &VulnerabilityFacts> = wanted.iter().map(|facts| (facts.cve.as_str(), facts)).collect();
        let mut difference = Self { changed: 0, removed: Vec::new(), total: written.len(), written };
        let mut after = String::new();
        loop {
            let rows = sqlx::query("SELECT * FROM vulnerability_facts WHERE feed_id = $1 AND cve > $2 ORDER BY cve LIMIT $3")
                .bind(feed.to_string())
                .bind(&after)
                .bind(PAGE)
                .fetch_all(tx.conn())
                .await
                .attempt("read what a feed says of vulnerabilities")?;
            let Some(last) = rows.last() else { return Ok(difference) };
            after = last.text("cve")?;
            for row in &rows {
                difference.compare(read(row)?);
            }
        }
    }

    fn compare(&mut self, stored: VulnerabilityFacts) {
        match self.written.get(stored.cve.as_str()) {
            None => self.removed.push(stored.cve),
            Some(wanted) if **wanted == stored => _ = self.written.remove(stored.cve.as_str()),
            Some(_) => self.changed += 1,
        }
    }
}

pub(crate) fn read(row: &AnyRow) -> Result<VulnerabilityFacts> {
    let exploited = row.flag("exploited")?;
    let kev = Exploited { added: row.maybe_parsed("added")?, due: row.maybe_parsed("due")?, ransomware: row.flag("ransomware")? };
    let epss_ppm = row.maybe_int("epss_ppm")?.map(u32::try_from).transpose().map_err(|source| StoreError::corrupt("epss_ppm", source))?;
    let tenths =
        row.maybe_int("cvss_tenths")?.map(u8::try_from).transpose().map_err(|source| StoreError::corrupt("cvss_tenths", source))?;
    let vector = row.maybe_text("cvss_vector")?.unwrap_or_default();
    Ok(VulnerabilityFacts {
        cve: row.text("cve")?,
        title: row.maybe_text("title")?,
        epss_ppm,
        kev: exploited.then_some(kev),
        cvss: tenths.map(|tenths| Cvss { tenths, vector }),
        description: row.maybe_json("description")?,
    })
}

async fn write(tx: &mut Tx, feed: FeedId, facts: impl Iterator<Item = &VulnerabilityFacts>) -> Result<()> {
    let facts: Vec<&VulnerabilityFacts> = facts.collect();
    for chunk in facts.chunks(CHUNK) {
        let mut values = Values::default();
        let feed = values.text(feed.to_string());
        let rows = chunk.iter().map(|facts| row(&feed, facts, &mut values)).collect::<Result<Vec<String>>>()?;
        let sql = format!(
            "INSERT INTO vulnerability_facts (feed_id, cve, title, epss_ppm, exploited, added, due, ransomware, cvss_tenths, cvss_vector, description)
             VALUES {}
             ON CONFLICT (feed_id, cve) DO UPDATE SET title = excluded.title, epss_ppm = excluded.epss_ppm,
               exploited = excluded.exploited, added = excluded.added, due = excluded.due, ransomware = excluded.ransomware,
               cvss_tenths = excluded.cvss_tenths, cvss_vector = excluded.cvss_vector, description = excluded.description",
            rows.join(", ")
        );
        tx.run("write what a feed says of vulnerabilities", sql, values).await?;
    }
    Ok(())
}

/// A row to be written. Numbers and what is missing are written out: each placeholder costs time, and there are
/// hundreds of thousands of rows.
fn row(feed: &str, facts: &VulnerabilityFacts, values: &mut Values) -> Result<String> {
    let mut text = |text: Option<String>| text.map_or_else(|| "NULL".to_owned(), |text| values.text(text));
    let kev = facts.kev.unwrap_or_default();
    let (cve, title) = (text(Some(facts.cve.clone())), text(facts.title.clone()));
    let (added, due) = (text(kev.added.map(|day| day.to_string())), text(kev.due.map(|day| day.to_string())));
    let epss = facts.epss_ppm.map_or_else(|| "NULL".to_owned(), |score| score.to_string());
    let (exploited, ransomware) = (u8::from(facts.kev.is_some()), u8::from(kev.ransomware));
    let tenths = facts.cvss.as_ref().map_or_else(|| "NULL".to_owned(), |cvss| cvss.tenths.to_string());
    let vector = text(facts.cvss.as_ref().map(|cvss| cvss.vector.clone()));
    let description = text(facts.description.as_ref().map(|description| json("description of a vulnerability", description)).transpose()?);
    Ok(format!("({feed}, {cve}, {title}, {epss}, {exploited}, {added}, {due}, {ransomware}, {tenths}, {vector}, {description})"))
}

async fn remove(tx: &mut Tx, feed: FeedId, cves: &[String]) -> Result<()> {
    for chunk in cves.chunks(CHUNK) {
        let mut values = Values::default();
        let feed = values.text(feed.to_string());
        let sql = format!("DELETE FROM vulnerability_facts WHERE feed_id = {feed} AND cve IN ({})", values.texts(chunk));
        tx.run("forget what a feed says of vulnerabilities", sql, values).await?;
    }
    Ok(())
}
