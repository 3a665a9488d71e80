//! How fast this machine can meet two sets of bits and count them when they lie in the second cache.

use crate::turns;
use multiversion::multiversion;

/// Words of each of the two sets: together 512 KiB, half of the second cache of what the measurements are made on, and
/// much more than any first one.
const WORDS: usize = 32_768;

/// Bytes in a second.
pub(crate) fn rate(seconds: f64) -> f64 {
    let (a, b): (Vec<u64>, Vec<u64>) = (0..WORDS as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15), !n)).unzip();
    let us = turns::alone(seconds, || count_and(std::hint::black_box(&a), &b));
    (2 * WORDS * size_of::<u64>()) as f64 / us * 1e6
}

/// As the index does it: compiled for several processors, the best is chosen at run time.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
fn count_and(a: &[u64], b: &[u64]) -> u32 {
    let mut sum = 0;
    for (a, b) in a.iter().zip(b) {
        sum += (a & b).count_ones();
    }
    sum
}
