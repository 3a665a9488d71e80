//! What rpm knows of installed packages.

use crate::platform::PlatformError;
use crate::platform::linux::root::Root;
use crate::platform::linux::tool::output;
use fettle_model::inventory::{Package, PackageState};
use fettle_model::version::RpmVersion;
use fettle_model::version::rpm::Nevra;

/// Between fields and after packages: characters that no field has.
const FIELD: char = '\u{1f}';
const RECORD: char = '\u{1e}';
const FIELDS: [&str; 6] = ["%{NAME}", "%{EPOCH}", "%{VERSION}", "%{RELEASE}", "%{ARCH}", "%{SOURCERPM}"];
/// What rpm writes for a field that a package has not.
const NONE: &str = "(none)";
/// Trusted keys are kept as packages of this name; there is nothing to update in them.
const KEY: &str = "gpg-pubkey";
/// Most bytes of one field; the longest names and versions have about a hundred.
const LONGEST: usize = 250;

/// All packages, ordered by name, architecture and version: of kernels there are several.
pub(super) async fn packages(root: &Root) -> Result<Vec<Package>, PlatformError> {
    let format = format!("{}{RECORD}", FIELDS.join(&FIELD.to_string()));
    let mut arguments = vec!["-qa".to_owned(), "--qf".to_owned(), format];
    if !root.is_machine() {
        let database = super::database(root)
            .ok_or_else(|| PlatformError::plain(format!("there is no RPM database under {}", root.path().display())))?;
        arguments.push(format!("--dbpath={}", root.join(database).display()));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let listed = output("rpm", &arguments, "list the installed packages").await?;
    parse(&listed).ok_or_else(|| PlatformError::plain("could not read the list of packages: rpm wrote something unexpected"))
}

fn parse(listed: &str) -> Option<Vec<Package>> {
    let mut packages = Vec::new();
    let (records, rest) = listed.rsplit_once(RECORD).unwrap_or(("", listed));
    if !rest.trim().is_empty() {
        return None;
    }
    for record in records.split(RECORD).filter(|record| !record.is_empty()) {
        let package = parse_one(record)?;
        if package.name != KEY {
            packages.push(package);
        }
    }
    let key = |package: &Package| RpmVersion::parse(&package.version).ok();
    packages.sort_by(|a, b| (&a.name, &a.architecture).cmp(&(&b.name, &b.architecture)).then_with(|| key(a).cmp(&key(b))));
    Some(packages)
}

fn parse_one(record: &str) -> Option<Package> {
    let fields: Vec<&str> = record.split(FIELD).collect();
    let &[name, epoch, version, release, architecture, source] = fields.as_slice() else { return None };
    let is_word = |text: &&str| !text.is_empty() && text.len() <= LONGEST && !text.contains(|c: char| c.is_control() || c.is_whitespace());
    if ![name, version, release].iter().all(is_word) || source.len() > LONGEST || architecture.len() > LONGEST {
        return None;
    }
    let evr = match epoch {
        NONE | "" | "0" => format!("{version}-{release}"),
        number => format!("{}:{version}-{release}", number.parse::<u32>().ok()?),
    };
    // Packages that were made by hand may have none of these two.
    let source = Nevra::parse(source).filter(|source| !source.name.is_empty());
    let (source, source_version) = source.map_or_else(|| (name.to_owned(), evr.clone()), |source| (source.name, source.evr));
    let architecture = if architecture == NONE { String::new() } else { architecture.to_owned() };
    let state = PackageState::Installed;
    Some(Package { name: name.to_owned(), architecture, version: evr, source, source_version, state, held: false })
}

/// rpm's name of an architecture that `uname -m` tells.
pub(super) fn architecture_of(machine: &str) -> String {
    match machine {
        "armv7l" => "armv7hl",
        "i386" | "i486" | "i586" => "i686",
        other => other,
    }
    .to_owned()
}

/// Architectures of installed packages beside the machine's own.
pub(super) fn foreign(packages: &[Package], native: &str) -> Vec<String> {
    let all = packages.iter().map(|package| package.architecture.as_str());
    let mut foreign: Vec<String> = all.filter(|name| !["", "noarch", native].contains(name)).map(str::to_owned).collect();
    foreign.sort();
    foreign.dedup();
    foreign
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn record(fields: &[&str]) -> String {
        format!("{}\u{1e}", fields.join("\u{1f}"))
    }

    #[test]
    fn epochs_sources_keys_and_order() {
        let listed = [
            record(&["kernel-core", "(none)", "5.14.0", "427.13.1.el9_4", "x86_64", "kernel-5.14.0-427.13.1.el9_4.src.rpm"]),
            record(&["kernel-core", "(none)", "5.14.0", "70.el9", "x86_64", "kernel-5.14.0-70.el9.src.rpm"]),
            record(&["gpg-pubkey", "(none)", "fd431d51", "4ae0493b", "(none)", "(none)"]),
            record(&["openssl-libs", "1", "3.0.7~rc1", "27.el9", "x86_64", "openssl-3.0.7~rc1-27.el9.src.rpm"]),
            record(&["handmade", "0", "1^git1", "1", "noarch", "(none)"]),
        ]
        .concat();
        let packages = parse(&listed).expect("well formed");
        let text: Vec<String> =
            packages.iter().map(|p| format!("{} {} {} {} {}", p.name, p.version, p.architecture, p.source, p.source_version)).collect();
        assert_eq!(
            text,
            [
                "handmade 1^git1-1 noarch handmade 1^git1-1",
                "kernel-core 5.14.0-70.el9 x86_64 kernel 5.14.0-70.el9",
                "kernel-core 5.14.0-427.13.1.el9_4 x86_64 kernel 5.14.0-427.13.1.el9_4",
                "openssl-libs 1:3.0.7~rc1-27.el9 x86_64 openssl 3.0.7~rc1-27.el9",
            ]
        );
        assert_eq!(foreign(&packages, "aarch64"), ["x86_64"]);
        assert_eq!(parse(""), Some(Vec::new()));
    }

    #[rstest]
    #[case::cut_off("bash\u{1f}(none)\u{1f}5.1")]
    #[case::too_few("bash\u{1f}(none)\u{1f}5.1\u{1e}")]
    #[case::too_many("bash\u{1f}0\u{1f}5\u{1f}1\u{1f}noarch\u{1f}\u{1f}more\u{1e}")]
    #[case::epoch("bash\u{1f}-1\u{1f}5\u{1f}1\u{1f}noarch\u{1f}\u{1e}")]
    #[case::no_name("\u{1f}0\u{1f}5\u{1f}1\u{1f}noarch\u{1f}\u{1e}")]
    #[case::line("ba\nsh\u{1f}0\u{1f}5\u{1f}1\u{1f}noarch\u{1f}\u{1e}")]
    #[case::complaint("error: rpmdbNextIterator: skipping")]
    fn what_is_unexpected_is_an_error_not_a_missing_package(#[case] listed: &str) {
        assert_eq!(parse(listed), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[a-z0-9:.(~\u{1e}\u{1f}\n-]{0,200}") {
            for package in parse(&text).into_iter().flatten() {
                prop_assert!(!package.name.is_empty() && package.version.contains('-'));
            }
        }
    }
}
