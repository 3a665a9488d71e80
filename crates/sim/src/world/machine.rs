//! Machines of the fleet: what they are, what is on them, and what is wrong with them.

use super::World;
use super::history::SPAN;
use super::release::{Release, SHARES, System};
use super::software::{Part, SOURCES};
use crate::chance::Chance;
use fettle_model::inventory::{Hardware, Interface, Package, PackageState};
use sha2::{Digest, Sha256};

/// Where a machine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// In names of machines.
    pub short: &'static str,
    /// For people.
    pub name: &'static str,
    /// Second part of its IPv4 addresses.
    pub network: u8,
}

/// All sites, with their share of the machines.
pub const SITES: &[(u64, Site)] = &[
    (35, Site { short: "ber", name: "Berlin", network: 10 }),
    (25, Site { short: "lon", name: "London", network: 20 }),
    (15, Site { short: "par", name: "Paris", network: 30 }),
    (15, Site { short: "nyc", name: "New York", network: 40 }),
    (10, Site { short: "sgp", name: "Singapore", network: 50 }),
];

/// Environments, with their share of the machines.
pub const ENVIRONMENTS: &[(u64, &str)] = &[(60, "Production"), (25, "Test"), (15, "Development")];

/// What machines are for: share, part of their name, software, whether somebody sits in front.
const ROLES: &[(u64, (&str, Part))] = &[
    (20, ("web", Part::Web)),
    (14, ("db", Part::Data)),
    (22, ("app", Part::App)),
    (5, ("mail", Part::Mail)),
    (9, ("net", Part::Net)),
    (10, ("ci", Part::Build)),
    (20, ("ws", Part::Desk)),
];

/// Something that keeps a machine from being patched like the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// A mirror that has lost the files of one source package.
    LostFiles(&'static str),
    /// The keys of its package sources have expired.
    ExpiredKeys,
    /// Little room is left on its disk.
    FullDisk,
    /// A maintainer script of one source package fails here.
    BrokenScript(&'static str),
    /// Something else is installing, for a while.
    Busy,
    /// dpkg was interrupted; it can be repaired.
    Interrupted,
    /// dpkg was interrupted; it cannot be repaired.
    Broken,
}

/// A machine at the moment it enrols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blueprint {
    /// Its number in the fleet, from 0.
    pub number: u32,
    /// Fully qualified name.
    pub hostname: String,
    /// As agents compute it: 64 hexadecimal digits.
    pub machine_id: String,
    /// Operating system.
    pub system: System,
    /// Where it stands.
    pub site: Site,
    /// What it is used for: `Production`, `Test`, `Development`.
    pub environment: &'static str,
    /// Hardware.
    pub hardware: Hardware,
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
    /// Somebody logged on.
    pub user: Option<&'static str>,
    /// Packages, ordered by name.
    pub packages: Vec<Package>,
    /// The kernel that runs.
    pub kernel: String,
    /// Hours since its last start.
    pub uptime_hours: u64,
    /// Size and free space of its disk, in bytes.
    pub disk: (u64, u64),
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
}

const GIB: u64 = 1024 * 1024 * 1024;

impl World {
    /// A machine of the fleet.
    #[must_use]
    pub fn machine(&self, number: u32) -> Blueprint {
        let words = number.to_string();
        let chance = |what: &str| Chance::of(self.seed(), &["machine", &words, what]);
        let mut place = chance("place");
        let site = place.weighted(SITES).copied().unwrap_or(Site { short: "ber", name: "Berlin", network: 10 });
        let environment = place.weighted(ENVIRONMENTS).copied().unwrap_or("Production");
        let system = chance("system").weighted(SHARES).copied().unwrap_or(System::Linux(Release::Bookworm));
        let (role, part) = match system {
            System::Windows(name, _) if name.contains("11") => ("ws", Part::Desk),
            _ => chance("role").weighted(ROLES).copied().unwrap_or(("app", Part::App)),
        };
        let packages = match system {
            System::Linux(release) => self.packages(release, part, &mut chance("packages")),
            System::Windows(..) => Vec::new(),
        };
        let trouble = trouble(part, &mut chance("trouble"));
        let total = chance("disk").pick(&[20, 40, 80, 160, 500]).copied().unwrap_or(40) * GIB;
        let free = if trouble == Some(Trouble::FullDisk) { 4 * 1024 * 1024 } else { total / 100 * chance("free").between(15, 80) };
        let mut life = chance("life");
        Blueprint {
            number,
            hostname: format!("{role}-{}-{:04}.corp.example", site.short, number + 1),
            machine_id: hex(&Sha256::digest(format!("fettle-sim {} {number}", self.seed()))),
            system,
            site,
            environment,
            hardware: hardware(part, &mut chance("hardware")),
            interfaces: vec![interface(site, number, &mut chance("network"))],
            user: if part == Part::Desk || life.percent(8) { life.pick(PEOPLE).copied() } else { None },
            kernel: kernel(system, &packages),
            packages,
            uptime_hours: life.between(2, 24 * 120),
            disk: (total, free),
            trouble,
        }
    }

    fn packages(&self, release: Release, part: Part, chance: &mut Chance) -> Vec<Package> {
        let upgraded = last_upgrade(chance);
        let mut packages = Vec::new();
        for source in SOURCES {
            let there = source.part == Part::Base || (source.part == part && chance.percent(75)) || chance.percent(4);
            // Somebody may have upgraded one package later than the rest, because it was urgent.
            let day = if chance.percent(6) { upgraded / 4 } else { upgraded };
            let held = chance.below(200) == 0;
            let Some(version) = self.history().version(source, release, day).filter(|_| there) else { continue };
            packages.extend(source.binaries(release).map(|(name, _)| Package {
                name: name.to_owned(),
                architecture: "amd64".to_owned(),
                version: version.clone(),
                source: source.name_in(release).to_owned(),
                source_version: version.clone(),
                state: PackageState::Installed,
                held,
            }));
        }
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        packages
    }
}

/// How many days ago a machine was last upgraded: most are kept up, some are behind, a few forgotten.
fn last_upgrade(chance: &mut Chance) -> u64 {
    match chance.below(100) {
        0..25 => chance.between(0, 6),
        25..60 => chance.between(7, 40),
        60..85 => chance.between(41, 120),
        85..96 => chance.between(121, 300),
        _ => SPAN + 1,
    }
}

fn trouble(part: Part, chance: &mut Chance) -> Option<Trouble> {
    let theirs: Vec<&'static str> = SOURCES.iter().filter(|source| source.part == part).map(|source| source.name).collect();
    let own = chance.pick(&theirs).copied();
    match chance.below(100) {
        0..2 => Some(Trouble::LostFiles("openssl")),
        2..3 => Some(Trouble::ExpiredKeys),
        3..5 => Some(Trouble::FullDisk),
        5..9 => own.map(Trouble::BrokenScript),
        9..11 => Some(Trouble::Busy),
        11..13 => Some(Trouble::Interrupted),
        13..14 => Some(Trouble::Broken),
        _ => None,
    }
}

const PEOPLE: &[&str] = &[
    "amelie", "bruno", "chiara", "daniel", "elif", "farid", "greta", "hugo", "ines", "jonas", "katya", "liam", "mei", "noor", "oskar",
    "priya",
];

fn hardware(part: Part, chance: &mut Chance) -> Hardware {
    let physical: &[(&str, &str, &str)] = &[
        ("Dell Inc.", "PowerEdge R650", "Intel(R) Xeon(R) Gold 5318Y CPU @ 2.10GHz"),
        ("HPE", "ProLiant DL380 Gen10", "Intel(R) Xeon(R) Silver 4214R CPU @ 2.40GHz"),
        ("Lenovo", "ThinkSystem SR635", "AMD EPYC 7302P 16-Core Processor"),
    ];
    let desks: &[(&str, &str, &str)] = &[
        ("LENOVO", "ThinkPad T14 Gen 4", "AMD Ryzen 7 PRO 7840U"),
        ("Dell Inc.", "Latitude 7440", "13th Gen Intel(R) Core(TM) i7-1365U"),
        ("HP", "EliteDesk 800 G9", "12th Gen Intel(R) Core(TM) i5-12500"),
    ];
    let virtual_machine = ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "AMD EPYC-Milan Processor");
    let (manufacturer, model, cpu) = match part {
        Part::Desk => chance.pick(desks).copied().unwrap_or(virtual_machine),
        _ if chance.percent(20) => chance.pick(physical).copied().unwrap_or(virtual_machine),
        _ => virtual_machine,
    };
    Hardware {
        manufacturer: manufacturer.to_owned(),
        model: model.to_owned(),
        serial: if manufacturer == "QEMU" { String::new() } else { format!("{:07X}", chance.below(0x0fff_ffff)) },
        cpu: cpu.to_owned(),
        cpu_cores: chance.pick(&[2, 4, 4, 8, 16]).copied().unwrap_or(2),
        memory_bytes: chance.pick(&[2, 4, 8, 8, 16, 32, 64]).copied().unwrap_or(4) * GIB,
    }
}

fn interface(site: Site, number: u32, chance: &mut Chance) -> Interface {
    let (third, fourth) = (number / 250 % 250, number % 250 + 1);
    let mac = chance.draw().to_be_bytes();
    Interface {
        name: chance.pick(&["eth0", "ens3", "enp1s0", "eno1"]).copied().unwrap_or("eth0").to_owned(),
        mac: format!("52:54:00:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2]),
        addresses: vec![format!("10.{}.{third}.{fourth}", site.network), format!("2001:db8:{:x}::{:x}", site.network, number + 1)],
    }
}

/// The release of the kernel that belongs to the installed kernel package.
fn kernel(system: System, packages: &[Package]) -> String {
    match system {
        System::Windows(_, build) => build.to_owned(),
        System::Linux(release) => packages
            .iter()
            .find(|package| package.source == "linux")
            .map_or_else(String::new, |package| kernel_of(release, &package.version)),
    }
}

/// `uname -r` of a kernel package's version.
#[must_use]
pub fn kernel_of(release: Release, version: &str) -> String {
    if release.is_debian() {
        format!("{}-amd64", version.trim_end_matches("-1"))
    } else {
        let parts: Vec<&str> = version.split(['.', '-']).collect();
        format!("{}-generic", [parts.get(..3).unwrap_or_default().join("."), parts.get(3).copied().unwrap_or("0").to_owned()].join("-"))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_machine_follows_from_seed_and_number() {
        let (world, again, other) = (World::of(1), World::of(1), World::of(2));
        for number in 0..50 {
            assert_eq!(world.machine(number), again.machine(number));
        }
        assert_ne!(world.machine(0).machine_id, other.machine(0).machine_id);
        assert_eq!(world.machine(7).hostname, again.machine(7).hostname);
    }

    #[test]
    fn the_fleet_is_mixed_and_each_machine_is_itself() {
        let world = World::of(1);
        let fleet: Vec<Blueprint> = (0..1_000).map(|number| world.machine(number)).collect();
        let different = |of: fn(&Blueprint) -> String| fleet.iter().map(of).collect::<BTreeSet<_>>().len();
        assert_eq!(different(|machine| machine.machine_id.clone()), 1_000);
        assert_eq!(different(|machine| machine.hostname.clone()), 1_000);
        assert_eq!(different(|machine| machine.system.operating_system().name), 7);
        let windows = fleet.iter().filter(|machine| matches!(machine.system, System::Windows(..))).count();
        assert!((50..150).contains(&windows), "{windows}");
        let troubled = fleet.iter().filter(|machine| machine.trouble.is_some()).count();
        assert!((80..220).contains(&troubled), "{troubled}");
        assert!(fleet.iter().all(|machine| machine.packages.is_empty() != matches!(machine.system, System::Linux(_))));
    }

    #[test]
    fn most_machines_miss_something_and_some_miss_nothing() {
        let world = World::of(1);
        let behind = |machine: &Blueprint| {
            let System::Linux(release) = machine.system else { return 0 };
            let current = |package: &&Package| {
                let source = world.source_of(release, &package.name).expect("in the table");
                world.history().version(source, release, 0).as_ref() != Some(&package.version)
            };
            machine.packages.iter().filter(current).count()
        };
        let counts: Vec<usize> = (0..300).map(|number| behind(&world.machine(number))).collect();
        assert!(counts.iter().filter(|count| **count > 0).count() > 150);
        assert!(counts.contains(&0));
    }

    #[test]
    fn kernels_are_called_as_the_distributions_call_them() {
        assert_eq!(kernel_of(Release::Bookworm, "6.1.92-1"), "6.1.92-amd64");
        assert_eq!(kernel_of(Release::Noble, "6.8.0-33.31"), "6.8.0-33-generic");
        assert_eq!(kernel_of(Release::Jammy, "5.15.0.92.90"), "5.15.0-92-generic");
    }
}
