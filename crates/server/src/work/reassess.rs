//! Bringing findings up to the current catalog: no asset has to scan for it.
//!
//! What the catalog before decided is revised by what changed since; everything else is assessed from its stored
//! inventory. Both give the same findings, and both begin with what the store says is outdated, so after a crash
//! the next turn goes on with what is left.

use super::revised::{Difference, Sorted};
use super::{WorkError, store};
use crate::{App, Event, gateway, index};
use fettle_fleet::{Assessor, Catalog, Change, Purpose};
use fettle_model::digest::Sha256Digest;
use fettle_model::inventory::Inventory;
use fettle_store::{Assessed, KeptFindings, Outdated, Reassessed};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Assets looked at together. Findings that stay are written five hundred in a statement.
const PAGE: u32 = 1_000;
/// Assets per transaction when findings are written: large enough to share inventories, small enough not to hold up
/// uploads.
const WRITTEN: usize = 200;

/// Assets that were brought up to date, by how.
#[derive(Default)]
struct Done {
    kept: usize,
    revised: usize,
    anew: usize,
}

/// Brings the catalog in memory up to the stored one, then all findings that are older than it.
pub(super) async fn reassess(app: &Arc<App>) -> Result<String, WorkError> {
    reload(app).await?;
    let assessor = app.fleet.assessor();
    let generation = assessor.catalog().generation();
    let difference = app.revised.to(generation);
    let (mut after, mut done) = (None, Done::default());
    while !app.stopping.is_cancelled() {
        let page = app.store.outdated(generation, after, PAGE).await.map_err(store("list outdated findings"))?;
        let Some(last) = page.last() else {
            app.revised.done();
            break;
        };
        after = Some(last.asset);
        update(app, &assessor, difference.as_ref(), page, &mut done).await?;
    }
    let Done { kept, revised, anew } = done;
    let all = kept + revised + anew;
    let told = format!("assessed {all} assets by catalog {generation}: {kept} unchanged, {revised} revised, {anew} from their inventories");
    Ok(if all == 0 { String::new() } else { told })
}

/// Brings a page of outdated findings up to date, each the cheapest way that is right for it.
async fn update(
    app: &Arc<App>,
    assessor: &Arc<Assessor>,
    difference: Option<&Arc<Difference>>,
    page: Vec<Outdated>,
    done: &mut Done,
) -> Result<(), WorkError> {
    let mut sorted = match difference {
        Some(difference) => sort(app, Arc::clone(difference), page).await?,
        None => Sorted { anew: page, ..Sorted::default() },
    };
    if let Some(difference) = difference.filter(|_| !sorted.kept.is_empty()) {
        let kept: Vec<KeptFindings> = sorted.kept.iter().map(|&(one, mark)| KeptFindings { asset: one.asset, mark }).collect();
        let raised = index::raise(app, &kept, difference.from, difference.to).await.map_err(store("keep findings"))?;
        done.kept += raised.len();
        // Others have changed since the index was made, or it has not heard of a change yet.
        sorted.anew.extend(sorted.kept.iter().map(|(one, _)| *one).filter(|one| !raised.contains(&one.asset)));
    }
    for some in sorted.changed.chunks(WRITTEN) {
        done.revised += write(app, some).await?;
    }
    for some in sorted.anew.chunks(WRITTEN) {
        let digests: BTreeSet<Sha256Digest> = some.iter().map(|one| one.digest).collect();
        let digests: Vec<Sha256Digest> = digests.into_iter().collect();
        let inventories = app.store.inventories(&digests).await.map_err(store("read stored inventories"))?;
        let judged = judge(Arc::clone(assessor), some.to_vec(), inventories).await?;
        done.anew += write(app, &judged).await?;
    }
    Ok(())
}

/// Writes new findings and shows them. Findings follow from the inventory and the catalog alone, so that the store's
/// guard, the same inventory and older findings, is enough however they were decided.
async fn write(app: &App, judged: &[Reassessed]) -> Result<usize, WorkError> {
    let written = app.store.save_reassessed(judged).await.map_err(store("write new findings"))?;
    index::refresh_all(app, &written).await.map_err(store("show new findings"))?;
    Ok(written.len())
}

/// Somebody else may have changed the stored catalog: an import, a removed feed, another server. Where only scores of
/// patches changed nothing is revised, and what is left to revise stays.
async fn reload(app: &Arc<App>) -> Result<(), WorkError> {
    let stored = app.store.catalog_generation().await.map_err(store("read the catalog's generation"))?;
    let scores = app.store.facts_generation().await.map_err(store("read the generation of facts"))?;
    let shown = (app.fleet.view().catalog().generation(), app.fleet.view().catalog().scores());
    if (stored, scores) == shown {
        return Ok(());
    }
    let snapshot = app.store.catalog().await.map_err(store("read the catalog"))?;
    let shared = Arc::clone(app);
    // Supersedence of tens of thousands of patches, the counters of every asset, then what changes for each list.
    let exchange = move || {
        let old = Arc::clone(shared.fleet.view().catalog());
        let catalog = Arc::new(Catalog::build(snapshot.generation, snapshot.patches).scored(snapshot.facts));
        let is_other = catalog.generation() != old.generation();
        shared.fleet.apply(vec![Change::Catalog(catalog)]);
        if is_other {
            shared.revised.exchanged(&shared.fleet, &old);
        }
    };
    tokio::task::spawn_blocking(exchange).await.map_err(|source| WorkError::CutOff { doing: "exchange the catalog", source })?;
    app.tell(Event::Catalog);
    Ok(())
}

async fn sort(app: &Arc<App>, difference: Arc<Difference>, page: Vec<Outdated>) -> Result<Sorted, WorkError> {
    let view = app.fleet.view().unscoped(Purpose::Upkeep);
    let work = move || difference.sort(&view, page);
    tokio::task::spawn_blocking(work).await.map_err(|source| WorkError::CutOff { doing: "revise findings", source })
}

/// Machines set up alike share an inventory, which is judged once.
async fn judge(
    assessor: Arc<Assessor>,
    some: Vec<Outdated>,
    inventories: HashMap<Sha256Digest, Inventory>,
) -> Result<Vec<Reassessed>, WorkError> {
    let work = move || {
        let assessed: HashMap<Sha256Digest, Assessed> =
            inventories.iter().map(|(&digest, inventory)| (digest, gateway::judge(&assessor, inventory))).collect();
        let judged =
            |one: Outdated| Some(Reassessed { asset: one.asset, digest: one.digest, assessed: assessed.get(&one.digest)?.clone() });
        some.into_iter().filter_map(judged).collect()
    };
    tokio::task::spawn_blocking(work).await.map_err(|source| WorkError::CutOff { doing: "assess stored inventories", source })
}
