//! Short programs that tell something and change nothing.

use crate::platform::PlatformError;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// Most bytes one program may write: a list of ten thousand packages has 2 MB.
const OUTPUT: u64 = 64 * 1024 * 1024;
/// Most bytes of complaints that are kept.
const COMPLAINT: u64 = 64 * 1024;
/// How long one may take: the package database of a busy machine, on a slow disk.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a short program writes. It changes nothing, so it may die with the agent, and does when it writes without end or
/// does not end.
pub(in crate::platform) async fn output(program: &str, arguments: &[&str], doing: &str) -> Result<String, PlatformError> {
    bounded(program, arguments, doing, OUTPUT, PATIENCE).await
}

async fn bounded(program: &str, arguments: &[&str], doing: &str, most: u64, patience: Duration) -> Result<String, PlatformError> {
    let attempted = || format!("could not {doing} with {program}");
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| PlatformError::new(attempted(), error))?;
    let ended = tokio::time::timeout(patience, gather(&mut child, most)).await;
    let Ok(ended) = ended else {
        return Err(PlatformError::plain(format!("could not {doing}: {program} did not end within {} seconds", patience.as_secs())));
    };
    let (out, said, succeeded) = ended.map_err(|error| PlatformError::new(attempted(), error))?;
    if out.len() as u64 > most {
        return Err(PlatformError::plain(format!("could not {doing}: {program} wrote more than {most} bytes")));
    }
    if succeeded {
        return Ok(String::from_utf8_lossy(&out).into_owned());
    }
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    Err(PlatformError::new(format!("could not {doing}: {program} failed"), said))
}

/// Output, complaints, and whether it ended well. A program that wrote too much is stopped.
async fn gather(child: &mut Child, most: u64) -> std::io::Result<(Vec<u8>, Vec<u8>, bool)> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, said) = tokio::try_join!(start_of(out, most.saturating_add(1), false), start_of(err, COMPLAINT, true))?;
    if out.len() as u64 > most {
        child.kill().await?;
        return Ok((out, said, false));
    }
    let status = child.wait().await?;
    Ok((out, said, status.success()))
}

/// The first `most` bytes. The rest is read too where a program must not stumble over a closed pipe.
async fn start_of(pipe: Option<impl AsyncRead + Unpin>, most: u64, to_the_end: bool) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    (&mut pipe).take(most).read_to_end(&mut bytes).await?;
    if to_the_end {
        tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shell(script: &str, most: u64, patience: Duration) -> Result<String, String> {
        bounded("/bin/sh", &["-c", script], "try", most, patience).await.map_err(|error| crate::chain(&error))
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn output_complaint_and_bounds() {
        assert_eq!(shell("echo hello; echo noise >&2", 100, MINUTE).await.expect("ran"), "hello\n");
        assert!(shell("echo why >&2; exit 3", 100, MINUTE).await.expect_err("failed").contains("why"));
        assert!(shell("exec yes", 100, MINUTE).await.expect_err("endless").contains("more than 100 bytes"));
        assert!(shell("exec sleep 1000", 100, Duration::from_millis(50)).await.expect_err("hangs").contains("did not end"));
    }
}
