//! Fields of assets.

use super::{Evidence, Field, Key, Kind, field};

/// A closed list in no order.
const fn choice(members: &'static [&'static str]) -> Kind {
    Kind::Choice { members, ordered: false }
}

const SCAN_STATUS: &[&str] = &["never_scanned", "scanning", "scanned", "scan_failed", "unsupported", "stale"];

/// What can be asked of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AssetField {
    /// Name of the machine.
    Name,
    /// Family of operating systems.
    OsFamily,
    /// Operating system.
    OsName,
    /// Version of the operating system.
    OsVersion,
    /// Build of the operating system, on Linux the running kernel.
    OsBuild,
    /// Distribution release.
    OsRelease,
    /// The package manager's name for the architecture.
    Architecture,
    /// Platform of the agent.
    Platform,
    /// Tags, those above an assigned one included.
    Tag,
    /// Who is or was logged on.
    LastLoggedOnUser,
    /// How the last scan went.
    ScanStatus,
    /// When the last scan was made.
    LastScan,
    /// When the agent was last heard from.
    LastCheckIn,
    /// The agent is connected now or was a short time ago.
    Online,
    /// When the asset was enrolled.
    Created,
    /// When the asset was activated.
    Activated,
    /// The asset has a licence to be patched.
    Licensed,
    /// The agent never changes its machine.
    AssessOnly,
    /// Version of the agent.
    AgentVersion,
    /// Id of the agent.
    AgentId,
    /// The machine should be restarted.
    RebootPending,
    /// Missing patches.
    MissingCount,
    /// Missing patches that the vendor rates critical.
    MissingCritical,
    /// Missing patches that the vendor rates important.
    MissingImportant,
    /// Missing patches that the vendor rates moderate.
    MissingModerate,
    /// Missing patches that the vendor rates low.
    MissingLow,
    /// Missing patches that the vendor does not rate.
    MissingNone,
    /// Missing patches that fix vulnerabilities.
    MissingSecurity,
    /// Missing patches that nothing supersedes.
    LatestMissingCount,
    /// Missing security patches that nothing supersedes.
    LatestMissingSecurity,
    /// Installed patches.
    InstalledCount,
    /// Network addresses.
    Address,
    /// Hardware addresses of network interfaces.
    Mac,
    /// Maker of the machine.
    Manufacturer,
    /// Model of the machine.
    Model,
    /// Serial number of the machine.
    Serial,
    /// Logical processors.
    CpuCores,
    /// Main memory.
    Memory,
    /// Free space where packages are installed, on the fullest file system.
    DiskFree,
    /// Share of the applicable latest patches that are installed, in per cent.
    Compliance,
    /// Sum over missing latest patches of what each puts at risk.
    Risk,
}

use AssetField as F;

const fn of(key: F, name: &'static str, kind: Kind, help: &'static str, example: &'static str) -> Field {
    field(Key::Asset(key), name, kind, help, example)
}

pub(super) const FIELDS: &[Field] = &[
    Field {
        main: true,
        aliases: &["hostname", "assetName", "netbiosName", "host"],
        ..of(F::Name, "name", Kind::Text, "Name of the machine", "name:web*")
    },
    Field {
        aliases: &["osFamily"],
        ..of(F::OsFamily, "os.family", choice(&["linux", "windows"]), "Family of operating systems", "os.family:linux")
    },
    Field {
        main: true,
        facet: true,
        aliases: &["os", "operatingSystem"],
        ..of(F::OsName, "os.name", Kind::Text, "Operating system", r#"os.name:"debian gnu/linux 12""#)
    },
    Field {
        facet: true,
        aliases: &["osVersion"],
        ..of(F::OsVersion, "os.version", Kind::Version, "Version of the operating system", "os.version>=12")
    },
    Field {
        aliases: &["kernel", "osBuild"],
        ..of(F::OsBuild, "os.build", Kind::Version, "Build of the operating system, on Linux the running kernel", "os.build<6.1.112")
    },
    Field {
        facet: true,
        aliases: &["distribution"],
        ..of(F::OsRelease, "os.release", Kind::Text, "Distribution release", "os.release:`debian/bookworm`")
    },
    Field {
        facet: true,
        aliases: &["arch"],
        ..of(F::Architecture, "architecture", Kind::Text, "The package manager's name for the architecture", "architecture:amd64")
    },
    of(F::Platform, "platform", choice(&["linux", "windows"]), "Platform of the agent", "platform:windows"),
    Field {
        many: true,
        facet: true,
        sortable: false,
        aliases: &["tag", "tags"],
        ..of(F::Tag, "tags.name", Kind::Text, "Tags, those above an assigned one included", "tags.name:production")
    },
    Field {
        main: true,
        aliases: &["user", "loggedOnUser"],
        ..of(F::LastLoggedOnUser, "lastLoggedOnUser", Kind::Text, "Who is or was logged on", "lastLoggedOnUser:alice")
    },
    of(F::ScanStatus, "scanStatus", choice(SCAN_STATUS), "How the last scan went", "scanStatus:[scan_failed, stale]"),
    Field {
        aliases: &["scanDateTime", "lastScanDate", "lastScanned"],
        ..of(F::LastScan, "lastScan", Kind::Moment, "When the last scan was made", "lastScan<now-7d")
    },
    Field {
        aliases: &["lastSeen", "lastCheckedIn"],
        ..of(F::LastCheckIn, "lastCheckIn", Kind::Moment, "When the agent was last heard from", "lastCheckIn<now-3d")
    },
    of(F::Online, "online", Kind::Flag, "The agent is connected now or was a short time ago", "online:yes"),
    Field { aliases: &["enrolled"], ..of(F::Created, "created", Kind::Moment, "When the asset was enrolled", "created>now-1w") },
    of(F::Activated, "activated", Kind::Moment, "When the asset was activated", "activated<2026-01-01"),
    of(F::Licensed, "licensed", Kind::Flag, "The asset has a licence to be patched", "licensed:yes"),
    of(F::AssessOnly, "assessOnly", Kind::Flag, "The agent never changes its machine", "assessOnly:no"),
    Field {
        facet: true,
        aliases: &["agentVersion"],
        ..of(F::AgentVersion, "agent.version", Kind::Version, "Version of the agent", "agent.version<0.2")
    },
    Field {
        aliases: &["id", "assetId"],
        ..of(F::AgentId, "agent.id", Kind::Text, "Id of the agent", "agent.id:`0193b8a0-0000-7000-8000-000000000000`")
    },
    Field {
        aliases: &["pendingReboot", "isRebootPending"],
        ..of(F::RebootPending, "rebootPending", Kind::Flag, "The machine should be restarted", "rebootPending:yes")
    },
    Field {
        evidence: Evidence::AtLeast,
        aliases: &["missingPatchCount"],
        ..of(F::MissingCount, "missingCount", Kind::Number, "Missing patches", "missingCount>=10")
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(
            F::MissingCritical,
            "missingCount.critical",
            Kind::Number,
            "Missing patches that the vendor rates critical",
            "missingCount.critical>0",
        )
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(
            F::MissingImportant,
            "missingCount.important",
            Kind::Number,
            "Missing patches that the vendor rates important",
            "missingCount.important>0",
        )
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(
            F::MissingModerate,
            "missingCount.moderate",
            Kind::Number,
            "Missing patches that the vendor rates moderate",
            "missingCount.moderate>0",
        )
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(F::MissingLow, "missingCount.low", Kind::Number, "Missing patches that the vendor rates low", "missingCount.low>0")
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(F::MissingNone, "missingCount.none", Kind::Number, "Missing patches that the vendor does not rate", "missingCount.none>0")
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(
            F::MissingSecurity,
            "missingCount.security",
            Kind::Number,
            "Missing patches that fix vulnerabilities",
            "missingCount.security>0",
        )
    },
    Field {
        evidence: Evidence::AtLeast,
        aliases: &["nonSupersededMissingPatchCount"],
        ..of(F::LatestMissingCount, "latestMissingCount", Kind::Number, "Missing patches that nothing supersedes", "latestMissingCount>0")
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(
            F::LatestMissingSecurity,
            "latestMissingCount.security",
            Kind::Number,
            "Missing security patches that nothing supersedes",
            "latestMissingCount.security>0",
        )
    },
    Field {
        evidence: Evidence::AtLeast,
        aliases: &["installedPatchCount"],
        ..of(F::InstalledCount, "installedCount", Kind::Number, "Installed patches", "installedCount>100")
    },
    Field {
        many: true,
        aliases: &["address", "ip", "ipAddress"],
        ..of(F::Address, "interfaces.address", Kind::Address, "Network addresses", "interfaces.address:10.0.0.0/24")
    },
    Field {
        many: true,
        sortable: false,
        aliases: &["mac", "macAddress"],
        ..of(F::Mac, "interfaces.mac", Kind::Text, "Hardware addresses of network interfaces", "interfaces.mac:`00:16:3e:01:02:03`")
    },
    Field {
        facet: true,
        aliases: &["manufacturer"],
        ..of(F::Manufacturer, "hardware.manufacturer", Kind::Text, "Maker of the machine", "hardware.manufacturer:dell")
    },
    Field {
        facet: true,
        aliases: &["model"],
        ..of(F::Model, "hardware.model", Kind::Text, "Model of the machine", "hardware.model:poweredge")
    },
    Field {
        aliases: &["serial", "serialNumber"],
        ..of(F::Serial, "hardware.serial", Kind::Text, "Serial number of the machine", "hardware.serial:`ABC123`")
    },
    Field { aliases: &["cores"], ..of(F::CpuCores, "cpu.cores", Kind::Number, "Logical processors", "cpu.cores>=8") },
    of(F::Memory, "memory", Kind::Size, "Main memory", "memory<4GiB"),
    Field {
        aliases: &["freeDisk"],
        ..of(F::DiskFree, "disk.free", Kind::Size, "Free space where packages are installed, on the fullest file system", "disk.free<2GB")
    },
    Field {
        evidence: Evidence::Share,
        ..of(
            F::Compliance,
            "compliance",
            Kind::Number,
            "Share of the applicable latest patches that are installed, in per cent",
            "compliance<95",
        )
    },
    Field {
        evidence: Evidence::AtLeast,
        ..of(F::Risk, "risk", Kind::Number, "Sum over missing latest patches of what each puts at risk", "risk>100")
    },
];
