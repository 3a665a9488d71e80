//! What a new catalog changes, without judging everything again.
//!
//! Only patches whose rules changed are judged, and only for lists that hold a package one of them speaks
//! of. Lists that are nearly alike are judged as one: most are their base's outcome.

use crate::assess::assessable_key;
use crate::catalog::{Catalog, Entry};
use crate::rules::{Marks, ReleaseRules, Verdict};
use crate::software::{Changes, SoftwareList, SoftwareTable, System, Visitor};
use fettle_model::finding::Findings;
use fettle_model::ids::PatchNo;
use fettle_model::os::ReleaseKey;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The difference between two catalogs, as far as findings depend on it.
#[derive(Debug)]
pub struct Revision {
    old: Arc<Catalog>,
    new: Arc<Catalog>,
    /// Patches that are judged otherwise than before, ascending.
    patches: Vec<PatchNo>,
    /// Of these patches alone.
    old_rules: BTreeMap<ReleaseKey, ReleaseRules>,
    new_rules: BTreeMap<ReleaseKey, ReleaseRules>,
}

/// What a [`Revision`] means for lists of packages.
#[derive(Debug)]
pub struct Outcomes {
    /// The version of the table's lists that they speak of. A later list may have the id of one that is gone.
    until: u64,
    /// By list id: a place in `distinct`, or one of the numbers below.
    of: Vec<u32>,
    distinct: Vec<Findings>,
}

/// The list's findings stay.
const SAME: u32 = u32::MAX;
/// The list was not there.
const ANEW: u32 = u32::MAX - 1;

/// What a [`Revision`] means for one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Its findings stay as they are.
    Same,
    /// Of the changed patches it has these findings, and no others; see [`Revision::revise`].
    Changed(&'a Findings),
    /// It must be assessed as a whole: its system was not assessed before or cannot be any more, the list came later, or what
    /// is said of one patch depends on the others.
    Anew,
}

impl Revision {
    /// What changed from `old` to `new`. A patch counts as changed when its rule, its being switched on, or its
    /// being a baseline did.
    #[must_use]
    pub fn between(old: &Arc<Catalog>, new: &Arc<Catalog>) -> Self {
        let same = |a: &Entry, b: &Entry| {
            (a.patch.enabled, a.patch.baseline) == (b.patch.enabled, b.patch.baseline)
                && (&a.patch.rule, &a.replaced_by_articles) == (&b.patch.rule, &b.replaced_by_articles)
        };
        let differs = |entry: &Arc<Entry>, other: &Catalog| other.get(entry.no).is_none_or(|there| !same(entry, there));
        let before: Vec<&Arc<Entry>> = old.entries().filter(|entry| differs(entry, new)).collect();
        let after: Vec<&Arc<Entry>> = new.entries().filter(|entry| differs(entry, old)).collect();
        let mut patches: Vec<PatchNo> = before.iter().chain(&after).map(|entry| entry.no).collect();
        patches.sort_unstable();
        patches.dedup();
        Self {
            old: Arc::clone(old),
            new: Arc::clone(new),
            patches,
            old_rules: ReleaseRules::by_release(before),
            new_rules: ReleaseRules::by_release(after),
        }
    }

    /// Patches that are judged otherwise than before, ascending.
    #[must_use]
    pub fn patches(&self) -> &[PatchNo] {
        &self.patches
    }

    /// The catalog it leads to.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.new
    }

    /// Judges the changed patches for every list of a table.
    #[must_use]
    pub fn outcomes(&self, table: &SoftwareTable) -> Outcomes {
        let lists = table.lists();
        // While the lists are held no list can come that has packages which are not there yet.
        let systems = table.systems().iter().map(|system| self.concern(system)).collect();
        let mut judging = Judging {
            systems,
            of: vec![SAME; lists.places()],
            distinct: Vec::new(),
            seen: HashMap::new(),
            key: Vec::new(),
            moved: Default::default(),
        };
        lists.walk(&mut judging);
        Outcomes { until: lists.version(), of: judging.of, distinct: judging.distinct }
    }

    /// Brings findings of an asset up to date with the outcome of its list.
    pub fn revise(&self, findings: &mut Findings, changed: &Findings) {
        for (list, changed) in [(&mut findings.missing, &changed.missing), (&mut findings.installed, &changed.installed)] {
            list.retain(|no| self.patches.binary_search(no).is_err());
            list.extend_from_slice(changed);
            list.sort_unstable();
        }
    }

    /// What the changed rules say of the packages of one kind of system.
    fn concern(&self, system: &System) -> Concern<'_> {
        let (before, after) = (assessable_key(&self.old, system), assessable_key(&self.new, system));
        let mut concern = Concern { anew: before.is_some() != after.is_some(), ..Concern::default() };
        let Some(release) = system.key.rules().filter(|_| before.is_some() && after.is_some()) else { return concern };
        let (old, new) = (self.old_rules.get(&release), self.new_rules.get(&release));
        if [old, new].into_iter().flatten().any(ReleaseRules::are_entangled) {
            concern.anew = true;
            return concern;
        }
        let speak = |rules: Option<&ReleaseRules>, package| rules.is_some_and(|rules| rules.speak_of(package));
        let packages = system.packages();
        concern.rules = new;
        let (mut by_number, mut classes) = (vec![0; packages.len()], HashMap::<Verdict, u32>::new());
        for ((_, package), class) in packages.iter().zip(&mut by_number) {
            if speak(old, package) || speak(new, package) {
                let verdict = new.map(|rules| rules.judge(package, &system.key.native)).unwrap_or_default();
                let next = u32::try_from(concern.verdicts.len() + 1).unwrap_or(0);
                *class = *classes.entry(verdict).or_insert_with_key(|verdict| {
                    concern.verdicts.push(verdict.clone());
                    next
                });
            }
        }
        concern.classes = Classes::new(by_number);
        concern
    }
}

impl Outcomes {
    /// What becomes of a list.
    #[must_use]
    pub fn of(&self, list: &SoftwareList) -> Outcome<'_> {
        if list.born() > self.until {
            return Outcome::Anew;
        }
        let at = usize::try_from(list.id().0).ok().and_then(|at| self.of.get(at)).copied().unwrap_or(ANEW);
        match at {
            SAME => Outcome::Same,
            at => usize::try_from(at).ok().and_then(|at| self.distinct.get(at)).map_or(Outcome::Anew, Outcome::Changed),
        }
    }
}

/// What the changed rules say of one kind of system.
#[derive(Default)]
struct Concern<'a> {
    /// Its lists must be assessed as a whole.
    anew: bool,
    /// By package number.
    classes: Classes,
    verdicts: Vec<Verdict>,
    rules: Option<&'a ReleaseRules>,
}

impl Concern<'_> {
    fn findings(&self, classes: impl Iterator<Item = u32>) -> Findings {
        let Some(rules) = self.rules else { return Findings::default() };
        let mut marks = Marks::new(rules.len());
        for class in classes {
            let verdict = usize::try_from(class).ok().and_then(|class| self.verdicts.get(class.checked_sub(1)?));
            let Some(verdict) = verdict else { continue };
            verdict.below.iter().for_each(|&patch| marks.below(patch));
            verdict.reached.iter().for_each(|&patch| marks.reached(patch));
        }
        rules.findings(&marks)
    }
}

/// Which of the verdicts packages have, counted from one; zero when no changed rule speaks of the package.
#[derive(Default)]
struct Classes {
    classes: Vec<u32>,
    /// Where a class is not zero. Few are, and this much stays in the processor's nearest cache.
    bits: Vec<u64>,
}

impl Classes {
    fn new(classes: Vec<u32>) -> Self {
        let word = |some: &[u32]| (0..).zip(some).fold(0, |word, (at, &class): (u32, _)| word | u64::from(class != 0) << at);
        Self { bits: classes.chunks(64).map(word).collect(), classes }
    }

    /// The class of a package, by place or number.
    #[inline]
    fn of(&self, at: u32) -> Option<u32> {
        let at = usize::try_from(at).ok()?;
        let word = self.bits.get(at / 64)?;
        if word >> (at % 64) & 1 == 0 {
            return None;
        }
        self.classes.get(at).copied()
    }

    /// All classes but zero.
    fn all(&self) -> impl Iterator<Item = u32> {
        self.classes.iter().copied().filter(|&class| class != 0)
    }
}

/// Outcomes on their way.
struct Judging<'a> {
    systems: Vec<Concern<'a>>,
    of: Vec<u32>,
    distinct: Vec<Findings>,
    /// What changes of a base led to before: by its place, classes that came, a zero, and classes that went.
    seen: HashMap<Box<[u32]>, u32>,
    key: Vec<u32>,
    /// Classes that a list has not of its base, and classes that it has beside.
    moved: (Vec<u32>, Vec<u32>),
}

/// A list that others are differences from.
struct Base {
    system: usize,
    /// Its place among the bases.
    no: u32,
    /// By place in the list.
    classes: Classes,
    outcome: u32,
}

impl Judging<'_> {
    fn note(&mut self, findings: Findings) -> u32 {
        self.distinct.push(findings);
        u32::try_from(self.distinct.len() - 1).unwrap_or(ANEW)
    }

    /// The outcome of a list whose classes are not those of its base.
    fn changed(&mut self, base: &Base, gone: &mut [u32], come: &mut [u32]) -> u32 {
        gone.sort_unstable();
        come.sort_unstable();
        self.key.clear();
        self.key.push(base.no);
        self.key.extend_from_slice(come);
        self.key.push(0);
        self.key.extend_from_slice(gone);
        if let Some(&outcome) = self.seen.get(self.key.as_slice()) {
            return outcome;
        }
        let mut left: Vec<u32> = base.classes.all().collect();
        for class in gone.iter() {
            if let Some(at) = left.iter().position(|there| there == class) {
                left.swap_remove(at);
            }
        }
        left.extend_from_slice(come);
        let findings = self.systems.get(base.system).map(|concern| concern.findings(left.iter().copied())).unwrap_or_default();
        // Packages that were concerned and are gone leave an outcome without findings, which is not the same as none.
        let outcome = self.note(findings);
        self.seen.insert(self.key.as_slice().into(), outcome);
        outcome
    }
}

impl Visitor for Judging<'_> {
    type Base = Base;

    fn base(&mut self, no: u32, system: u16, numbers: &[u32]) -> Base {
        let system = usize::from(system);
        let mut base = Base { system, no, classes: Classes::default(), outcome: SAME };
        let Some(concern) = self.systems.get(system) else { return base };
        if concern.anew {
            base.outcome = ANEW;
        } else if !concern.verdicts.is_empty() {
            base.classes = Classes::new(numbers.iter().map(|&number| concern.classes.of(number).unwrap_or(0)).collect());
            if base.classes.all().next().is_some() {
                let findings = concern.findings(base.classes.all());
                base.outcome = self.note(findings);
            }
        }
        base
    }

    fn list(&mut self, at: u32, base: &Base, changes: &Changes<'_>) {
        let mut outcome = base.outcome;
        if let Some(concern) = self.systems.get(base.system).filter(|concern| !concern.verdicts.is_empty()) {
            let (mut gone, mut come) = std::mem::take(&mut self.moved);
            gone.clear();
            come.clear();
            changes.each(|place| gone.extend(base.classes.of(place)), |number| come.extend(concern.classes.of(number)));
            cancel(&mut gone, &mut come);
            if !gone.is_empty() || !come.is_empty() {
                outcome = self.changed(base, &mut gone, &mut come);
            }
            self.moved = (gone, come);
        }
        if let Some(of) = usize::try_from(at).ok().and_then(|at| self.of.get_mut(at)) {
            *of = outcome;
        }
    }
}

/// Takes out of both lists what is in both: another version of a package mostly means the same.
fn cancel(gone: &mut Vec<u32>, come: &mut Vec<u32>) {
    gone.retain(|class| match come.iter().position(|there| there == class) {
        Some(at) => {
            come.swap_remove(at);
            false
        }
        None => true,
    });
}
