//! Cursors: where a page ended, as text that clients pass back unread.
//!
//! A cursor comes from outside and proves nothing. Whatever it says, scope and filters are applied anew to
//! what it leads to; the worst a forged one does is to begin a list in another place.

use crate::api::page::{Limit, Page, Sort};
use crate::api::problem::{FieldError, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt::Display;

/// Longest cursor read: a sort key is a name, which is at most some hundred bytes.
const MAX_CURSOR: usize = 4_096;
/// Longest sort key kept in a cursor, in bytes. Rows whose keys agree that far are ordered by id.
const MAX_KEY: usize = 512;

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Key {
    /// A number, or a time in microseconds.
    #[serde(rename = "n")]
    Number(i64),
    /// A text, in lower case.
    #[serde(rename = "t")]
    Text(String),
}

impl Key {
    /// A text as key: in lower case and of bounded length.
    pub(crate) fn text(text: &str) -> Self {
        let mut folded = text.to_lowercase();
        while folded.len() > MAX_KEY {
            folded.pop();
        }
        Self::Text(folded)
    }

    /// A time as key; unknown comes first.
    pub(crate) fn time(at: Option<jiff::Timestamp>) -> Self {
        Self::Number(at.map_or(i64::MIN, jiff::Timestamp::as_microsecond))
    }
}

/// A row's place in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// How the list was sorted.
    #[serde(rename = "s")]
    sort: String,
    #[serde(rename = "k")]
    key: Key,
    /// Orders rows with equal keys.
    #[serde(rename = "i")]
    id: String,
}

/// What to answer to a cursor that is not one of the list.
pub(crate) fn refused() -> Problem {
    let detail = "Pass the value of `next` unchanged, with the same sort order, or leave `cursor` out to start over.";
    let errors = vec![FieldError::new("cursor", "is not a cursor of this list")];
    Problem::bad_request("cursor-invalid", detail).with_errors(errors)
}

/// Cuts a page out of all rows of a list. `place` gives what a row is sorted by and its id.
pub(crate) fn cut<T, C: Display + Copy>(
    rows: Vec<T>,
    sort: Sort<C>,
    cursor: Option<&str>,
    limit: Limit,
    place: impl Fn(&T) -> (Key, String),
) -> Result<Page<T>, Problem> {
    let name = sort.to_string();
    let after = cursor.map(|text| read(text, &name)).transpose()?;
    let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let turn = |ordering: Ordering| if sort.descending { ordering.reverse() } else { ordering };
    let mut placed: Vec<((Key, String), T)> = rows.into_iter().map(|row| (place(&row), row)).collect();
    if let Some(after) = after {
        let last = (after.key, after.id);
        placed.retain(|(here, _)| turn(here.cmp(&last)) == Ordering::Greater);
    }
    placed.sort_by(|(one, _), (other, _)| turn(one.cmp(other)));
    let more = placed.len() > limit.get();
    placed.truncate(limit.get());
    let next = placed.last().filter(|_| more).map(|((key, id), _)| write(&Place { sort: name, key: key.clone(), id: id.clone() }));
    Ok(Page { items: placed.into_iter().map(|(_, row)| row).collect(), total, next: next.transpose()? })
}

/// The place behind which a list that the store cuts goes on: the key and id of the last row seen.
pub(crate) fn after<C: Display>(cursor: Option<&str>, sort: &Sort<C>) -> Result<Option<(Key, String)>, Problem> {
    let place = cursor.map(|text| read(text, &sort.to_string())).transpose()?;
    Ok(place.map(|place| (place.key, place.id)))
}

/// A page of a list that the store cut. `rows` has one row more than the page when it goes on.
pub(crate) fn page<T, C: Display>(
    mut rows: Vec<T>,
    total: u64,
    sort: &Sort<C>,
    limit: Limit,
    place: impl Fn(&T) -> (Key, String),
) -> Result<Page<T>, Problem> {
    let more = rows.len() > limit.get();
    rows.truncate(limit.get());
    let last = rows.last().filter(|_| more).map(place);
    let next = last.map(|(key, id)| write(&Place { sort: sort.to_string(), key, id })).transpose()?;
    Ok(Page { items: rows, total, next })
}

fn read(text: &str, sort: &str) -> Result<Place, Problem> {
    if text.len() > MAX_CURSOR {
        return Err(refused());
    }
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    let place: Place = serde_json::from_slice(&json).map_err(|_| refused())?;
    if place.sort == sort { Ok(place) } else { Err(refused()) }
}

fn write(place: &Place) -> Result<String, Problem> {
    let json = serde_json::to_vec(place).map_err(|error| Problem::internal(&error))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// Reads a cursor of a list that the fleet index cuts itself.
pub(crate) fn read_fleet<C: Display + Copy>(text: Option<&str>, sort: Sort<C>) -> Result<Option<fettle_fleet::Cursor>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let (name, cursor) = text.rsplit_once('.').filter(|_| text.len() <= MAX_CURSOR).ok_or_else(refused)?;
    if name != sort.to_string() {
        return Err(refused());
    }
    cursor.parse().map(Some).map_err(|_| refused())
}

/// The cursor of the next page as text, behind the order it belongs to.
pub(crate) fn write_fleet<C: Display + Copy>(next: Option<fettle_fleet::Cursor>, sort: Sort<C>) -> Option<String> {
    next.map(|cursor| format!("{sort}.{cursor}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limit(number: u16) -> Limit {
        serde_json::from_value(number.into()).expect("a limit")
    }

    fn page(rows: &[u8], sort: Sort<&'static str>, cursor: Option<&str>, size: u16) -> Result<Page<(usize, u8)>, Problem> {
        let rows = rows.iter().copied().enumerate().collect();
        cut(rows, sort, cursor, limit(size), |&(at, value)| (Key::Number(value.into()), format!("{at:04}")))
    }

    proptest! {
        #[test]
        fn pages_together_are_the_list(rows in prop::collection::vec(0u8..9, 0..60), size in 1u16..9, descending: bool) {
            let sort = Sort { by: "value", descending };
            let whole = page(&rows, sort, None, 1_000).expect("a page").items;
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let part = page(&rows, sort, cursor.as_deref(), size).expect("a page");
                prop_assert_eq!(part.total, rows.len() as u64);
                seen.extend(part.items);
                match part.next {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
            prop_assert_eq!(seen, whole);
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in ".{0,80}") {
            let sort = Sort { by: "value", descending: false };
            if let Err(problem) = page(&[1, 2], sort, Some(&text), 1) {
                prop_assert_eq!(problem.code.as_ref(), "cursor-invalid");
            }
        }
    }

    #[test]
    fn a_cursor_belongs_to_one_order() {
        let next = page(&[1, 2, 3], Sort { by: "value", descending: false }, None, 1).expect("a page").next;
        let refused = page(&[1, 2, 3], Sort { by: "value", descending: true }, next.as_deref(), 1);
        assert_eq!(refused.expect_err("must be refused").status, 400);
    }
}
