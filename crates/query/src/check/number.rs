//! Numbers and sizes.

use super::flaw::{Flaw, shown};

/// Units of size, the decimal ones of disks and networks and the binary ones of memory.
const UNITS: &[(&str, f64)] = &[
    ("b", 1.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("pb", 1e15),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
    ("pib", 1_125_899_906_842_624.0),
];

/// What a size may look like, for messages.
const SIZES: &str = "a size such as 10MB (millions of bytes) or 2GiB (1024 × 1024 × 1024 bytes)";

/// Longest number that is read; every number of use is shorter.
const LONGEST: usize = 40;

/// Reads a number.
pub(super) fn read(text: &str) -> Result<f64, Flaw> {
    let text = text.trim();
    plain(text).ok_or_else(|| {
        let without_sign = text.strip_suffix('%').map(str::trim_end).filter(|number| plain(number).is_some());
        let without_commas = text.replace([',', '_', '\''], "");
        let suggestion = without_sign.map(str::to_owned).or_else(|| plain(&without_commas).map(|_| without_commas));
        Flaw::new(format!("{} is no number", shown(text)), "a number such as 10 or 7.5").suggest(suggestion)
    })
}

/// Reads a size in bytes.
pub(super) fn read_size(text: &str) -> Result<f64, Flaw> {
    let text = text.trim();
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let unit = unit.trim_start().to_ascii_lowercase();
    let flaw = || Flaw::new(format!("{} is no size", shown(text)), SIZES);
    let number = plain(number).ok_or_else(flaw)?;
    if unit.is_empty() {
        return Ok(number);
    }
    match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, bytes)) => Ok(number * bytes),
        // A lone letter means thousands to some tools and 1024 to others, so it has to be said.
        None if matches!(unit.as_str(), "k" | "m" | "g" | "t" | "p") => {
            Err(flaw().suggest(format!("{number}{}B", unit.to_ascii_uppercase())))
        }
        None => Err(flaw()),
    }
}

/// Digits with at most one point and a sign; not what computers write, such as `1e3`, `inf`, `nan`.
fn plain(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain = unsigned.starts_with(|first: char| first.is_ascii_digit())
        && unsigned.len() <= LONGEST
        && unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain)
}
