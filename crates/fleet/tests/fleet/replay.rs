//! The fleet against a plain map: after any changes both tell the same, to anybody.

use crate::made::{asset_id, id, numbered, patch, second, tag_id};
use fettle_fleet::{Applicable, AssetCard, Catalog, Change, Fleet, Purpose, Sorted, View};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, PatchId, PatchNo, TagId, UserId};
use fettle_model::patch::Patch;
use fettle_query::registry::{AssetField, PatchField};
use fettle_query::{Checked, Context, Entity, check};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

#[derive(Debug, Clone)]
enum Step {
    Card { asset: u128, name: String, tags: BTreeSet<u128> },
    Retag { asset: u128, tags: BTreeSet<u128> },
    Findings { asset: u128, missing: BTreeSet<u32>, installed: BTreeSet<u32> },
    Remove { asset: u128 },
    Supersede(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let tags = || proptest::collection::btree_set(0_u128..4, 0..3);
    let numbers = || proptest::collection::btree_set(1_u32..9, 0..5);
    // Ids that share a part of the map, and ids that do not.
    let asset = || prop_oneof![0_u128..6, (0_u128..3).prop_map(|n| n * 256)];
    let step = prop_oneof![
        3 => (asset(), "[a-cA-C]{1,2}", tags()).prop_map(|(asset, name, tags)| Step::Card { asset, name, tags }),
        2 => (asset(), tags()).prop_map(|(asset, tags)| Step::Retag { asset, tags }),
        4 => (asset(), numbers(), numbers()).prop_map(|(asset, missing, installed)| {
            let installed = installed.difference(&missing).copied().collect();
            Step::Findings { asset, missing, installed }
        }),
        1 => asset().prop_map(|asset| Step::Remove { asset }),
        1 => any::<bool>().prop_map(Step::Supersede),
    ];
    proptest::collection::vec(step, 0..40)
}

/// Eight patches; the second may replace the first.
fn catalog(superseding: bool) -> Arc<Catalog> {
    let made =
        |n: u32| Patch { supersedes: if superseding && n == 2 { vec![id("P1")] } else { Vec::new() }, ..patch(&format!("P{n}"), &[], &[]) };
    let renumbered = numbered((1..9).map(made).collect()).into_iter().map(|(no, patch)| (PatchNo(no.0 / 10), patch));
    Arc::new(Catalog::build(u64::from(superseding), renumbered.collect()))
}

/// Name, tags, findings.
type Row = (String, BTreeSet<TagId>, Findings);

#[derive(Clone, Default)]
struct Plain {
    assets: BTreeMap<AssetId, Row>,
    superseding: bool,
}

fn as_tags(tags: &BTreeSet<u128>) -> BTreeSet<TagId> {
    tags.iter().map(|&tag| tag_id(tag)).collect()
}

fn as_numbers(numbers: &BTreeSet<u32>) -> Vec<PatchNo> {
    numbers.iter().map(|&no| PatchNo(no)).collect()
}

fn change(step: &Step) -> Change {
    match step {
        Step::Card { asset, name, tags } => {
            let card = AssetCard { tags: as_tags(tags), ..AssetCard::new(asset_id(*asset), name.clone(), second(0)) };
            Change::Card(Box::new(card))
        }
        Step::Retag { asset, tags } => {
            let tags = as_tags(tags);
            Change::Edit { asset: asset_id(*asset), with: Box::new(move |card| card.tags = tags) }
        }
        Step::Findings { asset, missing, installed } => Change::Findings {
            asset: asset_id(*asset),
            findings: Findings { missing: as_numbers(missing), installed: as_numbers(installed) },
        },
        Step::Remove { asset } => Change::Remove(asset_id(*asset)),
        Step::Supersede(superseding) => Change::Catalog(catalog(*superseding)),
    }
}

impl Plain {
    fn apply(&mut self, step: &Step) {
        match step {
            Step::Card { asset, name, tags } => {
                let row = self.assets.entry(asset_id(*asset)).or_default();
                (row.0, row.1) = (name.clone(), as_tags(tags));
            }
            Step::Retag { asset, tags } => {
                if let Some(row) = self.assets.get_mut(&asset_id(*asset)) {
                    row.1 = as_tags(tags);
                }
            }
            Step::Findings { asset, missing, installed } => {
                if let Some(row) = self.assets.get_mut(&asset_id(*asset)) {
                    row.2 = Findings { missing: as_numbers(missing), installed: as_numbers(installed) };
                }
            }
            Step::Remove { asset } => _ = self.assets.remove(&asset_id(*asset)),
            Step::Supersede(superseding) => self.superseding = *superseding,
        }
    }

    fn seen(&self, scope: &Scope) -> Vec<(&AssetId, &Row)> {
        self.assets.iter().filter(|(_, (_, tags, _))| scope.sees(tags)).collect()
    }
}

/// Patch numbers with the assets that miss and have them.
type Counts = Vec<(PatchId, u64, u64)>;

fn patch_counts(plain: &Plain, scope: &Scope) -> Counts {
    let seen = plain.seen(scope);
    let count = |no: u32, list: fn(&Findings) -> &Vec<PatchNo>| {
        u64::try_from(seen.iter().filter(|(_, row)| list(&row.2).contains(&PatchNo(no))).count()).expect("few")
    };
    let all = (1..9).map(|no| (id(&format!("P{no}")), count(no, |row| &row.missing), count(no, |row| &row.installed)));
    all.filter(|(_, missing, installed)| missing + installed > 0).collect()
}

fn compare(view: &Arc<View>, plain: &Plain, scope: &Scope) -> Result<(), TestCaseError> {
    let view = view.in_scope(&Actor::new(UserId(Uuid::nil()), Role::PatchReader, scope.clone()));
    let seen = plain.seen(scope);
    // The list, page by page, is what a sorted list of the plain map is.
    let mut expected: Vec<(String, AssetId)> = seen.iter().map(|(asset, row)| (row.0.to_lowercase(), **asset)).collect();
    expected.sort();
    let everything = view.everything();
    let mut got = Vec::new();
    let mut after = None;
    loop {
        let page = everything.page(Sorted::ascending(AssetField::Name), after.as_ref(), 2).expect("sortable");
        prop_assert_eq!(page.total, u64::try_from(seen.len()).expect("few"));
        got.extend(page.items.iter().map(|row| (row.card.name.to_lowercase(), row.card.id)));
        let Some(next) = page.next else { break };
        after = Some(next.to_string().parse().expect("its own text"));
    }
    prop_assert_eq!(&got, &expected);
    // Each asset, also those out of scope.
    let catalog = catalog(plain.superseding);
    for (asset, row) in &plain.assets {
        let visible = scope.sees(&row.1);
        prop_assert_eq!(view.asset(*asset).is_some(), visible);
        prop_assert_eq!(view.findings(*asset), visible.then(|| row.2.clone()));
        prop_assert_eq!(view.asset(*asset).map(|row| row.counts), visible.then(|| catalog.counts(&row.2)));
    }
    // The other way round: by patch.
    let every = Checked::everything(Entity::Patch);
    let patches = view.select_patches(&every, &everything, Applicable::InView).expect("a query over patches");
    let rows = patches.rows(Sorted::ascending(PatchField::Id)).expect("sortable");
    let got: Counts = rows.map(|row| (row.entry.patch.id.clone(), row.missing, row.installed)).collect();
    prop_assert_eq!(got, patch_counts(plain, scope));
    let context = Context { now: second(0), zone: TimeZone::UTC };
    let query = check(Entity::Asset, "missing.id:`P3`", &context).expect("a query");
    let missing: BTreeSet<AssetId> = view.select(&query).expect("a query over assets").ids().collect();
    let expected = seen.iter().filter(|(_, row)| row.2.missing.contains(&PatchNo(3))).map(|(asset, _)| **asset).collect();
    prop_assert_eq!(missing, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fleet_is_the_sum_of_its_changes(steps in steps(), batch in 1_usize..5) {
        let fleet = Fleet::new(catalog(false));
        let mut plain = Plain::default();
        for steps in steps.chunks(batch) {
            fleet.apply(steps.iter().map(change).collect());
            steps.iter().for_each(|step| plain.apply(step));
        }
        compare(&fleet.view(), &plain, &Scope::Everything)?;
        compare(&fleet.view(), &plain, &Scope::Tags(BTreeSet::from([tag_id(1)])))?;
        compare(&fleet.view(), &plain, &Scope::Tags(BTreeSet::from([tag_id(0), tag_id(2)])))?;
        compare(&fleet.view(), &plain, &Scope::Tags(BTreeSet::new()))?;
        prop_assert_eq!(fleet.view().unscoped(Purpose::Upkeep).totals().assets, u64::try_from(plain.assets.len()).expect("few"));
    }

    /// Readers hold some versions and let others go, so that the writer sometimes writes to what it used before.
    #[test]
    fn a_view_once_taken_stays_as_it_is(steps in steps(), batch in 1_usize..5, kept in any::<u64>()) {
        let fleet = Fleet::new(catalog(false));
        let mut plain = Plain::default();
        let mut versions = Vec::new();
        for (at, steps) in steps.chunks(batch).enumerate() {
            fleet.apply(steps.iter().map(change).collect());
            steps.iter().for_each(|step| plain.apply(step));
            if kept >> (at % 64) & 1 == 1 {
                versions.push((fleet.view(), plain.clone()));
            }
        }
        // Changes that change nothing make no version.
        prop_assert!(versions.is_sorted_by_key(|(view, _)| view.version()));
        for (view, plain) in &versions {
            compare(view, plain, &Scope::Everything)?;
        }
    }
}
