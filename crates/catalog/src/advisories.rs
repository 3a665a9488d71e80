//! Advisories of the Debian security team, in the text format of the security tracker's `DSA/list`.

/// Why an advisory list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AdvisoryError {
    /// Not the expected format.
    #[error("no line of it is an advisory in the format of the security tracker's DSA/list")]
    Foreign,
}
