//! The columns that tables of records have.

use super::answer::{items, number, text};
use super::moment::{ago, day};
use super::names::plural;
use super::output::Column;
use serde_json::Value;

/// A column of a record's field: as it is, or as `ago`, `day`, `yes`, `bytes`, `count`, or made by a function.
macro_rules! column {
    ($head:literal, $path:literal) => {
        Column { head: $head, cell: |value, _| text(value, $path), raw: |value| text(value, $path) }
    };
    ($head:literal, $path:literal, ago) => {
        Column { head: $head, cell: |value, now| ago(value, $path, now), raw: |value| text(value, $path) }
    };
    ($head:literal, $path:literal, day) => {
        Column { head: $head, cell: |value, _| day(value, $path), raw: |value| text(value, $path) }
    };
    ($head:literal, $path:literal, yes) => {
        Column { head: $head, cell: |value, _| yes(value, $path), raw: |value| text(value, $path) }
    };
    ($head:literal, $path:literal, bytes) => {
        Column { head: $head, cell: |value, _| bytes(number(value, $path)), raw: |value| text(value, $path) }
    };
    ($head:literal, $path:literal, count) => {
        Column { head: $head, cell: |value, _| items(value, $path).len().to_string(), raw: |value| items(value, $path).len().to_string() }
    };
    ($head:literal, $made:expr) => {
        Column { head: $head, cell: |value, _| $made(value), raw: $made }
    };
}
pub(super) use column;

/// Rows of the assets page.
pub(super) const ASSETS: &[Column] = &[
    column!("name", "/name"),
    column!("os", "/os"),
    column!("missing", "/latest_missing"),
    column!("security", "/latest_missing_security"),
    column!("installed", "/installed"),
    column!("scan", "/scan_status"),
    column!("last scan", "/last_scan", ago),
    column!("online", "/online", yes),
    column!("tags", tag_names),
    column!("user", "/logged_on_user"),
];

/// One asset in full.
pub(super) const ASSET: &[Column] = &[
    column!("name", "/name"),
    column!("id", "/id"),
    column!("os", "/os"),
    column!("release", "/release"),
    column!("architecture", "/architecture"),
    column!("tags", tag_names),
    column!("scan", scan),
    column!("last scan", "/last_scan", ago),
    column!("last check-in", "/last_check_in", ago),
    column!("online", "/online", yes),
    column!("agent", agent),
    column!("missing", missing),
    column!("installed", "/installed"),
    column!("restart pending", "/pending_reboot", yes),
    column!("logged on", "/logged_on_user"),
    column!("addresses", "/addresses"),
    column!("hardware", hardware),
    column!("packages", "/inventory/package_count"),
    column!("running kernel", "/inventory/kernels/running"),
    column!("enrolled", "/created_at", ago),
];

/// Rows of the patches page.
pub(super) const PATCHES: &[Column] = &[
    column!("id", "/id"),
    column!("title", "/title"),
    column!("published", "/published_at", day),
    column!("category", "/category"),
    column!("cves", "/cves", count),
    column!("restart", "/reboot"),
    column!("missing", "/missing"),
    column!("installed", "/installed"),
];

/// Servers whose bundles are taken in.
pub(super) const CATALOG_SOURCES: &[Column] = &[
    column!("name", "/name"),
    column!("number", "/imported/sequence"),
    column!("exported", "/imported/exported_at", ago),
    column!("imported", "/imported/at", ago),
    column!("key", "/key"),
];

/// One patch in full.
pub(super) const PATCH: &[Column] = &[
    column!("id", "/id"),
    column!("title", "/title"),
    column!("vendor", "/vendor"),
    column!("release", "/release"),
    column!("product", "/product"),
    column!("bulletin", "/bulletin"),
    column!("category", "/category"),
    column!("severity", "/severity"),
    column!("cves", "/cves"),
    column!("published", "/published_at", day),
    column!("restart", "/reboot"),
    column!("can be rolled back", "/rollback", yes),
    column!("superseded", "/superseded", yes),
    column!("superseded by", superseded_by),
    column!("supersedes", supersedes),
    column!("missing on", "/missing"),
    column!("installed on", "/installed"),
    column!("packages", packages),
    column!("advisory", "/advisory_url"),
    column!("description", "/description"),
];

/// Vulnerabilities.
pub(super) const VULNERABILITIES: &[Column] = &[
    column!("id", "/id"),
    column!("cvss", "/cvss"),
    column!("epss", "/epss"),
    column!("exploited", "/known_exploited", yes),
    column!("to be fixed by", "/known_exploited_due"),
    column!("patches", "/patches"),
    column!("missing", "/missing"),
    column!("title", "/title"),
];

/// One vulnerability in full.
pub(super) const VULNERABILITY: &[Column] = &[
    column!("id", "/id"),
    column!("title", "/title"),
    column!("cvss", "/cvss"),
    column!("vector", "/cvss_vector"),
    column!("probability of exploitation", "/epss"),
    column!("known exploited", "/known_exploited", yes),
    column!("since", "/known_exploited_added"),
    column!("to be fixed by", "/known_exploited_due"),
    column!("used for ransom", "/ransomware", yes),
    column!("published", "/published_at", day),
    column!("missing on", "/missing"),
    column!("patches", fixes),
    column!("description", "/details"),
    column!("references", "/references"),
];

/// Patches of one asset.
pub(super) const ASSET_PATCHES: &[Column] = &[
    column!("id", "/id"),
    column!("title", "/title"),
    column!("status", "/status"),
    column!("category", "/category"),
    column!("published", "/published_at", day),
    column!("packages", outdated),
    column!("superseded", "/superseded", yes),
];

/// Packages of one asset.
pub(super) const PACKAGES: &[Column] = &[
    column!("name", "/name"),
    column!("architecture", "/architecture"),
    column!("version", "/version"),
    column!("source", "/source"),
    column!("state", "/state"),
    column!("held", "/held", yes),
];

/// Values of facets.
pub(super) const FACETS: &[Column] =
    &[column!("field", "/field"), column!("value", "/value"), column!("count", "/count"), column!("term", "/term")];

/// Fields that queries can ask for.
pub(super) const FIELDS: &[Column] = &[
    column!("name", "/name"),
    column!("type", "/kind"),
    column!("help", "/help"),
    column!("example", "/example"),
    column!("values", "/members"),
    column!("other names", "/aliases"),
];

/// Why a patch is missing on an asset, or not.
pub(super) const WHY: &[Column] = &[
    column!("asset", "/asset_name"),
    column!("patch", "/patch"),
    column!("status", "/status"),
    column!("reason", "/reason"),
    column!("last scan", "/last_scan"),
    column!("fresh", "/fresh"),
    column!("why", "/sentences"),
];

/// Packages compared to decide about a patch.
pub(super) const JUDGED: &[Column] = &[
    column!("package", "/name"),
    column!("architecture", "/architecture"),
    column!("source", "/source"),
    column!("installed", "/installed"),
    column!("fixed", "/fixed"),
    column!("below", "/below", yes),
    column!("held", "/held", yes),
];

/// Searches somebody keeps.
pub(super) const SEARCHES: &[Column] =
    &[column!("name", "/name"), column!("query", "/query"), column!("beside", "/beside"), column!("id", "/id")];

/// Tags, with the path worked out beforehand.
pub(super) const TAGS: &[Column] =
    &[column!("path", "/path"), column!("assets", "/assets"), column!("query", "/query"), column!("error", "/error"), column!("id", "/id")];

/// Activation keys.
pub(super) const KEYS: &[Column] = &[
    column!("title", "/title"),
    column!("uses", uses),
    column!("expires", "/expires_at", day),
    column!("disabled", "/disabled", yes),
    column!("tags", tag_names),
    column!("created", "/created_at", ago),
    column!("id", "/id"),
];

/// Users.
pub(super) const USERS: &[Column] = &[
    column!("name", "/name"),
    column!("role", "/role"),
    column!("scope", scope),
    column!("disabled", "/disabled", yes),
    column!("created", "/created_at", ago),
    column!("id", "/id"),
];

/// API tokens.
pub(super) const TOKENS: &[Column] = &[
    column!("name", "/name"),
    column!("role", "/role"),
    column!("expires", "/expires_at", day),
    column!("last used", "/last_used_at", ago),
    column!("created", "/created_at", ago),
    column!("id", "/id"),
];

/// Catalog feeds.
pub(super) const FEEDS: &[Column] = &[
    column!("name", "/name"),
    column!("release", release_or_kind),
    column!("enabled", "/enabled", yes),
    column!("patches", "/state/patches"),
    column!("vulnerabilities", "/state/facts"),
    column!("last success", "/state/last_success", ago),
    column!("error", "/state/error"),
    column!("id", "/id"),
];

/// One feed in full.
pub(super) const FEED: &[Column] = &[
    column!("name", "/name"),
    column!("id", "/id"),
    column!("release", release_or_kind),
    column!("sources", sources),
    column!("architectures", "/config/architectures"),
    column!("advisories", "/config/advisories"),
    column!("since", "/config/since"),
    column!("enabled", "/enabled", yes),
    column!("patches", "/state/patches"),
    column!("vulnerabilities", "/state/facts"),
    column!("last attempt", "/state/last_attempt", ago),
    column!("last success", "/state/last_success", ago),
    column!("next", "/state/next_sync", ago),
    column!("error", "/state/error"),
    column!("warnings", "/state/warnings"),
    column!("now", "/state/progress"),
];

/// Mirrors.
pub(super) const MIRRORS: &[Column] = &[
    column!("name", "/name"),
    column!("replaces", replaces),
    column!("by", "/rule/to"),
    column!("enabled", "/enabled", yes),
    column!("plain http", "/plain_http", yes),
    column!("id", "/id"),
];

/// Custom patches.
pub(super) const CUSTOM_PATCHES: &[Column] = &[
    column!("title", "/details/title"),
    column!("kind", "/file/kind"),
    column!("file", "/file_name"),
    column!("size", "/file/size", bytes),
    column!("enabled", "/enabled", yes),
    column!("made", "/created_at", ago),
    column!("id", "/id"),
];

/// One custom patch in full.
pub(super) const CUSTOM_PATCH: &[Column] = &[
    column!("title", "/details/title"),
    column!("id", "/id"),
    column!("patch", "/patch"),
    column!("file", "/file_name"),
    column!("kind", "/file/kind"),
    column!("size", "/file/size", bytes),
    column!("sha256", "/file/sha256"),
    column!("enabled", "/enabled", yes),
    column!("vendor", "/details/vendor"),
    column!("product", "/details/app_family"),
    column!("category", "/details/category"),
    column!("severity", "/details/severity"),
    column!("cves", "/details/cves"),
    column!("bulletin", "/details/bulletin"),
    column!("advisory", "/details/advisory_url"),
    column!("restart", "/details/reboot"),
    column!("release", "/details/release"),
    column!("name", "/details/product_name"),
    column!("publisher", "/details/publisher"),
    column!("version", "/details/version"),
    column!("architecture", "/details/architecture"),
    column!("product codes", "/details/product_codes"),
    column!("upgrade codes", "/details/upgrade_codes"),
    column!("silent arguments", "/details/silent_arguments"),
    column!("success codes", "/details/success_codes"),
    column!("restart codes", "/details/reboot_codes"),
    column!("description", "/details/description"),
];

/// Synchronisations of a feed.
pub(super) const SYNCS: &[Column] = &[
    column!("no", "/no"),
    column!("last", "/last_at", ago),
    column!("times", "/times"),
    column!("added", "/added"),
    column!("changed", "/changed"),
    column!("withdrawn", "/withdrawn"),
    column!("warnings", "/warnings"),
    column!("error", "/error"),
];

/// Patches that a synchronisation changed.
pub(super) const SYNCED: &[Column] = &[column!("what", "/what"), column!("id", "/id"), column!("title", "/title")];

/// Patches that replace each other.
pub(super) const CHAIN: &[Column] = &[
    column!("distance", "/distance"),
    column!("id", "/id"),
    column!("title", "/title"),
    column!("published", "/published_at", ago),
    column!("superseded", "/superseded", yes),
    column!("enabled", "/enabled", yes),
    column!("missing", "/missing"),
];

/// Hosts that agents must reach.
pub(super) const LOCATIONS: &[Column] = &[
    column!("host", "/host"),
    column!("port", "/port"),
    column!("scheme", "/scheme"),
    column!("for", "/purpose"),
    column!("patches", "/patches"),
    column!("mirror", "/mirror", yes),
    column!("feeds", "/feeds"),
    column!("note", "/note"),
];

/// What a mirror replaces: a beginning of addresses, or the digest of one installer.
fn replaces(mirror: &Value) -> String {
    match text(mirror, "/rule/kind").as_str() {
        "installer" => format!("sha256 {}", text(mirror, "/rule/sha256")),
        _ => text(mirror, "/rule/from"),
    }
}

/// `yes` or `no`.
pub(super) fn yes(value: &Value, path: &str) -> String {
    match value.pointer(path) {
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Array(items)) if !items.is_empty() => "yes".to_owned(),
        _ => "no".to_owned(),
    }
}

/// A number of bytes as people read it.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = count;
    let mut rest = 0;
    let mut unit = "B";
    for next in UNITS {
        if value < 1024 {
            break;
        }
        rest = value % 1024;
        value /= 1024;
        unit = next;
    }
    let tenth = rest * 10 / 1024;
    if value < 10 && unit != "B" { format!("{value}.{tenth} {unit}") } else { format!("{value} {unit}") }
}

fn scan(value: &Value) -> String {
    let status = text(value, "/scan_status").replace('_', " ");
    match text(value, "/scan_error") {
        error if error.is_empty() => status,
        error => format!("{status}: {error}"),
    }
}

fn tag_names(value: &Value) -> String {
    items(value, "/tags").iter().map(|tag| if tag.is_string() { text(tag, "") } else { text(tag, "/name") }).collect::<Vec<_>>().join(", ")
}

fn agent(value: &Value) -> String {
    let only = if yes(value, "/assess_only") == "yes" { " (only looks, changes nothing)" } else { "" };
    format!("{}{only}", text(value, "/agent_version"))
}

fn missing(value: &Value) -> String {
    format!(
        "{} not superseded, {} of them security; {} with superseded ones",
        number(value, "/latest_missing"),
        number(value, "/latest_missing_security"),
        number(value, "/missing")
    )
}

fn hardware(value: &Value) -> String {
    let of = |field: &str| text(value, &format!("/inventory/hardware/{field}"));
    let memory = number(value, "/inventory/hardware/memory_bytes");
    let parts = [of("manufacturer"), of("model"), of("cpu"), if memory > 0 { bytes(memory) } else { String::new() }];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn packages(value: &Value) -> String {
    let lines = items(value, "/packages")
        .iter()
        .map(|package| format!("{} {} {}", text(package, "/name"), text(package, "/architecture"), text(package, "/version")));
    lines.collect::<Vec<_>>().join("\n")
}

fn superseded_by(value: &Value) -> String {
    ids(value, "/superseded_by")
}

fn supersedes(value: &Value) -> String {
    ids(value, "/supersedes")
}

fn ids(value: &Value, path: &str) -> String {
    items(value, path).iter().map(|patch| text(patch, "/id")).collect::<Vec<_>>().join("\n")
}

/// Feeds that are not of one release go by their kind.
/// Patches that fix a vulnerability, and how many assets miss each.
fn fixes(vulnerability: &Value) -> String {
    let line = |patch: &Value| format!("{} (missing on {})", text(patch, "/id"), text(patch, "/missing"));
    items(vulnerability, "/patches").iter().map(line).collect::<Vec<_>>().join("\n")
}

fn release_or_kind(feed: &Value) -> String {
    let release = text(feed, "/config/release");
    if release.is_empty() { text(feed, "/config/kind") } else { release }
}

fn sources(value: &Value) -> String {
    let source = text(value, "/config/source");
    if !source.is_empty() {
        return source;
    }
    let line =
        |source: &Value| format!("{} {} {}", text(source, "/uri"), text(source, "/suite"), text(source, "/components").replace(", ", " "));
    items(value, "/config/sources").iter().map(line).collect::<Vec<_>>().join("\n")
}

fn outdated(value: &Value) -> String {
    let line = |package: &Value| {
        let held = if yes(package, "/held") == "yes" { ", held" } else { "" };
        format!("{} {} -> {}{held}", text(package, "/name"), text(package, "/installed"), text(package, "/version"))
    };
    items(value, "/packages").iter().map(line).collect::<Vec<_>>().join("\n")
}

fn uses(value: &Value) -> String {
    match text(value, "/use_limit") {
        limit if limit.is_empty() => text(value, "/uses"),
        limit => format!("{} of {limit}", text(value, "/uses")),
    }
}

fn scope(value: &Value) -> String {
    if yes(value, "/scope/everything") == "yes" { "everything".to_owned() } else { plural(items(value, "/scope/tags").len(), "tag") }
}
