//! Which field a name means, and what to say when it means none.

use super::flaw::{Flaw, shown};
use crate::registry::{Entity, Field, Relation, fields, relations, unsupported};

/// What a name leads to: relations to go along, and what is at their end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// The way, outermost first.
    pub(crate) path: Vec<Relation>,
    /// What the name means there.
    pub(crate) target: Target,
}

/// What is at the end of a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// A field.
    Field(&'static Field),
    /// Related records.
    Relation(Relation),
}

impl Found {
    /// The name in canonical form.
    pub(crate) fn canonical(&self) -> String {
        let last = match self.target {
            Target::Field(field) => field.name,
            Target::Relation(relation) => relation.name(),
        };
        let way = self.path.iter().map(|relation| relation.name());
        way.chain([last]).collect::<Vec<_>>().join(".")
    }
}

/// Finds what a name means for an entity: a field by name or alias, a relation, or a relation, a dot and what
/// the rest means at its other end. Case does not matter.
pub(crate) fn find(entity: Entity, name: &str) -> Option<Found> {
    if let Some(field) = field(entity, name) {
        return Some(Found { path: Vec::new(), target: Target::Field(field) });
    }
    if let Some(relation) = relation(entity, name) {
        return Some(Found { path: Vec::new(), target: Target::Relation(relation) });
    }
    let (first, rest) = name.split_once('.')?;
    let first = relation(entity, first)?;
    let mut found = find(first.to(), rest)?;
    found.path.insert(0, first);
    Some(found)
}

fn field(entity: Entity, name: &str) -> Option<&'static Field> {
    let is = |other: &str| other.eq_ignore_ascii_case(name);
    fields(entity)
        .iter()
        .find(|field| is(field.name))
        .or_else(|| fields(entity).iter().find(|field| field.aliases.iter().any(|alias| is(alias))))
}

pub(crate) fn relation(entity: Entity, name: &str) -> Option<Relation> {
    relations(entity).find(|relation| relation.name().eq_ignore_ascii_case(name))
}

/// What to say of a name that means nothing.
pub(super) fn unknown(entity: Entity, name: &str) -> Flaw {
    let (way, end, rest) = walked(entity, name);
    if let Some(known) = unsupported(entity, name).or_else(|| unsupported(end, rest)) {
        return Flaw::new(known.reason, "another field").suggest(known.instead.map(|instead| format!("{way}{instead}")));
    }
    let suggestion = alike(end, rest).map(|better| format!("{way}{better}"));
    let of = plural(end);
    let flaw = match group(end, rest) {
        Some(members) => Flaw::new(format!("{} alone is no field of {of}", shown(rest)), format!("one of {members}")),
        None => Flaw::new(format!("{of} have no field {}", shown(rest)), format!("a field of {of}, such as {}", some_of(end))),
    };
    flaw.suggest(suggestion)
}

/// What to say of a relation that is compared like a number; often its count is meant.
pub(super) fn no_number(relation: Relation, name: &str) -> Flaw {
    let count = format!("{name}Count");
    let has_count = field(relation.from(), &format!("{}Count", relation.name())).is_some();
    let message = format!("{} leads to {}, which cannot be compared", shown(name), plural(relation.to()));
    Flaw::new(message, format!("a query in parentheses, as in `{}`", relation.example())).suggest(has_count.then_some(count))
}

/// Goes along the relations a name begins with: the way in canonical form, where it ends, and what is left.
fn walked(entity: Entity, name: &str) -> (String, Entity, &str) {
    let (mut way, mut end, mut rest) = (String::new(), entity, name);
    while let Some((first, behind)) = rest.split_once('.') {
        let Some(next) = relation(end, first) else { break };
        way.push_str(next.name());
        way.push('.');
        end = next.to();
        rest = behind;
    }
    (way, end, rest)
}

/// The fields whose names begin with this and a dot.
fn group(entity: Entity, name: &str) -> Option<String> {
    let starts = |field: &&Field| field.name.split_once('.').is_some_and(|(first, _)| first.eq_ignore_ascii_case(name));
    let members: Vec<&str> = fields(entity).iter().filter(starts).map(|field| field.name).collect();
    (!members.is_empty()).then(|| members.join(", "))
}

fn some_of(entity: Entity) -> String {
    fields(entity).iter().take(4).map(|field| field.name).collect::<Vec<_>>().join(", ")
}

/// The name somebody may have meant.
fn alike(entity: Entity, name: &str) -> Option<String> {
    let ends_so = |field: &&Field| field.name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case(name));
    let begins_so = |field: &&Field| field.name.split_once('.').is_some_and(|(first, _)| first.eq_ignore_ascii_case(name));
    let by_part = fields(entity).iter().find(ends_so).or_else(|| fields(entity).iter().find(begins_so)).map(|field| field.name.to_owned());
    by_part.or_else(|| behind_relation(entity, name)).or_else(|| nearest(name, names(entity)))
}

/// A field of that very name at the other end of a relation: `severity` of an asset is `missing.severity`.
fn behind_relation(entity: Entity, name: &str) -> Option<String> {
    relations(entity).find_map(|relation| find(relation.to(), name).map(|found| format!("{}.{}", relation.name(), found.canonical())))
}

fn names(entity: Entity) -> impl Iterator<Item = &'static str> {
    let own = fields(entity).iter().flat_map(|field| std::iter::once(field.name).chain(field.aliases.iter().copied()));
    own.chain(relations(entity).map(Relation::name))
}

/// The candidate that is nearest to what was written, unless even that is far: a third of its letters may be
/// wrong, or swapped with their neighbour.
pub(crate) fn nearest<'a>(written: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    // Longer texts are no misspelt names, and comparing them costs the product of the lengths.
    const LONGEST: usize = 64;
    if written.len() > LONGEST {
        return None;
    }
    let written = written.to_ascii_lowercase();
    let allowed = (written.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&written, &candidate.to_ascii_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate.to_owned())
}

/// What the records are called.
pub(crate) const fn plural(entity: Entity) -> &'static str {
    match entity {
        Entity::Asset => "assets",
        Entity::Patch => "patches",
        Entity::Job => "jobs",
        Entity::Result => "results",
        Entity::Audit => "audit entries",
        Entity::Software => "software",
    }
}
