//! How texts match. The definition for the reference interpreter and every engine.
//!
//! Text is folded (case, accents) and split into words at everything but letters, digits, and `.` between
//! letters or digits. A word of a query matches every word that begins with it; `*` stands for any
//! characters within a word or value.

/// A folded pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TextMatch {
    /// All these words, in any order.
    Words(Vec<Word>),
    /// These words, adjacent and in this order.
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

/// Folds case and accents (Unicode canonical caseless matching, combining marks left out).
#[must_use]
pub fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let folded: String = caseless::default_case_fold_str(text);
    folded.nfd().filter(|&letter| !unicode_normalization::char::is_combining_mark(letter)).nfc().collect()
}
