//! Vendor feeds in, normalised patches out.
//!
//! Everything a feed serves is hostile until it is verified: sizes are bounded before anything is read,
//! signatures and hashes are checked before anything is parsed, and an import is handed over whole or not at all.
//!
//! [`sync`] brings one [`Feed`] up to date and answers [`Synced::Changed`] with its complete new [`Content`],
//! or [`Synced::Unchanged`] when the vendor's data is what it was. What to write is then the difference that
//! [`diff`] makes between the stored patches and the new ones; the caller forgets the [`Fingerprint`] of the last import
//! before it writes, stores the new one after, and passes it to the next [`sync`].
//!
//! A feed carries patches, or what somebody says of the vulnerabilities that patches fix ([`mod@vulnerabilities`]).
//!
//! [`mod@bundle`] carries what feeds brought to a server without internet, as one signed file.
//!
//! To add a kind of feed: give [`FeedConfig`] a variant, give the kind a module of its own beside [`mod@apt`] that
//! fetches through [`Fetcher`] and ends in [`Content`], call it in `sync.rs`, and give it a folder of hostile input.

mod advisories;
pub mod apt;
pub mod bundle;
mod cache;
mod collection;
mod deb822;
mod diff;
mod error;
mod feed;
mod fetch;
mod index;
pub mod microsoft;
mod progress;
pub mod rpm;
mod signature;
pub mod sources;
mod supersedence;
mod sync;
mod uploaded;
mod verified;
pub mod vulnerabilities;
pub mod winget;
mod xml;

pub use advisories::AdvisoryError;
pub use collection::CollectionError;
pub use diff::{Diff, diff};
pub use error::SyncError;
pub use feed::{
    AptSource, DESCRIPTIONS, DebianFeed, EXPLOITATION_LIST, Feed, FeedConfig, Flaw, Folders, KNOWN_EXPLOITED_LIST, Keyring, ListFeed,
    Location, LocationError, MICROSOFT_API, MicrosoftFeed, RpmFeed, RpmRepository, WingetFeed, none_one_or_several,
};
pub use fetch::{FetchError, FetchLimits, Fetcher};
pub use index::IndexError;
pub use progress::{Progress, Quiet, Step};
pub use signature::SignatureError;
pub use sync::{Content, Fingerprint, SourceSummary, Summary, Synced, sync};
pub use uploaded::{InspectError, inspect, inspect_content};
pub use xml::XmlFlaw;
