use super::{Input, MAX_TEXT, State, expr, parse};
use crate::print::print;
use crate::render::render;
use crate::syntax::{ExprKind, Place, Test};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rstest::rstest;
use winnow::stream::LocatingSlice;

/// What is read, in canonical form; the tree is tested where it is not obvious from that.
fn canonical(text: &str) -> String {
    match parse(text) {
        Ok(expr) => {
            let printed = print(&expr);
            assert_eq!(parse(&printed).map(|again| print(&again)).as_deref(), Ok(&*printed), "{text}");
            printed
        }
        Err(error) => panic!("{text}: {error:?}"),
    }
}

#[rstest]
#[case("", "")]
#[case(" \t\n ", "")]
#[case("web", "web")]
#[case("name:web", "name:web")]
#[case("name = web", "name:web")]
#[case("name : web", "name:web")]
#[case("missingCount>0", "missingCount>0")]
#[case("missingCount >= 10", "missingCount>=10")]
#[case("missingCount<10", "missingCount<10")]
#[case("missingCount <=10", "missingCount<=10")]
#[case("a b", "a and b")]
#[case("a AND b Or c", "a and b or c")]
#[case("a and (b or c)", "a and (b or c)")]
#[case("((a)) and (b and c)", "a and b and c")]
#[case("a or (b or c) or d and e", "a or b or c or d and e")]
#[case("not a and not (b or c)", "not a and not (b or c)")]
#[case("NOT not a", "not not a")]
#[case("not(a)", "not a")]
#[case("not (a and b)", "not (a and b)")]
#[case("(a)(b)", "a and b")]
#[case("name:\"web server\"", "name:\"web server\"")]
#[case("name:`Web \\` \\\\ Server`", "name:`Web \\` \\\\ Server`")]
#[case("name:\"and\" \"or\"", "name:\"and\" and \"or\"")]
#[case("lastLoggedOnUser:CORP\\anna", "lastLoggedOnUser:CORP\\anna")]
#[case("lastLoggedOnUser:\"CORP\\anna\"", "lastLoggedOnUser:\"CORP\\\\anna\"")]
#[case("name:web*", "name:web*")]
#[case("name:*", "name:*")]
#[case("name is not null", "name:*")]
#[case("name IS NULL", "name is null")]
#[case("not name is null and b", "not name is null and b")]
#[case("id:debian:bookworm:DSA-1", "id:debian:bookworm:DSA-1")]
#[case("interfaces.address:10.0.0.0/24", "interfaces.address:10.0.0.0/24")]
#[case("interfaces.address:fe80::/10 interfaces.address: ::1", "interfaces.address:fe80::/10 and interfaces.address:::1")]
#[case("00:16:3e:01:02:03 or aa:bb:cc:dd:ee:ff or fe80::1", "00:16:3e:01:02:03 or aa:bb:cc:dd:ee:ff or fe80::1")]
#[case("a=fe80::1 a=\"fe80::1\"", "a=fe80::1 and a:\"fe80::1\"")]
#[case("lastScan<now-30d", "lastScan<now-30d")]
#[case("created>=2026-11-10T10:00:00+02:00", "created>=2026-11-10T10:00:00+02:00")]
#[case("size:[1MB .. 2GiB]", "size:[1MB .. 2GiB]")]
#[case("size:[1MB..2GiB]", "size:[1MB .. 2GiB]")]
#[case("size:(1MB .. 2GiB)", "size:(1MB .. 2GiB)")]
#[case("size:( 1.5..2.5 ]", "size:(1.5 .. 2.5]")]
#[case("size:[1 .. 2)", "size:[1 .. 2)")]
#[case("size:(* .. 2)", "size:[* .. 2)")]
#[case("size:[1 .. *)", "size:[1 .. *]")]
#[case("created:[\"2026-01-01 10:00\" .. now]", "created:[\"2026-01-01 10:00\" .. now]")]
#[case("name:[A,B , \"c d\"]", "name:[A, B, \"c d\"]")]
#[case("name:[A]", "name:[A]")]
#[case("missing:(severity:critical and publishedDate<now-30d)", "missing:(severity:critical and publishedDate<now-30d)")]
#[case("software:(name:openssl version<3.0.15)", "software:(name:openssl and version<3.0.15)")]
#[case("missing:((a or b) and not (c))", "missing:((a or b) and not c)")]
#[case("missing:( size:[1 .. 2] )", "missing:(size:[1 .. 2])")]
#[case("2026-11-10T10:00:00Z", "2026-11-10T10:00:00Z")]
#[case("ÄÖÜ straße 東京", "ÄÖÜ and straße and 東京")]
#[case("O'Brien", "O'Brien")]
#[case("owner:O’Brien", "owner:O’Brien")]
#[case("-5 or x>-5", "-5 or x>-5")]
fn texts_are_read_and_written(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(canonical(text), expected);
}

#[test]
fn lines_and_white_space_of_all_kinds_separate() {
    assert_eq!(canonical("a\n\tand\u{a0}b\r\n\u{3000}c"), "a and b and c");
}

#[test]
fn places_cover_what_they_name() {
    let text = "ä or  not name : [\"b c\" , d] ";
    let Ok(expr) = parse(text) else { panic!("{text}") };
    let at = |place: Place| &text[place.start..place.end];
    assert_eq!(at(expr.place), "ä or  not name : [\"b c\" , d]");
    let ExprKind::Or(parts) = &expr.kind else { panic!("{expr:?}") };
    assert_eq!(at(parts[0].place), "ä");
    assert_eq!(at(parts[1].place), "not name : [\"b c\" , d]");
    let ExprKind::Not(inner) = &parts[1].kind else { panic!("{expr:?}") };
    let ExprKind::Term { field, test: Test::OneOf(members) } = &inner.kind else { panic!("{expr:?}") };
    assert_eq!((at(inner.place), at(field.place)), ("name : [\"b c\" , d]", "name"));
    assert_eq!((at(members[0].place), at(members[1].place)), ("\"b c\"", "d"));
}

#[rstest]
#[case(&"(".repeat(64), "a", &")".repeat(64))]
#[case(&"not ".repeat(64), "a", "")]
#[case(&"m:(".repeat(64), "a", &")".repeat(64))]
#[case("", &"a ".repeat(1_999), "")]
#[case("name:[", &vec!["a"; 1_000].join(","), "]")]
#[case("\"", &"ä".repeat(8_191), "\"")]
fn the_limits_themselves_are_allowed(#[case] before: &str, #[case] text: &str, #[case] after: &str) {
    canonical(&format!("{before}{text}{after}"));
}

/// Pieces that texts are made of, good and bad.
const PIECES: &[&str] = &[
    "name",
    "a",
    "fe80::1",
    ":",
    "=",
    "<",
    ">",
    ">=",
    "!=",
    "(",
    ")",
    "[",
    "]",
    ",",
    "..",
    ".",
    "*",
    "\"",
    "`",
    "\\",
    "and",
    "or",
    "not",
    "is",
    "null",
    " ",
    "\n",
    "web",
    "now-30d",
    "10MB",
    "10.0.0.0/24",
    "fe80::1",
    "a:b",
    "&&",
    "!",
    "-",
    "'",
    "“",
    "ä",
    "\u{301}",
    "東",
    "🦀",
    "\u{200b}",
    "\0",
];

/// Texts that can be read, to be damaged.
const TEXTS: &[&str] = &[
    "missing:(severity:critical and publishedDate<now-30d) or not name:[web, \"db 1\", `x`]",
    "software:(name:openssl version<3.0.15) size:[1MB .. 2GiB) created:(* .. now]",
    "interfaces.address:10.0.0.0/24 and lastScan is not null and (a or b c)",
];

/// Texts of pieces, texts of anything, and good texts with a part cut out, doubled or put in.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    let damaged = (prop::sample::select(TEXTS), any::<[prop::sample::Index; 2]>(), prop::sample::select(PIECES), 0..3_u8);
    let damaged = damaged.prop_map(|(text, [from, length], piece, how)| {
        let from = text.floor_char_boundary(from.index(text.len()));
        let to = text.ceil_char_boundary(from + length.index(text.len() - from));
        match how {
            0 => format!("{}{}", &text[..from], &text[to..]),
            1 => format!("{}{}", &text[..to], &text[from..]),
            _ => format!("{}{piece}{}", &text[..from], &text[from..]),
        }
    });
    prop_oneof![pieces, damaged, any::<String>(), (any::<String>(), 0..60_usize).prop_map(|(text, times)| text.repeat(times))]
}

/// Whatever the text, the answer is a tree that can be written and read, or an error that can be shown.
fn answer_is_sound(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(expr) => {
            prop_assert!(text.get(expr.place.start..expr.place.end).is_some());
            let printed = print(&expr);
            prop_assert_eq!(parse(&printed).map(|again| print(&again)), Ok(printed));
        }
        Err(error) => {
            prop_assert!(text.get(error.place.start..error.place.end).is_some(), "{:?} of {:?}", error, text);
            prop_assert!(!error.message.is_empty());
            let shown = render(&error, text);
            prop_assert!(!shown.contains(|letter: char| letter.is_control() && letter != '\n'), "{:?}", shown);
        }
    }
    Ok(())
}

/// How many bytes were looked at for a text.
fn effort(text: &str) -> usize {
    let mut input = Input { input: LocatingSlice::new(text), state: State::new(text) };
    let _ = expr::query(&mut input);
    input.state.read
}

/// A word is looked at once for each thing it could be, and no more often however long the text is.
fn effort_is_linear(text: &str) -> Result<(), TestCaseError> {
    let effort = effort(text);
    prop_assert!(effort <= 16 * text.len() + 64, "{} bytes looked at for {} bytes of text", effort, text.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_text_gets_a_sound_answer_after_linear_effort(text in texts()) {
        answer_is_sound(&text)?;
        effort_is_linear(&text)?;
    }
}

#[rstest]
#[case("(", "")]
#[case("m:(", "")]
#[case("m:(\"x\" ", "")]
#[case("m:(\"", "")]
#[case("not ", "a")]
#[case("a:", "")]
#[case("a", "")]
#[case(":", "")]
#[case(" ", "")]
#[case("a ", "")]
#[case("a:[", "")]
#[case("a:[b,", "")]
#[case("\"", "")]
#[case("\"\\", "")]
#[case(".", "")]
#[case("a is ", "")]
#[case("= ", "")]
#[case("a = = ", "")]
#[case("&", "")]
fn effort_is_linear_for_what_repeats(#[case] part: &str, #[case] end: &str) {
    let text = format!("{}{end}", part.repeat(MAX_TEXT / part.len()));
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    assert!(effort_is_linear(text).is_ok() && answer_is_sound(text).is_ok(), "{part}");
}
