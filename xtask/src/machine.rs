//! What the machine must have: Debian packages and npm packages, installed when they are absent.

use crate::shell;
use anyhow::{Result, bail};
use std::path::Path;

/// A program, the file that proves it is there, and the Debian package that brings it.
struct Need {
    proof: &'static str,
    package: &'static str,
}

/// What building and running needs.
const FOR_RUN: &[Need] = &[Need { proof: "/usr/bin/gpgv", package: "gpgv" }, Need { proof: "/usr/bin/cc", package: "build-essential" }];

/// What the tests need on top of that.
const FOR_TEST: &[Need] = &[
    Need { proof: "/usr/bin/gpg", package: "gnupg" },
    Need { proof: "/usr/bin/dpkg-deb", package: "dpkg" },
    Need { proof: "/usr/bin/apt-ftparchive", package: "apt-utils" },
    Need { proof: "/usr/bin/xz", package: "xz-utils" },
    Need { proof: "/usr/bin/chromium", package: "chromium" },
    Need { proof: "/usr/share/postgresql-common/pg_wrapper", package: "postgresql" },
];

/// What `e2e debian` needs on top of that.
const FOR_DEBIAN: &[Need] = &[
    Need { proof: "/usr/bin/mmdebstrap", package: "mmdebstrap" },
    Need { proof: "/usr/share/keyrings/debian-archive-keyring.gpg", package: "debian-archive-keyring" },
];

/// What `e2e rpm` needs on top of running.
const FOR_RPM: &[Need] = &[
    Need { proof: "/usr/bin/rpmbuild", package: "rpm" },
    Need { proof: "/usr/bin/dnf", package: "dnf" },
    Need { proof: "/usr/bin/createrepo_c", package: "createrepo-c" },
];

/// Installs what running needs.
pub(crate) fn prepare_run() -> Result<()> {
    install(FOR_RUN)
}

/// Installs what the demonstration needs: its archive is signed by gpg.
pub(crate) fn prepare_demo() -> Result<()> {
    install(&[Need { proof: "/usr/bin/gpg", package: "gnupg" }])
}

/// Installs what the tests need.
pub(crate) fn prepare_test() -> Result<()> {
    install(FOR_RUN)?;
    install(FOR_TEST)
}

/// Installs what measuring under load needs.
pub(crate) fn prepare_load() -> Result<()> {
    install(FOR_RUN)?;
    install(&[Need { proof: "/usr/bin/wrk", package: "wrk" }])
}

/// Installs what measuring assessment needs: the tools it is compared with, and what an archive is made with.
pub(crate) fn prepare_assess() -> Result<()> {
    install(FOR_RUN)?;
    install(&[
        Need { proof: "/usr/bin/gpg", package: "gnupg" },
        Need { proof: "/usr/bin/apt-ftparchive", package: "apt-utils" },
        Need { proof: "/usr/bin/xz", package: "xz-utils" },
        Need { proof: "/usr/bin/debsecan", package: "debsecan" },
    ])
}

/// Installs what `e2e debian` needs.
pub(crate) fn prepare_debian() -> Result<()> {
    prepare_test()?;
    install(FOR_DEBIAN)
}

/// Installs what `e2e rpm` needs.
pub(crate) fn prepare_rpm() -> Result<()> {
    install(FOR_RUN)?;
    install(FOR_RPM)
}

fn install(needs: &[Need]) -> Result<()> {
    let absent: Vec<&str> = needs.iter().filter(|need| !Path::new(need.proof).exists()).map(|need| need.package).collect();
    if absent.is_empty() {
        return Ok(());
    }
    if !is_root()? {
        bail!("these Debian packages are needed; install them and start again: apt-get install {}", absent.join(" "));
    }
    eprintln!("Installing {}", absent.join(", "));
    shell::run(apt().args(["update", "-qq"]))?;
    shell::run(apt().args(["install", "-qq", "-y", "--no-install-recommends"]).args(&absent))
}

fn apt() -> std::process::Command {
    let mut apt = shell::command("apt-get", &[]);
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

/// Whether this process may change the machine.
pub(crate) fn is_root() -> Result<bool> {
    Ok(shell::output(&mut shell::command("id", &["-u"]))?.trim() == "0")
}

/// Installs the console's npm packages exactly as locked, when they changed, and builds it into `web/dist`.
pub(crate) fn build_console() -> Result<()> {
    let web = shell::root().join("web");
    let installed = web.join("node_modules/.package-lock.json");
    if newer(&web.join("package-lock.json"), &installed)? {
        shell::run(npm().args(["ci", "--no-audit", "--no-fund"]))?;
    }
    let page = web.join("dist/index.html");
    if newest_source(&web)?.is_none_or(|source| modified(&page).is_none_or(|built| source > built)) {
        shell::run(npm().args(["run", "--silent", "build"]))?;
    }
    Ok(())
}

/// npm in the console's folder.
pub(crate) fn npm() -> std::process::Command {
    let mut npm = shell::command("npm", &[]);
    npm.current_dir(shell::root().join("web"));
    npm
}

fn newer(a: &Path, b: &Path) -> Result<bool> {
    if !a.exists() {
        bail!("{} is missing from the checkout", a.display());
    }
    Ok(modified(a) > modified(b))
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

/// The latest change of what the console is built from.
fn newest_source(web: &Path) -> Result<Option<std::time::SystemTime>> {
    let mut newest = None;
    let mut folders = vec![web.join("src"), web.join("public")];
    let files = ["package-lock.json", "index.html", "vite.config.ts", "tsconfig.json"].map(|name| web.join(name));
    newest = newest.max(files.iter().filter_map(|file| modified(file)).max());
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                newest = newest.max(modified(&path));
            }
        }
    }
    Ok(newest)
}
