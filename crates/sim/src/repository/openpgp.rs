//! As much OpenPGP as an archive needs: an Ed25519 key and signatures that gpgv accepts, made without gpg.
//!
//! Version 4 packets (RFC 4880) with the EdDSA algorithm and curve of GnuPG 2.1 and later
//! (draft-koch-eddsa-for-openpgp-04). The key lives in memory only.

use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey};
use fettle_model::clock::Entropy;
use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Digest, Sha256};

const PUBLIC_KEY: u8 = 6;
const USER_ID: u8 = 13;
const SIGNATURE: u8 = 2;
const EDDSA: u8 = 22;
const SHA256: u8 = 8;
/// A signature over text with canonical line ends.
const OVER_TEXT: u8 = 0x01;
/// A positive certification of a key and its user id.
const OVER_USER_ID: u8 = 0x13;
/// The curve Ed25519: 1.3.6.1.4.1.11591.15.1.
const CURVE: [u8; 10] = [9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// A key pair with a user id.
pub struct Key {
    secret: SigningKey,
    body: Vec<u8>,
    user_id: String,
    made: u32,
}

impl Key {
    /// Makes a key, dated `made`.
    #[must_use]
    pub fn make(user_id: &str, made: Timestamp, entropy: &dyn Entropy) -> Self {
        let mut seed = [0; 32];
        entropy.fill(&mut seed);
        let secret = SigningKey::from_bytes(&seed);
        let made = seconds(made);
        let mut body = vec![4];
        body.extend(made.to_be_bytes());
        body.push(EDDSA);
        body.extend(CURVE);
        // A point in the compact form: the prefix 0x40 and 32 bytes, as a number of 263 bits.
        body.extend(263_u16.to_be_bytes());
        body.push(0x40);
        body.extend(secret.verifying_key().as_bytes());
        Self { secret, body, user_id: user_id.to_owned(), made }
    }

    /// The public key as an armoured keyring.
    #[must_use]
    pub fn armoured(&self) -> String {
        let mut certified = self.hashed_key();
        certified.push(0xb4);
        certified.extend(length32(&self.user_id));
        certified.extend(self.user_id.as_bytes());
        let signature = self.signature(OVER_USER_ID, &certified, self.made, &[subpacket(27, &[0x03])]);
        let mut keyring = packet(PUBLIC_KEY, &self.body);
        keyring.extend(packet(USER_ID, self.user_id.as_bytes()));
        keyring.extend(signature);
        armour("PUBLIC KEY BLOCK", &keyring)
    }

    /// A text with its signature around it, as `InRelease` has it (RFC 4880 §7). `text` must end with a line end.
    #[must_use]
    pub fn sign_clear(&self, text: &str, now: Timestamp) -> String {
        // The line end before the signature belongs to the frame, not to the text; line ends are signed as CRLF.
        let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches([' ', '\t', '\r'])).collect();
        let signature = self.signature(OVER_TEXT, lines.join("\r\n").as_bytes(), seconds(now), &[]);
        let escaped: Vec<String> =
            lines.iter().map(|line| if line.starts_with('-') { format!("- {line}") } else { (*line).to_owned() }).collect();
        format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{}\n{}", escaped.join("\n"), armour("SIGNATURE", &signature))
    }

    fn signature(&self, kind: u8, over: &[u8], made: u32, extra: &[Vec<u8>]) -> Vec<u8> {
        let mut hashed = subpacket(2, &made.to_be_bytes());
        hashed.extend(subpacket(33, &[&[4], self.fingerprint().as_slice()].concat()));
        hashed.extend(extra.concat());
        let mut head = vec![4, kind, EDDSA, SHA256];
        head.extend(length16(&hashed));
        head.extend(&hashed);
        let mut digest = Sha256::new();
        digest.update(over);
        digest.update(&head);
        digest.update([4, 0xff]);
        digest.update(length32(&head));
        let digest: [u8; 32] = digest.finalize().into();
        let signed = self.secret.sign(&digest);

        let issuer = subpacket(16, &self.fingerprint()[12..]);
        let mut body = head;
        body.extend(length16(&issuer));
        body.extend(issuer);
        body.extend(&digest[..2]);
        body.extend(number(signed.r_bytes()));
        body.extend(number(signed.s_bytes()));
        packet(SIGNATURE, &body)
    }

    fn fingerprint(&self) -> [u8; 20] {
        // SHA-1 only names version 4 keys here; nothing is protected by it.
        Sha1::digest(self.hashed_key()).into()
    }

    fn hashed_key(&self) -> Vec<u8> {
        let mut bytes = vec![0x99];
        bytes.extend(length16(&self.body));
        bytes.extend(&self.body);
        bytes
    }
}

fn seconds(time: Timestamp) -> u32 {
    u32::try_from(time.as_second()).unwrap_or(0)
}

fn length16(bytes: impl AsRef<[u8]>) -> [u8; 2] {
    u16::try_from(bytes.as_ref().len()).unwrap_or(u16::MAX).to_be_bytes()
}

fn length32(bytes: impl AsRef<[u8]>) -> [u8; 4] {
    u32::try_from(bytes.as_ref().len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// A packet with a new-format header and a four-byte length.
fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xc0 | tag, 0xff];
    bytes.extend(length32(body));
    bytes.extend(body);
    bytes
}

/// A subpacket of at most 190 bytes, whose length takes one byte.
fn subpacket(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(body.len() + 1).unwrap_or(u8::MAX), kind];
    bytes.extend(body);
    bytes
}

/// A number of arbitrary size: its length in bits, then its bytes without leading zeros (RFC 4880 §3.2).
fn number(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let significant = &bytes[first..];
    let bits = significant.first().map_or(0, |byte| significant.len() * 8 - byte.leading_zeros() as usize);
    let mut encoded = u16::try_from(bits).unwrap_or(0).to_be_bytes().to_vec();
    encoded.extend(significant);
    encoded
}

fn armour(kind: &str, bytes: &[u8]) -> String {
    let text = BASE64.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let sum = BASE64.encode(&crc24(bytes).to_be_bytes()[1..]);
    format!("-----BEGIN PGP {kind}-----\n\n{}\n={sum}\n-----END PGP {kind}-----\n", lines.join("\n"))
}

/// The check sum of armoured data (RFC 4880 §6.1).
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |crc, byte| {
        let mixed = crc ^ (u32::from(*byte) << 16);
        (0..8).fold(mixed, |crc, _| if crc & 0x0080_0000 == 0 { crc << 1 } else { (crc << 1) ^ 0x0186_4cfb }) & 0x00ff_ffff
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Chance, Repeating};
    use std::process::Command;

    fn key(seed: u64) -> Key {
        let made = "2030-01-01T00:00:00Z".parse().expect("a time");
        Key::make("Demo <demo@mirror.example>", made, &Repeating::new(Chance::of(seed, &["key"])))
    }

    /// What gpgv says of `signed`, with the keyring as catalog gives it: without armour.
    fn gpgv(key: &Key, signed: &str) -> (bool, String) {
        let folder = tempfile::tempdir().expect("scratch folder");
        let armoured = key.armoured();
        let body: String = armoured.lines().filter(|line| !line.starts_with('-') && !line.starts_with('=')).collect();
        let (keyring, message) = (folder.path().join("k.gpg"), folder.path().join("InRelease"));
        std::fs::write(&keyring, BASE64.decode(body.as_bytes()).expect("base64")).expect("written");
        std::fs::write(&message, signed).expect("written");
        let output = Command::new("gpgv").arg("--keyring").arg(&keyring).arg(&message).output().expect("gpgv is installed");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    #[test]
    fn gpgv_accepts_what_was_signed_and_nothing_else() {
        let now = "2025-06-01T00:00:00Z".parse().expect("a time");
        let made = "2025-01-01T00:00:00Z".parse().expect("a time");
        for seed in 0..40 {
            // Numbers with leading zeros are rare; forty keys meet some.
            let key = Key::make("Demo <demo@mirror.example>", made, &Repeating::new(Chance::of(seed, &["key"])));
            let signed = key.sign_clear("Origin: Demo\n- dashed\n trailing \nSHA256:\n a 1 b\n", now);
            let (good, said) = gpgv(&key, &signed);
            assert!(good, "seed {seed}: {said}\n{signed}");
            assert!(!gpgv(&key, &signed.replace("Origin: Demo", "Origin: Doom")).0, "tampered");
            assert!(!gpgv(&super::tests::key(seed + 1_000), &signed).0, "another key");
        }
    }
}
