//! Manifests carried out by the real apt and dpkg, in a root of their own.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

use fettle_agent::platform::Platform;
use fettle_agent::platform::debian::{Debian, Limits};
use fettle_deploy::agent::{Execution, Moved, Outcome, Patience, Step};
use fettle_deploy::job::JobKind;
use fettle_deploy::manifest::Manifest;
use fettle_deploy::reason::FailureReason;
use fettle_deploy::run::{AssetRunStatus, PackageChange, PatchRunStatus, Report};
use fettle_model::ids::AssetId;
use std::time::Duration;
use support::machine::TestMachine;
use support::repository::{Build, run};
use support::{manifest, now};
use uuid::Uuid;

const PATIENCE: Patience = Patience { busy_seconds: 2, look_again_seconds: 1 };

fn plan(kind: JobKind, packages: &[(&str, &str)]) -> Manifest {
    manifest(AssetId(Uuid::from_u128(7)), 1, kind, packages)
}

/// Carries a manifest to its end, as the agent's work loop does, and returns what it would have reported.
async fn carry_out(platform: &Debian, manifest: &Manifest) -> Vec<Report> {
    go_on(platform, Execution::take(manifest, PATIENCE)).await
}

async fn go_on(platform: &Debian, moved: Moved) -> Vec<Report> {
    let Moved { mut execution, mut reports } = moved;
    loop {
        let kind = execution.kind();
        let silent = |_| ();
        let outcome = match execution.step(now()) {
            Step::Sleep(until) => {
                tokio::time::sleep(Duration::try_from(until.duration_since(now())).unwrap_or_default()).await;
                continue;
            }
            Step::Start => Outcome::Started,
            Step::Look => Outcome::Looked(platform.look().await),
            Step::Repair => Outcome::Repaired(platform.repair(&silent).await),
            Step::Refresh => Outcome::Refreshed(platform.refresh(&silent).await),
            Step::Weigh(packages) => Outcome::Weighed(platform.weigh(kind, &packages).await),
            Step::Fetch(packages) => Outcome::Fetched(platform.fetch(kind, &packages, &silent).await),
            Step::Change(order) => Outcome::Changed(platform.change(&order, &silent).await),
            Step::Rescan => Outcome::Scanned,
            Step::Finished => {
                platform.forget(execution.run()).await;
                return reports;
            }
        };
        let moved = execution.apply(outcome, now()).expect("the outcome belongs to the step");
        execution = moved.execution;
        reports.extend(moved.reports);
    }
}

/// The last report about the only patch: status, reason, log, changes.
fn outcome(reports: &[Report]) -> (PatchRunStatus, Option<FailureReason>, String, Vec<PackageChange>) {
    let last = reports.iter().rev().find_map(|report| match report {
        Report::Patch { status, failure, changes, .. } => Some((*status, failure.clone(), changes.clone())),
        Report::Asset { .. } => None,
    });
    let (status, failure, changes) = last.expect("a report about a patch");
    let log = failure.as_ref().map(|failure| failure.log.clone()).unwrap_or_default();
    (status, failure.map(|failure| failure.reason), log, changes)
}

fn asset(reports: &[Report]) -> AssetRunStatus {
    let last = reports.iter().rev().find_map(|report| match report {
        Report::Asset { status, .. } => Some(*status),
        Report::Patch { .. } => None,
    });
    last.expect("a report about the asset")
}

fn change(name: &str, from: &str, to: &str) -> PackageChange {
    PackageChange { name: name.to_owned(), architecture: "all".to_owned(), from: from.to_owned(), to: to.to_owned() }
}

/// A machine with `tool` 1.0, whose repository carries 1.0 and 2.0.
fn machine() -> TestMachine {
    let machine = TestMachine::new();
    machine.install(&Build::new("tool", "1.0"));
    machine.repository.add(&Build::new("tool", "2.0"));
    machine.repository.publish();
    machine
}

#[tokio::test]
async fn a_patch_is_installed_and_taken_back() {
    let machine = machine();
    let platform = machine.platform();
    let reports = carry_out(&platform, &plan(JobKind::Install, &[("tool", "2.0")])).await;
    assert_eq!(outcome(&reports), (PatchRunStatus::Verifying, None, String::new(), vec![change("tool", "1.0", "2.0")]), "{reports:#?}");
    assert_eq!(asset(&reports), AssetRunStatus::Verifying);
    assert_eq!(machine.package("tool"), ("2.0".to_owned(), "installed".to_owned()));

    let reports = carry_out(&platform, &plan(JobKind::Uninstall, &[("tool", "1.0")])).await;
    assert_eq!(outcome(&reports).3, [change("tool", "2.0", "1.0")], "{reports:#?}");
    assert_eq!(machine.version("tool"), "1.0");
}

#[tokio::test]
async fn what_is_there_already_is_not_applicable() {
    let machine = machine();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "1.0"), ("absent", "3.0")])).await;
    assert_eq!(outcome(&reports).0, PatchRunStatus::NotApplicable);
    assert_eq!(asset(&reports), AssetRunStatus::NothingToDo);
}

#[tokio::test]
async fn packages_that_come_along_are_recorded() {
    let machine = TestMachine::new();
    machine.install(&Build::new("lib", "1.0"));
    machine.install(&Build::new("tool", "1.0"));
    machine.repository.add(&Build::new("lib", "2.0"));
    machine.repository.add(&Build::new("fresh", "5"));
    machine.repository.add(&Build { control: "Depends: lib (>= 2.0), fresh\n", ..Build::new("tool", "2.0") });
    machine.repository.publish();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0"), ("lib", "2.0")])).await;
    let first = reports.iter().find_map(|report| match report {
        Report::Patch { status: PatchRunStatus::Verifying, changes, .. } => Some(changes.clone()),
        _ => None,
    });
    let expected = vec![change("fresh", "", "5"), change("lib", "1.0", "2.0"), change("tool", "1.0", "2.0")];
    assert_eq!(first, Some(expected), "{reports:#?}");
    assert_eq!(outcome(&reports), (PatchRunStatus::Verifying, None, String::new(), Vec::new()), "the second came along with the first");
}

#[tokio::test]
async fn a_held_package_stays() {
    let machine = machine();
    machine.hold("tool");
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::PackagesHeld)));
    assert!(log.contains("tool"), "{log}");
    assert_eq!(machine.version("tool"), "1.0");
}

#[tokio::test]
async fn an_interrupted_dpkg_is_repaired() {
    let machine = machine();
    // Unpacked and never configured, with a journal entry that was not merged: what a power cut leaves.
    let file = machine.repository.add(&Build::new("half", "1"));
    run(machine.dpkg().arg("--unpack").arg(file));
    machine.repository.publish();
    let status = std::fs::read_to_string(machine.root().join("var/lib/dpkg/status")).expect("read");
    let entry = status.split("\n\n").find(|stanza| stanza.starts_with("Package: half")).expect("there");
    machine.write("var/lib/dpkg/updates/0000", &format!("{entry}\n"));
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    assert_eq!(outcome(&reports).0, PatchRunStatus::Verifying, "{reports:#?}");
    assert_eq!(machine.package("half").1, "installed");
}

/// A dpkg of somebody else that holds the lock until the file `gate` is there.
fn occupy(machine: &TestMachine) -> (std::process::Child, std::path::PathBuf) {
    let (gate, inside) = (machine.scratch().join("gate"), machine.scratch().join("inside"));
    let script = format!("touch {}; while [ ! -e {} ]; do sleep 0.05; done", inside.display(), gate.display());
    let file = machine.repository.add(&Build { scripts: &[("postinst", &script)], ..Build::new("slow", "1") });
    machine.repository.publish();
    let child = machine.dpkg().arg("--install").arg(file).spawn().expect("started");
    let begun = std::time::Instant::now();
    while !inside.exists() {
        assert!(begun.elapsed() < support::DEADLINE, "dpkg does not begin");
        std::thread::yield_now();
    }
    (child, gate)
}

#[tokio::test]
async fn a_lock_held_for_too_long_is_reported_with_its_holder() {
    let machine = machine();
    let (mut child, gate) = occupy(&machine);
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    std::fs::write(gate, "").expect("written");
    assert!(child.wait().expect("ended").success());
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::InstallerBusy)), "{log}");
    assert!(log.contains("(dpkg)"), "{log}");
    assert_eq!(asset(&reports), AssetRunStatus::Failed);
    assert_eq!(machine.version("tool"), "1.0");
}

#[tokio::test]
async fn a_lock_that_is_released_in_time_is_waited_for() {
    let machine = machine();
    let platform = machine.platform();
    let (mut child, gate) = occupy(&machine);
    let patience = Patience { busy_seconds: 60, look_again_seconds: 1 };
    let taken = Execution::take(&plan(JobKind::Install, &[("tool", "2.0")]), patience);
    let started = taken.execution.apply(Outcome::Started, now()).expect("started");
    let looked = started.execution.apply(Outcome::Looked(platform.look().await), now()).expect("looked");
    assert!(matches!(looked.execution.step(now()), Step::Sleep(_)), "it waits while the lock is held");
    std::fs::write(gate, "").expect("written");
    assert!(child.wait().expect("ended").success());
    let reports = go_on(&platform, looked).await;
    assert_eq!(outcome(&reports).0, PatchRunStatus::Verifying, "{reports:#?}");
}

/// A file system of its own on a folder of the machine.
struct Tmpfs(std::path::PathBuf);

impl Tmpfs {
    /// `None` where mounting is not allowed, such as in a container without that right.
    fn mount(path: std::path::PathBuf, size: &str) -> Option<Self> {
        let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&path).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(path))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_file_system_is_seen_before_and_survived_during_the_installation() {
    let machine = TestMachine::new();
    let Some(_small) = Tmpfs::mount(machine.root().join("usr"), "1m") else { return };
    machine.install(&Build::new("tool", "1.0"));
    let big = Build { control: "Installed-Size: 4000\n", ..Build::new("tool", "2.0") };
    machine.repository.add_with_file(&big, 4_000_000);
    machine.repository.publish();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    assert_eq!(outcome(&reports).1, Some(FailureReason::NotEnoughDisk), "{reports:#?}");
    // A figure that is wrong, as when others fill the disk meanwhile.
    let limits = Limits { free_bytes: |_| Ok(u64::MAX), ..Limits::default() };
    let reports = carry_out(&machine.platform_with(limits), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    let (status, reason, log, changes) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::NotEnoughDisk)), "{log}");
    assert!(log.contains("No space left on device"), "{log}");
    assert_eq!(changes, []);
    assert_eq!(machine.package("tool"), ("1.0".to_owned(), "installed".to_owned()));
}

#[tokio::test]
async fn a_package_manager_that_cannot_be_repaired_is_left_alone() {
    let machine = machine();
    let file = machine.repository.add(&Build { scripts: &[("postinst", "echo never; exit 1")], ..Build::new("broken", "1") });
    run(machine.dpkg().arg("--unpack").arg(file));
    machine.repository.publish();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::PackageManagerBroken)), "{log}");
    assert!(log.contains("broken"), "{log}");
    assert_eq!(asset(&reports), AssetRunStatus::Failed);
    assert_eq!(machine.version("tool"), "1.0");
}

#[tokio::test]
async fn a_failing_maintainer_script_is_reported_with_its_log_and_the_next_patch_goes_on() {
    let machine = machine();
    machine.install(&Build::new("bad", "1"));
    machine.repository.add(&Build { scripts: &[("postinst", "echo the reason is here; exit 3")], ..Build::new("bad", "2") });
    machine.repository.publish();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("bad", "2"), ("tool", "2.0")])).await;
    let failed = reports.iter().find_map(|report| match report {
        Report::Patch { status: PatchRunStatus::Failed, failure, changes, .. } => Some((failure.clone(), changes.clone())),
        _ => None,
    });
    let (failure, changes) = failed.expect("a failed patch");
    let failure = failure.expect("with its failure");
    assert_eq!((failure.reason, failure.exit_code), (FailureReason::InstallerFailed, Some(100)));
    assert!(failure.log.contains("the reason is here"), "{}", failure.log);
    assert_eq!(changes, [change("bad", "1", "2")], "what did change is told");
    assert_eq!(outcome(&reports).0, PatchRunStatus::Verifying, "{reports:#?}");
    assert_eq!(machine.package("tool"), ("2.0".to_owned(), "installed".to_owned()));
    assert_eq!(asset(&reports), AssetRunStatus::Verifying);
}

#[tokio::test]
async fn a_changed_configuration_file_is_kept_without_a_question() {
    let machine = TestMachine::new();
    let build = |version: &str, text: &str| {
        let file = machine.repository.add(&Build { scripts: &[], ..Build::new("conf", version) });
        let tree = machine.scratch().join(format!("conf-{version}"));
        run(std::process::Command::new("dpkg-deb").arg("-R").arg(&file).arg(&tree));
        std::fs::create_dir_all(tree.join("etc")).expect("made");
        std::fs::write(tree.join("etc/conf.ini"), text).expect("written");
        std::fs::write(tree.join("DEBIAN/conffiles"), "/etc/conf.ini\n").expect("written");
        run(std::process::Command::new("dpkg-deb").args(["-Zgzip", "--root-owner-group", "--build"]).arg(&tree).arg(&file));
        file
    };
    let first = build("1", "shipped=1\n");
    run(machine.dpkg().arg("--install").arg(first));
    machine.write("etc/conf.ini", "mine=1\n");
    build("2", "shipped=2\n");
    machine.repository.publish();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("conf", "2")])).await;
    assert_eq!(outcome(&reports).0, PatchRunStatus::Verifying, "{reports:#?}");
    assert_eq!(std::fs::read_to_string(machine.root().join("etc/conf.ini")).expect("read"), "mine=1\n");
}

#[tokio::test]
async fn a_version_the_sources_do_not_have_is_a_failed_download() {
    let machine = machine();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "9.9")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::DownloadFailed)), "{log}");
    assert!(log.contains("9.9"), "{log}");
}

#[tokio::test]
async fn what_a_patch_needs_and_nobody_has_is_a_missing_prerequisite() {
    let machine = machine();
    machine.repository.add(&Build { control: "Depends: unobtainable\n", ..Build::new("tool", "3.0") });
    machine.repository.publish();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "3.0")])).await;
    let (_, reason, log, _) = outcome(&reports);
    assert_eq!(reason, Some(FailureReason::PrerequisiteMissing), "{log}");
}

#[tokio::test]
async fn a_patch_that_wants_other_packages_gone_is_refused() {
    let machine = machine();
    machine.install(&Build::new("other", "1"));
    machine.repository.add(&Build { control: "Conflicts: other\n", ..Build::new("tool", "3.0") });
    machine.repository.publish();
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "3.0")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::PrerequisiteMissing)), "{log}");
    assert!(log.contains("REMOVED") && log.contains("other"), "{log}");
    assert_eq!(machine.package("other").1, "installed");
}

#[tokio::test]
async fn a_tampered_package_is_not_installed() {
    let machine = machine();
    let file = machine.repository.folder().join("tool_2.0_all.deb");
    let mut bytes = std::fs::read(&file).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).expect("written");
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::HashMismatch)), "{log}");
    assert_eq!(machine.version("tool"), "1.0");
    let left = std::fs::read_dir(machine.root().join("var/cache/apt/archives")).expect("listed");
    let kept: Vec<_> = left.flatten().filter(|entry| entry.path().extension().is_some_and(|extension| extension == "deb")).collect();
    assert!(kept.is_empty(), "the damaged file is deleted: {kept:?}");
}

#[tokio::test]
async fn a_tampered_index_stops_everything() {
    let machine = machine();
    let index = machine.repository.folder().join("Packages");
    let text = std::fs::read_to_string(&index).expect("read").replace("2.0", "2.1");
    std::fs::write(&index, text).expect("written");
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::HashMismatch)), "{log}");
    assert_eq!(machine.version("tool"), "1.0");
}

#[tokio::test]
async fn a_tampered_signature_stops_everything() {
    let machine = machine();
    let signed = machine.repository.folder().join("InRelease");
    let text = std::fs::read_to_string(&signed).expect("read").replace("Suite: stable", "Suite: tampered");
    std::fs::write(&signed, text).expect("written");
    let reports = carry_out(&machine.platform(), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::SignatureInvalid)), "{log}");
    assert_eq!(machine.version("tool"), "1.0");
}

#[tokio::test]
async fn too_little_space_is_found_before_anything_is_fetched() {
    let machine = machine();
    machine.repository.add(&Build { control: "Installed-Size: 500000\n", ..Build::new("tool", "3.0") });
    machine.repository.publish();
    let limits = Limits { free_bytes: |_| Ok(300 * 1024 * 1024), ..Limits::default() };
    let reports = carry_out(&machine.platform_with(limits), &plan(JobKind::Install, &[("tool", "3.0")])).await;
    let (status, reason, log, _) = outcome(&reports);
    assert_eq!((status, reason), (PatchRunStatus::Failed, Some(FailureReason::NotEnoughDisk)), "{log}");
    assert!(log.contains("bytes are needed"), "{log}");
    assert_eq!(machine.version("tool"), "1.0");
    let reports = carry_out(&machine.platform_with(limits), &plan(JobKind::Install, &[("tool", "2.0")])).await;
    assert_eq!(outcome(&reports).0, PatchRunStatus::Verifying, "a smaller one fits: {reports:#?}");
}
