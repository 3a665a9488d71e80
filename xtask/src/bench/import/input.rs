//! What is imported: a feed in two versions that follow each other.

use super::{Options, debian, made, rpm};
use crate::e2e::product::Product;
use crate::shell;
use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A feed that reads one place, at which either version of its files is shown.
pub(super) struct Input {
    pub(super) name: &'static str,
    config: Value,
    place: PathBuf,
    old: PathBuf,
    new: PathBuf,
}

/// Which files.
#[derive(Debug, Clone, Copy)]
pub(super) enum Version {
    Old,
    New,
}

/// All feeds that are measured.
pub(super) fn all(options: &Options, scratch: &Path) -> Result<Vec<Input>> {
    let mut all = vec![microsoft(options, scratch)?, manifests(options, scratch)?, rpm::rpm(options, scratch)?];
    if !options.no_network {
        all.push(debian::debian(options, scratch)?);
    }
    Ok(all)
}

impl Input {
    /// A feed whose files are below `scratch`; `config` is told the address of the place where they are shown.
    pub(super) fn new(name: &'static str, scratch: &Path, config: impl FnOnce(&str) -> Value) -> Result<Self> {
        let folder = scratch.join(format!("{name}-files"));
        let place = folder.join("shown");
        let (old, new) = (folder.join("old"), folder.join("new"));
        for needed in [&old, &new] {
            std::fs::create_dir_all(needed).with_context(|| format!("could not make {}", needed.display()))?;
        }
        Ok(Self { name, config: config(&place.display().to_string()), place, old, new })
    }

    /// Writes a file of the new version, or of both.
    pub(super) fn write(&self, name: &str, bytes: &[u8], in_both: bool) -> Result<()> {
        self.write_in(false, name, bytes)?;
        if in_both { self.write_in(true, name, bytes) } else { Ok(()) }
    }

    /// Writes a file of the old version alone, or of the new one alone.
    pub(super) fn write_in(&self, old: bool, name: &str, bytes: &[u8]) -> Result<()> {
        let path = if old { &self.old } else { &self.new }.join(name);
        std::fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        std::fs::write(&path, bytes).with_context(|| format!("could not write {}", path.display()))
    }

    /// Shows a version of the files, or nothing at all.
    pub(super) fn show(&self, version: Option<Version>) -> Result<()> {
        if self.place.is_symlink() {
            std::fs::remove_file(&self.place)?;
        }
        let folder = match version {
            Some(Version::Old) => &self.old,
            Some(Version::New) => &self.new,
            None => return Ok(()),
        };
        std::os::unix::fs::symlink(folder, &self.place).with_context(|| format!("could not show {}", folder.display()))
    }

    /// Adds the feed to a server. It is switched off: nothing but a request brings it up to date.
    pub(super) fn add(&self, product: &Product, folder: &Path) -> Result<()> {
        let file = folder.join("feed.json");
        std::fs::write(&file, json!({ "name": self.name, "config": self.config, "enabled": false }).to_string())?;
        product.fettle(&["feeds", "add", "--from", &file.display().to_string()]).map(drop)
    }

    /// How long it takes to hash all files of the new version once, from memory.
    pub(super) fn hashing(&self) -> Result<Duration> {
        let hash = || {
            shell::output(
                Command::new("sh").args(["-c", "find -L . -type f -print0 | xargs -0 sha256sum | tail -1"]).current_dir(&self.new),
            )
        };
        hash()?;
        let begun = Instant::now();
        hash()?;
        Ok(begun.elapsed())
    }
}

/// A month of Microsoft's documents: the largest that is there, or one of about that size. It has lost half of its fixes in
/// the old version.
fn microsoft(options: &Options, scratch: &Path) -> Result<Input> {
    let input = Input::new("microsoft", scratch, |place| json!({ "kind": "microsoft", "source": place }))?;
    let real = options.data.as_ref().map(|folder| largest(&folder.join("msrc-cvrf"))).transpose()?.flatten();
    match real {
        Some(document) => {
            eprintln!("  microsoft: a month of {} bytes", document.len());
            input.write("month.xml", &document, false)?;
            input.write("made.xml", made::month(4).as_bytes(), true)?;
        }
        None => {
            input.write("month.xml", made::month(130).as_bytes(), false)?;
            input.write_in(true, "month.xml", made::month(65).as_bytes())?;
        }
    }
    Ok(input)
}

/// The largest document of a folder, unpacked.
fn largest(folder: &Path) -> Result<Option<Vec<u8>>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut largest: Option<Vec<u8>> = None;
    for entry in std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let path = entry?.path();
        if !path.to_string_lossy().ends_with(".xml.gz") {
            continue;
        }
        let bytes = unpacked(&path)?;
        if largest.as_ref().is_none_or(|largest| largest.len() < bytes.len()) {
            largest = Some(bytes);
        }
    }
    Ok(largest)
}

/// A file without its packing.
pub(super) fn unpacked(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| format!("could not open {}", path.display()))?;
    GzDecoder::new(file).read_to_end(&mut bytes).with_context(|| format!("could not unpack {}", path.display()))?;
    Ok(bytes)
}

/// Manifests of applications, ten versions of each. The old version has nine in ten of them.
fn manifests(options: &Options, scratch: &Path) -> Result<Input> {
    let input = Input::new("winget", scratch, |place| json!({ "kind": "winget", "manifests": place }))?;
    for number in 0..options.manifests {
        let (package, version) = (number / 10, number % 10);
        let name = format!("manifests/Maker{package}.Application/1.{version}.0/Maker{package}.Application.yaml");
        input.write(&name, made::manifest(package, version).as_bytes(), version < 9)?;
    }
    Ok(input)
}
