//! Files of each kind, made by the tools of their makers where there are some.

use msi::{Column, Insert, Package, PackageType, Value};
use std::io::Cursor;
use std::process::Command;

/// What an MSI states.
pub(crate) const PROPERTIES: [(&str, &str); 5] = [
    ("ProductName", "Tool 2.1 (x64)"),
    ("Manufacturer", "Example GmbH"),
    ("ProductVersion", "2.1.0"),
    ("ProductCode", "{11111111-2222-3333-4444-555555555555}"),
    ("UpgradeCode", "{99999999-2222-3333-4444-555555555555}"),
];

pub(crate) fn msi(template: &str, properties: &[(&str, &str)]) -> Vec<u8> {
    let mut package = Package::create(PackageType::Installer, Cursor::new(Vec::new())).unwrap();
    let mut parts = template.split(';');
    package.summary_info_mut().set_arch(parts.next().unwrap());
    package.summary_info_mut().set_subject("Installs Tool");
    let columns = vec![Column::build("Property").primary_key().string(72), Column::build("Value").string(0)];
    package.create_table("Property", columns).unwrap();
    let rows = properties.iter().map(|(name, value)| vec![Value::from(*name), Value::from(*value)]).collect();
    package.insert_rows(Insert::into("Property").rows(rows)).unwrap();
    package.into_inner().unwrap().into_inner()
}

pub(crate) fn msp() -> Vec<u8> {
    Package::create(PackageType::Patch, Cursor::new(Vec::new())).unwrap().into_inner().unwrap().into_inner()
}

/// Built by dpkg itself.
pub(crate) fn deb(compression: &str, version: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let control = folder.path().join("tree/DEBIAN");
    std::fs::create_dir_all(&control).unwrap();
    let text =
        format!("Package: tool\n{version}Architecture: all\nMaintainer: Ida Example <ida@example.org>\nDescription: a tool\n for tests\n");
    std::fs::write(control.join("control"), text).unwrap();
    let file = folder.path().join("tool.deb");
    let mut built = Command::new("dpkg-deb");
    built.args(["--root-owner-group", "--build", &format!("-Z{compression}")]);
    let output = built.arg(folder.path().join("tree")).arg(&file).output().expect("dpkg-deb is there");
    assert!(output.status.success(), "{output:?}");
    std::fs::read(file).unwrap()
}

pub(crate) fn rpm(epoch: u32) -> Vec<u8> {
    let mut builder = rpm::PackageBuilder::new("tool", "2.1", "Apache-2.0", "x86_64", "A tool");
    builder.release("1.el9").epoch(epoch).vendor("Example GmbH");
    let mut bytes = Vec::new();
    builder.build().unwrap().write(&mut bytes).unwrap();
    bytes
}

/// As a package, but it does not say what source it was built from.
pub(crate) fn source_rpm() -> Vec<u8> {
    let mut bytes = rpm(0);
    let tag = 1044_u32.to_be_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|&at| bytes[at..at + 4] == tag).collect();
    for at in places {
        bytes[at..at + 4].copy_from_slice(&1_999_999_u32.to_be_bytes());
    }
    bytes
}

/// A program of one section, its resources, with these texts and the version 2.1.3.4 as a number.
pub(crate) fn exe(machine: u16, characteristics: u16, texts: &[(&str, &str)]) -> Vec<u8> {
    let wide = machine != 0x14C;
    let resources = resources(texts);
    let size = u32::try_from(resources.len()).unwrap();
    let mut bytes = vec![0; 0x200];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, b"MZ");
    put(0x3C, &0x80_u32.to_le_bytes());
    put(0x80, b"PE\0\0");
    put(0x84, &machine.to_le_bytes());
    put(0x86, &1_u16.to_le_bytes());
    let optional = if wide { 240_u16 } else { 224 };
    put(0x94, &optional.to_le_bytes());
    put(0x96, &characteristics.to_le_bytes());
    let start = 0x98;
    put(start, &(if wide { 0x20B_u16 } else { 0x10B }).to_le_bytes());
    put(start + 32, &0x1000_u32.to_le_bytes());
    put(start + 36, &0x200_u32.to_le_bytes());
    put(start + 56, &0x3000_u32.to_le_bytes());
    put(start + 60, &0x200_u32.to_le_bytes());
    let directories = start + if wide { 108 } else { 92 };
    put(directories, &16_u32.to_le_bytes());
    put(directories + 4 + 2 * 8, &0x1000_u32.to_le_bytes());
    put(directories + 4 + 2 * 8 + 4, &size.to_le_bytes());
    let section = start + usize::from(optional);
    put(section, b".rsrc");
    for (at, value) in [(8, size), (12, 0x1000), (16, size.next_multiple_of(0x200)), (20, 0x200), (36, 0x4000_0040)] {
        put(section + at, &value.to_le_bytes());
    }
    bytes.extend(resources);
    bytes.resize(bytes.len().next_multiple_of(0x200), 0);
    bytes
}

/// Three levels of folders, type 16, name 1, language 1033, and what they lead to.
fn resources(texts: &[(&str, &str)]) -> Vec<u8> {
    let version = version(texts);
    let mut bytes = Vec::new();
    for (level, id) in [16_u32, 1, 1033].into_iter().enumerate() {
        bytes.extend([0; 12]);
        bytes.extend([0, 0, 1, 0]);
        bytes.extend(id.to_le_bytes());
        let next = u32::try_from(24 * (level + 1)).unwrap();
        bytes.extend((if level < 2 { next | 0x8000_0000 } else { next }).to_le_bytes());
    }
    for value in [0x1000 + 72 + 16, u32::try_from(version.len()).unwrap(), 0, 0] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(version);
    bytes
}

fn version(texts: &[(&str, &str)]) -> Vec<u8> {
    let strings: Vec<Vec<u8>> = texts.iter().map(|(name, value)| node(name, 1, &wide(value), &[])).collect();
    let table = node("040904b0", 1, &[], &strings);
    let info = node("StringFileInfo", 1, &[], &[table]);
    let mut fixed = Vec::new();
    for value in [0xFEEF_04BD_u32, 0x1_0000, 0x2_0001, 0x3_0004, 0x2_0001, 0x3_0004, 0x3F, 0, 4, 1, 0, 0, 0] {
        fixed.extend(value.to_le_bytes());
    }
    node("VS_VERSION_INFO", 0, &fixed, &[info])
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// A node of a version resource: its length, that of its value (in words when it is text), kind, key, value, children.
fn node(key: &str, kind: u16, value: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
    let length = if kind == 1 { value.len() / 2 } else { value.len() };
    let mut bytes = vec![0, 0];
    bytes.extend(u16::try_from(length).unwrap().to_le_bytes());
    bytes.extend(kind.to_le_bytes());
    bytes.extend(wide(key));
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes.extend(value);
    for child in children {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(child);
    }
    let whole = u16::try_from(bytes.len()).unwrap();
    bytes[..2].copy_from_slice(&whole.to_le_bytes());
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}
