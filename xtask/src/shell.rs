//! Starting other programs: shown before they run, stopped when we stop, their failure our failure.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

static RELEASE: AtomicBool = AtomicBool::new(false);

/// From now on [`binary`] means the optimised build, as it is shipped; only measurements want that.
pub(crate) fn use_release_build() {
    RELEASE.store(true, Ordering::SeqCst);
}

/// Builds every program of the workspace. Always the whole workspace: naming single packages would choose other
/// features of the dependencies and compile them once more.
pub(crate) fn build_programs() -> Result<()> {
    run(&mut command("cargo", &["build", "--workspace"]))
}

/// A program of the workspace, built already.
pub(crate) fn binary(name: &str) -> PathBuf {
    let profile = if RELEASE.load(Ordering::SeqCst) { release_profile(name) } else { "debug" };
    target().join(profile).join(name)
}

/// The cargo profile a program is shipped with, which is also the name of its folder.
pub(crate) fn release_profile(name: &str) -> &'static str {
    if name == "fettle-agent" { "agent" } else { "release" }
}

/// A command in the workspace's root.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end and shows what it prints.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("  $ {}", words(command));
    let status = command.status().with_context(|| format!("could not start {}", words(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// Runs a command to its end and returns what it printed to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = words(command);
    let output = command.output().with_context(|| format!("could not start {shown}"))?;
    if !output.status.success() {
        bail!("{shown} ended with {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{shown} printed something that is not text"))
}

/// Whether a program can be found.
pub(crate) fn has(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn words(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(command.get_program().to_string_lossy()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// A program that runs beside us and is ended with us.
pub(crate) struct Running {
    child: Child,
    name: String,
}

impl Running {
    /// Starts `command`. Its output goes to `log`, or to ours when there is none.
    pub(crate) fn start(name: &str, command: &mut Command, log: Option<&Path>) -> Result<Self> {
        command.stdin(Stdio::null());
        if let Some(log) = log {
            let file = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(log)
                .with_context(|| format!("could not write {}", log.display()))?;
            command.stdout(file.try_clone()?).stderr(file);
        }
        let child = command.spawn().with_context(|| format!("could not start {}", words(command)))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill().with_context(|| format!("could not kill {}", self.name))?;
        self.child.wait().with_context(|| format!("could not wait for {}", self.name))?;
        Ok(())
    }

    /// Asks it to end (SIGTERM) and waits; fails when it does not end well within `patience`.
    pub(crate) fn stop(mut self, patience: Duration) -> Result<()> {
        self.still_runs()?;
        run_quietly("kill", &["-TERM", &self.id().to_string()])?;
        let status = wait_for(&format!("{} to stop", self.name), patience, || Ok(self.child.try_wait()?))?;
        if !status.success() {
            bail!("{} ended with {status}", self.name);
        }
        Ok(())
    }

    /// Fails when it has ended by itself.
    pub(crate) fn still_runs(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("{} ended by itself with {status}", self.name),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) && self.child.kill().is_ok() && self.child.wait().is_err() {
            eprintln!("{} could not be waited for", self.name);
        }
    }
}

/// Runs a small command without showing it.
pub(crate) fn run_quietly(program: &str, arguments: &[&str]) -> Result<()> {
    output(&mut command(program, arguments)).map(drop)
}

/// Asks again and again until there is an answer; fails after `patience` and says for what it waited.
pub(crate) fn wait_for<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let end = Instant::now() + patience;
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if Instant::now() > end {
            bail!("waited {} s for {what}, in vain", patience.as_secs());
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// A port nobody listens on right now.
pub(crate) fn free_port() -> Result<u16> {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").context("could not find a free port")?;
    Ok(socket.local_addr()?.port())
}

/// Whether a plain HTTP server at `address` answers `GET path` with 200.
pub(crate) fn answers(address: &str, path: &str) -> bool {
    use std::io::{Read, Write};
    let ask = || -> std::io::Result<bool> {
        let mut socket = std::net::TcpStream::connect(address)?;
        socket.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(socket, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        socket.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
