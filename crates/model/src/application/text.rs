//! A text as characters, with what finding and removing in it needs.

/// Characters that stand between the parts of a version: points, commas, colons, slashes, dashes, underscores.
pub(super) fn is_separator(letter: char) -> bool {
    is_dash(letter)
        || matches!(letter, '.' | ',' | ':' | ';' | '/' | '\\' | '!' | '?' | '&' | '#' | '%' | '*' | '@' | '\'' | '"' | '·' | '、' | '。')
}

/// Dashes and underscores.
pub(super) fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{203f}' | '\u{2040}')
}

/// A digit of any script.
pub(super) fn is_digit(letter: char) -> bool {
    letter.is_numeric() && !letter.is_alphabetic()
}

/// A letter or a digit.
pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphabetic() || is_digit(letter)
}

/// Whether `text` has `word` at `at`, whatever the case. `word` is lower case.
pub(super) fn has(text: &[char], at: usize, word: &str) -> bool {
    let mut here = text.get(at..).unwrap_or_default().iter();
    word.chars().all(|letter| here.next().is_some_and(|own| own.to_lowercase().eq(std::iter::once(letter))))
}

/// Whether a letter stands before `at`.
pub(super) fn letter_before(text: &[char], at: usize) -> bool {
    before(text, at).is_some_and(char::is_alphabetic)
}

/// What stands before `at`.
pub(super) fn before(text: &[char], at: usize) -> Option<char> {
    text.get(at.checked_sub(1)?).copied()
}

/// Length of the longest run from `at` that fits.
pub(super) fn run(text: &[char], at: usize, fits: impl Fn(char) -> bool) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|&&letter| fits(letter)).count()
}

/// Removes what `find` finds, from left to right: it is given a place and says where what begins there ends.
pub(super) fn remove(text: &mut Vec<char>, find: impl Fn(&[char], usize) -> Option<usize>) -> bool {
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&letter) = text.get(at) {
        match find(text, at) {
            Some(end) if end > at => at = end,
            _ => {
                kept.push(letter);
                at += 1;
            }
        }
    }
    let removed = kept.len() != text.len();
    *text = kept;
    removed
}
