//! The mark of having been checked.

/// Something that passed the signature and hash checks. Only this module's siblings can give the mark:
/// [`signature`](super::signature) to a signed text, [`index`](super::index) to a file whose hash a signed text states.
#[derive(Debug)]
pub(crate) struct Verified<T>(T);

impl<T> Verified<T> {
    /// Gives the mark. The caller has checked `value` just now.
    pub(super) fn checked(value: T) -> Self {
        Self(value)
    }

    /// What was verified.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}
