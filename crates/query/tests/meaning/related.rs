//! Conditions on related records that somebody has answered beforehand.

use crate::support::checked;
use fettle_query::registry::{Key, ResultField};
use fettle_query::{Checked, Entity, Node, Record, Relation, Truth, Value, interpret};

/// A result whose asset's conditions are answered from a list.
struct Answered(Vec<(Checked, Truth)>);

impl Record for Answered {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        if field == Key::Result(ResultField::ExitCode) { vec![Value::Number(100.0)] } else { Vec::new() }
    }

    fn related(&self, _: Relation) -> Vec<&dyn Record> {
        Vec::new()
    }

    fn answers(&self, relation: Relation, inner: &Node) -> Option<Truth> {
        let found = self.0.iter().find(|(query, _)| relation == Relation::Asset && query.root() == inner);
        found.map(|(_, truth)| *truth)
    }

    fn is_known(&self) -> bool {
        true
    }
}

#[test]
fn an_answer_given_beforehand_is_taken() {
    let query = checked(Entity::Result, "exitCode:100 asset:(name:web and missing.kev:yes) not asset.online:yes");
    let asked = query.related(Relation::Asset);
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked.iter().all(|asked| asked.entity() == Entity::Asset));
    let truth = |first, second| interpret(&query, &Answered(asked.iter().cloned().zip([first, second]).collect()));
    assert_eq!(truth(Truth::Yes, Truth::No), Truth::Yes);
    assert_eq!(truth(Truth::Unknown, Truth::No), Truth::Unknown);
    assert_eq!(truth(Truth::Yes, Truth::Yes), Truth::No);
    assert_eq!(interpret(&query, &Answered(Vec::new())), Truth::No, "there is no related record to look at");
}

#[test]
fn equal_conditions_are_asked_once_and_others_not_at_all() {
    let query = checked(Entity::Result, "asset.name:web or (asset.name:web and patch.kev:yes)");
    assert_eq!(query.related(Relation::Asset).len(), 1);
    assert_eq!(query.related(Relation::Patch).len(), 1);
    assert!(checked(Entity::Result, "status:failed").related(Relation::Asset).is_empty());
    // What is asked of an asset's patches belongs to the question about the asset.
    assert!(checked(Entity::Result, "asset.missing.kev:yes").related(Relation::Missing).is_empty());
}

#[test]
fn a_negated_query_holds_where_it_did_not() {
    let query = checked(Entity::Result, "exitCode:100");
    assert_eq!(interpret(&query, &Answered(Vec::new())), Truth::Yes);
    assert_eq!(interpret(&query.clone().negated(), &Answered(Vec::new())), Truth::No);
    assert_eq!(query.negated().canonical(), "not (exitCode:100)");
}
