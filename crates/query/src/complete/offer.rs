//! What is offered at a place.

use super::stand::{Next, Stand};
use super::{Item, ItemKind};
use crate::check::lookup::{Found, Target, find, plural, relation};
use crate::registry::{Entity, Field, Kind, Relation, fields, relations};

/// Everything that goes on from what is typed.
pub(super) fn items(stand: &Stand, typed: &str) -> Vec<Item> {
    match &stand.next {
        Next::Term => term(stand, typed),
        Next::AfterTerm => after_term(stand, typed),
        Next::Operator(found) if typed.is_empty() => [operators(found, ""), joining(stand, "")].concat(),
        // A word after a name: either `is` begins, or the name was a free text.
        Next::Operator(_) if begins("is", typed) => {
            keywords(&[("is null", "there is no value"), ("is not null", "there is a value")], typed)
        }
        Next::Operator(_) => after_term(stand, typed),
        Next::AfterIs => keywords(&[("null", "there is no value"), ("not null", "there is a value")], typed),
        Next::AfterIsNot => keywords(&[("null", "there is a value")], typed),
        Next::Value { found: Some(found), equal } => [values(found, typed, *equal), brackets(found, typed, *equal)].concat(),
        Next::Member(Some(found)) => values(found, typed, false),
        Next::Value { found: None, .. } | Next::Member(None) => Vec::new(),
        Next::AfterMember(_) => marks(&[(", ", ",", "another value"), (" .. ", "..", "up to"), ("]", "]", "ends the list")], typed),
    }
}

/// A condition: fields, relations, `not`. Behind the whole name of a field come its operators.
fn term(stand: &Stand, typed: &str) -> Vec<Item> {
    let whole = find(stand.entity, typed).filter(|_| !stand.operator_follows);
    let mut items = whole.as_ref().map_or_else(Vec::new, |found| operators(found, typed));
    let not = keywords(&[("not", "the next condition does not hold")], typed);
    let names = names(stand, typed).into_iter().filter(|item| whole.is_none() || !item.label.eq_ignore_ascii_case(typed));
    if typed.is_empty() {
        items.extend(names.chain(not));
    } else {
        items.extend(not.into_iter().chain(names));
    }
    items
}

fn after_term(stand: &Stand, typed: &str) -> Vec<Item> {
    let mut items = joining(stand, typed);
    // Two conditions side by side are joined by `and`, so a new one may begin; with nothing typed that would
    // only bury the words that join.
    if !typed.is_empty() {
        items.extend(term(stand, typed));
    }
    items
}

fn joining(stand: &Stand, typed: &str) -> Vec<Item> {
    let mut items = keywords(&[("and", "both hold"), ("or", "one of them holds")], typed);
    if stand.depth > 0 {
        items.extend(marks(&[(")", ")", "ends the parentheses")], typed));
    }
    items
}

fn keywords(words: &[(&str, &str)], typed: &str) -> Vec<Item> {
    words.iter().filter(|(word, _)| begins(word, typed)).map(|(word, detail)| item(ItemKind::Keyword, word, word, detail)).collect()
}

/// Marks: what to insert, what to show, what it does.
fn marks(marks: &[(&str, &str, &str)], typed: &str) -> Vec<Item> {
    marks.iter().filter(|_| typed.is_empty()).map(|(insert, label, detail)| item(ItemKind::Operator, insert, label, detail)).collect()
}

fn item(kind: ItemKind, insert: &str, label: &str, detail: &str) -> Item {
    Item { insert: insert.to_owned(), label: label.to_owned(), detail: detail.to_owned(), kind, values_of: None }
}

/// Operators after a name; `name` is what they are written after where they replace it together.
fn operators(found: &Found, name: &str) -> Vec<Item> {
    let operator = |sign: &str, detail: &str| item(ItemKind::Operator, &format!("{name}{sign}"), sign, detail);
    let gap = if name.is_empty() { "" } else { " " };
    let mut items = match found.target {
        Target::Relation(relation) => vec![operator(":(", relation.help()), operator(":*", "there is one")],
        Target::Field(field) => {
            let (equal, order) = wording(field.kind);
            let mut items = vec![operator(":", equal)];
            items.extend(
                order.iter().flat_map(|order| ["<", "<=", ">", ">="].iter().zip(order)).map(|(sign, detail)| operator(sign, detail)),
            );
            items
        }
    };
    let words = [("is null", "there is no value"), ("is not null", "there is a value")];
    items.extend(words.map(|(words, detail)| item(ItemKind::Keyword, &format!("{name}{gap}{words}"), words, detail)));
    items
}

/// What `:` means for a type, and `<`, `<=`, `>`, `>=` where it has an order.
fn wording(kind: Kind) -> (&'static str, Option<[&'static str; 4]>) {
    match kind {
        Kind::Text => ("has these words", None),
        Kind::Flag => ("yes or no", None),
        Kind::Address => ("is in the network", None),
        Kind::Moment => ("on the day", Some(["before", "before or on", "after", "on or after"])),
        Kind::Choice { ordered: false, .. } => ("is", None),
        Kind::Choice { ordered: true, .. } => ("is", Some(["is below", "is at most", "is above", "is at least"])),
        Kind::Number | Kind::Size => ("equals", Some(["less than", "at most", "more than", "at least"])),
        Kind::Version => ("equals; `3.0*` for all that begin so", Some(["before", "at most", "after", "at least"])),
    }
}

/// Names that fit what is typed, those that begin with it first, then those a part of which does, then fields
/// of related records.
fn names(stand: &Stand, typed: &str) -> Vec<Item> {
    let (way, entity, rest) = walked(stand.entity, typed);
    let mut found: Vec<(u8, Item)> = Vec::new();
    // A relation whose name is begun is worth more than fields; in an empty box the many fields come first.
    let relations_at = if rest.is_empty() { BEHIND } else { 0 };
    let own = relations(entity).filter(|relation| begins(relation.name(), rest));
    found.extend(own.map(|relation| (relations_at, relation_item(&way, relation, stand.operator_follows))));
    found.extend(fields(entity).iter().filter_map(|field| Some((rank(field, rest)?, field_item(&way, field, stand.operator_follows)))));
    // One letter would bring half of what there is.
    if rest.len() > 1 {
        found.extend(relations(entity).flat_map(|relation| behind(&way, relation, rest, stand.operator_follows)));
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, item)| item).collect()
}

fn behind(way: &str, relation: Relation, typed: &str, operator_follows: bool) -> Vec<(u8, Item)> {
    let way = format!("{way}{}.", relation.name());
    let own = fields(relation.to()).iter().filter(|field| rank(field, typed).is_some_and(|rank| rank < PART));
    own.map(|field| (BEHIND, field_item(&way, field, operator_follows))).collect()
}

/// Goes along the relations in front of the last dots: the way as written, and what is asked for there.
fn walked(entity: Entity, typed: &str) -> (String, Entity, &str) {
    let (mut way, mut end, mut rest) = (String::new(), entity, typed);
    while let Some((first, behind)) = rest.split_once('.') {
        let Some(next) = relation(end, first) else { break };
        way.push_str(next.name());
        way.push('.');
        (end, rest) = (next.to(), behind);
    }
    (way, end, rest)
}

/// Rank of fields a part of whose name fits.
const PART: u8 = 3;

/// Rank of fields of related records.
const BEHIND: u8 = 4;

/// How well a field fits, the lower the better: its name begins so, another name of it, a part of its name.
fn rank(field: &Field, typed: &str) -> Option<u8> {
    if begins(field.name, typed) {
        return Some(1);
    }
    if field.aliases.iter().any(|alias| begins(alias, typed)) {
        return Some(2);
    }
    let humps = field.name.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase() || *letter == '.');
    let mut parts = humps.filter_map(|(at, _)| field.name.get(at..)).map(|part| part.trim_start_matches('.'));
    parts.any(|part| begins(part, typed)).then_some(PART)
}

fn begins(name: &str, typed: &str) -> bool {
    name.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

/// A field whose values are only ever asked for with `:` brings its colon along.
fn field_item(way: &str, field: &'static Field, operator_follows: bool) -> Item {
    let name = format!("{way}{}", field.name);
    let colon = if operator_follows || wording(field.kind).1.is_some() { "" } else { ":" };
    item(ItemKind::Field, &format!("{name}{colon}"), &name, field.help)
}

fn relation_item(way: &str, relation: Relation, operator_follows: bool) -> Item {
    let name = format!("{way}{}", relation.name());
    let (query, shown) = if operator_follows { ("", "") } else { (":(", ":( … )") };
    item(ItemKind::Relation, &format!("{name}{query}"), &format!("{name}{shown}"), relation.help())
}

/// Values of a field. A moment equals no instant, so after `:` days are offered alone.
fn values(found: &Found, typed: &str, equal: bool) -> Vec<Item> {
    let Target::Field(field) = found.target else { return Vec::new() };
    let plain = typed.trim_start_matches(['"', '`']);
    match field.kind {
        Kind::Text | Kind::Version => vec![Item { values_of: Some(field), ..item(ItemKind::Value, "", "", field.help) }],
        Kind::Flag => given(&[("yes", ""), ("no", "")], plain),
        Kind::Choice { members, .. } => choices(members, plain),
        Kind::Moment if equal => given(DAYS, plain),
        Kind::Moment => [given(INSTANTS, plain), given(DAYS, plain)].concat(),
        Kind::Size => given(SIZES, plain),
        Kind::Address => given(NETWORKS, plain),
        Kind::Number => Vec::new(),
    }
}

/// What may stand in place of a value right after an operator.
fn brackets(found: &Found, typed: &str, equal: bool) -> Vec<Item> {
    if !equal {
        return Vec::new();
    }
    let mut items = match found.target {
        Target::Relation(relation) => marks(&[("(", "( … )", &format!("a query over {}", plural(relation.to())))], typed),
        Target::Field(field) => {
            let ranges = [("[", "[ a .. b ]", "from a to b, both included; `(` and `)` leave them out")];
            let ordered = wording(field.kind).1.is_some();
            [marks(&[("[", "[ a, b ]", "one of several")], typed), marks(if ordered { &ranges } else { &[] }, typed)].concat()
        }
    };
    items.extend(marks(&[("*", "*", "any")], typed));
    items
}

/// Instants that people ask for most.
const INSTANTS: &[(&str, &str)] =
    &[("now-1d", "24 hours ago"), ("now-7d", "a week ago"), ("now-30d", "30 days ago"), ("now-1h", "an hour ago"), ("now", "this moment")];

/// Days that people ask for most.
const DAYS: &[(&str, &str)] = &[("today", "the whole day"), ("today-1d", "the whole day before"), ("today-7d", "the whole day a week ago")];

/// Sizes that show which units there are.
const SIZES: &[(&str, &str)] =
    &[("100MB", "100 millions of bytes"), ("1GB", "1,000 millions of bytes"), ("4GiB", "4 × 1024 × 1024 × 1024 bytes")];

/// Networks that most machines are in.
const NETWORKS: &[(&str, &str)] =
    &[("10.0.0.0/8", "a private network"), ("172.16.0.0/12", "a private network"), ("192.168.0.0/16", "a private network")];

fn given(values: &[(&str, &str)], typed: &str) -> Vec<Item> {
    values.iter().filter(|(value, _)| begins(value, typed)).map(|(value, detail)| item(ItemKind::Value, value, value, detail)).collect()
}

/// Members of a list; those that begin so come before those that have it somewhere.
fn choices(members: &'static [&'static str], typed: &str) -> Vec<Item> {
    let squeezed = |text: &str| text.replace(['-', '_', ' '], "").to_ascii_lowercase();
    let wanted = squeezed(typed);
    let mut found: Vec<&str> = members.iter().copied().filter(|member| squeezed(member).contains(&wanted)).collect();
    found.sort_by_key(|member| !squeezed(member).starts_with(&wanted));
    found.into_iter().map(|member| item(ItemKind::Value, member, member, "")).collect()
}
