//! Findings as one compact row of bytes.
//!
//! A version byte, then for missing and installed each: how many, then the distances between ascending
//! numbers, all as LEB128. Dense numbers make most distances one byte.

use fettle_model::finding::Findings;
use fettle_model::ids::PatchNo;

const VERSION: u8 = 1;

/// Most numbers in one list: more than any vendor's patches for one release, few enough that a damaged row
/// cannot fill the memory.
const MOST: usize = 1_000_000;

/// Bytes that are not findings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DamagedFindings {
    /// Written by a newer version, or no findings at all.
    #[error("stored findings have format {0}, which this version does not know; assess the asset again")]
    Version(u8),
    /// They end in the middle.
    #[error("stored findings are cut short; assess the asset again")]
    CutShort,
    /// A number is too large, or a list too long.
    #[error("stored findings hold a number out of range; assess the asset again")]
    OutOfRange,
    /// Bytes are left at the end.
    #[error("stored findings go on after their end; assess the asset again")]
    Trailing,
}

/// Encodes findings, whose lists are ascending without repetition.
#[must_use]
pub fn encode_findings(findings: &Findings) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + findings.missing.len() + findings.installed.len());
    bytes.push(VERSION);
    for list in [&findings.missing, &findings.installed] {
        write_number(&mut bytes, u32::try_from(list.len()).unwrap_or(u32::MAX));
        let mut next = 0;
        for no in list {
            write_number(&mut bytes, no.0.saturating_sub(next));
            next = no.0.saturating_add(1);
        }
    }
    bytes
}

/// Decodes findings.
///
/// # Errors
/// When the bytes are not what [`encode_findings`] makes.
pub fn decode_findings(bytes: &[u8]) -> Result<Findings, DamagedFindings> {
    let (&version, rest) = bytes.split_first().ok_or(DamagedFindings::CutShort)?;
    if version != VERSION {
        return Err(DamagedFindings::Version(version));
    }
    let mut rest = rest;
    let findings = Findings { missing: read_list(&mut rest)?, installed: read_list(&mut rest)? };
    if rest.is_empty() { Ok(findings) } else { Err(DamagedFindings::Trailing) }
}

fn read_list(bytes: &mut &[u8]) -> Result<Vec<PatchNo>, DamagedFindings> {
    let len = usize::try_from(read_number(bytes)?).unwrap_or(usize::MAX);
    if len > MOST {
        return Err(DamagedFindings::OutOfRange);
    }
    // Each number takes at least a byte, so no more room than bytes are left is ever needed.
    let mut list = Vec::with_capacity(len.min(bytes.len()));
    let mut next = Some(0_u32);
    for _ in 0..len {
        let distance = read_number(bytes)?;
        let no = next.and_then(|next| next.checked_add(distance)).ok_or(DamagedFindings::OutOfRange)?;
        list.push(PatchNo(no));
        next = no.checked_add(1);
    }
    Ok(list)
}

fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn read_number(bytes: &mut &[u8]) -> Result<u32, DamagedFindings> {
    let mut number = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = bytes.split_first().ok_or(DamagedFindings::CutShort)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return u32::try_from(number).map_err(|_| DamagedFindings::OutOfRange);
        }
    }
    Err(DamagedFindings::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn list() -> impl Strategy<Value = Vec<PatchNo>> {
        let number = prop_oneof![0_u32..50, any::<u32>(), Just(u32::MAX)];
        proptest::collection::btree_set(number, 0..40).prop_map(|set: BTreeSet<u32>| set.into_iter().map(PatchNo).collect())
    }

    proptest! {
        #[test]
        fn there_and_back(missing in list(), installed in list()) {
            let findings = Findings { missing, installed };
            let bytes = encode_findings(&findings);
            prop_assert_eq!(decode_findings(&bytes), Ok(findings));
            for cut in 0..bytes.len() {
                prop_assert!(decode_findings(&bytes[..cut]).is_err());
            }
        }

        #[test]
        fn any_bytes_are_findings_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(findings) = decode_findings(&bytes) {
                prop_assert!(findings.missing.is_sorted() && findings.installed.is_sorted());
            }
        }
    }

    #[test]
    fn dense_numbers_take_a_byte_each() {
        let findings = Findings { missing: (100..250).map(PatchNo).collect(), installed: (1000..1600).map(PatchNo).collect() };
        assert!(encode_findings(&findings).len() < 760);
    }

    #[test]
    fn damage_is_named() {
        assert_eq!(decode_findings(&[]), Err(DamagedFindings::CutShort));
        assert_eq!(decode_findings(&[9]), Err(DamagedFindings::Version(9)));
        assert_eq!(decode_findings(&[1, 0, 0, 7]), Err(DamagedFindings::Trailing));
        assert_eq!(decode_findings(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(DamagedFindings::OutOfRange));
        assert_eq!(decode_findings(&[1, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]), Err(DamagedFindings::OutOfRange));
    }
}
