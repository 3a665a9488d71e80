//! Words, quoted texts, operators: what a query is made of.

use super::{Input, Parsed, fault, here, since};
use crate::syntax::{Comparison, Literal, Name, Place, Quoting};
use std::net::Ipv6Addr;
use winnow::Parser;
use winnow::combinator::{alt, delimited, not, opt, peek, preceded, repeat};
use winnow::error::ErrMode;
use winnow::stream::Stream;
use winnow::token::{any, none_of, one_of, take, take_while};

/// What stands at the beginning of a condition, or where one might stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The end of the text.
    End,
    /// `)`.
    Close,
    /// A word of the language.
    Keyword(Keyword),
    /// A name, or a text without quotes.
    Word,
    /// A quoted text.
    Quote,
    /// `(`.
    Open,
    /// A character that begins nothing.
    Stray(char),
}

/// Words that are never a value unless they are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    /// `and`.
    And,
    /// `or`.
    Or,
    /// `not`.
    Not,
    /// `is`, which begins `is null`.
    Is,
    /// `null`.
    Null,
}

impl Keyword {
    /// The keyword a word is, in any case.
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::And, Self::Or, Self::Not, Self::Is, Self::Null].into_iter().find(|keyword| word.eq_ignore_ascii_case(keyword.text()))
    }

    /// As it is written.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
            Self::Is => "is",
            Self::Null => "null",
        }
    }
}

/// What the next condition would begin with. Reads nothing.
pub(super) fn next(input: &mut Input<'_>) -> Next {
    let Some(first) = input.peek_token() else { return Next::End };
    match first {
        ')' => Next::Close,
        '(' => Next::Open,
        '"' | '`' => Next::Quote,
        _ => match peek(head).parse_next(input) {
            Ok(word) if word.starts_with(':') => Next::Stray(':'),
            Ok(word) => Keyword::of(word).map_or(Next::Word, Next::Keyword),
            Err(_) => Next::Stray(first),
        },
    }
}

/// Skips white space.
pub(super) fn space(input: &mut Input<'_>) -> Parsed<()> {
    let skipped = take_while(0.., char::is_whitespace).parse_next(input)?;
    input.state.looked_at(skipped.len());
    Ok(())
}

/// One certain character.
pub(super) fn symbol(input: &mut Input<'_>, mut symbol: char) -> Parsed<Place> {
    let start = here(input);
    symbol.parse_next(input)?;
    Ok(since(start, input))
}

/// A run of characters that need no quotes. It ends before `..`, which stands between the ends of a range.
pub(super) fn bare<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    let piece = alt((one_of(|letter: char| letter != '.' && is_bare(letter)).void(), ('.', not('.')).void()));
    let run = repeat::<_, _, (), _, _>(1.., piece).take().parse_next(input);
    input.state.looked_at(run.as_ref().map_or(1, |run| run.len()));
    run
}

/// What a condition may begin with: the name of a field, a keyword, or all of a text without quotes.
pub(super) fn head<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    let whole = peek(bare).parse_next(input)?;
    take(name_length(whole)).parse_next(input)
}

/// How much of a run without quotes is the name of a field, when a colon makes it one. Everything otherwise.
pub(crate) fn name_length(whole: &str) -> usize {
    // `take` counts characters.
    match whole.find(':') {
        Some(colon) if is_name(whole) && !is_address(whole) => whole[..colon].chars().count(),
        _ => whole.chars().count(),
    }
}

/// A keyword, if it is the one that is asked for.
pub(super) fn keyword(input: &mut Input<'_>, wanted: Keyword) -> Parsed<Place> {
    let start = here(input);
    head.verify(|word: &str| Keyword::of(word) == Some(wanted)).parse_next(input)?;
    Ok(since(start, input))
}

/// A value without or with quotes. Backtracks when none begins here.
pub(super) fn literal(input: &mut Input<'_>) -> Parsed<Literal> {
    match input.peek_token() {
        Some('"' | '`') => quoted(input),
        _ => plain(input),
    }
}

/// A value without quotes.
pub(super) fn plain(input: &mut Input<'_>) -> Parsed<Literal> {
    let start = here(input);
    let text = bare.parse_next(input)?;
    let place = since(start, input);
    if let Some(quote) = text.chars().next().filter(|&first| is_apostrophe(first)) {
        return Err(fault::foreign_quotes(input, place.start, quote));
    }
    if text.starts_with(':') && !text.starts_with("::") {
        return Err(fault::stray_colon(place, text));
    }
    if let Some(keyword) = Keyword::of(text) {
        return Err(fault::reserved(place, keyword));
    }
    Ok(Literal { place, text: text.to_owned(), quoting: Quoting::Bare })
}

/// A value with quotes.
pub(super) fn quoted(input: &mut Input<'_>) -> Parsed<Literal> {
    let start = here(input);
    let Some(quote) = input.peek_token() else { return Err(ErrMode::Backtrack(super::Failure::default())) };
    let Some(text) = opt(within_quotes).parse_next(input)? else { return Err(fault::unclosed_quote(input, start, quote)) };
    let quoting = if quote == '"' { Quoting::Phrase } else { Quoting::Exact };
    Ok(Literal { place: since(start, input), text: unescape(text, quote), quoting })
}

/// Everything between two quotes, escapes left as they are.
fn within_quotes<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    let quote = peek(one_of(['"', '`'])).parse_next(input)?;
    let inside = repeat::<_, _, (), _, _>(0.., alt((('\\', any).void(), none_of(['\\', quote]).void()))).take();
    let text = delimited(quote, inside, quote).parse_next(input);
    let looked_at = text.as_ref().map_or_else(|_| input.peek_finish().len(), |text| text.len() + 2);
    input.state.looked_at(looked_at);
    text
}

/// Resolves `\` before the quote and before itself. Before anything else it stays, so that `"CORP\anna"` is
/// what it looks like.
fn unescape(text: &str, quote: char) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(&next) if letter == '\\' && (next == quote || next == '\\') => {
                plain.push(next);
                letters.next();
            }
            _ => plain.push(letter),
        }
    }
    plain
}

/// Whether `(` stands here and at most one value between it and a separator: `(1 ..`. Reads nothing.
pub(super) fn opens_with(input: &mut Input<'_>, separator: &str) -> bool {
    let value = opt(alt((within_quotes, bare)));
    peek(('(', space, value, space, separator)).parse_next(input).is_ok()
}

/// All operators that stand here, usually one; see [`comparison`].
pub(super) fn operators<'t>(input: &mut Input<'t>) -> Parsed<(&'t str, Place)> {
    let start = here(input);
    // `::1` is an address, so a second colon is an operator only when no third follows.
    let further = alt(("!=", one_of(['=', '<', '>']).take(), (':', not(':')).take()));
    let first = alt(("!=", one_of([':', '=', '<', '>']).take()));
    let run = (first, repeat::<_, _, (), _, _>(0.., preceded(space, further))).take().parse_next(input)?;
    Ok((run, since(start, input)))
}

/// The comparison an operator stands for.
pub(super) fn comparison(operator: &str) -> Option<Comparison> {
    match operator {
        ":" | "=" => Some(Comparison::Equal),
        "<" => Some(Comparison::Less),
        "<=" => Some(Comparison::LessOrEqual),
        ">" => Some(Comparison::Greater),
        ">=" => Some(Comparison::GreaterOrEqual),
        _ => None,
    }
}

/// After a value comes white space, a bracket that closes, or something with an error of its own.
pub(super) fn tidy(input: &mut Input<'_>, literal: &Literal) -> Parsed<()> {
    if input.peek_finish().starts_with("..") {
        return Ok(());
    }
    match input.peek_token() {
        Some(next) if matches!(next, '"' | '`' | '(' | '[') || is_bare(next) => Err(fault::glued(input, literal, next)),
        _ => Ok(()),
    }
}

/// Characters of values without quotes. All characters are but white space, those with a meaning, those that
/// have one in similar languages, and those nobody can see.
pub(crate) fn is_bare(letter: char) -> bool {
    !(letter.is_whitespace() || is_invisible(letter) || ascii_twin(letter).is_some() || "()[]{},;\"`<>=&|!?^“”„‟«»…".contains(letter))
}

/// Control and formatting characters. Two of them are needed to write some languages and joined symbols.
pub(crate) fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The punctuation a wide form stands for, as keyboards for East Asian languages write it.
pub(super) fn ascii_twin(letter: char) -> Option<char> {
    let narrow = matches!(letter, '\u{ff01}'..='\u{ff5e}').then(|| char::from_u32(u32::from(letter) - 0xfee0))??;
    narrow.is_ascii_punctuation().then_some(narrow)
}

/// Quotes of other languages that are also apostrophes, so that they are letters within a word.
pub(super) fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

/// Whether a run could begin with the name of a field.
pub(super) fn is_name(run: &str) -> bool {
    run.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
}

/// Whether a run is an address of version 6 or of a network card, whose colons name no field.
pub(crate) fn is_address(run: &str) -> bool {
    // The longest is `ffff:…:ffff/128` with its last part as four numbers.
    if run.len() > 49 {
        return false;
    }
    let address = run.split_once('/').map_or(run, |(address, _)| address);
    let is_pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
    address.parse::<Ipv6Addr>().is_ok() || (run.split(':').count() == 6 && run.split(':').all(is_pair))
}

/// Whether a text with a sign in front looks like other languages' "without this word".
pub(super) fn is_signed_word(run: &str) -> bool {
    run.strip_prefix(['-', '+']).is_some_and(is_name)
}

/// Whether a value can be written without quotes after a field.
pub(crate) fn is_plain_value(text: &str) -> bool {
    let starts_well = !text.starts_with(is_apostrophe) && (!text.starts_with(':') || text.starts_with("::"));
    !text.is_empty() && starts_well && text.chars().all(is_bare) && !text.contains("..") && Keyword::of(text).is_none()
}

/// Whether a text can be written without quotes and without a field.
pub(crate) fn is_plain_free_text(text: &str) -> bool {
    let is_field = text.contains(':') && is_name(text) && !is_address(text);
    is_plain_value(text) && !is_field && !text.starts_with(':') && !is_signed_word(text)
}

/// Whether a name is one that can be written.
pub(crate) fn is_plain_name(text: &str) -> bool {
    is_plain_value(text) && is_name(text) && !text.contains(':')
}

/// The name of a field that was just read.
pub(super) fn name(place: Place, text: &str) -> Name {
    Name { place, text: text.to_owned() }
}
