//! From the catalog, the feeds and the mirrors to the hosts that agents must reach.

use super::location::{DownloadLocation, Purpose};
use crate::locations::Locations;
use fettle_catalog::FeedConfig;
use fettle_model::patch::{Download, Patch};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use url::Url;

/// Packages come from where each machine is told to get them, which the server does not decide.
const OWN_SOURCES: &str = "As the feed has it. Machines fetch packages from their own package sources, which may be others: look there before you close anything.";

/// A host with what decides how it is reached and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Host {
    host: String,
    port: u16,
    scheme: String,
    purpose: Purpose,
}

impl Host {
    /// `None` for what is not fetched from a host.
    fn of(url: &Url, purpose: Purpose) -> Option<Self> {
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
        Some(Self { host, port: url.port_or_known_default()?, scheme: url.scheme().to_owned(), purpose })
    }
}

/// What was found of a host.
#[derive(Default)]
struct Found {
    patches: u64,
    feeds: BTreeSet<String>,
    mirror: bool,
}

/// The hosts, by name. `server` is where agents reach this server; of `feeds`, names and configurations. Patches that are
/// switched off count for none, those that only a person can get neither.
pub(super) fn hosts<'a>(
    server: &Url,
    patches: impl Iterator<Item = &'a Patch>,
    locations: &Locations,
    feeds: &[(String, FeedConfig)],
) -> Vec<DownloadLocation> {
    let mut found: BTreeMap<Host, Found> = BTreeMap::new();
    let own = Host::of(server, Purpose::Server);
    found.extend(own.clone().map(|host| (host, Found::default())));
    let repositories: HashMap<&str, BTreeSet<Host>> = feeds.iter().map(|(name, config)| (name.as_str(), repositories(config))).collect();
    for patch in patches.filter(|patch| patch.enabled) {
        let places = places(patch, own.as_ref(), locations, &repositories);
        for (host, mirror) in places {
            let found = found.entry(host).or_default();
            found.patches += 1;
            found.mirror |= mirror;
            if !found.feeds.contains(&patch.source) {
                found.feeds.insert(patch.source.clone());
            }
        }
    }
    found.into_iter().map(|(host, found)| shown(host, found)).collect()
}

/// Where there is something of a patch, and whether a mirror led there.
fn places(patch: &Patch, own: Option<&Host>, locations: &Locations, repositories: &HashMap<&str, BTreeSet<Host>>) -> BTreeMap<Host, bool> {
    let installers = match &patch.download {
        Download::PackageManager { .. } => {
            let hosts = repositories.get(patch.source.as_str()).into_iter().flatten();
            return hosts.map(|host| (host.clone(), false)).collect();
        }
        Download::Automatic { installers } => installers,
        Download::AcquireFromVendor { .. } => return BTreeMap::new(),
    };
    let mut places = BTreeMap::new();
    for place in installers.iter().map(|installer| locations.of(installer)) {
        let Some(host) = Url::parse(&place.url).ok().and_then(|url| Host::of(&url, Purpose::Installers)) else { continue };
        let own = own.filter(|own| (&own.host, own.port) == (&host.host, host.port));
        *places.entry(own.cloned().unwrap_or(host)).or_default() |= place.replaced.is_some();
    }
    places
}

fn repositories(config: &FeedConfig) -> BTreeSet<Host> {
    config.repositories().into_iter().filter_map(|location| Host::of(location.url(), Purpose::Packages)).collect()
}

fn shown(host: Host, found: Found) -> DownloadLocation {
    let note = (host.purpose == Purpose::Packages).then(|| OWN_SOURCES.to_owned());
    DownloadLocation {
        scheme: host.scheme,
        host: host.host,
        port: host.port,
        purpose: host.purpose,
        patches: found.patches,
        feeds: found.feeds.into_iter().collect(),
        mirror: found.mirror,
        note,
    }
}
