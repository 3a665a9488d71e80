//! A person at a terminal: runs `fettle` with a home of its own.

use crate::harness::Harness;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A password that the server takes.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Somebody with a terminal.
pub(crate) struct Terminal {
    home: tempfile::TempDir,
    server: String,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What was run.
    pub(crate) command: String,
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Terminal {
    /// Somebody who knows where the server is and is not logged in.
    pub(crate) fn at(harness: &Harness) -> Self {
        Self::of(&harness.console())
    }

    /// Somebody who knows a server's address and is not logged in.
    pub(crate) fn of(server: &str) -> Self {
        Self { home: tempfile::tempdir().expect("a scratch folder"), server: server.to_owned() }
    }

    /// The first administrator, logged in.
    pub(crate) async fn administrator(harness: &Harness) -> Self {
        let terminal = Self::at(harness);
        let data = harness.folder().display().to_string();
        terminal.typed(&["setup", "--data", &data, "--name", "ada", "--password-stdin"], PASSWORD).await.fine();
        terminal.log_in("ada", PASSWORD).await.fine();
        terminal
    }

    /// Logs in.
    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Ended {
        self.typed(&["login", "--name", name, "--password-stdin"], password).await
    }

    /// Where the login is remembered.
    pub(crate) fn login_file(&self) -> PathBuf {
        self.home.path().join("fettle/client.toml")
    }

    /// A folder of its own.
    pub(crate) fn home(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    /// Runs a command.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.typed(arguments, "").await
    }

    /// Runs a command that prints JSON and must succeed.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--output", "json"]].concat()).await.fine();
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{arguments:?} printed no JSON ({error}): {}", ended.out))
    }

    /// Runs a command that prints JSON, however it ends.
    pub(crate) async fn json_of_any(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--output", "json"]].concat()).await;
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{arguments:?} printed no JSON ({error}): {ended:?}"))
    }

    /// Runs a command with a line on its standard input.
    pub(crate) async fn typed(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fettle"));
        self.end(command.args(arguments), input).await
    }

    /// Runs a line as a shell does, in the terminal's own folder.
    pub(crate) async fn shell(&self, line: &str) -> Ended {
        let mut command = Command::new("sh");
        self.end(command.args(["-c", line]).current_dir(self.home.path()), "").await
    }

    async fn end(&self, command: &mut Command, input: &str) -> Ended {
        let program = Path::new(env!("CARGO_BIN_EXE_fettle")).parent().expect("a folder").to_owned();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(program).chain(std::env::split_paths(&others))).expect("a path");
        command
            .env_clear()
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("FETTLE_SERVER", &self.server)
            .env("PATH", path)
            .kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that reads nothing may have ended by now.
        let _ = stdin.write_all(format!("{input}\n").as_bytes()).await;
        drop(stdin);
        let output = tokio::time::timeout(Duration::from_secs(60), child.wait_with_output()).await;
        let output = output.unwrap_or_else(|_| panic!("{command:?} did not end")).expect("it ran");
        Ended {
            command: format!("{:?}", command.as_std().get_args().collect::<Vec<_>>()),
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// Insists on success.
    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.code, 0, "{} {self:?}", self.command);
        self
    }

    /// Insists on this exit code and these words on standard error.
    pub(crate) fn fails(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, code, "{} {self:?}", self.command);
        assert!(self.err.contains(words), "{words:?} is not in {self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        self
    }
}
