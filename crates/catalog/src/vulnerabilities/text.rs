//! Lists, packed or not, within a limit.

use super::ListError;
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// Most bytes of a list when unpacked. All scores of a day have some 11 MB, the list of exploited vulnerabilities 1.5 MB.
pub(super) const MAX_UNPACKED: u64 = 64 * 1024 * 1024;
/// Starts a gzip file (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The text of a list. What is not in UTF-8 is replaced: ids, numbers and days are ASCII, and one odd letter in a text
/// beside them must not cost the list.
pub(super) fn text(bytes: &[u8]) -> Result<String, ListError> {
    let mut unpacked = Vec::new();
    if bytes.starts_with(&GZIP) {
        let reader = MultiGzDecoder::new(bytes);
        reader.take(MAX_UNPACKED + 1).read_to_end(&mut unpacked).map_err(ListError::Damaged)?;
    } else {
        unpacked.extend_from_slice(bytes);
    }
    if u64::try_from(unpacked.len()).unwrap_or(u64::MAX) > MAX_UNPACKED {
        return Err(ListError::TooLarge);
    }
    let text = String::from_utf8_lossy(&unpacked).into_owned();
    // A byte order mark, as some tools put before text.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::{Write, copy, repeat};

    #[test]
    fn packed_and_plain_text_is_the_same() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all("a list".as_bytes()).expect("memory");
        let packed = packed.finish().expect("memory");
        assert_eq!(text(&packed).expect("fine"), "a list");
        assert_eq!(text("\u{feff}a list".as_bytes()).expect("fine"), "a list");
        assert!(matches!(text(&packed[..packed.len() - 6]), Err(ListError::Damaged(_))));
        assert_eq!(text(b"a \xff list").expect("fine"), "a \u{fffd} list");
    }

    #[test]
    fn what_unpacks_to_too_much_is_not_unpacked() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
        copy(&mut repeat(b' ').take(MAX_UNPACKED + 2), &mut bomb).expect("memory");
        assert!(matches!(text(&bomb.finish().expect("memory")), Err(ListError::TooLarge)));
    }
}
