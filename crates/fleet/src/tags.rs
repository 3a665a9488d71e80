//! The tree of tags, as queries and facets need it.

use fettle_model::ids::TagId;
use fettle_model::tag::{MAX_DEPTH, Tag};
use fettle_query::text::{TextMatch, fold};
use std::collections::HashMap;

/// All tags of the installation. Assets carry ids; names come from here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TagTree {
    tags: HashMap<TagId, Tag>,
    /// Ids by name, as queries compare it: nearly every question names a tag.
    folded: HashMap<String, Vec<TagId>>,
}

impl TagTree {
    /// The tree of these tags.
    pub(crate) fn new(tags: Vec<Tag>) -> Self {
        let mut folded: HashMap<String, Vec<TagId>> = HashMap::new();
        for tag in &tags {
            folded.entry(fold(&tag.name)).or_default().push(tag.id);
        }
        Self { tags: tags.into_iter().map(|tag| (tag.id, tag)).collect(), folded }
    }

    /// The tags whose name matches, ascending.
    pub(crate) fn matching(&self, text: &TextMatch) -> Vec<TagId> {
        let mut those: Vec<TagId> = match text {
            TextMatch::Exact(name) => self.folded.get(name).cloned().unwrap_or_default(),
            _ => self.folded.iter().filter(|(name, _)| text.matches_folded(name)).flat_map(|(_, tags)| tags).copied().collect(),
        };
        those.sort_unstable();
        those
    }

    /// All tags, by id.
    pub(crate) fn all(&self) -> Vec<&Tag> {
        let mut tags: Vec<&Tag> = self.tags.values().collect();
        tags.sort_by_key(|tag| tag.id);
        tags
    }

    /// The names an asset shows that carries this tag: the tag's own and those of all tags above it. None
    /// for a tag that is not in the tree.
    pub(crate) fn names(&self, tag: TagId) -> impl Iterator<Item = &str> {
        let above = |tag: &&Tag| tag.parent.and_then(|parent| self.tags.get(&parent));
        std::iter::successors(self.tags.get(&tag), above).take(MAX_DEPTH).map(|tag| tag.name.as_str())
    }

    /// The name of a tag.
    pub(crate) fn name(&self, tag: TagId) -> Option<&str> {
        self.tags.get(&tag).map(|tag| tag.name.as_str())
    }

    /// All tags above a tag.
    pub(crate) fn above(&self, tag: TagId) -> impl Iterator<Item = TagId> {
        let up = |tag: &&Tag| tag.parent.and_then(|parent| self.tags.get(&parent));
        std::iter::successors(self.tags.get(&tag), up).take(MAX_DEPTH).skip(1).map(|tag| tag.id)
    }

    /// Whether a query decides who carries this tag.
    pub(crate) fn is_dynamic(&self, tag: TagId) -> bool {
        self.tags.get(&tag).is_some_and(|tag| tag.query.is_some())
    }
}
