//! Packages built with dpkg-deb, in a signed flat repository.

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A repository under construction.
pub(crate) struct Repository {
    folder: PathBuf,
    keys: tempfile::TempDir,
}

/// A package to build.
pub(crate) struct Build<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// Further lines of the control file, each with its newline.
    pub(crate) control: &'a str,
    /// Maintainer scripts, by name.
    pub(crate) scripts: &'a [(&'a str, &'a str)],
}

impl<'a> Build<'a> {
    pub(crate) fn new(name: &'a str, version: &'a str) -> Self {
        Self { name, version, control: "", scripts: &[] }
    }
}

/// Runs a program; its output when it succeeds.
pub(crate) fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?} failed: {out}{err}");
    out.into_owned()
}

impl Repository {
    /// An empty repository in `folder`, with a fresh signing key.
    pub(crate) fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("made");
        // gpg-agent's socket lives there: its path may not be long.
        let keys = tempfile::Builder::new().prefix("fk").tempdir_in("/tmp").expect("a folder");
        let repository = Self { folder: folder.to_owned(), keys };
        run(repository.gpg().args(["--passphrase", "", "--quick-gen-key", "Test <test@fettle.example>", "ed25519", "sign", "1d"]));
        run(repository.gpg().args(["--yes", "--output"]).arg(repository.keyring()).args(["--export", "Test"]));
        repository
    }

    fn gpg(&self) -> Command {
        let mut gpg = Command::new("gpg");
        gpg.env("GNUPGHOME", self.keys.path()).args(["--batch", "--quiet", "--pinentry-mode", "loopback"]);
        gpg
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.folder.join("key.gpg")
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Builds a package for all architectures with one small file in it, and adds it.
    pub(crate) fn add(&self, build: &Build<'_>) -> PathBuf {
        self.add_with_file(build, 0)
    }

    /// As [`Self::add`], with a further file of `bytes` zeros.
    pub(crate) fn add_with_file(&self, build: &Build<'_>, bytes: usize) -> PathBuf {
        let Build { name, version, control, scripts } = build;
        let scratch = tempfile::tempdir().expect("a folder");
        let tree = scratch.path();
        std::fs::create_dir_all(tree.join("DEBIAN")).expect("made");
        std::fs::create_dir_all(tree.join("usr/share").join(name)).expect("made");
        std::fs::write(tree.join("usr/share").join(name).join("version"), format!("{version}\n")).expect("written");
        if bytes > 0 {
            std::fs::write(tree.join("usr/share").join(name).join("zeros"), vec![0; bytes]).expect("written");
        }
        let size = if control.contains("Installed-Size") { "" } else { "Installed-Size: 10\n" };
        let text = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: Test <test@fettle.example>\n{size}{control}Description: a test package\n"
        );
        std::fs::write(tree.join("DEBIAN/control"), text).expect("written");
        for (script, body) in *scripts {
            let path = tree.join("DEBIAN").join(script);
            std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("written");
            run(Command::new("chmod").arg("0755").arg(&path));
        }
        let file = self.folder.join(format!("{name}_{}_all.deb", version.replace(':', "%3a")));
        run(Command::new("dpkg-deb").args(["-Zgzip", "--root-owner-group", "--build"]).arg(tree).arg(&file));
        file
    }

    /// Writes the index of all packages and signs it.
    pub(crate) fn publish(&self) {
        let mut index = String::new();
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&self.folder).expect("listed").map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "deb")) {
            let control = run(Command::new("dpkg-deb").arg("--field").arg(file));
            let bytes = std::fs::read(file).expect("read");
            let name = file.file_name().expect("a name").to_string_lossy();
            index.push_str(&format!("{control}Filename: ./{name}\nSize: {}\nSHA256: {}\n\n", bytes.len(), hex(&bytes)));
        }
        std::fs::write(self.folder.join("Packages"), &index).expect("written");
        let release = format!(
            "Origin: Test\nLabel: Test\nSuite: stable\nCodename: stable\nDate: {}\nArchitectures: all amd64 arm64\nSHA256:\n {} {} Packages\n",
            super::now().strftime("%a, %d %b %Y %H:%M:%S UTC"),
            hex(index.as_bytes()),
            index.len()
        );
        std::fs::write(self.folder.join("Release"), release).expect("written");
        run(self
            .gpg()
            .args(["--yes", "--passphrase", "", "--output"])
            .arg(self.folder.join("InRelease"))
            .arg("--clearsign")
            .arg(self.folder.join("Release")));
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").env("GNUPGHOME", self.keys.path()).args(["--kill", "all"]).status();
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}
