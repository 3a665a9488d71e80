//! The mark of having been checked.

/// Something that passed the signature and hash checks. The mark is given by
/// [`signature`](super::signature) to a signed text, and by [`index`](super::index) to a file whose hash such a text states.
#[derive(Debug)]
pub(crate) struct Verified<T>(T);

impl<T> Verified<T> {
    /// Gives the mark. The caller has checked `value` just now.
    pub(crate) fn checked(value: T) -> Self {
        Self(value)
    }

    /// What was verified.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}
