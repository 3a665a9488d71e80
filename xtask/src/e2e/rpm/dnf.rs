//! dnf in a root of our own: the judge of what is installed.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package: name, architecture, `[epoch:]version-release` without an epoch of 0.
pub(super) type Listed = (String, String, String);

/// dnf, pointed at a root.
pub(super) struct Dnf {
    root: PathBuf,
    scratch: PathBuf,
}

impl Dnf {
    /// Makes a root that says it is Enterprise Linux 9, keeps `excluded` as they are, and takes packages from `uri`.
    pub(super) fn make(root: &Path, scratch: &Path, uri: &str, excluded: &str) -> Result<Self> {
        let write = |path: &str, text: &str| -> Result<()> {
            let path = root.join(path);
            let folder = path.parent().context("a file has a folder")?;
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&path, text))
                .with_context(|| format!("could not write {}", path.display()))
        };
        write("etc/os-release", "ID=\"rhel\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.4\"\nPRETTY_NAME=\"Forged Enterprise Linux 9.4\"\n")?;
        write("etc/machine-id", "0123456789abcdef0123456789abcdef\n")?;
        write("etc/hostname", "rpm-root\n")?;
        let settings = format!("[main]\ngpgcheck=0\ninstallonly_limit=3\nexclude={excluded}\n");
        write("etc/dnf/dnf.conf", &settings)?;
        let repository = format!("[acme]\nname=acme\nbaseurl={uri}\nenabled=1\ngpgcheck=0\nmetadata_expire=0\n");
        let sources = scratch.join("repos");
        std::fs::create_dir_all(&sources)?;
        std::fs::write(sources.join("acme.repo"), repository)?;
        // Debian's rpm keeps its database in the home folder; other distributions do not.
        std::fs::write(scratch.join(".rpmmacros"), "%_dbpath /var/lib/rpm\n")?;
        Ok(Self { root: root.to_owned(), scratch: scratch.to_owned() })
    }

    /// Carries out `install`, `upgrade` and the like.
    pub(super) fn change(&self, arguments: &[&str]) -> Result<()> {
        shell::output(self.command().args(["-y"]).args(arguments)).map(drop)
    }

    /// What `dnf check-update` lists; also what is excluded when `all`.
    pub(super) fn updates(&self, all: bool) -> Result<BTreeSet<Listed>> {
        let output = self.asked(all).arg("check-update").output().context("could not start dnf")?;
        // 100 says that there are updates.
        if !matches!(output.status.code(), Some(0 | 100)) {
            bail!("dnf check-update ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().take_while(|line| !line.starts_with("Obsoleting")).filter(|line| !line.trim().is_empty()).map(read_update).collect()
    }

    /// Ids of the advisories that are open, by `dnf updateinfo list`; also those of what is excluded when `all`.
    pub(super) fn advisories(&self, all: bool) -> Result<BTreeSet<String>> {
        let text = shell::output(self.asked(all).args(["updateinfo", "list", "--updates"]))?;
        Ok(text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
    }

    /// What is installed.
    pub(super) fn installed(&self) -> Result<BTreeSet<Listed>> {
        let format = "%{name} %{arch} %{epoch}:%{version}-%{release}";
        let text = shell::output(self.asked(true).args(["repoquery", "--installed", "--qf", format]))?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                [name, architecture, evr] => Ok(listed(name, architecture, evr)),
                _ => bail!("dnf repoquery wrote {line:?}"),
            })
            .collect()
    }

    /// A question, about what is excluded too when `all`.
    fn asked(&self, all: bool) -> Command {
        let mut command = self.command();
        command.args(all.then_some("--disableexcludes=all"));
        command
    }

    fn command(&self) -> Command {
        let mut command = shell::command("dnf", &["-q", "--releasever=9", "--forcearch=x86_64", "--setopt=install_weak_deps=0"]);
        command.arg(format!("--installroot={}", self.root.display()));
        command.arg(format!("--setopt=reposdir={}", self.scratch.join("repos").display()));
        command.arg(format!("--setopt=cachedir={}", self.scratch.join("cache").display()));
        command.env("HOME", &self.scratch).env("LC_ALL", "C").env("COLUMNS", "400");
        command
    }
}

fn read_update(line: &str) -> Result<Listed> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let &[package, evr, _repository] = words.as_slice() else { bail!("dnf check-update wrote {line:?}") };
    let (name, architecture) = package.rsplit_once('.').with_context(|| format!("{package} has no architecture"))?;
    Ok(listed(name, architecture, evr))
}

/// A package in the form that lists are compared in.
pub(super) fn listed(name: &str, architecture: &str, evr: &str) -> Listed {
    (name.to_owned(), architecture.to_owned(), evr.strip_prefix("0:").unwrap_or(evr).to_owned())
}
