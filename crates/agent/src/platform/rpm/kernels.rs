//! Kernels, and whether a newer one waits for a restart. Several are installed side by side, as packages.

use crate::platform::linux::root::Root;
use fettle_model::inventory::{Kernels, Package, RebootEvidence};
use fettle_model::version::RpmVersion;

/// Packages with the image of a kernel. Where there is a `-core` the package without it only pulls it in, at the same
/// version.
const NAMES: [&str; 10] = [
    "kernel",
    "kernel-core",
    "kernel-debug",
    "kernel-debug-core",
    "kernel-rt",
    "kernel-rt-core",
    "kernel-64k-core",
    "kernel-uek",
    "kernel-uek-core",
    "kernel-default",
];
/// Most kernels; the server refuses endless lists.
const LIMIT: usize = 1_000;

/// The running and the installed kernels, oldest first. A root that is not the machine's runs none.
pub(super) fn kernels(root: &Root, packages: &[Package]) -> Kernels {
    let running = if root.is_machine() { rustix::system::uname().release().to_string_lossy().into_owned() } else { String::new() };
    let mut images: Vec<&Package> = images(packages).collect();
    images.sort_by_key(|package| RpmVersion::parse(&package.version).ok());
    let mut installed: Vec<String> = images.into_iter().map(release).collect();
    installed.dedup();
    installed.truncate(LIMIT);
    Kernels { running, installed }
}

fn images(packages: &[Package]) -> impl Iterator<Item = &Package> {
    packages.iter().filter(|package| NAMES.contains(&package.name.as_str()))
}

/// What `uname -r` says of the kernel in a package, without its flavour: `5.14.0-427.el9.x86_64`.
fn release(package: &Package) -> String {
    let version = package.version.split_once(':').map_or(package.version.as_str(), |(_, version)| version);
    format!("{version}.{}", package.architecture)
}

/// A newer kernel of the package that the running one is from. A kernel that is from no package says nothing.
pub(super) fn evidence(running: &str, packages: &[Package]) -> Vec<RebootEvidence> {
    let plain = running.split('+').next().unwrap_or(running);
    let newest = images(packages).filter(|current| release(current) == plain).find_map(|current| {
        let own = RpmVersion::parse(&current.version).ok()?;
        let same = packages.iter().filter(|other| other.name == current.name && other.architecture == current.architecture);
        let versions = same.filter_map(|other| Some((RpmVersion::parse(&other.version).ok()?, other)));
        let (_, newest) = versions.filter(|(version, _)| *version > own).max_by(|(a, _), (b, _)| a.cmp(b))?;
        Some(release(newest))
    });
    newest.map(|installed| RebootEvidence::NewerKernel { running: running.to_owned(), installed }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_model::inventory::PackageState;
    use rstest::rstest;

    fn package(name: &str, version: &str) -> Package {
        let text = str::to_owned;
        let (source, state) = (text("kernel"), PackageState::Installed);
        Package {
            name: text(name),
            architecture: text("x86_64"),
            version: text(version),
            source,
            source_version: text(version),
            state,
            held: false,
        }
    }

    #[rstest]
    #[case("5.14.0-70.el9.x86_64", Some("5.14.0-427.el9.x86_64"))]
    #[case("5.14.0-427.el9.x86_64", None)]
    #[case("5.14.0-70.el9.x86_64+rt", Some("5.14.0-427.el9.x86_64"))]
    #[case("6.1.0-custom", None)]
    #[case("", None)]
    fn a_newer_kernel_of_the_same_package(#[case] running: &str, #[case] newer: Option<&str>) {
        let packages = [package("kernel-core", "5.14.0-70.el9"), package("kernel-core", "5.14.0-427.el9"), package("kernel-uek", "9-1")];
        let found = evidence(running, &packages);
        let expected = newer.map(|newer| RebootEvidence::NewerKernel { running: running.to_owned(), installed: newer.to_owned() });
        assert_eq!(found, Vec::from_iter(expected));
    }

    #[test]
    fn oldest_first_each_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let packages =
            [package("kernel", "5.14.0-427.el9"), package("kernel-core", "5.14.0-427.el9"), package("kernel-core", "5.14.0-70.el9")];
        let kernels = kernels(&Root::new(folder.path()), &packages);
        assert_eq!(kernels.installed, ["5.14.0-70.el9.x86_64", "5.14.0-427.el9.x86_64"]);
        assert_eq!(kernels.running, "");
    }
}
