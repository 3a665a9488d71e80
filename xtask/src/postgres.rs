//! A private PostgreSQL for tests: own folder, random port, gone afterwards.

use crate::machine;
use crate::shell;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A running server. It is stopped and its data removed when this value is dropped.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    as_user: Option<&'static str>,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub(crate) fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("fettle-postgres-").tempdir().context("could not make a folder for PostgreSQL")?;
        // PostgreSQL refuses to run as root; Debian's package brings a user for it.
        let as_user = machine::is_root()?.then_some("postgres");
        if let Some(user) = as_user {
            shell::run_quietly("chown", &[user, &folder.path().to_string_lossy()])?;
        }
        let server = Self { programs: newest_programs()?, port: shell::free_port()?, folder, as_user };
        let data = server.data();
        shell::output(server.program("initdb").args(["-D", &data, "-U", "fettle", "--auth=trust", "--encoding=UTF8", "--no-locale"]))?;
        let options =
            format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={}", server.port, server.folder.path().display());
        let log = server.folder.path().join("log").display().to_string();
        shell::output(server.program("pg_ctl").args(["-D", &data, "-l", &log, "-o", &options, "-w", "-s", "start"]))?;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("postgres://fettle@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it again, for settings that are read at the start.
    pub(crate) fn restart(&self) -> Result<()> {
        let log = self.folder.path().join("log").display().to_string();
        shell::output(self.program("pg_ctl").args(["-D", &self.data(), "-l", &log, "-m", "fast", "-w", "-s", "restart"])).map(drop)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = match self.as_user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        if let Err(error) = shell::output(self.program("pg_ctl").args(["-D", &data, "-m", "immediate", "-s", "stop"])) {
            eprintln!("PostgreSQL did not stop: {error:#}");
        }
    }
}

fn newest_programs() -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed (Debian package postgresql)")?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, programs): &(u32, PathBuf)| Path::new(programs).join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, programs)| programs).context("no PostgreSQL server programs below /usr/lib/postgresql (Debian package postgresql)")
}
