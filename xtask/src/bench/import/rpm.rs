//! A repository of a release like Red Hat's with all its advisories: the vendor's where they are at hand, made up to the
//! number that such a release has.

use super::Options;
use super::input::{Input, unpacked};
use crate::shell;
use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Advisories of a release after some years: as many as a rebuild of Enterprise Linux 9 has.
const ADVISORIES: usize = 3_000;
/// Packages of one that is made up, on each of two architectures.
const PACKAGES: usize = 6;
const ADVISORY_LIST: &str = "repodata/updateinfo.xml.gz";
const PACKAGE_LIST: &str = "repodata/primary.xml.gz";

/// The repository. In the old version half of the advisories are not out yet.
pub(super) fn rpm(options: &Options, scratch: &Path) -> Result<Input> {
    let input = Input::new("rpm", scratch, |place| {
        json!({
            "kind": "rpm", "release": "centos/6", "architectures": ["x86_64", "i686"],
            "repositories": [{ "uri": place }],
        })
    })?;
    let mut updates = match &options.data {
        Some(folder) => real(&folder.join("centos-updateinfo/updateinfo.xml.gz"))?,
        None => Vec::new(),
    };
    eprintln!("  rpm: {} advisories of the vendor's", updates.len());
    updates.extend((updates.len()..ADVISORIES).map(made));
    let packages = primary(&updates);
    let (old, _) = updates.split_at(updates.len() / 2);
    for (updates, is_old) in [(old, true), (updates.as_slice(), false)] {
        let list = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n{}</updates>\n", updates.concat());
        let mut data = String::new();
        for (kind, name, text) in [("primary", PACKAGE_LIST, &packages), ("updateinfo", ADVISORY_LIST, &list)] {
            let packed = pack(text)?;
            data += &stated(scratch, kind, name, &packed, text.as_bytes())?;
            input.write_in(is_old, name, &packed)?;
        }
        let root = "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">";
        input.write_in(is_old, "repodata/repomd.xml", format!("<?xml version=\"1.0\"?>\n{root}{data}</repomd>\n").as_bytes())?;
    }
    Ok(input)
}

/// The advisories of a vendor's list, each with its tags. None when there is no list.
fn real(list: &Path) -> Result<Vec<String>> {
    if !list.is_file() {
        return Ok(Vec::new());
    }
    let text = String::from_utf8(unpacked(list)?).with_context(|| format!("{} is no text", list.display()))?;
    let updates: Vec<String> =
        text.split_inclusive("</update>").filter_map(|part| Some(format!("{}\n", part.get(part.find("<update ")?..)?))).collect();
    ensure!(!updates.is_empty(), "{} has no advisories", list.display());
    Ok(updates)
}

/// An advisory made up, about one of 500 sources.
fn made(number: usize) -> String {
    let (source, round) = (number % 500, number / 500);
    let packages: String = (0..PACKAGES)
        .flat_map(|part| ["x86_64", "i686"].map(|architecture| (part, architecture)))
        .map(|(part, architecture)| {
            format!(
                "<package arch=\"{architecture}\" epoch=\"0\" name=\"made{source}-part{part}\" release=\"{round}.el6\" src=\"\" version=\"1.{source}\">\
                 <filename>made{source}-part{part}-1.{source}-{round}.el6.{architecture}.rpm</filename></package>\n"
            )
        })
        .collect();
    format!(
        "<update from=\"vendor@example.org\" status=\"final\" type=\"security\" version=\"1\"><id>CESA-2025:{number:04}</id>\
         <title>Moderate: made{source} security update</title><issued date=\"2025-01-{:02} 10:00:00\"/><severity>Moderate</severity>\
         <references><reference href=\"https://advisories.example/{number}\" id=\"CVE-2025-{number:05}\" type=\"cve\"/></references>\
         <description>{}</description><pkglist><collection short=\"EL-6\"><name>CentOS 6</name>\n{packages}</collection></pkglist></update>\n",
        1 + number % 28,
        "Somebody who sends more than was expected can read what is not meant for them. ".repeat(12)
    )
}

/// The list of all packages that the advisories name.
fn primary(updates: &[String]) -> String {
    let mut packages = BTreeSet::new();
    for tag in updates.iter().flat_map(|update| update.split("<package ").skip(1)).filter_map(|rest| rest.split('>').next()) {
        let attribute = |name: &str| tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        if attribute("arch") != "src" {
            packages.insert((attribute("name"), attribute("arch"), attribute("epoch"), attribute("version"), attribute("release")));
        }
    }
    let packages: String = packages
        .iter()
        .map(|(name, architecture, epoch, version, release)| {
            format!(
                "<package type=\"rpm\"><name>{name}</name><arch>{architecture}</arch><version epoch=\"{epoch}\" ver=\"{version}\" rel=\"{release}\"/>\
                 <summary>Package {name}</summary><size package=\"100000\"/><format><rpm:sourcerpm>{name}-{version}-{release}.src.rpm</rpm:sourcerpm>\
                 </format></package>\n"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata/common\" \
         xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n{packages}</metadata>\n"
    )
}

/// What `repomd.xml` says of a file. Both versions say the same second: a feed goes to the old one and back.
fn stated(scratch: &Path, kind: &str, name: &str, packed: &[u8], plain: &[u8]) -> Result<String> {
    Ok(format!(
        "<data type=\"{kind}\"><checksum type=\"sha256\">{}</checksum><open-checksum type=\"sha256\">{}</open-checksum>\
         <location href=\"{name}\"/><timestamp>1760000000</timestamp><size>{}</size><open-size>{}</open-size></data>",
        sum(scratch, packed)?,
        sum(scratch, plain)?,
        packed.len(),
        plain.len()
    ))
}

fn sum(scratch: &Path, bytes: &[u8]) -> Result<String> {
    let file = scratch.join("summed");
    std::fs::write(&file, bytes)?;
    let text = shell::output(Command::new("sha256sum").arg(&file))?;
    text.split_whitespace().next().map(str::to_owned).context("sha256sum said nothing")
}

fn pack(text: &str) -> Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes())?;
    Ok(packer.finish()?)
}
