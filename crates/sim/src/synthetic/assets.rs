//! The machines of a synthetic fleet.

use super::{Synthetic, System};
use crate::chance::Chance;
use fettle_fleet::AssetCard;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, TagId};
use fettle_model::inventory::Hardware;
use fettle_model::os::ReleaseKey;
use fettle_model::tag::Tag;
use jiff::SignedDuration;
use std::sync::Arc;
use uuid::Uuid;

/// Tags that say what a machine is for.
const PURPOSES: u128 = 40;
/// Tags per asset on average, its site not counted.
const CARRIED: f64 = 4.3;
/// Sites, each a tag below the tag `sites`.
const SITES: u128 = 200;
/// Numbers of tags begin here: the tree of sites, then the sites.
const SITE_ROOT: u128 = 1_000;
/// Of 100 assets so many were heard from within a day.
const SEEN_TODAY: u64 = 85;
/// Of 1,000 assets so many could not be scanned lately.
const UNKNOWN: u64 = 20;
/// Of 1,000 findings so many change from one scan to the next.
const CHANGED: u64 = 20;

/// All tags, and how likely an asset carries each of those that are no sites.
pub(super) fn tags() -> (Vec<Tag>, Vec<f64>) {
    let tag = |number: u128, name: String, parent: Option<u128>| Tag {
        id: TagId(Uuid::from_u128(number)),
        name,
        parent: parent.map(|number| TagId(Uuid::from_u128(number))),
        query: None,
    };
    let mut tags: Vec<Tag> = (1..=PURPOSES).map(|number| tag(number, format!("t{number}"), None)).collect();
    tags.push(tag(SITE_ROOT, "sites".to_owned(), None));
    tags.extend((1..=SITES).map(|site| tag(SITE_ROOT + site, format!("site-{site}"), Some(SITE_ROOT))));
    let weights: Vec<f64> = (1..=PURPOSES).map(|rank| (rank as f64).powf(-0.7)).collect();
    let sum: f64 = weights.iter().sum();
    (tags, weights.iter().map(|weight| (weight / sum * CARRIED).min(1.0)).collect())
}

fn chance_of(fleet: &Synthetic, number: u32) -> Chance {
    Chance::of(fleet.size.seed, &["asset", &number.to_string()])
}

fn system<'a>(fleet: &'a Synthetic, chance: &mut Chance) -> Option<&'a System> {
    let share = chance.fraction();
    fleet.systems.iter().find(|system| share < system.up_to).or(fleet.systems.last())
}

/// The system of the asset with this number; `None` in a fleet without systems.
pub(super) fn system_of(fleet: &Synthetic, number: u32) -> Option<&System> {
    system(fleet, &mut chance_of(fleet, number))
}

/// The asset with this number as its `scan`th scan shows it.
pub(super) fn make(fleet: &Synthetic, number: u32, scan: u32) -> (AssetCard, Findings) {
    let mut chance = chance_of(fleet, number);
    let Some(system) = system(fleet, &mut chance) else {
        return (AssetCard::new(id(number), String::new(), fleet.now), Findings::default());
    };
    let mut card = AssetCard::new(id(number), format!("host-{number:07}.example"), fleet.now - hours(24 * chance.between(30, 900)));
    card.platform = Some(system.platform);
    card.os_name.clone_from(&system.name);
    card.os_version.clone_from(&system.version);
    card.release = Some(ReleaseKey(format!("synthetic/{}", system.name)));
    "amd64".clone_into(&mut card.architecture);
    "0.1.0".clone_into(&mut card.agent_version);
    card.tags = (1..)
        .zip(&fleet.carried)
        .filter(|(_, carried)| chance.fraction() < **carried)
        .map(|(tag, _)| TagId(Uuid::from_u128(tag)))
        .collect();
    card.tags.insert(TagId(Uuid::from_u128(SITE_ROOT + 1 + u128::from(chance.below(200)))));
    let seen = if chance.percent(SEEN_TODAY) { minutes(chance.below(24 * 60)) } else { minutes(24 * 60 + chance.below(90 * 24 * 60)) };
    card.last_check_in = Some(fleet.now - seen);
    card.last_scan = Some(fleet.now - seen - minutes(chance.below(240)));
    card.scan_status = if chance.below(1_000) < UNKNOWN { ScanStatus::Stale } else { ScanStatus::Scanned };
    card.pending_reboot = chance.percent(8);
    card.logged_on_user = chance.percent(60).then(|| format!("user{}", chance.below(5_000)));
    card.addresses = vec![format!("10.{}.{}.{}", (number >> 16) & 255, (number >> 8) & 255, number & 255)];
    card.disk_free = Some(chance.between(1, 900) << 30);
    card.hardware = Arc::new(Hardware {
        manufacturer: "Example".to_owned(),
        model: format!("Model {}", chance.below(30)),
        cpu_cores: 2 << chance.below(5),
        memory_bytes: 4 << (30 + chance.below(5)),
        ..Hardware::default()
    });
    (card, findings(fleet, system, &mut chance, number, scan))
}

fn findings(fleet: &Synthetic, system: &System, chance: &mut Chance, number: u32, scan: u32) -> Findings {
    let hygiene = 0.35 + 1.3 * chance.fraction();
    let mut later = Chance::of(fleet.size.seed, &["scan", &number.to_string(), &scan.to_string()]);
    let mut findings = Findings::default();
    for patch in &system.patches {
        // One number for both questions: its halves are independent.
        let drawn = chance.draw();
        let (applies, missing) = (unit(drawn >> 32), unit(drawn & u64::from(u32::MAX)));
        if applies >= patch.applies {
            continue;
        }
        let changed = scan > 0 && later.below(1_000) < CHANGED;
        if (missing < patch.missing * hygiene) != changed { findings.missing.push(patch.no) } else { findings.installed.push(patch.no) }
    }
    findings
}

/// The lower 32 bits as a number from 0 to below 1.
fn unit(bits: u64) -> f64 {
    bits as f64 / (1_u64 << 32) as f64
}

/// The id of the asset with this number. The low bits are spread, as those of made ids are.
pub(super) fn id(number: u32) -> AssetId {
    let spread = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) & 0xffff_ffff_ffff;
    AssetId(Uuid::from_u128((u128::from(number) << 64) | spread))
}

fn hours(hours: u64) -> SignedDuration {
    SignedDuration::from_hours(i64::try_from(hours).unwrap_or(0))
}

fn minutes(minutes: u64) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(0))
}
