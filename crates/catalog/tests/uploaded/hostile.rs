//! Files that were made to hurt: cut, damaged, and larger than they seem. Each is refused or read; none ends the process,
//! takes memory that is not there, or goes on for ever.

use super::{look, made, said};
use fettle_catalog::InspectError;
use proptest::prelude::*;
use std::panic::catch_unwind;

fn of_each_kind() -> [Vec<u8>; 4] {
    let texts = [("ProductName", "Tool"), ("ProductVersion", "2.1.0")];
    [made::msi("x64;0", &made::PROPERTIES), made::exe(0x8664, 0x22, &texts), made::deb("gzip", "Version: 1\n"), made::rpm(1)]
}

/// A panic is the end of one task and becomes a refusal there, see [`fettle_catalog::inspect`].
fn looked(bytes: &[u8]) -> Option<Result<fettle_model::custom::FileFacts, InspectError>> {
    catch_unwind(|| look(bytes)).ok()
}

#[test]
fn a_file_that_is_cut_is_refused() {
    for whole in of_each_kind() {
        for length in [8, 9, 60, 64, 100, 120, 200].into_iter().filter(|&length| length < whole.len()) {
            let cut = looked(&whole[..length]);
            assert!(!matches!(cut, Some(Ok(_))), "{length} bytes of {:?}…: {cut:?}", &whole[..8]);
        }
    }
}

#[test]
fn an_rpm_that_states_more_than_it_has_takes_no_memory() {
    let whole = made::rpm(1);
    for (at, value) in [(96 + 8, u32::MAX), (96 + 12, u32::MAX), (96 + 8, 0xFFFF), (96 + 12, 64 * 1024 * 1024)] {
        let mut bytes = whole.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        let refused = look(&bytes).expect_err("is refused");
        assert!(said(&refused).contains("rpm and cannot be read"), "{refused}");
    }
}

#[test]
fn a_deb_that_unpacks_to_more_than_any_is_refused() {
    // Eighty megabytes of nothing before `control`, packed to some hundred kilobytes.
    let mut unpacked = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_path("./zeros").expect("a path");
    header.set_size(80 * 1024 * 1024);
    header.set_cksum();
    unpacked.append(&header, std::io::Read::take(std::io::repeat(0), 80 * 1024 * 1024)).expect("packed");
    let control = unpacked.into_inner().and_then(flate2::write::GzEncoder::finish).expect("packed");
    let member = |name: &str, bytes: &[u8]| {
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, bytes.len());
        [header.as_bytes(), bytes, &b"\n"[..bytes.len() % 2]].concat()
    };
    let archive = [&b"!<arch>\n"[..], &member("debian-binary", b"2.0\n"), &member("control.tar.gz", &control)].concat();
    let refused = look(&archive).expect_err("is refused");
    assert!(said(&refused).starts_with("it begins like deb and cannot be read"), "{refused}");
}

#[test]
fn a_deb_that_states_more_than_it_has_is_refused() {
    let whole = made::deb("none", "Version: 1\n");
    // The size of each member, and what ends its header.
    for (at, value) in [(8 + 48, "9999999999"), (8 + 48, "-1        "), (8 + 48, "x         "), (8 + 58, "xx"), (8, "//              ")] {
        let mut bytes = whole.clone();
        bytes[at..at + value.len()].copy_from_slice(value.as_bytes());
        assert!(look(&bytes).is_err(), "{value:?}");
    }
}

#[test]
fn a_deb_with_a_name_that_leads_elsewhere_is_refused() {
    let mut bytes = made::deb("none", "Version: 1\n");
    let at = bytes.windows(13).position(|window| window == b"Package: tool").expect("is there");
    bytes[at + 9..at + 13].copy_from_slice(b"../x");
    assert!(said(&look(&bytes).expect_err("is refused")).contains("no name that a package may have"));
}

#[test]
fn resources_that_lead_in_a_circle_come_to_an_end() {
    let mut bytes = made::exe(0x8664, 0x22, &[("ProductName", "Tool")]);
    // The entry of the second folder leads to that folder itself.
    bytes[0x200 + 24 + 20..0x200 + 24 + 24].copy_from_slice(&(24_u32 | 0x8000_0000).to_le_bytes());
    assert_eq!(look(&bytes).expect("a program without texts").name, "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A few damaged bytes anywhere, in a file of any kind.
    #[test]
    fn damage_is_survived(kind in 0_usize..4, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut bytes = of_each_kind()[kind].clone();
        for (at, value) in damage {
            let place = at.index(bytes.len());
            bytes[place] = value;
        }
        let _survived = looked(&bytes);
    }
}
