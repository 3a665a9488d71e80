//! Throws bytes at the reader of vulnerabilities' records. All must be read or refused, and what is read is bounded.
//!
//! `cargo xtask fuzz osv_record`

#![no_main]

use fettle_catalog::vulnerabilities::read_record;
use fettle_model::vulnerability::is_cve;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some(facts)) = read_record(bytes) {
        assert!(is_cve(&facts.cve));
        assert!(facts.title.is_none_or(|title| title.chars().count() <= 300 && !title.chars().any(char::is_control)));
        assert!(facts.cvss.is_none_or(|cvss| cvss.tenths <= 100));
        let description = facts.description.unwrap_or_default();
        assert!(description.details.chars().count() <= 4_001 && description.references.len() <= 20);
    }
});
