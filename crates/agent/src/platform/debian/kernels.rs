//! Kernels, and why a machine should be restarted.

use crate::platform::linux::root::{Root, plain};
use fettle_model::inventory::{Kernels, RebootEvidence};
use fettle_model::version::dpkg::DpkgVersion;
use std::cmp::Ordering;

/// Most packages that asked for a restart, and most kernels; the server refuses endless lists.
const LIMIT: usize = 1_000;

/// The running and the installed kernels. A root that is not the machine's runs none.
pub(super) fn kernels(root: &Root) -> Kernels {
    let running = if root.is_machine() { rustix::system::uname().release().to_string_lossy().into_owned() } else { String::new() };
    let names = std::fs::read_dir(root.join("/boot")).into_iter().flatten().flatten();
    let mut installed: Vec<String> =
        names.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("vmlinuz-").map(str::to_owned)).take(LIMIT).collect();
    installed.sort_by(|a, b| order(a, b));
    Kernels { running, installed }
}

/// Releases in dpkg's order. Underscores and the like, which no version has, fall back to text.
fn order(a: &str, b: &str) -> Ordering {
    match (DpkgVersion::parse(a), DpkgVersion::parse(b)) {
        (Ok(first), Ok(second)) => first.cmp(&second).then_with(|| a.cmp(b)),
        _ => a.cmp(b),
    }
}

/// The part of a release that names its flavour: `amd64` of `6.1.0-18-amd64`, `generic` of `5.15.0-100-generic`.
fn flavour(release: &str) -> &str {
    let start = release.find(|character: char| character.is_ascii_digit()).unwrap_or(0);
    release.get(start..).unwrap_or_default().splitn(3, '-').nth(2).unwrap_or_default()
}

/// Why the machine should be restarted.
pub(super) fn evidence(root: &Root, kernels: &Kernels) -> Vec<RebootEvidence> {
    let mut evidence = Vec::new();
    if root.join("/run/reboot-required").exists() {
        let mut by: Vec<String> = root.text("/run/reboot-required.pkgs").unwrap_or_default().lines().map(plain).take(LIMIT).collect();
        by.retain(|package| !package.is_empty());
        by.sort();
        by.dedup();
        evidence.push(RebootEvidence::Requested { by });
    }
    let running = &kernels.running;
    let newest = kernels.installed.iter().rfind(|release| flavour(release) == flavour(running));
    if let Some(installed) = newest.filter(|release| !running.is_empty() && order(running, release) == Ordering::Less) {
        evidence.push(RebootEvidence::NewerKernel { running: running.clone(), installed: installed.clone() });
    }
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("6.1.0-18-amd64", &["6.1.0-9-amd64", "6.1.0-18-amd64"], None)]
    #[case("6.1.0-9-amd64", &["6.1.0-9-amd64", "6.1.0-18-amd64"], Some("6.1.0-18-amd64"))]
    #[case("6.1.0-9-amd64", &["6.1.0-18-cloud-amd64"], None)]
    #[case("", &["6.1.0-18-amd64"], None)]
    #[case("6.1.0-18-amd64", &[], None)]
    fn a_newer_kernel_of_the_same_flavour(#[case] running: &str, #[case] installed: &[&str], #[case] newer: Option<&str>) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root::new(folder.path());
        let mut kernels = Kernels { running: running.to_owned(), installed: installed.iter().map(|&release| release.to_owned()).collect() };
        kernels.installed.sort_by(|a, b| order(a, b));
        let expected: Vec<RebootEvidence> = newer
            .map(|installed| RebootEvidence::NewerKernel { running: running.to_owned(), installed: installed.to_owned() })
            .into_iter()
            .collect();
        assert_eq!(evidence(&root, &kernels), expected);
    }

    #[test]
    fn packages_that_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root::new(folder.path());
        std::fs::create_dir_all(root.join("/run")).expect("made");
        std::fs::create_dir_all(root.join("/boot")).expect("made");
        for release in ["6.1.0-18-amd64", "6.1.0-9-amd64"] {
            std::fs::write(root.join(&format!("/boot/vmlinuz-{release}")), "").expect("written");
        }
        std::fs::write(root.join("/run/reboot-required"), "").expect("written");
        std::fs::write(root.join("/run/reboot-required.pkgs"), "libc6\nlinux-image\nlibc6\n").expect("written");
        let kernels = kernels(&root);
        assert_eq!(kernels.installed, ["6.1.0-9-amd64", "6.1.0-18-amd64"]);
        assert_eq!(evidence(&root, &kernels), [RebootEvidence::Requested { by: vec!["libc6".to_owned(), "linux-image".to_owned()] }]);
    }
}
