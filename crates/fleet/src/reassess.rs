//! Deciding the findings of every kept list: what a catalog needs that has little in common with the one before.
//!
//! Lists come in the order of the lists they are differences from. Such a base is judged once, and the packages
//! behind each finding are counted; a list that differs by some packages moves these counts there and back, and
//! its findings are the base's but for the patches whose counts moved.

use crate::assess::{Assessor, Memory, assessable_key};
use crate::rules::{Marks, ReleaseRules};
use crate::software::{Changes, ListId, System};
use fettle_model::finding::Findings;
use fettle_model::ids::PatchNo;
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
        let memory = self.memory(system.no);
        let mut counted = Counted::new(rules, &memory.read().unwrap_or_else(PoisonError::into_inner), &numbers);
        for some in group.chunks(AT_ONCE) {
            let lists = self.software().lists();
            let there = || some.iter().filter_map(|&(_, at)| Some((at, lists.changes(at, root)?)));
            let mut added = Vec::new();
            there().for_each(|(_, changes)| changes.each(|_| (), |number| added.push(number)));
            self.learn(&system, rules, &added);
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

/// The findings of a base, and how many of its packages are behind each.
struct Counted<'a> {
    rules: &'a ReleaseRules,
    findings: Findings,
    /// By patch: packages below, and packages that have reached it.
    counts: Vec<(u32, u32)>,
    /// Patches whose counts moved.
    moved: Vec<u32>,
}

impl<'a> Counted<'a> {
    fn new(rules: &'a ReleaseRules, memory: &Memory, numbers: &[u32]) -> Self {
        let mut marks = Marks::new(rules.len());
        memory.mark(numbers, &mut marks);
        let counts = vec![(0, 0); rules.len()];
        let mut counted = Self { rules, findings: rules.findings(&marks), counts, moved: Vec::new() };
        numbers.iter().for_each(|&number| counted.count(memory, number, 1));
        counted.moved.clear();
        counted
    }

    /// Adds `by` to the counts of everything a package is behind. Going down is adding what wraps around.
    fn count(&mut self, memory: &Memory, number: u32, by: u32) {
        let (below, reached) = memory.verdict_of(number).unwrap_or_default();
        self.moved.extend_from_slice(below);
        self.moved.extend_from_slice(reached);
        for &patch in below {
            if let Some((count, _)) = usize::try_from(patch).ok().and_then(|at| self.counts.get_mut(at)) {
                *count = count.wrapping_add(by);
            }
        }
        for &patch in reached {
            if let Some((_, count)) = usize::try_from(patch).ok().and_then(|at| self.counts.get_mut(at)) {
                *count = count.wrapping_add(by);
            }
        }
    }

    /// The findings of a list that is `numbers` with `changes`. Leaves all counts as they were.
    fn findings(&mut self, memory: &Memory, numbers: &[u32], changes: &Changes<'_>) -> Findings {
        const DOWN: u32 = u32::MAX;
        let number = |place: u32| usize::try_from(place).ok().and_then(|place| numbers.get(place)).copied();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        changes.each(|place| gone.extend(number(place)), |number| come.push(number));
        gone.iter().for_each(|&number| self.count(memory, number, DOWN));
        come.iter().for_each(|&number| self.count(memory, number, 1));
        self.moved.sort_unstable();
        self.moved.dedup();
        let findings = self.edited();
        gone.iter().for_each(|&number| self.count(memory, number, 1));
        come.iter().for_each(|&number| self.count(memory, number, DOWN));
        self.moved.clear();
        findings
    }

    /// The base's findings with those patches as they are now whose counts moved.
    fn edited(&self) -> Findings {
        let (mut missing, mut installed) = (Edited::of(&self.findings.missing), Edited::of(&self.findings.installed));
        for &patch in &self.moved {
            let Some(no) = self.rules.number(patch) else { continue };
            let (below, reached) = usize::try_from(patch).ok().and_then(|at| self.counts.get(at)).copied().unwrap_or_default();
            missing.set(no, below > 0);
            installed.set(no, below == 0 && reached > 0 && !self.rules.is_baseline(patch));
        }
        Findings { missing: missing.finish(), installed: installed.finish() }
    }
}

/// An ascending list on its way into another that is nearly the same.
struct Edited<'a> {
    rest: &'a [PatchNo],
    list: Vec<PatchNo>,
}

impl<'a> Edited<'a> {
    fn of(list: &'a [PatchNo]) -> Self {
        // Lists of one base differ by some packages, each with some patches.
        Self { rest: list, list: Vec::with_capacity(list.len() + 64) }
    }

    /// Whether `no` is in the list. Numbers come ascending.
    fn set(&mut self, no: PatchNo, wanted: bool) {
        let (before, rest) = self.rest.split_at(self.rest.partition_point(|there| *there < no));
        self.list.extend_from_slice(before);
        self.rest = rest.strip_prefix(&[no]).unwrap_or(rest);
        if wanted {
            self.list.push(no);
        }
    }

    fn finish(mut self) -> Vec<PatchNo> {
        self.list.extend_from_slice(self.rest);
        self.list
    }
}
