//! Evaluating a plan over one segment.
//!
//! Every step takes the rows that are still in question and gives back those that pass, so that what is
//! selective and cheap goes first and the rest is asked of few rows. A single plane is given back as it
//! is kept, shared and with its size; nothing is copied for it.

use super::literals::Literals;
use super::plan::Plan;
use super::range::Range;
use super::rows::RowTest;
use crate::index::among::Bits;
use crate::index::bits::{self, WORD, rows_of};
use crate::index::dictionary::Category;
use crate::index::numbers::{BLOCK, Block};
use crate::index::plane::{Plane, Union};
use crate::index::segment::Segment;
use crate::software::ListSet;
use fettle_query::registry::Evidence;

/// Which of the two answers to a question about findings that may be old is wanted. `not` turns one into the
/// other: what surely does not hold is what could not possibly hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Rows for which the condition holds whatever is unknown.
    Sure,
    /// Rows for which it holds, or could.
    Possible,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Sure => Self::Possible,
            Self::Possible => Self::Sure,
        }
    }
}

/// What a part of a conjunction costs, roughly: parts are asked in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
    /// A plane that is there, of so many rows.
    Plane(u32),
    /// Several planes, or one taken away.
    Planes,
    /// A column under the rows in question, of so many bytes each.
    Column(u8),
    /// A union of many planes.
    Union,
    /// The cards of the rows in question.
    Rows,
}

/// Cards of so many rows are read one by one; more rows are searched for together, which looks at the values of all rows
/// but unpacks no card.
const FEW_ROWS: u32 = 256;

/// What is given back where nobody has a value or patch.
pub(super) const NO_ROWS: &Plane = &Plane::Empty;

/// One segment, as a question sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) segment: &'a Segment,
    /// All rows in question are such whose findings are missing or old.
    pub(crate) are_unknown: bool,
}

impl Scene<'_> {
    /// The rows of `within` that pass.
    pub(crate) fn evaluate(&self, plan: &Plan, side: Side, within: Plane) -> Plane {
        if within.is_empty() {
            return within;
        }
        match plan {
            Plan::All => within,
            Plan::Nothing => Plane::Empty,
            Plan::And(parts) => self.all_of(parts, side, within),
            Plan::Or(parts) => self.one_of(parts, side, &within),
            Plan::Not(part) => match self.plane(part, side.other()) {
                Some(plane) => within.minus(plane),
                None => {
                    let holds = self.evaluate(part, side.other(), within.clone());
                    within.minus(&holds)
                }
            },
            Plan::Values(category, numbers) => self.values(*category, numbers, within),
            Plan::Any(category) => self.cut(within, &self.segment.categories.any(*category)),
            Plan::Range(range) => self.range(range, side, &within),
            Plan::Found(_) if side == Side::Possible && self.are_unknown => within,
            Plan::Found(wanted) => {
                let found = wanted.rows(self.segment, &within);
                if side == Side::Possible && !self.segment.unknown.is_empty() {
                    let open = within.clone().and(self.segment.unknown.rows());
                    return self.cut(within, &found).or(&open);
                }
                self.cut(within, &found)
            }
            Plan::Software(lists) => self.software(lists, &within),
            Plan::Row(test) => self.rows(test, within),
        }
    }

    /// The rows of both, without copying when all rows are in question.
    fn cut(&self, within: Plane, plane: &Plane) -> Plane {
        let live = self.segment.live.count();
        if plane.count() == live {
            within
        } else if within.count() == live {
            plane.clone()
        } else {
            within.and(plane)
        }
    }

    /// The one plane that is the answer for all rows of the segment, if there is one.
    fn plane(&self, plan: &Plan, side: Side) -> Option<&Plane> {
        match plan {
            Plan::Nothing => Some(NO_ROWS),
            Plan::All => Some(&self.segment.live),
            Plan::Values(category, numbers) => self.value(*category, numbers),
            Plan::Found(_) if side == Side::Possible && self.are_unknown => Some(&self.segment.live),
            Plan::Found(wanted) if side == Side::Sure || self.segment.unknown.is_empty() => wanted.plane(self.segment),
            _ => None,
        }
    }

    fn value(&self, category: Category, numbers: &[u32]) -> Option<&Plane> {
        let all = self.segment.categories.all(category as usize);
        match (numbers, all) {
            ([number], _) => Some(self.segment.categories.get(category, *number).unwrap_or(NO_ROWS)),
            (_, []) => Some(NO_ROWS),
            (_, [(number, plane)]) => Some(if numbers.binary_search(number).is_ok() { plane } else { NO_ROWS }),
            _ => None,
        }
    }

    fn values(&self, category: Category, numbers: &[u32], within: Plane) -> Plane {
        if let Some(plane) = self.value(category, numbers) {
            return self.cut(within, plane);
        }
        let mut union = Union::below(0);
        self.planes_of(category, numbers).for_each(|plane| union.add(plane));
        let union = union.finish();
        self.cut(within, &union)
    }

    /// The planes of several values.
    fn planes_of<'a>(&'a self, category: Category, numbers: &'a [u32]) -> impl Iterator<Item = &'a Plane> {
        let all = self.segment.categories.all(category as usize);
        // Whichever list is shorter is walked, and its numbers are looked up in the other.
        let (walked, looked_up) = if numbers.len() <= all.len() { (numbers, &[][..]) } else { (&[][..], all) };
        let walked = walked.iter().filter_map(move |&number| self.segment.categories.get(category, number));
        walked.chain(looked_up.iter().filter(|(number, _)| numbers.binary_search(number).is_ok()).map(|(_, plane)| plane))
    }

    fn cost(&self, plan: &Plan, side: Side) -> Cost {
        match plan {
            Plan::All | Plan::Nothing => Cost::Plane(0),
            Plan::Row(_) | Plan::Software(_) => Cost::Rows,
            Plan::Range(range) => Cost::Column(range.column.width()),
            Plan::Any(_) => Cost::Planes,
            Plan::Values(..) => self.plane(plan, side).map_or(Cost::Planes, |plane| Cost::Plane(plane.count())),
            Plan::Found(_) => self.plane(plan, side).map_or(Cost::Union, |plane| Cost::Plane(plane.count())),
            Plan::Not(part) => self.cost(part, side.other()).max(Cost::Planes),
            Plan::And(parts) | Plan::Or(parts) => {
                parts.iter().map(|part| self.cost(part, side)).max().unwrap_or(Cost::Planes).max(Cost::Planes)
            }
        }
    }

    /// What planes answer comes first and together; the rest by what it costs.
    fn all_of(&self, parts: &[Plan], side: Side, within: Plane) -> Plane {
        let mut literals = Literals::new(self.segment.live.count());
        let mut rest = Vec::new();
        for part in parts {
            if !self.literal(part, side, &mut literals) {
                rest.push((self.cost(part, side), part));
            }
        }
        let left = literals.pass(within);
        rest.sort_by_key(|(cost, _)| *cost);
        rest.into_iter().fold(left, |left, (_, part)| self.evaluate(part, side, left))
    }

    /// How many rows of `within` pass that are not in `but`.
    pub(crate) fn count(&self, plan: &Plan, side: Side, within: &Plane, but: &Plane) -> u32 {
        let parts = if let Plan::And(parts) = plan { parts.as_slice() } else { std::slice::from_ref(plan) };
        let mut literals = Literals::new(self.segment.live.count());
        if parts.iter().all(|part| self.literal(part, side, &mut literals)) {
            literals.push(but, false);
            literals.count(within)
        } else {
            self.evaluate(plan, side, within.clone()).minus(but).count()
        }
    }

    /// Adds a condition that planes answer. Says whether it is one.
    fn literal<'a>(&'a self, plan: &'a Plan, side: Side, literals: &mut Literals<'a>) -> bool {
        let (part, side, is_in) = match plan {
            Plan::Not(part) => (&**part, side.other(), false),
            part => (part, side, true),
        };
        if let Some(plane) = self.plane(part, side) {
            literals.push(plane, is_in);
            return true;
        }
        let mut planes = Vec::new();
        let are_all = self.planes(part, side, &mut planes);
        match (are_all, is_in) {
            (false, _) => {}
            (true, true) => literals.push_union(&planes),
            (true, false) => planes.into_iter().for_each(|plane| literals.push(plane, false)),
        }
        are_all
    }

    /// The planes one of which has each row that passes, if there are such. Sets of many patches are left to
    /// [`Scene::evaluate`], which keeps their unions.
    fn planes<'a>(&'a self, plan: &'a Plan, side: Side, planes: &mut Vec<&'a Plane>) -> bool {
        if let Some(plane) = self.plane(plan, side) {
            planes.push(plane);
            return true;
        }
        match plan {
            Plan::Values(category, numbers) => {
                planes.extend(self.planes_of(*category, numbers));
                true
            }
            Plan::Found(wanted) => {
                if side == Side::Possible {
                    planes.push(self.segment.unknown.bits());
                }
                wanted.planes(self.segment, planes)
            }
            Plan::Or(parts) => parts.iter().all(|part| self.planes(part, side, planes)),
            _ => false,
        }
    }

    fn one_of(&self, parts: &[Plan], side: Side, within: &Plane) -> Plane {
        let mut order: Vec<(Cost, &Plan)> = parts.iter().map(|part| (self.cost(part, side), part)).collect();
        order.sort_by_key(|(cost, _)| *cost);
        let mut pass = Plane::Empty;
        for (cost, part) in order {
            // What passed already need not be asked again, when asking costs more than finding that out.
            let open = if cost < Cost::Column(0) { within.clone() } else { within.clone().minus(&pass) };
            pass = pass.or(&self.evaluate(part, side, open));
            if pass.count() == within.count() {
                break;
            }
        }
        pass
    }

    fn range(&self, range: &Range, side: Side, within: &Plane) -> Plane {
        let open = || if self.are_unknown { within.clone() } else { within.clone().and(self.segment.unknown.rows()) };
        match (range.column.evidence(), side) {
            _ if self.segment.unknown.is_empty() => self.scan(range, within),
            (Evidence::Fact, _) => self.scan(range, within),
            // Whoever asks for the mere presence of a number is told that there is one, even if nobody knows which.
            (Evidence::AtLeast, _) if range.is_presence => within.clone(),
            (Evidence::Share, _) if range.is_presence => self.scan(range, within).or(&open()),
            (Evidence::AtLeast, Side::Sure) if range.is_open => self.scan(range, within),
            (_, Side::Sure) => self.scan(range, within).minus(self.segment.unknown.rows()),
            (Evidence::AtLeast, Side::Possible) if self.are_unknown => self.scan(&range.not_above(), within),
            (Evidence::AtLeast, Side::Possible) => self.scan(range, within).or(&self.scan(&range.not_above(), &open())),
            (Evidence::Share, Side::Possible) => self.scan(range, within).or(&open()),
        }
    }

    /// Reads a column where there are rows in question.
    fn scan(&self, range: &Range, within: &Plane) -> Plane {
        let words = match within {
            Plane::Empty => return Plane::Empty,
            Plane::Few(rows) => {
                let holds = |row: &u16| {
                    let (block, at) = (usize::from(*row) / BLOCK, usize::from(*row) % BLOCK);
                    self.segment.numbers.block(block).is_some_and(|block| range.holds(block, at))
                };
                return Plane::of_rows(&rows.iter().copied().filter(holds).collect::<Vec<u16>>());
            }
            Plane::Many(_, words) => words,
        };
        // Comparing a whole block costs as much as reading some numbers of it, the fewer the shorter they are.
        let few = 8 * u32::from(range.column.width());
        let mut pass = Vec::with_capacity(words.len());
        for (at, within) in words.chunks(BLOCK / WORD).enumerate() {
            let scanned = match (self.segment.numbers.block(at), bits::count(within)) {
                (None, _) | (_, 0) => Bits::default(),
                (Some(block), count) if count <= few => one_by_one(range, block, within),
                (Some(block), _) => range.scan(block),
            };
            pass.extend(scanned.iter().zip(within).map(|(pass, within)| pass & within));
        }
        Plane::answer(pass.into())
    }

    fn software(&self, lists: &ListSet, within: &Plane) -> Plane {
        self.filtered(within, |row| self.segment.software.get(row).is_some_and(|list| lists.contains(list.id())))
    }

    fn rows(&self, test: &RowTest, within: Plane) -> Plane {
        if within.count() > FEW_ROWS
            && let Some(all) = test.all(self.segment)
        {
            return self.cut(within, &all);
        }
        self.filtered(&within, |row| test.holds(self.segment, row))
    }

    fn filtered(&self, within: &Plane, passes: impl Fn(u16) -> bool) -> Plane {
        let mut pass = Union::below(0);
        match within {
            Plane::Empty => {}
            Plane::Few(rows) => rows.iter().filter(|&&row| passes(row)).for_each(|&row| pass.insert(row)),
            Plane::Many(_, words) => {
                let rows = words.iter().enumerate().flat_map(|(at, &word)| rows_of(at, word));
                rows.filter(|&row| passes(row)).for_each(|row| pass.insert(row));
            }
        }
        pass.finish()
    }
}

/// [`Range::scan`] of those rows of a block that are in question.
fn one_by_one(range: &Range, block: &Block, within: &[u64]) -> Bits {
    let mut pass = Bits::default();
    for ((at, &word), pass) in within.iter().enumerate().zip(&mut pass) {
        let holds = |row: &u16| range.holds(block, usize::from(*row));
        *pass = rows_of(at, word).filter(holds).fold(0, |pass, row| pass | 1 << (usize::from(row) % WORD));
    }
    pass
}
