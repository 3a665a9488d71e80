//! Throws bytes at the readers of lists of RPM packages and advisories. All must be read or refused, and what is read must
//! make patches. A line of dashes parts the packages from the advisories.
//!
//! `cargo xtask fuzz rpm_repository`

#![no_main]

use fettle_catalog::rpm::unverified_patches;
use fettle_model::os::ReleaseKey;

const BORDER: &[u8] = b"\n---\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let at = bytes.windows(BORDER.len()).position(|window| window == BORDER).unwrap_or(bytes.len());
    let (packages, advisories) = (&bytes[..at], bytes.get(at + BORDER.len()..));
    let release = ReleaseKey("rocky/9".to_owned());
    if let Ok(patches) = unverified_patches(&release, &["x86_64".to_owned()], &[packages], advisories.as_slice()) {
        assert!(patches.is_sorted_by(|a, b| a.id < b.id), "each patch once, in order");
    }
});
