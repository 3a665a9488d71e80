//! The domain's words: everything the other rooms talk about, and nothing that does anything.
//!
//! This crate is pure: it opens no file, asks no clock and draws no random number. Time comes in as a
//! [`jiff::Timestamp`], chance as bytes. To add a word, give it a module of its own when it has rules
//! (a version scheme, the access matrix), and put its laws into property tests beside it.

pub mod access;
pub mod application;
pub mod asset;
pub mod clock;
pub mod custom;
pub mod digest;
pub mod finding;
pub mod ids;
pub mod installer;
pub mod inventory;
pub mod mirror;
pub mod os;
pub mod patch;
pub mod rule;
pub mod tag;
mod text_enum;
pub use text_enum::UnknownWord;
pub mod version;
pub mod vulnerability;
