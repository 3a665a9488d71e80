//! An asset as queries see it: the meaning that the engine's shortcuts must keep.

use crate::card::AssetRow;
use crate::tags::TagTree;
use fettle_model::asset::ScanStatus;
use fettle_model::os::Platform;
use fettle_model::version::DpkgVersion;
use fettle_query::Value;
use fettle_query::registry::AssetField;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::net::IpAddr;

/// An agent that checked in this long ago is still called online; agents check in more often than that.
pub const ONLINE: SignedDuration = SignedDuration::from_mins(5);

/// Whether findings of an asset are there and fresh. While a scan runs those of the last one still count.
pub(crate) fn is_known(status: ScanStatus, last_scan: Option<Timestamp>) -> bool {
    match status {
        ScanStatus::Scanned => true,
        ScanStatus::Scanning => last_scan.is_some(),
        ScanStatus::NeverScanned | ScanStatus::ScanFailed | ScanStatus::Unsupported | ScanStatus::Stale => false,
    }
}

/// What a field is read with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) tags: &'a TagTree,
    /// Tags that queries decide are left out.
    pub(crate) static_tags_only: bool,
    pub(crate) now: Timestamp,
}

/// All values of a field of an asset.
pub(crate) fn values<'a>(row: &'a AssetRow, field: AssetField, reading: Reading<'a>) -> Vec<Value<'a>> {
    use AssetField as F;
    let card = &*row.card;
    let counts = &row.counts;
    let count = |count: u32| vec![Value::Number(f64::from(count))];
    let [none, low, moderate, important, critical] = counts.missing_by_severity;
    match field {
        F::Name => text(&card.name),
        F::OsFamily | F::Platform => card.platform.map(platform).into_iter().collect(),
        F::OsName => text(&card.os_name),
        F::OsVersion => version(&card.os_version),
        F::OsBuild => version(&card.os_build),
        F::OsRelease => card.release.iter().flat_map(|release| text(&release.0)).collect(),
        F::Architecture => text(&card.architecture),
        F::Tag => tag_names(row, reading),
        F::LastLoggedOnUser => card.logged_on_user.iter().flat_map(|user| text(user)).collect(),
        F::ScanStatus => ScanStatus::ALL.iter().position(|&status| status == card.scan_status).map(Value::Choice).into_iter().collect(),
        F::LastScan => moment(card.last_scan),
        F::LastCheckIn => moment(row.last_check_in),
        F::Online => vec![Value::Flag(is_online(row.last_check_in, reading.now))],
        F::Created | F::Activated => moment(Some(card.created_at)),
        // Nothing limits licences in this version: every asset has one.
        F::Licensed => vec![Value::Flag(true)],
        F::AssessOnly => vec![Value::Flag(card.assess_only)],
        F::AgentVersion => version(&card.agent_version),
        F::AgentId => vec![Value::Text(Cow::Owned(card.id.to_string()))],
        F::RebootPending => vec![Value::Flag(card.pending_reboot)],
        F::MissingCount => count(counts.missing),
        F::MissingCritical => count(critical),
        F::MissingImportant => count(important),
        F::MissingModerate => count(moderate),
        F::MissingLow => count(low),
        F::MissingNone => count(none),
        F::MissingSecurity => count(counts.missing_security),
        F::LatestMissingCount => count(counts.latest_missing),
        F::LatestMissingSecurity => count(counts.latest_missing_security),
        F::InstalledCount => count(counts.installed),
        F::Address => card.addresses.iter().filter_map(|address| address.parse::<IpAddr>().ok()).map(Value::Address).collect(),
        F::Mac => card.macs.iter().flat_map(|mac| text(mac)).collect(),
        F::Manufacturer => text(&card.hardware.manufacturer),
        F::Model => text(&card.hardware.model),
        F::Serial => text(&card.hardware.serial),
        F::CpuCores => {
            Some(card.hardware.cpu_cores).filter(|&cores| cores > 0).map(|cores| Value::Number(cores.into())).into_iter().collect()
        }
        F::Memory => size(Some(card.hardware.memory_bytes).filter(|&bytes| bytes > 0)),
        F::DiskFree => size(card.disk_free),
        F::Compliance => counts.compliance().map(Value::Number).into_iter().collect(),
        F::Risk => count(counts.risk),
    }
}

/// Whether a check-in makes an asset online at `now`.
pub(crate) fn is_online(last_check_in: Option<Timestamp>, now: Timestamp) -> bool {
    last_check_in.is_some_and(|at| now.duration_since(at) <= ONLINE)
}

/// A size as a number; above 2^53 bytes its last digits are lost, which no machine's memory or disk reaches.
pub(crate) fn bytes_as_number(bytes: u64) -> f64 {
    bytes as f64
}

fn tag_names<'a>(row: &'a AssetRow, reading: Reading<'a>) -> Vec<Value<'a>> {
    let shown = row.card.tags.iter().filter(|&&tag| !(reading.static_tags_only && reading.tags.is_dynamic(tag)));
    shown.flat_map(|&tag| reading.tags.names(tag)).map(|name| Value::Text(Cow::Borrowed(name))).collect()
}

fn text(text: &str) -> Vec<Value<'_>> {
    if text.is_empty() { Vec::new() } else { vec![Value::Text(Cow::Borrowed(text))] }
}

fn version(text: &str) -> Vec<Value<'_>> {
    DpkgVersion::parse(text).ok().map(Value::Version).into_iter().collect()
}

fn moment<'a>(at: Option<Timestamp>) -> Vec<Value<'a>> {
    at.map(Value::Moment).into_iter().collect()
}

fn size<'a>(bytes: Option<u64>) -> Vec<Value<'a>> {
    bytes.map(|bytes| Value::Number(bytes_as_number(bytes))).into_iter().collect()
}

fn platform<'a>(platform: Platform) -> Value<'a> {
    // Places in the registry's list, which is in the order of the enum.
    Value::Choice(match platform {
        Platform::Linux => 0,
        Platform::Windows => 1,
    })
}
