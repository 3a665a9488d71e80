//! A query prepared for one view: names of values looked up, patches chosen, numbers turned into ranges.
//!
//! Preparing happens once per question; evaluating happens once per segment.

use super::range::{Column, Range};
use super::rows::RowTest;
use super::union::Wanted;
use crate::index::dictionary::{Category, Term, YES};
use crate::record::{ONLINE, Reading};
use crate::scoped::ScopedView;
use crate::software::ListSet;
use crate::view::View;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::TagId;
use fettle_query::registry::{AssetField, Evidence, Field, Key, Kind, fields};
use fettle_query::text::TextMatch;
use fettle_query::{Between, Entity, Node, Relation, Test};
use std::ops::Bound;
use std::sync::Arc;

/// A condition on rows.
#[derive(Debug, Clone)]
pub(crate) enum Plan {
    /// Always holds.
    All,
    /// Never holds.
    Nothing,
    /// All hold.
    And(Vec<Plan>),
    /// One holds.
    Or(Vec<Plan>),
    /// Does not hold.
    Not(Box<Plan>),
    /// The row has one of these numbers, ascending, in a category.
    Values(Category, Box<[u32]>),
    /// The row has some value in a category.
    Any(Category),
    /// A number lies in a range.
    Range(Range),
    /// The row misses (has) a patch of a set.
    Found(Wanted),
    /// The row's software is one of these lists.
    Software(Arc<ListSet>),
    /// Something that is only on the row's card.
    Row(RowTest),
}

impl Plan {
    /// Whether missing or old findings leave anything open.
    pub(crate) fn asks_findings(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::asks_findings),
            Self::Not(part) => part.asks_findings(),
            Self::Range(range) => range.column.evidence() != Evidence::Fact,
            Self::Found(_) => true,
            Self::All | Self::Nothing | Self::Values(..) | Self::Any(_) | Self::Software(_) | Self::Row(_) => false,
        }
    }

    fn when(holds: bool) -> Self {
        if holds { Self::All } else { Self::Nothing }
    }

    fn not(self) -> Self {
        match self {
            Self::All => Self::Nothing,
            Self::Nothing => Self::All,
            Self::Not(part) => *part,
            part => Self::Not(Box::new(part)),
        }
    }

    fn and(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All => {}
                Self::Nothing => return Self::Nothing,
                Self::And(inner) => flat.extend(inner),
                part => flat.push(part),
            }
        }
        if flat.len() > 1 { Self::And(flat) } else { flat.pop().unwrap_or(Self::All) }
    }

    fn or(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Nothing => {}
                Self::All => return Self::All,
                Self::Or(inner) => flat.extend(inner),
                part => flat.push(part),
            }
        }
        if flat.len() > 1 { Self::Or(flat) } else { flat.pop().unwrap_or(Self::Nothing) }
    }
}

/// Prepares queries over assets for what one person sees.
pub(crate) struct Preparation<'a> {
    pub(crate) scoped: &'a ScopedView,
    pub(crate) view: &'a View,
    pub(crate) reading: Reading<'a>,
}

impl Preparation<'_> {
    /// The plan for a condition on assets.
    pub(crate) fn plan(&self, node: &Node) -> Plan {
        match node {
            Node::Everything => Plan::All,
            Node::And(parts) => Plan::and(parts.iter().map(|part| self.plan(part)).collect()),
            Node::Or(parts) => Plan::or(parts.iter().map(|part| self.plan(part)).collect()),
            Node::Not(part) => self.plan(part).not(),
            Node::Free(text) => {
                let main = fields(Entity::Asset).iter().filter(|field| field.main && field.kind == Kind::Text);
                Plan::or(main.map(|field| self.value(field, &Test::Text(text.clone()))).collect())
            }
            Node::Value { field, test } => self.value(field, test),
            Node::Related { relation, inner } => self.related(*relation, inner),
        }
    }

    fn related(&self, relation: Relation, inner: &Node) -> Plan {
        match relation {
            Relation::Missing => self.found(FindingStatus::Missing, inner),
            Relation::Installed => self.found(FindingStatus::Installed, inner),
            Relation::Software => Plan::Software(self.view.software.matching(inner)),
            // These start at results.
            Relation::Asset | Relation::Patch => Plan::Nothing,
        }
    }

    fn found(&self, status: FindingStatus, inner: &Node) -> Plan {
        let counts = |status, no| self.scoped.assets_of(no, status);
        let set = self.view.catalog.matching(inner, Some(&counts));
        Plan::Found(Wanted::new(status, set, &self.view.class_sets))
    }

    fn value(&self, field: &Field, test: &Test) -> Plan {
        if let Test::OneOf(tests) = test {
            return Plan::or(tests.iter().map(|test| self.value(field, test)).collect());
        }
        let Key::Asset(key) = field.key else { return Plan::Nothing };
        match test {
            Test::Null => self.present(key).not(),
            Test::Present => self.present(key),
            _ => self.test(key, test),
        }
    }

    /// Whether the field has a value.
    fn present(&self, field: AssetField) -> Plan {
        use AssetField as F;
        match field {
            F::Online | F::Licensed | F::AssessOnly | F::RebootPending | F::ScanStatus | F::AgentId => Plan::All,
            F::Tag => self.tags(None),
            F::OsVersion | F::OsBuild | F::AgentVersion => self.terms(field, |term| term.version.is_some()),
            F::Name | F::LastLoggedOnUser | F::Serial | F::Address | F::Mac => Plan::Row(RowTest::new(field, Test::Present)),
            _ => match (text_category(field), Column::of(field)) {
                (Some(category), _) => Plan::Any(category),
                (None, Some(column)) => Plan::Range(Range::present(column)),
                (None, None) => Plan::Nothing,
            },
        }
    }

    fn test(&self, field: AssetField, test: &Test) -> Plan {
        use AssetField as F;
        match (field, test) {
            (F::Tag, Test::Text(text)) => self.tags(Some(text)),
            (F::Name | F::LastLoggedOnUser | F::Serial | F::Mac | F::AgentId, Test::Text(_)) | (F::Address, Test::Address(_)) => {
                Plan::Row(RowTest::new(field, test.clone()))
            }
            (F::OsVersion | F::OsBuild | F::AgentVersion, Test::Version(between)) => {
                self.terms(field, |term| term.version.as_ref().is_some_and(|version| between.contains(version)))
            }
            (_, Test::Text(text)) => self.terms(field, |term| text.matches_folded(&term.folded)),
            (F::OsFamily | F::Platform | F::ScanStatus, Test::Choice(between)) => choices(field, between),
            (F::AssessOnly, Test::Flag(wanted)) => flag(Category::AssessOnly, *wanted),
            (F::RebootPending, Test::Flag(wanted)) => flag(Category::RebootPending, *wanted),
            (F::Licensed, Test::Flag(wanted)) => Plan::when(*wanted),
            (F::Online, Test::Flag(wanted)) => self.online(*wanted),
            (_, Test::Number(between)) => Column::of(field).map_or(Plan::Nothing, |column| Plan::Range(Range::number(column, between))),
            (_, Test::Moment(between)) => Column::of(field).map_or(Plan::Nothing, |column| Plan::Range(Range::moment(column, between))),
            _ => Plan::Nothing,
        }
    }

    fn online(&self, wanted: bool) -> Plan {
        let since = self.reading.now.checked_sub(ONLINE).unwrap_or(jiff::Timestamp::MIN);
        let between = Between { low: Bound::Included(since), high: Bound::Unbounded };
        let online = Plan::Range(Range::moment(Column::Seen, &between));
        if wanted { online } else { online.not() }
    }

    /// Rows with one of the texts that pass.
    fn terms(&self, field: AssetField, passes: impl Fn(&Term) -> bool) -> Plan {
        let Some(category) = text_category(field) else { return Plan::Nothing };
        let terms = self.view.dictionary.terms(category);
        values(category, terms.filter(|(_, term)| passes(term)).map(|(number, _)| number).collect())
    }

    /// Rows with a tag, or one above it, whose name matches; with any tag when there is no text.
    fn tags(&self, text: Option<&TextMatch>) -> Plan {
        let tree = self.reading.tags;
        if self.reading.static_tags_only {
            let passes = |name: &str| text.is_none_or(|text| text.matches(name));
            let shows = |tag| !tree.is_dynamic(tag) && tree.names(tag).any(passes);
            return values(Category::Tag, self.view.dictionary.tags().filter(|&(_, tag)| shows(tag)).map(|(number, _)| number).collect());
        }
        let named = text.map(|text| tree.matching(text));
        let is_named = |tag: &TagId| named.as_ref().map_or_else(|| tree.name(*tag).is_some(), |named| named.binary_search(tag).is_ok());
        let numbers: Vec<u32> = self.view.dictionary.tags().filter(|(_, tag)| is_named(tag)).map(|(number, _)| number).collect();
        let is_used =
            |category: Category, number| self.view.segments.iter().any(|segment| segment.categories.get(category, number).is_some());
        let above: Vec<u32> = numbers.iter().copied().filter(|&number| is_used(Category::TagAbove, number)).collect();
        Plan::or(vec![values(Category::Tag, numbers), values(Category::TagAbove, above)])
    }
}

fn values(category: Category, numbers: Vec<u32>) -> Plan {
    if numbers.is_empty() { Plan::Nothing } else { Plan::Values(category, numbers.into()) }
}

fn choices(field: AssetField, between: &Between<usize>) -> Plan {
    let (category, members) = match field {
        AssetField::ScanStatus => (Category::ScanStatus, fettle_model::asset::ScanStatus::ALL.len()),
        _ => (Category::Platform, fettle_model::os::Platform::ALL.len()),
    };
    values(category, (0..).zip(0..members).filter(|(_, place)| between.contains(place)).map(|(number, _)| number).collect())
}

fn flag(category: Category, wanted: bool) -> Plan {
    let yes = Plan::Values(category, [YES].into());
    if wanted { yes } else { yes.not() }
}

/// The category a field's texts are in.
pub(crate) fn text_category(field: AssetField) -> Option<Category> {
    use AssetField as F;
    Some(match field {
        F::OsFamily | F::Platform => Category::Platform,
        F::OsName => Category::OsName,
        F::OsVersion => Category::OsVersion,
        F::OsBuild => Category::OsBuild,
        F::OsRelease => Category::Release,
        F::Architecture => Category::Architecture,
        F::AgentVersion => Category::AgentVersion,
        F::Manufacturer => Category::Manufacturer,
        F::Model => Category::Model,
        F::ScanStatus => Category::ScanStatus,
        _ => return None,
    })
}
