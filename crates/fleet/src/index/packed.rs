//! A card as bytes: what is different on every machine as text, what repeats as numbers of the dictionary.

use super::dictionary::{NONE, SINGLE, TEXTS};
use super::varint;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The values of a row in all categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Codes {
    /// By [`super::dictionary::Category`]; [`NONE`] where there is no value.
    pub(crate) single: [u32; SINGLE],
    /// Tags the asset carries itself, ascending.
    pub(crate) tags: Vec<u32>,
}

impl Default for Codes {
    fn default() -> Self {
        Self { single: [NONE; SINGLE], tags: Vec::new() }
    }
}

/// What is packed of a card beside its codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    pub(crate) name: &'a str,
    /// The name as it is sorted and searched.
    pub(crate) folded: &'a str,
    pub(crate) user: Option<&'a str>,
    pub(crate) scan_error: Option<&'a str>,
    pub(crate) serial: &'a str,
    pub(crate) addresses: &'a [String],
    pub(crate) macs: &'a [String],
}

const OWN_FOLDING: u8 = 1;
const USER: u8 = 2;
const ERROR: u8 = 4;

/// Kinds of addresses.
const TEXT: u8 = 0;
const V4: u8 = 4;
const V6: u8 = 6;
const MAC: u8 = 48;

/// Packs a card.
pub(crate) fn pack(texts: &Texts<'_>, codes: &Codes) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let own_folding = texts.folded != texts.name;
    bytes.push(flag(own_folding, OWN_FOLDING) | flag(texts.user.is_some(), USER) | flag(texts.scan_error.is_some(), ERROR));
    varint::write_text(&mut bytes, texts.name);
    if own_folding {
        varint::write_text(&mut bytes, texts.folded);
    }
    for text in [texts.user, texts.scan_error].into_iter().flatten() {
        varint::write_text(&mut bytes, text);
    }
    for &code in &codes.single {
        varint::write(&mut bytes, u64::from(code.wrapping_add(1)));
    }
    varint::write(&mut bytes, codes.tags.len() as u64);
    codes.tags.iter().for_each(|&tag| varint::write(&mut bytes, tag.into()));
    varint::write_text(&mut bytes, texts.serial);
    varint::write(&mut bytes, texts.addresses.len() as u64);
    texts.addresses.iter().for_each(|address| pack_address(&mut bytes, address));
    varint::write(&mut bytes, texts.macs.len() as u64);
    texts.macs.iter().for_each(|mac| pack_mac(&mut bytes, mac));
    bytes
}

/// Addresses in their customary form take four or sixteen bytes, others stay texts.
fn pack_address(bytes: &mut Vec<u8>, text: &str) {
    match text.parse::<IpAddr>() {
        Ok(address) if address.to_string() == text => match address {
            IpAddr::V4(address) => {
                bytes.push(V4);
                bytes.extend(address.octets());
            }
            IpAddr::V6(address) => {
                bytes.push(V6);
                bytes.extend(address.octets());
            }
        },
        _ => {
            bytes.push(TEXT);
            varint::write_text(bytes, text);
        }
    }
}

fn pack_mac(bytes: &mut Vec<u8>, text: &str) {
    let parts: Option<Vec<u8>> = text.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect();
    match parts.and_then(|parts| <[u8; 6]>::try_from(parts).ok()).filter(|parts| mac_text(parts) == text) {
        Some(parts) => {
            bytes.push(MAC);
            bytes.extend(parts);
        }
        None => {
            bytes.push(TEXT);
            varint::write_text(bytes, text);
        }
    }
}

fn mac_text(parts: &[u8; 6]) -> String {
    let [a, b, c, d, e, f] = parts;
    format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
}

/// An address as it was packed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Address<'a> {
    Ip(IpAddr),
    Mac([u8; 6]),
    Text(&'a str),
}

impl Address<'_> {
    /// The address as a number, if it is one of a network.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        match self {
            Address::Ip(ip) => Some(*ip),
            Address::Text(text) => text.parse().ok(),
            Address::Mac(_) => None,
        }
    }
}

impl std::fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Mac(parts) => f.write_str(&mac_text(parts)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A packed card, read as far as is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packed<'a> {
    pub(crate) name: &'a str,
    pub(crate) folded: &'a str,
    pub(crate) user: Option<&'a str>,
    pub(crate) scan_error: Option<&'a str>,
    rest: &'a [u8],
}

/// What comes after the codes.
#[derive(Debug, Clone)]
pub(crate) struct Interfaces<'a> {
    pub(crate) serial: &'a str,
    pub(crate) addresses: Vec<Address<'a>>,
    pub(crate) macs: Vec<Address<'a>>,
}

impl<'a> Packed<'a> {
    /// Reads the texts in front. `None` when the bytes are no card.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&flags, mut rest) = bytes.split_first()?;
        let name = varint::read_text(&mut rest)?;
        let folded = if flags & OWN_FOLDING == 0 { name } else { varint::read_text(&mut rest)? };
        let user = if flags & USER == 0 { None } else { Some(varint::read_text(&mut rest)?) };
        let scan_error = if flags & ERROR == 0 { None } else { Some(varint::read_text(&mut rest)?) };
        Some(Self { name, folded, user, scan_error, rest })
    }

    /// Reads the codes.
    pub(crate) fn codes(&self) -> Option<Codes> {
        self.read_codes().map(|(codes, _)| codes)
    }

    /// Reads the number of one category of texts or choices.
    pub(crate) fn code(&self, category: usize) -> Option<u32> {
        let mut rest = self.rest;
        for _ in 0..category {
            varint::read_u32(&mut rest)?;
        }
        Some(varint::read_u32(&mut rest)?.wrapping_sub(1))
    }

    /// The bytes that [`Packed::interfaces`] reads.
    pub(crate) fn interface_bytes(&self) -> Option<&'a [u8]> {
        self.read_codes().map(|(_, rest)| rest)
    }

    /// Reads what comes after the codes.
    pub(crate) fn interfaces(&self) -> Option<Interfaces<'a>> {
        self.read_codes().and_then(|(_, mut rest)| {
            let serial = varint::read_text(&mut rest)?;
            let addresses = read_addresses(&mut rest)?;
            let macs = read_addresses(&mut rest)?;
            rest.is_empty().then_some(Interfaces { serial, addresses, macs })
        })
    }

    fn read_codes(&self) -> Option<(Codes, &'a [u8])> {
        let mut codes = Codes::default();
        self.codes_into(&mut codes).map(|rest| (codes, rest))
    }

    /// Reads the codes into something that may be used again. Gives what comes after them.
    pub(crate) fn codes_into(&self, codes: &mut Codes) -> Option<&'a [u8]> {
        let mut rest = self.rest;
        codes.tags.clear();
        for code in &mut codes.single {
            *code = varint::read_u32(&mut rest)?.wrapping_sub(1);
        }
        let count = varint::read(&mut rest)?;
        for _ in 0..count {
            codes.tags.push(varint::read_u32(&mut rest)?);
        }
        Some(rest)
    }

    /// Whether what comes after the codes can be read.
    pub(crate) fn ends_well(mut rest: &[u8]) -> bool {
        let mut read = || {
            varint::read_text(&mut rest)?;
            for _ in 0..2 {
                for _ in 0..varint::read(&mut rest)? {
                    read_address(&mut rest)?;
                }
            }
            Some(())
        };
        read().is_some() && rest.is_empty()
    }
}

fn read_addresses<'a>(bytes: &mut &'a [u8]) -> Option<Vec<Address<'a>>> {
    let count = varint::read(bytes)?;
    let mut addresses = Vec::new();
    for _ in 0..count {
        addresses.push(read_address(bytes)?);
    }
    Some(addresses)
}

fn read_address<'a>(bytes: &mut &'a [u8]) -> Option<Address<'a>> {
    let (&kind, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(match kind {
        TEXT => Address::Text(varint::read_text(bytes)?),
        V4 => Address::Ip(Ipv4Addr::from(<[u8; 4]>::try_from(varint::read_bytes(bytes, 4)?).ok()?).into()),
        V6 => Address::Ip(Ipv6Addr::from(<[u8; 16]>::try_from(varint::read_bytes(bytes, 16)?).ok()?).into()),
        MAC => Address::Mac(varint::read_bytes(bytes, 6)?.try_into().ok()?),
        _ => return None,
    })
}

const _: () = assert!(TEXTS < SINGLE, "texts come first");
