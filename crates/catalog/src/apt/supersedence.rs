//! Which patch replaces which.
//!
//! Within one release, a patch replaces another when it brings every source package of the other to the same or a
//! higher version, is newer in that sense, and contains every package the other does. Each patch names the ones it
//! replaces directly: of several that replace a patch, the lowest.

use super::patches::Draft;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Where a patch stands among those that fix the same version: by publication, then by id. One without an
/// advisory was made after all that have one.
type Standing<'a> = (bool, Option<Timestamp>, &'a str);

fn standing<'a>(draft: &'a Draft<'_>) -> Standing<'a> {
    (draft.published().is_none(), draft.published(), draft.id.as_str())
}

/// Fills in what each draft supersedes, and marks as security what supersedes a security patch.
pub(super) fn connect(drafts: &mut [Draft<'_>]) {
    let successors = successors(drafts);
    for (place, successor) in successors.iter().enumerate() {
        let Some(successor) = *successor else { continue };
        let Some(id) = drafts.get(place).map(|draft| draft.id.clone()) else { continue };
        if let Some(successor) = drafts.get_mut(successor) {
            successor.supersedes.push(id);
        }
    }
    for draft in drafts.iter_mut() {
        draft.supersedes.sort_unstable();
    }
    spread_security(drafts, &successors);
}

/// For each draft the place of the one that supersedes it directly.
fn successors(drafts: &[Draft<'_>]) -> Vec<Option<usize>> {
    let mut by_source: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        for source in draft.sources.keys() {
            by_source.entry(source).or_default().push(place);
        }
    }
    let mut successors = vec![None; drafts.len()];
    for (source, mut places) in by_source {
        // Ascending in this source's version, so the first match is the lowest.
        places.sort_by(|&left, &right| {
            let key = |place: usize| drafts.get(place).map(|draft| (draft.sources.get(source), standing(draft)));
            key(left).cmp(&key(right))
        });
        for (index, &place) in places.iter().enumerate() {
            let Some(draft) = drafts.get(place) else { continue };
            // A patch with several sources is looked up once, by its first.
            if draft.sources.keys().next().is_none_or(|first| first != source) {
                continue;
            }
            let mut above = places.iter().skip(index + 1).copied();
            let next = above.find(|&other| drafts.get(other).is_some_and(|other| supersedes(other, draft)));
            if let Some(slot) = successors.get_mut(place) {
                *slot = next;
            }
        }
    }
    successors
}

fn supersedes(newer: &Draft<'_>, older: &Draft<'_>) -> bool {
    let mut higher = standing(newer) > standing(older);
    for (source, version) in &older.sources {
        match newer.sources.get(source) {
            Some(other) if other >= version => higher |= other > version,
            _ => return false,
        }
    }
    if !higher {
        return false;
    }
    let packages: BTreeSet<(&str, &str)> = newer.lasting_packages().collect();
    older.lasting_packages().all(|package| packages.contains(&package))
}

/// Updates are cumulative: what replaces a fix contains it.
fn spread_security(drafts: &mut [Draft<'_>], successors: &[Option<usize>]) {
    let mut open: Vec<usize> = drafts.iter().enumerate().filter(|(_, draft)| draft.security).map(|(place, _)| place).collect();
    while let Some(place) = open.pop() {
        let next = successors.get(place).copied().flatten();
        if let Some(next) = next
            && let Some(draft) = drafts.get_mut(next).filter(|draft| !draft.security)
        {
            draft.security = true;
            open.push(next);
        }
    }
}
