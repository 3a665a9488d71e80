//! What a pretended machine does when it is worked on.

use super::*;
use fettle_model::clock::ManualClock;
use std::sync::atomic::{AtomicU32, Ordering};

const RUN: RunId = RunId(uuid::Uuid::from_u128(1));

/// The first machine of the world that is as wanted.
fn machine(world: &Arc<World>, left: Deviation, wanted: impl Fn(&Blueprint) -> bool) -> (Pretended, Arc<Mutex<Deviation>>) {
    let number = (0..5_000).find(|number| wanted(&world.machine(*number))).expect("there is one");
    let clock = Arc::new(ManualClock::new("2030-01-01T00:00:00Z".parse().expect("a time")));
    let kept = Arc::new(Mutex::new(Deviation::default()));
    let keep = Arc::clone(&kept);
    let keep = Box::new(move |deviation: &Deviation| keep.lock().expect("not poisoned").clone_from(deviation));
    (Pretended::new(Arc::clone(world), number, left, clock, Tempo::Instant, keep), kept)
}

fn has(machine: &Blueprint, package: &str) -> bool {
    machine.packages.iter().any(|other| other.name == package)
}

fn wanted(name: &str, version: &str) -> BinaryVersion {
    BinaryVersion { name: name.to_owned(), architecture: "amd64".to_owned(), version: version.to_owned() }
}

fn order(packages: &[BinaryVersion]) -> Order {
    Order { run: RUN, index: 0, attempt: 1, kind: JobKind::Install, packages: packages.to_vec() }
}

fn silent(_: Progress) {}

#[tokio::test]
async fn what_is_installed_stays_installed_and_an_order_counts_once() {
    let world = Arc::new(World::of(1));
    let (one, kept) = machine(&world, Deviation::default(), |machine| machine.trouble.is_none() && has(machine, "bash"));
    let order = order(&[wanted("bash", "99-1"), wanted("no-such-package", "1")]);
    let changed = one.change(&order, &silent).await;
    assert_eq!(changed.ending, Ending::Done);
    assert_eq!(changed.changes.len(), 1, "absent packages are not brought: {changed:?}");
    assert_eq!(one.change(&order, &silent).await, changed, "asked again, it says what became of it");

    let left = kept.lock().expect("not poisoned").clone();
    let number = one.blueprint().number;
    let (again, _) = machine(&world, left, |machine| machine.number == number);
    let inventory = again.observe().await.expect("observed").inventory;
    assert!(inventory.packages.iter().any(|package| package.name == "bash" && package.version == "99-1"));
    assert_eq!(inventory.packages.len(), one.blueprint().packages.len());
}

#[tokio::test]
async fn a_new_kernel_wants_a_restart() {
    let world = Arc::new(World::of(1));
    let debian = |machine: &Blueprint| machine.trouble.is_none() && has(machine, "linux-image-amd64");
    let (machine, _) = machine(&world, Deviation::default(), debian);
    assert!(machine.observe().await.expect("observed").inventory.pending_reboot.is_empty());
    machine.change(&order(&[wanted("linux-image-amd64", "7.0.1-1")]), &silent).await;
    let inventory = machine.observe().await.expect("observed").inventory;
    let running = machine.blueprint().kernel.clone();
    assert_eq!(inventory.pending_reboot, [RebootEvidence::NewerKernel { running, installed: "7.0.1-amd64".to_owned() }]);
}

#[tokio::test]
async fn each_trouble_fails_in_its_own_way() {
    let world = Arc::new(World::of(1));
    let of = |trouble: Trouble| {
        machine(&world, Deviation::default(), |machine| machine.trouble == Some(trouble) && !machine.packages.is_empty())
    };
    let openssl = [wanted("openssl", "99-1")];

    let (lost, _) = of(Trouble::LostFiles("openssl"));
    let failure = lost.fetch(JobKind::Install, &openssl, &silent).await.expect_err("files are lost");
    assert_eq!(failure.reason, FailureReason::DownloadFailed);
    assert!(lost.fetch(JobKind::Install, &[wanted("bash", "99-1")], &silent).await.is_ok(), "only those of one source");

    let (expired, _) = of(Trouble::ExpiredKeys);
    assert_eq!(expired.refresh(&silent).await.expect_err("expired").reason, FailureReason::SignatureInvalid);

    let (full, _) = of(Trouble::FullDisk);
    let room = full.weigh(JobKind::Install, &openssl).await.expect("weighed");
    assert!(room[0].free_bytes < fettle_deploy::agent::RESERVE_BYTES);

    let (broken, _) = of(Trouble::Broken);
    assert!(broken.look().await.expect("looked").interrupted);
    assert_eq!(broken.repair(&silent).await.expect_err("broken").reason, FailureReason::PackageManagerBroken);

    let (interrupted, kept) = of(Trouble::Interrupted);
    assert!(interrupted.look().await.expect("looked").interrupted);
    interrupted.repair(&silent).await.expect("repaired");
    assert!(!interrupted.look().await.expect("looked").interrupted && kept.lock().expect("not poisoned").repaired);

    let (busy, _) = of(Trouble::Busy);
    let mut looks = 0;
    while busy.look().await.expect("looked").busy.is_some() {
        looks += 1;
    }
    assert_eq!(looks, BUSY_LOOKS);
}

#[tokio::test]
async fn a_broken_script_changes_nothing_and_says_so() {
    let world = Arc::new(World::of(1));
    let (machine, kept) = machine(&world, Deviation::default(), |machine| {
        let System::Linux(release) = machine.system else { return false };
        let Some(Trouble::BrokenScript(source)) = machine.trouble else { return false };
        machine.packages.iter().any(|package| World::of(1).source_of(release, &package.name).is_some_and(|of| of.name == source))
    });
    let Some(Trouble::BrokenScript(source)) = machine.blueprint().trouble else { panic!("chosen so") };
    let package = machine.blueprint().packages.iter().find(|package| machine.source(&package.name) == Some(source)).expect("chosen so");
    let changed = machine.change(&order(&[wanted(&package.name, "99-1")]), &silent).await;
    assert!(matches!(&changed.ending, Ending::Failed(failure) if failure.reason == FailureReason::InstallerFailed), "{changed:?}");
    assert_eq!(*kept.lock().expect("not poisoned"), Deviation::default());
}

#[test]
fn progress_goes_on_between_steps() {
    let seen = AtomicU32::new(0);
    let note = |progress: Progress| {
        seen.fetch_max(u32::from(progress.percent), Ordering::SeqCst);
    };
    let world = Arc::new(World::of(1));
    let (machine, _) = machine(&world, Deviation::default(), |machine| machine.trouble.is_none());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(machine.refresh(&note)).expect("refreshed");
    assert_eq!(seen.load(Ordering::SeqCst), 75);
}
