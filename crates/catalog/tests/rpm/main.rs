//! Feeds of RPM repositories that the tests make, and sign themselves. Needs `gpg` and `gpgv` (Debian's packages gnupg
//! and gpgv); no network.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

#[path = "../signing/key.rs"]
mod key;

mod import;
mod made;
mod refusals;
