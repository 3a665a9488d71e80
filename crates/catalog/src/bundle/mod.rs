//! Catalogs in one signed file: how a server without internet gets what another one fetched.
//!
//! A bundle is a tar archive, packed with zstd. Its first member is `manifest.json`, its second `manifest.sig`, the
//! Ed25519 signature of the first; one member per feed follows, `feeds/1.jsonl` and so on, a [`Line`] of JSON for each
//! record. The manifest states who exported what and when, until when it may be used, and size and digest of each
//! member. A bundle is full, or holds what changed since an earlier one, its base, which it names by number and digest.
//!
//! To export, put every record into a [`Writer`], which leaves out what the base held, and [`Writer::finish`] it. To
//! import, [`verify`] tells whose bundle a file is, [`Signed::fits`] whether it may be imported now, and [`contents`]
//! hands over what it holds, checking it on the way: nothing may be kept unless that ended well. No part of a name in
//! the archive is ever used as a path: members come in the order that the manifest states, or the bundle is refused.

mod archive;
mod contents;
mod error;
mod feed;
mod held;
mod key;
mod line;
mod manifest;
mod verify;
mod write;

pub use contents::{Piece, contents};
pub use error::BundleError;
pub use feed::BundledFeed;
pub use held::{Base, Held};
pub use key::{BundleKey, NotABundleKey, signature};
pub use line::Line;
pub use manifest::{BaseName, Carries, Exporter, FeedEntry, FeedHead, Imported, Manifest, Member, Occasion, Verdict};
pub use verify::{Signed, verify};
pub use write::{FeedWriter, Writer, Written};

/// What a reader of this version understands. Raised when an older version would misread a bundle.
pub const FORMAT: u32 = 1;

/// Name of the first member.
const MANIFEST: &str = "manifest.json";
/// Name of the second member.
const SIGNATURE: &str = "manifest.sig";

/// Largest manifest: a thousand feeds with a kilobyte each.
const MAX_MANIFEST: u64 = 1024 * 1024;
/// Most feeds. Each is a release of a distribution, a vendor or a list; large houses have some dozens.
const MAX_FEEDS: usize = 500;
/// Most bytes of one feed's member. All of Debian's main is 60 MB as patches.
const MAX_MEMBER: u64 = 1024 * 1024 * 1024;
/// Most bytes of all members together.
const MAX_CONTENTS: u64 = 4 * 1024 * 1024 * 1024;
/// Longest record: a kernel's advisory with thousands of vulnerabilities and packages stays far below.
const MAX_LINE: usize = 4 * 1024 * 1024;
/// Most records of one feed: three times as many as there are vulnerabilities with an id.
const MAX_RECORDS: u64 = 1_000_000;
/// Most memory for unpacking, as a power of two: what the strongest ordinary level of zstd wants.
const WINDOW: u32 = 27;
/// Largest bundle as a file.
pub const MAX_BUNDLE: u64 = 2 * 1024 * 1024 * 1024;

/// Name of the member of a feed, by its place in the manifest.
fn member_name(place: usize) -> String {
    format!("feeds/{}.jsonl", place + 1)
}
