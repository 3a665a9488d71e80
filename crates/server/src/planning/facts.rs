//! What each patch is to each asset.

use crate::App;
use fettle_deploy::job::{Definition, JobKind};
use fettle_deploy::plan::{Facts, PatchOnAsset};
use fettle_deploy::run::{PackageChange, PatchRunStatus};
use fettle_fleet::{Catalog, Entry, ScopedView};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{AssetId, PatchId};
use fettle_model::inventory::Inventory;
use fettle_model::rule::BinaryVersion;
use fettle_store::StoreError;
use std::collections::{BTreeSet, HashMap};

/// Facts gathered beforehand: the planner asks no database. Only what applies is kept, so that a plan over
/// thousands of assets holds no inventories.
#[derive(Debug, Default)]
pub(super) struct KnownFacts(HashMap<AssetId, HashMap<PatchId, PatchOnAsset>>);

impl Facts for KnownFacts {
    fn patch_on(&self, asset: AssetId, patch: &PatchId) -> PatchOnAsset {
        self.0.get(&asset).and_then(|patches| patches.get(patch)).cloned().unwrap_or(PatchOnAsset::NotApplicable)
    }
}

impl KnownFacts {
    /// Reads the facts of the chosen assets.
    pub(super) async fn gather(app: &App, view: &ScopedView, definition: &Definition, chosen: &[AssetId]) -> Result<Self, StoreError> {
        let mut known = HashMap::new();
        for &asset in chosen {
            let patches = on_asset(app, view, definition, asset).await?;
            known.insert(asset, patches);
        }
        Ok(Self(known))
    }
}

async fn on_asset(
    app: &App,
    view: &ScopedView,
    definition: &Definition,
    asset: AssetId,
) -> Result<HashMap<PatchId, PatchOnAsset>, StoreError> {
    let catalog = view.catalog();
    let findings = definition.patches.iter().filter_map(|id| Some((catalog.by_id(id)?.as_ref(), view.finding(asset, id)?)));
    let findings: Vec<(&Entry, FindingStatus)> = findings.collect();
    if findings.is_empty() {
        return Ok(HashMap::new());
    }
    // Without an inventory nothing is known of packages, so nothing can be planned.
    let Some(inventory) = app.store.inventory(asset).await? else { return Ok(HashMap::new()) };
    let recorded = match definition.kind {
        JobKind::Install => HashMap::new(),
        JobKind::Uninstall => recorded(app, asset).await?,
    };
    let fact = |(entry, status): (&Entry, FindingStatus)| {
        let fact = match status {
            FindingStatus::Missing => missing(catalog, entry, &inventory),
            FindingStatus::Installed => installed(catalog, entry, &inventory, &recorded),
        };
        (entry.patch.id.clone(), fact)
    };
    Ok(findings.into_iter().map(fact).collect())
}

fn missing(catalog: &Catalog, entry: &Entry, inventory: &Inventory) -> PatchOnAsset {
    let packages = catalog.missing_packages(entry.no, inventory);
    let held = held(inventory, packages.iter().map(|package| package.name.as_str()));
    PatchOnAsset::Missing { packages, held }
}

fn installed(catalog: &Catalog, entry: &Entry, inventory: &Inventory, recorded: &HashMap<PatchId, Vec<PackageChange>>) -> PatchOnAsset {
    let binaries = entry.patch.rule.packages().map_or(&[][..], |rule| rule.binaries);
    let recorded = recorded.get(&entry.patch.id).cloned().unwrap_or_default();
    let rollback: Vec<BinaryVersion> = catalog.rollback_packages(entry.no, inventory);
    let names = binaries.iter().map(|binary| binary.name.as_str()).chain(recorded.iter().map(|change| change.name.as_str()));
    let held = held(inventory, names);
    PatchOnAsset::Installed { recorded, rollback, held }
}

/// Names among `names` that the administrator of the machine wants kept as they are.
fn held<'a>(inventory: &Inventory, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.collect();
    let held = inventory.packages.iter().filter(|package| package.held && names.contains(package.name.as_str()));
    held.map(|package| package.name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What changed when Fettle installed patches on an asset, unless they were taken back since.
async fn recorded(app: &App, asset: AssetId) -> Result<HashMap<PatchId, Vec<PackageChange>>, StoreError> {
    let mut latest = HashMap::new();
    // Newest first: what a newer run says of a patch stands.
    for (_, part) in app.store.runs_of_asset(asset).await? {
        for patch in part.state.patches {
            match patch.status {
                PatchRunStatus::Installed => _ = latest.entry(patch.patch).or_insert(patch.changes),
                PatchRunStatus::Removed => _ = latest.entry(patch.patch).or_default(),
                _ => {}
            }
        }
    }
    latest.retain(|_, changes: &mut Vec<PackageChange>| !changes.is_empty());
    Ok(latest)
}
