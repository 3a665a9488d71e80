//! A bare machine: a folder with dpkg's and apt's state, and nothing installed.

use super::repository::{Build, Repository, run};
use fettle_agent::platform::debian::{Debian, Limits};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A root with a repository it trusts.
pub(crate) struct TestMachine {
    scratch: tempfile::TempDir,
    pub(crate) repository: Repository,
}

impl TestMachine {
    /// A machine whose repository has nothing yet.
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a folder");
        let repository = Repository::new(&scratch.path().join("repository"));
        let machine = Self { scratch, repository };
        for folder in [
            "boot",
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "etc/apt/sources.list.d",
            "etc/apt/trusted.gpg.d",
            "run",
            "tmp",
            "usr",
            "var/cache/apt/archives/partial",
            "var/lib/apt/lists/partial",
            "var/lib/dpkg/info",
            "var/lib/dpkg/triggers",
            "var/lib/dpkg/updates",
            "var/log/apt",
        ] {
            std::fs::create_dir_all(machine.root().join(folder)).expect("made");
        }
        machine.write("var/lib/dpkg/status", "");
        machine.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        machine.write("etc/hostname", "testbox\n");
        machine.write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Test GNU/Linux\"\n");
        let keyring = machine.repository.keyring();
        let source = format!("deb [signed-by={}] copy:{} ./\n", keyring.display(), machine.repository.folder().display());
        machine.write("etc/apt/sources.list", &source);
        // There is no shell in this root: scripts run outside, and find it in $DPKG_ROOT.
        machine.write("etc/apt/apt.conf.d/90test", "DPkg::Options:: \"--force-script-chrootless\";\n");
        machine
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    pub(crate) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.scratch.path().join("state")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    /// The real platform on this root.
    pub(crate) fn platform(&self) -> Debian {
        self.platform_with(Limits::default())
    }

    pub(crate) fn platform_with(&self, limits: Limits) -> Debian {
        Debian::new(&self.root(), &self.scratch.path().join("work"), limits).expect("usable")
    }

    /// dpkg on this root, as an administrator would call it.
    pub(crate) fn dpkg(&self) -> Command {
        let mut dpkg = Command::new("dpkg");
        dpkg.arg(format!("--root={}", self.root().display())).args(["--force-script-chrootless", "--log=/dev/null"]);
        dpkg
    }

    /// Installs a package behind the agent's back.
    pub(crate) fn install(&self, build: &Build<'_>) {
        let file = self.repository.add(build);
        run(self.dpkg().arg("--install").arg(file));
    }

    /// Marks a package hold.
    pub(crate) fn hold(&self, name: &str) {
        let script = "echo \"$2 hold\" | dpkg --root=\"$1\" --set-selections";
        run(Command::new("sh").args(["-c", script, "sh"]).arg(self.root()).arg(name));
    }

    /// `(version, status)` of a package, as dpkg states them.
    pub(crate) fn package(&self, name: &str) -> (String, String) {
        let admindir = format!("--admindir={}", self.root().join("var/lib/dpkg").display());
        let line = run(Command::new("dpkg-query").args([&admindir, "-W", "-f", "${Version} ${db:Status-Status}", name]));
        let (version, status) = line.split_once(' ').expect("two words");
        (version.to_owned(), status.to_owned())
    }

    pub(crate) fn version(&self, name: &str) -> String {
        self.package(name).0
    }
}

impl Drop for TestMachine {
    /// A failed test shows what its agent said.
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(log) = std::fs::read_to_string(self.scratch.path().join("agent.log"))
        {
            eprintln!("{log}");
        }
    }
}
