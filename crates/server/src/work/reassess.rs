//! Judging stored inventories by the current catalog: no asset has to scan for it.

use super::{WorkError, store};
use crate::{App, Event, gateway, index};
use fettle_fleet::{Assessor, Catalog, Change};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_model::inventory::Inventory;
use fettle_store::{Assessed, Reassessed};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Assets per transaction: large enough to share inventories, small enough not to hold up uploads.
const PAGE: u32 = 200;

/// Brings the catalog in memory up to the stored one, then all findings that are older than it.
pub(super) async fn reassess(app: &Arc<App>) -> Result<String, WorkError> {
    reload(app).await?;
    let assessor = app.fleet.assessor();
    let generation = assessor.catalog().generation();
    let (mut after, mut done) = (None, 0_usize);
    while !app.stopping.is_cancelled() {
        let page = app.store.outdated(generation, after, PAGE).await.map_err(store("list outdated findings"))?;
        let Some(&(last, _)) = page.last() else { break };
        after = Some(last);
        let digests: BTreeSet<Sha256Digest> = page.iter().map(|&(_, digest)| digest).collect();
        let digests: Vec<Sha256Digest> = digests.into_iter().collect();
        let inventories = app.store.inventories(&digests).await.map_err(store("read stored inventories"))?;
        let judged = judge(Arc::clone(&assessor), page, inventories).await?;
        let written = app.store.save_reassessed(&judged).await.map_err(store("write new findings"))?;
        index::refresh_all(app, &written).await.map_err(store("show new findings"))?;
        done += written.len();
    }
    Ok(if done == 0 { String::new() } else { format!("assessed {done} assets by catalog {generation}") })
}

/// Somebody else may have changed the stored catalog: an import, a removed feed, another server.
async fn reload(app: &Arc<App>) -> Result<(), WorkError> {
    let stored = app.store.catalog_generation().await.map_err(store("read the catalog's generation"))?;
    if stored == app.fleet.view().catalog().generation() {
        return Ok(());
    }
    let snapshot = app.store.catalog().await.map_err(store("read the catalog"))?;
    let shared = Arc::clone(app);
    // Supersedence of tens of thousands of patches, then the counters of every asset.
    let exchange = move || {
        let catalog = Arc::new(Catalog::build(snapshot.generation, snapshot.patches));
        shared.fleet.apply(vec![Change::Catalog(catalog)]);
    };
    tokio::task::spawn_blocking(exchange).await.map_err(|source| WorkError::CutOff { doing: "exchange the catalog", source })?;
    app.tell(Event::Catalog);
    Ok(())
}

/// Machines set up alike share an inventory, which is judged once.
async fn judge(
    assessor: Arc<Assessor>,
    page: Vec<(AssetId, Sha256Digest)>,
    inventories: HashMap<Sha256Digest, Inventory>,
) -> Result<Vec<Reassessed>, WorkError> {
    let work = move || {
        let assessed: HashMap<Sha256Digest, Assessed> =
            inventories.iter().map(|(&digest, inventory)| (digest, gateway::judge(&assessor, inventory))).collect();
        page.into_iter()
            .filter_map(|(asset, digest)| Some(Reassessed { asset, digest, assessed: assessed.get(&digest)?.clone() }))
            .collect()
    };
    tokio::task::spawn_blocking(work).await.map_err(|source| WorkError::CutOff { doing: "assess stored inventories", source })
}
