//! Version schemes: each a total order, equal to the vendor's own comparison.

pub mod dpkg;

pub use dpkg::DpkgVersion;
