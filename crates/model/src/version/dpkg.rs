//! dpkg's version order.
/// A version in dpkg's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DpkgVersion;
