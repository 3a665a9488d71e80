//! The whole way on a bare root with packages made here; then the console in a real browser.

use super::apt::Apt;
use super::archive::{Archive, Package, Packages, bare_root};
use super::product::{ADMINISTRATOR, Product};
use super::scenario::{self, MissingPatch};
use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Packages of the release as it was published, and their updates.
const PUBLISHED: &str = "bookworm";
const SECURITY: &str = "bookworm-security";
const UPDATES: &str = "bookworm-updates";

/// Runs it.
pub(super) fn run() -> Result<()> {
    let begun = Instant::now();
    machine::build_console()?;
    shell::build_programs()?;
    let compared = super::in_scratch(scene)?;
    println!("RESULT e2e-hermetic missing={compared} difference=0 seconds={:.0}", begun.elapsed().as_secs_f64());
    Ok(())
}

fn scene(scratch: &Path) -> Result<usize> {
    let root = scratch.join("root");
    let archive = Archive::make(&scratch.join("archive"))?;
    let gate = scratch.join("gate");
    fill(&archive, &gate)?;
    bare_root(&root, &archive, &[PUBLISHED, SECURITY, UPDATES], &Packages::Made(500))?;
    let apt = Apt::new(&root, scratch)?;
    apt.update()?;
    apt.install(&["acme-editor=1.0-1", "acme-shell=1.0-1", "acme-mail=1.0-1", "acme-slow=1.0-1", "acme-kept=1.0-1", "acme-browser=1.0-1"])?;
    apt.hold("acme-kept", true)?;

    let mut product = Product::start(scratch, &root)?;
    let feed = feed(scratch, &archive)?;
    product.fettle(&["feeds", "add", "--from", &feed])?;
    product.fettle(&["catalog", "sync"])?;
    product.enrol("hermetic")?;
    product.start_agent()?;
    let asset = scenario::scanned_asset(&product)?;
    let missing = scenario::missing(&product, &asset)?;
    let compared = scenario::compare_with_apt(&missing, &apt)?;
    ensure!(compared.explained.keys().eq(["acme-kept"]), "explained differences: {:?}", compared.explained);

    let patch = |name: &str| named(&missing, name);
    let (editor, shell_patch, slow) = (patch("acme-editor")?, patch("acme-shell")?, patch("acme-slow")?);
    ensure!(editor.id.ends_with("DSA-9001-1"), "the editor's update is the advisory's: {}", editor.id);
    scenario::carry_out(&product, "install", &asset, &[editor, shell_patch])?;
    scenario::expect_versions(&apt, &[editor, shell_patch])?;
    let installed = scenario::installed(&product, &asset)?;
    ensure!(installed.contains(&editor.id) && installed.contains(&shell_patch.id), "the scan shows {installed:?}");

    ensure!(editor.rollback, "an earlier version is in the archive");
    scenario::carry_out(&product, "uninstall", &asset, &[editor])?;
    ensure!(apt.installed("acme-editor")? == "1.0-1", "the earlier version is back");

    let begun = gate.join("begun");
    let open = || std::fs::write(gate.join("gate"), "go on").context("could not open the gate");
    scenario::kill_agent_while_installing(&mut product, &apt, &asset, slow, || Ok(begun.exists()), open)?;
    scenario::kill_server_while_uploading(&mut product, &asset, || {
        apt.install(&["acme-new"])?;
        Ok("acme-new".to_owned())
    })?;
    browser(&product, &asset)?;
    product.stop()?;
    Ok(compared.packages)
}

/// Fills the archive: the release, its security updates, other updates.
fn fill(archive: &Archive, gate: &Path) -> Result<()> {
    std::fs::create_dir_all(gate)?;
    for name in ["acme-editor", "acme-shell", "acme-mail", "acme-slow", "acme-kept", "acme-browser", "acme-new", "acme-idle"] {
        archive.add(PUBLISHED, &Package { name, version: "1.0-1", before: None })?;
    }
    for name in ["acme-editor", "acme-kept", "acme-browser"] {
        archive.add(SECURITY, &Package { name, version: "1.0-1+deb12u1", before: None })?;
    }
    for name in ["acme-shell", "acme-mail"] {
        archive.add(UPDATES, &Package { name, version: "1:0.9-1", before: None })?;
    }
    // Its installation stops in the middle until somebody writes to the gate.
    shell::run_quietly("mkfifo", &[&gate.join("gate").display().to_string()])?;
    let script = format!("touch {0}/begun\ncat {0}/gate > /dev/null", gate.display());
    archive.add(UPDATES, &Package { name: "acme-slow", version: "1.1-1", before: Some(&script) })?;
    for suite in [PUBLISHED, SECURITY, UPDATES] {
        archive.publish(suite)?;
    }
    Ok(())
}

/// The feed that reads the archive, as a file for `fettle feeds add`.
fn feed(scratch: &Path, archive: &Archive) -> Result<String> {
    let advisories = scratch.join("advisories");
    std::fs::write(
        &advisories,
        "[20 Nov 2026] DSA-9002-1 acme-browser - security update\n\t{CVE-2026-90002 CVE-2026-90003}\n\t[bookworm] - acme-browser 1.0-1+deb12u1\n\
         [19 Nov 2026] DSA-9001-1 acme-editor - security update\n\t{CVE-2026-90001}\n\t[bookworm] - acme-editor 1.0-1+deb12u1\n",
    )?;
    let keyring = archive.armoured_key()?;
    let sources: Vec<_> = [PUBLISHED, SECURITY, UPDATES]
        .iter()
        .map(|suite| json!({"uri": archive.uri(), "suite": suite, "components": ["main"], "keyring": keyring}))
        .collect();
    let config = json!({
        "name": "Hermetic archive",
        "config": {"kind": "debian", "release": "debian/bookworm", "sources": sources, "architectures": ["amd64"], "advisories": [format!("file://{}", advisories.display())]},
    });
    let path = scratch.join("feed.json");
    std::fs::write(&path, config.to_string())?;
    Ok(path.display().to_string())
}

fn named<'a>(missing: &'a [MissingPatch], package: &str) -> Result<&'a MissingPatch> {
    let found = missing.iter().find(|patch| patch.latest && patch.packages.contains_key(package));
    found.with_context(|| format!("{package} is not missing"))
}

/// Drives the console through log-in, asset, job and its success, and takes the screenshots.
fn browser(product: &Product, asset: &str) -> Result<()> {
    let shots = shell::target().join("screenshots");
    std::fs::create_dir_all(&shots)?;
    let (name, password) = ADMINISTRATOR;
    shell::run(
        machine::npm()
            .args(["run", "--silent", "e2e"])
            .env("BASE_URL", product.console())
            .env("FETTLE_NAME", name)
            .env("FETTLE_PASSWORD", password)
            .env("ASSET", asset)
            .env("SCREENSHOT_DIR", &shots),
    )
    .with_context(|| product.end_of_log("server.log"))
}
