//! What would be installed: over all pockets, the highest version of each package.

use super::packages::Binary;
use std::collections::HashMap;

/// Packages of one index.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// Whether the repository is the release itself, and not updates to it.
    pub(crate) base: bool,
    /// Whether the repository is a security pocket.
    pub(crate) security: bool,
    /// The index's architecture: a machine's, or `all` when those stand in an index of their own.
    pub(crate) architecture: String,
    /// Its packages.
    pub(crate) packages: Vec<Binary>,
}

/// The version of a package that a machine of one architecture would get.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    /// The package at its highest version.
    pub(crate) package: &'a Binary,
    /// Whether only the release itself has this version, and no pocket with updates.
    pub(crate) only_in_base: bool,
    /// Whether a security pocket has this version or a lower one: updates are cumulative.
    pub(crate) security: bool,
    /// The next lower version that some index still carries.
    pub(crate) previous: Option<&'a Binary>,
}

/// Finds the candidates for each machine architecture.
pub(crate) fn candidates<'a>(shelves: &'a [Shelf], architectures: &[String]) -> Vec<Candidate<'a>> {
    let total: usize = shelves.iter().map(|shelf| shelf.packages.len()).sum();
    let mut found = Vec::new();
    for architecture in architectures {
        let mut offers: Vec<(&Binary, &Shelf)> = Vec::with_capacity(total);
        for shelf in shelves.iter().filter(|shelf| shelf.architecture == *architecture || shelf.architecture == "all") {
            offers.extend(shelf.packages.iter().map(|package| (package, shelf)));
        }
        offers.sort_by(|(left, _), (right, _)| left.name.cmp(&right.name).then_with(|| right.version.cmp(&left.version)));
        found.extend(offers.chunk_by(|(left, _), (right, _)| left.name == right.name).filter_map(candidate));
    }
    unique(found)
}

/// Judges all offers of one package, highest version first.
fn candidate<'a>(offers: &[(&'a Binary, &Shelf)]) -> Option<Candidate<'a>> {
    let (package, _) = offers.first()?;
    let mut of_candidate = offers.iter().take_while(|(other, _)| other.version == package.version);
    Some(Candidate {
        package,
        only_in_base: of_candidate.all(|(_, shelf)| shelf.base),
        security: offers.iter().any(|(_, shelf)| shelf.security),
        previous: offers.iter().find(|(other, _)| other.version < package.version).map(|(other, _)| *other),
    })
}

/// Packages for all architectures are candidates on each machine architecture; one of them is enough, and only
/// what holds on every machine holds for it.
fn unique(found: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let mut places: HashMap<(&str, &str, &[u8]), usize> = HashMap::with_capacity(found.len());
    let mut kept: Vec<Candidate<'_>> = Vec::with_capacity(found.len());
    for candidate in found {
        let package = candidate.package;
        let key = (package.name.as_ref(), package.architecture.as_ref(), package.version.sort_key());
        match places.get(&key).and_then(|&place| kept.get_mut(place)) {
            Some(earlier) => {
                earlier.only_in_base &= candidate.only_in_base;
                earlier.security |= candidate.security;
                earlier.previous = earlier.previous.filter(|_| candidate.previous.is_some());
            }
            None => {
                places.insert(key, kept.len());
                kept.push(candidate);
            }
        }
    }
    kept
}
