//! Pages of sorted lists. A cursor names the last row seen, not a position, so rows that come and go
//! between two pages neither repeat nor hide others.

use crate::sorted::Direction;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Longest text of a cursor: stops a request that is all cursor.
const MAX_TEXT: usize = 4096;

/// One page.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Rows, in order.
    pub items: Vec<T>,
    /// Rows of the whole list.
    pub total: u64,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Cursor>,
}

/// Where a page ended. Its text form is opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    key: SortKey<'static>,
    id: String,
}

impl Cursor {
    /// Where a page ended: the sort key and the id of its last row.
    pub(crate) fn new(key: SortKey<'_>, id: String) -> Self {
        Self { key: key.into_owned(), id }
    }

    pub(crate) fn key(&self) -> &SortKey<'static> {
        &self.key
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// How a row stands to the cursor, ascending.
    pub(crate) fn compare(&self, key: &SortKey<'_>, id: &impl RowId) -> Ordering {
        key.cmp(&self.key).then_with(|| id.compare(&self.id).unwrap_or(Ordering::Greater))
    }
}

/// A text that is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor; take it unchanged from the page before, or leave it out to begin at the start")]
pub struct NotACursor;

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = postcard::to_stdvec(self).map_err(|_| std::fmt::Error)?;
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for Cursor {
    type Err = NotACursor;
    fn from_str(text: &str) -> Result<Self, NotACursor> {
        if text.len() > MAX_TEXT || !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotACursor);
        }
        let digits = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or(NotACursor);
        let bytes: Vec<u8> = (0..text.len()).step_by(2).map(digits).collect::<Result<_, _>>()?;
        match postcard::take_from_bytes(&bytes) {
            Ok((cursor, [])) => Ok(cursor),
            _ => Err(NotACursor),
        }
    }
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum SortKey<'a> {
    Number(i64),
    Text(Cow<'a, str>),
}

/// Longest text a key keeps: cursors carry keys, and an agent chooses the name of its machine.
const MAX_KEY: usize = 512;

impl<'a> SortKey<'a> {
    /// A text as key, cut to a bounded length.
    pub(crate) fn text(text: &'a str) -> Self {
        let end = (0..=MAX_KEY.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        Self::Text(Cow::Borrowed(text.get(..end).unwrap_or_default()))
    }

    /// The same, cut as keys of texts are.
    pub(crate) fn cut(self) -> SortKey<'static> {
        match &self {
            Self::Text(text) => SortKey::text(text).into_owned(),
            Self::Number(number) => SortKey::Number(*number),
        }
    }

    pub(crate) fn into_owned(self) -> SortKey<'static> {
        match self {
            Self::Number(number) => SortKey::Number(number),
            Self::Text(text) => SortKey::Text(Cow::Owned(text.into_owned())),
        }
    }
}

/// A row waiting for its place.
pub(crate) struct Candidate<'a, Id, T> {
    pub(crate) key: SortKey<'a>,
    pub(crate) id: Id,
    pub(crate) row: T,
}

/// An id that orders rows with equal keys and can be written into a cursor.
pub(crate) trait RowId: Ord {
    fn to_text(&self) -> String;
    /// `None` when the text is no such id.
    fn compare(&self, text: &str) -> Option<Ordering>;
}

impl RowId for fettle_model::ids::AssetId {
    fn to_text(&self) -> String {
        self.to_string()
    }
    fn compare(&self, text: &str) -> Option<Ordering> {
        text.parse().ok().map(|other| self.cmp(&other))
    }
}

impl RowId for &fettle_model::ids::PatchId {
    fn to_text(&self) -> String {
        self.0.clone()
    }
    fn compare(&self, text: &str) -> Option<Ordering> {
        Some(self.0.as_str().cmp(text))
    }
}

/// Candidates kept beyond twice the limit before the greatest are let go: cutting costs time in proportion to
/// what is kept, so cutting rarely makes it cheap for each candidate, and a page of a million rows needs no
/// more memory than a page of a hundred.
const SLACK: usize = 64;

/// Cuts the sorted page after `after` out of candidates in any order.
pub(crate) fn cut<'a, Id: RowId, T>(
    candidates: impl Iterator<Item = Candidate<'a, Id, T>>,
    direction: Direction,
    after: Option<&Cursor>,
    limit: usize,
) -> Page<T> {
    let turn = |ordering: Ordering| if direction == Direction::Ascending { ordering } else { ordering.reverse() };
    let compare = |a: &Candidate<'a, Id, T>, b: &Candidate<'a, Id, T>| turn(a.key.cmp(&b.key).then_with(|| a.id.cmp(&b.id)));
    let beyond = |row: &Candidate<'a, Id, T>, cursor: &Cursor| {
        let by_id = || row.id.compare(&cursor.id).unwrap_or(Ordering::Greater);
        turn(row.key.cmp(&cursor.key).then_with(by_id)) == Ordering::Greater
    };
    let most = limit.saturating_mul(2).saturating_add(SLACK);
    let (mut total, mut left) = (0_u64, 0_usize);
    let mut kept = Vec::new();
    for row in candidates {
        total += 1;
        if after.is_some_and(|cursor| !beyond(&row, cursor)) {
            continue;
        }
        left += 1;
        kept.push(row);
        if kept.len() >= most {
            kept.select_nth_unstable_by(limit, compare);
            kept.truncate(limit);
        }
    }
    kept.sort_unstable_by(compare);
    kept.truncate(limit);
    let next = kept.last().filter(|_| left > limit).map(|last| Cursor { key: last.key.clone().into_owned(), id: last.id.to_text() });
    Page { items: kept.into_iter().map(|candidate| candidate.row).collect(), total, next }
}
