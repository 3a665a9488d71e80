//! Damaged and hostile bundles: each is refused, or says exactly what the whole one says.

use crate::made::{Catalog, export, import, key, now, small, trusted, verified};
use ed25519_dalek::SigningKey;
use fettle_catalog::bundle::{BundleError, BundleKey, Piece, contents, signature, verify};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::io::Read;

/// A member of an archive: name and bytes.
type Member = (String, Vec<u8>);

fn members(bundle: &[u8]) -> Vec<Member> {
    let mut archive = tar::Archive::new(zstd::Decoder::new(bundle).expect("zstd"));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.expect("an entry");
        let name = String::from_utf8(entry.path_bytes().into_owned()).expect("text");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        (name, bytes)
    };
    archive.entries().expect("entries").map(read).collect()
}

fn header(name: &str, size: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    // Names that the library would refuse to write.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(size);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

fn packed(archive: &[u8]) -> Vec<u8> {
    zstd::encode_all(archive, 1).expect("packed")
}

fn archive(members: &[Member]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let header = header(name, bytes.len() as u64, tar::EntryType::Regular);
        builder.append(&header, bytes.as_slice()).expect("appended");
    }
    builder.into_inner().expect("an archive")
}

fn bundle(members: &[Member]) -> Vec<u8> {
    packed(&archive(members))
}

fn whole() -> Vec<Member> {
    members(&export(&small(), 1, None).0)
}

/// The same members behind a manifest that was changed and signed again, by somebody trusted.
fn signed_anew(mut members: Vec<Member>, change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut manifest: serde_json::Value = serde_json::from_slice(&members[0].1).expect("JSON");
    change(&mut manifest);
    members[0].1 = serde_json::to_vec(&manifest).expect("JSON");
    members[1].1 = signature(&members[0].1, &key(1)).to_vec();
    bundle(&members)
}

/// With the first feed's member replaced, and the manifest made to fit.
fn with_records(records: &[u8], change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut members = whole();
    members[2].1 = records.to_vec();
    signed_anew(members, |manifest| {
        manifest["feeds"][0]["member"]["size"] = records.len().into();
        manifest["feeds"][0]["member"]["sha256"] = data_encoding::HEXLOWER.encode(&Sha256::digest(records)).into();
        change(manifest);
    })
}

fn refusal(bundle: &[u8]) -> String {
    import(bundle, &Catalog::new()).expect_err("must be refused").to_string()
}

#[test]
fn the_helpers_make_whole_bundles() {
    assert_eq!(import(&bundle(&whole()), &Catalog::new()).expect("imports"), small());
    assert_eq!(import(&signed_anew(whole(), |_| {}), &Catalog::new()).expect("imports"), small());
    let first = whole()[2].1.clone();
    assert_eq!(import(&with_records(&first, |_| {}), &Catalog::new()).expect("imports"), small());
}

#[test]
fn a_bundle_cut_anywhere_is_refused() {
    let (whole, _) = export(&small(), 1, None);
    for cut in 0..whole.len() {
        assert!(import(&whole[..cut], &Catalog::new()).is_err(), "cut after {cut} bytes");
    }
    let plain = archive(&self::whole());
    // The end of an archive is two blocks of zeros, and more to fill it up.
    let data = plain.len() - 2 * 512;
    for cut in (0..data).step_by(64) {
        assert!(import(&packed(&plain[..cut]), &Catalog::new()).is_err(), "cut after {cut} unpacked bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flipped_bit_changes_nothing_or_is_refused(place in any::<prop::sample::Index>(), bit in 0..8_u8, unpacked in any::<bool>()) {
        let mut bytes = if unpacked { archive(&whole()) } else { export(&small(), 1, None).0 };
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let bytes = if unpacked { packed(&bytes) } else { bytes };
        if let Ok(catalog) = import(&bytes, &Catalog::new()) {
            prop_assert_eq!(catalog, small());
        }
    }

    #[test]
    fn any_changed_byte_of_a_member_is_noticed(member in 0..4_usize, place in any::<prop::sample::Index>(), add in 1..=255_u8) {
        let mut members = whole();
        let at = place.index(members[member].1.len());
        members[member].1[at] = members[member].1[at].wrapping_add(add);
        prop_assert!(verified(&bundle(&members)).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(verified(&bytes).is_err());
        prop_assert!(verified(&packed(&bytes)).is_err());
    }
}

#[test]
fn only_trusted_keys_count() {
    let (bytes, _) = export(&small(), 1, None);
    for keys in [&[][..], &[BundleKey::of(&SigningKey::from_bytes(&[2; 32]))]] {
        assert!(matches!(verify(bytes.as_slice(), keys), Err(BundleError::Signature)));
    }
    assert_eq!(verified(&bytes).expect("verified").key(), trusted()[1]);
    // A manifest of one bundle with the members of another.
    let (other, _) = export(&Catalog::new(), 2, None);
    let mut mixed = whole();
    mixed[..2].clone_from_slice(&members(&other)[..2]);
    assert!(verified(&bundle(&mixed)).is_err());
    mixed.truncate(2);
    assert!(verified(&bundle(&mixed)).is_ok(), "that alone is the other one");
}

#[test]
fn members_come_in_their_order_and_no_others() {
    let whole = whole();
    let arranged: [(&str, Vec<usize>); 8] = [
        ("nothing", vec![]),
        ("no signature", vec![0]),
        ("no manifest", vec![1, 2, 3]),
        ("signature first", vec![1, 0, 2, 3]),
        ("a feed twice", vec![0, 1, 2, 2, 3]),
        ("feeds exchanged", vec![0, 1, 3, 2]),
        ("a feed missing", vec![0, 1, 2]),
        ("the manifest twice", vec![0, 1, 0, 2, 3]),
    ];
    let mut told = Vec::new();
    for (what, order) in arranged {
        let members: Vec<Member> = order.into_iter().map(|at| whole[at].clone()).collect();
        told.push(format!("{what}: {}", refusal(&bundle(&members))));
    }
    for name in ["../feeds/1.jsonl", "/etc/passwd", "feeds/./1.jsonl", "feeds/1.jsonl/", "FEEDS/1.jsonl", "feeds/3.jsonl"] {
        let mut members = whole.clone();
        members[2].0 = name.to_owned();
        told.push(format!("{name}: {}", refusal(&bundle(&members))));
        let mut members = whole.clone();
        members.push((name.to_owned(), Vec::new()));
        told.push(format!("{name} at the end: {}", refusal(&bundle(&members))));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn nothing_but_files_is_in_a_bundle() {
    use tar::EntryType as Kind;
    let kinds =
        [Kind::Symlink, Kind::Link, Kind::Directory, Kind::Char, Kind::GNULongName, Kind::GNUSparse, Kind::XHeader, Kind::XGlobalHeader];
    for kind in kinds {
        for before in [0, 2] {
            let mut builder = tar::Builder::new(Vec::new());
            for (at, (name, bytes)) in whole().iter().enumerate() {
                if at == before {
                    builder.append(&header("feeds/1.jsonl", 4, kind), &b"link"[..]).expect("appended");
                }
                builder.append(&header(name, bytes.len() as u64, Kind::Regular), bytes.as_slice()).expect("appended");
            }
            let refused = refusal(&packed(&builder.into_inner().expect("an archive")));
            assert!(refused.contains("something else than files"), "{kind:?}: {refused}");
        }
    }
}

#[test]
fn nothing_follows_the_end() {
    let plain = archive(&whole());
    let behind_archive = [plain.as_slice(), b"more"].concat();
    assert!(refusal(&packed(&behind_archive)).contains("follows its end"));
    let behind_frame = [packed(&plain), b"more".to_vec()].concat();
    assert!(refusal(&behind_frame).contains("follows its end"));
    let second_frame = [packed(&plain), packed(&plain)].concat();
    assert!(refusal(&second_frame).contains("follows its end"));
    // A gigabyte of zeros packs to nothing.
    let zeros = packed(&[plain, vec![0; 32 * 1024 * 1024]].concat());
    assert!(refusal(&zeros).contains("follows its end"));
}

#[test]
fn sizes_are_believed_only_within_limits() {
    let huge = |name: &str| {
        let mut plain = header(name, 1 << 60, tar::EntryType::Regular).as_bytes().to_vec();
        plain.extend(vec![b'x'; 1024 * 1024]);
        packed(&plain)
    };
    assert!(refusal(&huge("manifest.json")).contains("too large"));
    let mut plain = archive(&whole()[..2]);
    plain.truncate(plain.len() - 2 * 512);
    plain.extend_from_slice(header("feeds/1.jsonl", 1 << 60, tar::EntryType::Regular).as_bytes());
    assert!(refusal(&packed(&plain)).contains("another size"));
    for (field, value) in [("size", 1_u64 << 40), ("size", u64::MAX)] {
        let refused = refusal(&signed_anew(whole(), |manifest| manifest["feeds"][0]["member"][field] = value.into()));
        assert!(refused.contains("too large"), "{refused}");
    }
    // Members that are far larger than they say: what is behind their size is no archive.
    let bomb = with_records(&vec![b' '; 8 * 1024 * 1024], |manifest| manifest["feeds"][0]["member"]["size"] = 10.into());
    assert!(verified(&bomb).is_err());
}

#[test]
fn what_somebody_trusted_says_is_checked_too() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(&str, Change); 12] = [
        ("newer", |manifest| manifest["format"] = 2.into()),
        ("no format", |manifest| manifest["format"] = serde_json::Value::Null),
        ("unknown field", |manifest| manifest["more"] = 1.into()),
        ("number zero", |manifest| manifest["sequence"] = 0.into()),
        ("no time", |manifest| manifest["expires"] = manifest["created"].clone()),
        ("its own base", |manifest| manifest["base"] = serde_json::json!({"sequence": 1, "manifest": "00".repeat(32)})),
        ("part of nothing", |manifest| manifest["feeds"][0]["whole"] = false.into()),
        ("more than there is", |manifest| manifest["feeds"][0]["written"] = 4.into()),
        ("a feed twice", |manifest| manifest["feeds"][1]["feed"]["id"] = manifest["feeds"][0]["feed"]["id"].clone()),
        ("a path", |manifest| manifest["feeds"][0]["member"]["name"] = "../x".into()),
        ("a script", |manifest| manifest["feeds"][0]["feed"]["repositories"] = serde_json::json!(["javascript:alert(1)"])),
        ("a line in a name", |manifest| manifest["feeds"][0]["feed"]["name"] = "a\nb".into()),
    ];
    let told: Vec<String> = changes.iter().map(|(what, change)| format!("{what}: {}", refusal(&signed_anew(whole(), change)))).collect();
    insta::assert_snapshot!(told.join("\n"));
    let many = signed_anew(whole(), |manifest| {
        let feed = manifest["feeds"][0].clone();
        manifest["feeds"] = vec![feed; 501].into();
    });
    assert!(refusal(&many).contains("too many feeds"));
}

#[test]
fn records_are_what_the_manifest_says() {
    let first = whole()[2].1.clone();
    let lines: Vec<&[u8]> = first.split_inclusive(|&byte| byte == b'\n').collect();
    let facts = whole()[3].1.clone();
    let cases: [(&str, Vec<u8>); 8] = [
        ("one missing", lines[..2].concat()),
        ("one twice", [lines[0], lines[1], lines[1]].concat()),
        ("no end", first[..first.len() - 1].to_vec()),
        ("no JSON", [lines[0], b"{\n", lines[1]].concat()),
        ("nothing known", [lines[0], b"{\"installer\":{}}\n", lines[1]].concat()),
        ("an empty line", [lines[0], b"\n", lines[1]].concat()),
        ("another kind", facts),
        ("too long", [b"{\"withdrawn\":\"", vec![b'x'; 5 * 1024 * 1024].as_slice(), b"\"}\n"].concat()),
    ];
    let mut told = Vec::new();
    for (what, records) in cases {
        let bytes = with_records(&records, |_| {});
        assert!(verified(&bytes).is_ok(), "{what}: its bytes are as they were signed");
        told.push(format!("{what}: {}", refusal(&bytes)));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn whoever_takes_the_records_can_stop() {
    let (bytes, _) = export(&small(), 1, None);
    let signed = verified(&bytes).expect("verified");
    let stopped = contents(bytes.as_slice(), &signed, &mut |piece| match piece {
        Piece::Feed(_) => Ok(()),
        Piece::Lines(_) => Err(BundleError::Stopped),
    });
    assert!(matches!(stopped, Err(BundleError::Stopped)));
    assert_eq!(signed.manifest().created, now());
}
