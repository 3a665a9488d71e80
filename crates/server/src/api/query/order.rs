//! Sorting by a field of the registry.

use crate::api::page::Sort;
use crate::api::problem::{FieldError, Problem};
use fettle_fleet::{NotSortable, Sorted};
use fettle_query::registry::{AssetField, AuditField, PatchField, ResultField, fields};
use fettle_query::{Entity, Field, registry::Key};
use serde::{Deserialize, Deserializer};

/// A field to sort by as it was written: `name`, or `-name` for largest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortText(String);

impl<'de> Deserialize<'de> for SortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// Fields of one entity.
pub(crate) trait EntityField: Copy {
    /// The entity.
    const ENTITY: Entity;
    /// The field with this key.
    fn of(key: Key) -> Option<Self>;
}

impl EntityField for AssetField {
    const ENTITY: Entity = Entity::Asset;
    fn of(key: Key) -> Option<Self> {
        if let Key::Asset(field) = key { Some(field) } else { None }
    }
}

impl EntityField for PatchField {
    const ENTITY: Entity = Entity::Patch;
    fn of(key: Key) -> Option<Self> {
        if let Key::Patch(field) = key { Some(field) } else { None }
    }
}

impl EntityField for AuditField {
    const ENTITY: Entity = Entity::Audit;
    fn of(key: Key) -> Option<Self> {
        if let Key::Audit(field) = key { Some(field) } else { None }
    }
}

impl EntityField for ResultField {
    const ENTITY: Entity = Entity::Result;
    fn of(key: Key) -> Option<Self> {
        if let Key::Result(field) = key { Some(field) } else { None }
    }
}

/// An order of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<F> {
    /// For the index or the store.
    pub(crate) sorted: Sorted<F>,
    /// For cursors: the field's canonical name and the direction.
    pub(crate) named: Sort<&'static str>,
}

impl<F: EntityField> Order<F> {
    /// The order a request asks for, or that of `otherwise`.
    pub(crate) fn asked(text: Option<&SortText>, otherwise: &str) -> Result<Self, Problem> {
        let text = text.map_or(otherwise, |text| text.0.as_str());
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let field = find(F::ENTITY, name).filter(|field| field.sortable);
        let (by, field) = field.and_then(|field| Some((F::of(field.key)?, field))).ok_or_else(|| refused::<F>(name))?;
        let sorted = if descending { Sorted::descending(by) } else { Sorted::ascending(by) };
        Ok(Self { sorted, named: Sort { by: field.name, descending } })
    }

    /// What to answer when the index cannot sort by it.
    pub(crate) fn refused(self) -> impl FnOnce(NotSortable) -> Problem {
        move |_| refused::<F>(self.named.by)
    }
}

fn refused<F: EntityField>(name: &str) -> Problem {
    let names: Vec<&str> = fields(F::ENTITY).iter().filter(|field| field.sortable).map(|field| field.name).collect();
    let name: String = name.chars().take(100).collect();
    let error = FieldError::new("sort", format!("lists cannot be sorted by {name:?}; take one of {}", names.join(", ")));
    Problem::bad_request("query-invalid", "A query parameter was refused; errors names it.").with_errors(vec![error])
}

/// The field of an entity with this name or alias, whatever its case.
pub(crate) fn find(entity: Entity, name: &str) -> Option<&'static Field> {
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    let all = fields(entity);
    all.iter().find(|field| same(field.name)).or_else(|| all.iter().find(|field| field.aliases.iter().any(|alias| same(alias))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(text: &str) -> Result<Order<AssetField>, Problem> {
        Order::asked(Some(&SortText(text.to_owned())), "name")
    }

    #[test]
    fn fields_are_named_in_any_case_and_by_their_aliases() {
        assert_eq!(order("-MISSINGcount").expect("an order").named.to_string(), "-missingCount");
        assert_eq!(order("hostname").expect("an order").named.to_string(), "name");
        assert_eq!(Order::<AssetField>::asked(None, "-lastScan").expect("an order").named.to_string(), "-lastScan");
    }

    #[rstest::rstest]
    #[case("")]
    #[case("-")]
    #[case("--name")]
    #[case("nonsense")]
    #[case("tags.name")]
    fn what_has_no_order_is_refused_with_what_has(#[case] text: &str) {
        let problem = order(text).expect_err("refused");
        assert_eq!(problem.status, 400);
        assert!(problem.errors[0].message.contains("missingCount"), "{problem:?}");
    }
}
