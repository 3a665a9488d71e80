//! A signed archive with packages made here, and a bare root that uses it. No network, no real Debian.

use crate::shell;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package to build.
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// Shell text of its `preinst`, if it has one.
    pub(crate) before: Option<&'a str>,
}

/// An archive below a folder, signed by a key of its own.
pub(crate) struct Archive {
    folder: PathBuf,
    keys: PathBuf,
}

const SIGNER: &str = "archive@fettle.example";

impl Archive {
    /// An empty archive and its signing key.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        let keys = folder.join("keys");
        std::fs::create_dir_all(&keys)?;
        shell::run_quietly("chmod", &["700", &keys.display().to_string()])?;
        let archive = Self { folder: folder.to_owned(), keys };
        shell::output(archive.gpg().args(["--quick-generate-key", SIGNER, "ed25519", "sign", "never"]))?;
        shell::output(archive.gpg().args(["--export", "--output"]).arg(archive.keyring()).arg(SIGNER))?;
        Ok(archive)
    }

    /// The public key, as apt and the server want it.
    pub(crate) fn keyring(&self) -> PathBuf {
        self.folder.join("archive-keyring.gpg")
    }

    /// The public key as text.
    pub(crate) fn armoured_key(&self) -> Result<String> {
        shell::output(self.gpg().args(["--armor", "--export", SIGNER]))
    }

    /// Where apt finds it.
    pub(crate) fn uri(&self) -> String {
        format!("file://{}", self.folder.display())
    }

    /// Builds a package into `suite`.
    pub(crate) fn add(&self, suite: &str, package: &Package<'_>) -> Result<()> {
        let work = self.folder.join("build").join(package.name);
        let control = work.join("DEBIAN");
        let document = work.join("usr/share/doc").join(package.name);
        std::fs::create_dir_all(&control)?;
        std::fs::create_dir_all(&document)?;
        std::fs::write(document.join("version"), package.version)?;
        let text = format!(
            "Package: {}\nVersion: {}\nArchitecture: all\nMaintainer: Fettle tests <{SIGNER}>\nDescription: made by a test\n",
            package.name, package.version
        );
        std::fs::write(control.join("control"), text)?;
        if let Some(script) = package.before {
            let path = control.join("preinst");
            std::fs::write(&path, format!("#!/bin/sh\nset -e\n{script}\n"))?;
            shell::run_quietly("chmod", &["755", &path.display().to_string()])?;
        }
        let pool = self.folder.join("pool").join(suite);
        std::fs::create_dir_all(&pool)?;
        let file = pool.join(format!("{}_{}_all.deb", package.name, package.version));
        shell::output(Command::new("dpkg-deb").args(["--root-owner-group", "-Zxz", "--build"]).args([&work, &file]))?;
        std::fs::remove_dir_all(&work)?;
        Ok(())
    }

    /// Writes and signs the indexes of `suite`.
    pub(crate) fn publish(&self, suite: &str) -> Result<()> {
        let index = self.scan(&["packages", &format!("pool/{suite}")])?;
        self.publish_index(suite, &index)
    }

    fn scan(&self, arguments: &[&str]) -> Result<String> {
        shell::output(Command::new("apt-ftparchive").args(arguments).current_dir(&self.folder))
    }

    /// Publishes an index of packages that need not be there, signed.
    pub(crate) fn publish_index(&self, suite: &str, index: &str) -> Result<()> {
        let dist = self.folder.join("dists").join(suite);
        let binary = dist.join("main/binary-amd64");
        std::fs::create_dir_all(&binary)?;
        std::fs::write(binary.join("Packages"), index)?;
        shell::output(Command::new("xz").args(["--keep", "--force"]).arg(binary.join("Packages")))?;
        let codename = suite.split('-').next().unwrap_or(suite);
        let mut arguments = vec!["release".to_owned()];
        for (name, value) in [
            ("Origin", "Debian"),
            ("Label", "Debian"),
            ("Suite", suite),
            ("Codename", suite),
            ("Architectures", "amd64"),
            ("Components", "main"),
        ] {
            arguments.extend(["-o".to_owned(), format!("APT::FTPArchive::Release::{name}={value}")]);
        }
        arguments.extend(["-o".to_owned(), format!("APT::FTPArchive::Release::Description=for {codename}"), format!("dists/{suite}")]);
        let release = self.scan(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
        std::fs::write(dist.join("Release"), release)?;
        let signed = dist.join("InRelease");
        shell::output(
            self.gpg().args(["--yes", "--local-user", SIGNER, "--clear-sign", "--output"]).arg(&signed).arg(dist.join("Release")),
        )?;
        Ok(())
    }

    fn gpg(&self) -> Command {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir").arg(&self.keys).args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]);
        gpg
    }
}

/// Packages that a bare root has from the start and that no archive carries.
pub(crate) enum Packages {
    /// Made up, so many.
    Made(usize),
    /// Those of this machine's own dpkg, at most so many: for measuring real sizes.
    OfThisMachine(usize),
}

impl Packages {
    /// The text of dpkg's status file, and the names in it.
    fn status(&self) -> Result<(String, Vec<String>)> {
        let text = match *self {
            Self::Made(count) => (0..count).map(made).collect::<Vec<_>>().join("\n"),
            Self::OfThisMachine(count) => {
                let text = std::fs::read_to_string("/var/lib/dpkg/status").context("could not read this machine's dpkg status")?;
                let installed = text.split("\n\n").filter(|stanza| stanza.contains("\nStatus: install ok installed\n"));
                installed.take(count).map(|stanza| format!("{}\n", stanza.trim())).collect::<Vec<_>>().join("\n")
            }
        };
        let names = text.lines().filter_map(|line| line.strip_prefix("Package: ")).map(str::to_owned).collect();
        Ok((text, names))
    }
}

fn made(number: usize) -> String {
    let version = format!("{}.{}-{}", number % 7, number % 31, 1 + number % 3);
    format!(
        "Package: filler-{number:04}\nStatus: install ok installed\nMaintainer: x <x@fettle.example>\nArchitecture: all\nVersion: {version}\n\
         Description: fills\n"
    )
}

/// Makes a bare root: a dpkg database, the sources of `archive`, an os-release of Debian bookworm. Returns how many
/// packages it has.
pub(crate) fn bare_root(root: &Path, archive: &Archive, suites: &[&str], packages: &Packages) -> Result<usize> {
    for folder in [
        "var/lib/dpkg/info",
        "var/lib/dpkg/updates",
        "var/lib/dpkg/triggers",
        "var/lib/apt/lists/partial",
        "var/cache/apt/archives/partial",
        "var/log/apt",
        "etc/apt/apt.conf.d",
        "etc/apt/preferences.d",
        "etc/apt/sources.list.d",
        "etc/apt/trusted.gpg.d",
        "etc/dpkg/dpkg.cfg.d",
    ] {
        std::fs::create_dir_all(root.join(folder)).with_context(|| format!("could not make {folder}"))?;
    }
    let (status, names) = packages.status()?;
    std::fs::write(root.join("var/lib/dpkg/status"), status)?;
    std::fs::write(root.join("var/lib/dpkg/available"), "")?;
    for name in &names {
        std::fs::write(root.join(format!("var/lib/dpkg/info/{name}.list")), "/.\n")?;
    }
    // Nothing that a maintainer script could be run with is in this root, so scripts run outside of it.
    std::fs::write(root.join("etc/apt/apt.conf.d/50scripts"), "DPkg::Options { \"--force-script-chrootless\"; };\n")?;
    let mut sources = String::new();
    for suite in suites {
        writeln!(sources, "deb [signed-by={}] {} {suite} main", archive.keyring().display(), archive.uri())?;
    }
    std::fs::write(root.join("etc/apt/sources.list"), sources)?;
    std::fs::write(
        root.join("etc/os-release"),
        "ID=debian\nNAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n",
    )?;
    std::fs::write(root.join("etc/machine-id"), "0123456789abcdef0123456789abcdef\n")?;
    std::fs::write(root.join("etc/hostname"), "twin\n")?;
    Ok(names.len())
}
