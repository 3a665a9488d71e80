//! `fettle serve` as a process: what it prints, what it refuses, how it ends.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests end the test, as tests do")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

struct Running {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(data: &Path) -> Self {
        let mut child = serve(data).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The rest of the line that starts like this; waits for it.
    fn said(&mut self, start: &str) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let rest = line.strip_prefix(start).unwrap_or_else(|| panic!("{line:?} does not start with {start:?}"));
        rest.trim().to_owned()
    }

    fn end(mut self, signal: &str) -> ExitStatus {
        let killed = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves no server behind; one that ended is gone already.
        let _gone = self.child.kill();
    }
}

fn serve(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fettle"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--agent-listen", "127.0.0.1:0", "--data"]).arg(data);
    command
}

fn get(address: &str, path: &str) -> String {
    let host = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_serves_until_it_is_told_to_stop_and_goes_on_where_it_was() {
    let data = tempfile::tempdir().unwrap();
    let mut first = Running::start(data.path());
    let console = first.said("Console: ");
    first.said("Agents: https://localhost:");
    let link = first.said("First administrator: ");
    let token = link.strip_prefix(&format!("{console}setup#")).unwrap();
    assert_eq!(std::fs::read_to_string(data.path().join("secrets/setup-token")).unwrap(), token);
    assert!(get(&console, "/healthz").starts_with("HTTP/1.1 200"), "it is alive");
    assert!(get(&console, "/readyz").starts_with("HTTP/1.1 200"), "its store answers");

    let refused = serve(data.path()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("another server is running on the data folder"), "{why}");
    assert!(first.end("TERM").success());

    let mut second = Running::start(data.path());
    second.said("Console: ");
    second.said("Agents: ");
    assert!(!second.said("First administrator: ").ends_with(token), "each start has its own token");
    assert!(second.end("INT").success());
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("fettle.toml"), "public-name = \"a\"\n").unwrap();
    let refused = serve(data.path()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("fettle.toml is not valid") && why.contains("public-name"), "{why}");
}

#[test]
fn a_console_beyond_this_machine_is_never_plain() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fettle"));
    command.args(["serve", "--listen", "0.0.0.0:0", "--agent-listen", "127.0.0.1:0", "--data"]).arg(data.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    let mut running = Running { child, lines };
    assert!(running.said("Console: ").starts_with("https://localhost:"));
    assert!(running.end("TERM").success());
}
