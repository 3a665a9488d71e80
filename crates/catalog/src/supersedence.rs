//! Which patch replaces which.
//!
//! Within one release, a patch replaces another when it brings everything the other brings to the same or a higher
//! version, is newer in that sense, and contains every package the other does. Each patch names the ones it replaces
//! directly: of several that replace a patch, the lowest.

use fettle_model::ids::PatchId;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Most patches above one that are looked at. What replaces a patch is among the next few; a list in which it is not was
/// made to keep the server busy.
const MOST_ABOVE: usize = 1_000;

/// A patch among those that it is compared with.
#[derive(Debug)]
pub(crate) struct Member<'a, V> {
    /// Its id.
    pub(crate) id: &'a PatchId,
    /// When it was published; one without an advisory was made after all that have one.
    pub(crate) published: Option<Timestamp>,
    /// What it brings, and to which version: source packages, or packages.
    pub(crate) versions: BTreeMap<&'a str, &'a V>,
    /// Packages, with their architectures, that what replaces it has to contain too.
    pub(crate) packages: BTreeSet<(&'a str, &'a str)>,
    /// It fixes something that can be attacked.
    pub(crate) security: bool,
}

/// What a patch is among the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Connected {
    /// Patches that it replaces directly, ordered.
    pub(crate) supersedes: Vec<PatchId>,
    /// It is security, or replaces what is: updates are cumulative, and what replaces a fix contains it.
    pub(crate) security: bool,
}

/// Where a patch stands among those that bring the same versions: by publication, then by id.
type Standing<'a> = (bool, Option<Timestamp>, &'a str);

impl<V: Ord> Member<'_, V> {
    fn standing(&self) -> Standing<'_> {
        (self.published.is_none(), self.published, self.id.as_str())
    }

    fn supersedes(&self, older: &Self) -> bool {
        let mut higher = self.standing() > older.standing();
        for (name, version) in &older.versions {
            match self.versions.get(name) {
                Some(other) if other >= version => higher |= other > version,
                _ => return false,
            }
        }
        higher && older.packages.is_subset(&self.packages)
    }
}

/// Finds out what replaces what, for each patch in its place.
pub(crate) fn connect<V: Ord>(members: &[Member<'_, V>]) -> Vec<Connected> {
    let successors = successors(members);
    let mut connected: Vec<Connected> =
        members.iter().map(|member| Connected { supersedes: Vec::new(), security: member.security }).collect();
    spread_security(&mut connected, &successors);
    for (member, successor) in members.iter().zip(successors) {
        if let Some(newer) = successor.and_then(|place| connected.get_mut(place)) {
            newer.supersedes.push(member.id.clone());
        }
    }
    connected.iter_mut().for_each(|one| one.supersedes.sort_unstable());
    connected
}

/// For each patch the place of the one that supersedes it directly.
fn successors<V: Ord>(members: &[Member<'_, V>]) -> Vec<Option<usize>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        for name in member.versions.keys() {
            by_name.entry(name).or_default().push(place);
        }
    }
    let mut successors = vec![None; members.len()];
    for (name, mut places) in by_name {
        // Ascending in this version, so the first match is the lowest.
        places.sort_by(|&left, &right| {
            let key = |place: usize| members.get(place).map(|member| (member.versions.get(name), member.standing()));
            key(left).cmp(&key(right))
        });
        for (index, &place) in places.iter().enumerate() {
            let Some(member) = members.get(place) else { continue };
            // A patch that brings several is looked up once, by its first.
            if member.versions.keys().next().is_none_or(|first| *first != name) {
                continue;
            }
            let mut above = places.iter().skip(index + 1).take(MOST_ABOVE).copied();
            let next = above.find(|&other| members.get(other).is_some_and(|other| other.supersedes(member)));
            if let Some(slot) = successors.get_mut(place) {
                *slot = next;
            }
        }
    }
    successors
}

/// Marks as security what supersedes security.
fn spread_security(connected: &mut [Connected], successors: &[Option<usize>]) {
    let mut open: Vec<usize> = connected.iter().enumerate().filter(|(_, one)| one.security).map(|(place, _)| place).collect();
    while let Some(place) = open.pop() {
        let next = successors.get(place).copied().flatten();
        if let Some(next) = next
            && let Some(newer) = connected.get_mut(next).filter(|newer| !newer.security)
        {
            newer.security = true;
            open.push(next);
        }
    }
}
