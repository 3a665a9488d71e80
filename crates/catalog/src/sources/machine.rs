//! Reading the machine's files, and deciding which entries a feed can use.

use super::list::{self, Entry, MAX_FILE};
use super::{MachineSources, SkippedSource, SourcesError};
use crate::deb822::{Reader, Wanted};
use crate::feed::{ARMOUR, AptSource, Keyring, Location};
use fettle_model::os::ReleaseKey;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// Where distributions put their own keys.
const KEYRINGS: &str = "usr/share/keyrings";
/// Suites that mean a release by its age, which `Release` resolves.
const ALIASES: [&str; 4] = ["stable", "oldstable", "oldoldstable", "testing"];

/// Reads the apt configuration of the machine whose root folder is `root`.
///
/// Only repositories of the distribution itself are taken: those that its own keyring signs. Entries of others are
/// left out with a reason.
///
/// # Errors
/// When the machine does not name its release, or a file cannot be read.
pub fn from_machine(root: &Path) -> Result<MachineSources, SourcesError> {
    let (distribution, codename) = release(root)?;
    let machine = Machine { root, distribution: &distribution, codename: &codename };
    let mut found = MachineSources {
        release: ReleaseKey::new(&distribution, &codename),
        architectures: architectures(root)?,
        sources: Vec::new(),
        skipped: Vec::new(),
        notes: Vec::new(),
    };
    for path in files(root)? {
        let text = read(&path)?;
        let deb822 = path.extension().is_some_and(|extension| extension == "sources");
        let entries = if deb822 { list::deb822(&text) } else { list::one_line(&text) };
        let file = Path::new("/").join(path.strip_prefix(root).unwrap_or(&path));
        for entry in entries {
            let shown = entry.as_ref().map_or_else(
                |line| line.split(' ').map(shown).collect::<Vec<_>>().join(" "),
                |entry| format!("{} {}", shown(&entry.uri), entry.suite),
            );
            match entry.map_err(|_| "it is not written as sources.list(5) says".to_owned()).and_then(|entry| machine.judge(entry)) {
                Ok(source) => add(&mut found.sources, source),
                Err(why) => found.skipped.push(SkippedSource { file: file.clone(), entry: shown, why }),
            }
        }
    }
    note(&mut found);
    Ok(found)
}

/// An address without user name and password.
fn shown(uri: &str) -> String {
    match uri.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{scheme}://{}/{path}", host.rsplit('@').next().unwrap_or_default())
        }
        None => uri.to_owned(),
    }
}

/// The same suite may be configured twice, with other components.
fn add(sources: &mut Vec<AptSource>, source: AptSource) {
    match sources.iter_mut().find(|known| known.uri == source.uri && known.suite == source.suite) {
        Some(known) => {
            let missing = source.components.into_iter().filter(|name| !known.components.contains(name)).collect::<Vec<_>>();
            known.components.extend(missing);
        }
        None => sources.push(source),
    }
}

fn note(found: &mut MachineSources) {
    if found.sources.is_empty() {
        found.notes.push("no repository of the distribution is configured on this machine; give a feed's sources by hand".into());
    } else if !found.sources.iter().any(|source| source.suite.contains("-security")) {
        found.notes.push("no security repository is configured on this machine, so its updates are not in the catalog".into());
    }
}

/// What entries are judged by.
struct Machine<'a> {
    root: &'a Path,
    distribution: &'a str,
    codename: &'a str,
}

impl Machine<'_> {
    fn judge(&self, entry: Entry) -> Result<AptSource, String> {
        let uri = Location::parse(&entry.uri).map_err(|error| error.to_string())?;
        if entry.suite.ends_with('/') || entry.components.is_empty() {
            return Err("it is a flat repository, without suites".into());
        }
        let base = entry.suite.split(['-', '/']).next().unwrap_or_default();
        if base != self.codename && !ALIASES.contains(&base) {
            return Err(format!("its suite does not belong to {}", self.codename));
        }
        if entry.suite.contains("-backports") {
            return Err("backports are not updates of what is installed".into());
        }
        if entry.suite.contains("-proposed") {
            return Err("proposed updates are not released".into());
        }
        let keyring = self.keyring(&entry.signed_by)?;
        if let Some(origin) = self.origin(&uri, &entry.suite)
            && !origin.eq_ignore_ascii_case(self.distribution)
        {
            return Err(format!("it is published by {origin}, not by the distribution"));
        }
        Ok(AptSource { uri, suite: entry.suite, components: entry.components, keyring })
    }

    /// The distribution's keyring, if the entry is signed with it.
    fn keyring(&self, signed_by: &str) -> Result<Keyring, String> {
        if signed_by.contains(ARMOUR) {
            return Err("it carries a key of its own, so it is not the distribution's".into());
        }
        let names: Vec<&str> = signed_by.split_whitespace().collect();
        if names.is_empty() {
            return self.default_keyring();
        }
        let own = names.iter().find(|name| self.is_own_keyring(Path::new(name)));
        own.map(|name| Keyring::File(PathBuf::from(name)))
            .ok_or_else(|| format!("it is signed with {}, which is not the distribution's keyring", names.join(" ")))
    }

    fn is_own_keyring(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        path.is_absolute() && name.starts_with(&format!("{}-archive-", self.distribution))
    }

    fn default_keyring(&self) -> Result<Keyring, String> {
        let names = ["pgp", "gpg"].map(|suffix| format!("{KEYRINGS}/{}-archive-keyring.{suffix}", self.distribution));
        let found = names.iter().find(|name| self.root.join(name).is_file());
        found
            .map(|name| Keyring::File(Path::new("/").join(name)))
            .ok_or_else(|| format!("it names no keyring, and /{} is not there; install the package of that keyring", names[1]))
    }

    /// `Origin` as apt last saw it, when it keeps a copy of the repository's `Release`.
    fn origin(&self, uri: &Location, suite: &str) -> Option<String> {
        let address = uri.url().as_str().split_once("://")?.1.trim_end_matches('/').replace('_', "%5f").replace('/', "_");
        let name = format!("{address}_dists_{}", suite.replace('/', "_"));
        let folder = self.root.join("var/lib/apt/lists");
        let kept = ["InRelease", "Release"].iter().map(|kind| folder.join(format!("{name}_{kind}")));
        let text = kept.filter(|path| path.is_file()).find_map(|path| read(&path).ok())?;
        text.lines().find_map(|line| line.strip_prefix("Origin:")).map(|origin| origin.trim().to_owned())
    }
}

/// `ID` and `VERSION_CODENAME` of os-release(5).
fn release(root: &Path) -> Result<(String, String), SourcesError> {
    let paths = ["etc/os-release", "usr/lib/os-release"].map(|path| root.join(path));
    let path = paths.iter().find(|path| path.is_file()).unwrap_or(&paths[0]);
    let no_release = || SourcesError::NoRelease { path: path.clone() };
    let text = read(path).map_err(|_| no_release())?;
    let value = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        let value = value.trim().trim_matches(['"', '\'']).to_lowercase();
        (!value.is_empty()).then_some(value)
    };
    let known = |id: &String| matches!(id.as_str(), "debian" | "ubuntu");
    value("ID").filter(known).zip(value("VERSION_CODENAME")).ok_or_else(no_release)
}

/// `sources.list` first, then the folder's files by name, as apt reads them.
fn files(root: &Path) -> Result<Vec<PathBuf>, SourcesError> {
    let mut files = Vec::new();
    let main = root.join("etc/apt/sources.list");
    if main.is_file() {
        files.push(main);
    }
    let folder = root.join("etc/apt/sources.list.d");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(files),
        Err(source) => return Err(SourcesError::Unreadable { path: folder, source }),
    };
    let named = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "list" || extension == "sources");
    let in_folder: BTreeSet<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(named).collect();
    files.extend(in_folder);
    Ok(files)
}

/// The native architecture, which is that of the package dpkg, and the foreign ones dpkg was told of.
fn architectures(root: &Path) -> Result<Vec<String>, SourcesError> {
    const FIELDS: &[Wanted] = &[Wanted::line("Package", 1024), Wanted::line("Architecture", 1024)];
    let status = root.join("var/lib/dpkg/status");
    let unreadable = |source| SourcesError::Unreadable { path: status.clone(), source };
    let file = File::open(&status).map_err(unreadable)?;
    let mut reader = Reader::new(BufReader::new(file), FIELDS);
    let mut names = Vec::new();
    while let Some(mut paragraph) = reader.next().map_err(|error| unreadable(std::io::Error::other(error)))? {
        if paragraph.get(0) == Some("dpkg") {
            names.extend(paragraph.take(1));
            break;
        }
    }
    let foreign = root.join("var/lib/dpkg/arch");
    if foreign.is_file() {
        for name in read(&foreign)?.lines().map(str::trim).filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    if names.is_empty() {
        return Err(unreadable(std::io::Error::other("the package dpkg is not in it")));
    }
    Ok(names)
}

fn read(path: &Path) -> Result<String, SourcesError> {
    let unreadable = |source| SourcesError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(unreadable(std::io::Error::other(format!("it is larger than {MAX_FILE} bytes"))));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
