//! What `systeminfo` prints, in any language: the order of its lines is the same in all.

use fettle_model::os::windows::{Observed, product};

/// What is read of it.
#[derive(Debug, Default)]
pub(crate) struct SystemInfo {
    /// `Microsoft Windows 10 Pro`.
    pub(crate) name: String,
    /// `10.0`.
    pub(crate) version: String,
    /// `19045`.
    pub(crate) build: String,
    /// `Service Pack 1`; empty when there is none.
    pub(crate) service_pack: String,
    /// `x64-based PC`.
    pub(crate) architecture: String,
    /// `KB5034122`, as they are listed.
    pub(crate) hotfixes: Vec<String>,
}

impl SystemInfo {
    /// Reads it. Old code pages are read as far as they are ASCII: nothing that is wanted is anything else.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let text = match bytes {
            [0xff, 0xfe, rest @ ..] => {
                let units = rest.chunks_exact(2).filter_map(|unit| Some(u16::from_le_bytes(unit.try_into().ok()?)));
                char::decode_utf16(units).map(|letter| letter.unwrap_or(' ')).collect()
            }
            _ => String::from_utf8_lossy(bytes).into_owned(),
        };
        let mut info = Self::default();
        let mut before = "";
        for line in text.lines() {
            let value = line.split_once(':').map_or("", |(_, value)| value.trim());
            if info.build.is_empty()
                && let Some((version, build)) = version(value)
            {
                (info.version, info.build, info.name) = (version, build, before.to_owned());
                info.service_pack = service_pack(value);
            }
            if info.architecture.is_empty() && value.ends_with("-based PC") {
                info.architecture = value.to_owned();
            }
            // `[01]: KB4100347`, `[03]: Q147222 - KB893803`.
            if line.trim_start().starts_with('[') {
                info.hotfixes.extend(articles(value));
            }
            before = value;
        }
        info
    }

    /// The product as the vendor spells it.
    pub(crate) fn product(&self) -> Option<String> {
        product(&Observed {
            product_name: &self.name,
            version: &self.version,
            build: &self.build,
            service_pack: &self.service_pack,
            architecture: &self.architecture,
            installation_type: "",
        })
    }
}

/// `10.0.17134 N/A Build 17134`: version of the kernel, and build.
fn version(value: &str) -> Option<(String, String)> {
    let mut numbers = value.split(' ').next()?.split('.');
    let (major, minor, build) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let are_numbers = [major, minor, build].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    (are_numbers && value.contains(' ') && value.trim_end().ends_with(build)).then(|| (format!("{major}.{minor}"), build.to_owned()))
}

fn service_pack(value: &str) -> String {
    let Some((_, rest)) = value.split_once("Service Pack ") else { return String::new() };
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    format!("Service Pack {number}")
}

/// Articles in a text: `KB` with digits behind.
pub(crate) fn articles(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("KB").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (digits.len() >= 5).then(|| format!("KB{digits}"))
    })
}
