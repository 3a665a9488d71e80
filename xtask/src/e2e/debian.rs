//! The whole way on a real Debian bookworm root with the real security repository. Needs the network.

use super::apt::Apt;
use super::product::Product;
use super::scenario::{self, MissingPatch};
use crate::{machine, shell};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Options of `cargo xtask e2e debian`.
#[derive(clap::Args, Clone)]
pub(crate) struct Options {
    /// Archive of Debian; the machine's own when left out.
    #[arg(long)]
    mirror: Option<String>,
    /// Archive of Debian's security updates; the machine's own when left out.
    #[arg(long)]
    security_mirror: Option<String>,
    /// The security tracker's DSA list, as a URL or a file; without it updates have no advisory names.
    #[arg(long)]
    advisories: Option<String>,
    /// Packages the root gets besides the minimal system.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "openssl,curl,ca-certificates,tzdata,xz-utils,nginx-light,python3-minimal,vim-tiny,sudo,rsync"
    )]
    include: Vec<String>,
}

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// What everything else on the machine stands on; a test that deploys two patches picks others.
const FOUNDATION: &[&str] = &["libc6", "libc-bin", "dpkg", "apt", "libapt-pkg6.0", "perl-base", "bash", "base-files", "coreutils"];

/// Runs it.
pub(super) fn run(options: &Options) -> Result<()> {
    machine::prepare_debian()?;
    let begun = Instant::now();
    shell::build_programs()?;
    let figures = super::in_scratch(|scratch| scene(options, scratch))?;
    println!("RESULT e2e-debian {figures} seconds={:.0}", begun.elapsed().as_secs_f64());
    Ok(())
}

fn scene(options: &Options, scratch: &Path) -> Result<String> {
    let (main, security) = archives(options)?;
    let root = make_root(options, scratch, &main, &security)?;
    let apt = Apt::new(&root, scratch)?;
    apt.update()?;

    let mut product = Product::start(scratch, &root)?;
    product.fettle(&["feeds", "add", "--from", &feed(options, scratch, &main, &security)?])?;
    product.fettle(&["catalog", "sync"])?;
    product.enrol("debian")?;
    product.start_agent()?;
    let asset = scenario::scanned_asset(&product)?;
    let missing = scenario::missing(&product, &asset)?;
    let compared = scenario::compare_with_apt(&missing, &apt)?;

    let chosen = choose(&missing, &compared.explained.keys().cloned().collect::<Vec<_>>());
    ensure!(chosen.len() >= 3, "the root misses too little for this test: add packages with --include");
    println!("deploying {} and {}", chosen[0].id, chosen[1].id);
    scenario::carry_out(&product, "install", &asset, &chosen[..2])?;
    scenario::expect_versions(&apt, &chosen[..2])?;
    let installed = scenario::installed(&product, &asset)?;
    ensure!(chosen[..2].iter().all(|patch| installed.contains(&patch.id)), "the scan shows {installed:?}");

    let before: Vec<(String, String)> =
        chosen[0].packages.keys().map(|name| Ok((name.clone(), apt.installed(name)?))).collect::<Result<_>>()?;
    println!("taking back {}", chosen[0].id);
    scenario::carry_out(&product, "uninstall", &asset, &chosen[..1])?;
    for (name, fixed) in &before {
        let now = apt.installed(name)?;
        println!("  dpkg -s {name}: {now}");
        ensure!(&now != fixed, "{name} is still at {fixed}");
    }

    let works = format!("dpkg .*--root={}", root.display());
    let in_the_middle = || Ok(shell::run_quietly("pgrep", &["--full", "--", &works]).is_ok());
    scenario::kill_agent_while_installing(&mut product, &apt, &asset, chosen[2], in_the_middle, || Ok(()))?;
    scenario::kill_server_while_uploading(&mut product, &asset, || {
        apt.install(&["hello"])?;
        Ok("hello".to_owned())
    })?;
    product.stop()?;
    Ok(format!(
        "missing={} explained={} unexplained=0 deployed=2 uninstalled=1 agent_kills=1 server_kills=1",
        compared.packages,
        compared.explained.len()
    ))
}

/// Latest patches that can be taken back and that nothing else stands on, fewest packages first.
fn choose<'a>(missing: &'a [MissingPatch], kept_back: &[String]) -> Vec<&'a MissingPatch> {
    let fine = |patch: &&MissingPatch| {
        let names = || patch.packages.keys();
        patch.latest && patch.rollback && !names().any(|name| FOUNDATION.contains(&name.as_str()) || kept_back.contains(name))
    };
    let mut chosen: Vec<&MissingPatch> = missing.iter().filter(fine).collect();
    chosen.sort_by_key(|patch| (patch.packages.len(), patch.id.clone()));
    chosen
}

/// The plain release without security updates, then the security source added.
fn make_root(options: &Options, scratch: &Path, main: &str, security: &str) -> Result<PathBuf> {
    let root = scratch.join("root");
    let include = format!("--include={}", options.include.join(","));
    let line = format!("deb [signed-by={KEYRING}] {main} bookworm main");
    // Services of the root must not start on this machine.
    let quiet = "--essential-hook=printf '#!/bin/sh\\nexit 101\\n' > \"$1/usr/sbin/policy-rc.d\" && chmod 755 \"$1/usr/sbin/policy-rc.d\"";
    shell::run(&mut shell::command(
        "mmdebstrap",
        &["--quiet", "--variant=minbase", &include, quiet, "bookworm", &root.display().to_string(), &line],
    ))?;
    std::fs::write(root.join("etc/apt/sources.list"), format!("{line}\ndeb [signed-by={KEYRING}] {security} bookworm-security main\n"))?;
    std::fs::write(root.join("etc/hostname"), "web01\n")?;
    std::fs::write(root.join("etc/machine-id"), "fedcba9876543210fedcba9876543210\n")?;
    Ok(root)
}

fn feed(options: &Options, scratch: &Path, main: &str, security: &str) -> Result<String> {
    let source = |uri: &str, suite: &str| json!({"uri": uri, "suite": suite, "components": ["main"], "keyring": KEYRING});
    let mut config = json!({
        "kind": "debian",
        "release": "debian/bookworm",
        "sources": [source(main, "bookworm"), source(security, "bookworm-security")],
        "architectures": ["amd64"],
    });
    if let Some(advisories) = &options.advisories {
        let location =
            if advisories.contains("://") { advisories.clone() } else { format!("file://{}", std::path::absolute(advisories)?.display()) };
        config["advisories"] = json!([location]);
    }
    let path = scratch.join("feed.json");
    std::fs::write(&path, json!({"name": "Debian bookworm", "config": config}).to_string())?;
    Ok(path.display().to_string())
}

/// The archives of Debian and of its security updates: as told, else those the machine's own apt uses.
fn archives(options: &Options) -> Result<(String, String)> {
    let listed =
        shell::output(&mut shell::command("apt-get", &["indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"]))?;
    let find = |wanted: &dyn Fn(&str) -> bool| {
        listed
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(release, uri)| wanted(release) && uri.contains("debian"))
            .map(|(_, uri)| uri.to_owned())
    };
    let is_security = |release: &str| release.ends_with("-security");
    let plain = |release: &str| !release.contains('-') || release.ends_with("-updates");
    let main =
        options.mirror.clone().or_else(|| find(&plain)).context("this machine's apt has no Debian archive; name one with --mirror")?;
    let security = options
        .security_mirror
        .clone()
        .or_else(|| find(&is_security))
        .context("this machine's apt has no security archive; name one with --security-mirror")?;
    Ok((main, security))
}
