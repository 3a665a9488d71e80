//! Scans that arrive while people ask.

use crate::measure::{Times, summary};
use crate::rescan::{Machine, TOGETHER};
use fettle_fleet::Fleet;
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::ids::UserId;
use fettle_query::{Checked, Context, Entity, check};
use fettle_sim::synthetic::Synthetic;
use jiff::tz::TimeZone;
use serde_json::json;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Times the reader is alone and beside the writer, in turn.
const ROUNDS: usize = 3;

/// Scans per second that change fifteen patches each, with a reader beside, and what the reader notices of them.
pub(crate) fn measure(made: &Synthetic, fleet: &Fleet, machines: &[Machine], seconds: f64) {
    let context = Context { now: made.now(), zone: TimeZone::UTC };
    let text = "os.family:windows and tags.name:`t5` and missing.severity:critical and missing.kev:yes";
    let query = check(Entity::Asset, text, &context).expect("a query");
    let (mut alone, mut beside, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(reader(made, fleet, &query, &AtomicBool::new(false), Duration::from_secs_f64(seconds)));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| reader(made, fleet, &query, &stop, Duration::from_secs(3_600)));
            rates.push(write(fleet, machines, seconds));
            stop.store(true, Ordering::Relaxed);
            beside.push(reading.join().expect("the reader ended"));
        });
    }
    let middle = |values: Vec<f64>| summary(values).median;
    let of = |times: &[Times], which: fn(&Times) -> f64| middle(times.iter().map(which).collect());
    println!(
        "{}",
        json!({"what": "updates", "per_second": middle(rates), "together": TOGETHER,
            "alone_us": of(&alone, |times| times.median), "alone_p99_us": of(&alone, |times| times.p99),
            "beside_us": of(&beside, |times| times.median), "beside_p99_us": of(&beside, |times| times.p99)})
    );
}

/// Scans all machines this way and that until the time has passed. Scans per second.
fn write(fleet: &Fleet, machines: &[Machine], seconds: f64) -> f64 {
    let begun = Instant::now();
    let mut applied = 0_usize;
    while begun.elapsed().as_secs_f64() < seconds.max(1.0) {
        for scan in [1, 0] {
            for some in machines.chunks(TOGETHER) {
                applied += some.len();
                fleet.apply(some.iter().map(|machine| machine.change(scan)).collect());
            }
        }
    }
    applied as f64 / begun.elapsed().as_secs_f64()
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
