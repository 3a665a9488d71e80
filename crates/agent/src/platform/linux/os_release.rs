//! os-release(5).

use std::collections::HashMap;

/// The assignments of an os-release file. Values are shell words: quotes and backslashes are undone.
pub(in crate::platform) fn parse(text: &str) -> HashMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), unquote(value.trim())))
        .collect()
}

fn unquote(value: &str) -> String {
    let quoted = |mark: char| value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    if let Some(literal) = quoted('\'') {
        return super::root::plain(literal);
    }
    let inner = quoted('"').unwrap_or(value);
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    super::root::plain(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ID=debian", "debian")]
    #[case("ID=\"debian\"", "debian")]
    #[case("ID='deb ian'", "deb ian")]
    #[case("# ID=no\n  ID=yes  ", "yes")]
    #[case(r#"ID="a \"b\" \\ c""#, r#"a "b" \ c"#)]
    #[case("ID=", "")]
    fn values(#[case] text: &str, #[case] id: &str) {
        assert_eq!(parse(text).get("ID").map(String::as_str), Some(id));
    }
}
