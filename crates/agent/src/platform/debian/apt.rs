//! How apt and dpkg are called: non-interactive, old configuration files kept, nothing unverified, nothing removed.

use crate::platform::linux::root::Root;
use fettle_deploy::job::JobKind;
use fettle_model::rule::BinaryVersion;
use std::io::Result;
use std::path::{Path, PathBuf};

/// Options of every call. What the administrator configured for the machine applies; these come last and win.
const ALWAYS: [&str; 11] = [
    // dpkg stays in our process group, and its output in our log.
    "Dpkg::Use-Pty=0",
    // Another program may take the lock between our look and apt's.
    "DPkg::Lock::Timeout=30",
    // A changed configuration file stays, a question is never asked.
    "Dpkg::Options::=--force-confdef",
    "Dpkg::Options::=--force-confold",
    "Acquire::Retries=3",
    "Acquire::AllowInsecureRepositories=false",
    "Acquire::AllowWeakRepositories=false",
    "Acquire::AllowDowngradeToInsecureRepositories=false",
    "APT::Get::AllowUnauthenticated=false",
    // A source that fails is an error, not a footnote under an exit code of 0.
    "APT::Update::Error-Mode=any",
    "APT::Color=0",
];

/// Progress for programs, on the descriptor the supervising shell opens. Without that shell, descriptor 3 would be
/// one of apt's own files.
const STATUS: &str = "APT::Status-Fd=3";

/// How apt is called for one root.
#[derive(Debug, Clone)]
pub(super) struct Apt {
    root: Root,
    /// The configuration file that leads apt into a test root; none for the machine itself.
    config: Option<PathBuf>,
}

impl Apt {
    /// Prepares calls; for a test root it writes apt's configuration into `folder`.
    pub(super) fn prepare(root: &Root, folder: &Path) -> Result<Self> {
        if root.is_machine() {
            return Ok(Self { root: root.clone(), config: None });
        }
        let path = folder.join("apt.conf");
        std::fs::write(&path, config_for(root.path()))?;
        Ok(Self { root: root.clone(), config: Some(path) })
    }

    /// Environment of a call.
    pub(super) fn environment(&self) -> Vec<(String, String)> {
        self.config.iter().map(|path| ("APT_CONFIG".to_owned(), path.display().to_string())).collect()
    }

    /// `apt-get update`.
    pub(super) fn refresh(&self) -> Vec<String> {
        self.get(&["-o", STATUS, "update"])
    }

    /// Fetches packages and what they need into the cache.
    pub(super) fn fetch(&self, kind: JobKind, packages: &[BinaryVersion]) -> Vec<String> {
        self.install(kind, &["-o", STATUS, "--download-only"], packages)
    }

    /// Tells where packages would be fetched from, with sizes, without fetching.
    pub(super) fn uris(&self, kind: JobKind, packages: &[BinaryVersion]) -> Vec<String> {
        self.install(kind, &["--print-uris"], packages)
    }

    /// Installs or downgrades packages. They are in the cache already, or lie on this machine (`file:` sources, which
    /// apt reads in place and which `--no-download` would refuse); apt verifies either way.
    pub(super) fn change(&self, kind: JobKind, packages: &[BinaryVersion]) -> Vec<String> {
        self.install(kind, &["-o", STATUS], packages)
    }

    /// Brings half-installed packages to an end.
    pub(super) fn mend(&self) -> Vec<String> {
        self.get(&["-o", STATUS, "install", "--fix-broken", "--no-remove"])
    }

    /// What apt knows of these packages' versions.
    pub(super) fn show(packages: &[BinaryVersion]) -> Vec<String> {
        ["apt-cache", "show", "--no-all-versions"].iter().map(|&word| word.to_owned()).chain(packages.iter().map(wanted)).collect()
    }

    /// `dpkg --configure -a` with the options apt would give dpkg on this machine.
    pub(super) fn configure(&self, options: &str) -> Vec<String> {
        let options = options.lines().map(str::trim).filter(|option| option.starts_with('-'));
        let given = ["--force-confdef", "--force-confold", "--configure", "-a"];
        std::iter::once("dpkg").chain(options).chain(given).map(str::to_owned).collect()
    }

    /// Asks apt for the options it gives dpkg.
    pub(super) fn dpkg_options() -> Vec<String> {
        ["apt-config", "dump", "--no-empty", "--format", "%v%n", "DPkg::Options"].iter().map(|&word| word.to_owned()).collect()
    }

    /// Where fetched packages are kept.
    pub(super) fn archives(&self) -> PathBuf {
        self.root.join("/var/cache/apt/archives")
    }

    fn install(&self, kind: JobKind, more: &[&str], packages: &[BinaryVersion]) -> Vec<String> {
        // No removals: a patch that wants other packages gone is for a person to decide about.
        let mut arguments = vec!["install", "--only-upgrade", "--no-remove", "--no-install-recommends"];
        if kind == JobKind::Uninstall {
            arguments.push("--allow-downgrades");
        }
        arguments.extend(more);
        let mut command = self.get(&arguments);
        command.extend(packages.iter().map(wanted));
        command
    }

    fn get(&self, arguments: &[&str]) -> Vec<String> {
        let mut command = vec!["apt-get".to_owned(), "-q".to_owned(), "-y".to_owned()];
        for option in ALWAYS {
            command.extend(["-o".to_owned(), option.to_owned()]);
        }
        command.extend(arguments.iter().map(|&argument| argument.to_owned()));
        command
    }
}

/// `name:architecture=version`. A package for all architectures has none of its own in apt's eyes.
fn wanted(package: &BinaryVersion) -> String {
    let BinaryVersion { name, architecture, version } = package;
    if architecture == "all" || architecture.is_empty() { format!("{name}={version}") } else { format!("{name}:{architecture}={version}") }
}

/// Whether names and versions are what Debian policy allows (§5.6.7, §5.6.12): nothing that could pass for an
/// option, a pattern or a task in apt's arguments.
pub(super) fn is_plain(package: &BinaryVersion) -> bool {
    let first = |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let all = |text: &str, more: &[u8]| text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte));
    let name = first(&package.name) && all(&package.name, b"+.-");
    let architecture = all(&package.architecture, b"-");
    name && architecture && first(&package.version) && all(&package.version, b".+-~:")
}

/// Leads apt into a root: its own configuration, lists, cache, and a dpkg that works there.
fn config_for(root: &Path) -> String {
    let root = root.display();
    format!(
        "Dir \"{root}/\";\nDir::State::status \"{root}/var/lib/dpkg/status\";\nDPkg::Options {{ \"--root={root}\"; }};\nAPT::Sandbox::User \"root\";\n"
    )
}

/// Bytes to fetch, from the lines of `--print-uris`: `'uri' file size digest`.
pub(super) fn sum_uris(lines: &str) -> u64 {
    let size = |line: &str| line.strip_prefix('\'')?.split_once("' ")?.1.split(' ').nth(1)?.parse::<u64>().ok();
    lines.lines().filter_map(size).fold(0, u64::saturating_add)
}

/// Bytes unpacked, from the `Installed-Size` fields (in KiB) of `apt-cache show`.
pub(super) fn sum_installed(stanzas: &str) -> u64 {
    let size = |line: &str| line.strip_prefix("Installed-Size:")?.trim().parse::<u64>().ok();
    stanzas.lines().filter_map(size).fold(0, |sum: u64, kib| sum.saturating_add(kib.saturating_mul(1024)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn package(name: &str, architecture: &str, version: &str) -> BinaryVersion {
        BinaryVersion { name: name.to_owned(), architecture: architecture.to_owned(), version: version.to_owned() }
    }

    #[rstest]
    #[case(package("libssl3", "amd64", "3.0.17-1~deb12u2"), true)]
    #[case(package("g++-12", "amd64", "1:12.2.0-14+b1"), true)]
    #[case(package("--allow-unauthenticated", "all", "1"), false)]
    #[case(package("zsh/unstable", "all", "1"), false)]
    #[case(package("zsh", "amd64", "1 zsh-"), false)]
    #[case(package("zsh", "amd64", ""), false)]
    #[case(package("zsh-", "amd64", "1\n2"), false)]
    #[case(package("", "amd64", "1"), false)]
    fn only_plain_names(#[case] package: BinaryVersion, #[case] plain: bool) {
        assert_eq!(is_plain(&package), plain);
    }

    #[test]
    fn sizes() {
        let uris = "'http://mirror.example/a_1.deb' a_1.deb 1000 SHA256:00\n'file:/b' b_1.deb 24 SHA256:00\nnoise\n";
        assert_eq!(sum_uris(uris), 1024);
        assert_eq!(sum_installed("Package: a\nInstalled-Size: 2\n\nPackage: b\nInstalled-Size: 3\n"), 5 * 1024);
    }

    #[test]
    fn a_downgrade_is_allowed_only_when_taking_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let apt = Apt::prepare(&Root::new(folder.path()), folder.path()).expect("prepared");
        let packages = [package("a", "amd64", "1"), package("b", "all", "2")];
        let install = apt.change(JobKind::Install, &packages);
        assert!(!install.contains(&"--allow-downgrades".to_owned()));
        assert!(install.ends_with(&["a:amd64=1".to_owned(), "b=2".to_owned()]));
        assert!(apt.change(JobKind::Uninstall, &packages).contains(&"--allow-downgrades".to_owned()));
    }
}
