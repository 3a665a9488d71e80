//! Questions about the patches of one catalog, answered as sets.
//!
//! [`columns`](mod@columns) holds every field turned inside out, from values to patches; [`evaluate`](mod@evaluate) joins and
//! cuts what the columns say as a query does; [`memo`](mod@memo) keeps answers. [`PatchRecord`] is what all of it is
//! measured by: a field reads its values there and nowhere else, so a new field needs a line there only.

mod bits;
mod columns;
mod evaluate;
mod facts;
mod ids;
mod key;
mod lists;
mod memo;
mod numbering;
mod order;
mod ordered;
mod record;
mod selection;
mod set;
mod strings;
mod texts;

pub(crate) use columns::Columns;
use evaluate::{Evaluation, depends_on_counts};
pub(crate) use facts::Facts;
pub(crate) use ids::IdOrder;
pub(crate) use memo::Memo;
pub(crate) use numbering::Numbering;
pub use record::PatchRecord;
pub use selection::{Applicable, PatchSelection};
pub use set::PatchSet;

use crate::catalog::Catalog;
use bits::Bits;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use fettle_query::Node;
use std::sync::Arc;

impl Catalog {
    /// The patches that satisfy a condition on patches, those switched off included.
    ///
    /// `counts` says how many assets miss or have a patch, for conditions on `missingCount`, `installedCount` and
    /// `patchStatus`; without it all these numbers are zero. Answers to other conditions are kept: the same
    /// question again gives the same set.
    #[must_use]
    pub fn matching(&self, node: &Node, counts: Option<&dyn Fn(FindingStatus, PatchNo) -> u64>) -> Arc<PatchSet> {
        if depends_on_counts(node) {
            return Arc::new(self.evaluated(node, counts));
        }
        let mut key = Vec::with_capacity(128);
        key::write(node, &self.columns, &mut key);
        if let Some(answer) = self.memo.get(&key) {
            return answer;
        }
        let answer = Arc::new(self.evaluated(node, None));
        self.memo.put(key, &answer);
        answer
    }

    /// The set of some patches. Numbers the catalog does not know are left out.
    #[must_use]
    pub fn set_of(&self, numbers: impl IntoIterator<Item = PatchNo>) -> Arc<PatchSet> {
        let mut places = Bits::none(self.len());
        numbers.into_iter().filter_map(|no| self.numbering.place(no)).for_each(|place| places.insert(place));
        Arc::new(PatchSet::new(Arc::clone(&self.numbering), places))
    }

    fn evaluated(&self, node: &Node, counts: Option<&dyn Fn(FindingStatus, PatchNo) -> u64>) -> PatchSet {
        let evaluation = Evaluation { columns: &self.columns, numbering: &self.numbering, counts };
        PatchSet::new(Arc::clone(&self.numbering), evaluation.those(node, &Bits::all(self.len())))
    }
}
