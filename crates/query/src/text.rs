//! How texts match. The definition for the reference interpreter and every engine.
//!
//! Text is folded (case, accents) and split into words at everything but letters, digits, and `.` between
//! letters or digits. A word of a query matches every word that begins with it; `*` stands for any
//! characters within a word.
//!
//! Matching reads a value once for each word of the pattern and never tries again: wildcards are matched
//! leftmost first, which is enough because nothing but `*` is special. Limits on patterns bound the rest.

use crate::syntax::{Literal, Quoting};

/// Wildcards one value may hold. Names that people look for have a few; a pattern of hundreds only burns time.
pub const MAX_WILDCARDS: usize = 16;

/// Words one value may hold. The longest titles in vendors' catalogs have about forty.
pub const MAX_WORDS: usize = 100;

/// A folded pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TextMatch {
    /// All these words, in any order.
    Words(Vec<Word>),
    /// These words, adjacent and in this order. All but the last are whole words unless they have wildcards;
    /// the last matches by prefix.
    Phrase(Vec<Word>),
    /// The exact whole value, folded.
    Exact(String),
}

/// A word of a pattern: parts between wildcards, folded. One part and no wildcard matches by prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word {
    /// Parts between the wildcards, in order; empty parts at the ends mean the pattern begins or ends with one.
    pub parts: Vec<String>,
}

/// Why a value is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternFlaw {
    /// It has no letter, digit or wildcard, so it would match nothing or everything.
    #[error("there is no letter or digit in it")]
    NoWords,
    /// More than [`MAX_WILDCARDS`].
    #[error("it has more than {MAX_WILDCARDS} wildcards")]
    TooManyWildcards,
    /// More than [`MAX_WORDS`].
    #[error("it has more than {MAX_WORDS} words")]
    TooManyWords,
}

impl TextMatch {
    /// Makes a pattern of a value as its quotes say.
    ///
    /// # Errors
    /// When there is nothing to look for, or more than the limits allow.
    pub fn parse(literal: &Literal) -> Result<Self, PatternFlaw> {
        let folded = fold(&literal.text);
        match literal.quoting {
            Quoting::Exact => Ok(Self::Exact(folded)),
            Quoting::Bare => Ok(Self::Words(pattern_words(&folded)?)),
            Quoting::Phrase => Ok(Self::Phrase(pattern_words(&folded)?)),
        }
    }

    /// Whether a value matches.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        self.matches_folded(&fold(value))
    }

    /// Whether a value matches that [`fold`] has been applied to.
    #[must_use]
    pub fn matches_folded(&self, folded: &str) -> bool {
        match self {
            Self::Exact(exact) => folded == exact,
            Self::Words(pattern) => pattern.iter().all(|wanted| words(folded).any(|word| wanted.matches(word))),
            Self::Phrase(pattern) => phrase_matches(pattern, folded),
        }
    }
}

impl Word {
    /// Whether a folded word matches: by prefix when there is no wildcard, else as a whole.
    #[must_use]
    pub fn matches(&self, word: &str) -> bool {
        match self.parts.as_slice() {
            [prefix] => word.starts_with(prefix.as_str()),
            _ => self.matches_whole(word),
        }
    }

    /// Whether a folded word matches from its first to its last letter.
    #[must_use]
    pub fn matches_whole(&self, word: &str) -> bool {
        let (first, middle, last) = match self.parts.as_slice() {
            [] => return false,
            [whole] => return word == whole,
            [first, middle @ .., last] => (first, middle, last),
        };
        let Some(mut rest) = word.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            match rest.split_once(part.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

impl std::fmt::Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.parts.join("*"))
    }
}

/// Folds case and accents (Unicode canonical caseless matching, combining marks left out).
#[must_use]
pub fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded: String = caseless::default_case_fold_str(text);
    folded.nfd().filter(|&letter| !unicode_normalization::char::is_combining_mark(letter)).nfc().collect()
}

/// The words of a folded value: runs of letters and digits, with `.` where it stands between two of them.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    split(folded, char::is_alphanumeric)
}

fn pattern_words(folded: &str) -> Result<Vec<Word>, PatternFlaw> {
    if folded.matches('*').count() > MAX_WILDCARDS {
        return Err(PatternFlaw::TooManyWildcards);
    }
    let word = |text: &str| Word { parts: text.split('*').map(str::to_owned).collect() };
    let pattern: Vec<Word> = split(folded, |letter| letter == '*' || letter.is_alphanumeric()).take(MAX_WORDS + 1).map(word).collect();
    match pattern.len() {
        0 => Err(PatternFlaw::NoWords),
        count if count > MAX_WORDS => Err(PatternFlaw::TooManyWords),
        _ => Ok(pattern),
    }
}

fn split(text: &str, in_word: impl Fn(char) -> bool + Copy) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|letter| !in_word(letter));
        let end = word_end(rest, in_word);
        let (word, behind) = rest.split_at_checked(end)?;
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

/// Where the word ends that `text` begins with.
fn word_end(text: &str, in_word: impl Fn(char) -> bool) -> usize {
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let inner_dot = letter == '.' && at > 0 && letters.peek().is_some_and(|&(_, next)| in_word(next));
        if !in_word(letter) && !inner_dot {
            return at;
        }
    }
    text.len()
}

fn phrase_matches(pattern: &[Word], folded: &str) -> bool {
    let Some((last, whole)) = pattern.split_last() else { return false };
    let value: Vec<&str> = words(folded).collect();
    value.windows(pattern.len()).any(|window| {
        let Some((end, start)) = window.split_last() else { return false };
        last.matches(end) && whole.iter().zip(start).all(|(wanted, word)| wanted.matches_whole(word))
    })
}
