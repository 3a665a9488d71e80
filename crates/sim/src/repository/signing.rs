//! The archive's key: GnuPG, with a home of its own that is gone afterwards.

use super::ArchiveError;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A key pair in a temporary home.
pub(super) struct Key {
    home: tempfile::TempDir,
}

const USER: &str = "archive@mirror.example";

impl Key {
    /// Makes a key.
    pub(super) fn make() -> Result<Self, ArchiveError> {
        // Short, because the agent's socket is inside and a socket's path may have 108 bytes only.
        let home = tempfile::Builder::new().prefix("fs").tempdir_in("/tmp");
        let home = home.map_err(|source| ArchiveError::File { action: "create", path: "/tmp".into(), source })?;
        let key = Self { home };
        key.gpg(&["--quick-generate-key", USER, "ed25519", "sign", "never"], "")?;
        Ok(key)
    }

    /// The public key as an armoured keyring.
    pub(super) fn armoured(&self) -> Result<String, ArchiveError> {
        self.gpg(&["--armor", "--export", USER], "")
    }

    /// A text with its signature around it, as `InRelease` has it.
    pub(super) fn sign_clear(&self, text: &str) -> Result<String, ArchiveError> {
        self.gpg(&["--local-user", USER, "--clear-sign"], text)
    }

    fn gpg(&self, arguments: &[&str], input: &str) -> Result<String, ArchiveError> {
        let failed = |why: String| ArchiveError::Signing { why };
        let mut child = gpg(self.home.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(format!("gpg could not be started: {error}; install the package gnupg")))?;
        // An index' Release file is a few kilobytes: it fits the pipe, so writing it whole cannot wait for reading.
        let written = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        written.transpose().map_err(|error| failed(error.to_string()))?;
        String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // gpg leaves an agent behind; it would also end by itself once its home is gone.
        let ended = Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "all"]).status();
        if let Err(error) = ended {
            tracing::debug!(%error, "gpg's agent could not be told to end");
        }
    }
}

fn gpg(home: &Path) -> Command {
    let mut command = Command::new("gpg");
    command.arg("--homedir").arg(home).args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpgv_accepts_what_was_signed_and_nothing_else() {
        let (key, other) = (Key::make().expect("a key"), Key::make().expect("a key"));
        let signed = key.sign_clear("Origin: Debian\n- a line\n").expect("signed");
        assert!(accepted(&key, &signed));
        assert!(!accepted(&other, &signed), "another key");
        assert!(!accepted(&key, &signed.replace("Debian", "Devil")), "another text");
    }

    fn accepted(key: &Key, signed: &str) -> bool {
        let keyring = key.home.path().join("public.gpg");
        key.gpg(&["--yes", "--output", &keyring.display().to_string(), "--export", USER], "").expect("exported");
        let file = key.home.path().join("signed");
        std::fs::write(&file, signed).expect("written");
        let gpgv = Command::new("gpgv").arg("--keyring").arg(&keyring).arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).status();
        gpgv.expect("gpgv is there").success()
    }
}
