//! The fleet in memory, arranged so that questions touch little.
//!
//! ```text
//! View ─ Places        asset id → segment and row
//!      ─ Dictionary    texts that repeat (systems, versions, models, tags) → numbers
//!      ─ Segments      up to 32,256 assets of one operating system version each
//!          ├─ planes   sets of rows: per value of a category, per patch missing and installed,
//!          │           per class of patches (severities, security, exploited), per set asked before
//!          └─ rows     findings and cards as bytes, counters and moments in columns
//! ```
//!
//! * A **question about many** is answered from planes: [`plane::Plane`] is a set that knows its size, so that
//!   a single condition costs a look at a number, and a conjunction reads each plane once.
//! * A **question about few** is answered from rows: [`found`] holds an asset's findings, [`packed`] its card.
//!   Names, users and addresses, which every row has of its own, are searched as one text ([`texts`]).
//! * **Rows of one system lie together** ([`place`]), because a patch applies to one system: it then has planes
//!   in few segments, and these are dense. Systems with few assets share segments.
//! * A **change** makes new versions of what it touches and shares everything else ([`chunks`], [`bytes`],
//!   [`writer`]); whoever reads an older version is not disturbed. Only the moment of the last check-in is
//!   written in place.
//!
//! What a question means is in [`crate::record`]; how it is answered is in [`crate::execute`].

pub(crate) mod among;
pub(crate) mod bits;
pub(crate) mod bytes;
pub(crate) mod categories;
pub(crate) mod chunks;
pub(crate) mod classes;
pub(crate) mod columns;
pub(crate) mod dictionary;
pub(crate) mod found;
pub(crate) mod numbers;
pub(crate) mod packed;
pub(crate) mod pending;
pub(crate) mod place;
pub(crate) mod plane;
pub(crate) mod rescan;
pub(crate) mod seen;
pub(crate) mod segment;
pub(crate) mod software;
pub(crate) mod spares;
pub(crate) mod texts;
pub(crate) mod unions;
mod unite;
pub(crate) mod unknown;
pub(crate) mod varint;
pub(crate) mod writer;
