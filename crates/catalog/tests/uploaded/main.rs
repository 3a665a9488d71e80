//! Files that administrators upload: real ones of each kind, and hostile ones.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests end the test, as tests do")]

mod hostile;
mod made;

use fettle_catalog::{InspectError, inspect};
use fettle_model::custom::FileFacts;
use fettle_model::installer::InstallerKind;
use std::io::Write;

/// Looks at bytes under a name that says nothing.
fn look(bytes: &[u8]) -> Result<FileFacts, InspectError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    inspect(file.path())
}

fn said(error: &InspectError) -> String {
    error.to_string()
}

#[test]
fn an_msi_says_what_it_is() {
    let facts = look(&made::msi("x64;1033", &made::PROPERTIES)).expect("is one");
    insta::assert_debug_snapshot!(facts);
    assert_eq!(look(&made::msi("Intel;1031", &made::PROPERTIES)).expect("is one").architecture, "x86");
    let incomplete = look(&made::msi("x64;0", &made::PROPERTIES[..2])).expect_err("is none");
    assert_eq!(said(&incomplete), "it begins like msi and cannot be read: it states no product code and version");
    let patch = look(&made::msp()).expect_err("is none");
    assert_eq!(said(&patch), "it is a patch for Windows Installer (MSP); upload the whole package");
}

#[test]
fn a_program_says_what_it_is() {
    let texts =
        [("ProductName", "Tool"), ("CompanyName", "Example GmbH"), ("FileDescription", "Setup of Tool"), ("ProductVersion", "2.1.0")];
    insta::assert_debug_snapshot!(look(&made::exe(0x8664, 0x22, &texts)).expect("is one"));
    // Without a version as text the number counts; an x86 program may install anything.
    let numbers = look(&made::exe(0x14C, 0x102, &texts[..1])).expect("is one");
    assert_eq!((numbers.version.as_str(), numbers.architecture.as_str(), numbers.name.as_str()), ("2.1.3.4", "", "Tool"));
    let library = look(&made::exe(0x8664, 0x2022, &texts)).expect_err("is none");
    assert_eq!(said(&library), "it is a library for Windows (DLL) and no program");
    assert!(matches!(look(&made::exe(0x1A2, 0x22, &texts)), Err(InspectError::NotForInstalling(_))));
}

#[test]
fn a_deb_says_what_it_is() {
    for compression in ["gzip", "xz", "zstd", "none"] {
        let facts = look(&made::deb(compression, "Version: 1:2.1-1~x\n")).expect("is one");
        assert_eq!((facts.kind, facts.name.as_str(), facts.version.as_str()), (InstallerKind::Deb, "tool", "1:2.1-1~x"), "{compression}");
        assert_eq!((facts.architecture.as_str(), facts.publisher.as_str(), facts.summary.as_str()), ("all", "Ida Example", "a tool"));
    }
    let archive = [&b"!<arch>\n"[..], b"hello.o/        0           0     0     644     4         `\nabcd"].concat();
    assert_eq!(said(&look(&archive).expect_err("is none")), "it is an ar archive and no package for dpkg");
}

#[test]
fn an_rpm_says_what_it_is() {
    let facts = look(&made::rpm(3)).expect("is one");
    insta::assert_debug_snapshot!(facts);
    assert_eq!(look(&made::rpm(0)).expect("is one").version, "0:2.1-1.el9");
    assert_eq!(said(&look(&made::source_rpm()).expect_err("is none")), "it is a source package, which is built and not installed");
}

#[test]
fn what_is_none_of_them_is_refused() {
    for bytes in [&b""[..], b"M", b"#!/bin/sh\n", b"PK\x03\x04 a zip", b"%PDF-1.7"] {
        assert!(matches!(look(bytes), Err(InspectError::Unknown)), "{bytes:?}");
    }
    assert!(matches!(inspect(std::path::Path::new("/nowhere/at/all")), Err(InspectError::Read(_))));
}
