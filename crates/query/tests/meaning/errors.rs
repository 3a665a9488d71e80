//! What is said of queries that mean nothing.

use crate::support::{context, errors};
use fettle_query::{Entity, QueryError, check};
use std::fmt::Write;

/// Queries that parse and mean nothing, a few of each kind.
const WRONG: &[(Entity, &str)] = &[
    (Entity::Asset, "nmae:web"),
    (Entity::Asset, "severity:critical"),
    (Entity::Asset, "family:linux"),
    (Entity::Asset, "hardware:dell"),
    (Entity::Asset, "qid:12345"),
    (Entity::Asset, "missing.qid:12345"),
    (Entity::Asset, "missing.titel:openssl"),
    (Entity::Asset, "somethingEntirelyDifferent:1"),
    (Entity::Patch, "qid:12345"),
    (Entity::Patch, "software.name:openssl"),
    (Entity::Asset, "name>web"),
    (Entity::Asset, "name:[a .. b]"),
    (Entity::Asset, "name:(web or db)"),
    (Entity::Asset, "name:(web and db)"),
    (Entity::Asset, "name:--"),
    (Entity::Asset, "name:a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a"),
    (Entity::Asset, "online:maybe"),
    (Entity::Asset, "online:1"),
    (Entity::Asset, "online>no"),
    (Entity::Asset, "missingCount:many"),
    (Entity::Asset, "missingCount>1e3"),
    (Entity::Asset, "compliance<95%"),
    (Entity::Asset, "missingCount:[5 .. 3]"),
    (Entity::Asset, "memory>4G"),
    (Entity::Asset, "memory>4lots"),
    (Entity::Asset, "memory>fourGB"),
    (Entity::Asset, "lastScan:now-3d"),
    (Entity::Asset, "lastScan:now-3h"),
    (Entity::Asset, "lastScan>now-3"),
    (Entity::Asset, "lastScan>now-3q"),
    (Entity::Asset, "lastScan>now-999999y"),
    (Entity::Asset, "lastScan>2026-02-30"),
    (Entity::Asset, "lastScan>10.11.2026"),
    (Entity::Asset, "lastScan>yesterday"),
    (Entity::Asset, "scanStatus:failed"),
    (Entity::Asset, "scanStatus:scaned"),
    (Entity::Asset, "scanStatus>scanned"),
    (Entity::Asset, "scanStatus:[scanned, wrong, stal]"),
    (Entity::Asset, "ip:10.0.*"),
    (Entity::Asset, "ip:10.0"),
    (Entity::Asset, "ip:localhost"),
    (Entity::Asset, "ip>10.0.0.1"),
    (Entity::Asset, "ip:[10.0.0.1 .. 10.0.0.9]"),
    (Entity::Asset, "os.version:v12"),
    (Entity::Asset, "os.version:\"windows 11\""),
    (Entity::Asset, "os.version:1*2"),
    (Entity::Asset, "os.version:12~*"),
    (Entity::Asset, "missing>3"),
    (Entity::Asset, "missing:[1 .. 2]"),
    (Entity::Asset, "nmae:web and not online:maybe or missing:(titel:x kev:perhaps)"),
    (Entity::Patch, "vendorSeverity:urgent"),
    (Entity::Patch, "vendorSeverity:crit"),
];

fn told(text: &str, error: &QueryError) -> String {
    let place = &text[error.place.start..error.place.end];
    let mut told = format!("  at {place:?}: {}\n    expected {}\n", error.message, error.expected);
    if let Some(suggestion) = &error.suggestion {
        writeln!(told, "    suggested {suggestion}").expect("writing to a text");
    }
    told
}

#[test]
fn errors_say_where_what_and_what_instead() {
    let mut all = String::new();
    for &(entity, text) in WRONG {
        writeln!(all, "{}: {text}", entity.as_str()).expect("writing to a text");
        for error in errors(entity, text) {
            all.push_str(&told(text, &error));
        }
    }
    insta::assert_snapshot!(all);
}

/// A suggestion that is put in its place mends the error: what is left are other errors.
#[test]
fn suggestions_mend() {
    for &(entity, text) in WRONG {
        let found = errors(entity, text);
        for error in found.iter().filter(|error| error.suggestion.is_some()) {
            let mut mended = text.to_owned();
            mended.replace_range(error.place.start..error.place.end, error.suggestion.as_deref().unwrap_or_default());
            let left = check(entity, &mended, &context()).err().unwrap_or_default();
            assert!(left.len() < found.len() || !left.iter().any(|other| other.message == error.message), "{text} → {mended}: {left:?}");
        }
    }
}

#[test]
fn errors_come_in_the_order_of_the_text_and_not_endlessly() {
    let text = "wrong:1 ".repeat(100);
    let found = errors(Entity::Asset, &text);
    assert_eq!(found.len(), 20);
    assert!(found.is_sorted_by_key(|error| error.place.start));
}

#[test]
fn a_text_that_is_no_query_has_one_error() {
    assert_eq!(errors(Entity::Asset, "name:(").len(), 1);
}

#[test]
fn errors_never_repeat_kilobytes() {
    for text in [format!("{}:1", "x".repeat(10_000)), format!("online:{}", "x".repeat(10_000)), format!("lastScan>{}", "9".repeat(10_000))]
    {
        for error in errors(Entity::Asset, &text) {
            assert!(error.message.len() + error.expected.len() + error.suggestion.map_or(0, |text| text.len()) < 1000, "{}", error.message);
        }
    }
}

#[test]
fn canonical_text_is_bounded_as_the_text_is() {
    let text = vec!["ip:10.0.0.1"; 1000].join(" or ");
    let [error] = errors(Entity::Asset, &text).try_into().expect("one error");
    assert!(error.message.contains("16 KiB"), "{}", error.message);
}
