//! Programs for Windows: portable executables with a version resource.

use super::{Flaw, line};
use fettle_model::custom::FileFacts;
use fettle_model::installer::InstallerKind;
use goblin::pe::PE;
use goblin::pe::header::{COFF_MACHINE_ARM64, COFF_MACHINE_ARMNT, COFF_MACHINE_X86, COFF_MACHINE_X86_64};
use goblin::pe::options::{ParseMode, ParseOptions};
use goblin::pe::resource::VersionInfo;
use std::io::Read;

/// How much of a program is read. Installers carry what they install behind their own code and resources, which are
/// some megabytes; where they are larger, a person says what the version resource would have said.
const MAX_READ: u64 = 64 * 1024 * 1024;

pub(super) fn facts(file: impl Read) -> Result<FileFacts, Flaw> {
    let mut bytes = Vec::new();
    file.take(MAX_READ).read_to_end(&mut bytes).map_err(|error| Flaw::of(&error))?;
    let program = PE::parse_with_opts(&bytes, &wanted(false)).map_err(|error| Flaw::of(&error))?;
    if program.is_lib {
        return Err(Flaw::NotForInstalling("a library for Windows (DLL) and no program"));
    }
    let architecture = match program.header.coff_header.machine {
        // An installer made for x86 installs whatever it carries, and runs on all others.
        COFF_MACHINE_X86 => "",
        COFF_MACHINE_X86_64 => "x64",
        COFF_MACHINE_ARM64 => "arm64",
        COFF_MACHINE_ARMNT => "arm",
        _ => return Err(Flaw::NotForInstalling("a program for a processor that no Windows runs on")),
    };
    let mut facts = FileFacts {
        kind: InstallerKind::Exe,
        name: String::new(),
        version: String::new(),
        publisher: String::new(),
        architecture: architecture.to_owned(),
        summary: String::new(),
        product_code: String::new(),
        upgrade_code: String::new(),
    };
    // Resources that cannot be read leave the rest to a person.
    let whole = PE::parse_with_opts(&bytes, &wanted(true));
    if let Some(version) = whole.ok().and_then(|program| program.resource_data).and_then(|resources| resources.version_info) {
        stated(&version, &mut facts);
    }
    Ok(facts)
}

/// Headers, and resources when they are asked for; nothing else of a stranger's program is looked at.
fn wanted(resources: bool) -> ParseOptions {
    let mut options = ParseOptions::default();
    options.parse_attribute_certificates = false;
    options.parse_tls_data = false;
    options.parse_imports = false;
    options.parse_mode = ParseMode::Permissive;
    options.parse_resources = resources;
    options
}

fn stated(version: &VersionInfo<'_>, facts: &mut FileFacts) {
    let texts = &version.string_info;
    let text = |value: Option<String>| line(value.unwrap_or_default().trim_end_matches('\0'));
    facts.name = text(texts.product_name());
    facts.publisher = text(texts.company_name());
    facts.summary = Some(text(texts.file_description())).filter(|summary| *summary != facts.name).unwrap_or_default();
    let fixed = version.fixed_info.as_ref().map(|fixed| fixed.product_version());
    let numbers = fixed.map(|version| format!("{}.{}.{}.{}", version.major, version.minor, version.build, version.revision));
    let stated = [text(texts.product_version()), text(texts.file_version()), numbers.unwrap_or_default()];
    facts.version = stated.into_iter().find(|version| version.starts_with(|first: char| first.is_ascii_digit())).unwrap_or_default();
}
