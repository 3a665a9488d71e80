//! Assets: states that pages and queries speak of.

crate::text_enum! {
    /// How an asset's last scan went.
    pub enum ScanStatus {
        /// Enrolled, no inventory yet.
        NeverScanned = "never_scanned",
        /// The agent was asked and has not answered yet.
        Scanning = "scanning",
        /// Inventory received and assessed.
        Scanned = "scanned",
        /// The agent could not make an inventory; the reason is kept beside it.
        ScanFailed = "scan_failed",
        /// The operating system cannot be assessed.
        Unsupported = "unsupported",
        /// No scan for three intervals of its profile.
        Stale = "stale",
    }
}
