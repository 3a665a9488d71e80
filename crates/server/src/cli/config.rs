//! What `fettle login` remembers: `$XDG_CONFIG_HOME/fettle/client.toml`, readable by its owner only.

use super::error::CliError;
use fettle_model::digest::Sha256Digest;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Whom to believe when a server shows its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// The authorities that the operating system trusts.
    System,
    /// Only the authorities in this PEM file.
    File(PathBuf),
    /// Only the authority with this SHA-256 fingerprint.
    Pinned(Sha256Digest),
}

/// One remembered login.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Config {
    /// The server's address.
    pub(super) server: String,
    /// The API token.
    pub(super) token: String,
    /// The token's id, to withdraw it at log-out; unknown for a token made elsewhere.
    pub(super) token_id: Option<String>,
    /// Whom to believe.
    pub(super) trust: Trust,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("server", &self.server).field("trust", &self.trust).finish_non_exhaustive()
    }
}

/// The file's shape.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    server: String,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority_sha256: Option<String>,
}

impl Config {
    /// The remembered login, if there is one.
    pub(super) fn load() -> Result<Option<Self>, CliError> {
        Self::load_from(&place()?)
    }

    /// Remembers this login instead of any before it.
    pub(super) fn save(&self) -> Result<PathBuf, CliError> {
        let path = place()?;
        self.save_to(&path)?;
        Ok(path)
    }

    /// Forgets the login. Forgetting none is fine.
    pub(super) fn forget() -> Result<(), CliError> {
        let path = place()?;
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(CliError::File { action: "remove", path, source }),
            _ => Ok(()),
        }
    }

    fn load_from(path: &Path) -> Result<Option<Self>, CliError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CliError::File { action: "read", path: path.to_owned(), source }),
        };
        let damaged =
            |why: &str| CliError::Failed(format!("{} is damaged ({why}): remove it and run `fettle login` again", path.display()));
        let stored: Stored = toml::from_str(&text).map_err(|error| damaged(error.message()))?;
        let trust = match (stored.ca_file, stored.authority_sha256) {
            (Some(file), None) => Trust::File(file),
            (None, Some(pin)) => Trust::Pinned(parse_fingerprint(&pin).ok_or_else(|| damaged("authority_sha256 is no fingerprint"))?),
            (None, None) => Trust::System,
            (Some(_), Some(_)) => return Err(damaged("it names two authorities")),
        };
        Ok(Some(Self { server: stored.server, token: stored.token, token_id: stored.token_id, trust }))
    }

    fn save_to(&self, path: &Path) -> Result<(), CliError> {
        let (ca_file, authority_sha256) = match &self.trust {
            Trust::System => (None, None),
            Trust::File(file) => (Some(std::path::absolute(file).unwrap_or_else(|_| file.clone())), None),
            Trust::Pinned(pin) => (None, Some(pin.to_string())),
        };
        let stored =
            Stored { server: self.server.clone(), token: self.token.clone(), token_id: self.token_id.clone(), ca_file, authority_sha256 };
        let text = toml::to_string(&stored).map_err(|error| CliError::Failed(format!("could not write the login: {error}")))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let failed = |source| CliError::File { action: "write", path: path.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        // A temporary file is created readable by its owner only, and replaces the old one in one step.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// A SHA-256 fingerprint as people write it: hexadecimal, with or without colons.
pub(super) fn parse_fingerprint(text: &str) -> Option<Sha256Digest> {
    let plain: String = text.trim().chars().filter(|c| *c != ':').collect::<String>().to_lowercase();
    let bytes = data_encoding::HEXLOWER.decode(plain.as_bytes()).ok()?;
    bytes.try_into().ok().map(Sha256Digest)
}

/// Where the login is kept: the XDG base directory specification's configuration folder.
fn place() -> Result<PathBuf, CliError> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
    folder.map(|folder| folder.join("fettle").join("client.toml")).ok_or_else(|| {
        CliError::Failed("neither XDG_CONFIG_HOME nor HOME is set, so there is no place to remember a login: set one of them".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::os::unix::fs::PermissionsExt;

    #[rstest]
    #[case(Trust::System)]
    #[case(Trust::File("/etc/ssl/fettle.pem".into()))]
    #[case(Trust::Pinned(Sha256Digest([7; 32])))]
    fn a_login_survives_and_only_its_owner_reads_it(#[case] trust: Trust) {
        let folder = tempfile::tempdir().expect("scratch folder");
        let path = folder.path().join("fettle/client.toml");
        assert_eq!(Config::load_from(&path).expect("no file is no login"), None);
        let config = Config { server: "https://a.example/".into(), token: "ft1_x".into(), token_id: Some("1".into()), trust };
        config.save_to(&path).expect("saved");
        assert_eq!(Config::load_from(&path).expect("loaded"), Some(config));
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_login_says_what_to_do() {
        let folder = tempfile::tempdir().expect("scratch folder");
        let path = folder.path().join("client.toml");
        std::fs::write(&path, "server = 1").expect("written");
        let error = Config::load_from(&path).expect_err("damaged");
        assert!(error.to_string().contains("fettle login"), "{error}");
    }

    #[rstest]
    #[case("00", false)]
    #[case(&"ab".repeat(32), true)]
    #[case(&["AB"; 32].join(":"), true)]
    #[case(&"zz".repeat(32), false)]
    fn fingerprints_are_read_as_people_write_them(#[case] text: &str, #[case] fine: bool) {
        assert_eq!(parse_fingerprint(text).is_some(), fine);
    }
}
