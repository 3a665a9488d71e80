//! Programs that outlive the agent. An installer must not die because the agent does: its output goes to files
//! instead of pipes, it has a process group of its own, and a small shell around it writes down how it ended. An
//! agent that starts anew finds the folder, waits for what still runs, and reads what became of it.

use crate::platform::{OnProgress, Progress};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::io::{ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// Runs `"$@"` and leaves `pid`, `log`, `status` and `exit` in folder `$1`. The trap keeps the shell alive when its
/// group is told to stop, so that it can write down how the program took it; a trap is not inherited, other than
/// an ignored signal. Files get their names when they are complete.
const SCRIPT: &str = r#"folder=$1; shift
trap : TERM INT HUP
echo $$ >"$folder/pid.new" && mv "$folder/pid.new" "$folder/pid"
"$@" </dev/null >>"$folder/log" 2>&1 3>>"$folder/status"
echo $? >"$folder/exit.new" && mv "$folder/exit.new" "$folder/exit""#;

/// How often a running program is looked at.
const TICK: Duration = Duration::from_millis(200);
/// Time to end by itself between being asked and being killed: dpkg finishes its current file.
const GRACE: Duration = Duration::from_secs(30);
/// How much of the end of a log is read back.
const LOG_TAIL: u64 = 64 * 1024;
/// Most bytes of status read at once.
const STATUS_CHUNK: u64 = 64 * 1024;
/// A shell reports a program ended by a signal as this plus the signal's number.
const BY_SIGNAL: i32 = 128;

/// A program to run.
pub(super) struct Task<'a> {
    /// Where its traces are kept. Must not exist yet for a new task, apart from files that are none of the traces.
    pub(super) folder: &'a Path,
    /// Program and arguments.
    pub(super) command: Vec<String>,
    /// Additions to its environment.
    pub(super) environment: Vec<(String, String)>,
    /// How long it may take.
    pub(super) limit: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It ran to its end.
    Exited {
        /// Its exit code.
        code: i32,
        /// The end of what it wrote.
        log: String,
    },
    /// It did not end in time and was stopped.
    TimedOut {
        /// The end of what it wrote.
        log: String,
    },
    /// It was cut off, or nobody knows.
    Lost {
        /// The end of what it wrote.
        log: String,
    },
}

impl Task<'_> {
    /// Starts it and waits for its end.
    pub(super) async fn run(self, progress: OnProgress<'_>) -> Result<End> {
        let Some((program, arguments)) = self.command.split_first() else { return Err(ErrorKind::InvalidInput.into()) };
        std::fs::create_dir_all(self.folder)?;
        let child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "fettle-agent"])
            .arg(self.folder)
            .arg(program)
            .args(arguments)
            .envs(self.environment)
            .env("LC_ALL", "C")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        attend(self.folder, Some(child), self.limit, progress).await
    }
}

/// Waits for a task that was started earlier, by this agent or one before it.
pub(super) async fn resume(folder: &Path, limit: Duration, progress: OnProgress<'_>) -> Result<End> {
    attend(folder, None, limit, progress).await
}

async fn attend(folder: &Path, mut child: Option<Child>, limit: Duration, progress: OnProgress<'_>) -> Result<End> {
    let deadline = Instant::now() + limit;
    let mut status = StatusReader::new(folder.join("status"));
    let mut stopped_at = None;
    loop {
        // Asked before the exit file is looked for: what is seen dead has written it already.
        let running = is_running(folder, child.as_mut());
        status.read(progress);
        if let Some(code) = exit_code(folder) {
            return Ok(ended(code, stopped_at.is_some(), tail(folder)));
        }
        if !running {
            let log = tail(folder);
            return Ok(if stopped_at.is_some() { End::TimedOut { log } } else { End::Lost { log } });
        }
        match stopped_at {
            None if Instant::now() >= deadline => {
                stopped_at = Some(Instant::now());
                signal(folder, Signal::TERM);
            }
            Some(since) if since.elapsed() >= GRACE => signal(folder, Signal::KILL),
            _ => {}
        }
        match child.as_mut() {
            Some(child) => tokio::select! {
                _ = child.wait() => {}
                () = sleep(TICK) => {}
            },
            None => sleep(TICK).await,
        }
    }
}

fn ended(code: i32, stopped: bool, log: String) -> End {
    match code {
        _ if stopped => End::TimedOut { log },
        code if code > BY_SIGNAL => End::Lost { log },
        code => End::Exited { code, log },
    }
}

fn exit_code(folder: &Path) -> Option<i32> {
    std::fs::read_to_string(folder.join("exit")).ok()?.trim().parse().ok()
}

fn pid(folder: &Path) -> Option<Pid> {
    Pid::from_raw(std::fs::read_to_string(folder.join("pid")).ok()?.trim().parse().ok()?)
}

/// Our own child is asked itself; one of an agent before us by its command line, which names the folder: after a
/// restart of the machine the number may be somebody else's.
fn is_running(folder: &Path, child: Option<&mut Child>) -> bool {
    if let Some(child) = child {
        return matches!(child.try_wait(), Ok(None));
    }
    let Some(pid) = pid(folder) else { return false };
    let Ok(command) = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())) else { return false };
    let wanted = folder.as_os_str().as_encoded_bytes();
    command.split(|&byte| byte == 0).any(|argument| argument == wanted)
}

fn signal(folder: &Path, signal: Signal) {
    let Some(group) = pid(folder) else { return };
    if let Err(error) = kill_process_group(group, signal) {
        tracing::warn!(%error, "an installer that takes too long could not be stopped");
    }
}

fn tail(folder: &Path) -> String {
    let read = || -> Result<String> {
        let mut file = File::open(folder.join("log"))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL)))?;
        let mut bytes = Vec::new();
        file.take(LOG_TAIL).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

/// Follows apt's status file (`APT::Status-Fd`): lines `pmstatus:package:percent:text`, `dlstatus:item:percent:text`.
struct StatusReader {
    path: PathBuf,
    at: u64,
    rest: String,
}

impl StatusReader {
    fn new(path: PathBuf) -> Self {
        Self { path, at: 0, rest: String::new() }
    }

    fn read(&mut self, progress: OnProgress<'_>) {
        let Ok(mut file) = File::open(&self.path) else { return };
        if file.seek(SeekFrom::Start(self.at)).is_err() {
            return;
        }
        let mut bytes = Vec::new();
        let Ok(count) = file.take(STATUS_CHUNK).read_to_end(&mut bytes) else { return };
        self.at += count as u64;
        self.rest.push_str(&String::from_utf8_lossy(&bytes));
        let Some(end) = self.rest.rfind('\n') else { return };
        let last = self.rest.get(..end).unwrap_or_default().lines().rev().find_map(parse_status);
        self.rest.drain(..=end);
        if let Some(last) = last {
            progress(last);
        }
    }
}

fn parse_status(line: &str) -> Option<Progress> {
    let mut fields = line.splitn(4, ':');
    if !matches!(fields.next(), Some("pmstatus" | "dlstatus")) {
        return None;
    }
    let _item = fields.next()?;
    let percent: f64 = fields.next()?.parse().ok()?;
    let doing = fields.next()?.trim().to_owned();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
    let percent = percent.clamp(0.0, 100.0) as u8;
    Some(Progress { percent, doing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn shell<'a>(folder: &'a Path, script: &str, limit: Duration) -> Task<'a> {
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        Task { folder, command, environment: Vec::new(), limit }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn exit_code_log_and_progress_are_kept() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("task");
        let seen = Mutex::new(Vec::new());
        let script = "echo out; echo err >&2; echo 'pmstatus:hello:41.6:Unpacking hello: now' >&3; echo junk >&3; exit 7";
        let end = shell(&folder, script, MINUTE).run(&|progress| seen.lock().expect("unpoisoned").push(progress)).await.expect("ran");
        assert_eq!(end, End::Exited { code: 7, log: "out\nerr\n".to_owned() });
        let seen = seen.into_inner().expect("unpoisoned");
        assert_eq!(seen, [Progress { percent: 41, doing: "Unpacking hello: now".to_owned() }]);
        assert_eq!(resume(&folder, MINUTE, &|_| ()).await.expect("read"), end, "known also later");
    }

    #[tokio::test]
    async fn an_orphan_is_waited_for() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("task");
        let gate = scratch.path().join("gate");
        let script = format!("while [ ! -e {} ]; do sleep 0.05; done; exit 3", gate.display());
        let begun = shell(&folder, &script, MINUTE).run(&|_| ());
        // Dropping the future is what the death of the agent is to the program.
        let gone = tokio::time::timeout(Duration::from_millis(300), begun).await;
        assert!(gone.is_err(), "it still runs");
        let waiting = tokio::spawn({
            let folder = folder.clone();
            async move { resume(&folder, MINUTE, &|_| ()).await }
        });
        std::fs::write(&gate, "").expect("written");
        let end = waiting.await.expect("joined").expect("read");
        assert_eq!(end, End::Exited { code: 3, log: String::new() });
    }

    #[tokio::test]
    async fn too_long_is_stopped() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("task");
        let end = shell(&folder, "echo begun; exec sleep 1000", Duration::from_millis(500)).run(&|_| ()).await.expect("ran");
        assert!(matches!(&end, End::TimedOut { log } if log.starts_with("begun\n")), "{end:?}");
    }

    #[tokio::test]
    async fn killed_or_never_started_is_lost() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("task");
        let end = shell(&folder, "echo begun; kill -9 $$", MINUTE).run(&|_| ()).await.expect("ran");
        assert!(matches!(end, End::Lost { .. }), "{end:?}");
        let never = scratch.path().join("never");
        std::fs::create_dir(&never).expect("made");
        assert_eq!(resume(&never, MINUTE, &|_| ()).await.expect("read"), End::Lost { log: String::new() });
        std::fs::write(never.join("pid"), std::process::id().to_string()).expect("written");
        assert!(matches!(resume(&never, MINUTE, &|_| ()).await.expect("read"), End::Lost { .. }), "another program's number");
    }
}
