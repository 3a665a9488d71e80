//! Feeds of package repositories that the tests make and sign themselves. Needs `gpg` and `gpgv` (Debian's packages gnupg
//! and gpgv); no network.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod apt;
mod key;
mod rpm;
