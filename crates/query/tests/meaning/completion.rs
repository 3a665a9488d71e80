//! What is offered at a cursor. In these texts `|` is the cursor.

use crate::support::context;
use fettle_query::complete::{Completion, ItemKind};
use fettle_query::registry::{Kind, fields, relations};
use fettle_query::{Entity, check, complete};
use rstest::rstest;

fn at(entity: Entity, marked: &str) -> (String, Completion) {
    let cursor = marked.find('|').expect("a cursor");
    let text = marked.replacen('|', "", 1);
    let completion = complete(entity, &text, cursor);
    (text, completion)
}

fn inserts(marked: &str) -> Vec<String> {
    at(Entity::Asset, marked).1.items.into_iter().filter(|item| item.values_of.is_none()).map(|item| item.insert).collect()
}

#[rstest]
// Fields: by the beginning of the name, of another name, of a part of the name, of a field behind a relation.
#[case("scanS|", &["scanStatus:"])]
#[case("SCANs|", &["scanStatus:"])]
#[case("hostn|", &["name:"])]
#[case("manuf|", &["hardware.manufacturer:"])]
#[case("crit|", &["missingCount.critical"])]
#[case("kev|", &["missing.kev:", "missing.kevDue", "installed.kev:", "installed.kevDue"])]
#[case("miss|", &["missing:(", "missingCount", "missingCount.critical", "missingCount.important", "missingCount.moderate", "missingCount.low", "missingCount.none", "missingCount.security", "latestMissingCount", "latestMissingCount.security", "missing.missingCount", "installed.missingCount"])]
#[case("missing.kev|", &["missing.kev:", "missing.kev is null", "missing.kev is not null", "missing.kevDue"])]
#[case("missing.KEVd|", &["missing.kevDue"])]
#[case("no|", &["not", "latestMissingCount", "missingCount.none"])]
// Behind the whole name of a field come its operators.
#[case("cpu.cores|", &["cpu.cores:", "cpu.cores<", "cpu.cores<=", "cpu.cores>", "cpu.cores>=", "cpu.cores is null", "cpu.cores is not null"])]
#[case("cpu.cores |", &[":", "<", "<=", ">", ">=", "is null", "is not null", "and", "or"])]
#[case("cpu.cores i|", &["is null", "is not null"])]
#[case("cpu.cores is |", &["null", "not null"])]
#[case("cpu.cores is not |", &["null"])]
#[case("cpu.cores is not n|", &["null"])]
// Values of closed kinds.
#[case("online:|", &["yes", "no", "[", "*"])]
#[case("online:y|", &["yes"])]
#[case("online = |", &["yes", "no", "[", "*"])]
#[case("scanStatus:st|", &["stale"])]
#[case("scanStatus:scan|", &["scanning", "scanned", "scan_failed", "never_scanned"])]
#[case("scanStatus:failed|", &["scan_failed"])]
#[case("scanStatus:\"scan f|", &["scan_failed"])]
#[case("missing.severity>=|", &["none", "low", "moderate", "important", "critical"])]
#[case("lastScan:to|", &["today", "today-1d", "today-7d"])]
#[case("lastScan>now-3|", &["now-30d"])]
#[case("lastScan:n|", &[])]
#[case("nonsense:|", &[])]
// Lists and ranges.
#[case("scanStatus:[|", &["never_scanned", "scanning", "scanned", "scan_failed", "unsupported", "stale"])]
#[case("scanStatus:[scanned, st|", &["stale"])]
#[case("scanStatus:[scanned |", &[", ", " .. ", "]"])]
#[case("missing.severity:[low .. im|", &["important"])]
#[case("missing.severity:(low .. im|", &["important"])]
#[case("missing.severity:(low .. important) |", &["and", "or"])]
// Between conditions.
#[case("online:yes |", &["and", "or"])]
#[case("online:yes an|", &["and"])]
#[case("online:yes and onl|", &["online:", "assessOnly:"])]
#[case("online:yes onl|", &["online:", "assessOnly:"])]
#[case("(online:yes |", &["and", "or", ")"])]
// Inside nested queries fields are those of the related records.
#[case("missing:|", &["(", "*"])]
#[case("missing:(kevd|", &["kevDue"])]
#[case("missing:(severity:cr|", &["critical"])]
#[case("missing:(severity:critical |", &["and", "or", ")"])]
#[case("missing:((kev:yes) or (kev:no and vendorS|", &["vendorSeverity"])]
#[case("missing:(kev:yes) and onl|", &["online:", "assessOnly:"])]
// Broken before the cursor and behind it.
#[case("name:: and )) onl|", &["online:", "assessOnly:"])]
#[case("\"web onl|", &[])]
#[case("name:[a, b and onl|", &["online:", "assessOnly:"])]
#[case("onl| and name:(", &["online:", "assessOnly:"])]
#[case("scanStatus:st| and ]](", &["stale"])]
#[case("onlin|e:yes", &["online"])]
#[case("online:|yes", &["yes", "no", "[", "*"])]
fn what_goes_on_from_what_is_typed(#[case] marked: &str, #[case] expected: &[&str]) {
    assert_eq!(inserts(marked), expected, "{marked}");
}

#[rstest]
#[case("na|me:web", "name")]
#[case("name:we|b-01 and x", "web-01")]
#[case("name:\"we|b 01\" and x", "\"web 01\"")]
#[case("name:\"web| and online:yes", "\"web")]
#[case("name:`web|", "`web")]
#[case("name:[a, \"b|]", "\"b")]
#[case("online:yes |", "")]
#[case("|online:yes", "")]
#[case("online:|", "")]
#[case("ip:10.0.0|.0/24", "10.0.0.0/24")]
#[case("ip:fe80::1|", "fe80::1")]
#[case("lastScan>2026-11-10T08:0|0Z", "2026-11-10T08:00Z")]
#[case("münch|en:x", "münchen")]
fn what_is_replaced(#[case] marked: &str, #[case] expected: &str) {
    let (text, completion) = at(Entity::Asset, marked);
    assert_eq!(&text[completion.place.start..completion.place.end], expected);
}

#[rstest]
#[case(Entity::Asset, "name:|", Some("name"))]
#[case(Entity::Asset, "os.name:\"deb|", Some("os.name"))]
#[case(Entity::Asset, "os.name:[debian, ub|", Some("os.name"))]
#[case(Entity::Asset, "missing.title:op|", Some("title"))]
#[case(Entity::Asset, "missing:(product:[a, |", Some("product"))]
#[case(Entity::Asset, "software.version<|", Some("version"))]
#[case(Entity::Result, "asset.tags.name:|", Some("tags.name"))]
#[case(Entity::Asset, "online:|", None)]
#[case(Entity::Asset, "nam|", None)]
fn values_of_open_kinds_are_left_to_an_index(#[case] entity: Entity, #[case] marked: &str, #[case] field: Option<&str>) {
    let (_, completion) = at(entity, marked);
    let found = completion.items.iter().find_map(|item| item.values_of).map(|field| field.name);
    assert_eq!(found, field);
}

#[test]
fn an_empty_box_offers_everything() {
    let (_, completion) = at(Entity::Asset, "|");
    let of_kind = |kind| completion.items.iter().filter(|item| item.kind == kind).count();
    assert_eq!(of_kind(ItemKind::Field), fields(Entity::Asset).len());
    assert_eq!(of_kind(ItemKind::Relation), relations(Entity::Asset).count());
    assert!(completion.items.iter().all(|item| !item.detail.is_empty()));
}

#[test]
fn every_value_offered_is_accepted() {
    for &entity in Entity::ALL {
        for field in fields(entity) {
            for operator in [":", "<", ">="] {
                if operator != ":" && matches!(field.kind, Kind::Text | Kind::Flag | Kind::Address | Kind::Choice { ordered: false, .. }) {
                    continue;
                }
                let text = format!("{}{operator}", field.name);
                let completion = complete(entity, &text, text.len());
                for item in completion.items.iter().filter(|item| item.kind == ItemKind::Value && item.values_of.is_none()) {
                    let query = format!("{text}{}", item.insert);
                    assert!(check(entity, &query, &context()).is_ok(), "{query}");
                }
            }
        }
    }
}

proptest::proptest! {
    /// Whatever stands there, the place lies in the text, ends at or behind the cursor, and begins at or before it.
    #[test]
    fn any_text_and_cursor_will_do(text in "([a-z:<>=()\\[\\],.\"`* äß-]|missing|severity| and | is |now-3d){0,20}", cursor in 0_usize..80) {
        for &entity in Entity::ALL {
            let completion = complete(entity, &text, cursor);
            let place = completion.place;
            proptest::prop_assert!(text.get(place.start..place.end).is_some());
            proptest::prop_assert!(place.start <= cursor && place.end >= cursor.min(text.len()).saturating_sub(3));
        }
    }
}
