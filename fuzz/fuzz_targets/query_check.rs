//! Throws texts at everything behind the parser: names and values are checked, explained and completed for
//! every kind of record. A query that is right must mean the same in its canonical form.
//!
//! `cargo xtask fuzz query_check`

#![no_main]

use fettle_query::{Context, Entity, check, complete, explain, parse, render};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Parts of the text a cursor is put behind.
const CURSORS: usize = 4;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let context = Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
    for &entity in Entity::ALL {
        for part in 1..=CURSORS {
            let completion = complete(entity, text, text.len() * part / CURSORS);
            assert!(text.get(completion.place.start..completion.place.end).is_some(), "a place outside the text");
        }
        if parse(text).is_err() {
            continue;
        }
        match check(entity, text, &context) {
            Ok(checked) => {
                assert!(!explain(&checked).text.is_empty(), "no explanation");
                let again = check(entity, checked.canonical(), &context);
                assert_eq!(again.as_ref(), Ok(&checked), "the canonical text means something else: {}", checked.canonical());
            }
            Err(errors) => {
                assert!(!errors.is_empty(), "refused without a reason");
                for error in &errors {
                    assert!(text.get(error.place.start..error.place.end).is_some(), "a place outside the text: {error:?}");
                    let shown = render(error, text);
                    assert!(!shown.contains(|letter: char| letter.is_control() && letter != '\n'), "a control character gets through");
                }
            }
        }
    }
});
