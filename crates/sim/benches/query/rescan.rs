//! Scans of machines that are known: where nothing changed, and where fifteen patches did.

use crate::measure::summary;
use fettle_fleet::{Change, Fleet, Purpose};
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, PatchNo};
use fettle_sim::synthetic::Synthetic;
use roaring::RoaringBitmap;
use serde_json::json;
use std::collections::HashMap;
use std::time::Instant;

/// Scans published as one version: the most writes that the store commits together (`fettle-store`, group commit).
pub(crate) const TOGETHER: usize = 256;
/// Machines that are scanned, spread over the fleet.
const MACHINES: u32 = 10_240;
/// Missing patches that the later scan finds installed.
const CURED: usize = 10;
/// Patches that only the later scan has, as missing.
const NEW: usize = 5;
/// Times all machines are scanned each way.
const ROUNDS: usize = 3;
/// Scans that are published one by one.
const ALONE: usize = 512;

/// A machine, and two scans that differ in fifteen patches: ten were installed in between and five came out. As rows
/// of a table of findings these are twenty-five: ten go, fifteen come.
pub(crate) struct Machine {
    asset: AssetId,
    scans: [Findings; 2],
}

impl Machine {
    /// What a scan of it changes.
    pub(crate) fn change(&self, scan: usize) -> Change {
        Change::Findings { asset: self.asset, findings: self.scans[scan].clone() }
    }
}

/// Machines with two scans each, of which the fleet has the first.
pub(crate) fn machines(made: &Synthetic, fleet: &Fleet) -> Vec<Machine> {
    let many = MACHINES.min(made.len());
    let step = made.len() / many.max(1);
    let machines: Vec<Machine> = (0..many).filter_map(|nth| machine(made, nth * step)).collect();
    machines.chunks(TOGETHER).for_each(|some| fleet.apply(some.iter().map(|machine| machine.change(0)).collect()));
    machines
}

fn machine(made: &Synthetic, number: u32) -> Option<Machine> {
    let (card, whole) = made.asset(number);
    // Evenly over all that are missing, so that popular and rare, old and new ones are among them.
    let step = whole.missing.len() / (CURED + NEW);
    let touched: Vec<PatchNo> = whole.missing.iter().copied().step_by(step.max(1)).take(CURED + NEW).collect();
    let (cured, new): (Vec<_>, Vec<_>) = touched.iter().enumerate().partition(|(nth, _)| nth % 3 != 2);
    let among = |list: &[(usize, &PatchNo)], no: PatchNo| list.iter().any(|(_, other)| **other == no);
    let before = Findings { missing: without(&whole.missing, |no| among(&new, no)), installed: whole.installed.clone() };
    let mut installed: Vec<PatchNo> = whole.installed.iter().copied().chain(cured.iter().map(|(_, no)| **no)).collect();
    installed.sort_unstable();
    let after = Findings { missing: without(&whole.missing, |no| among(&cured, no)), installed };
    (touched.len() == CURED + NEW).then_some(Machine { asset: card.id, scans: [before, after] })
}

fn without(list: &[PatchNo], gone: impl Fn(PatchNo) -> bool) -> Vec<PatchNo> {
    list.iter().copied().filter(|&no| !gone(no)).collect()
}

/// Prints the microseconds of a scan: published with others and alone, nothing changed and fifteen patches, and the
/// same changes made in place in bitmaps.
pub(crate) fn measure(fleet: &Fleet, machines: &[Machine]) {
    let alone = machines.get(..ALONE).unwrap_or(machines);
    let (mut same, mut changed) = (Vec::new(), Vec::new());
    for scan in (0..2 * ROUNDS).map(|round| (round + 1) % 2) {
        changed.extend(times(fleet, machines, scan, TOGETHER));
        same.extend(times(fleet, machines, scan, TOGETHER));
    }
    let changed_alone: Vec<f64> = [1, 0].into_iter().flat_map(|scan| times(fleet, alone, scan, 1)).collect();
    let same_alone = times(fleet, alone, 0, 1);
    let bitmaps = in_place(fleet, machines);
    println!(
        "{}",
        json!({"what": "rescan", "together": TOGETHER, "machines": machines.len(), "patches": CURED + NEW, "rows": 2 * CURED + NEW,
            "same_us": summary(same).median, "changed_us": summary(changed).median, "same_alone_us": summary(same_alone).median,
            "changed_alone_us": summary(changed_alone).median, "roaring_us": summary(bitmaps).median})
    );
}

/// Microseconds per scan, for each version that is published.
fn times(fleet: &Fleet, machines: &[Machine], scan: usize, together: usize) -> Vec<f64> {
    let batches = machines.chunks(together).map(|some| {
        let changes: Vec<Change> = some.iter().map(|machine| machine.change(scan)).collect();
        let begun = Instant::now();
        fleet.apply(changes);
        begun.elapsed().as_secs_f64() * 1e6 / some.len() as f64
    });
    batches.collect()
}

/// One bitmap for each patch and status, over ids where machines of one system lie together.
struct Bitmaps {
    missing: Vec<RoaringBitmap>,
    installed: Vec<RoaringBitmap>,
}

/// The same changes in place, in bitmaps that nobody else reads: the lists of a scan are compared with those of the scan
/// before, and what differs is moved. Microseconds per scan, for each batch.
fn in_place(fleet: &Fleet, machines: &[Machine]) -> Vec<f64> {
    let view = fleet.view().unscoped(Purpose::Upkeep);
    let mut bitmaps = Bitmaps { missing: Vec::new(), installed: Vec::new() };
    let mut ids: HashMap<AssetId, u32> = machines.iter().map(|machine| (machine.asset, 0)).collect();
    for (id, asset) in (0_u32..).zip(view.everything().ids()) {
        let findings = view.findings(asset).expect("it is there");
        for (bitmaps, list) in [(&mut bitmaps.missing, findings.missing), (&mut bitmaps.installed, findings.installed)] {
            for no in list {
                bitmap(bitmaps, no).try_push(id).expect("ids ascend");
            }
        }
        if let Some(slot) = ids.get_mut(&asset) {
            *slot = id;
        }
    }
    let mut times = Vec::new();
    for round in 0..2 * ROUNDS {
        let (from, to) = (round % 2, (round + 1) % 2);
        for some in machines.chunks(TOGETHER) {
            let begun = Instant::now();
            for machine in some {
                let id = ids.get(&machine.asset).copied().expect("it was noted");
                let (old, new) = (&machine.scans[from], &machine.scans[to]);
                shift(&mut bitmaps.missing, id, &old.missing, &new.missing);
                shift(&mut bitmaps.installed, id, &old.installed, &new.installed);
            }
            times.push(begun.elapsed().as_secs_f64() * 1e6 / some.len() as f64);
        }
    }
    times
}

fn bitmap(bitmaps: &mut Vec<RoaringBitmap>, no: PatchNo) -> &mut RoaringBitmap {
    let at = usize::try_from(no.0).expect("small");
    if bitmaps.len() <= at {
        bitmaps.resize_with(at + 1, RoaringBitmap::new);
    }
    &mut bitmaps[at]
}

/// Takes an id out of what only the old list has, and puts it into what only the new one has.
fn shift(bitmaps: &mut Vec<RoaringBitmap>, id: u32, old: &[PatchNo], new: &[PatchNo]) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (Some(gone), Some(come)) if gone == come => _ = (old.next(), new.next()),
            (Some(gone), come) if come.is_none_or(|come| gone < come) => {
                bitmap(bitmaps, **gone).remove(id);
                old.next();
            }
            (_, Some(come)) => {
                bitmap(bitmaps, **come).insert(id);
                new.next();
            }
            (_, None) => return,
        }
    }
}
