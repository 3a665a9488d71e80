//! Who holds the package manager's locks. fcntl(2) locks: asking takes none.

use crate::platform::linux::root::Root;
use rustix::process::{Flock, FlockType, fcntl_getlk};
use std::fs::File;

/// The files dpkg and apt lock, in the order apt takes them.
const LOCKS: [&str; 4] = ["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock", "/var/lib/apt/lists/lock"];

/// The first process that holds one of the locks, for people: `1234 (apt-get), /var/lib/dpkg/lock`.
pub(super) fn holder(root: &Root) -> Option<String> {
    LOCKS.iter().find_map(|path| {
        // A lock file that is not there is not locked, and must not be made by looking.
        let file = File::open(root.join(path)).ok()?;
        let held = fcntl_getlk(&file, &Flock::from(FlockType::WriteLock)).ok()??;
        let pid = held.pid.map_or(0, |pid| pid.as_raw_nonzero().get());
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        Some(format!("process {pid} ({}), {path}", name.trim()))
    })
}
