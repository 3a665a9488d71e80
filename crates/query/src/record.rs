//! What a record shows to whoever evaluates a query over it one by one.

use crate::checked::Node;
use crate::registry::{Key, Relation};
use crate::truth::Truth;
use fettle_model::version::DpkgVersion;
use jiff::Timestamp;
use std::borrow::Cow;
use std::net::IpAddr;

/// One value of a field. The variant fits the field's [`crate::registry::Kind`].
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Number, size in bytes, share in per cent.
    Number(f64),
    /// Moment.
    Moment(Timestamp),
    /// Version. A text that is no version is left out.
    Version(DpkgVersion),
    /// Yes or no.
    Flag(bool),
    /// Place in the field's list of choices.
    Choice(usize),
    /// Network address.
    Address(IpAddr),
}

/// One record. Everything it does not have is simply empty.
pub trait Record {
    /// All values of a field; none when the record has none.
    fn values(&self, field: Key) -> Vec<Value<'_>>;

    /// The records a relation leads to.
    fn related(&self, relation: Relation) -> Vec<&dyn Record>;

    /// Whether one of the records a relation leads to satisfies a condition, when whoever made this record has
    /// found that out already for many records at once; `None`: look at [`Record::related`].
    fn answers(&self, _relation: Relation, _inner: &Node) -> Option<Truth> {
        None
    }

    /// Whether the evidence behind findings is there and fresh; see [`crate::registry::Evidence`].
    fn is_known(&self) -> bool;
}
