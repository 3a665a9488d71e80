//! Lists: their common shape, and the query parameters they share.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::str::FromStr;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// How many rows the whole list has, over all pages.
    pub total: u64,
    /// Pass as `cursor` to get the next page; `null` on the last one.
    #[schema(required)]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page with other rows.
    pub(crate) fn map<U>(self, row: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(row).collect(), total: self.total, next: self.next }
    }
}

/// One page of a list that a query made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Listed<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// How many rows the whole list has, over all pages.
    pub total: u64,
    /// How many rows are not in `total` because an asset's last good scan is missing or old, so that nobody
    /// knows whether the query holds for them.
    pub unknown: u64,
    /// The version of the index, and the moment, that the answer was made from: answers with the same one belong together. Pass
    /// it as `version` to be answered from the same.
    pub version: String,
    /// Pass as `cursor` to get the next page; `null` on the last one.
    #[schema(required)]
    pub next: Option<String>,
}

/// Most rows of one page: a page of the widest rows stays near a megabyte.
pub const MAX_LIMIT: u16 = 1_000;
/// Rows of a page when the request does not say.
pub const DEFAULT_LIMIT: u16 = 50;

/// A number of rows, 1 to [`MAX_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(NonZeroU16);

impl Limit {
    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0.get())
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(NonZeroU16::new(DEFAULT_LIMIT).unwrap_or(NonZeroU16::MIN))
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        NonZeroU16::new(number)
            .filter(|n| n.get() <= MAX_LIMIT)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("must be 1 to {MAX_LIMIT}, not {number}")))
    }
}

/// A column to sort by, and which way: `name` or `-name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// The column.
    pub by: C,
    /// Largest first.
    pub descending: bool,
}

impl<'de, C: FromStr<Err: std::fmt::Display>> Deserialize<'de> for Sort<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (descending, column) = text.strip_prefix('-').map_or((false, text.as_str()), |column| (true, column));
        column.parse().map(|by| Self { by, descending }).map_err(serde::de::Error::custom)
    }
}

/// Several values in one query parameter, separated by commas: any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyOf<T>(pub Vec<T>);

impl<T> Default for AnyOf<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> AnyOf<T> {
    /// The values; none: any.
    #[must_use]
    pub fn set(self) -> BTreeSet<T> {
        self.0.into_iter().collect()
    }
}

/// Most values in one parameter.
const MAX_VALUES: usize = 200;

impl<'de, T: FromStr<Err: std::fmt::Display>> Deserialize<'de> for AnyOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let words: Vec<&str> = text.split(',').filter(|word| !word.is_empty()).collect();
        if words.len() > MAX_VALUES {
            return Err(serde::de::Error::custom(format!("at most {MAX_VALUES} values are taken")));
        }
        words.into_iter().map(T::from_str).collect::<Result<_, _>>().map(Self).map_err(serde::de::Error::custom)
    }
}

impl<C: std::fmt::Display> std::fmt::Display for Sort<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{sign}{}", self.by)
    }
}

impl<C> Sort<C> {
    /// The same for the fleet index.
    pub fn sorted<By: From<C>>(self) -> fettle_fleet::Sorted<By> {
        let by = By::from(self.by);
        if self.descending { fettle_fleet::Sorted::descending(by) } else { fettle_fleet::Sorted::ascending(by) }
    }
}

/// Free text to look for: trimmed, at most 200 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Option<String>);

impl Text {
    /// The text, unless it is empty.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let text = text.trim();
        if text.chars().count() > MAX_TEXT {
            return Err(serde::de::Error::custom(format!("at most {MAX_TEXT} characters are taken")));
        }
        Ok(Self((!text.is_empty()).then(|| text.to_owned())))
    }
}

/// Longest text to look for: names and titles are shorter.
const MAX_TEXT: usize = 200;
