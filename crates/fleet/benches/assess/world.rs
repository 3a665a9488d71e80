//! A made-up distribution and machines that run it.
//!
//! Eighteen thousand source packages with one to three binary packages each, of which machines have the popular ones.
//! Machines are set up after one of some forty roles, are brought up to date as a whole every now and then, and
//! then drift: a few packages of their own, a few that were kept back or ran ahead.

use crate::chance::Chance;
use fettle_fleet::Catalog;
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::inventory::{Hardware, Inventory, Kernels, Package, PackageManagerHealth, PackageState, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule, SourceVersion};
use std::collections::BTreeSet;

const SOURCES: usize = 18_000;
const ROLES: usize = 40;
/// Days over which the patches were published.
const DAYS: usize = 1_000;
/// States of the distribution that machines were brought up to, a week apart.
const WEEKS: usize = 50;

/// The distribution.
pub(crate) struct World {
    sources: Vec<Source>,
    /// Names and source of every binary package.
    binaries: Vec<(String, usize)>,
    patches: Vec<(PatchNo, Patch)>,
    roles: Vec<Vec<usize>>,
}

struct Source {
    name: String,
    binaries: Vec<usize>,
    /// Days of its patches, ascending.
    days: Vec<usize>,
}

/// One machine: a role at a state, and what it has of its own.
pub(crate) struct Machine {
    role: usize,
    week: usize,
    /// Place in the role's list, and how many versions ahead (odd) or behind (even) it is.
    drift: Vec<(usize, usize)>,
    own: Vec<usize>,
}

impl World {
    /// A distribution with so many patches, and roles with so many packages.
    pub(crate) fn make(chance: &mut Chance, patches: usize, packages: usize) -> Self {
        let mut world = Self { sources: Vec::new(), binaries: Vec::new(), patches: Vec::new(), roles: Vec::new() };
        for number in 0..SOURCES {
            let name = format!("source-package-{number}");
            let names = (0..1 + number % 3).map(|part| (format!("lib{}{number}-{}", ["x", "qt", "gnome"][number % 3], part + 1), number));
            let first = world.binaries.len();
            world.binaries.extend(names);
            world.sources.push(Source { name, binaries: (first..world.binaries.len()).collect(), days: Vec::new() });
        }
        for _ in 0..patches {
            let source = chance.below(SOURCES);
            world.sources[source].days.push(chance.below(DAYS));
        }
        for source in 0..SOURCES {
            world.sources[source].days.sort_unstable();
            for step in 1..=world.sources[source].days.len() {
                world.publish(source, step);
            }
        }
        world.patches.sort_by_key(|(_, patch)| patch.published_at);
        world.renumber();
        world.roles = (0..ROLES).map(|_| world.role(chance, packages)).collect();
        world
    }

    fn renumber(&mut self) {
        for (no, (there, _)) in (1..).zip(&mut self.patches) {
            *there = PatchNo(no);
        }
    }

    fn role(&self, chance: &mut Chance, packages: usize) -> Vec<usize> {
        let mut chosen: BTreeSet<usize> = (0..packages * 2 / 5).collect();
        while chosen.len() < packages {
            chosen.insert(chance.popular(self.binaries.len()));
        }
        let mut chosen: Vec<usize> = chosen.into_iter().collect();
        chosen.sort_by(|&a, &b| self.binaries[a].0.cmp(&self.binaries[b].0));
        chosen
    }

    fn version(source: usize, step: usize) -> String {
        let base = format!("{}.{}.{}-{}", 1 + source % 4, source % 31, source % 7, 1 + source % 5);
        if step == 0 { base } else { format!("{base}+deb12u{step}") }
    }

    fn publish(&mut self, source: usize, step: usize) {
        let there = &self.sources[source];
        let version = Self::version(source, step);
        let binary =
            |&at: &usize| BinaryVersion { name: self.binaries[at].0.clone(), architecture: "amd64".to_owned(), version: version.clone() };
        let rule = Rule::Dpkg {
            release: ReleaseKey::new("debian", "bookworm"),
            binaries: there.binaries.iter().map(binary).collect(),
            // Every other patch is an advisory, which speaks of the source as well.
            sources: if step.is_multiple_of(2) {
                vec![SourceVersion { name: there.name.clone(), version: version.clone() }]
            } else {
                Vec::new()
            },
        };
        let day = there.days.get(step - 1).copied().unwrap_or(DAYS);
        let id = PatchId(format!("debian:bookworm:{}@{version}", there.name));
        self.patches.push((PatchNo(0), patch(id, rule, day)));
    }

    /// Patches numbered by their day.
    pub(crate) fn catalog(&self, generation: u64) -> Catalog {
        Catalog::build(generation, self.patches.clone())
    }

    /// Publishes so many new patches, for popular packages.
    pub(crate) fn publish_more(&mut self, chance: &mut Chance, count: usize) {
        for _ in 0..count {
            let source = chance.popular(SOURCES);
            self.sources[source].days.push(DAYS);
            self.publish(source, self.sources[source].days.len());
        }
        self.renumber();
    }

    /// A machine by chance; one in three is exactly as it was set up.
    pub(crate) fn machine(&self, chance: &mut Chance) -> Machine {
        let behind = chance.share();
        let mut machine = Machine {
            role: chance.popular(ROLES),
            // Most machines are up to date within some weeks.
            week: WEEKS - 1 - (behind * behind * WEEKS as f64) as usize,
            drift: Vec::new(),
            own: Vec::new(),
        };
        if chance.below(3) > 0 {
            let packages = self.roles[machine.role].len();
            machine.drift = (0..chance.below(9)).map(|_| (chance.below(packages), chance.below(6))).collect();
            machine.own = (0..chance.below(13)).map(|_| chance.popular(self.binaries.len())).collect();
        }
        machine
    }

    fn step(&self, source: usize, week: usize) -> usize {
        let day = DAYS - 7 * (WEEKS - 1 - week);
        self.sources[source].days.partition_point(|&published| published < day)
    }

    fn package(&self, binary: usize, week: usize, drift: usize) -> Package {
        let (name, source) = &self.binaries[binary];
        let (step, last) = (self.step(*source, week), self.sources[*source].days.len());
        let step = match drift {
            0 => step,
            odd if odd % 2 == 1 => (step + odd).min(last),
            even => step.saturating_sub(even),
        };
        let version = Self::version(*source, step);
        Package {
            name: name.clone(),
            architecture: "amd64".to_owned(),
            source: self.sources[*source].name.clone(),
            source_version: version.clone(),
            version,
            state: PackageState::Installed,
            held: false,
        }
    }
}

/// Inventories, made cheaply: of each role at each state one is kept and changed for a machine and back.
pub(crate) struct Inventories<'a> {
    world: &'a World,
    images: Vec<Option<Inventory>>,
}

impl<'a> Inventories<'a> {
    pub(crate) fn of(world: &'a World) -> Self {
        Self { world, images: (0..ROLES * WEEKS).map(|_| None).collect() }
    }

    /// Shows the inventory of a machine.
    pub(crate) fn with<R>(&mut self, machine: &Machine, look: impl FnOnce(&Inventory) -> R) -> R {
        let world = self.world;
        let role = &world.roles[machine.role];
        let made = || inventory(role.iter().map(|&binary| world.package(binary, machine.week, 0)).collect());
        let image = self.images[machine.role * WEEKS + machine.week].get_or_insert_with(made);
        let mut before = Vec::new();
        for &(at, drift) in &machine.drift {
            before.push((at, std::mem::replace(&mut image.packages[at], world.package(role[at], machine.week, drift))));
        }
        let own = machine.own.iter().filter(|binary| !role.contains(binary));
        image.packages.extend(own.map(|&binary| world.package(binary, machine.week, 0)));
        let seen = look(image);
        image.packages.truncate(role.len());
        for (at, package) in before.into_iter().rev() {
            image.packages[at] = package;
        }
        seen
    }
}

fn inventory(packages: Vec<Package>) -> Inventory {
    Inventory {
        hostname: "host".to_owned(),
        os: OperatingSystem {
            platform: Platform::Linux,
            id: "debian".to_owned(),
            name: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            version: "12".to_owned(),
            codename: "bookworm".to_owned(),
            architecture: "amd64".to_owned(),
            foreign_architectures: Vec::new(),
        },
        hardware: Hardware::default(),
        interfaces: Vec::new(),
        packages,
        kernels: Kernels::default(),
        pending_reboot: Vec::new(),
        package_manager: PackageManagerHealth::default(),
        windows: WindowsSoftware::default(),
    }
}

/// A host whose package list came from elsewhere.
pub(crate) fn host(packages: Vec<Package>) -> Inventory {
    inventory(packages)
}

pub(crate) fn patch(id: PatchId, rule: Rule, day: usize) -> Patch {
    let published = i64::try_from(day).unwrap_or(0) * 86_400 + 1_600_000_000;
    Patch {
        title: id.0.clone(),
        id,
        vendor: "Debian".to_owned(),
        description: String::new(),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: "made".to_owned(),
        products: vec!["debian/bookworm".to_owned()],
        architectures: Vec::new(),
        bulletin: None,
        advisory_url: None,
        category: Category::Security,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at: jiff::Timestamp::from_second(published).ok(),
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 1 },
        rollback: Rollback::No,
        rule,
        source: "made".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}
