//! A release of Debian as its archive has it now: real indexes and signatures, advisories made of what they carry.

use super::Options;
use super::input::Input;
use crate::shell;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Keys of Debian's archives, on every Debian machine.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const INDEX: &str = "main/binary-amd64/Packages.xz";

/// The release with its updates and its security updates. In the old version half of the advisories are not out yet.
pub(super) fn debian(options: &Options, scratch: &Path) -> Result<Input> {
    let release = &options.release;
    let suites =
        [("debian", release.clone()), ("debian", format!("{release}-updates")), ("debian-security", format!("{release}-security"))];
    let input = Input::new("debian", scratch, |place| {
        let source = |(archive, suite): &(&str, String)| json!({ "uri": format!("{place}/{archive}"), "suite": suite, "components": ["main"], "keyring": KEYRING });
        let sources: Vec<_> = suites.iter().map(source).collect();
        json!({
            "kind": "debian", "release": format!("debian/{release}"), "sources": sources, "architectures": ["amd64"],
            "advisories": [format!("{place}/advisories")],
        })
    })?;
    let mut security = String::new();
    for (archive, suite) in &suites {
        for name in ["InRelease", INDEX] {
            let file = scratch.join("download");
            fetch(&format!("{}/{archive}/dists/{suite}/{name}", options.mirror), &file)?;
            let bytes = std::fs::read(&file)?;
            input.write(&format!("{archive}/dists/{suite}/{name}"), &bytes, true)?;
            if suite.ends_with("-security") && name == INDEX {
                security = shell::output(Command::new("xz").args(["--decompress", "--stdout", "--format=xz"]).arg(&file))?;
            }
        }
    }
    let fixed = sources(&security);
    ensure!(!fixed.is_empty(), "the security suite carries nothing");
    input.write("advisories", advisories(release, &fixed, fixed.len()).as_bytes(), false)?;
    input.write_in(true, "advisories", advisories(release, &fixed, fixed.len() / 2).as_bytes())?;
    Ok(input)
}

/// Fetches a file with apt's own helper, as apt would.
fn fetch(url: &str, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_file(to)?;
    }
    let file = to.display().to_string();
    shell::output(&mut shell::command("/usr/lib/apt/apt-helper", &["download-file", url, &file]))
        .with_context(|| format!("could not fetch {url}"))?;
    Ok(())
}

/// Source packages of an index with their versions.
fn sources(index: &str) -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    for stanza in index.split("\n\n") {
        let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (Some(package), Some(version)) = (field("Package"), field("Version")) else { continue };
        let source = field("Source").unwrap_or(package);
        let (name, version) = source.strip_suffix(')').and_then(|source| source.split_once(" (")).unwrap_or((source, version));
        sources.insert(name.to_owned(), version.to_owned());
    }
    sources
}

/// An advisory for each of the first so many, in the format of the security tracker.
fn advisories(release: &str, fixed: &BTreeMap<String, String>, count: usize) -> String {
    let mut text = String::new();
    for (number, (source, version)) in fixed.iter().enumerate().take(count) {
        // Writing into a text cannot fail.
        let _ = write!(
            text,
            "[01 Jun 2025] DSA-{}-1 {source} - security update\n\t{{CVE-2025-{:05}}}\n\t[{release}] - {source} {version}\n",
            6_000 + number,
            10_000 + number
        );
    }
    text
}
