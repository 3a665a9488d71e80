//! Messages as released versions sent them must decode for ever.
//!
//! `tests/recorded/NAME.hex` holds a body as it went over the wire. A new message or variant: add it to
//! [`samples`], run the test once with `FETTLE_RECORD=1`, commit the new file. Never change an old file.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so and ends")]

use fettle_deploy::job::JobKind;
use fettle_deploy::manifest::{Manifest, PlannedPatch};
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::{AssetRunStatus, PackageChange, PatchRunStatus, Report};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, EventId, JobId, PatchId, RunId};
use fettle_model::inventory::{
    Application, Disk, Hardware, Interface, Inventory, Kernels, LogOn, Package, PackageManagerHealth, PackageState, RebootEvidence,
    ReportedUpdate, Volatile, WindowsSoftware,
};
use fettle_model::os::{OperatingSystem, Platform};
use fettle_model::patch::Reboot;
use fettle_model::rule::BinaryVersion;
use fettle_protocol::codec;
use fettle_protocol::message::{
    CheckIn, Enroll, Enrolled, Event, InventoryUpload, Nudge, Renew, Renewed, Reports, ScanReply, ScanReport, Work,
};
use fettle_protocol::signed::SignedManifest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use uuid::Uuid;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(format!("{name}.hex"))
}

/// Compares a message with its recording: the recording must decode to it.
fn holds<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str, message: &T) {
    let path = file(name);
    if std::env::var_os("FETTLE_RECORD").is_some() && !path.exists() {
        let body = codec::encode(message).expect("messages can be encoded");
        std::fs::write(&path, data_encoding::HEXLOWER.encode(&body) + "\n").expect("the recording can be written");
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; see the head of this file", path.display()));
    let body = data_encoding::HEXLOWER.decode(text.trim().as_bytes()).expect("hexadecimal");
    let decoded: T = codec::decode(&body).unwrap_or_else(|error| panic!("{name} no longer decodes: {error}"));
    assert_eq!(&decoded, message, "{name}");
}

fn at() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_790_000_000).expect("in range")
}

fn inventory() -> Inventory {
    Inventory {
        hostname: "web01.example.org".into(),
        os: OperatingSystem {
            platform: Platform::Linux,
            id: "debian".into(),
            name: "Debian GNU/Linux 12 (bookworm)".into(),
            version: "12".into(),
            codename: "bookworm".into(),
            architecture: "amd64".into(),
            foreign_architectures: vec!["i386".into()],
        },
        hardware: Hardware {
            manufacturer: "Example".into(),
            model: "Model 1".into(),
            serial: "S1".into(),
            cpu: "CPU".into(),
            cpu_cores: 2,
            memory_bytes: 4 << 30,
        },
        interfaces: vec![Interface { name: "eth0".into(), mac: "02:00:00:00:00:01".into(), addresses: vec!["192.0.2.1".into()] }],
        packages: vec![Package {
            name: "openssl".into(),
            architecture: "amd64".into(),
            version: "3.0.11-1~deb12u2".into(),
            source: "openssl".into(),
            source_version: "3.0.11-1~deb12u2".into(),
            state: PackageState::Installed,
            held: true,
        }],
        kernels: Kernels { running: "6.1.0-10-amd64".into(), installed: vec!["6.1.0-10-amd64".into(), "6.1.0-20-amd64".into()] },
        pending_reboot: vec![
            RebootEvidence::Requested { by: vec!["libc6".into()] },
            RebootEvidence::NewerKernel { running: "6.1.0-10-amd64".into(), installed: "6.1.0-20-amd64".into() },
        ],
        package_manager: PackageManagerHealth { interrupted: true, broken: vec!["half".into()] },
        windows: WindowsSoftware::default(),
    }
}

fn windows() -> WindowsSoftware {
    WindowsSoftware {
        applications: vec![Application {
            name: "Tool 1.0 (x64)".into(),
            publisher: "Maker".into(),
            version: "1.0".into(),
            architecture: "x64".into(),
            user: String::new(),
            product_code: "{1}".into(),
            upgrade_code: "{2}".into(),
        }],
        hotfixes: vec!["KB5033372".into()],
        updates: vec![ReportedUpdate { id: "u".into(), installed: true }],
    }
}

fn volatile() -> Volatile {
    Volatile {
        logged_on: vec![LogOn { user: "ada".into(), terminal: "pts/0".into() }],
        disks: vec![Disk { mount: "/".into(), total_bytes: 10 << 30, free_bytes: 5 << 30 }],
        booted_at: Some(at()),
    }
}

fn manifest() -> Manifest {
    Manifest {
        asset: AssetId(Uuid::from_u128(1)),
        job: JobId(Uuid::from_u128(2)),
        job_name: "November".into(),
        run: RunId(Uuid::from_u128(3)),
        generation: 7,
        kind: JobKind::Install,
        not_before: at(),
        begin_before: Some(at()),
        expires_at: at(),
        patches: vec![PlannedPatch {
            patch: PatchId("debian:bookworm:DSA-1-1".into()),
            title: "openssl".into(),
            packages: vec![BinaryVersion { name: "openssl".into(), architecture: "amd64".into(), version: "3.0.15-1".into() }],
            reboot: Reboot::Maybe,
        }],
        continue_on_failure: true,
    }
}

#[test]
fn enrolment_and_renewal() {
    let sent = Enroll::V1 {
        key: "fk1-x".into(),
        signing_request: vec![1, 2, 3],
        machine_id: "ab".into(),
        hostname: "web01".into(),
        agent_version: "0.1.0".into(),
        assess_only: true,
        sent_at: at(),
    };
    holds("enroll-v1", &sent);
    let asset = AssetId(Uuid::from_u128(1));
    holds("enrolled-v1", &Enrolled::V1 { asset, certificate: "C".into(), authority: "A".into(), manifest_key: [5; 32] });
    holds("renew-v1", &Renew::V1 { signing_request: vec![1] });
    holds("renewed-v1", &Renewed::V1 { certificate: "C".into() });
}

#[test]
fn check_in_and_scan() {
    let check_in = CheckIn::V1 { agent_version: "0.1.0".into(), assess_only: false, work_seen: 1, scan_seen: 2, wait_seconds: 300 };
    holds("check-in-v1", &check_in);
    let nudge = Nudge::V1 { work: 3, scan: 4, scan_interval_seconds: 14_400, pause_seconds: 0, server_time: at(), renew_certificate: true };
    holds("nudge-v1", &nudge);
    holds("scan-report-v1", &ScanReport::V1 { digest: Sha256Digest([9; 32]), volatile: volatile(), scanned_at: at() });
    holds("scan-report-failed-v1", &ScanReport::FailedV1 { reason: "no dpkg".into(), scanned_at: at() });
    holds("scan-reply-known", &ScanReply::Known);
    holds("scan-reply-send", &ScanReply::SendInventory);
    let upload = InventoryUpload::V1 { inventory: Box::new(inventory()), volatile: volatile(), scanned_at: at() };
    holds("inventory-upload-v1", &upload);
    let upload = InventoryUpload::of(Inventory { windows: windows(), ..inventory() }, volatile(), at());
    holds("inventory-upload-v2", &upload);
    assert_eq!(upload.into_parts().0.windows, windows(), "what was sent is what arrives");
}

#[test]
fn work_and_reports() {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signed = SignedManifest::sign(&manifest(), &key).expect("signs");
    holds("work-v1", &Work::V1 { number: 9, manifests: vec![signed] });
    let failure = Failure::new(FailureReason::InstallerFailed, Some(100), "log");
    let event = |report| Event { id: EventId(Uuid::from_u128(4)), run: RunId(Uuid::from_u128(3)), at: at(), report };
    let events = vec![
        event(Report::Asset { status: AssetRunStatus::Running, failure: None }),
        event(Report::Patch {
            patch: PatchId("debian:bookworm:DSA-1-1".into()),
            status: PatchRunStatus::Failed,
            failure: Some(failure),
            changes: vec![PackageChange { name: "openssl".into(), architecture: "amd64".into(), from: "1".into(), to: "2".into() }],
        }),
    ];
    holds("reports-v1", &Reports::V1 { events });
}

#[test]
fn the_digest_of_an_inventory_does_not_change_between_versions() {
    let digest = codec::inventory_digest(&inventory()).expect("encodes");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/inventory-digest.txt");
    if std::env::var_os("FETTLE_RECORD").is_some() && !path.exists() {
        std::fs::write(&path, format!("{digest}\n")).expect("the recording can be written");
    }
    assert_eq!(std::fs::read_to_string(&path).expect("recorded").trim(), digest.to_string());
    let with_windows = codec::inventory_digest(&Inventory { windows: windows(), ..inventory() }).expect("encodes");
    assert_ne!(with_windows, digest, "software on Windows is part of the name");
}
