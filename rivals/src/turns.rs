//! Measuring two things in turn, so that whatever else the machine does falls on both.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A sample is about this long, so that reading the clock does not count.
const SAMPLE: Duration = Duration::from_micros(50);
/// Most calls of one sample.
const MOST_CALLS: u32 = 1_000;
/// Fewest samples of each side.
const FEWEST: usize = 7;

/// Medians of one call each, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Medians {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
}

impl Medians {
    /// How many times as long theirs takes.
    pub(crate) fn times(self) -> f64 {
        self.theirs / self.ours
    }
}

/// Calls ours, theirs, ours, theirs, until `seconds` have passed.
pub(crate) fn in_turn<A, B>(seconds: f64, mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> Medians {
    let (our_calls, their_calls) = (calls(&mut ours), calls(&mut theirs));
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let (mut our_samples, mut their_samples) = (Vec::new(), Vec::new());
    while our_samples.len() < FEWEST || Instant::now() < end {
        our_samples.push(sample(our_calls, &mut ours));
        their_samples.push(sample(their_calls, &mut theirs));
    }
    Medians { ours: median(our_samples), theirs: median(their_samples) }
}

/// The median of one call alone, in microseconds.
pub(crate) fn alone<T>(seconds: f64, mut call: impl FnMut() -> T) -> f64 {
    let calls = calls(&mut call);
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut samples = Vec::new();
    while samples.len() < FEWEST || Instant::now() < end {
        samples.push(sample(calls, &mut call));
    }
    median(samples)
}

/// How many calls make a sample, from a second call; the first only warms.
fn calls<T>(call: &mut impl FnMut() -> T) -> u32 {
    black_box(call());
    let begun = Instant::now();
    black_box(call());
    let calls = SAMPLE.as_nanos() / begun.elapsed().as_nanos().max(1);
    u32::try_from(calls).unwrap_or(MOST_CALLS).clamp(1, MOST_CALLS)
}

fn sample<T>(calls: u32, call: &mut impl FnMut() -> T) -> f64 {
    let begun = Instant::now();
    for _ in 0..calls {
        black_box(call());
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}
