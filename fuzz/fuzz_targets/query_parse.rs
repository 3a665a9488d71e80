//! Throws texts at the query language. Every text must be read or refused, and what is read must survive
//! being written.
//!
//! `cargo xtask fuzz query_parse`

#![no_main]

use fettle_query::{parse, print, render};

libfuzzer_sys::fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(expr) => {
            assert!(text.get(expr.place.start..expr.place.end).is_some(), "a place outside the text");
            let written = print(&expr);
            assert_eq!(parse(&written).map(|again| print(&again)), Ok(written), "what was written reads differently");
        }
        Err(error) => {
            assert!(text.get(error.place.start..error.place.end).is_some(), "a place outside the text: {error:?}");
            let shown = render(&error, text);
            assert!(!shown.contains(|letter: char| letter.is_control() && letter != '\n'), "a control character gets through");
        }
    }
});
