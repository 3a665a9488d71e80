//! Words, phrases, exact values.

use fettle_query::syntax::{Literal, Place, Quoting};
use fettle_query::text::{MAX_WILDCARDS, MAX_WORDS, PatternFlaw, TextMatch, fold, words};
use rstest::rstest;

fn pattern(quoting: Quoting, text: &str) -> Result<TextMatch, PatternFlaw> {
    TextMatch::parse(&Literal { place: Place::default(), text: text.to_owned(), quoting })
}

fn matches(quoting: Quoting, text: &str, value: &str) -> bool {
    pattern(quoting, text).expect("a pattern").matches(value)
}

#[rstest]
// By prefix, in any order, whatever the case.
#[case("web", "WEB-01", true)]
#[case("web", "intraweb-01", false)]
#[case("linux debian", "Debian GNU/Linux 12", true)]
#[case("linux fedora", "Debian GNU/Linux 12", false)]
// One word of the value may serve two of the pattern.
#[case("deb debian", "Debian", true)]
// What stands between words does not matter.
#[case("web-01", "web_01", true)]
#[case("(web)", "web", true)]
// Points join words.
#[case("3.0", "openssl 3.0.15-1", true)]
#[case("0.15", "openssl 3.0.15-1", false)]
#[case("example", "web01.example.org", false)]
#[case("*.example.*", "web01.example.org", true)]
#[case("12.", "version 12", true)]
// Accents.
#[case("munchen", "München", true)]
#[case("STRASSE", "Hauptstraße", false)]
#[case("hauptSTRASSE", "Hauptstraße", true)]
#[case("ångström", "A\u{30a}ngstro\u{308}m", true)]
#[case("σίσυφος", "ΣΊΣΥΦΟΣ", true)]
// Wildcards bind both ends of a word.
#[case("web*", "web-01", true)]
#[case("*sql", "postgresql", true)]
#[case("*sql", "postgresql15", false)]
#[case("*sql*", "postgresql15", true)]
#[case("p*sql", "postgresql", true)]
#[case("p*sql", "postgresql15", false)]
#[case("a*b*c", "aXXbYYc", true)]
#[case("a*b*c", "aXXcYYb", false)]
#[case("ab*ba", "aba", false)]
#[case("a**b", "ab", true)]
#[case("*", "x", true)]
#[case("*", "--", false)]
#[case("w*b", "web-server", true)]
#[case("web*01", "web-01", false)]
fn all_words_in_any_order(#[case] text: &str, #[case] value: &str, #[case] expected: bool) {
    assert_eq!(matches(Quoting::Bare, text, value), expected);
}

#[rstest]
#[case("gnu linux", "Debian GNU/Linux 12", true)]
#[case("gnu/lin", "Debian GNU/Linux 12", true)]
#[case("gn linux", "Debian GNU/Linux 12", false)]
#[case("gn* linux", "Debian GNU/Linux 12", true)]
#[case("linux gnu", "Debian GNU/Linux 12", false)]
#[case("debian linux", "Debian GNU/Linux 12", false)]
#[case("linux 12", "Debian GNU/Linux 12", true)]
#[case("linux 12 x", "Debian GNU/Linux 12", false)]
#[case("a a b", "a a a b", true)]
#[case("linux *", "Debian GNU/Linux 12", true)]
#[case("12 *", "Debian GNU/Linux 12", false)]
fn adjacent_words_in_order(#[case] text: &str, #[case] value: &str, #[case] expected: bool) {
    assert_eq!(matches(Quoting::Phrase, text, value), expected);
}

#[rstest]
#[case("WEB-01", "web-01", true)]
#[case("web", "web-01", false)]
#[case("web*", "web-01", false)]
#[case("web*", "WEB*", true)]
#[case("web_01", "web-01", false)]
#[case("", "", true)]
#[case("", "x", false)]
#[case("--", "--", true)]
fn the_whole_value(#[case] text: &str, #[case] value: &str, #[case] expected: bool) {
    assert_eq!(matches(Quoting::Exact, text, value), expected);
}

#[rstest]
#[case(Quoting::Bare, "--", PatternFlaw::NoWords)]
#[case(Quoting::Phrase, "", PatternFlaw::NoWords)]
#[case(Quoting::Phrase, "...", PatternFlaw::NoWords)]
fn nothing_to_look_for(#[case] quoting: Quoting, #[case] text: &str, #[case] flaw: PatternFlaw) {
    assert_eq!(pattern(quoting, text), Err(flaw));
}

#[test]
fn patterns_are_bounded() {
    assert!(pattern(Quoting::Bare, &"a*".repeat(MAX_WILDCARDS)).is_ok());
    assert_eq!(pattern(Quoting::Bare, &"a*".repeat(MAX_WILDCARDS + 1)), Err(PatternFlaw::TooManyWildcards));
    assert!(pattern(Quoting::Phrase, &"a ".repeat(MAX_WORDS)).is_ok());
    assert_eq!(pattern(Quoting::Phrase, &"a ".repeat(MAX_WORDS + 1)), Err(PatternFlaw::TooManyWords));
    assert!(pattern(Quoting::Exact, &"*".repeat(1000)).is_ok(), "nothing is a wildcard between backquotes");
}

/// A matcher that tries again after each wildcard would need more steps here than there are atoms; this one
/// reads the value once, so that a test that ends at all has passed.
#[test]
fn wildcards_are_matched_in_linear_time() {
    let value = "a".repeat(200_000);
    let hostile = format!("{}b", "a*".repeat(MAX_WILDCARDS - 1));
    assert!(!matches(Quoting::Bare, &hostile, &value));
    assert!(!matches(Quoting::Phrase, &hostile, &value));
}

#[rstest]
#[case("Debian GNU/Linux 12 (bookworm)", &["debian", "gnu", "linux", "12", "bookworm"])]
#[case("3.0.15-1~deb12u1", &["3.0.15", "1", "deb12u1"])]
#[case(".a..b. c.", &["a", "b", "c"])]
#[case("", &[])]
#[case("日本語 名前", &["日本語", "名前"])]
fn values_fall_into_words(#[case] value: &str, #[case] expected: &[&str]) {
    assert_eq!(words(&fold(value)).collect::<Vec<_>>(), expected);
}

proptest::proptest! {
    #[test]
    fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
        let once = fold(&text);
        proptest::prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn a_value_matches_itself(text in "[a-zA-Zäöß0-9._ -]{1,30}") {
        for quoting in [Quoting::Bare, Quoting::Phrase, Quoting::Exact] {
            if let Ok(pattern) = pattern(quoting, &text) {
                proptest::prop_assert!(pattern.matches(&text), "{:?} {:?}", quoting, pattern);
            }
        }
    }

    /// The matcher against one that tries everything.
    #[test]
    fn wildcards_agree_with_trying_everything(text in "[ab*]{1,8}", value in "[ab]{1,10}") {
        proptest::prop_assume!(text.contains('*'));
        let slow = tries_everything(text.as_bytes(), value.as_bytes());
        proptest::prop_assert_eq!(matches(Quoting::Bare, &text, &value), slow);
    }
}

fn tries_everything(pattern: &[u8], value: &[u8]) -> bool {
    match (pattern, value) {
        ([], value) => value.is_empty(),
        ([b'*', rest @ ..], value) => (0..=value.len()).any(|at| tries_everything(rest, &value[at..])),
        ([first, rest @ ..], [letter, behind @ ..]) => first == letter && tries_everything(rest, behind),
        (_, []) => false,
    }
}
