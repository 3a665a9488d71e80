//! Names: canonical ones, aliases, ways along relations; and the registry they come from.

use crate::support::{asset, checked, context, errors};
use fettle_query::registry::{UNSUPPORTED, fields, relations};
use fettle_query::{Entity, Node, Relation, check};
use rstest::rstest;
use std::collections::HashSet;

#[rstest]
#[case("NAME:web", "name:web")]
#[case("hostname=web", "name:web")]
#[case("operatingSystem:debian", "os.name:debian")]
#[case("missingPatchCount>3", "missingCount>3")]
#[case("nonSupersededMissingPatchCount>3", "latestMissingCount>3")]
#[case("missing.severity:critical", "missing.vendorSeverity:critical")]
#[case("MISSING.Severity:critical", "missing.vendorSeverity:critical")]
#[case("missingcount.CRITICAL>0", "missingCount.critical>0")]
#[case("missing:(severity:critical kev:yes)", "missing:(vendorSeverity:critical and kev:yes)")]
#[case("Software.name:openssl", "software.name:openssl")]
#[case("missing:*", "missing is not null")]
#[case("lastSeen<now-30d", "lastCheckIn<now-30d")]
#[case("", "")]
fn names_become_canonical(#[case] text: &str, #[case] canonical: &str) {
    let query = asset(text);
    let expected = asset(canonical);
    assert_eq!(query.root(), expected.root());
    assert_eq!(query.canonical(), expected.canonical());
    assert_eq!(query.canonical(), fettle_query::print(&fettle_query::parse(canonical).expect("it parses")));
}

#[rstest]
#[case("asset.name:web", "asset:(name:web)")]
#[case("patch.title:openssl", "patch:(title:openssl)")]
#[case("asset.missing.severity:critical", "asset:(missing:(severity:critical))")]
#[case("asset.missing:(kev:yes)", "asset:(missing:(kev:yes))")]
fn ways_along_relations_are_nested_queries(#[case] dotted: &str, #[case] nested: &str) {
    assert_eq!(checked(Entity::Result, dotted).root(), checked(Entity::Result, nested).root());
}

#[test]
fn a_relation_without_a_query_asks_whether_there_is_any() {
    let any = Node::Related { relation: Relation::Missing, inner: Box::new(Node::Everything) };
    assert_eq!(asset("missing:*").root(), &any);
    assert_eq!(asset("missing is not null").root(), &any);
    assert_eq!(asset("missing:(*)").root(), &any);
    assert_eq!(asset("missing is null").root(), &Node::Not(Box::new(any)));
}

#[test]
fn a_text_asked_of_a_relation_is_free_text_there() {
    assert_eq!(asset("missing:openssl").root(), asset("missing:(openssl)").root());
    assert_eq!(asset("missing:[openssl, curl]").root(), asset("missing:(openssl or curl)").root());
}

#[test]
fn every_example_is_a_query() {
    for &entity in Entity::ALL {
        // Software is reached from an asset alone, and its examples show how.
        let asked = if entity == Entity::Software { Entity::Asset } else { entity };
        for field in fields(entity) {
            let query = checked(asked, field.example);
            assert!(query.canonical().contains(field.name), "the example of {} shows another field: {}", field.name, field.example);
        }
        for relation in relations(entity) {
            checked(entity, relation.example());
        }
    }
}

#[test]
fn every_name_means_one_thing() {
    for &entity in Entity::ALL {
        let mut seen = HashSet::new();
        let own =
            fields(entity).iter().flat_map(|field| std::iter::once(&field.name).chain(field.aliases)).map(|name| name.to_ascii_lowercase());
        for name in own.chain(relations(entity).map(|relation| relation.name().to_owned())) {
            assert!(seen.insert(name.clone()), "{entity:?} has two fields {name}");
        }
        for known in UNSUPPORTED.iter().filter(|known| known.entities.contains(&entity)) {
            assert!(!seen.contains(&known.name.to_ascii_lowercase()), "{} is a field of {entity:?}", known.name);
        }
    }
}

#[test]
fn customary_names_without_a_field_lead_to_one() {
    for known in UNSUPPORTED {
        for &entity in known.entities {
            let found = errors(entity, &format!("{}:1", known.name));
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].message, known.reason);
            if let Some(instead) = known.instead {
                assert!(check(entity, &format!("{instead} is not null"), &context()).is_ok(), "{instead}");
            }
        }
    }
}
