//! The queries in the reference are right.

use fettle_query::{Context, Entity, check, render};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const REFERENCE: &str = include_str!("../../../docs/reference/query-language.md");

/// The lines in blocks that are marked as queries.
fn examples() -> Vec<&'static str> {
    let blocks = REFERENCE.split("```query\n").skip(1);
    blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines()).filter(|line| !line.trim().is_empty()).collect()
}

#[test]
fn the_examples_of_the_reference_are_queries_over_assets() {
    let context = Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
    let examples = examples();
    assert!(examples.len() > 10, "{examples:?}");
    for example in examples {
        if let Err(errors) = check(Entity::Asset, example, &context) {
            let told: Vec<String> = errors.iter().map(|error| render(error, example)).collect();
            panic!("{}", told.join("\n"));
        }
    }
}

#[test]
fn the_error_in_the_reference_is_the_one_that_is_told() {
    let text = "missingCount => 5";
    let Err(error) = fettle_query::parse(text) else { panic!("{text}") };
    assert!(REFERENCE.contains(&render(&error, text)), "{}", render(&error, text));
}
