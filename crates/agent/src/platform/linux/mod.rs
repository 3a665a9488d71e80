//! What Linux distributions have in common: who the machine is, its hardware, its people, its short programs.

pub(in crate::platform) mod hardware;
pub(in crate::platform) mod os_release;
pub(in crate::platform) mod root;
pub(in crate::platform) mod tool;
pub(in crate::platform) mod users;

use super::{Machine, PlatformError};
use fettle_model::inventory::{LogOn, Volatile};
use root::Root;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// Keeps the machine id that is sent apart from what other programs derive from machine-id(5), which is confidential.
const MACHINE_ID_WORD: &[u8] = b"fettle agent machine id 1\0";

/// Who the machine under `root` is.
pub(in crate::platform) fn machine(root: &Root) -> Result<Machine, PlatformError> {
    let id = root.line("/etc/machine-id");
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id {
        return Err(PlatformError::plain(
            "this machine has no id in /etc/machine-id: make one with systemd-machine-id-setup, then try again",
        ));
    }
    let digest = Sha256::new().chain_update(MACHINE_ID_WORD).chain_update(id.to_lowercase()).finalize();
    Ok(Machine { machine_id: data_encoding::HEXLOWER.encode(&digest), hostname: hostname(root) })
}

/// The machine's name; with its domain when `/etc/hosts` tells it. The resolver is not asked: it may hang.
pub(in crate::platform) fn hostname(root: &Root) -> String {
    let own = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    let name = if root.is_machine() { own() } else { root.line("/etc/hostname") };
    let name = if name.is_empty() { own() } else { name };
    qualified(&name, &root.text("/etc/hosts").unwrap_or_default()).unwrap_or(name)
}

/// The assignments of os-release(5), from either of its places.
pub(in crate::platform) fn release_of(root: &Root) -> Result<HashMap<String, String>, PlatformError> {
    let text = root.text("/etc/os-release").or_else(|| root.text("/usr/lib/os-release"));
    let text = text.ok_or_else(|| PlatformError::plain("could not read /etc/os-release: which distribution is this?"))?;
    Ok(os_release::parse(&text))
}

/// What changes all the time.
pub(in crate::platform) async fn volatile(root: &Root) -> Volatile {
    Volatile { logged_on: logged_on(root).await, disks: hardware::disks(root), booted_at: hardware::booted_at() }
}

/// People logged on: utmp where it is kept, otherwise the log-in manager.
async fn logged_on(root: &Root) -> Vec<LogOn> {
    let alive = |pid: i32| Path::new("/proc").join(pid.to_string()).exists();
    match root.read("/run/utmp") {
        Ok(utmp) => users::parse(&utmp, alive),
        Err(_) if root.is_machine() => {
            let asked = tool::output("loginctl", &["list-sessions", "--output=json"], "ask who is logged on").await;
            asked.map(|json| users::parse_sessions(json.as_bytes())).unwrap_or_default()
        }
        Err(_) => Vec::new(),
    }
}

/// The name with its domain, when a line of `/etc/hosts` names both.
fn qualified(name: &str, hosts: &str) -> Option<String> {
    if name.contains('.') {
        return None;
    }
    let long = format!("{name}.");
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let mut aliases = lines.flat_map(|line| line.split_whitespace().skip(1));
    aliases.find(|alias| alias.starts_with(&long) && alias.len() > long.len() && *alias != format!("{long}localdomain")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("web1", "127.0.0.1 localhost\n10.0.0.5 web1.example.org web1 # us", Some("web1.example.org"))]
    #[case("web1", "10.0.0.5 web1", None)]
    #[case("web1", "# 10.0.0.5 web1.example.org", None)]
    #[case("web1", "127.0.1.1 web1.localdomain web1", None)]
    #[case("web1.example.org", "10.0.0.5 web1.example.org.other", None)]
    fn the_domain_from_hosts(#[case] name: &str, #[case] hosts: &str, #[case] full: Option<&str>) {
        assert_eq!(qualified(name, hosts).as_deref(), full);
    }
}
