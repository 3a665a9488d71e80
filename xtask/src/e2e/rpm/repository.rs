//! A repository of packages made here, with advisories. No network, no real distribution.

use crate::shell;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A package to build: name, `[epoch:]version-release`, architecture.
pub(super) type Built<'a> = (&'a str, &'a str, &'a str);

/// An advisory: id, severity, and the packages that fix it.
pub(super) type Advisory<'a> = (&'a str, &'a str, &'a [Built<'a>]);

/// A repository below a folder.
pub(super) struct Repository {
    folder: PathBuf,
    work: PathBuf,
}

impl Repository {
    /// An empty one in `folder`; `work` is where packages are built.
    pub(super) fn make(folder: &Path, work: &Path) -> Result<Self> {
        for path in [folder, work] {
            std::fs::create_dir_all(path).with_context(|| format!("could not make {}", path.display()))?;
        }
        Ok(Self { folder: folder.to_owned(), work: work.to_owned() })
    }

    /// Where it is.
    pub(super) fn uri(&self) -> String {
        format!("file://{}", self.folder.display())
    }

    /// Builds a package without files into it.
    pub(super) fn add(&self, package: Built<'_>) -> Result<()> {
        let (name, _, architecture) = package;
        let (epoch, version, release) = parts(package)?;
        let mut text = format!("Name: {name}\nVersion: {version}\nRelease: {release}\nSummary: {name}\nLicense: MIT\n");
        if epoch != "0" {
            writeln!(text, "Epoch: {epoch}")?;
        }
        // What makes dnf keep several beside each other.
        if name == "kernel-core" {
            text.push_str("Provides: installonlypkg(kernel)\n");
        }
        text.push_str("%description\nMade for a test.\n%files\n");
        let spec = self.work.join("package.spec");
        std::fs::write(&spec, text)?;
        let defined = |name: &str, path: &Path| format!("{name} {}", path.display());
        let (top, packages) = (defined("_topdir", &self.work), defined("_rpmdir", &self.folder));
        let mut build = shell::command("rpmbuild", &["-bb", "--target", architecture, "--define", &top, "--define", &packages]);
        shell::output(build.arg(&spec)).map(drop).with_context(|| format!("could not build {name}"))
    }

    /// Writes its metadata.
    pub(super) fn publish(&self, advisories: &[Advisory<'_>]) -> Result<()> {
        let folder = self.folder.display().to_string();
        shell::run_quietly("createrepo_c", &["--quiet", &folder])?;
        let path = self.work.join("updateinfo.xml");
        std::fs::write(&path, updateinfo(advisories)?)?;
        let data = self.folder.join("repodata").display().to_string();
        shell::run_quietly("modifyrepo_c", &[&path.display().to_string(), &data])
    }
}

/// Epoch, version and release.
fn parts<'a>((name, evr, _): Built<'a>) -> Result<(&'a str, &'a str, &'a str)> {
    let (epoch, rest) = evr.split_once(':').unwrap_or(("0", evr));
    let (version, release) = rest.split_once('-').with_context(|| format!("{name} has no release: {evr}"))?;
    Ok((epoch, version, release))
}

fn updateinfo(advisories: &[Advisory<'_>]) -> Result<String> {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n".to_owned();
    for (id, severity, packages) in advisories {
        let kind = if severity.is_empty() { "bugfix" } else { "security" };
        write!(
            text,
            "<update from=\"security@fettle.example\" status=\"final\" type=\"{kind}\" version=\"1\"><id>{id}</id><title>{id}</title>\
             <issued date=\"2026-11-20 00:00:00\"/><updated date=\"2026-11-20 00:00:00\"/><severity>{severity}</severity>\
             <description>Made for a test.</description><references><reference href=\"https://fettle.example/CVE-2026-90001\" \
             id=\"CVE-2026-90001\" type=\"cve\" title=\"CVE-2026-90001\"/></references><pkglist><collection short=\"acme\"><name>acme</name>"
        )?;
        for &package in *packages {
            let (name, _, architecture) = package;
            let (epoch, version, release) = parts(package)?;
            write!(
                text,
                "<package name=\"{name}\" version=\"{version}\" release=\"{release}\" epoch=\"{epoch}\" arch=\"{architecture}\" \
                 src=\"{name}-{version}-{release}.src.rpm\"><filename>{name}-{version}-{release}.{architecture}.rpm</filename></package>"
            )?;
        }
        text.push_str("</collection></pkglist></update>\n");
    }
    text.push_str("</updates>\n");
    Ok(text)
}
