//! From a condition to the patches that satisfy it.

use super::bits::Bits;
use super::columns::{Columns, Values, is_counted};
use super::numbering::Numbering;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use fettle_query::registry::{Entity, Field, Key, PatchField, fields};
use fettle_query::text::TextMatch;
use fettle_query::{Node, Test};

/// Tells how many assets miss or have a patch.
pub(crate) type Counts<'a> = &'a dyn Fn(FindingStatus, PatchNo) -> u64;

/// What a condition is evaluated over.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'a> {
    pub(crate) columns: &'a Columns,
    pub(crate) numbering: &'a Numbering,
    /// Without it no asset misses or has anything.
    pub(crate) counts: Option<Counts<'a>>,
}

/// Whether an answer depends on numbers of assets.
pub(crate) fn depends_on_counts(node: &Node) -> bool {
    match node {
        Node::Everything | Node::Free(_) => false,
        Node::And(parts) | Node::Or(parts) => parts.iter().any(depends_on_counts),
        Node::Not(part) => depends_on_counts(part),
        Node::Value { field, .. } => matches!(field.key, Key::Patch(field) if is_counted(field)),
        Node::Related { inner, .. } => depends_on_counts(inner),
    }
}

impl Evaluation<'_> {
    /// The patches `within` a set that satisfy a condition. Narrower sets make counting assets cheaper, so
    /// conditions that count them come last.
    pub(crate) fn those(self, node: &Node, within: &Bits) -> Bits {
        match node {
            Node::Everything => within.clone(),
            Node::And(parts) => {
                let mut left = within.clone();
                for part in cheap_first(parts) {
                    left = self.those(part, &left);
                }
                left
            }
            Node::Or(parts) => {
                let (mut found, mut left) = (self.none(), within.clone());
                for part in cheap_first(parts) {
                    let those = self.those(part, &left);
                    left.minus(&those);
                    found.or(&those);
                }
                found
            }
            Node::Not(part) => {
                let mut left = within.clone();
                left.minus(&self.those(part, within));
                left
            }
            Node::Free(text) => self.mentioning(text, within),
            Node::Value { field: Field { key: Key::Patch(field), .. }, test } => self.passing(*field, test, within),
            // A patch has neither fields of other records nor ways to them.
            Node::Value { test: Test::Null, .. } => within.clone(),
            Node::Value { .. } | Node::Related { .. } => self.none(),
        }
    }

    fn none(self) -> Bits {
        Bits::none(self.columns.places())
    }

    fn mentioning(self, text: &TextMatch, within: &Bits) -> Bits {
        let mut found = self.none();
        for field in fields(Entity::Patch).iter().filter(|field| field.main) {
            let Key::Patch(key) = field.key else { continue };
            if let Some(Values::Texts(texts)) = self.columns.column(key).map(|column| &column.values) {
                texts.matching(text, &mut found);
            }
        }
        found.and(within);
        found
    }

    fn passing(self, field: PatchField, test: &Test, within: &Bits) -> Bits {
        if is_counted(field) {
            return self.counted(field, test, within);
        }
        let mut found = self.none();
        if let Some(column) = self.columns.column(field) {
            match test {
                Test::Null => {
                    found.or(within);
                    found.minus(&column.present);
                }
                Test::Present => found.or(&column.present),
                Test::OneOf(tests) => tests.iter().for_each(|test| found.or(&self.passing(field, test, within))),
                _ => column.values.passing(test, &mut found),
            }
        }
        found.and(within);
        found
    }

    fn counted(self, field: PatchField, test: &Test, within: &Bits) -> Bits {
        let mut found = self.none();
        for place in within.iter() {
            let count = |status| self.counts.zip(self.numbering.number(place)).map_or(0, |(counts, no)| counts(status, no));
            if passes_counted(field, test, &count) {
                found.insert(place);
            }
        }
        found
    }
}

/// Parts that count assets after the others.
fn cheap_first(parts: &[Node]) -> impl Iterator<Item = &Node> {
    parts.iter().filter(|part| !depends_on_counts(part)).chain(parts.iter().filter(|part| depends_on_counts(part)))
}

fn passes_counted(field: PatchField, test: &Test, count: &dyn Fn(FindingStatus) -> u64) -> bool {
    let some = |status| count(status) > 0;
    let [missing, installed] = [FindingStatus::Missing, FindingStatus::Installed];
    match (test, field) {
        (Test::OneOf(tests), _) => tests.iter().any(|test| passes_counted(field, test, count)),
        (Test::Null, PatchField::Status) => !some(missing) && !some(installed),
        (Test::Present, PatchField::Status) => some(missing) || some(installed),
        (Test::Choice(between), PatchField::Status) => (between.contains(&0) && some(missing)) || (between.contains(&1) && some(installed)),
        (Test::Present, PatchField::MissingCount | PatchField::InstalledCount) => true,
        (Test::Number(between), PatchField::MissingCount) => between.contains(&(count(missing) as f64)),
        (Test::Number(between), PatchField::InstalledCount) => between.contains(&(count(installed) as f64)),
        _ => false,
    }
}
