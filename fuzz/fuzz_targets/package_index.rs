//! Throws bytes at the readers of package indexes and advisories. All must be read or refused, and what is read must make
//! patches. A line of dashes parts the index
//! from a list of advisories.
//!
//! `cargo xtask fuzz package_index`

#![no_main]

use fettle_catalog::apt::{UnverifiedIndex, unverified_patches};
use fettle_model::os::ReleaseKey;

const BORDER: &[u8] = b"\n---\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let at = bytes.windows(BORDER.len()).position(|window| window == BORDER).unwrap_or(bytes.len());
    let (text, list) = (&bytes[..at], bytes.get(at + BORDER.len()..).unwrap_or_default());
    let release = ReleaseKey("debian/bookworm".to_owned());
    let index = UnverifiedIndex { suite: "bookworm-security", architecture: "amd64", text };
    if let Ok(patches) = unverified_patches(&release, "amd64", &[index], &[list]) {
        assert!(patches.is_sorted_by(|a, b| a.id < b.id), "each patch once, in order");
    }
});
