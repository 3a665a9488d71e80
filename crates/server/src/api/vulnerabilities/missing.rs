//! How many assets miss a patch for a vulnerability.

use crate::api::problem::Problem;
use crate::api::query::asked;
use crate::vulnerabilities::Known;
use fettle_fleet::{PatchCounts, ScopedView};
use fettle_model::finding::FindingStatus;
use fettle_model::os::ReleaseKey;
use fettle_model::rule::Rule;
use fettle_query::Entity;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Counts assets of a view.
pub(super) struct Missing<'a> {
    view: &'a ScopedView,
    now: Timestamp,
    /// By patch.
    counts: PatchCounts,
}

impl<'a> Missing<'a> {
    pub(super) fn new(view: &'a ScopedView, now: Timestamp) -> Self {
        Self { view, now, counts: view.everything().counts(FindingStatus::Missing) }
    }

    /// Assets that miss a patch that fixes it: as many as `missing:(cve:…)` finds. Where the patches are for releases of which
    /// an asset has one, the numbers of the patches are added, which is quicker: there are tens of thousands.
    pub(super) fn of(&mut self, known: &Known) -> Result<u64, Problem> {
        let mut sum = 0_u64;
        let mut releases: BTreeSet<&ReleaseKey> = BTreeSet::new();
        let mut are_apart = true;
        let mut patches = 0_usize;
        for &no in &known.patches {
            let count = self.counts.of(no);
            if count == 0 {
                continue;
            }
            patches += 1;
            sum = sum.saturating_add(count);
            let release = self.view.catalog().get(no).and_then(|entry| match &entry.patch.rule {
                Rule::Dpkg { release, .. } | Rule::Rpm { release, .. } => Some(release),
                _ => None,
            });
            are_apart &= release.is_some_and(|release| releases.insert(release));
        }
        if patches < 2 || are_apart {
            return Ok(sum);
        }
        let query = asked::internal(self.now, Entity::Asset, &format!("missing:(cve:{})", known.facts.cve))?;
        let selected = self.view.select(&query).map_err(|error| Problem::internal(&error))?;
        Ok(selected.count())
    }
}
