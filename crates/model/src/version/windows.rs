//! Builds of Windows and versions of its files: four numbers.

use super::VersionFlaw;
use serde::{Deserialize, Serialize};

/// `major.minor.build.revision`. Parts that are missing are 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WindowsVersion([u32; 4]);

impl WindowsVersion {
    /// The version of four numbers.
    #[must_use]
    pub fn new(major: u32, minor: u32, build: u32, revision: u32) -> Self {
        Self([major, minor, build, revision])
    }

    /// Reads one to four numbers with points between, such as `10.0.19045.3803`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, VersionFlaw> {
        if text.is_empty() {
            return Err(VersionFlaw::Empty);
        }
        let mut numbers = [0; 4];
        let mut parts = text.split('.');
        for (number, part) in numbers.iter_mut().zip(&mut parts) {
            if let Some(odd) = part.chars().find(|letter| !letter.is_ascii_digit()) {
                return Err(VersionFlaw::Character(odd));
            }
            *number = part.parse().map_err(|_| if part.is_empty() { VersionFlaw::Empty } else { VersionFlaw::TooLong })?;
        }
        if parts.next().is_some() { Err(VersionFlaw::TooLong) } else { Ok(Self(numbers)) }
    }

    /// The first number.
    #[must_use]
    pub fn major(self) -> u32 {
        self.0[0]
    }

    /// The second number.
    #[must_use]
    pub fn minor(self) -> u32 {
        self.0[1]
    }

    /// The third number: which release of Windows it is.
    #[must_use]
    pub fn build(self) -> u32 {
        self.0[2]
    }

    /// The fourth number: how far that release is patched.
    #[must_use]
    pub fn revision(self) -> u32 {
        self.0[3]
    }

    /// Appends bytes whose order (`memcmp`) is the order of versions.
    pub fn write_sort_key(self, key: &mut Vec<u8>) {
        key.extend(self.0.iter().flat_map(|number| number.to_be_bytes()));
    }

    /// Whether both are builds of the same release of Windows.
    #[must_use]
    pub fn is_same_release(self, other: Self) -> bool {
        self.0[..3] == other.0[..3]
    }
}

impl std::fmt::Display for WindowsVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, build, revision] = self.0;
        f.pad(&format!("{major}.{minor}.{build}.{revision}"))
    }
}

impl TryFrom<String> for WindowsVersion {
    type Error = VersionFlaw;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<WindowsVersion> for String {
    fn from(version: WindowsVersion) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn numbers_order_as_numbers() {
        let ladder = ["6.1.7601", "6.3.9600.0", "10.0.9", "10.0.17763.5", "10.0.17763.10", "10.0.19045.1", "11"];
        let versions: Vec<WindowsVersion> = ladder.iter().map(|text| WindowsVersion::parse(text).expect("a version")).collect();
        assert!(versions.is_sorted_by(|a, b| a < b));
        assert!(versions[3].is_same_release(versions[4]) && !versions[4].is_same_release(versions[5]));
        assert_eq!((versions[4].build(), versions[4].revision()), (17_763, 10));
        assert_eq!(versions[0].to_string(), "6.1.7601.0");
    }

    #[rstest]
    #[case("", VersionFlaw::Empty)]
    #[case("10..1", VersionFlaw::Empty)]
    #[case("10.0.19045 N/A", VersionFlaw::Character(' '))]
    #[case("1.2.3.4.5", VersionFlaw::TooLong)]
    #[case("99999999999", VersionFlaw::TooLong)]
    fn anything_else_is_refused(#[case] text: &str, #[case] flaw: VersionFlaw) {
        assert_eq!(WindowsVersion::parse(text), Err(flaw));
    }
}
