//! Operating system versions, and which patches apply to how many of their machines.

use super::Size;
use crate::chance::Chance;
use fettle_model::ids::PatchNo;
use fettle_model::os::Platform;
use fettle_model::patch::Patch;

/// A family of operating systems.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) vendor: &'static str,
    pub(super) platform: Platform,
    /// Share of the assets, cumulated over the families.
    pub(super) assets_up_to: f64,
    /// Share of the patches, cumulated over the families.
    pub(super) patches_up_to: f64,
    /// Versions in use.
    versions: usize,
}

/// The families, largest first.
pub(super) const FAMILIES: [Family; 3] = [
    Family { name: "Windows", vendor: "Microsoft", platform: Platform::Windows, assets_up_to: 0.55, patches_up_to: 0.5, versions: 12 },
    Family { name: "Debian", vendor: "Debian", platform: Platform::Linux, assets_up_to: 0.9, patches_up_to: 0.8, versions: 10 },
    Family { name: "Ubuntu", vendor: "Canonical", platform: Platform::Linux, assets_up_to: 1.0, patches_up_to: 1.0, versions: 8 },
];

/// How fast spread falls with rank (Zipf's exponent).
const SPREAD: f64 = 0.9;
/// Fewest and most patches that apply to one version, of 20,000 in all.
const APPLICABLE: (f64, f64) = (1_120.0, 4_050.0);
/// How fast the chance to be missing falls from the newest patch to the oldest.
const AGEING: f64 = 5.0;
/// Rounds that calibrate a scale to far better than a thousandth.
const ROUNDS: usize = 60;

/// One operating system version.
#[derive(Debug)]
pub struct System {
    /// For people: `Windows 3`.
    pub name: String,
    /// Linux or Windows.
    pub platform: Platform,
    /// Its number within its family, as version.
    pub version: String,
    /// Share of the assets, cumulated over all systems.
    pub(super) up_to: f64,
    /// Patches that may apply, ascending.
    pub(super) patches: Vec<Applicable>,
    /// The same patches, the most widespread first.
    pub(super) by_spread: Vec<PatchNo>,
}

/// A patch on machines of one system.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applicable {
    pub(super) no: PatchNo,
    /// Chance that it applies to a machine.
    pub(super) applies: f64,
    /// Chance that a machine of average hygiene misses it when it applies.
    pub(super) missing: f64,
}

/// The systems, the most frequent first within each family.
pub(super) fn make(size: &Size, patches: &[(PatchNo, Patch)], chance: &mut Chance) -> Vec<System> {
    let mut systems = Vec::new();
    let mut from = 0.0;
    for family in &FAMILIES {
        let pool: Vec<PatchNo> =
            patches.iter().filter(|(_, patch)| patch.products.iter().any(|name| name == family.name)).map(|(no, _)| *no).collect();
        let weights: Vec<f64> = (1..=family.versions).map(|rank| (rank as f64).recip()).collect();
        let sum: f64 = weights.iter().sum();
        for (nth, weight) in weights.iter().enumerate() {
            let share = (family.assets_up_to - from_of(family)) * weight / sum;
            from += share;
            let applicable = applicable(size, &pool, chance);
            systems.push(System {
                name: format!("{} {}", family.name, nth + 1),
                platform: family.platform,
                version: (nth + 1).to_string(),
                up_to: from,
                by_spread: by_spread(&applicable),
                patches: applicable,
            });
        }
    }
    systems
}

/// Where a family's share of the assets begins.
fn from_of(family: &Family) -> f64 {
    let before = FAMILIES.iter().take_while(|other| other.name != family.name);
    before.last().map_or(0.0, |other| other.assets_up_to)
}

fn by_spread(applicable: &[Applicable]) -> Vec<PatchNo> {
    let mut order = applicable.to_vec();
    order.sort_by(|a, b| b.applies.total_cmp(&a.applies));
    order.into_iter().map(|patch| patch.no).collect()
}

/// Chooses patches of the pool for one version and calibrates their chances to the averages that are wanted.
fn applicable(size: &Size, pool: &[PatchNo], chance: &mut Chance) -> Vec<Applicable> {
    let scale = f64::from(size.patches) / 20_000.0;
    let wanted = scale * (APPLICABLE.0 + chance.fraction() * (APPLICABLE.1 - APPLICABLE.0));
    let mut chosen = shuffled(pool, chance);
    chosen.truncate(wanted as usize);
    let per_asset = size.missing + size.installed;
    let zipf: Vec<f64> = (1..=chosen.len()).map(|rank| (rank as f64).powf(-SPREAD)).collect();
    let spread = calibrate(per_asset, |factor| zipf.iter().map(|zipf| (factor * zipf).min(1.0)).sum());
    let newest = f64::from(size.patches);
    let ageing = |no: PatchNo| (-AGEING * (1.0 - f64::from(no.0) / newest)).exp();
    let applies: Vec<(PatchNo, f64)> = chosen.into_iter().zip(&zipf).map(|(no, zipf)| (no, (spread * zipf).min(1.0))).collect();
    let factor = calibrate(size.missing, |factor| applies.iter().map(|&(no, applies)| applies * (factor * ageing(no)).min(1.0)).sum());
    let mut patches: Vec<Applicable> =
        applies.iter().map(|&(no, applies)| Applicable { no, applies, missing: (factor * ageing(no)).min(1.0) }).collect();
    patches.sort_by_key(|patch| patch.no);
    patches
}

fn shuffled(pool: &[PatchNo], chance: &mut Chance) -> Vec<PatchNo> {
    let mut order: Vec<(u64, PatchNo)> = pool.iter().map(|&no| (chance.draw(), no)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, no)| no).collect()
}

/// The factor at which a rising sum reaches what is wanted, or the largest tried when it never does.
fn calibrate(wanted: f64, sum: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..ROUNDS {
        let middle = f64::midpoint(low, high);
        if sum(middle) < wanted { low = middle } else { high = middle }
    }
    high
}
