//! Throws bytes at the reader of application manifests. All must be read or refused, and what is read must become
//! patches without a fault.
//!
//! `cargo xtask fuzz winget_manifest`

#![no_main]

use fettle_catalog::winget::{patches, read_manifest};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(checked) = read_manifest(&[bytes]) {
        let made = patches("fuzz", vec![checked.manifest]);
        assert!(made.len() <= 8, "one version, and a patch for each architecture");
    }
});
