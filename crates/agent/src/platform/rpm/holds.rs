//! Packages the administrator keeps as they are: dnf's and yum's version locks, and `exclude=`.

use crate::platform::linux::root::Root;
use fettle_model::inventory::Package;
use fettle_model::version::rpm::Nevra;

/// Lists of the versionlock plugin, of dnf and of yum before it.
const LOCKS: [&str; 2] = ["/etc/dnf/plugins/versionlock.list", "/etc/yum/pluginconf.d/versionlock.list"];
/// Where `exclude=` and `excludepkgs=` stand.
const SETTINGS: [&str; 2] = ["/etc/dnf/dnf.conf", "/etc/yum.conf"];
/// Most patterns that are looked at, and most bytes of one: a list that is longer was not written by a person.
const MOST: usize = 10_000;
const LONGEST: usize = 250;

/// What is kept.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// Names of packages, or patterns of them, whose version is locked.
    locked: Vec<String>,
    /// Patterns over name, architecture and version of packages that are never looked for.
    excluded: Vec<String>,
}

impl Holds {
    /// Reads what the machine has. A file that is not there holds nothing.
    pub(super) fn read(root: &Root) -> Self {
        let texts = |paths: [&str; 2]| paths.into_iter().filter_map(|path| root.text(path)).collect::<Vec<_>>();
        let locked = texts(LOCKS).iter().flat_map(|text| locks(text)).take(MOST).collect();
        // yum.conf is often a link to dnf.conf: saying it twice does no harm.
        let excluded = texts(SETTINGS).iter().flat_map(|text| excludes(text)).take(MOST).collect();
        Self { locked, excluded }
    }

    /// Whether a package is kept at its version.
    pub(super) fn hold(&self, package: &Package) -> bool {
        if self.locked.iter().any(|pattern| fits(pattern, &package.name)) {
            return true;
        }
        let forms = forms(package);
        self.excluded.iter().any(|pattern| forms.iter().any(|form| fits(pattern, form)))
    }
}

/// Names in a list of version locks: `bash-0:5.1.8-6.el9.*`. A lock on any version of a package keeps it from others;
/// `!` before one keeps away that version alone, which holds nothing.
fn locks(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let lines = lines.filter(|line| !line.is_empty() && line.len() <= LONGEST && !line.starts_with('!'));
    lines
        .map(|line| match Nevra::parse(line) {
            Some(nevra) if !nevra.name.is_empty() => without_epoch(&nevra.name).to_owned(),
            _ => line.to_owned(),
        })
        .collect()
}

/// yum wrote the epoch in front of the name: `0:bash-5.1.8-6.el9.*`.
fn without_epoch(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, name)| name)
}

/// Patterns of `exclude`, `excludes` and `excludepkgs` in the section `[main]`. A value goes on in indented lines.
fn excludes(text: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    let (mut in_main, mut in_value) = (false, false);
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let value = if line.starts_with([' ', '\t']) && in_value {
            trimmed
        } else if let Some(section) = trimmed.strip_prefix('[') {
            (in_main, in_value) = (section.trim_end_matches(']') == "main", false);
            continue;
        } else {
            let (name, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
            in_value = in_main && matches!(name.trim(), "exclude" | "excludes" | "excludepkgs");
            value
        };
        if in_value {
            let words = value.split([',', ' ', '\t']).filter(|word| !word.is_empty() && word.len() <= LONGEST);
            patterns.extend(words.map(str::to_owned));
        }
    }
    patterns
}

/// How dnf lets one speak of a package.
fn forms(package: &Package) -> Vec<String> {
    let Package { name, architecture, version, .. } = package;
    let (epoch, plain) = version.split_once(':').unwrap_or(("0", version));
    let only_version = plain.split_once('-').map_or(plain, |(version, _)| version);
    vec![
        name.clone(),
        format!("{name}.{architecture}"),
        format!("{name}-{only_version}"),
        format!("{name}-{plain}"),
        format!("{name}-{plain}.{architecture}"),
        format!("{name}-{epoch}:{plain}"),
        format!("{name}-{epoch}:{plain}.{architecture}"),
    ]
}

/// Whether a text fits a pattern with `*` and `?`. Goes back to the last star only, so that no pattern takes long.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(seen) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, seen));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == byte => (at, seen) = (at + 1, seen + 1),
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (at, seen) = (after, from + 1);
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_model::inventory::PackageState;
    use rstest::rstest;

    fn package(name: &str, version: &str) -> Package {
        let text = str::to_owned;
        let state = PackageState::Installed;
        Package {
            name: text(name),
            architecture: text("x86_64"),
            version: text(version),
            source: text(name),
            source_version: text(version),
            state,
            held: false,
        }
    }

    #[rstest]
    #[case("bash", "bash", true)]
    #[case("bash", "bashful", false)]
    #[case("kernel*", "kernel-core", true)]
    #[case("*-devel", "a-devel-devel", true)]
    #[case("p?thon*", "python3", true)]
    #[case("", "x", false)]
    #[case("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    fn patterns(#[case] pattern: &str, #[case] text: &str, #[case] fit: bool) {
        assert_eq!(fits(pattern, text), fit);
    }

    #[test]
    fn locks_and_excludes_of_a_machine() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root::new(folder.path());
        std::fs::create_dir_all(root.join("/etc/dnf/plugins")).expect("made");
        let list = "# Added lock on Mon\nbash-0:5.1.8-6.el9.*\n!zlib-0:1.2.11-40.el9.*\n2:vim-common-8.2-1.el9.*\nnginx*\n";
        std::fs::write(root.join(LOCKS[0]), list).expect("written");
        let settings = "[main]\ngpgcheck=1\nexclude=kernel*, java-17\n  tzdata.x86_64\ninstallonly_limit=3\n[other]\nexcludepkgs=curl\n";
        std::fs::write(root.join(SETTINGS[0]), settings).expect("written");
        let holds = Holds::read(&root);
        let held = |name: &str| holds.hold(&package(name, "1:1-1"));
        for name in ["bash", "vim-common", "nginx-core", "kernel-core", "java-17", "tzdata"] {
            assert!(held(name), "{name} is held");
        }
        for name in ["zlib", "curl", "bash-doc", "java-17-headless", "3"] {
            assert!(!held(name), "{name} is not held");
        }
    }

    #[test]
    fn excludes_name_versions_too() {
        let holds = Holds { locked: Vec::new(), excluded: vec!["curl-7.76*".to_owned(), "vim-2:8.2-1.x86_64".to_owned()] };
        assert!(holds.hold(&package("curl", "7.76.1-26")) && holds.hold(&package("vim", "2:8.2-1")));
        assert!(!holds.hold(&package("curl", "8.0-1")) && !holds.hold(&package("vim", "8.2-1")));
    }
}
