//! The way from a feed to a patched machine, step by step, the same for a bare root and a real Debian.

use super::apt::Apt;
use super::product::{PATIENCE, Product};
use crate::shell;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A package that an asset misses a newer version of, as the server says.
#[derive(Debug, Clone)]
pub(crate) struct MissingPatch {
    pub(crate) id: String,
    /// The newest one for its packages: nothing supersedes it.
    pub(crate) latest: bool,
    pub(crate) rollback: bool,
    /// Package → fixed version.
    pub(crate) packages: BTreeMap<String, String>,
}

/// How the server's list and apt's compare.
pub(crate) struct Comparison {
    pub(crate) packages: usize,
    /// Differences and the rule that explains each.
    pub(crate) explained: BTreeMap<String, &'static str>,
}

/// Waits until the one asset is scanned, and returns its name.
pub(crate) fn scanned_asset(product: &Product) -> Result<String> {
    shell::wait_for("the asset's first scan", PATIENCE, || {
        let assets = product.json(&["assets", "list"])?;
        let asset = items(&assets)?.first().cloned();
        Ok(asset.filter(|asset| asset["scan_status"] == "scanned").and_then(|asset| asset["name"].as_str().map(str::to_owned)))
    })
    .with_context(|| product.end_of_log("agent.log"))
}

/// What the server says the asset misses.
pub(crate) fn missing(product: &Product, asset: &str) -> Result<Vec<MissingPatch>> {
    let answer = product.json(&["assets", "patches", asset, "", "--status", "missing"])?;
    items(&answer)?.iter().map(read_patch).collect()
}

/// Patches the asset has, by id.
pub(crate) fn installed(product: &Product, asset: &str) -> Result<BTreeSet<String>> {
    let answer = product.json(&["assets", "patches", asset, "", "--status", "installed"])?;
    Ok(items(&answer)?.iter().filter_map(|patch| patch["id"].as_str().map(str::to_owned)).collect())
}

fn read_patch(row: &Value) -> Result<MissingPatch> {
    let text = |name: &str| row[name].as_str().with_context(|| format!("a patch without {name}: {row}"));
    let mut packages = BTreeMap::new();
    for package in row["packages"].as_array().context("a missing patch without packages")? {
        let field = |name: &str| package[name].as_str().with_context(|| format!("a package without {name}: {package}"));
        packages.insert(field("name")?.to_owned(), field("version")?.to_owned());
    }
    Ok(MissingPatch { id: text("id")?.to_owned(), latest: row["superseded"] == false, rollback: row["rollback"] == true, packages })
}

/// Holds the server's list of missing packages against apt's; prints both, and every difference with its rule.
pub(crate) fn compare_with_apt(missing: &[MissingPatch], apt: &Apt) -> Result<Comparison> {
    let ours: BTreeMap<String, String> = missing.iter().filter(|patch| patch.latest).flat_map(|patch| patch.packages.clone()).collect();
    let (upgrade, full, held) = (apt.upgrade()?, apt.full_upgrade()?, apt.held()?);
    print_list("missing, by the server", &ours);
    print_list("apt-get -s upgrade", &upgrade);
    let mut explained = BTreeMap::new();
    let mut unexplained = Vec::new();
    for (name, version) in &ours {
        match upgrade.get(name) {
            Some(theirs) if theirs == version => {}
            None if held.contains(name) => drop(explained.insert(name.clone(), "held: apt leaves it, the server says so and lists it")),
            None if full.get(name) == Some(version) => {
                explained.insert(name.clone(), "kept back: it needs a package that is not installed, which `upgrade` never brings");
            }
            theirs => unexplained.push(format!("{name}: server {version}, apt {theirs:?}")),
        }
    }
    unexplained
        .extend(upgrade.iter().filter(|(name, _)| !ours.contains_key(*name)).map(|(name, version)| format!("{name}: only apt, {version}")));
    for (name, rule) in &explained {
        println!("  difference {name}: {rule}");
    }
    ensure!(unexplained.is_empty(), "the server and apt differ:\n{}", unexplained.join("\n"));
    Ok(Comparison { packages: ours.len(), explained })
}

fn print_list(title: &str, packages: &BTreeMap<String, String>) {
    println!("{title}: {} packages", packages.len());
    for (name, version) in packages {
        println!("  {name} {version}");
    }
}

/// Makes and enables a job, and waits until it has ended well. Returns its id.
pub(crate) fn carry_out(product: &Product, kind: &str, asset: &str, patches: &[&MissingPatch]) -> Result<String> {
    let id = start(product, kind, asset, patches)?;
    finish(product, &id)?;
    Ok(id)
}

/// Makes and enables an on-demand job. Returns its id.
pub(crate) fn start(product: &Product, kind: &str, asset: &str, patches: &[&MissingPatch]) -> Result<String> {
    let flag = format!("--{kind}");
    let name = format!("{kind} {}", patches.iter().map(|patch| patch.id.as_str()).collect::<Vec<_>>().join(", "));
    let mut arguments = vec!["jobs", "create", &flag, "--name", &name, "--asset", asset, "--on-demand", "--enable"];
    for patch in patches {
        arguments.extend(["--patch", &patch.id]);
    }
    let job = product.json(&arguments)?;
    job["id"].as_str().map(str::to_owned).with_context(|| format!("the new job has no id: {job}"))
}

/// Waits until a job has ended well.
pub(crate) fn finish(product: &Product, job: &str) -> Result<()> {
    product
        .fettle(&["jobs", "watch", job, "--timeout", &PATIENCE.as_secs().to_string()])
        .with_context(|| product.end_of_log("agent.log"))
        .map(drop)
}

/// Fails unless every package of `patches` is in the root at the fixed version.
pub(crate) fn expect_versions(apt: &Apt, patches: &[&MissingPatch]) -> Result<()> {
    for (name, version) in patches.iter().flat_map(|patch| &patch.packages) {
        let present = apt.installed(name)?;
        println!("  dpkg -s {name}: {present}");
        ensure!(&present == version, "{name} is at {present}, not at {version}");
    }
    Ok(())
}

/// Kills the agent while a package is being installed, starts it again, and sees the job end well with every
/// package unpacked once.
pub(crate) fn kill_agent_while_installing(
    product: &mut Product,
    apt: &Apt,
    asset: &str,
    patch: &MissingPatch,
    in_the_middle: impl Fn() -> Result<bool>,
    go_on: impl Fn() -> Result<()>,
) -> Result<()> {
    let job = start(product, "install", asset, &[patch])?;
    shell::wait_for("the installation to begin", PATIENCE, || Ok(in_the_middle()?.then_some(())))
        .with_context(|| product.end_of_log("agent.log"))?;
    product.kill_agent()?;
    println!("  agent killed while {} was being installed", patch.id);
    go_on()?;
    product.start_agent()?;
    finish(product, &job)?;
    expect_versions(apt, &[patch])?;
    for (name, version) in &patch.packages {
        let times = apt.times_unpacked(name, version)?;
        ensure!(times == 1, "{name} {version} was unpacked {times} times");
    }
    Ok(())
}

/// Kills the server while an inventory is half sent, starts it again, and sees the inventory arrive whole, once.
pub(crate) fn kill_server_while_uploading(product: &mut Product, asset: &str, change: impl FnOnce() -> Result<String>) -> Result<()> {
    let new_package = change()?;
    // The digest that goes first takes some hundred bytes, an inventory of more than a hundred packages thousands.
    product.proxy.hold_after(1_500);
    product.fettle(&["assets", "scan", asset])?;
    let proxy = &product.proxy;
    shell::wait_for("the upload to be half sent", Duration::from_secs(60), || Ok(proxy.holds().then_some(())))?;
    product.kill_server()?;
    product.proxy.cut();
    println!("  server killed in the middle of an upload");
    product.start_server()?;
    shell::wait_for("the inventory to arrive", PATIENCE, || {
        let packages = product.json(&["assets", "packages", asset])?;
        let found = items(&packages)?.iter().filter(|package| package["name"] == new_package.as_str()).count();
        match found {
            0 => Ok(None),
            1 => Ok(Some(())),
            more => bail!("{new_package} is listed {more} times"),
        }
    })
    .with_context(|| product.end_of_log("agent.log"))?;
    let assets = product.json(&["assets", "list"])?;
    ensure!(items(&assets)?.len() == 1, "the machine is listed {} times", items(&assets)?.len());
    Ok(())
}

/// The rows of a list, whether it came bare or as a page.
/// The rows of a list, with or without a page around them.
pub(crate) fn items(answer: &Value) -> Result<&Vec<Value>> {
    answer.as_array().or_else(|| answer["items"].as_array()).with_context(|| format!("not a list: {answer}"))
}
