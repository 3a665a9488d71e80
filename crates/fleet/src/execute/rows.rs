//! Conditions that only a row's card answers: names, people, serial numbers, addresses.

use crate::index::packed::{Address, Packed};
use crate::index::plane::{Plane, Union};
use crate::index::segment::Segment;
use crate::index::texts::TextField;
use fettle_query::Test;
use fettle_query::registry::AssetField;

/// A condition on one row's card.
#[derive(Debug, Clone)]
pub(crate) struct RowTest {
    field: AssetField,
    test: Test,
}

impl RowTest {
    /// A test of a field.
    pub(crate) fn new(field: AssetField, test: Test) -> Self {
        Self { field, test }
    }

    /// All rows of a segment that pass, when that can be told without reading their cards.
    pub(crate) fn all(&self, segment: &Segment) -> Option<Plane> {
        let field = match self.field {
            AssetField::Name => TextField::Name,
            AssetField::LastLoggedOnUser => TextField::User,
            AssetField::Serial => TextField::Serial,
            AssetField::Mac => TextField::Mac,
            AssetField::Address => return Some(self.addresses(segment)),
            _ => return None,
        };
        let texts = segment.own_values.texts(segment, field)?;
        match &self.test {
            Test::Present => Some(texts.present()),
            Test::Text(text) => Some(texts.search(text)),
            _ => None,
        }
    }

    fn addresses(&self, segment: &Segment) -> Plane {
        let mut rows = Union::below(0);
        let passes = |ip| match &self.test {
            Test::Present => true,
            Test::Address(network) => network.contains(ip),
            _ => false,
        };
        segment.own_values.addresses(segment).iter().filter(|(ip, _)| passes(ip)).for_each(|&(_, row)| rows.insert(row));
        rows.finish()
    }

    /// Whether a row passes.
    pub(crate) fn holds(&self, segment: &Segment, row: u16) -> bool {
        if self.field == AssetField::AgentId {
            return segment.numbers.id(row).is_some_and(|id| self.text(&id.to_string()));
        }
        let Some(card) = segment.packed(row) else { return false };
        match self.field {
            AssetField::Name => !card.name.is_empty() && self.folded(card.folded),
            AssetField::LastLoggedOnUser => card.user.is_some_and(|user| !user.is_empty() && self.text(user)),
            _ => self.interfaces(&card),
        }
    }

    fn interfaces(&self, card: &Packed<'_>) -> bool {
        let Some(interfaces) = card.interfaces() else { return false };
        match self.field {
            AssetField::Serial => !interfaces.serial.is_empty() && self.text(interfaces.serial),
            AssetField::Mac => interfaces.macs.iter().map(ToString::to_string).any(|mac| !mac.is_empty() && self.text(&mac)),
            AssetField::Address => interfaces.addresses.iter().any(|address| self.address(address)),
            _ => false,
        }
    }

    fn text(&self, value: &str) -> bool {
        match &self.test {
            Test::Present => true,
            Test::Text(text) => text.matches(value),
            _ => false,
        }
    }

    fn folded(&self, value: &str) -> bool {
        match &self.test {
            Test::Present => true,
            Test::Text(text) => text.matches_folded(value),
            _ => false,
        }
    }

    fn address(&self, address: &Address<'_>) -> bool {
        let ip = address.ip();
        match &self.test {
            Test::Present => ip.is_some(),
            Test::Address(network) => ip.is_some_and(|ip| network.contains(&ip.to_canonical())),
            _ => false,
        }
    }
}
