//! What dpkg knows: packages and its own health.

use crate::platform::PlatformError;
use crate::platform::linux::root::Root;
use crate::platform::linux::tool::output;
use fettle_deploy::agent::Present;
use fettle_model::inventory::{Package, PackageManagerHealth, PackageState};

/// One line per package, fields separated by tabs, which no field can hold.
const FORMAT: &str = concat!(
    "${Package}\\t${Architecture}\\t${Version}\\t${source:Package}\\t${source:Version}",
    "\\t${db:Status-Want}\\t${db:Status-Status}\\t${db:Status-Eflag}\\n"
);

/// All packages dpkg knows something about, ordered by name, then architecture.
pub(super) async fn packages(root: &Root) -> Result<Vec<Package>, PlatformError> {
    let admindir = format!("--admindir={}", root.join("/var/lib/dpkg").display());
    let listed = output("dpkg-query", &[&admindir, "-W", "-f", FORMAT], "list the installed packages").await?;
    parse(&listed).ok_or_else(|| PlatformError::plain("could not read the list of packages: dpkg-query wrote an unexpected line"))
}

fn parse(listed: &str) -> Option<Vec<Package>> {
    let mut packages = Vec::new();
    for line in listed.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().map(str::to_owned);
        let (name, architecture, version, source, source_version) = (next()?, next()?, next()?, next()?, next()?);
        let (want, status, _error_flag) = (next()?, next()?, next()?);
        // Never installed, only mentioned.
        if status == "not-installed" {
            continue;
        }
        let state: PackageState = status.parse().ok()?;
        packages.push(Package { name, architecture, version, source, source_version, state, held: want == "hold" });
    }
    packages.sort_by(|a, b| (&a.name, &a.architecture).cmp(&(&b.name, &b.architecture)));
    Some(packages)
}

/// The packages whose files are on the machine.
pub(super) fn present(packages: &[Package]) -> Vec<Present> {
    let there = packages.iter().filter(|package| package.state.counts_as_present());
    there
        .map(|package| Present {
            name: package.name.clone(),
            architecture: package.architecture.clone(),
            version: package.version.clone(),
            held: package.held,
            configured: matches!(package.state, PackageState::Installed | PackageState::TriggersAwaited | PackageState::TriggersPending),
        })
        .collect()
}

/// Whether dpkg can work. Interrupted is what apt calls so: journal files in `updates` that were not merged.
pub(super) fn health(root: &Root, packages: &[Package]) -> PackageManagerHealth {
    let updates = std::fs::read_dir(root.join("/var/lib/dpkg/updates")).into_iter().flatten().flatten();
    let interrupted = updates
        .filter_map(|entry| entry.file_name().into_string().ok())
        .any(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()));
    let whole = |package: &&Package| matches!(package.state, PackageState::Installed | PackageState::ConfigFiles);
    let broken = packages.iter().filter(|package| !whole(package)).map(|package| package.name.clone()).collect();
    PackageManagerHealth { interrupted, broken }
}

/// dpkg's native and foreign architectures.
pub(super) async fn architectures(root: &Root) -> Result<(String, Vec<String>), PlatformError> {
    let admindir = format!("--admindir={}", root.join("/var/lib/dpkg").display());
    let native = output("dpkg", &[&admindir, "--print-architecture"], "ask dpkg for its architecture").await?;
    let foreign = output("dpkg", &[&admindir, "--print-foreign-architectures"], "ask dpkg for its architectures").await?;
    let mut foreign: Vec<String> = foreign.split_whitespace().map(str::to_owned).collect();
    foreign.sort();
    Ok((native.trim().to_owned(), foreign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_holds_and_sources() {
        let listed = "libssl3\tamd64\t3.0.15-1\topenssl\t3.0.15-1\tinstall\tinstalled\tok\n\
            zsh\tamd64\t5.9-4+b5\tzsh\t5.9-4\thold\tinstalled\tok\n\
            gone\tall\t1\tgone\t1\tdeinstall\tconfig-files\tok\n\
            never\t\t\tnever\t\tunknown\tnot-installed\tok\n\
            half\tall\t2\thalf\t2\tinstall\thalf-configured\tok\n";
        let packages = parse(listed).expect("well formed");
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["gone", "half", "libssl3", "zsh"]);
        assert_eq!(packages[2].source, "openssl");
        assert_eq!((packages[3].held, packages[3].source_version.as_str()), (true, "5.9-4"));
        let present = present(&packages);
        assert_eq!(present.iter().map(|package| package.configured).collect::<Vec<_>>(), [false, true, true]);
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root::new(folder.path());
        assert_eq!(health(&root, &packages), PackageManagerHealth { interrupted: false, broken: vec!["half".to_owned()] });
        std::fs::create_dir_all(root.join("/var/lib/dpkg/updates")).expect("made");
        std::fs::write(root.join("/var/lib/dpkg/updates/tmp.i"), "").expect("written");
        assert!(!health(&root, &packages).interrupted);
        std::fs::write(root.join("/var/lib/dpkg/updates/0001"), "").expect("written");
        assert!(health(&root, &packages).interrupted);
    }

    #[test]
    fn an_unexpected_line_is_an_error_not_a_missing_package() {
        assert_eq!(parse("one\tamd64\n"), None);
        assert_eq!(parse("one\tamd64\t1\tone\t1\tinstall\tsomething-new\tok\n"), None);
    }
}
