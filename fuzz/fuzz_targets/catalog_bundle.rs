//! Throws bytes at the reader of bundles: as they are, unpacked, and as manifest and records that somebody trusted signed. All
//! must be read or refused, and what is read must be what the manifest says.
//!
//! `cargo xtask fuzz catalog_bundle`

#![no_main]

use ed25519_dalek::SigningKey;
use fettle_catalog::bundle::{BundleKey, Line, Piece, contents, signature, verify};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Packs members as a bundle has them.
fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).expect("memory takes it");
    }
    zstd::encode_all(archive.into_inner().expect("memory takes it").as_slice(), 1).expect("memory takes it")
}

/// A bundle of a manifest and the records of its first feed, signed. Size and digest are made to fit: nobody hits them by chance.
fn signed(manifest: &[u8], records: &[u8], key: &SigningKey) -> Vec<u8> {
    let manifest = match serde_json::from_slice::<Value>(manifest) {
        Ok(mut manifest) => {
            if let Some(member) = manifest.pointer_mut("/feeds/0/member").and_then(Value::as_object_mut) {
                member.insert("size".to_owned(), records.len().into());
                member.insert("sha256".to_owned(), data_encoding::HEXLOWER.encode(&Sha256::digest(records)).into());
            }
            manifest.to_string().into_bytes()
        }
        Err(_) => manifest.to_vec(),
    };
    packed(&[("manifest.json", &manifest), ("manifest.sig", &signature(&manifest, key)), ("feeds/1.jsonl", records)])
}

fn read(bundle: &[u8], key: &BundleKey) {
    let Ok(bundle_is) = verify(bundle, std::slice::from_ref(key)) else { return };
    let (mut feeds, mut lines) = (0, Vec::new());
    let ended = contents(bundle, &bundle_is, &mut |piece| {
        match piece {
            Piece::Feed(_) => feeds += 1,
            Piece::Lines(more) => lines.extend(more),
        }
        Ok(())
    });
    if ended.is_ok() {
        let manifest = bundle_is.manifest();
        assert_eq!(feeds, manifest.feeds.len());
        assert_eq!(lines.len() as u64, manifest.feeds.iter().map(|entry| entry.written + entry.gone).sum::<u64>());
        assert!(lines.iter().map(Line::key).all(|key| !key.is_empty()));
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let key = SigningKey::from_bytes(&[1; 32]);
    let public = BundleKey::of(&key);
    read(bytes, &public);
    read(&zstd::encode_all(bytes, 1).expect("memory takes it"), &public);
    let (manifest, records) = bytes.iter().position(|byte| *byte == 0).map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 1..]));
    read(&signed(manifest, records, &key), &public);
});
