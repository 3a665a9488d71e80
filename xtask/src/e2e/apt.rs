//! apt and dpkg in a root of our own: the judges of what is missing and what is installed.

use crate::shell;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package tools, pointed at a root.
pub(crate) struct Apt {
    root: PathBuf,
    configuration: PathBuf,
}

impl Apt {
    /// Tools for `root`; their configuration goes to `scratch`.
    pub(crate) fn new(root: &Path, scratch: &Path) -> Result<Self> {
        let configuration = scratch.join("apt.conf");
        let shown = root.display();
        let text = format!(
            "Dir \"{shown}/\";\nDir::State::status \"{shown}/var/lib/dpkg/status\";\nDir::Log \"{shown}/var/log/apt\";\n\
             DPkg::Options {{ \"--root={shown}\"; }};\nAPT::Sandbox::User \"root\";\n"
        );
        std::fs::write(&configuration, text).with_context(|| format!("could not write {}", configuration.display()))?;
        // dpkg's own log does not follow --root, and the log of this machine is not for a test.
        let parts = root.join("etc/apt/apt.conf.d");
        std::fs::create_dir_all(&parts).with_context(|| format!("could not make {}", parts.display()))?;
        std::fs::write(parts.join("60log"), format!("DPkg::Options {{ \"--log={shown}/var/log/dpkg.log\"; }};\n"))?;
        Ok(Self { root: root.to_owned(), configuration })
    }

    /// Fetches the indexes of the root's sources.
    pub(crate) fn update(&self) -> Result<()> {
        shell::output(self.command("apt-get").args(["-qq", "update"])).map(drop)
    }

    /// Installs something by hand.
    pub(crate) fn install(&self, what: &[&str]) -> Result<()> {
        shell::output(self.command("apt-get").args(["-qq", "-y", "install"]).args(what)).map(drop)
    }

    /// What `apt-get -s upgrade` would bring: package with architecture → version.
    pub(crate) fn upgrade(&self) -> Result<BTreeMap<String, String>> {
        Ok(upgrades(&shell::output(&mut self.simulation())?))
    }

    /// `apt-get -s upgrade`, to be run.
    pub(crate) fn simulation(&self) -> Command {
        let mut command = self.command("apt-get");
        command.args(["-s", "upgrade"]);
        command
    }

    /// What `apt-get -s dist-upgrade` would bring to packages that are installed. Those that `upgrade` leaves
    /// out are kept back, because they need packages that are not installed.
    pub(crate) fn full_upgrade(&self) -> Result<BTreeMap<String, String>> {
        Ok(upgrades(&shell::output(self.command("apt-get").args(["-s", "dist-upgrade"]))?))
    }

    /// Names of packages marked to be kept as they are.
    pub(crate) fn held(&self) -> Result<BTreeSet<String>> {
        Ok(shell::output(self.command("apt-mark").arg("showhold"))?.lines().map(str::to_owned).collect())
    }

    /// Marks a package to be kept as it is, or not any more.
    pub(crate) fn hold(&self, package: &str, held: bool) -> Result<()> {
        shell::output(self.command("apt-mark").args([if held { "hold" } else { "unhold" }, package])).map(drop)
    }

    /// The version of an installed package, as `dpkg -s` says.
    pub(crate) fn installed(&self, package: &str) -> Result<String> {
        let admin = format!("--admindir={}/var/lib/dpkg", self.root.display());
        let text = shell::output(&mut shell::command("dpkg", &[&admin, "-s", package]))?;
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap_or_default().to_owned();
        anyhow::ensure!(
            field("Status:") == "install ok installed" || field("Status:") == "hold ok installed",
            "{package}: {}",
            field("Status:")
        );
        Ok(field("Version:"))
    }

    /// How often dpkg began to unpack `package` at `version`, from its log.
    pub(crate) fn times_unpacked(&self, package: &str, version: &str) -> Result<usize> {
        let path = self.root.join("var/log/dpkg.log");
        let log = std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let wanted = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().skip(2).collect();
            matches!(words.as_slice(), ["upgrade" | "install", name, _, new] if name.split(':').next() == Some(package) && *new == version)
        };
        Ok(log.lines().filter(wanted).count())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = shell::command(program, &[]);
        command.env("APT_CONFIG", &self.configuration).env("LC_ALL", "C").env("DEBIAN_FRONTEND", "noninteractive");
        command
    }
}

/// Reads the lines `Inst name [old] (new origin [arch])` of a simulation; new packages have no `[old]`.
fn upgrades(simulation: &str) -> BTreeMap<String, String> {
    let read = |line: &str| {
        let rest = line.strip_prefix("Inst ")?;
        let (name, rest) = rest.split_once(' ')?;
        rest.strip_prefix('[')?;
        let (_, rest) = rest.split_once(" (")?;
        let version = rest.split_whitespace().next()?;
        Some((name.to_owned(), version.to_owned()))
    };
    simulation.lines().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn upgrades_are_read_and_new_packages_are_not() {
        let text = "Inst openssl [3.0.11-1] (3.0.15-1 Debian-Security:12/stable-security [amd64]) []\nInst new (1.0 Debian [amd64])\nConf openssl (3.0.15-1 x)\n";
        let read = super::upgrades(text);
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [("openssl".to_owned(), "3.0.15-1".to_owned())]);
    }
}
