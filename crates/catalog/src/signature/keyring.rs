//! Keyrings in the form that gpgv reads: binary.

use super::SignatureError;
use crate::feed::{ARMOUR, Keyring};
use data_encoding::BASE64;
use std::io::Write;
use std::path::Path;
use tempfile::NamedTempFile;

/// Largest keyring file.
const MAX_KEYRING: u64 = 4 * 1024 * 1024;
const ARMOUR_END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

/// Writes the keys of a keyring, armoured or binary, into a scratch file in `folder`.
pub(super) fn prepare(keyring: &Keyring, folder: &Path) -> Result<NamedTempFile, SignatureError> {
    let (name, bytes) = match keyring {
        Keyring::Inline(text) => ("given as text".to_owned(), text.clone().into_bytes()),
        Keyring::File(path) => (path.display().to_string(), read(path)?),
    };
    let damaged = |flaw| SignatureError::KeyringDamaged { keyring: name.clone(), flaw };
    let keys = match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains(ARMOUR) => unarmour(text).map_err(damaged)?,
        _ if bytes.is_empty() => return Err(damaged("it is empty")),
        _ => bytes,
    };
    write(&keys, folder).map_err(|source| SignatureError::KeyringUnreadable { path: folder.display().to_string(), source })
}

fn read(path: &Path) -> Result<Vec<u8>, SignatureError> {
    let unreadable = |source| SignatureError::KeyringUnreadable { path: path.display().to_string(), source };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() || metadata.len() > MAX_KEYRING {
        return Err(unreadable(std::io::Error::other(format!("it is not a regular file of up to {MAX_KEYRING} bytes"))));
    }
    std::fs::read(path).map_err(unreadable)
}

fn write(keys: &[u8], folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut file = NamedTempFile::with_suffix_in(".gpg", folder)?;
    file.write_all(keys)?;
    file.flush()?;
    Ok(file)
}

/// Takes the armour off (RFC 9580 §6): all blocks of public keys in `text`, one after the other.
fn unarmour(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut keys = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while lines.by_ref().any(|line| line == ARMOUR) {
        // Headers such as `Version:` end with an empty line.
        if !lines.by_ref().any(str::is_empty) {
            return Err("an armoured block has no empty line after its headers");
        }
        keys.extend(unarmour_block(&mut lines)?);
    }
    if keys.is_empty() { Err("there is no complete armoured block in it") } else { Ok(keys) }
}

fn unarmour_block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Result<Vec<u8>, &'static str> {
    let mut body = String::new();
    let mut sum = None;
    loop {
        match lines.next() {
            None => return Err("an armoured block has no end"),
            Some(ARMOUR_END) => break,
            Some(line) => match line.strip_prefix('=') {
                // Padding never starts a line of its own where the sum does: the sum has four characters.
                Some(text) if text.len() == 4 => sum = Some(BASE64.decode(text.as_bytes()).map_err(|_| "its check sum is damaged")?),
                _ => body.push_str(line),
            },
        }
    }
    let bytes = BASE64.decode(body.as_bytes()).map_err(|_| "its base64 text is damaged")?;
    let expected = crc24(&bytes).to_be_bytes();
    if sum.is_some_and(|sum| Some(sum.as_slice()) != expected.get(1..)) {
        return Err("its check sum is wrong");
    }
    Ok(bytes)
}

/// The check sum of armour (RFC 9580 §6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |sum, &byte| {
        let mut sum = sum ^ (u32::from(byte) << 16);
        for _ in 0..8 {
            sum <<= 1;
            if sum & 0x0100_0000 != 0 {
                sum ^= 0x0186_4cfb;
            }
        }
        sum
    }) & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn armour(bytes: &[u8], sum: u32) -> String {
        let sum = BASE64.encode(&sum.to_be_bytes()[1..]);
        format!("{ARMOUR}\nVersion: 1\n\n{}\n={sum}\n{ARMOUR_END}\n", BASE64.encode(bytes))
    }

    #[test]
    fn blocks_lose_their_armour_and_are_joined() {
        let text = format!("a comment\n{}between\n{}", armour(b"one", crc24(b"one")), armour(b"two", crc24(b"two")));
        assert_eq!(unarmour(&text), Ok(b"onetwo".to_vec()));
        // The check value of this sum in catalogues of such sums (CRC-24/OPENPGP).
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
    }

    #[rstest]
    #[case(armour(b"one", 1), "its check sum is wrong")]
    #[case(armour(b"one", crc24(b"one")).replace("Version: 1\n\n", ""), "an armoured block has no empty line after its headers")]
    #[case(armour(b"one", crc24(b"one")).replace(ARMOUR_END, ""), "an armoured block has no end")]
    #[case(armour(b"one", crc24(b"one")).replace("b25l", "b25*"), "its base64 text is damaged")]
    #[case(String::new(), "there is no complete armoured block in it")]
    fn damaged_armour_is_refused(#[case] text: String, #[case] flaw: &str) {
        assert_eq!(unarmour(&text), Err(flaw));
    }
}
