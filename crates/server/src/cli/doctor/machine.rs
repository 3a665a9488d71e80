//! The machine: programs, ports, clock.

use super::Finding;
use crate::settings::Settings;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Checks that feeds' signatures can be verified.
pub(super) fn gpgv() -> Finding {
    let install = "install the package gpgv: without it no feed can be verified, so none is read";
    match Command::new("gpgv").arg("--version").output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
            Finding::ok("gpgv", text)
        }
        Ok(output) => Finding::fail("gpgv", format!("does not work ({})", output.status), install),
        Err(error) => Finding::fail("gpgv", format!("cannot be started: {error}"), install),
    }
}

/// Checks that the clock is kept right, where systemd's time service says so.
pub(super) fn clock() -> Option<Finding> {
    let service = Path::new("/run/systemd/timesync");
    if !service.is_dir() {
        // Another time service, or a container that uses its host's clock: nothing to be said from here.
        return None;
    }
    Some(if service.join("synchronized").exists() {
        Finding::ok("clock", "synchronised")
    } else {
        Finding::warn("clock", "not synchronised", "check the time service (`timedatectl status`): agents whose clock differs are refused")
    })
}

/// Checks that both ports answer, or are free for the server to take.
pub(super) async fn ports(settings: &Settings) -> Vec<Finding> {
    vec![port("console port", settings.listen).await, port("agent port", settings.agent_listen).await]
}

async fn port(subject: &str, address: SocketAddr) -> Finding {
    let reach = SocketAddr::new(if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() }, address.port());
    match tokio::time::timeout(Duration::from_secs(3), TcpStream::connect(reach)).await {
        Ok(Ok(_)) => Finding::ok(subject, format!("{address} answers")),
        _ => match TcpListener::bind(address).await {
            Ok(_) => Finding::warn(subject, format!("nothing listens at {address}"), "start the server: `fettle serve --data DIR`"),
            Err(error) => {
                Finding::fail(subject, format!("{address} cannot be used: {error}"), "choose another port in fettle.toml, or free this one")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[tokio::test]
    async fn a_port_answers_or_is_free() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("has one");
        assert_eq!(port("p", address).await.verdict, Verdict::Ok);
        drop(listener);
        assert_eq!(port("p", address).await.verdict, Verdict::Warn);
    }
}
