//! The catalog in memory.

use crate::packages;
use crate::patches::{Columns, Facts, IdOrder, Memo, Numbering};
use crate::rules::ReleaseRules;
use crate::supersedence::{BrokenEdge, Graph};
use fettle_model::finding::{FindingCounts, Findings};
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::inventory::Inventory;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use fettle_model::rule::BinaryVersion;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// All patches of one catalog generation, with what follows from them together.
#[derive(Debug, Default)]
pub struct Catalog {
    generation: u64,
    scores: u64,
    pub(crate) numbering: Arc<Numbering>,
    /// By place.
    entries: Vec<Arc<Entry>>,
    /// By place. Kept apart because every finding of every asset asks for them.
    facts: Vec<Facts>,
    by_id: HashMap<PatchId, usize>,
    rules: BTreeMap<ReleaseKey, ReleaseRules>,
    broken: Vec<BrokenEdge>,
    pub(crate) ids: IdOrder,
    pub(crate) columns: Columns,
    pub(crate) memo: Memo,
}

/// One patch and its place among the others.
#[derive(Debug)]
pub struct Entry {
    /// Its number in findings.
    pub no: PatchNo,
    /// The record.
    pub patch: Patch,
    /// An enabled patch replaces it, directly or over others.
    pub superseded: bool,
    /// Patches that replace it directly, ascending; some may be switched off.
    pub superseded_by: Vec<PatchNo>,
    /// Patches it replaces directly and that the catalog knows, ascending.
    pub supersedes: Vec<PatchNo>,
    /// Articles of updates of Windows that replace it, directly or over others: a system with one of them has it.
    pub(crate) replaced_by_articles: Vec<String>,
}

impl Catalog {
    /// Builds the catalog of `generation`. Of two records with one number the later counts,
    /// of two with one id that with the greater number.
    #[must_use]
    pub fn build(generation: u64, patches: Vec<(PatchNo, Patch)>) -> Self {
        let by_no: BTreeMap<PatchNo, Patch> = patches.into_iter().collect();
        let ids: HashMap<&PatchId, PatchNo> = by_no.iter().map(|(&no, patch)| (&patch.id, no)).collect();
        let last: HashSet<PatchNo> = ids.into_values().collect();
        let mut patches: Vec<(PatchNo, Patch)> = by_no.into_iter().collect();
        patches.retain(|(no, _)| last.contains(no));
        let graph = Graph::build(&patches);
        let numbers: Vec<PatchNo> = patches.iter().map(|(no, _)| *no).collect();
        let number = |positions: &[usize]| positions.iter().map(|&at| numbers[at]).collect::<Vec<_>>();
        let mut articles = graph.articles(&patches);
        let entries: Vec<Arc<Entry>> = patches
            .into_iter()
            .enumerate()
            .map(|(at, (no, patch))| {
                Arc::new(Entry {
                    no,
                    patch,
                    superseded: graph.superseded[at],
                    superseded_by: number(&graph.superseded_by[at]),
                    supersedes: number(&graph.supersedes[at]),
                    replaced_by_articles: std::mem::take(&mut articles[at]),
                })
            })
            .collect();
        let by_id = entries.iter().enumerate().map(|(at, entry)| (entry.patch.id.clone(), at)).collect();
        let rules = ReleaseRules::by_release(&entries);
        let facts = entries.iter().map(|entry| Facts::of(&entry.patch, entry.superseded)).collect();
        let numbering = Arc::new(Numbering::of(numbers));
        let ids = IdOrder::of(&entries);
        let mut catalog = Self { generation, numbering, entries, facts, by_id, rules, broken: graph.broken, ids, ..Self::default() };
        catalog.columns = Columns::build(&catalog);
        catalog
    }

    /// Grows with every change of the catalog.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The same catalog, whose patches have scores of the generation `scores`.
    #[must_use]
    pub fn scored(self, scores: u64) -> Self {
        Self { scores, ..self }
    }

    /// Generation of what patches' scores were made of. It grows apart from the catalog's: scores decide what is urgent,
    /// and never what an asset misses.
    #[must_use]
    pub fn scores(&self) -> u64 {
        self.scores
    }

    /// How many patches there are, switched off ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no patch at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The patch with this number.
    #[must_use]
    pub fn get(&self, no: PatchNo) -> Option<&Arc<Entry>> {
        self.entries.get(self.numbering.place(no)?)
    }

    /// The patch with this id.
    #[must_use]
    pub fn by_id(&self, id: &PatchId) -> Option<&Arc<Entry>> {
        self.entries.get(*self.by_id.get(id)?)
    }

    /// All patches, ascending by number.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// The same, by place.
    pub(crate) fn all(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Claims of supersedence that were ignored because they closed a cycle, ordered. For operators.
    #[must_use]
    pub fn broken_edges(&self) -> &[BrokenEdge] {
        &self.broken
    }

    /// Releases that enabled patches speak of, ascending. Assets of other releases cannot be assessed.
    pub fn releases(&self) -> impl Iterator<Item = &ReleaseKey> {
        self.rules.keys()
    }

    /// The counters of these findings. Numbers the catalog does not know count as plain patches that
    /// nothing supersedes.
    #[must_use]
    pub fn counts(&self, findings: &Findings) -> FindingCounts {
        let size = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let mut counts =
            FindingCounts { missing: size(findings.missing.len()), installed: size(findings.installed.len()), ..Default::default() };
        for facts in findings.missing.iter().map(|&no| self.facts(no)) {
            if let Some(count) = counts.missing_by_severity.get_mut(facts.severity as usize) {
                *count += 1;
            }
            counts.missing_security += u32::from(facts.security);
            if !facts.superseded {
                counts.latest_missing += 1;
                counts.latest_missing_security += u32::from(facts.security);
                counts.risk = counts.risk.saturating_add(facts.weight);
            }
        }
        let latest = findings.installed.iter().filter(|&&no| !self.facts(no).superseded);
        counts.latest_installed = size(latest.count());
        counts
    }

    /// What to install on the machine of `inventory` so that it no longer misses this patch: every package
    /// it has that is below the patch's version. Empty when it is not missing, and when only the version of
    /// its source package is known.
    #[must_use]
    pub fn missing_packages(&self, no: PatchNo, inventory: &Inventory) -> Vec<BinaryVersion> {
        self.get(no).map_or_else(Vec::new, |entry| packages::missing(&entry.patch, inventory))
    }

    /// What to install on the machine of `inventory` to take this patch back, as far as the catalog knows
    /// earlier versions. Empty when the patch has no rollback or nothing of it is there.
    #[must_use]
    pub fn rollback_packages(&self, no: PatchNo, inventory: &Inventory) -> Vec<BinaryVersion> {
        self.get(no).map_or_else(Vec::new, |entry| packages::rollback(&entry.patch, inventory))
    }

    /// What counters ask of a patch. A number the catalog does not know is a plain patch.
    pub(crate) fn facts(&self, no: PatchNo) -> Facts {
        self.numbering.place(no).and_then(|place| self.facts.get(place)).copied().unwrap_or(Facts::UNKNOWN)
    }

    /// The rules for a release.
    pub(crate) fn rules(&self, release: &ReleaseKey) -> Option<&ReleaseRules> {
        self.rules.get(release)
    }
}
