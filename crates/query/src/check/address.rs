//! Network addresses.

use super::flaw::{Flaw, shown};
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};

const ADDRESSES: &str = "an address or a network, such as 10.0.0.7, 10.0.0.0/24 or \"2001:db8::/32\"";

/// Reads an address, which is a network of one, or a network.
pub(super) fn read(text: &str) -> Result<IpNet, Flaw> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(IpNet::from(address.to_canonical()));
    }
    if let Ok(network) = text.parse::<IpNet>() {
        return Ok(network.trunc());
    }
    let message = if text.contains('*') {
        format!("{} has a wildcard, which addresses do not take", shown(text))
    } else {
        format!("{} is no address", shown(text))
    };
    Err(Flaw::new(message, ADDRESSES).suggest(network_of(text).map(|network| network.to_string())))
}

/// The network somebody means who writes `10.0.*` or `10.0`.
fn network_of(text: &str) -> Option<Ipv4Net> {
    let mut octets = [0_u8; 4];
    let mut known = 0_u8;
    let mut open = false;
    for (octet, part) in octets.iter_mut().zip(text.trim_end_matches('.').split('.')) {
        if part == "*" {
            open = true;
        } else if open {
            return None;
        } else {
            *octet = part.parse().ok()?;
            known += 1;
        }
    }
    let parts = text.trim_end_matches('.').split('.').count();
    (parts <= 4 && (1..=3).contains(&known)).then(|| Ipv4Net::new(Ipv4Addr::from(octets), known * 8).ok()).flatten()
}
