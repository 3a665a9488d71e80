//! A random fleet, kept twice: as plain lists, and in the index.

use crate::chance::Chance;
use fettle_fleet::{AssetCard, Catalog, Change, Fleet, Snapshot};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, PatchId, PatchNo, TagId, UserId};
use fettle_model::inventory::Hardware;
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, KnownExploited, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule};
use fettle_model::tag::Tag;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// The moment every test happens at.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("in range")
}

pub(crate) struct World {
    pub(crate) fleet: Fleet,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) patches: u32,
    pub(crate) tags: Vec<Tag>,
    pub(crate) assets: BTreeMap<AssetId, (AssetCard, Findings)>,
    made: u128,
    generation: u64,
}

impl World {
    /// A fleet of this many assets.
    pub(crate) fn make(assets: usize, chance: &mut Chance) -> Self {
        let patches = 1 + chance.number(40);
        let catalog = Arc::new(Catalog::build(1, make_patches(patches, chance)));
        let tags: Vec<Tag> = (0..6)
            .map(|at| Tag {
                id: tag(at),
                name: (*["Prod", "web", "Köln", "site-1", "db", "Prod West"].get(usize::try_from(at).expect("small")).expect("six"))
                    .to_owned(),
                parent: (at > 2).then(|| tag(at - 3)),
                query: None,
            })
            .collect();
        let fleet = Fleet::new(Arc::clone(&catalog));
        fleet.apply(vec![Change::Tags(tags.clone())]);
        let mut world = Self { fleet, catalog, patches, tags, assets: BTreeMap::new(), made: 0, generation: 1 };
        let changes = (0..assets).flat_map(|_| world.added(chance)).collect();
        world.fleet.apply(changes);
        world
    }

    /// A person who sees everything, or what carries one of some tags.
    pub(crate) fn actor(&self, chance: &mut Chance) -> Actor {
        let scope =
            if chance.percent(70) { Scope::Everything } else { Scope::Tags((0..6).filter(|_| chance.percent(40)).map(tag).collect()) };
        Actor::new(UserId(Uuid::from_u128(1)), Role::PatchReader, scope)
    }

    /// Some assets come, go, are scanned, edited; now and then the catalog is another one.
    pub(crate) fn change(&mut self, chance: &mut Chance) {
        for _ in 0..chance.below(6) {
            match chance.below(10) {
                0..=2 => self.add(chance),
                3 => self.remove(chance),
                4..=6 => self.scan(chance),
                7 | 8 => self.edit(chance),
                _ => self.recatalog(chance),
            }
        }
    }

    /// The fleet goes through a file, sometimes while the catalog becomes another one.
    pub(crate) fn restart(&mut self, chance: &mut Chance) {
        let mut file = Vec::new();
        let bytes = self.fleet.view().save([7; 16], &mut file).expect("memory takes everything");
        assert_eq!(bytes, u64::try_from(file.len()).expect("fits"));
        if chance.percent(40) {
            self.generation += 1;
            self.catalog = Arc::new(Catalog::build(self.generation, make_patches(self.patches, chance)));
        }
        let snapshot = Snapshot::open(bytes, |at, bytes: &mut [u8]| {
            let from = usize::try_from(at).expect("fits");
            bytes.copy_from_slice(file.get(from..from + bytes.len()).expect("inside"));
            Ok(())
        });
        self.fleet = snapshot.expect("whole").load(Arc::clone(&self.catalog)).expect("makes sense");
    }

    fn add(&mut self, chance: &mut Chance) {
        let changes = self.added(chance);
        self.fleet.apply(changes.into());
    }

    fn added(&mut self, chance: &mut Chance) -> [Change; 2] {
        self.made += 1;
        let card = self.card(self.made, chance);
        let findings = self.findings(chance);
        let id = card.id;
        self.assets.insert(id, (card.clone(), findings.clone()));
        [Change::Card(Box::new(card)), Change::Findings { asset: id, findings }]
    }

    fn some_asset(&self, chance: &mut Chance) -> Option<AssetId> {
        self.assets.keys().copied().nth(chance.below(self.assets.len()))
    }

    fn remove(&mut self, chance: &mut Chance) {
        let Some(id) = self.some_asset(chance) else { return };
        self.fleet.apply(vec![Change::Remove(id)]);
        self.assets.remove(&id);
    }

    fn scan(&mut self, chance: &mut Chance) {
        let Some(id) = self.some_asset(chance) else { return };
        let findings = self.findings(chance);
        self.fleet.apply(vec![Change::Findings { asset: id, findings: findings.clone() }]);
        if let Some(asset) = self.assets.get_mut(&id) {
            asset.1 = findings;
        }
    }

    fn edit(&mut self, chance: &mut Chance) {
        let Some(id) = self.some_asset(chance) else { return };
        let new = self.card(id.0.as_u128() & 0xffff, chance);
        let card = AssetCard { id, ..new };
        let edited = card.clone();
        self.fleet.apply(vec![Change::Edit { asset: id, with: Box::new(move |old| *old = edited) }]);
        if let Some(asset) = self.assets.get_mut(&id) {
            // An agent is never heard from earlier than before.
            let heard = asset.0.last_check_in.max(card.last_check_in);
            asset.0 = AssetCard { last_check_in: heard, ..card };
        }
    }

    fn recatalog(&mut self, chance: &mut Chance) {
        self.generation += 1;
        self.catalog = Arc::new(Catalog::build(self.generation, make_patches(self.patches, chance)));
        self.fleet.apply(vec![Change::Catalog(Arc::clone(&self.catalog))]);
    }

    fn findings(&self, chance: &mut Chance) -> Findings {
        let mut findings = Findings::default();
        for no in 1..=self.patches {
            match chance.below(6) {
                0 | 1 => findings.missing.push(PatchNo(no)),
                2 => findings.installed.push(PatchNo(no)),
                _ => {}
            }
        }
        findings
    }

    fn card(&self, number: u128, chance: &mut Chance) -> AssetCard {
        let id = AssetId(Uuid::from_u128(number << 64 | number));
        let name = format!("{}-{}", chance.pick(&["web", "Web01", "db.berlin", "Ærø", "build", "WEB"]), chance.below(12));
        let mut card = AssetCard::new(id, name, ago(chance, 400));
        if chance.percent(90) {
            // Most have one system, so that a large fleet has full segments of it.
            let (os, version, release) = if chance.percent(50) { &SYSTEMS[0] } else { chance.pick(&SYSTEMS) };
            card.platform = Some(if os.contains("Windows") { Platform::Windows } else { Platform::Linux });
            (*os).clone_into(&mut card.os_name);
            (*version).clone_into(&mut card.os_version);
            card.release = (!release.is_empty()).then(|| ReleaseKey((*release).to_owned()));
            (*chance.pick(&["amd64", "arm64"])).clone_into(&mut card.architecture);
        }
        (*chance.pick(&["", "6.1.0-13", "6.1.0-20", "10.0.19045"])).clone_into(&mut card.os_build);
        card.tags = self.tags.iter().filter(|_| chance.percent(25)).map(|tag| tag.id).collect::<BTreeSet<_>>();
        card.scan_status = if chance.percent(75) { ScanStatus::Scanned } else { *chance.pick(ScanStatus::ALL) };
        card.last_scan = chance.percent(85).then(|| ago(chance, 60));
        card.last_check_in = chance.percent(85).then(|| if chance.percent(50) { minutes_ago(chance) } else { ago(chance, 60) });
        (*chance.pick(&["0.1.0", "0.2.0", "0.10.0", ""])).clone_into(&mut card.agent_version);
        card.assess_only = chance.percent(20);
        card.pending_reboot = chance.percent(20);
        card.logged_on_user = chance.percent(50).then(|| (*chance.pick(&["alice", "Bob", "ALICE.Smith"])).to_owned());
        card.addresses =
            (0..chance.below(3)).map(|_| (*chance.pick(&["10.0.0.1", "10.0.1.9", "192.168.1.7", "2001:db8::1", "?"])).to_owned()).collect();
        card.macs = (0..chance.below(2)).map(|_| (*chance.pick(&["00:16:3e:01:02:03", "00:16:3e:01:02:04"])).to_owned()).collect();
        card.disk_free = chance.percent(70).then(|| u64::try_from(chance.below(20)).expect("small") << 30);
        card.hardware = Arc::new(Hardware {
            manufacturer: (*chance.pick(&["", "Dell Inc.", "HP"])).to_owned(),
            model: (*chance.pick(&["", "PowerEdge R740", "EliteBook"])).to_owned(),
            serial: (*chance.pick(&["", "ABC123", "XYZ9"])).to_owned(),
            cpu: String::new(),
            cpu_cores: chance.number(9),
            memory_bytes: u64::from(chance.number(9)) << 30,
        });
        card
    }
}

const SYSTEMS: [(&str, &str, &str); 4] = [
    ("Debian GNU/Linux 12 (bookworm)", "12", "debian/bookworm"),
    ("Debian GNU/Linux 11 (bullseye)", "11", "debian/bullseye"),
    ("Ubuntu 22.04.3 LTS", "22.04", "ubuntu/jammy"),
    ("Windows 11 Pro", "10.0.22631", ""),
];

fn tag(number: u128) -> TagId {
    TagId(Uuid::from_u128(100 + number))
}

fn ago(chance: &mut Chance, days: usize) -> Timestamp {
    now() - SignedDuration::from_hours(24 * i64::try_from(chance.below(days)).expect("small"))
}

fn minutes_ago(chance: &mut Chance) -> Timestamp {
    now() - SignedDuration::from_mins(i64::try_from(chance.below(10)).expect("small"))
}

fn make_patches(count: u32, chance: &mut Chance) -> Vec<(PatchNo, Patch)> {
    (1..=count).map(|no| (PatchNo(no), make_patch(no, chance))).collect()
}

fn make_patch(no: u32, chance: &mut Chance) -> Patch {
    let name = |no: u32| PatchId(format!("debian:bookworm:DSA-{no}-1"));
    let product = *chance.pick(&["openssl", "vim", "linux", "Firefox ESR"]);
    Patch {
        id: name(no),
        vendor: (*chance.pick(&["Debian", "Microsoft"])).to_owned(),
        title: format!("{product} security update {no}"),
        description: String::new(),
        platform: *chance.pick(Platform::ALL),
        kind: *chance.pick(PatchKind::ALL),
        app_family: product.to_owned(),
        products: vec!["debian/bookworm".to_owned()],
        architectures: if chance.percent(50) { vec!["amd64".to_owned(), "arm64".to_owned()] } else { Vec::new() },
        bulletin: chance.percent(50).then(|| format!("DSA-{no}-1")),
        advisory_url: None,
        category: *chance.pick(Category::ALL),
        vendor_severity: *chance.pick(Severity::ALL),
        cves: (0..chance.below(3)).map(|_| format!("CVE-2026-{}", 1000 + chance.below(20))).collect::<BTreeSet<_>>().into_iter().collect(),
        published_at: chance.percent(80).then(|| ago(chance, 200)),
        modified_at: chance.percent(50).then(|| ago(chance, 100)),
        supersedes: if no > 1 && chance.percent(30) { vec![name(1 + chance.number(no - 1))] } else { Vec::new() },
        reboot: *chance.pick(Reboot::ALL),
        download: if chance.percent(80) {
            Download::PackageManager { size: u64::from(chance.number(500)) << 20 }
        } else {
            Download::AcquireFromVendor { link: "https://vendor.example/".to_owned() }
        },
        rollback: if chance.percent(50) {
            Rollback::No
        } else {
            let earlier = BinaryVersion { name: product.to_owned(), architecture: "amd64".to_owned(), version: "1".to_owned() };
            Rollback::PreviousVersion { packages: vec![earlier] }
        },
        rule: Rule::Dpkg { release: ReleaseKey::new("debian", "bookworm"), binaries: Vec::new(), sources: Vec::new() },
        source: (*chance.pick(&["bookworm", "windows updates"])).to_owned(),
        enabled: chance.percent(90),
        baseline: false,
        scores: Scores {
            cvss_tenths: chance.percent(50).then(|| u8::try_from(chance.below(101)).expect("small")),
            epss_ppm: chance.percent(50).then(|| chance.number(1_000_001)),
            kev: chance.percent(20).then(|| KnownExploited { due: chance.percent(50).then(|| jiff::civil::date(2026, 9, 1)) }),
            kb: chance.percent(50).then(|| format!("KB50{no:05}")),
        },
    }
}
