//! Which tags exist for a caller: those of their scope, and those on assets they see.

use crate::api::problem::{FieldError, Problem};
use crate::auth::Granted;
use crate::auth::permission::Permission;
use fettle_model::access::{Actor, Scope};
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;
use std::collections::{BTreeMap, BTreeSet};

/// Tags as one caller sees them.
pub(crate) struct Visible {
    tags: Vec<Tag>,
    ids: BTreeSet<TagId>,
    carried: BTreeMap<TagId, u64>,
}

impl Visible {
    /// Reads them.
    pub(crate) async fn of<P: Permission>(granted: &Granted<P>) -> Result<Self, Problem> {
        let all = granted.app().store.tags().await?;
        let carried = granted.view().tag_counts();
        let ids: BTreeSet<TagId> = match granted.actor().scope() {
            Scope::Everything => all.iter().map(|tag| tag.id).collect(),
            Scope::Tags(scope) => scope.iter().chain(carried.keys()).copied().collect(),
        };
        let tags = all.into_iter().filter(|tag| ids.contains(&tag.id));
        // A parent that is not visible does not exist: its child is at the top then.
        let tags = tags.map(|tag| Tag { parent: tag.parent.filter(|parent| ids.contains(parent)), ..tag }).collect();
        Ok(Self { tags, ids, carried })
    }

    /// All of them.
    pub(crate) fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// How many visible assets carry a tag.
    pub(crate) fn carriers(&self, id: TagId) -> u64 {
        self.carried.get(&id).copied().unwrap_or(0)
    }

    /// Whether a tag with this name exists for the caller.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.tags.iter().any(|tag| tag.name == name)
    }

    /// One of them.
    pub(crate) fn get(&self, id: TagId) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.id == id)
    }

    /// Whether a tag exists for the caller.
    pub(crate) fn has(&self, id: TagId) -> bool {
        self.ids.contains(&id)
    }

    /// What is wrong with tags named in a field: each must exist for the caller.
    pub(crate) fn unknown(&self, field: &str, tags: &BTreeSet<TagId>) -> Vec<FieldError> {
        let unknown = tags.iter().filter(|id| self.get(**id).is_none());
        unknown.map(|id| FieldError::new(field, format!("there is no tag {id}"))).collect()
    }

    /// Refuses tags that do not exist for the caller.
    pub(crate) fn require(&self, field: &str, tags: &BTreeSet<TagId>) -> Result<(), Problem> {
        let errors = self.unknown(field, tags);
        if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
    }
}

/// Whether the caller may move or rename a tag: it must be of their own scope. A tag that only happens to be
/// on an asset they see belongs to somebody else, and moving it would move the borders of scopes.
pub(super) fn may_shape(actor: &Actor, tag: TagId) -> bool {
    actor.scope().covers(&Scope::Tags(BTreeSet::from([tag])))
}

/// Refuses to change a tag of another scope.
pub(super) fn shape(actor: &Actor, tag: TagId) -> Result<(), Problem> {
    if may_shape(actor, tag) { Ok(()) } else { Err(Problem::not_found("tag")) }
}
