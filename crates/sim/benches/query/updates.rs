//! Scans that arrive while people ask.

use crate::measure::{Times, summary};
use fettle_fleet::{Change, Fleet};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::ids::UserId;
use fettle_query::{Checked, Context, Entity, check};
use fettle_sim::synthetic::Synthetic;
use jiff::tz::TimeZone;
use serde_json::json;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Scans that are committed together when a server is busy.
const TOGETHER: usize = 200;
/// Scans made beforehand.
const SCANS: u32 = 10_000;

/// Updates per second with a reader beside, and what the reader notices of them.
pub(crate) fn measure(made: &Synthetic, fleet: &Fleet, seconds: f64) {
    let scans = SCANS.min(made.len());
    let step = (made.len() / scans.max(1)).max(1);
    // Two scans in turn, so that every round changes something.
    let scan = |scan: u32| (0..scans).map(move |nth| (made.asset(nth * step).0.id, made.rescanned(nth * step, scan)));
    let changes: Vec<_> = scan(1).chain(scan(2)).collect();
    let context = Context { now: made.now(), zone: TimeZone::UTC };
    let text = "os.family:windows and tags.name:`t5` and missing.severity:critical and missing.kev:yes";
    let query = check(Entity::Asset, text, &context).expect("a query");
    let alone = reader(made, fleet, &query, &AtomicBool::new(false), Duration::from_secs_f64(seconds));
    let stop = AtomicBool::new(false);
    let (updates, beside) = std::thread::scope(|scope| {
        let reading = scope.spawn(|| reader(made, fleet, &query, &stop, Duration::from_secs(3_600)));
        let begun = Instant::now();
        let mut applied = 0_usize;
        while begun.elapsed().as_secs_f64() < seconds.max(1.0) {
            for some in changes.chunks(TOGETHER) {
                applied += some.len();
                let some = some.iter().map(|(asset, findings)| Change::Findings { asset: *asset, findings: findings.clone() });
                fleet.apply(some.collect());
            }
        }
        let rate = applied as f64 / begun.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        (rate, reading.join().expect("the reader ended"))
    });
    println!(
        "{}",
        json!({"what": "updates", "per_second": updates, "together": TOGETHER, "alone_us": alone.median, "alone_p99_us": alone.p99,
            "beside_us": beside.median, "beside_p99_us": beside.p99})
    );
}

fn reader(made: &Synthetic, fleet: &Fleet, query: &Checked, stop: &AtomicBool, at_most: Duration) -> Times {
    let actor = Actor::new(UserId(uuid::Uuid::from_u128(1)), Role::PatchReader, Scope::Everything);
    let begun = Instant::now();
    let mut samples = Vec::new();
    while !stop.load(Ordering::Relaxed) && begun.elapsed() < at_most {
        let asked = Instant::now();
        let selection = fleet.view().in_scope(&actor).at(made.now()).select(query).expect("asks for assets");
        black_box((selection.count(), selection.ids().take(50).count()));
        samples.push(asked.elapsed().as_secs_f64() * 1e6);
    }
    summary(samples)
}
