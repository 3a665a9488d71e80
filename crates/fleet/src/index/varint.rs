//! Numbers as LEB128, and texts with their length before them.

/// Appends a number.
pub(crate) fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Appends a text.
pub(crate) fn write_text(bytes: &mut Vec<u8>, text: &str) {
    write(bytes, u64::try_from(text.len()).unwrap_or(u64::MAX));
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads a number. `None` when the bytes end in the middle, or it is larger than a `u64`.
pub(crate) fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        number |= part << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Reads a number that fits into 32 bits.
pub(crate) fn read_u32(bytes: &mut &[u8]) -> Option<u32> {
    u32::try_from(read(bytes)?).ok()
}

/// Reads so many bytes.
pub(crate) fn read_bytes<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (read, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(read)
}

/// Reads a text.
pub(crate) fn read_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let len = usize::try_from(read(bytes)?).ok()?;
    std::str::from_utf8(read_bytes(bytes, len)?).ok()
}
