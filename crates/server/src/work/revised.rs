//! What a new catalog changes about findings that are known already: most of them not at all.

use fettle_fleet::{Catalog, Fleet, Origin, Outcome, Outcomes, Revision, ScopedView};
use fettle_model::finding::Findings;
use fettle_store::{Assessed, Outdated, Reassessed};
use std::sync::{Arc, Mutex, PoisonError};

/// Changed patches times lists of software beyond which everything is assessed anew: each list may have a finding of
/// each of these patches, four bytes, though a tenth is usual.
const MOST_WORK: usize = 1 << 28;

/// The difference between the catalog in memory and the one before, while there are findings of that one. It is made
/// when the catalog is exchanged; after a restart there is none, and everything is assessed from stored inventories.
#[derive(Debug, Default)]
pub struct Revised(Mutex<Option<Arc<Difference>>>);

/// A [`Revision`] and what it means for all lists there were.
#[derive(Debug)]
pub(super) struct Difference {
    revision: Revision,
    outcomes: Outcomes,
    /// Generation of the catalog before.
    pub(super) from: u64,
    /// Generation of the catalog it leads to.
    pub(super) to: u64,
}

/// Outdated findings by what has to be done about them.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// They stay; with the mark of each asset.
    pub(super) kept: Vec<(Outdated, u64)>,
    /// They are these now.
    pub(super) changed: Vec<Reassessed>,
    /// They have to be assessed from the stored inventory.
    pub(super) anew: Vec<Outdated>,
}

impl Revised {
    /// Notes what the exchange of `old` for the catalog that is in the fleet now means.
    pub(super) fn exchanged(&self, fleet: &Fleet, old: &Arc<Catalog>) {
        let assessor = fleet.assessor();
        let (new, software) = (assessor.catalog(), assessor.software());
        let revision = Revision::between(old, new);
        let work = revision.patches().len().saturating_mul(software.size().lists);
        let difference = (work <= MOST_WORK).then(|| {
            let outcomes = revision.outcomes(software);
            Arc::new(Difference { outcomes, from: old.generation(), to: new.generation(), revision })
        });
        self.put(difference);
    }

    /// What leads to the catalog of generation `to`.
    pub(super) fn to(&self, to: u64) -> Option<Arc<Difference>> {
        let difference = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        difference.filter(|difference| difference.to == to)
    }

    /// Forgets it: no findings of the catalog before are left.
    pub(super) fn done(&self) {
        self.put(None);
    }

    fn put(&self, difference: Option<Arc<Difference>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = difference;
    }
}

impl Difference {
    /// Sorts outdated findings. The index can only stand for the store where it shows what was made from the same
    /// inventory by the same catalog, which must be the one before.
    pub(super) fn sort(&self, view: &ScopedView, outdated: Vec<Outdated>) -> Sorted {
        let mut sorted = Sorted::default();
        for one in outdated {
            let shown = view.origin(one.asset).filter(|shown| self.stands_for(*shown, &one));
            let decided = shown.and_then(|shown| Some((shown.mark, self.outcomes.of(view.software(one.asset)?))));
            match decided {
                None | Some((_, Outcome::Anew)) => sorted.anew.push(one),
                Some((mark, Outcome::Same)) => sorted.kept.push((one, mark)),
                Some((_, Outcome::Changed(changed))) => match view.findings(one.asset) {
                    Some(findings) => sorted.changed.push(self.revised(&one, findings, changed)),
                    None => sorted.anew.push(one),
                },
            }
        }
        sorted
    }

    fn stands_for(&self, shown: Origin, stored: &Outdated) -> bool {
        stored.generation == self.from && shown.generation == self.from && shown.inventory == Origin::inventory_of(stored.digest)
    }

    fn revised(&self, stored: &Outdated, mut findings: Findings, changed: &Findings) -> Reassessed {
        self.revision.revise(&mut findings, changed);
        let assessed = Assessed::Findings { findings, generation: self.to };
        Reassessed { asset: stored.asset, digest: stored.digest, assessed }
    }
}
