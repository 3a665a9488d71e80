//! Versions of the index that answers were made from, kept for a moment.
//!
//! A screen is several requests: a list, its facets, further pages. The first answer names the version it was made from
//! and the moment that `now` meant; a request that sends this name is answered from exactly the same. So a name stands
//! for what was asked, never for who asks: scopes are cut anew for every caller.
//!
//! Names belong to one start of one server. Versions are counted from zero at every start, so a name begins with
//! a number thrown at the start: another server, or the same one after a restart, knows that the name is not its own.

use fettle_fleet::View;
use fettle_model::clock::Entropy;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer};
use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a version can be asked for after an answer named it. A screen asks for its parts within a second; who
/// scrolls gets the further pages of the same list for so long. No longer, because old views hold what changed
/// since, and show assets with the tags they had.
pub const KEPT: SignedDuration = SignedDuration::from_mins(2);

/// Most versions kept. Views share what did not change: one more costs the rows and the planes, some kilobytes each, of
/// the assets that changed meanwhile. A scan touches a few hundred planes, so all of these together stay at some
/// ten megabytes; a new catalog decides everything anew, which holds the index as it was once more for two minutes.
const MOST: usize = 64;

/// Versions that answers were made from.
#[derive(Debug)]
pub struct Versions {
    /// Thrown at the start of the server.
    start: u64,
    /// Newest last.
    kept: Mutex<VecDeque<Kept>>,
}

#[derive(Debug)]
struct Kept {
    view: Arc<View>,
    /// When an answer named it last.
    named: Timestamp,
}

/// One version of the whole fleet at one moment, and how requests name the two.
#[derive(Debug, Clone)]
pub struct Instant {
    /// The fleet.
    pub view: Arc<View>,
    /// What `now` means.
    pub at: Timestamp,
    /// Both, as a name.
    pub name: VersionName,
}

/// The name of a version and a moment, as requests bring it back unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionName {
    start: u64,
    version: u64,
    /// Microseconds since 1970.
    at: i64,
}

/// A text that no server made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a version; pass the value of `version` of an answer unchanged, or leave it out")]
pub struct NotAVersion;

impl Versions {
    /// None yet.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut start = [0; 8];
        entropy.fill(&mut start);
        Self { start: u64::from_be_bytes(start), kept: Mutex::default() }
    }

    /// Keeps the current version for the requests that will name it.
    pub fn keep(&self, view: Arc<View>, now: Timestamp) -> Instant {
        let version = view.version();
        let mut kept = self.held();
        forget(&mut kept, now);
        match kept.iter_mut().find(|kept| kept.view.version() == version) {
            Some(there) => there.named = there.named.max(now),
            None => {
                if kept.len() >= MOST {
                    kept.pop_front();
                }
                kept.push_back(Kept { view: Arc::clone(&view), named: now });
            }
        }
        let name = VersionName { start: self.start, version, at: now.as_microsecond() };
        Instant { view, at: now, name }
    }

    /// What a name stands for; `None` when it is too old, or of another start or server.
    #[must_use]
    pub fn find(&self, name: VersionName, now: Timestamp) -> Option<Instant> {
        let at = Timestamp::from_microsecond(name.at).ok()?;
        if name.start != self.start || at > now || at < oldest(now) {
            return None;
        }
        let view = self.held().iter().find(|kept| kept.view.version() == name.version).map(|kept| Arc::clone(&kept.view))?;
        Some(Instant { view, at, name })
    }

    /// Lets go of what cannot be asked for any more. Old versions cost nothing until the index changes, so it is enough
    /// to call this when it does.
    pub fn tidy(&self, now: Timestamp) {
        forget(&mut self.held(), now);
    }

    /// Every use is one change of the queue, so a panic elsewhere cannot leave it half done.
    fn held(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget(kept: &mut VecDeque<Kept>, now: Timestamp) {
    let oldest = oldest(now);
    kept.retain(|kept| kept.named >= oldest);
}

fn oldest(now: Timestamp) -> Timestamp {
    now.checked_sub(KEPT).unwrap_or(Timestamp::MIN)
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}-{}", self.start, self.version, self.at)
    }
}

impl<'de> Deserialize<'de> for VersionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for VersionName {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let mut parts = text.splitn(3, '-');
        let mut part = || parts.next().ok_or(NotAVersion);
        let start = u64::from_str_radix(part()?, 16).map_err(|_| NotAVersion)?;
        let version = part()?.parse().map_err(|_| NotAVersion)?;
        let at = part()?.parse().map_err(|_| NotAVersion)?;
        Ok(Self { start, version, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_fleet::{AssetCard, Catalog, Change, Fleet};
    use fettle_model::ids::AssetId;
    use proptest::prelude::*;
    use uuid::Uuid;

    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn fleet() -> Fleet {
        Fleet::new(Arc::new(Catalog::build(1, Vec::new())))
    }

    fn grow(fleet: &Fleet, number: u128) {
        let card = AssetCard::new(AssetId(Uuid::from_u128(number)), format!("web-{number}"), Timestamp::UNIX_EPOCH);
        fleet.apply(vec![Change::Card(Box::new(card))]);
    }

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).expect("a moment")
    }

    #[test]
    fn a_name_leads_to_the_same_view_and_moment_until_it_is_too_old() {
        let (fleet, versions) = (fleet(), Versions::new(&Always(7)));
        let first = versions.keep(fleet.view(), second(0));
        grow(&fleet, 1);
        let next = versions.keep(fleet.view(), second(60));
        assert_ne!(first.name, next.name);
        let found = versions.find(first.name, second(120)).expect("still there");
        assert!(Arc::ptr_eq(&found.view, &first.view));
        assert_eq!(found.at, second(0));
        assert!(versions.find(first.name, second(121)).is_none());
        assert!(versions.find(next.name, second(121)).is_some());
        versions.tidy(second(181));
        assert_eq!(versions.held().len(), 0);
    }

    #[test]
    fn a_version_named_again_stays_for_those_who_asked_later() {
        let (fleet, versions) = (fleet(), Versions::new(&Always(7)));
        let first = versions.keep(fleet.view(), second(0));
        let again = versions.keep(fleet.view(), second(100));
        assert_eq!(versions.held().len(), 1);
        assert!(versions.find(first.name, second(150)).is_none(), "its moment is over");
        assert!(versions.find(again.name, second(150)).is_some());
    }

    #[test]
    fn names_of_another_start_and_of_the_future_lead_nowhere() {
        let (fleet, versions, other) = (fleet(), Versions::new(&Always(7)), Versions::new(&Always(8)));
        let theirs = other.keep(fleet.view(), second(0));
        let ours = versions.keep(fleet.view(), second(0));
        assert!(versions.find(theirs.name, second(1)).is_none());
        assert!(versions.find(VersionName { at: second(50).as_microsecond(), ..ours.name }, second(1)).is_none());
        assert!(versions.find(VersionName { version: 99, ..ours.name }, second(1)).is_none());
    }

    #[test]
    fn no_more_than_the_most_are_kept() {
        let (fleet, versions) = (fleet(), Versions::new(&Always(7)));
        let names: Vec<VersionName> = (0..=MOST)
            .map(|number| {
                grow(&fleet, number as u128);
                versions.keep(fleet.view(), second(0)).name
            })
            .collect();
        assert_eq!(versions.held().len(), MOST);
        assert!(versions.find(names[0], second(0)).is_none());
        assert!(versions.find(names[1], second(0)).is_some());
    }

    proptest! {
        #[test]
        fn names_come_back_from_their_text(start in any::<u64>(), version in any::<u64>(), at in any::<i64>()) {
            let name = VersionName { start, version, at };
            prop_assert_eq!(name.to_string().parse(), Ok(name));
        }

        #[test]
        fn any_text_is_a_name_or_refused(text in ".{0,60}") {
            if let Ok(name) = text.parse::<VersionName>() {
                prop_assert_eq!(name.to_string().parse(), Ok(name));
            }
        }
    }
}
