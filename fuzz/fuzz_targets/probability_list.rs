//! Throws bytes at the reader of probabilities of exploitation. All must be read or refused.
//!
//! `cargo xtask fuzz probability_list`

#![no_main]

use fettle_catalog::vulnerabilities::read_probabilities;
use fettle_model::vulnerability::is_cve;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = read_probabilities(bytes) {
        assert!(list.facts.is_sorted_by(|one, next| one.cve < next.cve), "one for each, in order");
        assert!(list.facts.iter().all(|facts| is_cve(&facts.cve) && facts.epss_ppm.is_some_and(|score| score <= 1_000_000)));
    }
});
