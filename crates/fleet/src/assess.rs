//! Deciding the findings of an asset.

use crate::catalog::Catalog;
use crate::rules::{Marks, ReleaseRules, Verdict};
use crate::software::{Numbered, PackageText, Packages, SoftwareList, SoftwareTable, System, SystemKey, present, windows};
use fettle_model::finding::Findings;
use fettle_model::inventory::Inventory;
use fettle_model::os::{OperatingSystem, Platform, ReleaseKey};
use fettle_model::version::Scheme;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, PoisonError, RwLock};

/// What assessment makes of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessment {
    /// The findings.
    Findings(Findings),
    /// This operating system cannot be assessed.
    Unsupported {
        /// Why, and what to do, for people.
        why: String,
    },
}

/// Assesses inventories with one catalog. Packages are numbers in a table that is shared with other assessors
/// of the fleet; what was decided about each is remembered, since the machines of a fleet have most packages
/// in common. Shared between threads.
#[derive(Debug)]
pub struct Assessor {
    catalog: Arc<Catalog>,
    software: Arc<SoftwareTable>,
    /// By kind of system.
    memories: RwLock<HashMap<u16, Arc<RwLock<Memory>>>>,
}

impl Assessor {
    /// An assessor for `catalog` with a table of packages of its own.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self::with(catalog, Arc::default())
    }

    /// An assessor for `catalog` that knows packages from `software`.
    #[must_use]
    pub fn with(catalog: Arc<Catalog>, software: Arc<SoftwareTable>) -> Self {
        Self { catalog, software, memories: RwLock::default() }
    }

    /// The catalog it assesses with.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The table it knows packages from.
    #[must_use]
    pub fn software(&self) -> &Arc<SoftwareTable> {
        &self.software
    }

    /// Decides the findings of an inventory. Packages that are not present do not count; held ones do.
    #[must_use]
    pub fn assess(&self, inventory: &Inventory) -> Assessment {
        self.take(inventory, |_| ()).0
    }

    /// Decides the findings of an inventory, and keeps its list of packages: it can be assessed again without
    /// the inventory. There is no list when the table has no room for it.
    #[must_use]
    pub fn assess_and_keep(&self, inventory: &Inventory) -> (Assessment, Option<SoftwareList>) {
        let (assessment, list) = self.take(inventory, |numbered| self.software.keep(numbered));
        (assessment, list.flatten())
    }

    fn take<R>(&self, inventory: &Inventory, then: impl FnOnce(Numbered) -> R) -> (Assessment, Option<R>) {
        let numbered = self.software.numbers(inventory);
        let findings = match (assessable(&self.catalog, &inventory.os), &numbered) {
            (Err(why), _) => Err(why),
            (Ok((_, rules)), Some(numbered)) => Ok(self.judge(rules, &numbered.system, &numbered.numbers)),
            (Ok((_, rules)), None) => Ok(judge_each(rules, inventory)),
        };
        let assessment = findings.map_or_else(|why| Assessment::Unsupported { why }, Assessment::Findings);
        (assessment, numbered.map(then))
    }

    /// Decides the findings of a list of packages that was kept. `None` when its system cannot be assessed with
    /// this catalog (the inventory tells why), and for lists of another table.
    #[must_use]
    pub fn reassess(&self, list: &SoftwareList) -> Option<Findings> {
        let Numbered { system, numbers } = self.software.read(list)?;
        let rules = assessable_key(&self.catalog, &system)?;
        Some(self.judge(rules, &system, &numbers))
    }

    fn judge(&self, rules: &ReleaseRules, system: &System, numbers: &[u32]) -> Findings {
        let memory = self.memory(system.no);
        let mut marks = Marks::new(rules.len());
        // A poisoned lock holds verdicts that are each complete, so they stay usable.
        let unknown = memory.read().unwrap_or_else(PoisonError::into_inner).mark(numbers, &mut marks);
        if !unknown.is_empty() {
            let packages = system.packages();
            let mut memory = memory.write().unwrap_or_else(PoisonError::into_inner);
            memory.learn(&unknown, rules, &packages, &system.key.native);
            memory.mark(&unknown, &mut marks);
        }
        rules.findings(&marks)
    }

    pub(crate) fn memory(&self, system: u16) -> Arc<RwLock<Memory>> {
        if let Some(memory) = self.memories.read().unwrap_or_else(PoisonError::into_inner).get(&system) {
            return Arc::clone(memory);
        }
        Arc::clone(self.memories.write().unwrap_or_else(PoisonError::into_inner).entry(system).or_default())
    }
}

/// What was decided about the packages of one kind of system.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// By package number: where its verdict starts.
    starts: Vec<u32>,
    /// Verdicts, each once: how many patches the package is below, how many it has reached, and these patches.
    verdicts: Vec<u32>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// Stands for a package that was not judged yet.
const UNKNOWN: u32 = u32::MAX;

impl Memory {
    /// Marks what is known of these packages, and returns those of which nothing is.
    pub(crate) fn mark(&self, numbers: &[u32], marks: &mut Marks) -> Vec<u32> {
        let mut unknown = Vec::new();
        let mut last = UNKNOWN;
        for &number in numbers {
            let start = self.start(number);
            if start == UNKNOWN {
                unknown.push(number);
            } else if start != last {
                // Packages of one source lie together and mostly have one verdict.
                last = start;
                let (below, reached) = self.verdict(start);
                below.iter().for_each(|&patch| marks.below(patch));
                reached.iter().for_each(|&patch| marks.reached(patch));
            }
        }
        unknown
    }

    #[inline]
    fn verdict(&self, start: u32) -> (&[u32], &[u32]) {
        let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let Some(&[below, reached, ref patches @ ..]) = self.verdicts.get(at(start)..) else { return Default::default() };
        let (below, rest) = patches.split_at_checked(at(below)).unwrap_or_default();
        (below, rest.get(..at(reached)).unwrap_or_default())
    }

    /// Those of these packages of which nothing is known.
    pub(crate) fn unknown(&self, numbers: &[u32]) -> Vec<u32> {
        numbers.iter().copied().filter(|&number| self.start(number) == UNKNOWN).collect()
    }

    /// Patches a package is below, and patches it has reached; `None` when it was not judged yet.
    #[inline]
    pub(crate) fn verdict_of(&self, number: u32) -> Option<(&[u32], &[u32])> {
        Some(self.start(number)).filter(|&start| start != UNKNOWN).map(|start| self.verdict(start))
    }

    #[inline]
    fn start(&self, number: u32) -> u32 {
        usize::try_from(number).ok().and_then(|at| self.starts.get(at)).copied().unwrap_or(UNKNOWN)
    }

    /// Judges packages.
    pub(crate) fn learn(&mut self, numbers: &[u32], rules: &ReleaseRules, packages: &Packages, native: &str) {
        for &number in numbers {
            let (Ok(at), Some(package)) = (usize::try_from(number), packages.get(number)) else { continue };
            if self.starts.len() <= at {
                self.starts.resize(at + 1, UNKNOWN);
            }
            let start = self.keep(&rules.judge(package, native));
            if let Some(place) = self.starts.get_mut(at) {
                *place = start;
            }
        }
    }

    fn keep(&mut self, verdict: &Verdict) -> u32 {
        let hash = self.hasher.hash_one((&verdict.below, &verdict.reached));
        let is_it = |&start: &u32| self.verdict(start) == (verdict.below.as_slice(), verdict.reached.as_slice());
        if let Some(&start) = self.places.find(hash, is_it) {
            return start;
        }
        let place = |len: usize| u32::try_from(len).unwrap_or(UNKNOWN);
        let start = place(self.verdicts.len());
        self.verdicts.extend([place(verdict.below.len()), place(verdict.reached.len())]);
        self.verdicts.extend(&verdict.below);
        self.verdicts.extend(&verdict.reached);
        let mut places = std::mem::take(&mut self.places);
        places.insert_unique(hash, start, |&start| {
            let (below, reached) = self.verdict(start);
            self.hasher.hash_one((below, reached))
        });
        self.places = places;
        start
    }
}

/// Judges packages that cannot be numbered, one by one.
fn judge_each(rules: &ReleaseRules, inventory: &Inventory) -> Findings {
    let mut marks = Marks::new(rules.len());
    let texts = windows::Texts::of(inventory);
    for package in present(inventory).map(PackageText::from).chain(texts.entries(inventory)) {
        let verdict = rules.judge(package, &inventory.os.architecture);
        verdict.below.iter().for_each(|&patch| marks.below(patch));
        verdict.reached.iter().for_each(|&patch| marks.reached(patch));
    }
    rules.findings(&marks)
}

/// The rules for a system, or why it cannot be assessed.
pub(crate) fn assessable<'a>(catalog: &'a Catalog, os: &OperatingSystem) -> Result<(ReleaseKey, &'a ReleaseRules), String> {
    if os.platform == Platform::Windows && is_evaluation(&os.name) {
        return Err(format!("{} is an evaluation edition; it is assessed once it is upgraded to a full one", os.name));
    }
    let Some(release) = os.release() else {
        let why = match (os.platform, os.packages()) {
            (Platform::Windows, _) => "is no release of Windows that this server knows",
            (_, Some(Scheme::Rpm)) => "does not name its release (VERSION_ID in os-release)",
            _ => "does not name its release (VERSION_CODENAME in os-release)",
        };
        return Err(format!("{} {why}", named(&os.name, "the system")));
    };
    let key = SystemKey { platform: os.platform, release: Some(release.clone()), native: String::new() };
    match key.rules().and_then(|key| catalog.rules(&key)) {
        Some(rules) => Ok((release, rules)),
        None => Err(format!("no feed of this server covers {release}; add one and synchronise the catalog")),
    }
}

/// [`assessable`] for a kind of system.
pub(crate) fn assessable_key<'a>(catalog: &'a Catalog, system: &System) -> Option<&'a ReleaseRules> {
    catalog.rules(&system.key.rules()?)
}

/// Evaluation editions say so in their name, in every language.
fn is_evaluation(name: &str) -> bool {
    name.to_lowercase().contains("evaluation")
}

fn named<'a>(name: &'a str, otherwise: &'a str) -> &'a str {
    if name.is_empty() { otherwise } else { name }
}
