//! Entries of apt's configuration: one-line (`*.list`) and deb822 (`*.sources`), see sources.list(5).

use crate::deb822::{Reader, Wanted};
use crate::feed::ARMOUR;

/// Largest file that is read.
pub(super) const MAX_FILE: u64 = 4 * 1024 * 1024;
const SHORT: usize = 16 * 1024;
const LONG: usize = 512 * 1024;

const FIELDS: &[Wanted] = &[
    Wanted::lines("Types", SHORT),
    Wanted::lines("URIs", SHORT),
    Wanted::lines("Suites", SHORT),
    Wanted::lines("Components", SHORT),
    Wanted::line("Enabled", SHORT),
    Wanted::lines("Architectures", SHORT),
    Wanted::lines("Signed-By", LONG),
];

/// One entry, before it is decided whether a feed can use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) uri: String,
    pub(super) suite: String,
    pub(super) components: Vec<String>,
    /// `Signed-By`; empty when absent. Paths, fingerprints, or an armoured key.
    pub(super) signed_by: String,
}

/// Reads a file with one entry per line: `deb [options] uri suite component…`. Lines for sources and comments are
/// passed over; what cannot be read comes back as text.
pub(super) fn one_line(text: &str) -> Vec<Result<Entry, String>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines
        .filter_map(|line| line.strip_prefix("deb").filter(|rest| rest.starts_with([' ', '\t', '['])).map(|rest| (line, rest)))
        .map(entry)
        .collect()
}

fn entry((line, rest): (&str, &str)) -> Result<Entry, String> {
    let rest = rest.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or_else(|| line.to_owned())?,
        None => ("", rest),
    };
    let signed_by = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by=")).unwrap_or_default();
    let mut words = rest.split_whitespace().map(str::to_owned);
    let (Some(uri), Some(suite)) = (words.next(), words.next()) else { return Err(line.to_owned()) };
    Ok(Entry { uri, suite, components: words.collect(), signed_by: signed_by.replace(',', " ") })
}

/// Reads a file in deb822 format. An entry with several addresses and suites becomes one for each pair.
pub(super) fn deb822(text: &str) -> Vec<Result<Entry, String>> {
    let mut reader = Reader::new(text.as_bytes(), FIELDS);
    let mut entries = Vec::new();
    loop {
        let paragraph = match reader.next() {
            Ok(Some(paragraph)) => paragraph,
            Ok(None) => return entries,
            Err(error) => {
                entries.push(Err(error.to_string()));
                return entries;
            }
        };
        let field = |position| paragraph.get(position).unwrap_or_default();
        let words = |position| field(position).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let disabled = ["no", "false", "without", "off", "disable", "0"].iter().any(|no| field(4).eq_ignore_ascii_case(no));
        if disabled || !words(0).iter().any(|kind| kind == "deb") {
            continue;
        }
        let signed_by = if field(6).contains(ARMOUR) { armour(field(6)) } else { field(6).trim().to_owned() };
        for uri in words(1) {
            entries.extend(
                words(2).into_iter().map(|suite| Ok(Entry { uri: uri.clone(), suite, components: words(3), signed_by: signed_by.clone() })),
            );
        }
    }
}

/// In deb822 an empty line of the armour is written as a dot.
fn armour(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(|line| if line == "." { "" } else { line }).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(entries: &[Result<Entry, String>]) -> String {
        let lines = entries.iter().map(|entry| match entry {
            Ok(entry) => format!("{} {} {:?} {:?}", entry.uri, entry.suite, entry.components, entry.signed_by),
            Err(text) => format!("not read: {text}"),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lines_are_read() {
        let text = "# comment\n\
            deb http://mirror.example/debian bookworm main contrib # remark\n\
            deb-src http://mirror.example/debian bookworm main\n\
            deb [arch=amd64 signed-by=/k/a.gpg,/k/b.gpg] https://mirror.example/debian bookworm-updates main\n\
            deb [ signed-by=x http://mirror.example/debian\n\
            deb http://mirror.example/flat\n";
        insta::assert_snapshot!(told(&one_line(text)));
    }

    #[test]
    fn paragraphs_are_read() {
        let text = "# comment\nTypes: deb deb-src\nURIs: http://a.example/debian http://b.example/debian\nSuites: bookworm\n bookworm-updates\n\
            Components: main\nSigned-By: /k/a.gpg\n\nEnabled: No\nTypes: deb\nURIs: http://c.example\nSuites: x\n\nTypes: deb-src\nURIs: http://d.example\nSuites: x\n\n\
            Types: deb\nURIs: http://e.example\nSuites: x\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----\n\nnonsense\n";
        insta::assert_snapshot!(told(&deb822(text)));
    }
}
