//! After any change of the catalog findings are those that the stored inventories give, whichever way they were decided.

#![expect(clippy::expect_used, reason = "helpers of tests end the test, as tests do")]

mod harness;

use fettle_fleet::{Assessment, Assessor, Origin, Purpose};
use fettle_model::asset::ScanStatus;
use fettle_model::clock::Entropy;
use fettle_model::finding::Findings;
use fettle_model::inventory::{Inventory, Volatile};
use fettle_model::patch::Patch;
use fettle_model::rule::Rule;
use fettle_protocol::codec;
use fettle_server::index::{read_catalog, refresh};
use fettle_server::work::Reconciler;
use fettle_store::{Assessed, ImportNote, Upload};
use harness::agent::TestAgent;
use harness::samples::{bookworm, patch};
use harness::{Harness, Seeded};
use std::sync::Arc;

const NAMES: [&str; 8] = ["bash", "curl", "dpkg", "emacs", "file", "gzip", "nano", "vim"];

struct Chance(Seeded);

impl Chance {
    /// Below `end`.
    fn below(&self, end: u8) -> u8 {
        let mut byte = [0];
        self.0.fill(&mut byte);
        byte[0] % end
    }

    fn packages(&self) -> Vec<(&'static str, String)> {
        let some = NAMES.iter().filter(|_| self.below(3) > 0);
        some.map(|name| (*name, (1 + self.below(4)).to_string())).collect()
    }

    /// Some machines have a system that no feed covers, or that only some catalogs cover.
    fn inventory(&self, hostname: &str) -> Inventory {
        let packages = self.packages();
        let packages: Vec<(&str, &str)> = packages.iter().map(|(name, version)| (*name, version.as_str())).collect();
        let mut inventory = bookworm(hostname, &packages);
        inventory.os.codename = ["bookworm", "bookworm", "bookworm", "trixie", "sid"][usize::from(self.below(5))].to_owned();
        inventory
    }

    fn patches(&self) -> Vec<Patch> {
        let mut patches: Vec<Patch> = self.packages().into_iter().map(|(name, version)| patch(name, &version, None)).collect();
        for (at, mut other) in patches.clone().into_iter().enumerate().filter(|_| self.below(4) == 0) {
            other.id.0 = other.id.0.replace("bookworm", "trixie");
            let Rule::Dpkg { release, .. } = &mut other.rule else { unreachable!("a rule over dpkg packages") };
            release.0 = release.0.replace("bookworm", "trixie");
            patches.push(other);
            patches[at].baseline = self.below(2) == 0;
        }
        patches
    }
}

/// What is stored and shown of every asset, against a full assessment of its stored inventory.
async fn all_are_right(harness: &Harness, machines: &[TestAgent]) {
    let store = &harness.app().store;
    let assessor = Assessor::new(read_catalog(store).await.expect("a catalog"));
    let view = harness.app().fleet.view().unscoped(Purpose::Upkeep);
    for machine in machines {
        let record = store.asset(machine.asset()).await.expect("answers").expect("is there");
        let inventory = store.inventory(machine.asset()).await.expect("answers").expect("it has scanned");
        let (status, error, findings) = match assessor.assess(&inventory) {
            Assessment::Findings(findings) => (ScanStatus::Scanned, None, findings),
            Assessment::Unsupported { why } => (ScanStatus::Unsupported, Some(why), Findings::default()),
        };
        assert_eq!((record.scan.status, &record.scan.error, &record.scan.findings), (status, &error, &findings), "{}", machine.name);
        assert_eq!(record.scan.catalog_generation, assessor.catalog().generation());
        assert_eq!(view.findings(machine.asset()), Some(findings));
        let made = Origin {
            mark: record.mark(),
            inventory: record.scan.inventory.map_or(0, Origin::inventory_of),
            generation: record.scan.catalog_generation,
        };
        let row = view.asset(machine.asset()).expect("is shown");
        assert_eq!((row.card.origin, row.card.scan_status, &row.card.scan_error), (made, status, &error));
    }
}

/// Changes the stored catalog; nothing in memory knows of it yet.
async fn import(harness: &Harness, feed: fettle_model::ids::FeedId, patches: &[Patch]) {
    let note = ImportNote { now: harness.now(), warnings: Vec::new() };
    harness.app().store.apply_import(feed, patches, &note).await.expect("imported");
}

/// An upload judged by the catalog in memory that reaches the store only.
async fn stored_only(harness: &Harness, machine: &TestAgent, inventory: Inventory) {
    let assessor = harness.app().fleet.assessor();
    let generation = assessor.catalog().generation();
    let assessed = match assessor.assess(&inventory) {
        Assessment::Findings(findings) => Assessed::Findings { findings, generation },
        Assessment::Unsupported { why } => Assessed::Unsupported { why, generation },
    };
    let upload = Upload {
        asset: machine.asset(),
        digest: codec::inventory_digest(&inventory).expect("it can be written"),
        inventory: Arc::new(inventory),
        volatile: Volatile::default(),
        scanned_at: harness.now(),
        received_at: harness.now(),
        assessed,
        verdict: Arc::new(|_| fettle_deploy::run::FindingState::Unknown),
    };
    harness.app().store.record_upload(upload).await.expect("recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_those_of_a_full_assessment_after_any_changes() {
    let mut harness = Harness::start().await;
    let (feed, chance) = (harness.feed("main").await, Chance(Seeded::new(41)));
    let mut machines = Vec::new();
    for number in 0..10 {
        machines.push(harness.enrolled(&format!("machine-{number}")).await);
    }
    for machine in &machines {
        machine.scan_fully(&chance.inventory(&machine.name)).await.expect("scanned");
    }
    for round in 0..12 {
        import(&harness, feed, &chance.patches()).await;
        let machine = &machines[usize::from(chance.below(10))];
        match round % 4 {
            // By the old catalog: through the gate, and as when the database failed before the index heard of it.
            0 => drop(machine.scan_fully(&chance.inventory(&machine.name)).await.expect("scanned")),
            1 => stored_only(&harness, machine, chance.inventory(&machine.name)).await,
            2 => import(&harness, feed, &chance.patches()).await,
            _ => harness.restart().await,
        }
        if round % 4 == 3 {
            machines.iter_mut().for_each(|machine| machine.server = harness.agents());
        }
        harness.work(Reconciler::Reassess).await;
        all_are_right(&harness, &machines).await;
    }
}

fn result(harness: &Harness) -> String {
    harness.app().signals.last_runs().remove(&Reconciler::Reassess).expect("it has run").result
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_catalog_changes_is_written_anew() {
    let mut harness = Harness::start().await;
    let feed = harness.feed("main").await;
    let (curl, both) = (patch("curl", "2", None), [patch("curl", "2", None), patch("nano", "2", None)]);
    harness.import(feed, std::slice::from_ref(&curl)).await;
    let machines = [harness.enrolled("web-1").await, harness.enrolled("web-2").await, harness.enrolled("web-3").await];
    for (machine, name) in machines.iter().zip(["curl", "nano", "vim"]) {
        machine.scan_fully(&bookworm(&machine.name, &[("bash", "1"), (name, "1")])).await.expect("scanned");
    }
    harness.import(feed, &both).await;
    let generation = harness.app().fleet.view().catalog().generation();
    let told = |text: &str| format!("assessed 3 assets by catalog {}: {text}", harness.app().fleet.view().catalog().generation());
    assert_eq!(result(&harness), told("2 unchanged, 1 revised, 0 from their inventories"));
    all_are_right(&harness, &machines).await;

    // What reached the store and not the index is assessed from the store; so is everything after a restart.
    import(&harness, feed, std::slice::from_ref(&curl)).await;
    stored_only(&harness, &machines[1], bookworm("web-2", &[("curl", "1")])).await;
    harness.work(Reconciler::Reassess).await;
    assert!(harness.app().fleet.view().catalog().generation() > generation);
    let told = |text: &str| format!("assessed 3 assets by catalog {}: {text}", harness.app().fleet.view().catalog().generation());
    assert_eq!(result(&harness), told("2 unchanged, 0 revised, 1 from their inventories"));
    all_are_right(&harness, &machines).await;
    import(&harness, feed, &both).await;
    harness.restart().await;
    harness.work(Reconciler::Reassess).await;
    all_are_right(&harness, &machines).await;

    // The index shows another tag than the store: its mark tells, and the asset is read anew.
    let tag = harness.tag("north").await;
    let tags = std::collections::BTreeSet::from([tag]);
    harness.app().store.set_asset_tags(machines[2].asset(), &tags, &harness.audit("asset.tag")).await.expect("tagged");
    harness.import(feed, &[curl]).await;
    let view = harness.app().fleet.view().unscoped(Purpose::Upkeep);
    assert_eq!(view.asset(machines[2].asset()).map(|row| row.card.tags.clone()), Some(tags));
    refresh(harness.app(), machines[0].asset()).await.expect("refreshed");
    all_are_right(&harness, &machines).await;
}
