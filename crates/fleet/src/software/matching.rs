//! Which lists hold a package that a query wants.
//!
//! The query is asked once of each different package, never of each machine's packages; lists are then
//! walked as numbers. What was asked lately is kept, and brought up to date with the packages and lists
//! that have come since.

use super::{Changes, ListId, Lists, PackageText, Packages, SoftwareTable, Visitor};
use fettle_model::version::DpkgVersion;
use fettle_query::registry::{Key, SoftwareField};
use fettle_query::text::TextMatch;
use fettle_query::{Node, Test};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Queries kept with their answers: some people's screens. At a million different lists each takes some 200 KB.
const KEPT: usize = 16;

/// A set of lists, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSet(Bits);

impl ListSet {
    /// Whether a list is in it.
    #[must_use]
    pub fn contains(&self, list: ListId) -> bool {
        self.0.has(list.0)
    }

    /// How many lists are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.0.iter().map(|word| usize::try_from(word.count_ones()).unwrap_or(0)).sum()
    }

    /// Whether no list is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.0.iter().all(|&word| word == 0)
    }
}

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    #[inline]
    fn has(&self, number: u32) -> bool {
        let word = usize::try_from(number / 64).ok().and_then(|at| self.0.get(at));
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    fn set(&mut self, number: u32, wanted: bool) {
        let at = usize::try_from(number / 64).unwrap_or(usize::MAX);
        if wanted && self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        if let Some(word) = self.0.get_mut(at) {
            let bit = 1 << (number % 64);
            *word = if wanted { *word | bit } else { *word & !bit };
        }
    }
}

/// Queries asked lately, the latest last.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<VecDeque<Answer>>);

#[derive(Debug)]
struct Answer {
    node: Node,
    /// By kind of system.
    packages: Vec<Wanted>,
    /// The lists' version that `lists` was made with; `None` before the first time.
    version: Option<u64>,
    lists: Arc<ListSet>,
}

/// Packages of one kind of system that the query wants.
#[derive(Debug, Default)]
struct Wanted {
    /// Packages below this number were asked.
    asked: usize,
    those: Bits,
}

/// What the base of lists has to do with a query.
struct Base {
    system: u16,
    /// Places of wanted packages.
    places: Bits,
    count: usize,
}

impl SoftwareTable {
    /// Lists that hold a package which satisfies a condition on software. Right for every list that somebody
    /// has at the moment of the call.
    pub fn matching(&self, node: &Node) -> Arc<ListSet> {
        let mut answer = self.answers.take(node);
        answer.ask_packages(self);
        {
            let lists = self.lists();
            // Lists that came meanwhile may hold packages that came meanwhile.
            answer.ask_packages(self);
            answer.ask_lists(&lists);
        }
        let set = Arc::clone(&answer.lists);
        self.answers.keep(answer);
        set
    }
}

impl Answers {
    fn take(&self, node: &Node) -> Answer {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = answers.iter().position(|answer| answer.node == *node);
        let fresh = || Answer { node: node.clone(), packages: Vec::new(), version: None, lists: Arc::default() };
        at.and_then(|at| answers.remove(at)).unwrap_or_else(fresh)
    }

    fn keep(&self, answer: Answer) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two that asked the same at once both bring an answer.
        answers.retain(|there| there.node != answer.node);
        answers.push_back(answer);
        if answers.len() > KEPT {
            answers.pop_front();
        }
    }
}

impl Answer {
    fn ask_packages(&mut self, table: &SoftwareTable) {
        let systems = table.systems();
        self.packages.resize_with(systems.len(), Wanted::default);
        for (wanted, system) in self.packages.iter_mut().zip(systems) {
            let packages = system.packages();
            wanted.ask(&self.node, &packages);
        }
    }

    fn ask_lists(&mut self, lists: &Lists) {
        if self.version == Some(lists.version()) {
            return;
        }
        let mut set = ListSet::clone(&self.lists);
        match self.version.and_then(|version| lists.since(version)) {
            Some(new) => {
                for at in new {
                    let holds = lists.with(at, |system, numbers, changes| self.holds(&self.base(system, numbers), changes));
                    set.0.set(at, holds == Some(true));
                }
            }
            None => {
                let mut asking = Asking { answer: self, set: Bits(vec![0; lists.places().div_ceil(64)]) };
                lists.walk(&mut asking);
                set = ListSet(asking.set);
            }
        }
        self.lists = Arc::new(set);
        self.version = Some(lists.version());
    }

    fn wants(&self, system: u16, number: u32) -> bool {
        self.packages.get(usize::from(system)).is_some_and(|wanted| wanted.those.has(number))
    }

    fn base(&self, system: u16, numbers: &[u32]) -> Base {
        let mut base = Base { system, places: Bits::default(), count: 0 };
        for (place, _) in (0..).zip(numbers).filter(|&(_, &number)| self.wants(system, number)) {
            base.places.set(place, true);
            base.count += 1;
        }
        base
    }

    fn holds(&self, base: &Base, changes: &Changes<'_>) -> bool {
        let (mut gone, mut come) = (0, 0);
        changes.each(|place| gone += usize::from(base.places.has(place)), |number| come += usize::from(self.wants(base.system, number)));
        base.count + come > gone
    }
}

/// All lists on their way into an answer.
struct Asking<'a> {
    answer: &'a Answer,
    set: Bits,
}

impl Visitor for Asking<'_> {
    type Base = Base;

    fn base(&mut self, _no: u32, system: u16, numbers: &[u32]) -> Base {
        self.answer.base(system, numbers)
    }

    fn list(&mut self, at: u32, base: &Base, changes: &Changes<'_>) {
        self.set.set(at, self.answer.holds(base, changes));
    }
}

impl Wanted {
    fn ask(&mut self, node: &Node, packages: &Packages) {
        for (number, package) in packages.iter().skip(self.asked) {
            if satisfies(node, package) {
                self.those.set(number, true);
            }
        }
        self.asked = packages.len();
    }
}

/// Whether a package satisfies a condition on software; what [`fettle_query::interpret`] says of a record.
fn satisfies(node: &Node, package: PackageText<'_>) -> bool {
    match node {
        Node::Everything => true,
        Node::And(parts) => parts.iter().all(|part| satisfies(part, package)),
        Node::Or(parts) => parts.iter().any(|part| satisfies(part, package)),
        Node::Not(part) => !satisfies(part, package),
        Node::Free(text) => matches(text, package.name),
        Node::Value { field, test } => match field.key {
            Key::Software(SoftwareField::Name) => text_passes(test, package.name),
            Key::Software(SoftwareField::Publisher) => text_passes(test, package.source),
            Key::Software(SoftwareField::Version) => version_passes(test, DpkgVersion::parse(package.version).ok().as_ref()),
            // No other entity's field is asked of software, and no relation leads away from it.
            _ => false,
        },
        Node::Related { .. } => false,
    }
}

fn text_passes(test: &Test, value: &str) -> bool {
    match test {
        Test::OneOf(tests) => tests.iter().any(|test| text_passes(test, value)),
        Test::Null => value.is_empty(),
        Test::Present => !value.is_empty(),
        Test::Text(text) => !value.is_empty() && matches(text, value),
        _ => false,
    }
}

/// A text that is no version is no value.
fn version_passes(test: &Test, value: Option<&DpkgVersion>) -> bool {
    match (test, value) {
        (Test::OneOf(tests), _) => tests.iter().any(|test| version_passes(test, value)),
        (Test::Null, _) => value.is_none(),
        (Test::Present, _) => value.is_some(),
        (Test::Version(between), Some(value)) => between.contains(value),
        _ => false,
    }
}

/// Names of packages are folded already, nearly all of them.
fn matches(text: &TextMatch, value: &str) -> bool {
    let folded = value.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if folded { text.matches_folded(value) } else { text.matches(value) }
}
