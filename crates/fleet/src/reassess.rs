//! Deciding the findings of every kept list: what a catalog needs that has little in common with the one before.
//!
//! Lists come in the order of the lists they are differences from. Such a base is judged once, with a count of
//! packages behind every mark; a list that differs from it by some packages moves these counts there and back.

use crate::assess::{Assessor, Memory, assessable_key};
use crate::rules::{Marks, ReleaseRules};
use crate::software::{Changes, ListId, System};
use fettle_model::finding::Findings;
use std::sync::PoisonError;

/// Lists judged before others get a turn at the table: some milliseconds.
const AT_ONCE: usize = 1_000;

impl Assessor {
    /// Decides the findings of every list in its table, each list once. Lists whose system this catalog does not
    /// cover are left out, as are those that are added or forgotten meanwhile.
    pub fn reassess_all(&self, mut each: impl FnMut(ListId, &Findings)) {
        let order = self.software().lists().alike();
        for group in order.chunk_by(|a, b| a.0 == b.0) {
            self.reassess_group(group, &mut each);
        }
    }

    /// Decides the findings of lists with the same base, which are given as base and list.
    fn reassess_group(&self, group: &[(u32, u32)], each: &mut impl FnMut(ListId, &Findings)) {
        let Some(&(root, _)) = group.first() else { return };
        // Whoever has the base keeps it from being forgotten.
        let Some((base, numbers)) = self.software().lists().root(root) else { return };
        let Some(system) = self.software().system_of(&base) else { return };
        let Some(rules) = assessable_key(self.catalog(), &system) else { return };
        self.learn(&system, rules, &numbers);
        let mut counted = Counted::new(rules);
        {
            let memory = self.memory(system.no);
            let memory = memory.read().unwrap_or_else(PoisonError::into_inner);
            numbers.iter().for_each(|&number| counted.come(&memory, number));
        }
        for some in group.chunks(AT_ONCE) {
            let lists = self.software().lists();
            let there = || some.iter().filter_map(|&(_, at)| Some((at, lists.changes(at, root)?)));
            let mut added = Vec::new();
            there().for_each(|(_, changes)| changes.each(|_| (), |number| added.push(number)));
            self.learn(&system, rules, &added);
            let memory = self.memory(system.no);
            let memory = memory.read().unwrap_or_else(PoisonError::into_inner);
            for (at, changes) in there() {
                each(ListId(at), &counted.findings(&memory, &numbers, &changes));
            }
        }
    }

    /// Makes sure that something is remembered of each of these packages.
    fn learn(&self, system: &System, rules: &ReleaseRules, numbers: &[u32]) {
        let memory = self.memory(system.no);
        let unknown = memory.read().unwrap_or_else(PoisonError::into_inner).unknown(numbers);
        if !unknown.is_empty() {
            let packages = system.packages();
            memory.write().unwrap_or_else(PoisonError::into_inner).learn(&unknown, rules, &packages, &system.key.native);
        }
    }
}

/// Marks, and how many packages are behind each.
struct Counted<'a> {
    rules: &'a ReleaseRules,
    marks: Marks,
    /// By patch: packages below, and packages that have reached it.
    counts: Vec<(u32, u32)>,
}

impl<'a> Counted<'a> {
    fn new(rules: &'a ReleaseRules) -> Self {
        Self { rules, marks: Marks::new(rules.len()), counts: vec![(0, 0); rules.len()] }
    }

    fn come(&mut self, memory: &Memory, number: u32) {
        let Some((below, reached)) = memory.verdict_of(number) else { return };
        for &patch in below {
            if let Some((count, _)) = count(&mut self.counts, patch) {
                *count += 1;
                self.marks.below(patch);
            }
        }
        for &patch in reached {
            if let Some((_, count)) = count(&mut self.counts, patch) {
                *count += 1;
                self.marks.reached(patch);
            }
        }
    }

    fn go(&mut self, memory: &Memory, number: u32) {
        let Some((below, reached)) = memory.verdict_of(number) else { return };
        for &patch in below {
            if let Some((count, _)) = count(&mut self.counts, patch) {
                *count -= 1;
                if *count == 0 {
                    self.marks.not_below(patch);
                }
            }
        }
        for &patch in reached {
            if let Some((_, count)) = count(&mut self.counts, patch) {
                *count -= 1;
                if *count == 0 {
                    self.marks.not_reached(patch);
                }
            }
        }
    }

    /// The findings of a list that is `numbers` with `changes`. Leaves everything as it was.
    fn findings(&mut self, memory: &Memory, numbers: &[u32], changes: &Changes<'_>) -> Findings {
        let number = |place: u32| usize::try_from(place).ok().and_then(|place| numbers.get(place)).copied();
        let counted = std::cell::RefCell::new(&mut *self);
        let go = |number: u32| counted.borrow_mut().go(memory, number);
        let come = |number: u32| counted.borrow_mut().come(memory, number);
        changes.each(|place| number(place).into_iter().for_each(go), come);
        let findings = { counted.borrow().rules.findings(&counted.borrow().marks) };
        changes.each(|place| number(place).into_iter().for_each(come), go);
        findings
    }
}

fn count(counts: &mut [(u32, u32)], patch: u32) -> Option<&mut (u32, u32)> {
    counts.get_mut(usize::try_from(patch).ok()?)
}
