//! Packages as numbers: the same package on many machines of one kind of system is one number.

use fettle_model::inventory::Package;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};

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
    /// Which package came after which the last time. Machines list the same packages in the same order, so
    /// this is nearly always the answer, found without hashing and beside the text that was just compared.
    followers: Vec<AtomicU32>,
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
        let same = |part: &'a str, as_this: &str| if part == as_this { SAME } else { part };
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
            match rest.strip_prefix(part.as_bytes()).and_then(<[u8]>::split_first) {
                Some((0, behind)) => rest = behind,
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

    /// The number of a package that was seen before. `after` is the number of the package before it in its list.
    #[inline]
    pub(crate) fn find(&self, package: PackageText<'_>, after: Option<u32>, scratch: &mut String) -> Option<u32> {
        let follower = after.and_then(|after| self.followers.get(usize::try_from(after).ok()?));
        if let Some(guess) = follower.map(|follower| follower.load(Ordering::Relaxed))
            && self.written(guess).is_some_and(|text| package.is_written(text))
        {
            return Some(guess);
        }
        let number = self.look_up(package, scratch)?;
        if let Some(follower) = follower {
            follower.store(number, Ordering::Relaxed);
        }
        Some(number)
    }

    fn look_up(&self, package: PackageText<'_>, scratch: &mut String) -> Option<u32> {
        scratch.clear();
        package.write(scratch);
        let is_it = |&number: &u32| self.written(number) == Some(scratch.as_str());
        self.places.find(self.hasher.hash_one(scratch.as_str()), is_it).copied()
    }

    /// The number of a package, a new one when it was never seen. `None` when `most` bytes of text are used up.
    pub(crate) fn add(&mut self, package: PackageText<'_>, most: usize, scratch: &mut String) -> Option<u32> {
        if let Some(number) = self.look_up(package, scratch) {
            return Some(number);
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.text.len() + scratch.len()).ok().filter(|_| self.text.len() + scratch.len() <= most)?;
        let hash = self.hasher.hash_one(scratch.as_str());
        self.text.push_str(scratch);
        self.ends.push(end);
        self.followers.push(AtomicU32::new(u32::MAX));
        let (text, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.places.insert_unique(hash, number, |&number| hasher.hash_one(written(text, ends, number).unwrap_or_default()));
        Some(number)
    }

    #[inline]
    fn written(&self, number: u32) -> Option<&str> {
        written(&self.text, &self.ends, number)
    }
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
        let (mut packages, mut scratch) = (Packages::default(), String::new());
        for (number, &package) in (0_u32..).zip(&all) {
            assert_eq!(packages.find(package, number.checked_sub(1), &mut scratch), None);
            assert_eq!(packages.add(package, usize::MAX, &mut scratch), Some(number));
        }
        for round in 0..2 {
            for (number, &package) in (0_u32..).zip(&all) {
                assert_eq!(packages.find(package, number.checked_sub(1), &mut scratch), Some(number), "round {round}");
                assert_eq!(packages.find(package, Some(5), &mut scratch), Some(number), "out of order");
                assert_eq!(packages.add(package, 0, &mut scratch), Some(number));
                assert_eq!(packages.get(number), Some(package));
            }
        }
        assert_eq!(packages.iter().map(|(_, package)| package).collect::<Vec<_>>(), all);
    }

    #[test]
    fn text_is_bounded() {
        let (mut packages, mut scratch) = (Packages::default(), String::new());
        assert_eq!(packages.add(text(["name", "amd64", "1", "name", "1"]), 8, &mut scratch), None);
        assert_eq!((packages.len(), packages.bytes()), (0, 0));
    }
}
