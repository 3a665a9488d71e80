//! Texts that repeat over the fleet, each with a number.
//!
//! Operating systems, versions, models: a fleet has some thousands of them, whatever its size. Rows hold
//! numbers, and a query looks at each text once. Numbers of texts that nobody uses any more are given out
//! again, so that agents that invent texts cannot fill the memory.

use super::chunks::Chunks;
use fettle_model::asset::ScanStatus;
use fettle_model::ids::TagId;
use fettle_model::os::Platform;
use fettle_model::version::DpkgVersion;
use fettle_query::text::fold;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Stands for "no value".
pub(crate) const NONE: u32 = u32::MAX;

/// A set of values by which rows are kept apart: per segment and value there is a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    OsName,
    OsVersion,
    OsBuild,
    Release,
    Architecture,
    AgentVersion,
    Manufacturer,
    Model,
    Cpu,
    /// Numbers are places in the registry's list.
    Platform,
    /// Numbers are places in the registry's list.
    ScanStatus,
    /// One number, for "yes".
    AssessOnly,
    /// One number, for "yes".
    RebootPending,
    /// Tags the asset carries itself. A row may have several.
    Tag,
    /// Tags above those it carries. A row may have several.
    TagAbove,
}

/// Categories whose values are texts; they come first.
pub(crate) const TEXTS: usize = 9;
/// Categories with at most one value per row.
pub(crate) const SINGLE: usize = 13;
/// All categories.
pub(crate) const CATEGORIES: usize = 15;
/// The number for "yes".
pub(crate) const YES: u32 = 0;

/// One text.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) text: Box<str>,
    /// As queries compare it.
    pub(crate) folded: Box<str>,
    /// The text as a version, if it is one.
    pub(crate) version: Option<DpkgVersion>,
}

impl Term {
    fn new(text: &str) -> Self {
        Self { text: text.into(), folded: fold(text).into(), version: DpkgVersion::parse(text).ok() }
    }
}

/// Texts and tags by number. Belongs to one version of the fleet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dictionary {
    texts: [Chunks<Option<Arc<Term>>, 64>; TEXTS],
    tags: Chunks<Option<TagId>, 64>,
}

impl Dictionary {
    /// The text with this number.
    pub(crate) fn term(&self, category: Category, number: u32) -> Option<&Arc<Term>> {
        self.texts.get(category as usize)?.get(usize::try_from(number).ok()?)?.as_ref()
    }

    /// All texts of a category with their numbers.
    pub(crate) fn terms(&self, category: Category) -> impl Iterator<Item = (u32, &Arc<Term>)> {
        let terms = self.texts.get(category as usize).into_iter().flat_map(Chunks::iter);
        (0..).zip(terms).filter_map(|(number, term)| Some((number, term.as_ref()?)))
    }

    /// All places for texts of a category in order; `None` for a free one.
    pub(crate) fn slots(&self, category: usize) -> impl Iterator<Item = Option<&str>> {
        self.texts.get(category).into_iter().flat_map(Chunks::iter).map(|term| term.as_ref().map(|term| &*term.text))
    }

    /// All places for tags in order.
    pub(crate) fn tag_slots(&self) -> impl Iterator<Item = Option<TagId>> {
        self.tags.iter().copied()
    }

    /// How many numbers of a category were ever given out. Those of choices are places in the registry's lists.
    pub(crate) fn len(&self, category: usize) -> usize {
        const PLATFORM: usize = Category::Platform as usize;
        const STATUS: usize = Category::ScanStatus as usize;
        const FLAGS: [usize; 2] = [Category::AssessOnly as usize, Category::RebootPending as usize];
        match category {
            PLATFORM => Platform::ALL.len(),
            STATUS => ScanStatus::ALL.len(),
            flag if FLAGS.contains(&flag) => 1,
            text if text < TEXTS => self.texts.get(text).map_or(0, Chunks::len),
            _ => self.tags.len(),
        }
    }

    /// Whether a number of a category means something.
    pub(crate) fn has(&self, category: usize, number: u32) -> bool {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        match self.texts.get(category) {
            Some(terms) => terms.get(at).is_some_and(Option::is_some),
            None if category < SINGLE => at < self.len(category),
            None => self.tag(number).is_some(),
        }
    }

    /// Appends a place with a text, or a free one, to those of a category.
    pub(crate) fn push_text(&mut self, category: usize, text: Option<&str>) {
        if let Some(texts) = self.texts.get_mut(category) {
            texts.push(text.map(|text| Arc::new(Term::new(text))));
        }
    }

    /// Appends a place for a tag.
    pub(crate) fn push_tag(&mut self, tag: Option<TagId>) {
        self.tags.push(tag);
    }

    /// The tag with this number.
    pub(crate) fn tag(&self, number: u32) -> Option<TagId> {
        *self.tags.get(usize::try_from(number).ok()?)?
    }

    /// All tags that assets carry or carried, and those above them, with their numbers.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (u32, TagId)> {
        (0..).zip(self.tags.iter()).filter_map(|(number, tag)| Some((number, (*tag)?)))
    }
}

/// Texts fewer than this are never looked through for unused ones.
const SWEEP_AT_LEAST: usize = 4_096;

/// The way from texts to numbers, for the writer alone.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    texts: [Book<Arc<str>>; TEXTS],
    tags: Book<TagId>,
}

#[derive(Debug)]
struct Book<K> {
    numbers: HashMap<K, u32>,
    free: Vec<u32>,
    /// When there are more than this, unused ones are looked for.
    sweep_at: usize,
}

impl<K> Default for Book<K> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), free: Vec::new(), sweep_at: SWEEP_AT_LEAST }
    }
}

impl<K: std::hash::Hash + Eq> Book<K> {
    /// Gives out a number. `fill` puts the value into its slot.
    fn add<T: Clone, const N: usize>(&mut self, key: K, slots: &mut Chunks<Option<T>, N>, value: T) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            slots.push(None);
            u32::try_from(slots.len() - 1).unwrap_or(NONE)
        });
        if let Some(slot) = usize::try_from(number).ok().and_then(|at| slots.get_mut(at)) {
            *slot = Some(value);
        }
        self.numbers.insert(key, number);
        number
    }

    fn is_crowded(&self) -> bool {
        self.numbers.len() >= self.sweep_at
    }

    fn sweep<T: Clone, const N: usize>(&mut self, slots: &mut Chunks<Option<T>, N>, used: &HashSet<u32>) {
        self.numbers.retain(|_, number| {
            let keep = used.contains(number);
            if !keep {
                self.free.push(*number);
                if let Some(slot) = usize::try_from(*number).ok().and_then(|at| slots.get_mut(at)) {
                    *slot = None;
                }
            }
            keep
        });
        self.sweep_at = (2 * self.numbers.len()).max(SWEEP_AT_LEAST);
    }
}

impl Numbers {
    /// The numbers of a dictionary.
    pub(crate) fn of(dictionary: &Dictionary) -> Self {
        let mut numbers = Self::default();
        for (book, terms) in numbers.texts.iter_mut().zip(&dictionary.texts) {
            for (number, term) in (0..).zip(terms.iter()) {
                match term {
                    Some(term) => drop(book.numbers.insert(Arc::from(&*term.text), number)),
                    None => book.free.push(number),
                }
            }
        }
        for (number, tag) in (0..).zip(dictionary.tags.iter()) {
            match tag {
                Some(tag) => drop(numbers.tags.numbers.insert(*tag, number)),
                None => numbers.tags.free.push(number),
            }
        }
        numbers
    }

    /// The number of a text, a new one if it has none; [`NONE`] for the empty text.
    pub(crate) fn text(&mut self, dictionary: &mut Arc<Dictionary>, category: Category, text: &str) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        let Some(book) = self.texts.get_mut(category as usize) else { return NONE };
        if let Some(&number) = book.numbers.get(text) {
            return number;
        }
        let Some(slots) = Arc::make_mut(dictionary).texts.get_mut(category as usize) else { return NONE };
        book.add(Arc::from(text), slots, Arc::new(Term::new(text)))
    }

    /// The number of a tag, a new one if it has none.
    pub(crate) fn tag(&mut self, dictionary: &mut Arc<Dictionary>, tag: TagId) -> u32 {
        match self.tags.numbers.get(&tag) {
            Some(&number) => number,
            None => self.tags.add(tag, &mut Arc::make_mut(dictionary).tags, tag),
        }
    }

    /// Lets go of what nobody uses, in categories that have grown; `used` says which numbers of a category are.
    pub(crate) fn sweep(&mut self, dictionary: &mut Arc<Dictionary>, used: impl Fn(usize) -> HashSet<u32>) {
        for (at, book) in self.texts.iter_mut().enumerate().filter(|(_, book)| book.is_crowded()) {
            if let Some(slots) = Arc::make_mut(dictionary).texts.get_mut(at) {
                book.sweep(slots, &used(at));
            }
        }
        if self.tags.is_crowded() {
            self.tags.sweep(&mut Arc::make_mut(dictionary).tags, &used(Category::Tag as usize));
        }
    }
}
