//! Rules turned inside out: from a package to the patches that speak of it.

mod windows;

use crate::catalog::Entry;
use crate::software::PackageText;
use fettle_model::finding::Findings;
use fettle_model::ids::PatchNo;
use fettle_model::os::ReleaseKey;
use fettle_model::rule::{BinaryVersion, PackageRule};
use fettle_model::version::Scheme;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use windows::WindowsRules;

/// The rules of one release. A patch is meant by its place among the release's patches, which ascend by number.
#[derive(Debug)]
pub(crate) struct ReleaseRules {
    /// Filled up to a multiple of 64, which is how many a word of marks speaks of.
    numbers: Vec<PatchNo>,
    len: usize,
    /// A bit per place: having the patch makes no finding.
    baseline: Vec<u64>,
    /// By package name; one ladder for each architecture that rules name with it.
    binaries: HashMap<Box<str>, Vec<(Box<str>, Ladder)>>,
    /// By source package name.
    sources: HashMap<Box<str>, Ladder>,
    /// How versions of packages compare.
    scheme: Scheme,
    windows: WindowsRules,
}

/// Fixed versions of one package, ascending, and the patches they belong to. What a version has not reached
/// is the end of the ladder from some step on.
#[derive(Debug, Default)]
struct Ladder {
    /// Sort keys, one behind the other.
    keys: Vec<u8>,
    /// Where each key ends.
    ends: Vec<u32>,
    patches: Vec<u32>,
}

/// What the rules of a release say of one package. Both ascending; no patch is in both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Verdict {
    /// Patches the package is too old for.
    pub(crate) below: Vec<u32>,
    /// Patches the package is new enough for.
    pub(crate) reached: Vec<u32>,
}

/// Where the rules of all releases of Windows are: applications are the same on each.
pub(crate) fn windows_key() -> ReleaseKey {
    ReleaseKey("windows".to_owned())
}

/// Whether an entry of a rule speaks of a package with this name and architecture, on a machine whose own
/// architecture is `native`.
pub(crate) fn fits(entry_architecture: &str, package_architecture: &str, native: &str) -> bool {
    is_independent(entry_architecture)
        || entry_architecture == package_architecture
        || (is_independent(package_architecture) && entry_architecture == native)
}

fn is_independent(architecture: &str) -> bool {
    matches!(architecture, "all" | "noarch")
}

/// Rules on their way into ladders: sort key and patch.
type Steps = Vec<(Vec<u8>, u32)>;

/// The rules of one release while they are collected.
#[derive(Default)]
struct Collected<'a> {
    numbers: Vec<PatchNo>,
    baseline: Vec<u64>,
    binaries: HashMap<&'a str, BTreeMap<&'a str, Steps>>,
    sources: HashMap<&'a str, Steps>,
    scheme: Option<Scheme>,
    windows: windows::Collected,
}

impl ReleaseRules {
    /// Sorts the rules of enabled patches, which ascend by number, by release. Fixed versions that are no
    /// versions judge nothing.
    pub(crate) fn by_release<'a>(entries: impl IntoIterator<Item = &'a Arc<Entry>>) -> BTreeMap<ReleaseKey, Self> {
        let mut releases: BTreeMap<Cow<'a, ReleaseKey>, Collected<'a>> = BTreeMap::new();
        for entry in entries.into_iter().filter(|entry| entry.patch.enabled) {
            match entry.patch.rule.packages() {
                Some(rule) => releases.entry(Cow::Borrowed(rule.release)).or_default().add_packages(entry, rule),
                None => releases.entry(Cow::Owned(windows_key())).or_default().add_windows(entry),
            }
        }
        releases.into_iter().map(|(release, rules)| (release.into_owned(), rules.finish())).collect()
    }

    /// How many patches there are; places are below it.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether any rule could speak of this package.
    pub(crate) fn speak_of(&self, package: PackageText<'_>) -> bool {
        self.binaries.contains_key(package.name) || self.sources.contains_key(package.source) || self.windows.speak_of(package)
    }

    /// Whether what is said of a patch depends on what other patches there are.
    pub(crate) fn are_entangled(&self) -> bool {
        self.windows.has_applications()
    }

    /// Judges one package that is present, on a machine whose own architecture is `native`.
    ///
    /// A package whose version cannot be read is neither old nor new enough for anything. It still has its
    /// binary entries, so that its source is not asked in their place. Of several entries for one patch one
    /// that is below is enough.
    pub(crate) fn judge(&self, package: PackageText<'_>, native: &str) -> Verdict {
        let mut verdict = Verdict::default();
        if !self.windows.is_empty() {
            self.windows.judge(package, &mut verdict);
            verdict.finish();
            return verdict;
        }
        let mut by_binary = Vec::new();
        let key = self.scheme.sort_key(package.version);
        let ladders = self.binaries.get(package.name).into_iter().flatten();
        for (_, ladder) in ladders.filter(|(architecture, _)| fits(architecture, package.architecture, native)) {
            by_binary.extend_from_slice(&ladder.patches);
            if let Some(key) = &key {
                let (reached, below) = ladder.split(key);
                verdict.below.extend_from_slice(below);
                verdict.reached.extend_from_slice(reached);
            }
        }
        if let Some(ladder) = self.sources.get(package.source)
            && let Some(key) = self.scheme.sort_key(package.source_version)
        {
            by_binary.sort_unstable();
            let others = |patch: &&u32| by_binary.binary_search(patch).is_err();
            let (reached, below) = ladder.split(&key);
            verdict.below.extend(below.iter().filter(others));
            verdict.reached.extend(reached.iter().filter(others));
        }
        verdict.finish();
        verdict
    }

    /// The number of the patch at a place.
    pub(crate) fn number(&self, place: u32) -> Option<PatchNo> {
        self.numbers.get(usize::try_from(place).ok()?).copied()
    }

    /// Whether having the patch at a place makes no finding.
    pub(crate) fn is_baseline(&self, place: u32) -> bool {
        let word = usize::try_from(place / 64).ok().and_then(|at| self.baseline.get(at));
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// The findings that marks stand for.
    pub(crate) fn findings(&self, marks: &Marks) -> Findings {
        let (mut missing, mut installed) = (0, 0);
        for (&(below, reached), baseline) in marks.words.iter().zip(&self.baseline) {
            missing += below.count_ones();
            installed += (reached & !below & !baseline).count_ones();
        }
        let (mut missing, mut installed) = (Filling::new(missing), Filling::new(installed));
        let (chunks, _) = self.numbers.as_chunks();
        for ((&(below, reached), baseline), numbers) in marks.words.iter().zip(&self.baseline).zip(chunks) {
            // Few patches are missing and many are installed: most words of the first kind are empty.
            if below != 0 {
                missing.push(below, numbers);
            }
            installed.push(reached & !below & !baseline, numbers);
        }
        Findings { missing: missing.finish(), installed: installed.finish() }
    }
}

/// A list that is filled from the bits of words. There are many words with one or two bits each, so that a loop
/// over the bits would be mispredicted at nearly every word: four bits are always taken, and what was not a
/// bit is overwritten by the next.
struct Filling {
    list: Vec<PatchNo>,
    filled: usize,
}

const TAKEN: usize = 4;

impl Filling {
    fn new(bits: u32) -> Self {
        Self { list: vec![PatchNo(0); usize::try_from(bits).unwrap_or(0) + TAKEN], filled: 0 }
    }

    #[inline]
    fn push(&mut self, mut word: u64, numbers: &[PatchNo; 64]) {
        loop {
            let bits = usize::try_from(word.count_ones()).unwrap_or(0);
            let Some(free) = self.list.get_mut(self.filled..).and_then(<[PatchNo]>::first_chunk_mut::<TAKEN>) else { return };
            for place in free {
                let bit = usize::try_from(word.trailing_zeros()).unwrap_or(0) % 64;
                *place = numbers[bit];
                word &= word.wrapping_sub(1);
            }
            self.filled += bits.min(TAKEN);
            if bits <= TAKEN {
                return;
            }
        }
    }

    fn finish(mut self) -> Vec<PatchNo> {
        self.list.truncate(self.filled);
        self.list
    }
}

impl<'a> Collected<'a> {
    /// Rules of a release have one scheme; those of another judge nothing.
    fn add_packages(&mut self, entry: &Entry, rule: PackageRule<'a>) {
        let scheme = *self.scheme.get_or_insert(rule.scheme);
        let patch = self.add(entry);
        if scheme != rule.scheme {
            return;
        }
        for BinaryVersion { name, architecture, version } in rule.binaries {
            if let Some(key) = scheme.sort_key(version) {
                self.binaries.entry(name).or_default().entry(architecture).or_default().push((key, patch));
            }
        }
        for source in rule.sources {
            if let Some(key) = scheme.sort_key(&source.version) {
                self.sources.entry(&source.name).or_default().push((key, patch));
            }
        }
    }

    fn add_windows(&mut self, entry: &Entry) {
        let patch = self.add(entry);
        self.windows.add(entry, patch);
    }

    fn add(&mut self, entry: &Entry) -> u32 {
        let place = self.numbers.len();
        self.numbers.push(entry.no);
        if place.is_multiple_of(64) {
            self.baseline.push(0);
        }
        if let Some(word) = self.baseline.last_mut() {
            *word |= u64::from(entry.patch.baseline) << (place % 64);
        }
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    fn finish(self) -> ReleaseRules {
        let by_architecture = |(name, ladders): (&str, BTreeMap<&str, Steps>)| {
            (name.into(), ladders.into_iter().map(|(architecture, steps)| (architecture.into(), Ladder::of(steps))).collect())
        };
        let len = self.numbers.len();
        let mut numbers = self.numbers;
        numbers.resize(len.next_multiple_of(64), PatchNo(0));
        ReleaseRules {
            numbers,
            len,
            baseline: self.baseline,
            binaries: self.binaries.into_iter().map(by_architecture).collect(),
            sources: self.sources.into_iter().map(|(name, steps)| (name.into(), Ladder::of(steps))).collect(),
            scheme: self.scheme.unwrap_or(Scheme::Dpkg),
            windows: self.windows.finish(),
        }
    }
}

impl Ladder {
    fn of(mut steps: Steps) -> Self {
        steps.sort_unstable();
        let mut ladder = Self::default();
        for (key, patch) in steps {
            ladder.keys.extend_from_slice(&key);
            ladder.ends.push(u32::try_from(ladder.keys.len()).unwrap_or(u32::MAX));
            ladder.patches.push(patch);
        }
        ladder
    }

    fn key(&self, step: usize) -> &[u8] {
        let end = |step: usize| self.ends.get(step).and_then(|&end| usize::try_from(end).ok()).unwrap_or(0);
        self.keys.get(step.checked_sub(1).map_or(0, end)..end(step)).unwrap_or_default()
    }

    /// The patches a version has reached, and those it has not.
    fn split(&self, version: &[u8]) -> (&[u32], &[u32]) {
        let (mut low, mut high) = (0, self.patches.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle) <= version {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.patches.split_at_checked(low).unwrap_or_default()
    }
}

impl Verdict {
    fn finish(&mut self) {
        for list in [&mut self.below, &mut self.reached] {
            list.sort_unstable();
            list.dedup();
        }
        let below = &self.below;
        self.reached.retain(|patch| below.binary_search(patch).is_err());
    }
}

/// What the packages of an asset say of a release's patches together: being below once counts.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// For every 64 places: below, and reached.
    words: Vec<(u64, u64)>,
}

impl Marks {
    /// No marks on so many patches.
    pub(crate) fn new(patches: usize) -> Self {
        Self { words: vec![(0, 0); patches.div_ceil(64)] }
    }

    #[inline]
    pub(crate) fn below(&mut self, patch: u32) {
        if let Some((below, _)) = self.word(patch) {
            *below |= 1 << (patch % 64);
        }
    }

    #[inline]
    pub(crate) fn reached(&mut self, patch: u32) {
        if let Some((_, reached)) = self.word(patch) {
            *reached |= 1 << (patch % 64);
        }
    }

    #[inline]
    fn word(&mut self, patch: u32) -> Option<&mut (u64, u64)> {
        self.words.get_mut(usize::try_from(patch / 64).ok()?)
    }
}
