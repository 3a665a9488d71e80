//! Random questions in the language itself, about values that the fleet has, and some that it has not.

use crate::chance::Chance;
use crate::world::now;
use fettle_query::registry::{Field, Kind, fields, relations};
use fettle_query::{Entity, Record, Relation, Value};

/// Deepest nesting; deeper ones have answers too seldom.
const DEPTH: usize = 3;

/// Fields that cannot be asked here: no inventories are at hand.
const LEFT_OUT: Relation = Relation::Software;

/// A question about records of an entity; some of its values are taken from `samples`.
pub(crate) fn ask(entity: Entity, samples: &[&dyn Record], chance: &mut Chance) -> String {
    expression(entity, samples, chance, DEPTH)
}

fn expression(entity: Entity, samples: &[&dyn Record], chance: &mut Chance, depth: usize) -> String {
    let kind = if depth == 0 { 0 } else { chance.below(10) };
    match kind {
        0..=3 => term(entity, samples, chance),
        4 | 5 => joined(" and ", entity, samples, chance, depth),
        6 => joined(" or ", entity, samples, chance, depth),
        7 => format!("not ({})", expression(entity, samples, chance, depth - 1)),
        _ => related(entity, samples, chance, depth).unwrap_or_else(|| term(entity, samples, chance)),
    }
}

fn joined(by: &str, entity: Entity, samples: &[&dyn Record], chance: &mut Chance, depth: usize) -> String {
    let parts: Vec<String> = (0..2 + chance.below(2)).map(|_| format!("({})", expression(entity, samples, chance, depth - 1))).collect();
    parts.join(by)
}

fn related(entity: Entity, samples: &[&dyn Record], chance: &mut Chance, depth: usize) -> Option<String> {
    let ways: Vec<Relation> = relations(entity).filter(|&way| way != LEFT_OUT).collect();
    if ways.is_empty() {
        return None;
    }
    let way = *chance.pick(&ways);
    let others: Vec<&dyn Record> = samples.iter().flat_map(|record| record.related(way)).collect();
    Some(match chance.below(8) {
        0 => format!("{}:*", way.name()),
        1 => format!("{} is null", way.name()),
        2..=4 => format!("{}:({})", way.name(), expression(way.to(), &others, chance, depth - 1)),
        _ => {
            let field = field(way.to(), chance);
            format!("{}.{}{}", way.name(), field.name, test(field, &others, chance))
        }
    })
}

fn field(entity: Entity, chance: &mut Chance) -> &'static Field {
    chance.pick(fields(entity))
}

fn term(entity: Entity, samples: &[&dyn Record], chance: &mut Chance) -> String {
    if chance.percent(8) {
        return (*chance.pick(&["web", "alice", "openssl", "\"security update\"", "deb*", "koln", "`Bob`", "nothing"])).to_owned();
    }
    let field = field(entity, chance);
    format!("{}{}", field.name, test(field, samples, chance))
}

fn test(field: &Field, samples: &[&dyn Record], chance: &mut Chance) -> String {
    match chance.below(12) {
        0 => " is null".to_owned(),
        1 => " is not null".to_owned(),
        2 => {
            let several: Vec<String> = (0..=chance.below(3)).map(|_| value(field, samples, chance)).collect();
            format!(":[{}]", several.join(", "))
        }
        3 | 4 if is_ordered(field) => range(field, samples, chance),
        5..=9 if is_ordered(field) => format!("{}{}", chance.pick(&[":", "=", "<", "<=", ">", ">="]), value(field, samples, chance)),
        _ => format!(":{}", value(field, samples, chance)),
    }
}

fn is_ordered(field: &Field) -> bool {
    match field.kind {
        Kind::Number | Kind::Size | Kind::Moment | Kind::Version => true,
        Kind::Choice { ordered, .. } => ordered,
        Kind::Text | Kind::Flag | Kind::Address => false,
    }
}

/// Ends in order; a range that nothing can lie in is an error of its own.
fn range(field: &Field, samples: &[&dyn Record], chance: &mut Chance) -> String {
    let (open, close) = (*chance.pick(&["[", "("]), *chance.pick(&["]", ")"]));
    if chance.percent(50) {
        format!(":{open}{} .. *{close}", value(field, samples, chance))
    } else {
        format!(":{open}* .. {}{close}", value(field, samples, chance))
    }
}

/// A value as it is written in a query: mostly one that a sample has.
fn value(field: &Field, samples: &[&dyn Record], chance: &mut Chance) -> String {
    let sampled = if samples.is_empty() || chance.percent(15) { None } else { chance.pick(samples).values(field.key).into_iter().next() };
    match (field.kind, sampled) {
        (_, Some(Value::Text(text))) => written(&text, chance),
        (Kind::Text, _) => (*chance.pick(&["web", "openssl", "`nothing`", "de*", "*1"])).to_owned(),
        (_, Some(Value::Number(number))) => format!("{}", number + f64::from(chance.number(3)) - 1.0).replace('-', ""),
        (Kind::Number | Kind::Size, _) => chance.number(20).to_string(),
        (_, Some(Value::Moment(at))) if chance.percent(50) => format!("{at}"),
        (Kind::Moment, _) => match chance.below(3) {
            0 => format!("now-{}d", chance.number(100)),
            1 => (*chance.pick(&["today", "now"])).to_owned(),
            _ => (now() - jiff::SignedDuration::from_hours(24 * i64::from(chance.number(90)))).strftime("%Y-%m-%d").to_string(),
        },
        (_, Some(Value::Version(version))) => format!("`{version}`"),
        (Kind::Version, _) => (*chance.pick(&["12", "0.2", "6.1.0-15", "10.0"])).to_owned(),
        (Kind::Flag, _) => (*chance.pick(&["yes", "no", "true", "false"])).to_owned(),
        (Kind::Choice { members, .. }, _) => (*chance.pick(members)).to_owned(),
        (_, Some(Value::Address(address))) if chance.percent(50) => address.to_string(),
        (Kind::Address, _) => (*chance.pick(&["10.0.0.0/24", "10.0.0.0/8", "192.168.1.7", "2001:db8::/32", "0.0.0.0/0"])).to_owned(),
    }
}

/// A text in one of the ways it can be written: whole, as a phrase, some of its words, with a wildcard.
fn written(text: &str, chance: &mut Chance) -> String {
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric() && letter != '.').filter(|word| !word.is_empty()).collect();
    let word = if words.is_empty() { "x" } else { chance.pick(&words) };
    let start: String = word.chars().take(1 + chance.below(4)).collect();
    match chance.below(6) {
        0 => format!("`{text}`"),
        1 => format!("\"{text}\""),
        2 => format!("\"{word}\""),
        3 => format!("\"{start}*\""),
        4 => format!("\"{}\"", text.to_uppercase()),
        _ => format!("\"{start}\""),
    }
}
