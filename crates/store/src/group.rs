//! Group commit.

/// Writes of many callers in one transaction.
#[derive(Debug)]
pub(crate) struct Group {}
