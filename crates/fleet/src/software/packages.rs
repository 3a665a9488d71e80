//! Packages as numbers: the same package on many machines of one kind of system is one number.

use crate::snapshot::cursor::{Cursor, Read, Wrong};
use fettle_model::inventory::Package;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::{BuildHasher, Hasher};

/// Ends a part of a package's text. No package holds it: control characters are refused when inventories come in,
/// and elsewhere it could only make a machine's own packages alike.
const END: char = '\0';
/// Stands for a source that is named like the package, and for its version when it is the same.
const SAME: &str = "\u{1}";

/// The packages of one kind of system, numbered in the order in which they were first seen. Numbers stay.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    /// All texts, one behind the other.
    text: String,
    /// Where each text ends.
    ends: Vec<u32>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// What tells one package from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PackageText<'a> {
    /// Name of the binary package.
    pub(crate) name: &'a str,
    /// Architecture.
    pub(crate) architecture: &'a str,
    /// Version.
    pub(crate) version: &'a str,
    /// Source package.
    pub(crate) source: &'a str,
    /// Version of the source package.
    pub(crate) source_version: &'a str,
}

impl<'a> From<&'a Package> for PackageText<'a> {
    fn from(package: &'a Package) -> Self {
        let Package { name, architecture, version, source, source_version, state: _, held: _ } = package;
        Self { name, architecture, version, source, source_version }
    }
}

impl<'a> PackageText<'a> {
    #[inline]
    fn parts(self) -> [&'a str; 5] {
        let same = |part: &'a str, as_this: &str| if equal(part.as_bytes(), as_this.as_bytes()) { SAME } else { part };
        [self.name, self.architecture, self.version, same(self.source, self.name), same(self.source_version, self.version)]
    }

    fn read(text: &'a str) -> Self {
        let mut parts = text.split(END);
        let mut part = || parts.next().unwrap_or_default();
        let (name, architecture, version, source, source_version) = (part(), part(), part(), part(), part());
        let same = |part: &'a str, as_this: &'a str| if part == SAME { as_this } else { part };
        Self { name, architecture, version, source: same(source, name), source_version: same(source_version, version) }
    }

    fn write(self, text: &mut String) {
        for part in self.parts() {
            text.push_str(part);
            text.push(END);
        }
    }

    #[inline]
    fn is_written(self, text: &str) -> bool {
        let mut rest = text.as_bytes();
        for part in self.parts() {
            let Some((there, behind)) = rest.split_at_checked(part.len()) else { return false };
            match behind.split_first() {
                Some((0, behind)) if equal(there, part.as_bytes()) => rest = behind,
                _ => return false,
            }
        }
        rest.is_empty()
    }
}

impl Packages {
    /// How many there are; numbers are below it.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of their texts.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The package with this number.
    pub(crate) fn get(&self, number: u32) -> Option<PackageText<'_>> {
        self.written(number).map(PackageText::read)
    }

    /// All of them, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, PackageText<'_>)> {
        (0..).zip(self.ends.iter()).filter_map(|(number, _)| Some((number, self.get(number)?)))
    }

    /// What [`Packages::find`] looks a package up by.
    #[inline]
    pub(crate) fn hash(&self, package: PackageText<'_>) -> u64 {
        hash(&self.hasher, package)
    }

    /// The number of a package that was seen before.
    #[inline]
    pub(crate) fn find(&self, hash: u64, package: PackageText<'_>) -> Option<u32> {
        let is_it = |&number: &u32| self.written(number).is_some_and(|text| package.is_written(text));
        self.places.find(hash, is_it).copied()
    }

    /// The number of a package, a new one when it was never seen. `None` when `most` bytes of text are used up.
    pub(crate) fn add(&mut self, package: PackageText<'_>, most: usize) -> Option<u32> {
        let hash = self.hash(package);
        if let Some(number) = self.find(hash, package) {
            return Some(number);
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        let start = self.text.len();
        package.write(&mut self.text);
        let Some(end) = u32::try_from(self.text.len()).ok().filter(|_| self.text.len() <= most) else {
            self.text.truncate(start);
            return None;
        };
        self.ends.push(end);
        let (text, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        let again = |&number: &u32| self::hash(hasher, PackageText::read(written(text, ends, number).unwrap_or_default()));
        self.places.insert_unique(hash, number, again);
        Some(number)
    }

    /// Appends all of them to a snapshot: their number, where each text ends, and the texts.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(u32::try_from(self.ends.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.ends.iter().for_each(|end| bytes.extend(end.to_le_bytes()));
        bytes.extend(self.text.as_bytes());
    }

    /// Reads what [`Packages::write`] wrote.
    pub(crate) fn read(from: &mut Cursor<'_>) -> Read<Self> {
        let count = from.size()?;
        let ends: Vec<u32> = from.column(count, u32::from_le_bytes)?.collect();
        let len = usize::try_from(ends.last().copied().unwrap_or(0)).unwrap_or(usize::MAX);
        let text = str::from_utf8(from.bytes(len)?).map_err(|_| Wrong("packages are not UTF-8"))?.to_owned();
        let mut packages = Self { text, ends, ..Self::default() };
        let mut places = HashTable::with_capacity(count);
        for number in (0..).take(count) {
            let text = packages.written(number).ok_or(Wrong("a package ends before it begins"))?;
            let again = |&number: &u32| packages.hash(PackageText::read(packages.written(number).unwrap_or_default()));
            places.insert_unique(packages.hash(PackageText::read(text)), number, again);
        }
        packages.places = places;
        Ok(packages)
    }

    #[inline]
    fn written(&self, number: u32) -> Option<&str> {
        written(&self.text, &self.ends, number)
    }
}

#[inline]
fn hash(hasher: &DefaultHashBuilder, package: PackageText<'_>) -> u64 {
    let mut hasher = hasher.build_hasher();
    let mut lengths = 0_u64;
    for part in [package.name, package.architecture, package.version, package.source, package.source_version] {
        hasher.write(part.as_bytes());
        lengths = lengths << 12 | u64::try_from(part.len()).unwrap_or(0);
    }
    hasher.write_u64(lengths);
    hasher.finish()
}

/// Whether two short texts are equal. Names and versions have some ten bytes: two words, and no call.
#[inline]
fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() || a.len() > 16 {
        return a == b;
    }
    match (a.first_chunk(), b.first_chunk(), a.last_chunk(), b.last_chunk()) {
        (Some(a), Some(b), Some(a_end), Some(b_end)) => word(a) == word(b) && word(a_end) == word(b_end),
        _ => match (a.first_chunk(), b.first_chunk(), a.last_chunk(), b.last_chunk()) {
            (Some(a), Some(b), Some(a_end), Some(b_end)) => {
                u32::from_ne_bytes(*a) == u32::from_ne_bytes(*b) && u32::from_ne_bytes(*a_end) == u32::from_ne_bytes(*b_end)
            }
            _ => a.iter().eq(b),
        },
    }
}

#[inline]
fn word(bytes: &[u8; 8]) -> u64 {
    u64::from_ne_bytes(*bytes)
}

#[inline]
fn written<'a>(text: &'a str, ends: &[u32], number: u32) -> Option<&'a str> {
    let at = usize::try_from(number).ok()?;
    let end = usize::try_from(*ends.get(at)?).ok()?;
    let start = match at.checked_sub(1) {
        Some(before) => usize::try_from(*ends.get(before)?).ok()?,
        None => 0,
    };
    text.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<'a>(parts: [&'a str; 5]) -> PackageText<'a> {
        let [name, architecture, version, source, source_version] = parts;
        PackageText { name, architecture, version, source, source_version }
    }

    #[test]
    fn every_part_counts_and_comes_back() {
        let all = [
            text(["a", "amd64", "1", "a", "1"]),
            text(["a", "amd64", "1", "a", "2"]),
            text(["a", "amd64", "1", "b", "1"]),
            text(["a", "amd64", "2", "a", "1"]),
            text(["a", "all", "1", "a", "1"]),
            text(["b", "amd64", "1", "a", "1"]),
            text(["", "", "", "", ""]),
            text(["a", "amd64", "1", "", ""]),
        ];
        let mut packages = Packages::default();
        let find = |packages: &Packages, package| packages.find(packages.hash(package), package);
        for (number, &package) in (0_u32..).zip(&all) {
            assert_eq!(find(&packages, package), None);
            assert_eq!(packages.add(package, usize::MAX), Some(number));
        }
        for (number, &package) in (0_u32..).zip(&all) {
            assert_eq!(find(&packages, package), Some(number));
            assert_eq!(packages.add(package, 0), Some(number));
            assert_eq!(packages.get(number), Some(package));
        }
        assert_eq!(packages.iter().map(|(_, package)| package).collect::<Vec<_>>(), all);
    }

    #[test]
    fn equal_is_equal_at_every_length() {
        let text = "0123456789abcdefghij";
        for (from, to) in (0..20).flat_map(|from| (from..=20).map(move |to| (from, to))) {
            let part = &text.as_bytes()[from..to];
            assert!(equal(part, part));
            for at in 0..part.len() {
                let mut other = part.to_vec();
                other[at] = b'!';
                assert!(!equal(part, &other), "{from}..{to} at {at}");
            }
            assert!(!equal(part, &text.as_bytes()[from..20.min(to + 1)]) || to == 20);
        }
    }

    #[test]
    fn text_is_bounded() {
        let mut packages = Packages::default();
        assert_eq!(packages.add(text(["name", "amd64", "1", "name", "1"]), 8), None);
        assert_eq!((packages.len(), packages.bytes()), (0, 0));
    }
}
