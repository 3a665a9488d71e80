//! Identifiers. Each is a type of its own, so that a job cannot be passed where a run is wanted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes an id that sorts by the time it was made (UUID version 7, RFC 9562).
            #[must_use]
            pub fn make(now: Timestamp, random: [u8; 10]) -> Self {
                Self(time_ordered(now, random))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(/// The tenant. A fresh installation has one, [`SubscriptionId::DEFAULT`].
    SubscriptionId);
id!(/// One machine with an enrolled agent.
    AssetId);
id!(/// A person who can log in.
    UserId);
id!(/// A label on assets.
    TagId);
id!(/// An activation key: what an installer carries to enrol.
    KeyId);
id!(/// An API token.
    TokenId);
id!(/// What to install or uninstall, on which assets, when.
    JobId);
id!(/// One execution of a job.
    RunId);
id!(/// One thing an agent reports about a run; repeated reports carry the same id.
    EventId);
id!(/// A source of catalog records.
    FeedId);

id!(/// A search somebody keeps.
    SearchId);
id!(/// A rule that has agents fetch installers from another place.
    MirrorId);
id!(/// A patch that an administrator uploaded.
    CustomPatchId);
id!(/// A server whose bundles of a catalog are believed.
    CatalogSourceId);

impl SubscriptionId {
    /// The subscription every installation starts with.
    pub const DEFAULT: Self = Self(Uuid::from_u128(1));
}

/// The stable text that names a patch in the catalog, such as `debian:bookworm:DSA-5678-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatchId(pub String);

impl std::fmt::Display for PatchId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl PatchId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A dense number the store gives each patch, so that findings are small. Never shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatchNo(pub u32);

fn time_ordered(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = JobId::make(Timestamp::from_second(1_000).expect("in range"), [255; 10]);
        let late = JobId::make(Timestamp::from_second(1_001).expect("in range"), [0; 10]);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<JobId>(), Ok(early));
    }
}
