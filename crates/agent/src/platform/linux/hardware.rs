//! Hardware, network and disks.

use super::root::Root;
use fettle_model::inventory::{Disk, Hardware, Interface};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Hardware is the running machine's, also when a test root is looked at.
pub(in crate::platform) fn hardware() -> Hardware {
    let machine = Root::new(Path::new("/"));
    let dmi = |name: &str| meaningful(machine.line(&format!("/sys/class/dmi/id/{name}")));
    let (cpu, cpu_cores) = processors(&machine.text("/proc/cpuinfo").unwrap_or_default());
    Hardware {
        manufacturer: dmi("sys_vendor"),
        model: dmi("product_name"),
        serial: dmi("product_serial"),
        cpu,
        cpu_cores,
        memory_bytes: memory(&machine.text("/proc/meminfo").unwrap_or_default()),
    }
}

/// What firmware says when its maker did not fill in the form is as good as nothing.
fn meaningful(text: String) -> String {
    const FILLERS: [&str; 6] =
        ["to be filled by o.e.m.", "system manufacturer", "system product name", "system serial number", "default string", "not specified"];
    if FILLERS.contains(&text.to_lowercase().as_str()) { String::new() } else { text }
}

/// Model and number of logical processors, from `/proc/cpuinfo`.
fn processors(cpuinfo: &str) -> (String, u32) {
    let mut model = String::new();
    let mut count = 0;
    for (name, value) in cpuinfo.lines().filter_map(|line| line.split_once(':')) {
        match name.trim() {
            "processor" => count += 1,
            "model name" if model.is_empty() => model = value.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => {}
        }
    }
    (model, count)
}

/// Main memory in bytes, from `/proc/meminfo`.
fn memory(meminfo: &str) -> u64 {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0).saturating_mul(1024)
}

/// Network interfaces by name. Loopback, and the virtual ends that containers come and go with, are left out:
/// they would make every scan differ from the one before.
pub(in crate::platform) fn interfaces() -> Vec<Interface> {
    let Ok(networks) = sysinfo::Networks::new_with_refreshed_list() else { return Vec::new() };
    let mut interfaces: Vec<Interface> = networks
        .iter()
        .map(|(name, network)| (name.to_string_lossy().into_owned(), network))
        .filter(|(name, _)| name != "lo" && !name.starts_with("veth"))
        .map(|(name, network)| {
            let mac = network.mac_address();
            let mut addresses: Vec<String> = network.ip_networks().iter().map(|network| network.addr.to_string()).collect();
            addresses.sort();
            addresses.dedup();
            let mac = if mac.is_unspecified() { String::new() } else { mac.to_string().to_lowercase() };
            Interface { name, mac, addresses }
        })
        .collect();
    interfaces.sort_by(|a, b| a.name.cmp(&b.name));
    interfaces
}

/// File systems that packages are installed to, each once, under the first of its names.
pub(in crate::platform) fn disks(root: &Root) -> Vec<Disk> {
    let mut seen = BTreeSet::new();
    let mut disks = Vec::new();
    for mount in ["/", "/usr", "/var", "/boot"] {
        let path = root.join(mount);
        let Ok(folder) = std::fs::metadata(&path) else { continue };
        if !seen.insert(folder.dev()) {
            continue;
        }
        if let Ok(space) = rustix::fs::statvfs(&path) {
            let bytes = |blocks: u64| blocks.saturating_mul(space.f_frsize);
            disks.push(Disk { mount: mount.to_owned(), total_bytes: bytes(space.f_blocks), free_bytes: bytes(space.f_bavail) });
        }
    }
    disks
}

/// Bytes an unprivileged user can still write where `path` is; the nearest existing folder above counts.
pub(in crate::platform) fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let mut path = path;
    loop {
        match rustix::fs::statvfs(path) {
            Ok(space) => return Ok(space.f_bavail.saturating_mul(space.f_frsize)),
            Err(rustix::io::Errno::NOENT) => path = path.parent().ok_or(rustix::io::Errno::NOENT)?,
            Err(error) => return Err(error.into()),
        }
    }
}

/// When the machine was started.
pub(in crate::platform) fn booted_at() -> Option<Timestamp> {
    let seconds = sysinfo::System::boot_time().ok()?;
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_and_memory() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some  CPU @ 2.00GHz\n\nprocessor\t: 1\nmodel name\t: Some  CPU @ 2.00GHz\n";
        assert_eq!(processors(cpuinfo), ("Some CPU @ 2.00GHz".to_owned(), 2));
        assert_eq!(processors(""), (String::new(), 0));
        assert_eq!(memory("MemFree: 1 kB\nMemTotal:       2048 kB\n"), 2 * 1024 * 1024);
        assert_eq!(memory("nonsense"), 0);
    }

    #[test]
    fn fillers_are_nothing() {
        assert_eq!(meaningful("To Be Filled By O.E.M.".to_owned()), "");
        assert_eq!(meaningful("QEMU".to_owned()), "QEMU");
    }

    #[test]
    fn this_machine_has_a_processor_memory_and_a_disk() {
        let hardware = hardware();
        assert!(hardware.cpu_cores > 0 && hardware.memory_bytes > 0);
        let disks = disks(&Root::new(Path::new("/")));
        assert!(disks.iter().any(|disk| disk.mount == "/" && disk.total_bytes > 0));
        assert!(free_bytes(Path::new("/nowhere/at/all")).expect("the root's") > 0);
    }
}
