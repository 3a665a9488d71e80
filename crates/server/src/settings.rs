//! Settings: flags before environment before `fettle.toml` in the data folder, checked once.
//!
//! [`ServeArgs`] is what a person may give, with holes; [`Settings`] is what the server runs with, without
//! any. To add a setting, add it to [`ServeArgs`], to the fields of the file below, and to [`Settings`] with its check.

use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Most mebibytes of an uploaded file when nobody says: a program for Windows cannot be larger than 4 GiB, and a package
/// that is larger is rare enough to be decided on.
pub const UPLOAD_LIMIT_MB: u64 = 4_096;
/// Most that may be allowed: a file is read whole at least twice before it is there, which takes minutes for this size.
const MOST_UPLOAD_MB: u64 = 65_536;

/// Arguments of `fettle serve`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ServeArgs {
    /// Folder that holds the database, the certificate authority and the feeds' caches
    #[arg(long, env = "FETTLE_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// Database; by default SQLite in the data folder
    #[arg(long, env = "FETTLE_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// Address of console and API [default: 127.0.0.1:8480]
    #[arg(long, env = "FETTLE_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Address agents connect to [default: 0.0.0.0:8481]
    #[arg(long, env = "FETTLE_AGENT_LISTEN", value_name = "ADDRESS")]
    pub agent_listen: Option<SocketAddr>,
    /// Host name or address under which people and agents reach this server [default: localhost]
    #[arg(long, env = "FETTLE_PUBLIC_NAME", value_name = "NAME")]
    pub public_name: Option<String>,
    /// Certificate chain for console and API, PEM; by default the server's own authority issues one
    #[arg(long, env = "FETTLE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of --tls-cert, PEM
    #[arg(long, env = "FETTLE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// How log lines look: `pretty` for people, `json` for programs
    #[arg(long, env = "FETTLE_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Pretty,
    /// One JSON object a line.
    Json,
}

/// `fettle.toml` in the data folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    database: Option<String>,
    listen: Option<SocketAddr>,
    agent_listen: Option<SocketAddr>,
    public_name: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    log_format: Option<LogFormat>,
    scan_interval_seconds: Option<u32>,
    upload_limit_mb: Option<u64>,
}

/// How console and API are spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleTls {
    /// Plain HTTP; only on a loopback address.
    Plain,
    /// HTTPS with a certificate of the server's own authority.
    OwnAuthority,
    /// HTTPS with a certificate from files.
    Files {
        /// Chain, PEM.
        certificate: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
}

impl ConsoleTls {
    /// Whether console and API are reached by HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        *self != Self::Plain
    }
}

/// What the server runs with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Data folder.
    pub data: PathBuf,
    /// Database address, as [`fettle_store::Store::open`] takes it. May hold a password: never log it.
    pub database: String,
    /// Address of console and API.
    pub listen: SocketAddr,
    /// Address agents connect to.
    pub agent_listen: SocketAddr,
    /// Name people and agents use.
    pub public_name: String,
    /// How console and API are spoken.
    pub console_tls: ConsoleTls,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Paces of the agents.
    pub pace: Pace,
    /// Most bytes of an uploaded file.
    pub upload_limit: u64,
}

/// Paces given to agents, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Between scans. 4 hours is the default profile of the specification.
    pub scan_interval: u32,
    /// Longest time a check-in is held.
    pub hold: u16,
    /// Pause between an answered check-in and the next.
    pub pause: u16,
}

impl Default for Pace {
    fn default() -> Self {
        Self { scan_interval: 4 * 3600, hold: 240, pause: 1 }
    }
}

impl Settings {
    /// Folder of keys and one-time tokens, readable by the server alone.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.data.join("secrets")
    }

    /// File that the index is kept in between two runs of the server.
    #[must_use]
    pub fn index(&self) -> PathBuf {
        self.data.join("fleet.index")
    }

    /// Folder of uploaded files.
    #[must_use]
    pub fn contents(&self) -> PathBuf {
        self.data.join("contents")
    }

    /// Folder of bundles that are being made or read.
    #[must_use]
    pub fn bundles(&self) -> PathBuf {
        self.data.join("bundles")
    }

    /// Folder of the feeds' caches.
    #[must_use]
    pub fn feeds(&self) -> PathBuf {
        self.data.join("feeds")
    }

    /// Where agents reach this server: `https://fettle.example:8481`.
    #[must_use]
    pub fn agent_url(&self) -> String {
        let port = self.agent_listen.port();
        match self.public_name.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("https://[{address}]:{port}"),
            Err(_) => format!("https://{}:{port}", self.public_name),
        }
    }

    /// Completes what was given with `fettle.toml` and the defaults.
    ///
    /// # Errors
    /// When the file cannot be read or holds something unknown, or values contradict each other.
    pub fn load(args: &ServeArgs) -> Result<Self, SettingsError> {
        let file = read_file(&args.data.join("fettle.toml"))?;
        let listen = args.listen.or(file.listen).unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8480)));
        let certificate = args.tls_cert.clone().or(file.tls_cert);
        let key = args.tls_key.clone().or(file.tls_key);
        let public_name = args.public_name.clone().or(file.public_name).unwrap_or_else(|| "localhost".to_owned());
        check_name(&public_name)?;
        let scan_interval = file.scan_interval_seconds.unwrap_or(Pace::default().scan_interval);
        if !(60..=7 * 86_400).contains(&scan_interval) {
            return Err(SettingsError::ScanInterval { got: scan_interval });
        }
        let upload_limit = file.upload_limit_mb.unwrap_or(UPLOAD_LIMIT_MB);
        if !(1..=MOST_UPLOAD_MB).contains(&upload_limit) {
            return Err(SettingsError::UploadLimit { got: upload_limit });
        }
        Ok(Self {
            database: args.database.clone().or(file.database).unwrap_or_else(|| default_database(&args.data)),
            data: args.data.clone(),
            listen,
            agent_listen: args.agent_listen.or(file.agent_listen).unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8481))),
            public_name,
            console_tls: console_tls(listen.ip(), certificate, key)?,
            log_format: args.log_format.or(file.log_format).unwrap_or_default(),
            pace: Pace { scan_interval, ..Pace::default() },
            upload_limit: upload_limit * 1024 * 1024,
        })
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file exists and cannot be read.
    #[error("could not read the settings file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds something that is not a setting.
    #[error("the settings file {} is not valid: correct the line named below", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Only one of certificate and key was given.
    #[error("--tls-cert and --tls-key belong together: give both or neither")]
    HalfTls,
    /// The public name is neither a host name nor an address.
    #[error("{name:?} is not a host name or address: give --public-name as people and agents would type it, without scheme and port")]
    PublicName {
        /// What was given.
        name: String,
    },
    /// The limit of uploads is out of bounds.
    #[error("upload_limit_mb is {got}: give 1 to {MOST_UPLOAD_MB} (64 GiB)")]
    UploadLimit {
        /// What was given.
        got: u64,
    },
    /// The scan interval is out of bounds.
    #[error("scan_interval_seconds is {got}: give 60 to 604800 (one week)")]
    ScanInterval {
        /// What was given.
        got: u32,
    },
}

fn read_file(path: &Path) -> Result<File, SettingsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(File::default()),
        Err(source) => return Err(SettingsError::Read { path: path.to_owned(), source }),
    };
    toml::from_str(&text).map_err(|source| SettingsError::Parse { path: path.to_owned(), source: Box::new(source) })
}

fn default_database(data: &Path) -> String {
    format!("sqlite:{}", data.join("fettle.db").display())
}

fn console_tls(ip: IpAddr, certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<ConsoleTls, SettingsError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(ConsoleTls::Files { certificate, key }),
        (None, None) if ip.is_loopback() => Ok(ConsoleTls::Plain),
        (None, None) => Ok(ConsoleTls::OwnAuthority),
        _ => Err(SettingsError::HalfTls),
    }
}

fn check_name(name: &str) -> Result<(), SettingsError> {
    match rustls_pki_types::ServerName::try_from(name) {
        Ok(_) => Ok(()),
        Err(_) => Err(SettingsError::PublicName { name: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(data: &Path) -> ServeArgs {
        ServeArgs {
            data: data.to_owned(),
            database: None,
            listen: None,
            agent_listen: None,
            public_name: None,
            tls_cert: None,
            tls_key: None,
            log_format: None,
        }
    }

    #[test]
    fn defaults_are_plain_on_loopback() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::load(&args(folder.path())).unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8480");
        assert_eq!(settings.agent_listen.to_string(), "0.0.0.0:8481");
        assert_eq!(settings.console_tls, ConsoleTls::Plain);
        assert!(settings.database.starts_with("sqlite:"));
    }

    #[test]
    fn another_address_means_https() {
        let folder = tempfile::tempdir().unwrap();
        let given = ServeArgs { listen: Some("0.0.0.0:8480".parse().unwrap()), ..args(folder.path()) };
        assert_eq!(Settings::load(&given).unwrap().console_tls, ConsoleTls::OwnAuthority);
    }

    #[test]
    fn flags_go_before_the_file_and_unknown_keys_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fettle.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\npublic_name = \"patch.example\"\n").unwrap();
        let given = ServeArgs { listen: Some("127.0.0.1:2".parse().unwrap()), ..args(folder.path()) };
        let settings = Settings::load(&given).unwrap();
        assert_eq!((settings.listen.port(), settings.public_name.as_str()), (2, "patch.example"));
        std::fs::write(&file, "listne = \"127.0.0.1:1\"\n").unwrap();
        assert!(matches!(Settings::load(&given), Err(SettingsError::Parse { .. })));
    }

    #[test]
    fn contradictions_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let half = ServeArgs { tls_cert: Some("a.pem".into()), ..args(folder.path()) };
        assert!(matches!(Settings::load(&half), Err(SettingsError::HalfTls)));
        let name = ServeArgs { public_name: Some("https://a.example:1".into()), ..args(folder.path()) };
        assert!(matches!(Settings::load(&name), Err(SettingsError::PublicName { .. })));
    }
}
