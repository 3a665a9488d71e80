//! The product as separate processes: server, agent, command line.

use super::proxy::Proxy;
use crate::shell::{self, Running};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The name and password of the administrator that the tests make.
pub(crate) const ADMINISTRATOR: (&str, &str) = ("ada", "correct horse battery staple");
/// How long anything may take that waits for a package manager.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// A server with its data, one agent with its root, and a command line that is logged in.
pub(crate) struct Product {
    scratch: PathBuf,
    root: PathBuf,
    console: u16,
    agents: u16,
    /// Between agent and server.
    pub(crate) proxy: Proxy,
    server: Option<Running>,
    agent: Option<Running>,
}

impl Product {
    /// Starts a server with an administrator. The agent comes with [`Product::enrol`].
    pub(crate) fn start(scratch: &Path, root: &Path) -> Result<Self> {
        let (console, agents) = (shell::free_port()?, shell::free_port()?);
        let proxy = Proxy::start(agents)?;
        let mut product = Self { scratch: scratch.to_owned(), root: root.to_owned(), console, agents, proxy, server: None, agent: None };
        product.start_server()?;
        let (name, password) = ADMINISTRATOR;
        let data = product.path("data");
        product.fettle_with_input(&["setup", "--data", &data, "--name", name, "--password-stdin"], password)?;
        product.fettle_with_input(&["login", "--name", name, "--password-stdin"], password)?;
        Ok(product)
    }

    /// Where the console is.
    pub(crate) fn console(&self) -> String {
        format!("http://127.0.0.1:{}", self.console)
    }

    /// The server's process id.
    pub(crate) fn server_id(&self) -> Result<u32> {
        self.server.as_ref().map(Running::id).context("no server runs")
    }

    /// The agent's process id.
    pub(crate) fn agent_id(&self) -> Result<u32> {
        self.agent.as_ref().map(Running::id).context("no agent runs")
    }

    /// Stops the server and times how long it takes from its start to its first answer.
    pub(crate) fn time_restart(&mut self) -> Result<Duration> {
        self.server.take().context("no server runs")?.stop(Duration::from_secs(20))?;
        let begun = Instant::now();
        self.start_server()?;
        Ok(begun.elapsed())
    }

    /// Starts the server on its data and waits until it answers.
    pub(crate) fn start_server(&mut self) -> Result<()> {
        let (listen, agents) = (format!("127.0.0.1:{}", self.console), format!("127.0.0.1:{}", self.agents));
        let data = self.path("data");
        let program = shell::binary("fettle").display().to_string();
        let mut command = shell::command(&program, &["serve", "--data", &data, "--listen", &listen, "--agent-listen", &agents]);
        let mut server = Running::start("the server", &mut command, Some(&self.scratch.join("server.log")))?;
        shell::wait_for("the server to answer", Duration::from_secs(60), || {
            server.still_runs()?;
            Ok(shell::answers(&listen, "/readyz").then_some(()))
        })
        .with_context(|| self.end_of_log("server.log"))?;
        self.server = Some(server);
        Ok(())
    }

    /// Ends the server as a power cut would.
    pub(crate) fn kill_server(&mut self) -> Result<()> {
        self.server.take().context("no server runs")?.kill()
    }

    /// Makes an activation key and enrols an agent for the root.
    pub(crate) fn enrol(&self, title: &str) -> Result<()> {
        let key = self.json(&["keys", "create", "--title", title])?;
        let secret = key["secret"].as_str().context("the activation key has no secret")?;
        let server = format!("https://localhost:{}", self.proxy.port);
        let program = shell::binary("fettle-agent").display().to_string();
        let mut command = shell::command(&program, &["enroll", "--server", &server, "--state", &self.path("agent")]);
        command.arg("--root").arg(&self.root).env("FETTLE_ACTIVATION_KEY", secret);
        shell::output(&mut command).map(drop)
    }

    /// Starts the agent.
    pub(crate) fn start_agent(&mut self) -> Result<()> {
        let program = shell::binary("fettle-agent").display().to_string();
        let mut command = shell::command(&program, &["run", "--state", &self.path("agent")]);
        self.agent = Some(Running::start("the agent", &mut command, Some(&self.scratch.join("agent.log")))?);
        Ok(())
    }

    /// Ends the agent as a power cut would; what it started goes on.
    pub(crate) fn kill_agent(&mut self) -> Result<()> {
        self.agent.take().context("no agent runs")?.kill()
    }

    /// Ends both in order.
    pub(crate) fn stop(&mut self) -> Result<()> {
        if let Some(agent) = self.agent.take() {
            agent.stop(Duration::from_secs(20)).with_context(|| self.end_of_log("agent.log"))?;
        }
        if let Some(server) = self.server.take() {
            server.stop(Duration::from_secs(20)).with_context(|| self.end_of_log("server.log"))?;
        }
        Ok(())
    }

    /// Runs `fettle` and returns what it printed.
    pub(crate) fn fettle(&self, arguments: &[&str]) -> Result<String> {
        shell::output(&mut self.fettle_command(arguments))
    }

    /// Starts `fettle` and does not wait for it.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Result<Child> {
        let mut command = self.fettle_command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("could not start fettle")
    }

    /// Runs `fettle … --output json` and reads the answer.
    pub(crate) fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.fettle(&[arguments, &["--output", "json"]].concat())?;
        serde_json::from_str(&text).with_context(|| format!("fettle {} printed something that is not JSON", arguments.join(" ")))
    }

    fn fettle_with_input(&self, arguments: &[&str], input: &str) -> Result<()> {
        let mut command = self.fettle_command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("could not start fettle")?;
        child.stdin.take().context("fettle takes no input")?.write_all(format!("{input}\n").as_bytes())?;
        let status = child.wait()?;
        if !status.success() {
            bail!("fettle {} ended with {status}", arguments.join(" "));
        }
        Ok(())
    }

    fn fettle_command(&self, arguments: &[&str]) -> Command {
        let mut command = shell::command(&shell::binary("fettle").display().to_string(), arguments);
        command.env("FETTLE_SERVER", self.console()).env("XDG_CONFIG_HOME", self.scratch.join("config")).env("NO_COLOR", "1");
        command
    }

    fn path(&self, name: &str) -> String {
        self.scratch.join(name).display().to_string()
    }

    /// The last lines of a log, for the text of an error.
    pub(crate) fn end_of_log(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.scratch.join(name)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!("end of {name}:\n{}", lines[lines.len().saturating_sub(30)..].join("\n"))
    }
}
