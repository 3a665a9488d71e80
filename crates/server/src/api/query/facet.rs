//! Facets: how many records of a list have each value, and the term that narrows the list to one of them.

use fettle_model::version::DpkgVersion;
use fettle_query::registry::{Kind, fields};
use fettle_query::syntax::{Comparison, Expr, ExprKind, Literal, Name, Place, Quoting, Test};
use fettle_query::{Context, Entity, Field, check, print, text};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Facets of a list. Their counts are taken from the same version of the index as `total`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Facets {
    /// The version of the index, and the moment, that the answer was made from: answers with the same one belong together. Pass
    /// it as `version` to be answered from the same.
    pub version: String,
    /// How many rows the list has.
    pub total: u64,
    /// How many assets are not counted because their last good scan is missing or old.
    pub unknown: u64,
    /// One for each field that has few values, in the order of the registry.
    pub facets: Vec<Facet>,
}

/// Values of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Facet {
    /// Name of the field.
    pub field: String,
    /// Name of the field for people.
    pub label: String,
    /// All values, most frequent first.
    pub values: Vec<FacetValue>,
}

/// One value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// The value for people.
    pub label: String,
    /// How many rows of the list have it.
    pub count: u64,
    /// The list joined with this term by `and` has exactly `count` rows.
    pub term: String,
}

/// Fields that say the same as another facet in other words.
const TWICE: [(Entity, &str); 2] = [(Entity::Asset, "platform"), (Entity::Patch, "isSecurity")];

/// The fields of an entity that make facets.
pub(crate) fn facet_fields(entity: Entity) -> impl Iterator<Item = &'static Field> {
    fields(entity).iter().filter(move |field| field.facet && !TWICE.contains(&(entity, field.name)))
}

/// Makes a facet of the values the index counted. `recount` counts the rows that a term leaves; it is asked
/// where values differ only in what the language does not see, such as case.
pub(crate) fn facet(field: &'static Field, counted: Vec<(String, u64)>, context: &Context, recount: impl Fn(&str) -> u64) -> Facet {
    let mut values: Vec<FacetValue> = Vec::with_capacity(counted.len());
    let mut places: HashMap<Sameness, (usize, bool)> = HashMap::new();
    for (value, count) in counted {
        let (place, twice) = places.entry(sameness(field, &value)).or_insert((values.len(), false));
        if *place < values.len() {
            *twice = true;
            continue;
        }
        let term = term(field, &value);
        values.push(FacetValue { label: label(field, &value), value, count, term });
    }
    for (place, _) in places.into_values().filter(|(_, twice)| *twice) {
        if let Some(value) = values.get_mut(place) {
            value.count = recount(&value.term);
        }
    }
    // A text from a machine may be no version although its field wants one: no term finds it.
    values.retain(|value| value.count > 0 && check(field.entity(), &value.term, context).is_ok());
    values.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value)));
    Facet { field: field.name.to_owned(), label: title(field), values }
}

/// What the language takes for the same value.
#[derive(PartialEq, Eq, Hash)]
enum Sameness {
    Text(String),
    Version(DpkgVersion),
}

fn sameness(field: &Field, value: &str) -> Sameness {
    let version = (field.kind == Kind::Version).then(|| DpkgVersion::parse(value).ok()).flatten();
    version.map_or_else(|| Sameness::Text(text::fold(value)), Sameness::Version)
}

/// The term that asks for exactly this value of a field.
pub(crate) fn term(field: &Field, value: &str) -> String {
    let quoting = match field.kind {
        Kind::Text => Quoting::Exact,
        _ => Quoting::Bare,
    };
    named_term(field.name, value, quoting)
}

/// A term of a field's name and a value.
pub(crate) fn named_term(name: &str, value: &str, quoting: Quoting) -> String {
    let place = Place::default();
    let literal = Literal { place, text: value.to_owned(), quoting };
    let field = Name { place, text: name.to_owned() };
    print(&Expr { place, kind: ExprKind::Term { field, test: Test::Compare(Comparison::Equal, literal) } })
}

/// A value for people.
pub(crate) fn label(field: &Field, value: &str) -> String {
    match (field.kind, value) {
        (Kind::Flag | Kind::Choice { .. }, value) => sentence(value),
        (_, value) => value.to_owned(),
    }
}

/// A word of the API as the beginning of a sentence.
pub(crate) fn sentence(word: &str) -> String {
    let words = word.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A field's name for people.
pub(crate) fn title(field: &Field) -> String {
    let known = match (field.entity(), field.name) {
        (Entity::Asset, "os.family") => "Platform",
        (Entity::Asset, "os.version") => "OS version",
        (Entity::Asset, "tags.name") => "Tag",
        (Entity::Asset, "scanStatus") => "Scan status",
        (Entity::Asset, "online") => "Online",
        (Entity::Asset, "licensed") => "Licensed",
        (Entity::Asset, "assessOnly") => "Assess only",
        (Entity::Asset, "rebootPending") => "Restart pending",
        (Entity::Asset, "architecture") => "Architecture",
        (Entity::Asset, "agent.version") => "Agent version",
        (Entity::Asset, "hardware.manufacturer") => "Manufacturer",
        (Entity::Asset, "hardware.model") => "Model",
        (Entity::Patch, "category") => "Category",
        (Entity::Patch, "type") => "Type",
        (Entity::Patch, "vendor") => "Vendor",
        (Entity::Patch, "product") => "Product",
        (Entity::Patch, "appFamily") => "Product family",
        (Entity::Patch, "vendorSeverity") => "Severity",
        (Entity::Patch, "kev") => "Known exploited",
        (Entity::Patch, "architecture") => "Architecture",
        (Entity::Patch, "isSuperseded") => "Superseded",
        (Entity::Patch, "rebootRequired") => "Restart",
        (Entity::Patch, "downloadMethod") => "Download",
        (Entity::Patch, "isRollback") => "Can be taken back",
        (Entity::Patch, "patchStatus") => "Status",
        (Entity::Patch, "source") => "Feed",
        (Entity::Patch, "enabled") => "Enabled",
        _ => field.help,
    };
    known.to_owned()
}
