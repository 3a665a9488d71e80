//! The fleet as compressed bitmaps: one for each value, patch and severity, over rows in the order of their systems.

use anyhow::{Context, Result, ensure};
use croaring::{Bitmap, Portable};
use fettle_model::asset::ScanStatus;
use fettle_model::ids::{AssetId, TagId};
use fettle_model::os::Platform;
use fettle_model::patch::Severity;
use fettle_sim::synthetic::Synthetic;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::sync_channel;

/// Rows made at a time: those of one container, so that threads never share any.
const TOGETHER: usize = 1 << 16;

/// Everything that is known of a fleet. Rows of one system follow each other, which makes containers dense or empty.
#[derive(Default)]
pub(crate) struct Planes {
    /// By row.
    pub(crate) ids: Vec<AssetId>,
    /// Seconds of the last check-in, by row; zero for none.
    pub(crate) seen: Vec<u32>,
    /// Missing patches, by row.
    pub(crate) missing_counts: Vec<u16>,
    /// Missing critical patches, by row.
    pub(crate) critical_counts: Vec<u16>,
    pub(crate) windows: Bitmap,
    /// Assets whose findings are known.
    pub(crate) known: Bitmap,
    /// By name.
    pub(crate) systems: BTreeMap<String, Bitmap>,
    /// By number of the tag.
    pub(crate) tags: BTreeMap<u128, Bitmap>,
    /// By number of the patch.
    pub(crate) missing: Vec<Bitmap>,
    /// By number of the patch.
    pub(crate) installed: Vec<Bitmap>,
    /// Assets that miss a patch of a severity, by severity.
    pub(crate) severities: [Bitmap; 5],
    /// The same of patches that nothing supersedes.
    pub(crate) latest: [Bitmap; 5],
    /// Assets that miss a patch for something known to be exploited.
    pub(crate) exploited: Bitmap,
}

/// What a patch counts as.
#[derive(Clone, Copy)]
struct Weight {
    severity: Severity,
    is_exploited: bool,
    is_latest: bool,
}

/// By number of the patch.
type Weights = Vec<Option<Weight>>;

impl Planes {
    /// Makes them of all assets, with a thread for each processor.
    pub(crate) fn new(made: &Synthetic) -> Result<Self> {
        let (order, weights) = (order(made), weights(made));
        let blocks: Vec<&[u32]> = order.chunks(TOGETHER).collect();
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let mut all = Self::default();
        std::thread::scope(|scope| {
            // Each thread makes every so-manieth block, and they are taken in order.
            let receivers: Vec<_> = (0..workers)
                .map(|worker| {
                    let (sender, receiver) = sync_channel(1);
                    let (blocks, weights) = (&blocks, &weights);
                    scope.spawn(move || {
                        for (at, block) in blocks.iter().enumerate().skip(worker).step_by(workers) {
                            if sender.send(Self::block(made, weights, at * TOGETHER, block)).is_err() {
                                return;
                            }
                        }
                    });
                    receiver
                })
                .collect();
            for at in 0..blocks.len() {
                all.append(receivers[at % workers].recv().context("a thread ended early")??);
            }
            anyhow::Ok(())
        })?;
        all.every_plane(|plane| _ = plane.run_optimize());
        Ok(all)
    }

    /// Rows from `from` on.
    fn block(made: &Synthetic, weights: &Weights, from: usize, numbers: &[u32]) -> Result<Self> {
        let mut block = Self::default();
        let mut missing: Vec<Vec<u32>> = vec![Vec::new(); weights.len()];
        let mut installed = missing.clone();
        for (row, &number) in (u32::try_from(from)?..).zip(numbers) {
            let (card, findings) = made.asset(number);
            block.ids.push(card.id);
            block.seen.push(card.last_check_in.map_or(Ok(0), |at| u32::try_from(at.as_second()))?);
            if card.platform == Some(Platform::Windows) {
                block.windows.add(row);
            }
            if card.scan_status == ScanStatus::Scanned {
                block.known.add(row);
            }
            block.systems.entry(card.os_name).or_default().add(row);
            for tag in with_above(made, &card.tags) {
                block.tags.entry(tag.0.as_u128()).or_default().add(row);
            }
            let (mut by_severity, mut latest) = ([0_u16; 5], [false; 5]);
            for no in &findings.missing {
                let no = no.0 as usize;
                missing.get_mut(no).context("a patch of the catalog")?.push(row);
                let weight = weights[no].context("a patch of the catalog")?;
                by_severity[weight.severity as usize] += 1;
                latest[weight.severity as usize] |= weight.is_latest;
                if weight.is_exploited {
                    block.exploited.add(row);
                }
            }
            for no in &findings.installed {
                installed.get_mut(no.0 as usize).context("a patch of the catalog")?.push(row);
            }
            block.missing_counts.push(u16::try_from(findings.missing.len())?);
            block.critical_counts.push(by_severity[Severity::Critical as usize]);
            block.severities.iter_mut().zip(by_severity).filter(|(_, count)| *count > 0).for_each(|(plane, _)| plane.add(row));
            block.latest.iter_mut().zip(latest).filter(|(_, is_missing)| *is_missing).for_each(|(plane, _)| plane.add(row));
        }
        block.missing = missing.iter().map(|rows| Bitmap::of(rows)).collect();
        block.installed = installed.iter().map(|rows| Bitmap::of(rows)).collect();
        ensure!(block.ids.len() == numbers.len(), "a row for each asset");
        Ok(block)
    }

    /// Appends rows that follow these.
    fn append(&mut self, block: Self) {
        self.ids.extend(block.ids);
        self.seen.extend(block.seen);
        self.missing_counts.extend(block.missing_counts);
        self.critical_counts.extend(block.critical_counts);
        self.windows.or_inplace(&block.windows);
        self.known.or_inplace(&block.known);
        self.exploited.or_inplace(&block.exploited);
        block.systems.into_iter().for_each(|(name, plane)| self.systems.entry(name).or_default().or_inplace(&plane));
        block.tags.into_iter().for_each(|(tag, plane)| self.tags.entry(tag).or_default().or_inplace(&plane));
        self.severities.iter_mut().zip(&block.severities).for_each(|(own, plane)| own.or_inplace(plane));
        self.latest.iter_mut().zip(&block.latest).for_each(|(own, plane)| own.or_inplace(plane));
        for (own, planes) in [(&mut self.missing, block.missing), (&mut self.installed, block.installed)] {
            own.resize_with(planes.len(), Bitmap::new);
            own.iter_mut().zip(&planes).for_each(|(own, plane)| own.or_inplace(plane));
        }
    }

    fn every_plane(&mut self, mut with: impl FnMut(&mut Bitmap)) {
        let values = self.systems.values_mut().chain(self.tags.values_mut());
        let patches = self.missing.iter_mut().chain(&mut self.installed);
        let few = self.severities.iter_mut().chain(&mut self.latest).chain([&mut self.windows, &mut self.known, &mut self.exploited]);
        values.chain(patches).chain(few).for_each(&mut with);
    }

    /// Bytes of the bitmaps of all patches when they are written.
    pub(crate) fn serialised_bytes(&self) -> u64 {
        let patches = self.missing.iter().chain(&self.installed).filter(|plane| !plane.is_empty());
        patches.map(|plane| plane.get_serialized_size_in_bytes::<Portable>() as u64).sum()
    }
}

/// The numbers of all assets, those of one system together.
fn order(made: &Synthetic) -> Vec<u32> {
    let place = |number: u32| {
        let own = made.system_of(number).map(|system| system.name.as_str());
        made.systems().iter().position(|system| Some(system.name.as_str()) == own)
    };
    let mut order: Vec<(Option<usize>, u32)> = (0..made.len()).map(|number| (place(number), number)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, number)| number).collect()
}

fn weights(made: &Synthetic) -> Weights {
    let mut weights = Vec::new();
    for entry in made.catalog().entries() {
        let no = entry.no.0 as usize;
        weights.resize(weights.len().max(no + 1), None);
        weights[no] = Some(Weight {
            severity: entry.patch.vendor_severity,
            is_exploited: entry.patch.scores.kev.is_some(),
            is_latest: !entry.superseded,
        });
    }
    weights
}

/// Some tags and those above them.
pub(crate) fn with_above(made: &Synthetic, tags: &BTreeSet<TagId>) -> BTreeSet<TagId> {
    let parent = |tag: &TagId| made.tags().iter().find(|other| other.id == *tag).and_then(|tag| tag.parent);
    let each = tags.iter().flat_map(|&tag| std::iter::successors(Some(tag), parent));
    each.collect()
}
