//! The columns against the reference interpreter.

use crate::made::{now, patches};
use crate::questions::{asked, question};
use fettle_fleet::{Catalog, PatchRecord, PatchSet};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use fettle_query::{Checked, Context, Entity, Truth, check, interpret};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::sync::Arc;

/// Numbers of assets, made of the number of the patch.
fn assets(status: FindingStatus, no: PatchNo) -> u64 {
    match status {
        FindingStatus::Missing => u64::from(no.0 % 3),
        FindingStatus::Installed => u64::from(no.0 % 2),
    }
}

fn slowly(catalog: &Catalog, query: &Checked) -> Vec<PatchNo> {
    let holds = |entry: &&Arc<fettle_fleet::Entry>| {
        let [missing, installed] = [FindingStatus::Missing, FindingStatus::Installed].map(|status| assets(status, entry.no));
        interpret(query, &PatchRecord { catalog, entry, missing, installed }) == Truth::Yes
    };
    catalog.entries().filter(holds).map(|entry| entry.no).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(512), ..ProptestConfig::default() })]

    #[test]
    fn columns_answer_as_the_interpreter_does(patches in patches(30), questions in proptest::collection::vec(question(), 1..6)) {
        let catalog = Catalog::build(1, patches);
        for question in questions {
            let query = asked(&question);
            let expected = slowly(&catalog, &query);
            for _warm in [false, true] {
                let set = catalog.matching(query.root(), Some(&assets));
                prop_assert_eq!(set.iter().collect::<Vec<_>>(), expected.clone(), "{}", question);
                prop_assert_eq!(set.len(), expected.len());
                prop_assert!((0..100).map(PatchNo).all(|no| set.contains(no) == expected.contains(&no)));
            }
        }
    }
}

proptest! {
    // Each case makes some twenty catalogs.
    #![proptest_config(ProptestConfig { cases: (ProptestConfig::default().cases / 4).max(32), ..ProptestConfig::default() })]

    /// A memo that mixes up two questions gives one of them a wrong answer.
    #[test]
    fn questions_do_not_get_each_others_answers(patches in patches(20), questions in proptest::collection::vec(question(), 10..40)) {
        let (asked_before, fresh) = (Catalog::build(1, patches.clone()), || Catalog::build(1, patches.clone()));
        for question in questions {
            let query = asked(&question);
            let (set, other) = (asked_before.matching(query.root(), None), fresh().matching(query.root(), None));
            prop_assert_eq!(set, other, "{}", question);
        }
    }
}

#[test]
fn the_same_question_later_gives_the_same_set() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let patches = patches(30).new_tree(&mut runner).expect("made").current();
    let catalog = Catalog::build(1, patches);
    let at = |seconds: i64, text: &str| -> Arc<PatchSet> {
        let now = now().checked_add(jiff::SignedDuration::from_secs(seconds)).expect("in range");
        let query = check(Entity::Patch, text, &Context { now, zone: TimeZone::UTC }).expect("right");
        catalog.matching(query.root(), None)
    };
    let old = "vendorSeverity>=low and publishedDate<now-36h";
    assert!(Arc::ptr_eq(&at(0, old), &at(60, old)), "no patch was published in between");
    assert!(Arc::ptr_eq(&at(0, old), &at(0, "severity >= low published<now-36h")), "however it is written");
    assert!(!Arc::ptr_eq(&at(0, old), &at(0, "vendorSeverity>=moderate and publishedDate<now-36h")));
}

#[test]
fn sets_of_equal_numbers_are_equal() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let patches = patches(30).new_tree(&mut runner).expect("made").current();
    let (one, other) = (Catalog::build(1, patches.clone()), Catalog::build(2, patches[..patches.len() / 2].to_vec()));
    let numbers = || other.entries().map(|entry| entry.no);
    assert_eq!(one.set_of(numbers()), other.set_of(numbers()));
    assert_eq!(one.set_of([PatchNo(u32::MAX)]), other.set_of([]));
    assert!(one.set_of([]).is_empty());
}
