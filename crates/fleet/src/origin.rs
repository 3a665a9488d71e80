//! What a row of the fleet was made from.

use fettle_model::digest::Sha256Digest;

/// From which stored record a row was made. It changes together with what it speaks of, so whoever finds it
/// equal to what the store says knows that the row is up to date. All zero when made from no record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// The store's mark of the record.
    pub mark: u64,
    /// Names the inventory that the list of software was made from, see [`Origin::inventory_of`]; zero when none
    /// was read.
    pub inventory: u64,
    /// Generation of the catalog that decided the findings.
    pub generation: u64,
}

impl Origin {
    /// The first eight bytes of an inventory's digest: enough to tell one asset's inventories apart.
    #[must_use]
    pub fn inventory_of(digest: Sha256Digest) -> u64 {
        digest.0.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}
