//! Tags: labels on assets, in a tree. Selecting a tag selects its children.

use crate::ids::TagId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Id.
    pub id: TagId,
    /// Name, unique among its siblings.
    pub name: String,
    /// The tag above; `None` at the top.
    pub parent: Option<TagId>,
    /// Query over assets that decides who carries it; `None` for a tag that is assigned by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

/// The most levels a tree may have: deep enough for sites within regions within companies, small enough
/// that a loop in damaged data ends.
pub const MAX_DEPTH: usize = 16;

/// The chosen tags and everything below them.
#[must_use]
pub fn with_children(all: &[Tag], chosen: &BTreeSet<TagId>) -> BTreeSet<TagId> {
    let parents: HashMap<TagId, Option<TagId>> = all.iter().map(|tag| (tag.id, tag.parent)).collect();
    all.iter().map(|tag| tag.id).filter(|id| ancestry(&parents, *id).any(|above| chosen.contains(&above))).collect()
}

fn ancestry(parents: &HashMap<TagId, Option<TagId>>, from: TagId) -> impl Iterator<Item = TagId> {
    std::iter::successors(Some(from), |id| parents.get(id).copied().flatten()).take(MAX_DEPTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn tag(id: u128, parent: Option<u128>) -> Tag {
        Tag { id: TagId(Uuid::from_u128(id)), name: id.to_string(), parent: parent.map(|p| TagId(Uuid::from_u128(p))), query: None }
    }

    #[test]
    fn a_parent_brings_its_children_and_no_sibling() {
        let all = [tag(1, None), tag(2, Some(1)), tag(3, Some(2)), tag(4, None)];
        let chosen = with_children(&all, &BTreeSet::from([all[0].id]));
        assert_eq!(chosen, BTreeSet::from([all[0].id, all[1].id, all[2].id]));
    }

    #[test]
    fn a_loop_in_the_data_ends() {
        let all = [tag(1, Some(2)), tag(2, Some(1)), tag(3, None)];
        let chosen = with_children(&all, &BTreeSet::from([all[2].id]));
        assert_eq!(chosen, BTreeSet::from([all[2].id]));
    }
}
