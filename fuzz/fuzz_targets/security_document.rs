//! Throws bytes at the reader of security documents. All must be read or refused, and what is read must make patches.
//!
//! `cargo xtask fuzz security_document`

#![no_main]

use fettle_catalog::microsoft::{stated, unverified_patches};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if stated(bytes).is_ok() {
        assert!(unverified_patches(&[bytes]).is_ok(), "it was read a moment ago");
    }
});
