//! From what was written to what it means.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What a query is read against: it has no clock and no zone of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// What `now` is.
    pub now: Timestamp,
    /// Where days begin: `today`, plain dates, `now-1M`.
    pub zone: TimeZone,
}
