//! Clocks and sizes.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Times of one call, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) median: f64,
    pub(crate) p99: f64,
}

/// Samples are at least this long, so that reading the clock does not count.
const SAMPLE: Duration = Duration::from_micros(5);

/// Calls until `seconds` have passed, at least twenty times.
pub(crate) fn times<T>(seconds: f64, mut call: impl FnMut() -> T) -> Times {
    let begun = Instant::now();
    black_box(call());
    let per_sample = (SAMPLE.as_nanos() / begun.elapsed().as_nanos().max(1)).clamp(1, 1_000);
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut samples = Vec::new();
    while samples.len() < 20 || Instant::now() < end {
        let begun = Instant::now();
        for _ in 0..per_sample {
            black_box(call());
        }
        samples.push(begun.elapsed().as_secs_f64() * 1e6 / per_sample as f64);
    }
    summary(samples)
}

/// Median and 99th percentile.
pub(crate) fn summary(mut samples: Vec<f64>) -> Times {
    samples.sort_by(f64::total_cmp);
    let at = |share: f64| samples.get(((samples.len() as f64 - 1.0) * share) as usize).copied().unwrap_or(f64::NAN);
    Times { median: at(0.5), p99: at(0.99) }
}

/// Resident memory of this process (proc(5)).
pub(crate) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("has VmRSS");
    let kib: u64 = line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number");
    kib * 1024
}
