//! What the store keeps, as the query language sees it.
//!
//! To add a field: follow the compiler from its enum in `fettle_query::registry` to the record of its entity.

mod audit;
mod job;
mod result;

pub use audit::AuditRecord;
pub use job::{JobParts, JobRecord};
pub use result::{Answers, ResultRecord};

use fettle_query::Value;
use fettle_query::registry::{Entity, Key, Kind, fields};
use jiff::Timestamp;
use std::borrow::Cow;

fn text(text: &str) -> Vec<Value<'_>> {
    vec![Value::Text(Cow::Borrowed(text))]
}

fn moment(at: Option<Timestamp>) -> Vec<Value<'static>> {
    at.map(Value::Moment).into_iter().collect()
}

fn flag(yes: bool) -> Vec<Value<'static>> {
    vec![Value::Flag(yes)]
}

fn number(number: u64) -> Vec<Value<'static>> {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let number = number as f64;
    vec![Value::Number(number)]
}

/// A word as its place in the field's list.
fn choice(entity: Entity, key: Key, word: &str) -> Vec<Value<'static>> {
    let field = fields(entity).iter().find(|field| field.key == key);
    let place = field.and_then(|field| match field.kind {
        Kind::Choice { members, .. } => members.iter().position(|&member| member == word),
        _ => None,
    });
    place.map(Value::Choice).into_iter().collect()
}
