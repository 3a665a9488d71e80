//! What assets and patches show of themselves, written down field by field from the specification and apart
//! from the engine's own reading.

use crate::world::{World, now};
use fettle_fleet::{AssetCard, Entry};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::PatchNo;
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Severity};
use fettle_model::version::DpkgVersion;
use fettle_query::registry::{AssetField, Key, PatchField};
use fettle_query::{Record, Relation, Value};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Assets in view per patch: missing, installed.
pub(crate) type Counts = BTreeMap<PatchNo, (u64, u64)>;

pub(crate) struct SlowPatch<'w> {
    entry: &'w Entry,
    counts: (u64, u64),
    world: &'w World,
}

pub(crate) struct SlowAsset<'w> {
    pub(crate) card: &'w AssetCard,
    pub(crate) findings: &'w Findings,
    world: &'w World,
    missing: Vec<SlowPatch<'w>>,
    installed: Vec<SlowPatch<'w>>,
}

impl<'w> SlowPatch<'w> {
    pub(crate) fn new(world: &'w World, no: PatchNo, counts: &Counts) -> Option<Self> {
        let entry = world.catalog.get(no)?;
        Some(Self { entry, counts: counts.get(&no).copied().unwrap_or_default(), world })
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.patch().enabled
    }

    fn patch(&self) -> &'w Patch {
        &self.entry.patch
    }

    fn names(&self, numbers: &[PatchNo]) -> Vec<Value<'_>> {
        numbers.iter().filter_map(|&no| self.world.catalog.get(no)).map(|entry| text(entry.patch.id.as_str())).collect()
    }
}

impl<'w> SlowAsset<'w> {
    pub(crate) fn new(world: &'w World, card: &'w AssetCard, findings: &'w Findings, counts: &Counts) -> Self {
        let those = |numbers: &[PatchNo]| numbers.iter().filter_map(|&no| SlowPatch::new(world, no, counts)).collect();
        Self { card, findings, world, missing: those(&findings.missing), installed: those(&findings.installed) }
    }

    fn missing_where(&self, of: impl Fn(&SlowPatch<'_>) -> bool) -> Vec<Value<'_>> {
        count(self.missing.iter().filter(|patch| of(patch)).count())
    }

    /// The names of all tags from those it carries upwards, each once.
    pub(crate) fn tag_names(&self) -> Vec<&'w str> {
        let mut names = Vec::new();
        for tag in &self.card.tags {
            let mut at = Some(*tag);
            while let Some(tag) = at.and_then(|id| self.world.tags.iter().find(|tag| tag.id == id)) {
                names.push(tag.name.as_str());
                at = tag.parent;
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether it misses (has) a patch of this severity that nothing supersedes.
    pub(crate) fn has_latest(&self, status: FindingStatus, severity: Severity) -> bool {
        let those = if status == FindingStatus::Missing { &self.missing } else { &self.installed };
        those.iter().any(|patch| !patch.entry.superseded && patch.patch().vendor_severity == severity)
    }

    fn compliance(&self) -> Vec<Value<'_>> {
        let latest = |patches: &[SlowPatch<'_>]| patches.iter().filter(|patch| !patch.entry.superseded).count();
        let (missing, installed) = (latest(&self.missing), latest(&self.installed));
        if missing + installed == 0 {
            return Vec::new();
        }
        let exact = |count: usize| f64::from(u32::try_from(count).expect("small"));
        vec![Value::Number(exact(installed) * 100.0 / exact(missing + installed))]
    }
}

impl Record for SlowAsset<'_> {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        use AssetField as F;
        let Key::Asset(field) = field else { return Vec::new() };
        let card = self.card;
        let rated = |severity| self.missing_where(|patch| patch.patch().vendor_severity == severity);
        match field {
            F::Name => texts(&card.name),
            F::OsFamily | F::Platform => card.platform.map(platform).into_iter().collect(),
            F::OsName => texts(&card.os_name),
            F::OsVersion => version(&card.os_version),
            F::OsBuild => version(&card.os_build),
            F::OsRelease => card.release.as_ref().map(|release| text(&release.0)).into_iter().collect(),
            F::Architecture => texts(&card.architecture),
            F::Tag => self.tag_names().into_iter().map(text).collect(),
            F::LastLoggedOnUser => card.logged_on_user.as_deref().map(text).into_iter().collect(),
            F::ScanStatus => vec![Value::Choice(ScanStatus::ALL.iter().position(|&status| status == card.scan_status).expect("listed"))],
            F::LastScan => moment(card.last_scan),
            F::LastCheckIn => moment(card.last_check_in),
            F::Online => {
                vec![Value::Flag(card.last_check_in.is_some_and(|at| now().duration_since(at) <= SignedDuration::from_mins(5)))]
            }
            F::Created | F::Activated => moment(Some(card.created_at)),
            // Nothing limits licences in this version: every asset has one.
            F::Licensed => vec![Value::Flag(true)],
            F::AssessOnly => vec![Value::Flag(card.assess_only)],
            F::AgentVersion => version(&card.agent_version),
            F::AgentId => vec![Value::Text(Cow::Owned(card.id.to_string()))],
            F::RebootPending => vec![Value::Flag(card.pending_reboot)],
            F::MissingCount => count(self.findings.missing.len()),
            F::MissingCritical => rated(Severity::Critical),
            F::MissingImportant => rated(Severity::Important),
            F::MissingModerate => rated(Severity::Moderate),
            F::MissingLow => rated(Severity::Low),
            F::MissingNone => rated(Severity::None),
            F::MissingSecurity => self.missing_where(|patch| patch.patch().category == Category::Security),
            F::LatestMissingCount => self.missing_where(|patch| !patch.entry.superseded),
            F::LatestMissingSecurity => self.missing_where(|patch| !patch.entry.superseded && patch.patch().category == Category::Security),
            F::InstalledCount => count(self.findings.installed.len()),
            F::Address => card.addresses.iter().filter_map(|address| address.parse().ok()).map(Value::Address).collect(),
            F::Mac => card.macs.iter().map(|mac| text(mac)).collect(),
            F::Manufacturer => texts(&card.hardware.manufacturer),
            F::Model => texts(&card.hardware.model),
            F::Serial => texts(&card.hardware.serial),
            F::CpuCores if card.hardware.cpu_cores == 0 => Vec::new(),
            F::CpuCores => vec![Value::Number(card.hardware.cpu_cores.into())],
            F::Memory => size(Some(card.hardware.memory_bytes).filter(|&bytes| bytes > 0)),
            F::DiskFree => size(card.disk_free),
            F::Compliance => self.compliance(),
            F::Risk => {
                let latest = self.missing.iter().filter(|patch| !patch.entry.superseded);
                vec![Value::Number(latest.map(|patch| patch.patch().risk_weight()).sum::<u32>().into())]
            }
        }
    }

    fn related(&self, relation: Relation) -> Vec<&dyn Record> {
        match relation {
            Relation::Missing => self.missing.iter().map(|patch| patch as &dyn Record).collect(),
            Relation::Installed => self.installed.iter().map(|patch| patch as &dyn Record).collect(),
            Relation::Software | Relation::Asset | Relation::Patch => Vec::new(),
        }
    }

    fn is_known(&self) -> bool {
        match self.card.scan_status {
            ScanStatus::Scanned => true,
            ScanStatus::Scanning => self.card.last_scan.is_some(),
            _ => false,
        }
    }
}

impl Record for SlowPatch<'_> {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        use PatchField as F;
        let Key::Patch(field) = field else { return Vec::new() };
        let patch = self.patch();
        match field {
            F::Id => texts(patch.id.as_str()),
            F::Title => texts(&patch.title),
            F::Kb => patch.scores.kb.as_deref().map(text).into_iter().collect(),
            F::Bulletin => patch.bulletin.as_deref().map(text).into_iter().collect(),
            F::Cve => patch.cves.iter().map(|cve| text(cve)).collect(),
            F::Category => choice(Category::ALL, patch.category),
            F::IsSecurity => vec![Value::Flag(patch.category == Category::Security)],
            F::Type => choice(PatchKind::ALL, patch.kind),
            F::Vendor => texts(&patch.vendor),
            F::Product => patch.products.iter().map(|product| text(product)).collect(),
            F::AppFamily => texts(&patch.app_family),
            F::VendorSeverity => choice(Severity::ALL, patch.vendor_severity),
            F::Cvss => patch.scores.cvss_tenths.map(|tenths| Value::Number(f64::from(tenths) / 10.0)).into_iter().collect(),
            F::Epss => patch.scores.epss_ppm.map(|millionths| Value::Number(f64::from(millionths) / 1e6)).into_iter().collect(),
            F::Kev => vec![Value::Flag(patch.scores.kev.is_some())],
            F::KevDue => {
                let due = patch.scores.kev.and_then(|kev| kev.due);
                // The whole day is left to install it: it ends with its last microsecond, the finest the product keeps.
                moment(due.map(|day| day.at(23, 59, 59, 999_999_000).to_zoned(TimeZone::UTC).expect("in range").timestamp()))
            }
            F::Architecture => patch.architectures.iter().map(|name| text(name)).collect(),
            F::Platform => vec![platform(patch.platform)],
            F::PublishedDate => moment(patch.published_at),
            F::ModifiedDate => moment(patch.modified_at),
            F::IsSuperseded => vec![Value::Flag(self.entry.superseded)],
            F::Supersedes => self.names(&self.entry.supersedes),
            F::SupersededBy => self.names(&self.entry.superseded_by),
            F::RebootRequired => choice(Reboot::ALL, patch.reboot),
            F::DownloadMethod => vec![Value::Choice(usize::from(matches!(patch.download, Download::AcquireFromVendor { .. })))],
            F::IsRollback => vec![Value::Flag(!matches!(patch.rollback, Rollback::No))],
            F::Size => match patch.download {
                Download::PackageManager { size: bytes } => size(Some(bytes)),
                Download::Automatic { .. } | Download::AcquireFromVendor { .. } => Vec::new(),
            },
            F::Status => {
                [(self.counts.0, 0), (self.counts.1, 1)].into_iter().filter(|(n, _)| *n > 0).map(|(_, at)| Value::Choice(at)).collect()
            }
            F::MissingCount => vec![Value::Number(exact(self.counts.0))],
            F::InstalledCount => vec![Value::Number(exact(self.counts.1))],
            F::Source => texts(&patch.source),
            F::Enabled => vec![Value::Flag(patch.enabled)],
        }
    }

    fn related(&self, _relation: Relation) -> Vec<&dyn Record> {
        Vec::new()
    }

    fn is_known(&self) -> bool {
        true
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

fn texts(of: &str) -> Vec<Value<'_>> {
    if of.is_empty() { Vec::new() } else { vec![text(of)] }
}

fn version(text: &str) -> Vec<Value<'_>> {
    DpkgVersion::parse(text).ok().map(Value::Version).into_iter().collect()
}

fn moment<'a>(at: Option<Timestamp>) -> Vec<Value<'a>> {
    at.map(Value::Moment).into_iter().collect()
}

fn size<'a>(bytes: Option<u64>) -> Vec<Value<'a>> {
    bytes.map(|bytes| Value::Number(exact(bytes))).into_iter().collect()
}

fn count<'a>(count: usize) -> Vec<Value<'a>> {
    vec![Value::Number(exact(u64::try_from(count).expect("fits")))]
}

fn exact(number: u64) -> f64 {
    number as f64
}

fn platform<'a>(platform: Platform) -> Value<'a> {
    Value::Choice(usize::from(platform == Platform::Windows))
}

fn choice<'a, T: PartialEq + Copy>(all: &[T], one: T) -> Vec<Value<'a>> {
    all.iter().position(|other| *other == one).map(Value::Choice).into_iter().collect()
}
