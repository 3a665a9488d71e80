//! The program itself: killed without warning at any moment, it loses nothing and repeats nothing.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

use fettle_deploy::job::JobKind;
use fettle_deploy::manifest::Manifest;
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus, Report};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use support::machine::TestMachine;
use support::repository::Build;
use support::server::TestServer;
use support::{manifest, until};

/// The program under test.
fn agent(machine: &TestMachine) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fettle-agent"));
    command.env("FETTLE_AGENT_STATE", machine.state()).env_remove("NOTIFY_SOCKET");
    command
}

fn enroll(machine: &TestMachine, server: &TestServer) {
    let mut command = agent(machine);
    command.args(["enroll", "--server", server.url().as_str(), "--root"]).arg(machine.root());
    let enrolled = command.env("FETTLE_ACTIVATION_KEY", server.key.to_string()).output().expect("it starts");
    assert!(enrolled.status.success(), "{}", String::from_utf8_lossy(&enrolled.stderr));
}

/// A running agent. Dropped, it is killed.
struct Running(Child);

impl Running {
    fn start(machine: &TestMachine) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(machine.scratch().join("agent.log")).expect("a log");
        Self(agent(machine).arg("run").stdout(Stdio::null()).stderr(log).spawn().expect("it starts"))
    }

    /// SIGKILL, and gone when it returns.
    fn kill(mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("gone");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A machine whose next version of `tool` waits in a maintainer script until its gate opens, and counts its runs.
struct Gated {
    machine: TestMachine,
    inside: PathBuf,
    gate: PathBuf,
    runs: PathBuf,
}

impl Gated {
    fn new(script: &'static str) -> Self {
        let machine = TestMachine::new();
        let [inside, gate, runs] = ["inside", "gate", "runs"].map(|name| machine.scratch().join(name));
        machine.install(&Build::new("tool", "1.0"));
        machine.install(&Build::new("other", "1.0"));
        let body =
            format!("echo run >>{}\ntouch {}\nwhile [ ! -e {} ]; do sleep 0.05; done", runs.display(), inside.display(), gate.display());
        machine.repository.add(&Build { scripts: &[(script, &body)], ..Build::new("tool", "2.0") });
        machine.repository.add(&Build::new("other", "2.0"));
        machine.repository.publish();
        Self { machine, inside, gate, runs }
    }

    fn open(&self) {
        std::fs::write(&self.gate, "").expect("written");
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(&self.runs).unwrap_or_default().lines().count()
    }

    /// Kills everything that was started for the installation, as a power cut does.
    fn cut_power(&self) {
        let run = std::fs::read_dir(self.machine.state().join("work")).expect("listed").flatten().map(|entry| entry.path());
        let folders = run.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("run-")));
        let mut groups = folders.flat_map(|run| std::fs::read_dir(run).expect("listed").flatten());
        let pid = groups.find_map(|order| std::fs::read_to_string(order.path().join("pid")).ok()).expect("a running installer");
        let killed = Command::new("kill").args(["-KILL", "--"]).arg(format!("-{}", pid.trim())).status().expect("it starts");
        assert!(killed.success());
    }
}

async fn job(server: &TestServer) -> Manifest {
    let manifest = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0"), ("other", "2.0")]);
    server.give(&manifest);
    manifest
}

async fn finished(server: &TestServer, manifest: &Manifest) -> Vec<Report> {
    until("the end of the work", || {
        let reports = server.reports(manifest.run);
        let over = reports.iter().any(|report| {
            matches!(report, Report::Asset { status: AssetRunStatus::Verifying | AssetRunStatus::Failed | AssetRunStatus::NothingToDo, .. })
        });
        over.then_some(reports)
    })
    .await
}

/// Every status is reported once, both patches are done, and the scan after it shows them.
async fn all_is_well(server: &TestServer, machine: &TestMachine, reports: &[Report]) {
    for name in ["tool", "other"] {
        let of_patch: Vec<&str> = reports
            .iter()
            .filter_map(|report| match report {
                Report::Patch { patch, status, .. } if patch.as_str().contains(&format!(":{name}@")) => Some(status.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(of_patch, ["downloading", "installing", "verifying"], "{reports:#?}");
        assert_eq!(machine.package(name), ("2.0".to_owned(), "installed".to_owned()));
    }
    let changes: Vec<&str> = reports
        .iter()
        .filter_map(|report| match report {
            Report::Patch { status: PatchRunStatus::Verifying, changes, .. } => changes.first().map(|change| change.from.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(changes, ["1.0", "1.0"], "what there was before is known after a crash, too");
    until("the scan after it", || {
        let heard = server.heard();
        let last = heard.uploads.last();
        last.and_then(|inventory| inventory.packages.iter().all(|package| package.version == "2.0").then_some(()))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installer_that_outlives_the_agent_is_waited_for_not_repeated() {
    let (server, gated) = (TestServer::start().await, Gated::new("postinst"));
    enroll(&gated.machine, &server);
    let running = Running::start(&gated.machine);
    let manifest = job(&server).await;
    until("the maintainer script", || gated.inside.exists().then_some(())).await;
    running.kill();
    let _running = Running::start(&gated.machine);
    let fetches = server.heard().check_ins.len();
    until("the new agent", || (server.heard().check_ins.len() > fetches).then_some(())).await;
    assert_eq!(gated.runs(), 1, "apt goes on, and is not started a second time");
    gated.open();
    let reports = finished(&server, &manifest).await;
    all_is_well(&server, &gated.machine, &reports).await;
    assert_eq!(gated.runs(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installer_that_ended_while_no_agent_ran_is_not_repeated() {
    let (server, gated) = (TestServer::start().await, Gated::new("postinst"));
    enroll(&gated.machine, &server);
    let running = Running::start(&gated.machine);
    let manifest = job(&server).await;
    until("the maintainer script", || gated.inside.exists().then_some(())).await;
    running.kill();
    gated.open();
    until("the end of apt", || (gated.machine.package("tool") == ("2.0".to_owned(), "installed".to_owned())).then_some(())).await;
    let _running = Running::start(&gated.machine);
    let reports = finished(&server, &manifest).await;
    all_is_well(&server, &gated.machine, &reports).await;
    assert_eq!(gated.runs(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_power_cut_while_configuring_dpkg_is_repaired() {
    let (server, gated) = (TestServer::start().await, Gated::new("postinst"));
    enroll(&gated.machine, &server);
    let running = Running::start(&gated.machine);
    let manifest = job(&server).await;
    until("the maintainer script", || gated.inside.exists().then_some(())).await;
    running.kill();
    gated.cut_power();
    assert_eq!(gated.machine.package("tool").1, "half-configured");
    gated.open();
    let _running = Running::start(&gated.machine);
    let reports = finished(&server, &manifest).await;
    all_is_well(&server, &gated.machine, &reports).await;
    assert_eq!(gated.runs(), 2, "the script that was cut off is run again, by dpkg --configure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_power_cut_before_unpacking_the_installation_is_begun_again() {
    let (server, gated) = (TestServer::start().await, Gated::new("preinst"));
    enroll(&gated.machine, &server);
    let running = Running::start(&gated.machine);
    let manifest = job(&server).await;
    until("the maintainer script", || gated.inside.exists().then_some(())).await;
    running.kill();
    gated.cut_power();
    gated.open();
    let _running = Running::start(&gated.machine);
    let reports = finished(&server, &manifest).await;
    all_is_well(&server, &gated.machine, &reports).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_every_single_report_it_still_gets_there() {
    let (server, gated) = (TestServer::start().await, Gated::new("postinst"));
    gated.open();
    enroll(&gated.machine, &server);
    let manifest = job(&server).await;
    let mut heard = 0;
    let mut kills = 0;
    let over = |report: &Report| matches!(report, Report::Asset { status: AssetRunStatus::Verifying | AssetRunStatus::Failed, .. });
    while !server.reports(manifest.run).iter().any(over) {
        let running = Running::start(&gated.machine);
        heard = until("a further report", || {
            let reports = server.reports(manifest.run).len();
            (reports > heard).then_some(reports)
        })
        .await;
        running.kill();
        kills += 1;
    }
    assert!(kills >= 3, "the work takes several lives: {kills}");
    let _running = Running::start(&gated.machine);
    let reports = finished(&server, &manifest).await;
    all_is_well(&server, &gated.machine, &reports).await;
    assert_eq!(gated.runs(), 1);
}

#[test]
fn a_machine_that_is_not_enrolled_is_told_so() {
    let machine = TestMachine::new();
    for command in ["run", "status"] {
        let ran = agent(&machine).arg(command).output().expect("it starts");
        assert!(!ran.status.success());
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(said.contains("not enrolled") && said.contains("fettle-agent enroll"), "{said}");
    }
    let ran = agent(&machine).args(["enroll", "--server", "https://localhost:1", "--key", "fk1-half"]).output().expect("it starts");
    assert!(String::from_utf8_lossy(&ran.stderr).contains("copied whole"));
}

#[test]
fn a_scan_is_printed_without_a_server() {
    let machine = TestMachine::new();
    machine.install(&Build::new("tool", "1.0"));
    let ran = agent(&machine).args(["scan", "--print", "--root"]).arg(machine.root()).output().expect("it starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let document: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(document["inventory"]["packages"][0]["name"], "tool");
    assert_eq!(document["inventory"]["hostname"], "testbox");
    assert!(!machine.state().exists(), "it leaves nothing behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_state_is_private_and_the_status_tells() {
    use std::os::unix::fs::PermissionsExt;
    let (server, machine) = (TestServer::start().await, TestMachine::new());
    enroll(&machine, &server);
    let mode = |name: &str| std::fs::metadata(machine.state().join(name)).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("identity.json"), mode("agent.toml")), (0o700, 0o600, 0o600));
    let status = || {
        let ran = agent(&machine).args(["status", "--output", "json"]).output().expect("it starts");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        serde_json::from_slice::<serde_json::Value>(&ran.stdout).expect("JSON")
    };
    assert_eq!(status()["running"], false);
    let mut running = Running::start(&machine);
    until("a scan", || (!status()["status"]["last_scan"].is_null()).then_some(())).await;
    assert_eq!((&status()["running"], &status()["asset"]), (&true.into(), &server.asset.to_string().into()));
    let second = agent(&machine).arg("run").output().expect("it starts");
    assert!(String::from_utf8_lossy(&second.stderr).contains("another fettle-agent"), "one agent for one state folder");
    let asked = Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().expect("it starts");
    assert!(asked.success());
    assert!(running.0.wait().expect("it ends").success(), "SIGTERM is a clean end");
}
