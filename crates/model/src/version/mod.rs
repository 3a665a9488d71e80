//! Version schemes: each a total order, equal to the vendor's own comparison.

pub mod application;
pub mod dpkg;
pub mod rpm;
pub mod windows;

pub use application::ApplicationVersion;
pub use dpkg::DpkgVersion;
pub use rpm::{Nevra, RpmVersion};
pub use windows::WindowsVersion;

/// Which order versions are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// [`DpkgVersion`].
    Dpkg,
    /// [`RpmVersion`].
    Rpm,
    /// [`ApplicationVersion`].
    Application,
    /// [`WindowsVersion`].
    Windows,
}

impl Scheme {
    /// Appends bytes whose order (`memcmp`) is the order of versions. Says whether the text is a version; if not, `key`
    /// is left as it was.
    pub fn write_sort_key(self, version: &str, key: &mut Vec<u8>) -> bool {
        match self {
            Self::Dpkg => dpkg::write_sort_key(version, key).is_ok(),
            Self::Rpm => rpm::write_sort_key(version, key).is_ok(),
            Self::Application => application::write_sort_key(version, key).is_ok(),
            Self::Windows => WindowsVersion::parse(version).map(|version| version.write_sort_key(key)).is_ok(),
        }
    }

    /// The same bytes alone; `None` when the text is no version.
    #[must_use]
    pub fn sort_key(self, version: &str) -> Option<Vec<u8>> {
        let mut key = Vec::with_capacity(2 * version.len().min(64) + 10);
        self.write_sort_key(version, &mut key).then_some(key)
    }

    /// How two versions compare; `None` when one of them is no version.
    #[must_use]
    pub fn compare(self, left: &str, right: &str) -> Option<std::cmp::Ordering> {
        Some(self.sort_key(left)?.cmp(&self.sort_key(right)?))
    }
}

/// Longest version that is read, in bytes. The longest in Debian's archive has 60; the rest is an attack.
pub const MAX_LENGTH: usize = 512;

/// Stands where the length of a number does not fit into one byte.
const LONG_NUMBER: u8 = 0xff;

/// What is wrong with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionFlaw {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// More than [`MAX_LENGTH`] bytes.
    #[error("it is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// The part before the first colon is not a number up to 2147483647.
    #[error("the part before the colon is not a number up to 2147483647")]
    Epoch,
    /// Nothing between epoch and revision.
    #[error("there is nothing between epoch and revision")]
    EmptyUpstream,
    /// A hyphen with nothing behind it.
    #[error("there is nothing after the last hyphen")]
    EmptyRevision,
    /// A character that may not be there.
    #[error("the character {0:?} is not allowed there")]
    Character(char),
}

/// Encodes a number: how many digits, then the digits, without leading zeros. No digits are the number 0.
pub(crate) fn write_number(digits: &[u8], key: &mut Vec<u8>) {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    let significant = digits.get(zeros..).unwrap_or_default();
    match u8::try_from(significant.len()) {
        Ok(length) if length < LONG_NUMBER => key.push(length),
        _ => {
            // A version has at most 512 bytes, so two bytes hold any length.
            let length = u16::try_from(significant.len()).unwrap_or(u16::MAX);
            key.push(LONG_NUMBER);
            key.extend_from_slice(&length.to_be_bytes());
        }
    }
    key.extend_from_slice(significant);
}

/// What all versions with a text and a sort key have in common: they are read, shown and compared alike.
macro_rules! ordered_by_key {
    ($(#[$reads:meta])* $version:ty, $error:ty) => {
        impl $version {
            $(#[$reads])*
            ///
            /// # Errors
            /// As [`write_sort_key`].
            pub fn parse(text: &str) -> Result<Self, $error> {
                let mut key = Vec::with_capacity(2 * text.len().min($crate::version::MAX_LENGTH) + 10);
                write_sort_key(text, &mut key)?;
                Ok(Self { text: text.into(), key: key.into_boxed_slice() })
            }

            /// The version as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.text
            }

            /// Bytes whose order (`memcmp`) is the order of versions, and which are equal when the versions are.
            #[must_use]
            pub fn sort_key(&self) -> &[u8] {
                &self.key
            }
        }

        impl std::str::FromStr for $version {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $version {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$version> for String {
            fn from(version: $version) -> Self {
                version.text.into()
            }
        }

        impl std::fmt::Display for $version {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.text)
            }
        }

        impl std::fmt::Debug for $version {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.text, f)
            }
        }

        impl PartialEq for $version {
            fn eq(&self, other: &Self) -> bool {
                self.key == other.key
            }
        }

        impl Eq for $version {}

        impl Hash for $version {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.key.hash(state);
            }
        }

        impl PartialOrd for $version {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $version {
            fn cmp(&self, other: &Self) -> Ordering {
                self.key.cmp(&other.key)
            }
        }
    };
}

pub(crate) use ordered_by_key;
