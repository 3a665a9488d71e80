//! Packages for dpkg (deb(5)): an `ar` archive of `debian-binary`, `control.tar` and `data.tar`.

use super::{Flaw, line};
use crate::deb822::{Reader, Wanted};
use fettle_model::custom::FileFacts;
use fettle_model::installer::InstallerKind;
use fettle_model::version::DpkgVersion;
use std::io::{BufRead, BufReader, Read};

/// Most bytes of `control.tar` once it is unpacked. Scripts and lists of files are in it; the largest have some megabytes.
const MAX_CONTROL: u64 = 64 * 1024 * 1024;
/// Most bytes of the file `control` in it.
const MAX_FILE: u64 = 1024 * 1024;
/// Members looked at before `control.tar` has to have come. deb(5) has it second; dpkg skips those whose names begin with `_`.
const MAX_MEMBERS: usize = 16;

/// Fields of `control` (deb-control(5)).
const WANTED: &[Wanted] = &[
    Wanted::line("Package", 256),
    Wanted::line("Version", 256),
    Wanted::line("Architecture", 64),
    Wanted::line("Maintainer", 1_024),
    Wanted::line("Description", 4_096),
];

/// Bytes before the first member, and before the content of each.
const START: usize = 8;
const HEADER: usize = 60;

pub(super) fn facts(file: impl Read) -> Result<FileFacts, Flaw> {
    let mut input = BufReader::new(file);
    exactly(&mut input, &mut [0; START])?;
    for position in 0..MAX_MEMBERS {
        let (name, size) = member(&mut input)?;
        if position == 0 && name != "debian-binary" {
            return Err(Flaw::NotForInstalling("an ar archive and no package for dpkg"));
        }
        let mut content = input.by_ref().take(size);
        if let Some(compression) = name.strip_prefix("control.tar") {
            return control(unpacked(content, compression)?);
        }
        // Members begin at even places.
        std::io::copy(&mut content, &mut std::io::sink()).map_err(|error| Flaw::of(&error))?;
        if size % 2 == 1 {
            exactly(&mut input, &mut [0; 1])?;
        }
    }
    Err(Flaw::damaged("it has no control.tar"))
}

/// The next member: its name and size. Read here and not by a library, which would take the memory that a header states:
/// deb(5) allows none of the extensions that archives have otherwise, and what is left are two fields.
fn member(input: &mut impl Read) -> Result<(String, u64), Flaw> {
    let mut header = [0; HEADER];
    exactly(input, &mut header)?;
    let text = |from: usize, to: usize| header.get(from..to).and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::trim_end);
    let size = text(48, 58).and_then(|size| size.parse().ok());
    match (text(0, 16), size) {
        (Some(name), Some(size)) if header.ends_with(b"`\n") => Ok((name.trim_end_matches('/').to_owned(), size)),
        _ => Err(Flaw::damaged("a member does not begin as one of an ar archive")),
    }
}

fn exactly(input: &mut impl Read, bytes: &mut [u8]) -> Result<(), Flaw> {
    input.read_exact(bytes).map_err(|_| Flaw::damaged("it ends before its control.tar does"))
}

fn unpacked<'a>(packed: impl BufRead + 'a, compression: &str) -> Result<Box<dyn Read + 'a>, Flaw> {
    Ok(match compression {
        "" => Box::new(packed),
        ".gz" => Box::new(flate2::bufread::GzDecoder::new(packed)),
        ".xz" => Box::new(liblzma::bufread::XzDecoder::new(packed)),
        ".zst" => Box::new(zstd::Decoder::with_buffer(packed).map_err(|error| Flaw::of(&error))?),
        other => return Err(Flaw::damaged(&format!("its control.tar{other} is packed in a way that is not known"))),
    })
}

fn control(unpacked: Box<dyn Read + '_>) -> Result<FileFacts, Flaw> {
    let mut archive = tar::Archive::new(unpacked.take(MAX_CONTROL));
    for entry in archive.entries().map_err(|error| Flaw::of(&error))? {
        let entry = entry.map_err(|error| Flaw::of(&error))?;
        let is_control = entry.header().entry_type().is_file() && matches!(&*entry.path_bytes(), b"./control" | b"control");
        if is_control {
            return fields(BufReader::new(entry.take(MAX_FILE)));
        }
    }
    Err(Flaw::damaged("its control.tar has no file control"))
}

fn fields(file: impl BufRead) -> Result<FileFacts, Flaw> {
    let mut reader = Reader::new(file, WANTED);
    let paragraph = reader.next().map_err(|error| Flaw::of(&error))?;
    let mut paragraph = paragraph.ok_or_else(|| Flaw::damaged("its file control is empty"))?;
    let [name, version, architecture, publisher, summary] =
        std::array::from_fn(|position| line(&paragraph.take(position).unwrap_or_default()));
    if !is_package_name(&name) {
        return Err(Flaw::damaged("it states no name that a package may have"));
    }
    if architecture.is_empty() || DpkgVersion::parse(&version).is_err() {
        return Err(Flaw::damaged("it states no architecture or no version that dpkg can compare"));
    }
    Ok(FileFacts {
        kind: InstallerKind::Deb,
        name,
        version,
        // `Name <address>`: the address is no part of who made it.
        publisher: publisher.split('<').next().unwrap_or_default().trim().to_owned(),
        architecture,
        summary,
        product_code: String::new(),
        upgrade_code: String::new(),
    })
}

/// Debian policy, 5.6.7.
fn is_package_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    name.len() > 1 && name.bytes().all(fine) && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}
