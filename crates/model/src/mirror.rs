//! Mirrors: other places that agents fetch installers from.
//!
//! A mirror changes where a file is fetched, never which file: its SHA-256 digest stays that of the catalog. A rule for
//! one installer goes before one for a beginning of addresses, and of two beginnings the longer one wins. An address is
//! replaced once: what a mirror gave is not looked up again.

use crate::digest::Sha256Digest;
use crate::installer::Installer;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use url::{Origin, Url};

/// Longest address; what browsers and proxies pass on without trouble.
const MAX_ADDRESS: usize = 2_048;

/// What is wrong with one field of a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field: `from`.
    pub field: &'static str,
    /// What is wrong, as the end of a sentence that begins with the field.
    pub message: String,
}

/// What a mirror replaces, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MirrorRule {
    /// Every address that begins like this. Both end with a slash, so that `https://a.example/x/` is a folder and says
    /// nothing of `https://a.example/xy`.
    Prefix {
        /// Beginning of the addresses in the catalog.
        from: String,
        /// What to put in its place.
        to: String,
    },
    /// One file, whatever its address.
    Installer {
        /// Digest of the file.
        sha256: Sha256Digest,
        /// Its address on the mirror.
        to: String,
    },
}

impl MirrorRule {
    /// Where it leads.
    #[must_use]
    pub fn to(&self) -> &str {
        match self {
            Self::Prefix { to, .. } | Self::Installer { to, .. } => to,
        }
    }

    /// The rule with its addresses as they are compared: host names in lower case, usual ports left out.
    ///
    /// # Errors
    /// What is wrong with each field; `plain` allows the mirror to be reached without TLS.
    pub fn checked(self, plain: bool) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let mut take = |field, address: Result<String, String>| match address {
            Ok(address) => address,
            Err(message) => {
                flaws.push(Flaw { field, message });
                String::new()
            }
        };
        let rule = match self {
            Self::Prefix { from, to } => Self::Prefix { from: take("from", folder(&from, true)), to: take("to", folder(&to, plain)) },
            Self::Installer { sha256, to } => Self::Installer { sha256, to: take("to", address(&to, plain).map(String::from)) },
        };
        match &rule {
            Self::Prefix { from, to } if flaws.is_empty() && to.starts_with(from.as_str()) => flaws
                .push(Flaw { field: "to", message: "lies within the addresses that it replaces; give a place outside of them".to_owned() }),
            _ => {}
        }
        if flaws.is_empty() { Ok(rule) } else { Err(flaws) }
    }

    /// Why the two cannot both be there, as the end of a sentence; both were checked.
    ///
    /// Rules that lead into each other are refused although an address is replaced only once: who writes them expects
    /// one of two results, and with a pair in both directions there would be no right one.
    #[must_use]
    pub fn clash(&self, other: &Self) -> Option<&'static str> {
        match (self, other) {
            (Self::Prefix { from: ours, .. }, Self::Prefix { from: theirs, .. }) if ours == theirs => Some("replaces the same addresses"),
            (Self::Prefix { to, .. }, Self::Prefix { from, .. }) if to.starts_with(from.as_str()) => {
                Some("replaces the addresses that this one leads to")
            }
            (Self::Prefix { from, .. }, Self::Prefix { to, .. }) if to.starts_with(from.as_str()) => {
                Some("leads to addresses that this one replaces")
            }
            (Self::Installer { sha256: ours, .. }, Self::Installer { sha256: theirs, .. }) if ours == theirs => {
                Some("is for the same installer")
            }
            _ => None,
        }
    }
}

fn address(text: &str, plain: bool) -> Result<Url, String> {
    if text.len() > MAX_ADDRESS {
        return Err(format!("is longer than {MAX_ADDRESS} bytes"));
    }
    let url = Url::parse(text.trim()).map_err(|error| format!("is not an address such as https://mirror.example/: {error}"))?;
    match url.scheme() {
        "https" => {}
        "http" if plain => {}
        "http" => return Err("must begin with https://, or plain HTTP be allowed for this mirror".to_owned()),
        _ => return Err("must begin with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("contains a user name or password; every agent would be given it".to_owned());
    }
    if url.fragment().is_some() {
        return Err("contains a #; servers never see what is behind it".to_owned());
    }
    Ok(url)
}

fn folder(text: &str, plain: bool) -> Result<String, String> {
    let url = address(text, plain)?;
    if url.query().is_some() {
        return Err("contains a ?; give the beginning of addresses".to_owned());
    }
    if !url.path().ends_with('/') {
        return Err("must end with /: it is the beginning of addresses, and would fit other folders and hosts otherwise".to_owned());
    }
    Ok(url.into())
}

/// The mirrors that are in force.
#[derive(Debug, Clone, Default)]
pub struct Mirrors {
    installers: HashMap<Sha256Digest, String>,
    /// By scheme, host and port; longest beginning first.
    prefixes: HashMap<Origin, Vec<(String, String)>>,
}

impl Mirrors {
    /// Puts rules in force; each was checked.
    pub fn new<'a>(rules: impl IntoIterator<Item = &'a MirrorRule>) -> Self {
        let mut mirrors = Self::default();
        for rule in rules {
            match rule {
                MirrorRule::Installer { sha256, to } => {
                    mirrors.installers.insert(*sha256, to.clone());
                }
                MirrorRule::Prefix { from, to } => {
                    // What cannot be parsed was never checked, and replaces nothing.
                    let Ok(url) = Url::parse(from) else { continue };
                    mirrors.prefixes.entry(url.origin()).or_default().push((from.clone(), to.clone()));
                }
            }
        }
        for prefixes in mirrors.prefixes.values_mut() {
            prefixes.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        }
        mirrors
    }

    /// Where a mirror has an installer; `None` when it stays where its vendor has it.
    #[must_use]
    pub fn replacement(&self, installer: &Installer) -> Option<String> {
        if let Some(to) = self.installers.get(&installer.sha256) {
            return Some(to.clone());
        }
        if self.prefixes.is_empty() {
            return None;
        }
        let url = Url::parse(&installer.url).ok()?;
        let mut prefixes = self.prefixes.get(&url.origin())?.iter();
        prefixes.find_map(|(from, to)| Some(format!("{to}{}", url.as_str().strip_prefix(from.as_str())?)))
    }
}

#[cfg(test)]
mod tests;
