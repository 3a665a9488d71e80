//! Lists of patches over selections of assets, against plain lists.

use crate::made::{now, patches};
use crate::questions::{asked, question};
use fettle_fleet::{
    Applicable, AssetCard, Catalog, Change, Cursor, Direction, Fleet, PatchRecord, PatchRow, PatchSelection, Purpose, ScopedView, Sorted,
};
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, PatchId, PatchNo};
use fettle_model::patch::Patch;
use fettle_query::registry::{Key, PatchField, fields};
use fettle_query::text::fold;
use fettle_query::{Entity, Record, Truth, Value, interpret};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// For each asset, for each patch: 0 misses it, 1 has it, else it does not apply.
type Marks = Vec<Vec<u8>>;

fn marks() -> impl Strategy<Value = Marks> {
    proptest::collection::vec(proptest::collection::vec(0_u8..6, 30), 0..5)
}

fn fleet(patches: &[(PatchNo, Patch)], marks: &Marks) -> Fleet {
    let fleet = Fleet::new(Arc::new(Catalog::build(1, patches.to_vec())));
    for (n, marks) in (1_u128..).zip(marks) {
        let asset = AssetId(Uuid::from_u128(n));
        let with = |wanted: u8| patches.iter().zip(marks).filter(move |&(_, &mark)| mark == wanted).map(|((no, _), _)| *no).collect();
        let findings = Findings { missing: with(0), installed: with(1) };
        let card = AssetCard::new(asset, format!("host{n}"), now());
        fleet.apply(vec![Change::Card(Box::new(card)), Change::Findings { asset, findings }]);
    }
    fleet
}

fn view(fleet: &Fleet) -> ScopedView {
    fleet.view().unscoped(Purpose::Upkeep)
}

fn select(view: &ScopedView, question: &str, which: Applicable) -> PatchSelection {
    view.select_patches(&asked(question), &view.everything(), which).expect("asks for patches")
}

/// Rows counted one by one.
fn slowly(catalog: &Catalog, patches: &[(PatchNo, Patch)], marks: &Marks, question: &str, which: Applicable) -> Vec<PatchRow> {
    let query = asked(question);
    let mut rows = Vec::new();
    for (place, (no, _)) in patches.iter().enumerate() {
        let entry = catalog.get(*no).expect("there");
        let count = |wanted: u8| u64::try_from(marks.iter().filter(|marks| marks[place] == wanted).count()).expect("few");
        let (missing, installed) = (count(0), count(1));
        let shown = which == Applicable::All || (entry.patch.enabled && missing + installed > 0);
        if shown && interpret(&query, &PatchRecord { catalog, entry, missing, installed }) == Truth::Yes {
            rows.push(PatchRow { entry: Arc::clone(entry), missing, installed });
        }
    }
    rows
}

fn values(catalog: &Catalog, row: &PatchRow, field: PatchField) -> Vec<String> {
    let record = PatchRecord { catalog, entry: &row.entry, missing: row.missing, installed: row.installed };
    let shown = |value: Value<'_>| match value {
        Value::Text(text) => fold(&text),
        // Ordered as texts like the numbers; none of them is negative.
        Value::Number(number) => format!("{number:030.9}"),
        Value::Moment(at) => at.to_string(),
        Value::Flag(flag) => u8::from(flag).to_string(),
        Value::Choice(choice) => choice.to_string(),
        Value::Version(_) | Value::Address(_) => panic!("patches have none"),
    };
    record.values(Key::Patch(field)).into_iter().map(shown).collect()
}

fn ids(rows: impl IntoIterator<Item = PatchRow>) -> Vec<(PatchId, u64, u64)> {
    rows.into_iter().map(|row| (row.entry.patch.id.clone(), row.missing, row.installed)).collect()
}

fn all_pages(selection: &PatchSelection, sort: Sorted<PatchField>, limit: usize) -> Vec<PatchRow> {
    let (mut rows, mut after): (Vec<PatchRow>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = selection.page(sort, after.as_ref(), limit).expect("sortable");
        assert_eq!(page.total, selection.count());
        assert!(page.items.len() <= limit);
        rows.extend(page.items);
        match page.next {
            // Through its text, as clients give it back.
            Some(next) => after = Some(next.to_string().parse().expect("a cursor")),
            None => return rows,
        }
    }
}

fn patch_fields() -> impl Iterator<Item = (PatchField, bool, bool)> {
    fields(Entity::Patch).iter().filter_map(|field| match field.key {
        Key::Patch(key) => Some((key, field.sortable, field.facet)),
        _ => None,
    })
}

fn which() -> impl Strategy<Value = Applicable> {
    prop_oneof![Just(Applicable::InView), Just(Applicable::All)]
}

proptest! {
    #[test]
    fn lists_are_what_plain_sorting_makes(patches in patches(30), marks in marks(), question in question(), which in which(), limit in 1_usize..8) {
        let fleet = fleet(&patches, &marks);
        let view = view(&fleet);
        let catalog = Arc::clone(view.catalog());
        let selection = select(&view, &question, which);
        let plain = slowly(&catalog, &patches, &marks, &question, which);
        prop_assert_eq!(selection.count(), u64::try_from(plain.len()).expect("few"));
        prop_assert!(selection.set().iter().eq(plain.iter().map(|row| row.entry.no)));
        for (field, sortable, _) in patch_fields() {
            if !sortable {
                prop_assert!(selection.page(Sorted::ascending(field), None, 1).is_err());
                prop_assert!(selection.rows(Sorted::ascending(field)).is_err());
                continue;
            }
            let mut sorted = plain.clone();
            sorted.sort_by_key(|row| (values(&catalog, row, field).into_iter().min(), row.entry.patch.id.clone()));
            for direction in [Direction::Ascending, Direction::Descending] {
                let sort = Sorted { by: field, direction };
                prop_assert_eq!(ids(selection.rows(sort).expect("sortable")), ids(sorted.clone()), "{:?}", sort);
                prop_assert_eq!(ids(all_pages(&selection, sort, limit)), ids(sorted.clone()), "{:?}", sort);
                sorted.reverse();
            }
        }
    }

    #[test]
    fn facets_count_what_their_terms_find(patches in patches(30), marks in marks(), question in question(), which in which()) {
        let fleet = fleet(&patches, &marks);
        let view = view(&fleet);
        let selection = select(&view, &question, which);
        for field in fields(Entity::Patch).iter().filter(|field| field.facet) {
            let Key::Patch(key) = field.key else { continue };
            let facet = selection.facet(key);
            let mut different = BTreeMap::new();
            for row in selection.rows(Sorted::ascending(PatchField::Id)).expect("sortable") {
                let mut there = values(view.catalog(), &row, key);
                there.sort();
                there.dedup();
                there.into_iter().for_each(|value| *different.entry(value).or_insert(0_u64) += 1);
            }
            prop_assert_eq!(facet.len(), different.len());
            prop_assert_eq!(facet.iter().map(|(_, count)| count).sum::<u64>(), different.values().sum::<u64>());
            prop_assert!(facet.is_sorted_by(|a, b| (b.1, &a.0) <= (a.1, &b.0)));
            for (value, count) in facet {
                let narrowed = select(&view, &format!("({question}) and {}:`{value}`", field.name), which);
                prop_assert_eq!(narrowed.count(), count, "{}:{}", field.name, value);
            }
        }
    }

    /// A cursor from another catalog goes on behind the last row that was seen, even when that is gone.
    #[test]
    fn pages_go_on_in_a_new_catalog(patches in patches(30), gone in proptest::collection::vec(any::<bool>(), 30), at in 0_usize..30, descending: bool) {
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        let fleet = fleet(&patches, &Vec::new());
        let left: Vec<_> = patches.iter().zip(&gone).filter(|&(_, gone)| !gone).map(|(patch, _)| patch.clone()).collect();
        for (by, ..) in patch_fields().filter(|&(_, sortable, _)| sortable) {
            let sort = Sorted { by, direction };
            let before = view(&fleet);
            let Some(cursor) = select(&before, "", Applicable::All).page(sort, None, at).expect("sortable").next else { continue };
            let order = ids(select(&before, "", Applicable::All).rows(sort).expect("sortable"));
            let later = Fleet::new(Arc::new(Catalog::build(2, left.clone())));
            let page = select(&view(&later), "", Applicable::All).page(sort, Some(&cursor), usize::MAX).expect("sortable");
            let seen: Vec<_> = order.iter().take(at).collect();
            // What supersedes what may change with what is gone, so a sort by it moves patches over the cursor.
            if by != PatchField::IsSuperseded {
                let expected: Vec<_> = order.iter().skip(at).filter(|(id, ..)| left.iter().any(|(_, patch)| patch.id == *id)).cloned().collect();
                prop_assert_eq!(ids(page.items), expected, "{:?} after {:?}", sort, seen);
            }
        }
    }
}

#[test]
fn a_query_over_other_records_is_refused() {
    let fleet = fleet(&[], &Vec::new());
    let view = view(&fleet);
    let assets = fettle_query::Checked::everything(Entity::Asset);
    let refused = view.select_patches(&assets, &view.everything(), Applicable::All).expect_err("not about patches");
    assert!(refused.to_string().contains("patch"), "{refused}");
}

#[test]
fn long_titles_do_not_stop_pages() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let made = proptest::strategy::ValueTree::current(&patches(30).new_tree(&mut runner).expect("made"));
    let long = |n: usize| format!("{}{n}", "long ".repeat(200));
    let patches: Vec<(PatchNo, Patch)> =
        made.into_iter().enumerate().map(|(n, (no, patch))| (no, Patch { title: long(n), ..patch })).collect();
    let fleet = fleet(&patches, &Vec::new());
    let selection = select(&view(&fleet), "title:long", Applicable::All);
    assert!(selection.count() > 3);
    assert_eq!(all_pages(&selection, Sorted::ascending(PatchField::Title), 2).len(), patches.len());
}
