//! From the store to what the API shows of activation keys.

use super::key::KeyBody;
use crate::api::assets::convert::Rows;
use crate::api::problem::Problem;
use crate::api::tags::visible::Visible;
use crate::auth::Granted;
use crate::auth::permission::ManageConfiguration;
use fettle_model::ids::TagId;
use fettle_store::ActivationKeyRecord;
use std::collections::BTreeSet;

/// Longest title, in characters.
const MAX_TITLE: usize = 200;

/// Makes bodies: knows the tags the caller sees.
pub(super) struct Keys {
    rows: Rows,
    visible: Visible,
}

impl Keys {
    pub(super) async fn new(granted: &Granted<ManageConfiguration>) -> Result<Self, Problem> {
        Ok(Self { rows: Rows::new(granted.app(), granted.now()).await?, visible: Visible::of(granted).await? })
    }

    /// Tags of a new key must exist for its maker.
    pub(super) fn require(&self, tags: &BTreeSet<TagId>) -> Result<(), Problem> {
        self.visible.require("tags", tags)
    }

    pub(super) fn body(&self, key: &ActivationKeyRecord) -> KeyBody {
        let tags = key.tags.iter().copied().filter(|&tag| self.visible.has(tag)).collect();
        KeyBody {
            id: key.id,
            title: key.title.clone(),
            expires_at: key.expires_at,
            use_limit: key.use_limit,
            uses: key.uses,
            tags: self.rows.tags(&tags),
            disabled: key.disabled,
            created_at: key.created_at,
        }
    }
}

/// Checks a title.
pub(super) fn title(given: &str) -> Result<String, Problem> {
    let title = given.trim();
    if title.is_empty() || title.chars().count() > MAX_TITLE || title.chars().any(char::is_control) {
        return Err(Problem::invalid_field("title", format!("must be plain text of 1 to {MAX_TITLE} characters")));
    }
    Ok(title.to_owned())
}
