//! The difference between two states of one feed's patches.

use fettle_model::patch::Patch;
use std::collections::HashMap;

/// What an import would change. Each list is in order of the patch ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff<'a> {
    /// Patches that were not there.
    pub added: Vec<&'a Patch>,
    /// Patches whose record differs, as they are now. Whether an administrator switched a patch off
    /// ([`Patch::enabled`]) is not the feed's business and not compared.
    pub changed: Vec<&'a Patch>,
    /// Patches that are no longer there, as they were.
    pub withdrawn: Vec<&'a Patch>,
    /// How many patches are as they were.
    pub unchanged: usize,
}

impl Diff<'_> {
    /// Whether nothing has to be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.withdrawn.is_empty()
    }
}

/// Compares the patches a feed had (`old`, without those withdrawn earlier) with those it has now.
/// Ids are unique within each side; of repeated ones the last counts.
#[must_use]
pub fn diff<'a>(old: &'a [Patch], new: &'a [Patch]) -> Diff<'a> {
    let before: HashMap<&str, &Patch> = old.iter().map(|patch| (patch.id.as_str(), patch)).collect();
    let after: HashMap<&str, &Patch> = new.iter().map(|patch| (patch.id.as_str(), patch)).collect();
    let mut diff = Diff::default();
    for (id, patch) in &after {
        match before.get(id) {
            None => diff.added.push(patch),
            Some(earlier) if same(earlier, patch) => diff.unchanged += 1,
            Some(_) => diff.changed.push(patch),
        }
    }
    diff.withdrawn = before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(_, patch)| *patch).collect();
    for list in [&mut diff.added, &mut diff.changed, &mut diff.withdrawn] {
        list.sort_unstable_by(|left, right| left.id.cmp(&right.id));
    }
    diff
}

/// Whether two records are equal but for the administrator's switch.
fn same(left: &Patch, right: &Patch) -> bool {
    if left.enabled == right.enabled {
        return left == right;
    }
    let mut left = left.clone();
    left.enabled = right.enabled;
    left == *right
}
