//! A machine of RPM packages: scanned by the agent, held against dnf in the same root.

mod dnf;
mod repository;

use super::product::{PATIENCE, Product};
use super::scenario::{self, items};
use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use dnf::{Dnf, Listed, listed};
use repository::{Advisory, Built, Repository};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

/// What is installed at first.
const OLD: [Built<'_>; 9] = [
    ("acme-editor", "1.0-1.el9", "x86_64"),
    ("acme-epoch", "1:1.0-1.el9", "x86_64"),
    ("acme-tilde", "2.0~rc1-1.el9", "x86_64"),
    ("acme-caret", "1.0-1.el9", "x86_64"),
    ("acme-data", "1.0-1.el9", "noarch"),
    ("acme-libs", "1.0-1.el9", "x86_64"),
    ("acme-libs", "1.0-1.el9", "i686"),
    ("acme-kept", "1.0-1.el9", "x86_64"),
    ("kernel-core", "5.14.0-70.el9", "x86_64"),
];
/// What comes out later. The epoch's newer package has the smaller version; the second kernel gets an advisory of its own.
const NEW: [Built<'_>; 11] = [
    ("acme-editor", "1.0-2.el9_4", "x86_64"),
    ("acme-epoch", "2:0.9-1.el9", "x86_64"),
    ("acme-tilde", "2.0-1.el9", "x86_64"),
    ("acme-caret", "1.0^git1-1.el9", "x86_64"),
    ("acme-data", "1.1-1.el9", "noarch"),
    ("acme-libs", "1.1-1.el9", "x86_64"),
    ("acme-libs", "1.1-1.el9", "i686"),
    ("acme-kept", "1.1-1.el9", "x86_64"),
    ("kernel-core", "5.14.0-162.el9", "x86_64"),
    ("kernel-core", "5.14.0-427.el9", "x86_64"),
    ("acme-absent", "1.0-1.el9", "x86_64"),
];
/// All but `acme-data`'s update, which has none.
const ADVISORIES: [Advisory<'_>; 7] = [
    ("ACME-SA-1", "Important", &[NEW[0], NEW[10]]),
    ("ACME-SA-2", "Critical", &[NEW[1]]),
    ("ACME-SA-3", "Moderate", &[NEW[2], NEW[3]]),
    ("ACME-SA-4", "Low", &[NEW[5], NEW[6]]),
    ("ACME-SA-5", "Important", &[NEW[8]]),
    ("ACME-SA-6", "Important", &[NEW[9]]),
    (OF_KEPT, "", &[NEW[7]]),
];
/// What the administrator keeps as it is, and the advisory about it.
const KEPT: &str = "acme-kept";
const OF_KEPT: &str = "ACME-BA-7";

/// Runs it.
pub(super) fn run() -> Result<()> {
    let begun = Instant::now();
    machine::prepare_rpm()?;
    machine::build_console()?;
    shell::build_programs()?;
    let compared = super::in_scratch(scene)?;
    println!("RESULT e2e-rpm missing={compared} difference=0 seconds={:.0}", begun.elapsed().as_secs_f64());
    Ok(())
}

fn scene(scratch: &Path) -> Result<usize> {
    let root = scratch.join("root");
    let repository = Repository::make(&scratch.join("repository"), &scratch.join("build"))?;
    OLD.iter().try_for_each(|&package| repository.add(package))?;
    repository.publish(&[])?;
    let dnf = Dnf::make(&root, scratch, &repository.uri(), "")?;
    let names: Vec<String> = OLD.iter().map(|(name, _, architecture)| format!("{name}.{architecture}")).collect();
    dnf.change(&[&["install"], names.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat())?;
    NEW.iter().try_for_each(|&package| repository.add(package))?;
    repository.publish(&ADVISORIES)?;
    let dnf = Dnf::make(&root, scratch, &repository.uri(), KEPT)?;
    compare_scan(&root, &dnf)?;

    let mut product = Product::start(scratch, &root)?;
    product.fettle(&["feeds", "add", "--from", &feed(scratch, &repository)?])?;
    product.fettle(&["catalog", "sync"])?;
    product.enrol("rpm")?;
    product.start_agent()?;
    let asset = scenario::scanned_asset(&product)?;
    let first = compare(&product, &asset, &dnf)?;
    // One kernel comes beside the other, and one advisory of two that are open for it goes.
    dnf.change(&["upgrade", "acme-editor", "acme-epoch", "acme-data", "kernel-core-5.14.0-162.el9"])?;
    compare_scan(&root, &dnf)?;
    product.fettle(&["assets", "scan", &asset])?;
    wait_for_package(&product, &asset, "acme-editor", "1.0-2.el9_4")?;
    compare(&product, &asset, &dnf)?;
    product.stop()?;
    Ok(first)
}

/// The feed that reads the repository, as a file for `fettle feeds add`.
fn feed(scratch: &Path, repository: &Repository) -> Result<String> {
    let config = json!({
        "name": "Packages made here",
        "config": {"kind": "rpm", "release": "rhel/9", "repositories": [{"uri": repository.uri(), "keyring": null}], "architectures": ["x86_64", "i686"]},
    });
    let path = scratch.join("feed.json");
    std::fs::write(&path, config.to_string())?;
    Ok(path.display().to_string())
}

/// Holds what the agent sees against what dnf says is installed: packages, holds, and kernels side by side.
fn compare_scan(root: &Path, dnf: &Dnf) -> Result<usize> {
    let program = shell::binary("fettle-agent").display().to_string();
    let text = shell::output(&mut shell::command(&program, &["scan", "--print", "--root", &root.display().to_string()]))?;
    let scan: Value = serde_json::from_str(&text).context("the agent's scan is not JSON")?;
    let inventory = &scan["inventory"];
    let packages = items(&inventory["packages"])?;
    let seen: BTreeSet<Listed> = packages.iter().map(read_package).collect::<Result<_>>()?;
    let installed = dnf.installed()?;
    same("installed packages", &seen, &installed)?;
    let held: Vec<_> = packages.iter().filter(|package| package["held"] == true).filter_map(|package| package["name"].as_str()).collect();
    ensure!(held == [KEPT], "held by the agent: {held:?}");
    let kernels = installed.iter().filter(|(name, _, _)| name == "kernel-core").count();
    ensure!(items(&inventory["kernels"]["installed"])?.len() == kernels, "kernels: {}", inventory["kernels"]);
    Ok(seen.len())
}

/// Holds the server's list of what is missing, and of the advisories it comes from, against dnf's.
fn compare(product: &Product, asset: &str, dnf: &Dnf) -> Result<usize> {
    let answer = product.json(&["assets", "patches", asset, "", "--status", "missing"])?;
    let (mut latest, mut advisories) = (BTreeSet::new(), BTreeSet::new());
    for patch in items(&answer)? {
        let id = patch["id"].as_str().context("a patch without an id")?;
        advisories.extend(id.find("ACME-").and_then(|at| id.get(at..)).map(str::to_owned));
        if patch["superseded"] == false {
            for package in items(&patch["packages"])? {
                latest.insert(read_package(package)?);
            }
        }
    }
    let (theirs, all) = (dnf.updates(false)?, dnf.updates(true)?);
    same("updates", &latest, &all)?;
    let excluded: BTreeSet<&str> = all.difference(&theirs).map(|(name, _, _)| name.as_str()).collect();
    ensure!(excluded == BTreeSet::from([KEPT]), "dnf leaves out {excluded:?}");
    println!("  difference {KEPT}: excluded: dnf leaves it, the server says that it is held and lists it");
    let (shown, open) = (dnf.advisories(false)?, dnf.advisories(true)?);
    same("advisories", &advisories, &open)?;
    let excluded: Vec<&String> = open.difference(&shown).collect();
    ensure!(excluded == [OF_KEPT], "dnf leaves out the advisories {excluded:?}");
    Ok(latest.len())
}

fn wait_for_package(product: &Product, asset: &str, name: &str, version: &str) -> Result<()> {
    shell::wait_for("the new scan", PATIENCE, || {
        let packages = product.json(&["assets", "packages", asset])?;
        let there = items(&packages)?.iter().any(|package| package["name"] == name && package["version"] == version);
        Ok(there.then_some(()))
    })
    .with_context(|| product.end_of_log("agent.log"))
}

fn read_package(package: &Value) -> Result<Listed> {
    let field = |name: &str| package[name].as_str().with_context(|| format!("a package without {name}: {package}"));
    Ok(listed(field("name")?, field("architecture")?, field("version")?))
}

/// Prints both, and fails with what is in one of them only.
fn same<T: Ord + std::fmt::Debug>(what: &str, ours: &BTreeSet<T>, dnf: &BTreeSet<T>) -> Result<()> {
    println!("{what}: {} by us, {} by dnf", ours.len(), dnf.len());
    for one in ours {
        println!("  {one:?}");
    }
    let only_ours: Vec<_> = ours.difference(dnf).collect();
    let only_theirs: Vec<_> = dnf.difference(ours).collect();
    ensure!(only_ours.is_empty() && only_theirs.is_empty(), "{what} differ: only ours {only_ours:?}, only dnf's {only_theirs:?}");
    Ok(())
}
