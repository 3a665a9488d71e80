//! Taking away what changes from version to version and from machine to machine.

use super::MAX_TEXT;
use super::text::{before, has, is_dash, is_digit, is_separator, is_word, letter_before, remove, run};

/// Words before a number that make it a version, in the languages that installers write.
const VERSION_WORDS: &[&str] = &["version", "versión", "versão", "versie", "wersja", "release", "build", "ver", "rc", "sp", "v"];
/// Letters that do so as well when nothing but digits follows.
const VERSION_LETTERS: &[&str] = &["p", "r"];
/// Words of stages between the parts of a version.
const STAGES: &[&str] = &["rc", "sp", "b", "a", "r", "k"];
/// Legal forms, of companies in many countries. Everything behind one in a publisher is left out with it.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ad",
    "ag",
    "aps",
    "as",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "cv",
    "doo",
    "ev",
    "ges",
    "gesmbh",
    "gmbh",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "kg",
    "ks",
    "limited",
    "llc",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "plc",
    "ps",
    "pty",
    "pvt",
    "sa",
    "sarl",
    "sc",
    "sca",
    "sl",
    "sp",
    "spa",
    "srl",
    "sro",
    "subsidiary",
];
/// Languages that stand in names as `xx-YY`.
const LANGUAGES: &str = " af am ar arn as ba be bg bn bo br bs ca co cs cy da de dsb dv el en es et eu fa fi fil fo fr fy ga gd gl gsw gu ha he hi \
     hr hsb hu hy id ig ii is it iu ja ka kk kl km kn ko kok ky lb lo lt lv mi mk ml mn moh mr ms mt nb ne nl nn nso oc or pa pl prs ps pt \
     qut quz rm ro ru rw sa sah se si sk sl sma smj smn sms sq sr sv sw syr ta te tg th tk tn tr tt tzm ug uk ur uz vi wo xh yo zh zu ";
/// Most rounds of removing. Each round removes something or is the last, and a name has little to remove.
const MAX_ROUNDS: usize = 64;

/// The first characters of a text.
pub(super) fn cut(text: &str) -> &str {
    text.char_indices().nth(MAX_TEXT).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

/// The name of an application.
pub(super) fn plain_application(name: &str) -> String {
    let mut text = prepared(name);
    if is_coded(&text) {
        return text.into_iter().collect();
    }
    remove_architecture(&mut text);
    remove(&mut text, language);
    keep_articles(&mut text);
    for _ in 0..MAX_ROUNDS {
        let mut removed = remove(&mut text, |text, at| if at == 0 { bracket_at_start(text) } else { None });
        for find in [empty_brackets, path_in_brackets, path, lettered_version, version, worded_version, english, bracket] {
            removed |= remove(&mut text, find);
        }
        removed |= remove_outer_brackets(&mut text);
        removed |= remove(&mut text, scheme);
        removed |= trim(&mut text, |letter| !is_word(letter), |letter| !is_word(letter));
        if !removed {
            break;
        }
    }
    let words = text.split(|&letter| !is_word(letter) && letter != '+' && letter != '&').filter(|word| !word.is_empty());
    let kept = words.enumerate().filter(|(number, word)| *number == 0 || !is_legal_form(word)).map(|(_, word)| word);
    kept.flatten().copied().filter(|&letter| is_word(letter)).collect()
}

/// The name of a publisher.
pub(super) fn plain_publisher(publisher: &str) -> String {
    let mut text = prepared(publisher);
    for _ in 0..MAX_ROUNDS {
        let mut removed = false;
        for find in [version, worded_version, bracket] {
            removed |= remove(&mut text, find);
        }
        removed |= remove_outer_brackets(&mut text);
        removed |= remove(&mut text, scheme);
        removed |= remove(&mut text, lone_symbols);
        removed |= trim(&mut text, |_| false, |letter| !letter.is_alphabetic());
        removed |= remove(&mut text, acronym_point);
        if !removed {
            break;
        }
    }
    let words = text.split(|&letter| !is_word(letter)).filter(|word| !word.is_empty());
    let kept = words.enumerate().take_while(|(number, word)| *number == 0 || !is_legal_form(word)).map(|(_, word)| word);
    kept.flatten().copied().collect()
}

fn is_legal_form(word: &[char]) -> bool {
    let word: String = word.iter().flat_map(|letter| letter.to_lowercase()).collect();
    LEGAL_FORMS.contains(&word.as_str())
}

/// Without spaces around, what Windows puts behind `@@`, and quotes or brackets around all of it.
fn prepared(text: &str) -> Vec<char> {
    let mut text: Vec<char> = text.trim().chars().collect();
    let mark = text.windows(2).enumerate().skip(3).find(|(_, two)| *two == ['@', '@']).map(|(at, _)| at);
    text.truncate(mark.unwrap_or(text.len()));
    while let [open, inner @ .., close] = text.as_slice()
        && matches!((open, close), ('"', '"') | ('(', ')'))
    {
        text = inner.to_vec();
    }
    text
}

/// Names that are codes with versions and languages by design, such as `A.B_C-1.2-DE-32`: they are left as they are.
fn is_coded(text: &[char]) -> bool {
    let text: String = text.iter().collect();
    let parts: Vec<&str> = text.split('-').collect();
    let &[code, version, language, last] = parts.as_slice() else { return false };
    let is_code = code.contains(['.', '_']) && code.split(['.', '_']).all(|part| !part.is_empty() && part.chars().all(is_word));
    let is_version =
        version.contains('.') && version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_language =
        two(language) || language.eq_ignore_ascii_case("core") || language.split_once('_').is_some_and(|(a, b)| two(a) && two(b));
    is_code && is_version && is_language && (two(last) || (last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_digit())))
}

/// One kind of architecture is removed, the one that says most: both, then 64 bits, then 32 bits.
fn remove_architecture(text: &mut Vec<char>) {
    let bits = |text: &[char], at: usize, numbers: &[&str]| {
        let number = numbers.iter().find(|number| has(text, at, number))?;
        let mut end = at + number.chars().count();
        end += usize::from(text.get(end).is_some_and(|&letter| is_dash(letter) || letter.is_whitespace()));
        has(text, end, "bit").then(|| end + 3 + usize::from(has(text, end + 3, "s")))
    };
    let words = |text: &[char], at: usize, words: &[&str]| {
        let word = words.iter().find(|word| has(text, at, word))?;
        let end = at + word.len();
        (!text.get(end).copied().is_some_and(is_digit)).then_some(end)
    };
    let starts = |text: &[char], at: usize| !before(text, at).is_some_and(is_word);
    let edition = |text: &[char], end: usize| {
        let follows = text.get(end).is_some_and(|letter| letter.is_whitespace()) && has(text, end + 1, "edition");
        if follows { end + 8 } else { end }
    };
    let both = |text: &[char], at| starts(text, at).then(|| bits(text, at, &["32/64", "64/32", "32\\64", "64\\32"])).flatten();
    let wide = |text: &[char], at| {
        let found = || words(text, at, &["x64", "amd64", "x86-64", "x86_64"]).or_else(|| bits(text, at, &["64"]));
        starts(text, at).then(found).flatten()
    };
    let narrow =
        |text: &[char], at| starts(text, at).then(|| words(text, at, &["x32", "x86"]).or_else(|| bits(text, at, &["32"]))).flatten();
    if remove(text, |text, at| both(text, at).map(|end| edition(text, end))) {
        return;
    }
    if !remove(text, |text, at| wide(text, at).map(|end| edition(text, end))) {
        remove(text, |text, at| narrow(text, at).map(|end| edition(text, end)));
    }
}

/// `en-US`, `sr-Latn-RS`.
fn language(text: &[char], at: usize) -> Option<usize> {
    if before(text, at).is_some_and(|letter| letter.is_ascii_alphabetic()) {
        return None;
    }
    let ascii = |letter: char| letter.is_ascii_alphabetic();
    let first = run(text, at, ascii);
    let name: String = text.get(at..at + first)?.iter().flat_map(|letter| letter.to_lowercase()).collect();
    if !LANGUAGES.split(' ').any(|known| !known.is_empty() && known == name) {
        return None;
    }
    let mut end = at + first;
    if ["-cans", "-cyrl", "-latn", "-mong"].iter().any(|script| has(text, end, script)) {
        end += 5;
    }
    let is_region = text.get(end) == Some(&'-') && run(text, end + 1, ascii) == 2;
    let end = is_region.then_some(end + 3)?;
    Some(if has(text, end, "-valencia") { end + 9 } else { end })
}

/// `(KB5031356)` is what tells updates: it stays, without brackets.
fn keep_articles(text: &mut Vec<char>) {
    let mut at = 0;
    while at < text.len() {
        let digits = if has(text, at, "(kb") { run(text, at + 3, is_digit) } else { 0 };
        let close = at + 3 + digits;
        if digits > 0 && text.get(close) == Some(&')') {
            text.remove(close);
            text.remove(at);
        }
        at += 1;
    }
}

/// A word that makes a number a version, at `at`; where it ends.
fn version_word(text: &[char], at: usize, words: &[&str]) -> Option<usize> {
    if letter_before(text, at) {
        return None;
    }
    words.iter().find(|word| has(text, at, word)).map(|word| at + word.chars().count())
}

/// `1.2`, `v1.2.3-rc1`, `Version 1.2b`.
fn version(text: &[char], at: usize) -> Option<usize> {
    let worded = version_word(text, at, VERSION_WORDS).and_then(|end| {
        let gap = usize::from(text.get(end).is_some_and(|letter| !letter.is_alphabetic() && !is_digit(*letter)));
        numbers(text, end + gap)
    });
    worded.or_else(|| numbers(text, at))
}

/// Numbers with separators between them, and what hangs on to the last.
fn numbers(text: &[char], at: usize) -> Option<usize> {
    let first = run(text, at, is_digit);
    if first == 0 {
        return None;
    }
    let mut end = at + first;
    let mut parts = 0;
    while text.get(end).copied().is_some_and(is_separator) {
        let mut next = end + 1;
        let digits = run(text, next, is_digit);
        // A digit, a stage and more digits: `1.0rc2`.
        let after = next + digits.min(1);
        let stage = STAGES.iter().find(|stage| has(text, after, stage)).map(|stage| after + stage.len());
        let staged = stage.filter(|&stage| digits <= 1 && run(text, stage, is_digit) > 0);
        next = match staged {
            Some(stage) => stage + run(text, stage, is_digit),
            None if digits > 0 => next + digits,
            None => break,
        };
        end = next;
        parts += 1;
    }
    if parts == 0 {
        return None;
    }
    // Whatever words hang on to it without a space belong to it: `1.2.3-beta`, `1.2b3`.
    loop {
        let gap = usize::from(text.get(end).copied().is_some_and(is_separator));
        match run(text, end + gap, is_word) {
            0 => return Some(end),
            letters => end += gap + letters,
        }
    }
}

/// `v5`, `Release 12`, `for version 3`, `R2`.
fn worded_version(text: &[char], at: usize) -> Option<usize> {
    let start = if has(text, at, "for") && text.get(at + 3).is_some_and(|letter| letter.is_whitespace()) { at + 4 } else { at };
    let words = VERSION_WORDS.iter().chain(VERSION_LETTERS).copied();
    let mut ends = words.filter_map(|word| version_word(text, start, &[word]));
    ends.find_map(|end| {
        let symbol = text.get(end).is_some_and(|letter| !letter.is_alphabetic());
        let letter = symbol && text.get(end + 1).is_some_and(|letter| letter.is_alphabetic());
        let gaps = if letter {
            [2, 1, 0]
        } else if symbol {
            [1, 0, 0]
        } else {
            [0, 0, 0]
        };
        gaps.iter().find_map(|gap| bare_number(text, end + gap))
    })
}

fn bare_number(text: &[char], at: usize) -> Option<usize> {
    let mut end = at;
    loop {
        let point = usize::from(text.get(end) == Some(&'.'));
        match run(text, end + point, is_digit) {
            0 => break,
            digits => end += point + digits,
        }
    }
    if end == at {
        return None;
    }
    let stage = ["rc", "sp", "b", "a", "r", "v"].iter().find(|stage| has(text, end, stage)).map_or(0, |stage| stage.len());
    end += stage;
    Some(end + run(text, end, is_digit).min(1))
}

/// `U1.2`: a letter and a number with parts.
fn lettered_version(text: &[char], at: usize) -> Option<usize> {
    let plain = |at: usize| {
        let digits = if text.get(at)?.is_alphabetic() { run(text, at + 1, is_digit) } else { 0 };
        let mut end = at + 1 + digits;
        let first = end;
        while digits > 0 && text.get(end).copied().is_some_and(is_separator) && run(text, end + 1, is_digit) > 0 {
            end += 1 + run(text, end + 1, is_digit);
        }
        (end > first && digits > 0).then_some(end)
    };
    if letter_before(text, at) {
        return None;
    }
    let worded = version_word(text, at, VERSION_WORDS).filter(|&end| text.get(end).is_some_and(|letter| !letter.is_alphabetic()));
    worded.and_then(|end| plain(end + 1)).or_else(|| plain(at))
}

/// ` EN` at the end, for English.
fn english(text: &[char], at: usize) -> Option<usize> {
    let stands = text.get(at).is_some_and(|letter| letter.is_whitespace()) && has(text, at + 1, "en");
    (stands && at + 3 + run(text, at + 3, char::is_whitespace) == text.len()).then_some(text.len())
}

fn closing(open: char) -> Option<char> {
    match open {
        '(' => Some(')'),
        '[' => Some(']'),
        _ => None,
    }
}

/// Brackets with no brackets of their kind in them.
fn bracket(text: &[char], at: usize) -> Option<usize> {
    let open = *text.get(at)?;
    let close = closing(open)?;
    let end = at + 1 + run(text, at + 1, |letter| letter != open && letter != close);
    (text.get(end) == Some(&close)).then_some(end + 1)
}

/// Brackets or quotes with nothing in them.
fn empty_brackets(text: &[char], at: usize) -> Option<usize> {
    let close = match *text.get(at)? {
        '"' => '"',
        open => closing(open)?,
    };
    let end = at + 1 + run(text, at + 1, char::is_whitespace);
    (text.get(end) == Some(&close)).then_some(end + 1)
}

/// Brackets at the beginning, to the first that closes.
fn bracket_at_start(text: &[char]) -> Option<usize> {
    if text.first() != Some(&'(') {
        return None;
    }
    text.iter().position(|&letter| letter == ')').map(|end| end + 1)
}

/// From the first bracket that opens to the last that closes, of any kind, and from the first quote to the last.
fn remove_outer_brackets(text: &mut Vec<char>) -> bool {
    let opens =
        |letter: &char| matches!(letter, '(' | '[' | '{' | '（' | '【' | '「' | '『' | '〈' | '《' | '〔' | '［' | '｛' | '„' | '‚');
    let closes = |letter: &char| matches!(letter, ')' | ']' | '}' | '）' | '】' | '」' | '』' | '〉' | '》' | '〕' | '］' | '｝');
    let quote = |letter: &char| *letter == '"';
    let removed = between(text, opens, closes);
    between(text, quote, quote) || removed
}

fn between(text: &mut Vec<char>, opens: impl Fn(&char) -> bool, closes: impl Fn(&char) -> bool) -> bool {
    match (text.iter().position(opens), text.iter().rposition(closes)) {
        (Some(start), Some(end)) if end > start => {
            text.drain(start..=end);
            true
        }
        _ => false,
    }
}

/// Where a path such as `C:\Program Files\Thing` ends, with its first letter at `at`.
fn path_end(text: &[char], at: usize) -> Option<usize> {
    let drive = text.get(at).is_some_and(|letter| matches!(letter.to_ascii_lowercase(), 'c'..='f'));
    if !drive || text.get(at + 1) != Some(&':') || text.get(at + 2) != Some(&'\\') {
        return None;
    }
    let last = text.iter().rposition(|&letter| letter == '\\')?;
    Some(last + 1 + run(text, last + 1, |letter| !letter.is_whitespace()))
}

fn path(text: &[char], at: usize) -> Option<usize> {
    let lead = ["installed at ", "in "].iter().find(|lead| has(text, at, lead)).map_or(0, |lead| lead.len());
    path_end(text, at + lead).or_else(|| path_end(text, at))
}

fn path_in_brackets(text: &[char], at: usize) -> Option<usize> {
    let close = match text.get(at)? {
        '(' => ')',
        '"' => '"',
        _ => return None,
    };
    text.get(at + 3).filter(|&&letter| letter == '\\')?;
    path_end(text, at + 1)?;
    text.iter().rposition(|&letter| letter == close).filter(|&end| end > at).map(|end| end + 1)
}

/// `https://`.
fn scheme(text: &[char], at: usize) -> Option<usize> {
    let stands = !letter_before(text, at);
    let found = ["https://", "http://", "ftp://"].iter().find(|scheme| stands && has(text, at, scheme))?;
    Some(at + found.len())
}

/// A word without letters between spaces.
fn lone_symbols(text: &[char], at: usize) -> Option<usize> {
    if before(text, at).is_some_and(|letter| !letter.is_whitespace()) {
        return None;
    }
    // Spaces are no letters either: the longest run that ends before a space or the end.
    let length = run(text, at, |letter| !letter.is_alphabetic());
    let end = at + length;
    if end == text.len() {
        return Some(end);
    }
    let last = text.get(at..end)?.iter().rposition(|letter| letter.is_whitespace())?;
    (last > 0).then_some(at + last)
}

/// The points of `S.A.` and the slash of `A/S`.
fn acronym_point(text: &[char], at: usize) -> Option<usize> {
    if !matches!(text.get(at)?, '.' | '/') || !letter_before(text, at) {
        return None;
    }
    let alone = at < 2 || !text.get(at - 2).is_some_and(|letter| letter.is_alphabetic());
    let follows =
        text.get(at + 1).is_some_and(|letter| letter.is_alphabetic()) && !text.get(at + 2).is_some_and(|letter| letter.is_alphabetic());
    (alone && follows).then_some(at + 1)
}

/// Removes what fits from both ends.
fn trim(text: &mut Vec<char>, start: impl Fn(char) -> bool, end: impl Fn(char) -> bool) -> bool {
    let leading = run(text, 0, start);
    let trailing = text.iter().rev().take_while(|&&letter| end(letter)).count();
    if leading + trailing >= text.len() {
        let had = !text.is_empty();
        if leading > 0 || trailing > 0 {
            text.clear();
        }
        return had && (leading > 0 || trailing > 0);
    }
    text.truncate(text.len() - trailing);
    text.drain(..leading);
    leading + trailing > 0
}
