//! What an administrator configures: where a feed comes from and whom it trusts.

use crate::bundle::BundledFeed;
use fettle_model::os::ReleaseKey;
use serde::{Deserialize, Serialize};
use std::path::{Component, Path, PathBuf};
use url::Url;

/// Most repositories in one feed. A release has three to five; each is a signature and several files to check.
const MAX_SOURCES: usize = 32;
/// Most components of one repository, and most architectures and lists of advisories of one feed.
const MAX_NAMES: usize = 16;
/// Most packages that one feed names; a fleet with more wants all of a collection.
const MAX_PACKAGES: usize = 10_000;
/// Largest keyring given as text. Debian's whole keyring has about 80,000 bytes.
const MAX_INLINE_KEYRING: usize = 256 * 1024;
/// Starts armoured public keys (RFC 9580 §6.2).
pub(crate) const ARMOUR: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

/// A source of catalog records with the name it goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Name; becomes [`Patch::source`](fettle_model::patch::Patch::source) of its patches.
    pub name: String,
    /// Where it comes from.
    pub config: FeedConfig,
}

/// How a feed is read. A closed set; in JSON an object with `kind`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedConfig {
    /// apt repositories of one release of Debian, Ubuntu or a distribution made like them.
    Debian(DebianFeed),
    /// The vendor's security documents about Windows and what runs on it.
    Microsoft(MicrosoftFeed),
    /// Manifests of applications on Windows.
    Winget(WingetFeed),
    /// Repositories of RPM packages of one release of a distribution.
    Rpm(RpmFeed),
    /// Which vulnerabilities are known to be exploited, as CISA lists them.
    KnownExploited(ListFeed),
    /// How probable it is that vulnerabilities are exploited, as the Exploit Prediction Scoring System says.
    Exploitation(ListFeed),
    /// What vulnerabilities are and how severe, as records of the Open Source Vulnerability format say: a folder, or a `.zip`
    /// or `.tar.gz` archive.
    Descriptions(ListFeed),
    /// A feed of another server, which comes with bundles of its catalog.
    Bundle(BundledFeed),
}

/// apt repositories of one distribution release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebianFeed {
    /// The release whose assets the patches are for: `debian/bookworm`.
    pub release: ReleaseKey,
    /// Its repositories: the base suite, updates, security.
    pub sources: Vec<AptSource>,
    /// Architectures to import, such as `amd64`.
    pub architectures: Vec<String>,
    /// The distribution's advisories: each in the format of the Debian security tracker's `DSA/list`, or an archive of
    /// records of the Open Source Vulnerability format. Configurations of earlier versions name one list, or `null`.
    #[serde(default, deserialize_with = "none_one_or_several")]
    pub advisories: Vec<Location>,
}

/// Reads a list, one value in place of a list, or `null` for none: what was one value in earlier versions.
///
/// # Errors
/// When it is neither.
pub fn none_one_or_several<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Values<T> {
        One(T),
        Several(Vec<T>),
    }
    Ok(match Option::<Values<T>>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Values::One(value)) => vec![value],
        Some(Values::Several(values)) => values,
    })
}

/// Monthly security documents of Microsoft, in CVRF 1.1 or CSAF 2.0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MicrosoftFeed {
    /// Root of the vendor's API, a folder with documents, or one document.
    pub source: Location,
    /// Documents that were first published on an earlier day are left out: `2023-01-01`. From a folder all are read.
    #[serde(default)]
    pub since: Option<String>,
}

/// Where Microsoft publishes its documents.
pub const MICROSOFT_API: &str = "https://api.msrc.microsoft.com/cvrf/v3.0";

/// Manifests of applications as the Windows Package Manager reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WingetFeed {
    /// A folder on the server, or a `.zip` or `.tar.gz` archive, with manifests anywhere in it.
    pub manifests: Location,
    /// Identifiers of the packages to read, such as `7zip.7zip`, or their beginnings, as `Mozilla.*`; all when empty.
    #[serde(default)]
    pub packages: Vec<String>,
}

/// RPM repositories of one distribution release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RpmFeed {
    /// The release whose assets the patches are for, by `ID` and number: `rocky/9`, `fedora/42`, `sles/15.6`.
    pub release: ReleaseKey,
    /// Its repositories: the release itself, its updates, what comes beside it.
    pub repositories: Vec<RpmRepository>,
    /// Architectures to import, such as `x86_64`; packages for all of them come too.
    pub architectures: Vec<String>,
}

/// One repository, as `createrepo` makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RpmRepository {
    /// Its root: the address above `repodata/`.
    pub uri: Location,
    /// Keys that may sign `repomd.xml`. Without them the repository is believed for the address it comes from.
    #[serde(default)]
    pub keyring: Option<Keyring>,
}

/// A list of what somebody says of vulnerabilities: no patches, but how urgent they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListFeed {
    /// Address of the list, or a file on the server.
    pub source: Location,
}

/// Where CISA publishes its list of known exploited vulnerabilities.
pub const KNOWN_EXPLOITED_LIST: &str = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
/// Where the newest probabilities of exploitation are published, once a day.
pub const EXPLOITATION_LIST: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";

/// Where records of Debian's vulnerabilities are published; other ecosystems stand beside it.
pub const DESCRIPTIONS: &str = "https://osv-vulnerabilities.storage.googleapis.com/Debian/all.zip";

/// One suite of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AptSource {
    /// Root of the archive: the address above `dists/`.
    pub uri: Location,
    /// Suite or code name: `bookworm-security`.
    pub suite: String,
    /// Components, such as `main`.
    pub components: Vec<String>,
    /// Keys that may sign it.
    pub keyring: Keyring,
}

/// An `http`, `https` or `file` address without credentials. An absolute path is taken for a `file` address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Location(Url);

/// Keys that may sign a repository. In JSON one text: the path of a keyring on the server, or armoured keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Keyring {
    /// A keyring file, binary or armoured, in one of [`Folders::keyrings`].
    File(PathBuf),
    /// Armoured keys.
    Inline(String),
}

/// A text that is no address a feed can be read from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// No address at all.
    #[error("{0:?} is not an address; give http://…, https://…, file:///… or an absolute path")]
    NotAnAddress(String),
    /// Another scheme.
    #[error("addresses that start with {0}: are not supported; give http, https or file")]
    Scheme(String),
    /// A user name or password in the address.
    #[error("the address contains a user name or password; feeds are read without credentials")]
    Credentials,
}

/// What is wrong with one field of a feed's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field, such as `sources[0].suite`.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Folders on the server that a sync may use.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The feed's own cache. It may be deleted at any time at the cost of a full download.
    pub cache: PathBuf,
    /// Folders that keyring files may be in.
    pub keyrings: Vec<PathBuf>,
}

impl Folders {
    /// The folders for one feed: the cache in `data/feeds/<name>`, where `name` is a plain file name such as
    /// the feed's id; keyrings where the distribution keeps them and in `data/keyrings`.
    #[must_use]
    pub fn new(data: &Path, name: &str) -> Self {
        let system = ["/usr/share/keyrings", "/etc/apt/keyrings", "/etc/apt/trusted.gpg.d", "/etc/pki/rpm-gpg"];
        let mut keyrings: Vec<PathBuf> = system.iter().map(PathBuf::from).collect();
        keyrings.push(data.join("keyrings"));
        Self { cache: data.join("feeds").join(name), keyrings }
    }

    /// Whether a keyring file may be read from there.
    #[must_use]
    pub fn allows_keyring(&self, path: &Path) -> bool {
        let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
        plain && self.keyrings.iter().any(|folder| path.starts_with(folder) && path != folder)
    }
}

impl FeedConfig {
    /// Everything that is wrong with the configuration; empty when it can be used.
    #[must_use]
    pub fn check(&self, folders: &Folders) -> Vec<Flaw> {
        match self {
            Self::Debian(feed) => feed.check(folders),
            Self::Microsoft(feed) => feed.check(),
            Self::Winget(feed) => feed.check(),
            Self::Rpm(feed) => feed.check(folders),
            Self::KnownExploited(feed) | Self::Exploitation(feed) | Self::Descriptions(feed) => feed.check(),
            Self::Bundle(_) => {
                let message = "comes with bundles of another server's catalog; it is made and changed by importing one";
                vec![Flaw { field: "kind".to_owned(), message: message.to_owned() }]
            }
        }
    }

    /// Where the package managers of machines find what the feed describes, when they are set up as the feed is; none for
    /// feeds whose patches name their installers.
    #[must_use]
    pub fn repositories(&self) -> Vec<&Location> {
        match self {
            Self::Debian(feed) => feed.sources.iter().map(|source| &source.uri).collect(),
            Self::Rpm(feed) => feed.repositories.iter().map(|repository| &repository.uri).collect(),
            Self::Bundle(feed) => feed.repositories.iter().collect(),
            Self::Microsoft(_) | Self::Winget(_) | Self::KnownExploited(_) | Self::Exploitation(_) | Self::Descriptions(_) => Vec::new(),
        }
    }

    /// The release its patches are for, where they are for one.
    #[must_use]
    pub fn release(&self) -> Option<&ReleaseKey> {
        match self {
            Self::Debian(feed) => Some(&feed.release),
            Self::Microsoft(_) => None,
            Self::Winget(_) => None,
            Self::Rpm(feed) => Some(&feed.release),
            Self::KnownExploited(_) | Self::Exploitation(_) | Self::Descriptions(_) => None,
            Self::Bundle(feed) => feed.release.as_ref(),
        }
    }
}

impl DebianFeed {
    fn check(&self, folders: &Folders) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut flaw = |field: String, message: &str| flaws.push(Flaw { field, message: message.to_owned() });
        let (distribution, codename) = (self.release.distribution(), self.release.codename());
        if !is_name(distribution) || !is_name(codename) || self.release.0.matches('/').count() != 1 {
            flaw("release".into(), "give distribution and code name, such as debian/bookworm");
        }
        if self.architectures.is_empty() || self.architectures.len() > MAX_NAMES {
            flaw("architectures".into(), "give one to sixteen architectures");
        }
        if self.architectures.iter().any(|name| !is_name(name) || name == "all" || name == "source") {
            flaw("architectures".into(), "give names of machine architectures, such as amd64");
        }
        if self.sources.is_empty() || self.sources.len() > MAX_SOURCES {
            flaw("sources".into(), "give one to thirty-two repositories");
        }
        if self.advisories.len() > MAX_NAMES {
            flaw("advisories".into(), "give up to sixteen lists");
        }
        for (number, source) in self.sources.iter().enumerate() {
            source.check(&format!("sources[{number}]"), folders, &mut flaws);
        }
        flaws
    }
}

impl RpmFeed {
    fn check(&self, folders: &Folders) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let (distribution, number) = (self.release.distribution(), self.release.codename());
        let mut flaw = |field: String, message: String| flaws.push(Flaw { field, message });
        if !is_name(distribution) || !is_name(number) || self.release.0.matches('/').count() != 1 {
            flaw("release".into(), "give distribution and number, such as rocky/9".into());
        }
        if self.architectures.is_empty() || self.architectures.len() > MAX_NAMES {
            flaw("architectures".into(), "give one to sixteen architectures".into());
        }
        if self.architectures.iter().any(|name| !is_name(name) || matches!(name.as_str(), "noarch" | "src" | "nosrc")) {
            flaw("architectures".into(), "give names of machine architectures, such as x86_64".into());
        }
        if self.repositories.is_empty() || self.repositories.len() > MAX_SOURCES {
            flaw("repositories".into(), "give one to thirty-two repositories".into());
        }
        for (number, repository) in self.repositories.iter().enumerate() {
            match &repository.keyring {
                Some(keyring) => flaws.extend(keyring.check(&format!("repositories[{number}].keyring"), folders)),
                None if !repository.uri.is_protected() => flaws.push(Flaw {
                    field: format!("repositories[{number}].keyring"),
                    message: "give the keyring that signs it, or an address that starts with https: nothing else protects it on its way"
                        .into(),
                }),
                None => {}
            }
        }
        flaws
    }
}

impl MicrosoftFeed {
    fn check(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut flaw = |field: &str, message: &str| flaws.push(Flaw { field: field.to_owned(), message: message.to_owned() });
        if !self.source.is_protected() {
            flaw("source", "give https://… or a folder: the documents are not signed, so that nothing else protects them on their way");
        }
        if self.since.as_deref().is_some_and(|since| since.parse::<jiff::civil::Date>().is_err()) {
            flaw("since", "give a day, such as 2023-01-01");
        }
        flaws
    }
}

impl ListFeed {
    fn check(&self) -> Vec<Flaw> {
        if self.source.is_protected() {
            return Vec::new();
        }
        let message = "give https://… or a file: the list is not signed, so that nothing else protects it on its way";
        vec![Flaw { field: "source".to_owned(), message: message.to_owned() }]
    }
}

impl WingetFeed {
    fn check(&self) -> Vec<Flaw> {
        let is_package = |name: &String| {
            let name = name.strip_suffix('*').unwrap_or(name);
            !name.is_empty()
                && name.len() <= 128
                && !name.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '*')
        };
        if self.packages.len() <= MAX_PACKAGES && self.packages.iter().all(is_package) {
            return Vec::new();
        }
        let message = format!("give up to {MAX_PACKAGES} identifiers such as 7zip.7zip, or beginnings such as Mozilla.*");
        vec![Flaw { field: "packages".to_owned(), message }]
    }
}

impl AptSource {
    fn check(&self, field: &str, folders: &Folders, flaws: &mut Vec<Flaw>) {
        let mut flaw = |name: &str, message: String| flaws.push(Flaw { field: format!("{field}.{name}"), message });
        if !is_path(&self.suite) {
            flaw("suite", "give a suite such as bookworm-security; flat repositories (a suite that ends with /) are not supported".into());
        }
        if self.components.is_empty() || self.components.len() > MAX_NAMES || self.components.iter().any(|name| !is_path(name)) {
            flaw("components", "give one to sixteen components, such as main".into());
        }
        flaws.extend(self.keyring.check(&format!("{field}.keyring"), folders));
    }
}

impl Keyring {
    fn check(&self, field: &str, folders: &Folders) -> Option<Flaw> {
        let message = match self {
            Self::File(path) if !folders.allows_keyring(path) => {
                let places: Vec<String> = folders.keyrings.iter().map(|folder| folder.display().to_string()).collect();
                format!("give the path of a keyring file in {}, or armoured keys", places.join(", "))
            }
            Self::Inline(text) if text.len() > MAX_INLINE_KEYRING => format!("armoured keys may have up to {MAX_INLINE_KEYRING} bytes"),
            Self::File(_) | Self::Inline(_) => return None,
        };
        Some(Flaw { field: field.to_owned(), message })
    }
}

/// A word that is safe in a path and an address.
fn is_name(text: &str) -> bool {
    let starts_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    starts_well && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
}

/// Names with slashes between them.
fn is_path(text: &str) -> bool {
    text.len() <= 128 && text.split('/').all(is_name)
}

impl Location {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is no `http`, `https` or `file` address, or carries credentials.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        let not_an_address = || LocationError::NotAnAddress(text.chars().take(200).collect());
        let url = if text.starts_with('/') {
            Url::from_file_path(text).map_err(|()| not_an_address())?
        } else {
            Url::parse(text).map_err(|_| not_an_address())?
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LocationError::Credentials);
        }
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(Self(url)),
            "file" if url.to_file_path().is_ok() => Ok(Self(url)),
            "http" | "https" | "file" => Err(not_an_address()),
            other => Err(LocationError::Scheme(other.to_owned())),
        }
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether what comes from there cannot be changed on its way: by `https`, from a file, or from this machine.
    pub(crate) fn is_protected(&self) -> bool {
        let is_here = matches!(self.0.host(), Some(url::Host::Ipv4(address)) if address.is_loopback());
        self.0.scheme() != "http" || is_here
    }

    /// The address of something below this one. `path` has plain names with slashes between them.
    pub(crate) fn below(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        Self(url)
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

impl TryFrom<String> for Location {
    type Error = LocationError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Location> for String {
    fn from(location: Location) -> Self {
        location.0.into()
    }
}

impl From<String> for Keyring {
    fn from(text: String) -> Self {
        if text.trim_start().starts_with(ARMOUR) { Self::Inline(text) } else { Self::File(PathBuf::from(text)) }
    }
}

impl From<Keyring> for String {
    fn from(keyring: Keyring) -> Self {
        match keyring {
            Keyring::File(path) => path.to_string_lossy().into_owned(),
            Keyring::Inline(text) => text,
        }
    }
}
