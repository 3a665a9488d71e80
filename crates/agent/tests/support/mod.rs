//! What the tests of real execution stand on: a dpkg root of its own and a signed repository, without network.

// Every test program uses a part of this.
#![expect(dead_code, reason = "every test program uses a part of the support code")]

pub(crate) mod machine;
pub(crate) mod repository;
pub(crate) mod server;

use fettle_deploy::job::JobKind;
use fettle_deploy::manifest::{Manifest, PlannedPatch};
use fettle_model::clock::{Clock, Entropy};
use fettle_model::ids::{AssetId, JobId, PatchId, RunId};
use fettle_model::patch::Reboot;
use fettle_model::rule::BinaryVersion;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Longest wait for something that happens at once on an idle machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

/// The real clock: certificates and timeouts of real programs go by it.
pub(crate) fn clock() -> impl Clock + 'static {
    fettle_agent::system::SystemClock
}

pub(crate) fn now() -> Timestamp {
    clock().now()
}

/// Entropy that repeats itself from run to run.
#[derive(Debug, Default)]
pub(crate) struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Waits until `condition` gives something; fails the test after [`DEADLINE`].
pub(crate) async fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(begun.elapsed() < DEADLINE, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn package(name: &str, version: &str) -> BinaryVersion {
    BinaryVersion { name: name.to_owned(), architecture: "all".to_owned(), version: version.to_owned() }
}

/// A manifest of one patch per entry, each of one package.
pub(crate) fn manifest(asset: AssetId, generation: u64, kind: JobKind, packages: &[(&str, &str)]) -> Manifest {
    let patches = packages
        .iter()
        .map(|(name, version)| PlannedPatch {
            patch: PatchId(format!("test:stable:{name}@{version}")),
            title: format!("{name} {version}"),
            packages: vec![package(name, version)],
            reboot: Reboot::Never,
        })
        .collect();
    Manifest {
        asset,
        job: JobId(Uuid::from_u128(1)),
        job_name: "Test job".to_owned(),
        run: RunId(Uuid::from_u128(1000 + u128::from(generation))),
        generation,
        kind,
        not_before: now() - SignedDuration::from_mins(1),
        begin_before: None,
        expires_at: now() + SignedDuration::from_hours(1),
        patches,
        continue_on_failure: true,
    }
}
