//! Bounds of what agents send: texts, counts, and characters that have no business in either.
//!
//! An agent is a machine somebody else may have taken over. What passes here is stored and shown, so each
//! text has a length, no text holds control characters, and each list has a size.

use fettle_model::inventory::{Inventory, Package, RebootEvidence, Volatile, WindowsSoftware};
use fettle_model::os::OperatingSystem;
use fettle_protocol::message::Event;

/// Most packages: the largest Debian installations have some 10,000.
const PACKAGES: usize = 50_000;
/// Names and versions of packages. Policy and practice stay far below.
const WORD: usize = 256;
/// Texts for people: models, processors, system names.
const LINE: usize = 512;
/// Reasons of failed scans.
const REASON: usize = 2_000;
/// Interfaces: container hosts have hundreds.
const INTERFACES: usize = 2_048;
/// Addresses of one interface.
const ADDRESSES: usize = 256;
/// Kernels, pieces of evidence, log-ons, disks, architectures.
const FEW: usize = 1_024;
/// Events in one body.
const EVENTS: usize = 10_000;
/// Changed packages of one report.
const CHANGES: usize = 5_000;

/// What is out of bounds, as the end of a sentence.
pub(super) type Flaw = String;
type Check = Result<(), Flaw>;

fn text(what: &str, value: &str, most: usize) -> Check {
    if value.len() > most {
        return Err(format!("{what} is longer than {most} bytes"));
    }
    if value.chars().any(char::is_control) {
        return Err(format!("{what} holds control characters"));
    }
    Ok(())
}

fn filled(what: &str, value: &str, most: usize) -> Check {
    if value.is_empty() {
        return Err(format!("{what} is empty"));
    }
    text(what, value, most)
}

fn count(what: &str, len: usize, most: usize) -> Check {
    if len > most { Err(format!("{len} {what} are more than {most}")) } else { Ok(()) }
}

fn each<T>(what: &str, list: &[T], most: usize, check: impl Fn(&T) -> Check) -> Check {
    count(what, list.len(), most)?;
    list.iter().try_for_each(check)
}

/// Checks an inventory.
pub(super) fn inventory(inventory: &Inventory) -> Check {
    hostname(&inventory.hostname)?;
    system(&inventory.os)?;
    let hardware = &inventory.hardware;
    for value in [&hardware.manufacturer, &hardware.model, &hardware.serial, &hardware.cpu] {
        text("a hardware text", value, LINE)?;
    }
    each("interfaces", &inventory.interfaces, INTERFACES, |interface| {
        filled("an interface's name", &interface.name, WORD)?;
        text("a hardware address", &interface.mac, WORD)?;
        each("addresses of an interface", &interface.addresses, ADDRESSES, |address| filled("an address", address, WORD))
    })?;
    each("packages", &inventory.packages, PACKAGES, package)?;
    text("the running kernel", &inventory.kernels.running, WORD)?;
    each("kernels", &inventory.kernels.installed, FEW, |kernel| filled("a kernel", kernel, WORD))?;
    each("signs of a pending restart", &inventory.pending_reboot, FEW, evidence)?;
    each("broken packages", &inventory.package_manager.broken, PACKAGES, |name| filled("a package's name", name, WORD))?;
    windows(&inventory.windows)
}

fn windows(software: &WindowsSoftware) -> Check {
    each("applications", &software.applications, PACKAGES, |application| {
        filled("an application's name", &application.name, LINE)?;
        text("an application's publisher", &application.publisher, LINE)?;
        for word in [&application.version, &application.architecture, &application.user, &application.upgrade_code] {
            text("a word of an application", word, WORD)?;
        }
        text("an application's product code", &application.product_code, LINE)
    })?;
    each("installed updates", &software.hotfixes, PACKAGES, |article| filled("an update", article, WORD))?;
    each("updates", &software.updates, PACKAGES, |update| filled("an update's id", &update.id, WORD))
}

fn system(os: &OperatingSystem) -> Check {
    for value in [&os.id, &os.version, &os.codename, &os.architecture] {
        text("a word of the operating system", value, WORD)?;
    }
    text("the operating system's name", &os.name, LINE)?;
    each("architectures", &os.foreign_architectures, FEW, |architecture| filled("an architecture", architecture, WORD))
}

fn package(package: &Package) -> Check {
    filled("a package's name", &package.name, WORD)?;
    text("a package's architecture", &package.architecture, WORD)?;
    text("a package's version", &package.version, WORD)?;
    text("a source package's name", &package.source, WORD)?;
    text("a source package's version", &package.source_version, WORD)
}

fn evidence(evidence: &RebootEvidence) -> Check {
    match evidence {
        RebootEvidence::Requested { by } => each("packages that asked for a restart", by, FEW, |name| text("a package's name", name, WORD)),
        RebootEvidence::NewerKernel { running, installed } => {
            text("the running kernel", running, WORD)?;
            text("the newest kernel", installed, WORD)
        }
    }
}

/// Checks what goes with every scan.
pub(super) fn volatile(volatile: &Volatile) -> Check {
    each("people logged on", &volatile.logged_on, FEW, |person| {
        filled("a user name", &person.user, WORD)?;
        text("a terminal", &person.terminal, WORD)
    })?;
    each("disks", &volatile.disks, FEW, |disk| filled("a mount point", &disk.mount, LINE))
}

/// Checks a machine's name.
pub(super) fn hostname(name: &str) -> Check {
    filled("the machine's name", name, 253)
}

/// Checks an agent's version.
pub(super) fn agent_version(version: &str) -> Check {
    filled("the agent's version", version, 64)
}

/// Checks a machine id: a SHA-256 in hexadecimal.
pub(super) fn machine_id(id: &str) -> Check {
    let good = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if good { Ok(()) } else { Err("the machine id is not 64 lower-case hexadecimal digits".to_owned()) }
}

/// Makes the reason of a failed scan fit to be shown: it is kept in any case, since nothing else says why.
pub(super) fn reason(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    shortened(&clean, REASON).to_owned()
}

/// Checks events, and shortens logs that are longer than an agent may send.
pub(super) fn events(events: &mut [Event]) -> Check {
    use fettle_deploy::reason::Failure;
    use fettle_deploy::run::Report;
    count("events", events.len(), EVENTS)?;
    for event in events {
        let failure = match &mut event.report {
            Report::Asset { failure, .. } => failure,
            Report::Patch { patch, failure, changes, .. } => {
                filled("a patch's id", patch.as_str(), LINE)?;
                each("changed packages", changes, CHANGES, |change| {
                    filled("a package's name", &change.name, WORD)?;
                    text("a package's architecture", &change.architecture, WORD)?;
                    text("a package's version", &change.from, WORD)?;
                    text("a package's version", &change.to, WORD)
                })?;
                failure
            }
        };
        if let Some(kept) = failure.as_mut() {
            *kept = Failure::new(kept.reason, kept.exit_code, &kept.log);
        }
    }
    Ok(())
}

fn shortened(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_model::inventory::{Disk, Hardware, Interface, Kernels, PackageManagerHealth, PackageState};
    use fettle_model::os::Platform;

    fn small() -> Inventory {
        Inventory {
            hostname: "web-1.example".into(),
            os: OperatingSystem {
                platform: Platform::Linux,
                id: "debian".into(),
                name: "Debian GNU/Linux 12 (bookworm)".into(),
                version: "12".into(),
                codename: "bookworm".into(),
                architecture: "amd64".into(),
                foreign_architectures: vec![],
            },
            hardware: Hardware::default(),
            interfaces: vec![Interface { name: "eth0".into(), mac: String::new(), addresses: vec!["192.0.2.1".into()] }],
            packages: vec![],
            kernels: Kernels::default(),
            pending_reboot: vec![],
            package_manager: PackageManagerHealth::default(),
            windows: WindowsSoftware::default(),
        }
    }

    fn one_package(name: &str) -> Package {
        Package {
            name: name.into(),
            architecture: "amd64".into(),
            version: "1".into(),
            source: name.into(),
            source_version: "1".into(),
            state: PackageState::Installed,
            held: false,
        }
    }

    #[test]
    fn an_ordinary_machine_passes() {
        let mut machine = small();
        machine.packages = vec![one_package("libc6")];
        assert_eq!(inventory(&machine), Ok(()));
    }

    #[test]
    fn long_empty_and_control_texts_are_named() {
        type Damage = fn(&mut Inventory);
        let cases: [(Damage, &str); 5] = [
            (|machine| machine.hostname.clear(), "the machine's name is empty"),
            (|machine| machine.hostname = "a".repeat(254), "the machine's name is longer than 253 bytes"),
            (|machine| machine.os.name = "a\u{1b}[2J".into(), "the operating system's name holds control characters"),
            (|machine| machine.packages = vec![one_package("a\n")], "a package's name holds control characters"),
            (|machine| machine.packages = vec![one_package("a"); PACKAGES + 1], "50001 packages are more than 50000"),
        ];
        for (change, flaw) in cases {
            let mut machine = small();
            change(&mut machine);
            assert_eq!(inventory(&machine), Err(flaw.to_owned()));
        }
        let disk = Disk { mount: String::new(), total_bytes: 1, free_bytes: 1 };
        assert_eq!(volatile(&Volatile { disks: vec![disk], ..Volatile::default() }), Err("a mount point is empty".to_owned()));
    }

    #[test]
    fn machine_ids_are_digests() {
        assert_eq!(machine_id(&"0a".repeat(32)), Ok(()));
        for bad in ["", &"0A".repeat(32), &"0a".repeat(31), &"zz".repeat(32)] {
            assert!(machine_id(bad).is_err());
        }
    }

    #[test]
    fn reasons_are_cut_at_a_character() {
        let kept = reason(&"ä\u{7}".repeat(5_000));
        assert!(kept.len() <= REASON && kept.starts_with("ä ä"));
    }
}
