//! Keys that sign repositories of tests.

use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A key of its own, and the agent process that gpg starts for it.
pub(crate) struct Key {
    home: TempDir,
    faked_time: Option<&'static str>,
}

impl Key {
    pub(crate) fn new() -> Self {
        Self::generate(None, "never")
    }

    /// A key that expired years ago, and signs as if it were then.
    pub(crate) fn expired() -> Self {
        Self::generate(Some("20200101T000000!"), "1m")
    }

    fn generate(faked_time: Option<&'static str>, expiry: &str) -> Self {
        let key = Self { home: TempDir::new().expect("a folder"), faked_time };
        key.gpg(&["--passphrase", "", "--quick-gen-key", "Test <test@mirror.example>", "ed25519", "sign", expiry], b"");
        key
    }

    fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.home.path()).args(["--batch", "--quiet", "--pinentry-mode", "loopback"]);
        command.args(self.faked_time.iter().flat_map(|time| ["--faked-system-time", time]));
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("gpg runs; install the package gnupg");
        child.stdin.take().expect("a pipe").write_all(input).expect("gpg reads");
        let done = child.wait_with_output().expect("gpg ends");
        assert!(done.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }

    /// The public key, binary.
    pub(crate) fn public(&self) -> Vec<u8> {
        self.gpg(&["--export"], b"")
    }

    /// The public key, armoured.
    pub(crate) fn armoured(&self) -> String {
        String::from_utf8(self.gpg(&["--armor", "--export"], b"")).expect("text")
    }

    /// A text with its signature around it.
    pub(crate) fn clearsign(&self, text: &str) -> Vec<u8> {
        self.gpg(&["--clearsign", "--output", "-"], text.as_bytes())
    }

    /// The signature of a text.
    pub(crate) fn detached(&self, text: &str) -> Vec<u8> {
        self.gpg(&["--armor", "--detach-sign", "--output", "-"], text.as_bytes())
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let _ended = Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "gpg-agent"]).status();
    }
}
