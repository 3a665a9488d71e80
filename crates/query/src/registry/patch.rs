//! Fields of patches.

use super::{Field, Key, Kind, field};

/// A closed list in no order.
const fn choice(members: &'static [&'static str]) -> Kind {
    Kind::Choice { members, ordered: false }
}

const SEVERITY: &[&str] = &["none", "low", "moderate", "important", "critical"];

/// What can be asked of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PatchField {
    /// Stable name of the patch.
    Id,
    /// Title.
    Title,
    /// Knowledge base article.
    Kb,
    /// Advisory of the vendor.
    Bulletin,
    /// Vulnerabilities it fixes.
    Cve,
    /// Whether it fixes a vulnerability.
    Category,
    /// It fixes a vulnerability.
    IsSecurity,
    /// Part of the system or an application.
    Type,
    /// Who publishes it.
    Vendor,
    /// Products it applies to.
    Product,
    /// Family of products, on Linux the source package.
    AppFamily,
    /// How the vendor rates it.
    VendorSeverity,
    /// Highest CVSS base score of what it fixes, 0 to 10.
    Cvss,
    /// Highest probability of exploitation within 30 days, 0 to 1.
    Epss,
    /// Something it fixes is known to be exploited.
    Kev,
    /// When it has to be installed by, as the list of known exploited vulnerabilities says.
    KevDue,
    /// Architectures it exists for.
    Architecture,
    /// Platform.
    Platform,
    /// When it was published.
    PublishedDate,
    /// When the vendor last changed it.
    ModifiedDate,
    /// A newer patch replaces it.
    IsSuperseded,
    /// Patches it replaces directly.
    Supersedes,
    /// Patches that replace it directly.
    SupersededBy,
    /// Whether it asks for a restart.
    RebootRequired,
    /// How an agent gets it.
    DownloadMethod,
    /// It can be taken back.
    IsRollback,
    /// Size of the download.
    Size,
    /// Some asset in view misses it or has it.
    Status,
    /// Assets in view that miss it.
    MissingCount,
    /// Assets in view that have it.
    InstalledCount,
    /// Feed it came from.
    Source,
    /// It may be installed and is looked for.
    Enabled,
}

use PatchField as F;

const fn of(key: F, name: &'static str, kind: Kind, help: &'static str, example: &'static str) -> Field {
    field(Key::Patch(key), name, kind, help, example)
}

pub(super) const FIELDS: &[Field] = &[
    Field {
        main: true,
        aliases: &["patchId"],
        ..of(F::Id, "id", Kind::Text, "Stable name of the patch", "id:`debian:bookworm:DSA-5678-1`")
    },
    Field { main: true, aliases: &["name", "patchTitle"], ..of(F::Title, "title", Kind::Text, "Title", "title:openssl") },
    Field { main: true, aliases: &["kbArticle"], ..of(F::Kb, "kb", Kind::Text, "Knowledge base article", "kb:5031356") },
    Field { main: true, aliases: &["advisory"], ..of(F::Bulletin, "bulletin", Kind::Text, "Advisory of the vendor", "bulletin:DSA-5678") },
    Field {
        many: true,
        main: true,
        sortable: false,
        aliases: &["cves"],
        ..of(F::Cve, "cve", Kind::Text, "Vulnerabilities it fixes", "cve:CVE-2023-4863")
    },
    of(F::Category, "category", choice(&["security", "non-security"]), "Whether it fixes a vulnerability", "category:security"),
    of(F::IsSecurity, "isSecurity", Kind::Flag, "It fixes a vulnerability", "isSecurity:yes"),
    of(F::Type, "type", choice(&["os", "application"]), "Part of the system or an application", "type:application"),
    Field { facet: true, ..of(F::Vendor, "vendor", Kind::Text, "Who publishes it", "vendor:debian") },
    Field {
        many: true,
        facet: true,
        sortable: false,
        aliases: &["release"],
        ..of(F::Product, "product", Kind::Text, "Products it applies to", "product:`debian/bookworm`")
    },
    Field {
        main: true,
        facet: true,
        ..of(F::AppFamily, "appFamily", Kind::Text, "Family of products, on Linux the source package", "appFamily:openssl")
    },
    Field {
        aliases: &["severity"],
        ..of(
            F::VendorSeverity,
            "vendorSeverity",
            Kind::Choice { members: SEVERITY, ordered: true },
            "How the vendor rates it",
            "vendorSeverity>=important",
        )
    },
    Field { aliases: &["cvssScore"], ..of(F::Cvss, "cvss", Kind::Number, "Highest CVSS base score of what it fixes, 0 to 10", "cvss>=7") },
    Field {
        aliases: &["epssScore"],
        ..of(F::Epss, "epss", Kind::Number, "Highest probability of exploitation within 30 days, 0 to 1", "epss>0.5")
    },
    Field {
        aliases: &["knownExploited", "isKev", "exploited"],
        ..of(F::Kev, "kev", Kind::Flag, "Something it fixes is known to be exploited", "kev:yes")
    },
    Field {
        aliases: &["dueDate"],
        ..of(
            F::KevDue,
            "kevDue",
            Kind::Moment,
            "When it has to be installed by, as the list of known exploited vulnerabilities says",
            "kevDue<now",
        )
    },
    Field {
        many: true,
        facet: true,
        sortable: false,
        aliases: &["arch"],
        ..of(F::Architecture, "architecture", Kind::Text, "Architectures it exists for", "architecture:amd64")
    },
    of(F::Platform, "platform", choice(&["linux", "windows"]), "Platform", "platform:linux"),
    Field {
        aliases: &["published", "publishedOn"],
        ..of(F::PublishedDate, "publishedDate", Kind::Moment, "When it was published", "publishedDate<now-30d")
    },
    Field {
        aliases: &["modified"],
        ..of(F::ModifiedDate, "modifiedDate", Kind::Moment, "When the vendor last changed it", "modifiedDate>now-7d")
    },
    Field { aliases: &["superseded"], ..of(F::IsSuperseded, "isSuperseded", Kind::Flag, "A newer patch replaces it", "isSuperseded:no") },
    Field {
        many: true,
        sortable: false,
        ..of(F::Supersedes, "supersedes", Kind::Text, "Patches it replaces directly", "supersedes:`debian:bookworm:DSA-5000-1`")
    },
    Field {
        many: true,
        sortable: false,
        ..of(F::SupersededBy, "supersededBy", Kind::Text, "Patches that replace it directly", "supersededBy is not null")
    },
    Field {
        aliases: &["reboot", "requiresReboot"],
        ..of(
            F::RebootRequired,
            "rebootRequired",
            choice(&["never", "maybe", "required"]),
            "Whether it asks for a restart",
            "rebootRequired:required",
        )
    },
    of(
        F::DownloadMethod,
        "downloadMethod",
        choice(&["automatic", "acquire-from-vendor"]),
        "How an agent gets it",
        "downloadMethod:automatic",
    ),
    Field { aliases: &["rollback"], ..of(F::IsRollback, "isRollback", Kind::Flag, "It can be taken back", "isRollback:yes") },
    of(F::Size, "size", Kind::Size, "Size of the download", "size>100MB"),
    Field {
        many: true,
        sortable: false,
        aliases: &["status"],
        ..of(F::Status, "patchStatus", choice(&["missing", "installed"]), "Some asset in view misses it or has it", "patchStatus:missing")
    },
    Field { aliases: &["missing"], ..of(F::MissingCount, "missingCount", Kind::Number, "Assets in view that miss it", "missingCount>0") },
    Field {
        aliases: &["installed"],
        ..of(F::InstalledCount, "installedCount", Kind::Number, "Assets in view that have it", "installedCount>0")
    },
    Field { facet: true, ..of(F::Source, "source", Kind::Text, "Feed it came from", "source:bookworm") },
    Field { aliases: &["isEnabled"], ..of(F::Enabled, "enabled", Kind::Flag, "It may be installed and is looked for", "enabled:yes") },
];
