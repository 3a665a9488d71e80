//! Vulnerabilities that patches of the catalog fix, and what is said of each: made once for each catalog.

use crate::App;
use fettle_fleet::Catalog;
use fettle_model::ids::PatchNo;
use fettle_model::vulnerability::VulnerabilityFacts;
use fettle_store::StoreError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A vulnerability and the patches that fix it.
#[derive(Debug)]
pub struct Known {
    /// What is said of it, without its description.
    pub facts: VulnerabilityFacts,
    /// Patches that fix it, ascending.
    pub patches: Vec<PatchNo>,
}

/// All of a catalog, by id.
#[derive(Debug)]
pub struct Table {
    generation: u64,
    scores: u64,
    known: Vec<Known>,
}

impl Table {
    /// Each, by id.
    #[must_use]
    pub fn all(&self) -> &[Known] {
        &self.known
    }

    /// The one with this id.
    #[must_use]
    pub fn get(&self, cve: &str) -> Option<&Known> {
        let place = self.known.binary_search_by(|known| known.facts.cve.as_str().cmp(cve)).ok()?;
        self.known.get(place)
    }

    async fn build(app: &App, catalog: &Catalog) -> Result<Self, StoreError> {
        let mut fixes: BTreeMap<&str, Vec<PatchNo>> = BTreeMap::new();
        for entry in catalog.entries() {
            for cve in &entry.patch.cves {
                fixes.entry(cve).or_default().push(entry.no);
            }
        }
        let ids: Vec<String> = fixes.keys().map(|&cve| cve.to_owned()).collect();
        let said = app.store.brief_facts(&ids).await?;
        let mut said: BTreeMap<String, VulnerabilityFacts> = said.into_iter().map(|facts| (facts.cve.clone(), facts)).collect();
        let known = fixes.into_iter().map(|(cve, patches)| {
            let nothing = || VulnerabilityFacts { cve: cve.to_owned(), ..VulnerabilityFacts::default() };
            Known { facts: said.remove(cve).unwrap_or_else(nothing), patches }
        });
        Ok(Self { generation: catalog.generation(), scores: catalog.scores(), known: known.collect() })
    }
}

/// The table of the catalog that was asked for last.
#[derive(Debug, Default)]
pub struct Vulnerabilities(Mutex<Option<Arc<Table>>>);

impl Vulnerabilities {
    /// The table of a catalog. Who asks while it is made waits for it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(&self, app: &App, catalog: &Catalog) -> Result<Arc<Table>, StoreError> {
        let mut last = self.0.lock().await;
        let is_it = |table: &&Arc<Table>| (table.generation, table.scores) == (catalog.generation(), catalog.scores());
        if let Some(table) = last.as_ref().filter(is_it) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(Table::build(app, catalog).await?);
        *last = Some(Arc::clone(&table));
        Ok(table)
    }
}
