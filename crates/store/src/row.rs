//! Between rows and records: times, ids, words and JSON.

use crate::error::{Result, StoreError};
use fettle_model::digest::Sha256Digest;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Microseconds since 1970, the form of every time in the database.
pub(crate) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

pub(crate) fn maybe_micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(micros)
}

pub(crate) fn json<T: Serialize>(what: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|source| StoreError::encode(what, source))
}

pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|source| StoreError::corrupt(what, source))
}

pub(crate) fn digest(what: &'static str, bytes: &[u8]) -> Result<Sha256Digest> {
    bytes.try_into().map(Sha256Digest).map_err(|source: std::array::TryFromSliceError| StoreError::corrupt(what, source))
}

/// Typed access to the columns of a row; the column's name is what an error speaks of.
pub(crate) trait Get {
    fn int(&self, column: &'static str) -> Result<i64>;
    fn maybe_int(&self, column: &'static str) -> Result<Option<i64>>;
    fn text(&self, column: &'static str) -> Result<String>;
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>>;
    fn blob(&self, column: &'static str) -> Result<Vec<u8>>;
    fn maybe_blob(&self, column: &'static str) -> Result<Option<Vec<u8>>>;

    fn flag(&self, column: &'static str) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }

    fn unsigned<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T>
    where
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        T::try_from(self.int(column)?).map_err(|source| StoreError::corrupt(column, source))
    }

    fn time(&self, column: &'static str) -> Result<Timestamp> {
        Timestamp::from_microsecond(self.int(column)?).map_err(|source| StoreError::corrupt(column, source))
    }

    fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        self.maybe_int(column)?
            .map(|micros| Timestamp::from_microsecond(micros).map_err(|source| StoreError::corrupt(column, source)))
            .transpose()
    }

    /// An id or a word of a closed set.
    fn parsed<T: std::str::FromStr>(&self, column: &'static str) -> Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.text(column)?.parse().map_err(|source: T::Err| StoreError::corrupt(column, source))
    }

    fn maybe_parsed<T: std::str::FromStr>(&self, column: &'static str) -> Result<Option<T>>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.maybe_text(column)?.map(|text| text.parse().map_err(|source: T::Err| StoreError::corrupt(column, source))).transpose()
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        from_json(column, &self.text(column)?)
    }

    fn maybe_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        self.maybe_text(column)?.map(|text| from_json(column, &text)).transpose()
    }

    fn digest(&self, column: &'static str) -> Result<Sha256Digest> {
        digest(column, &self.blob(column)?)
    }

    fn maybe_digest(&self, column: &'static str) -> Result<Option<Sha256Digest>> {
        self.maybe_blob(column)?.map(|bytes| digest(column, &bytes)).transpose()
    }
}

fn unreadable(column: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |source| StoreError::corrupt(column, source)
}

impl Get for AnyRow {
    fn int(&self, column: &'static str) -> Result<i64> {
        self.try_get(column).map_err(unreadable(column))
    }
    fn maybe_int(&self, column: &'static str) -> Result<Option<i64>> {
        self.try_get(column).map_err(unreadable(column))
    }
    fn text(&self, column: &'static str) -> Result<String> {
        self.try_get(column).map_err(unreadable(column))
    }
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>> {
        self.try_get(column).map_err(unreadable(column))
    }
    fn blob(&self, column: &'static str) -> Result<Vec<u8>> {
        self.try_get(column).map_err(unreadable(column))
    }
    fn maybe_blob(&self, column: &'static str) -> Result<Option<Vec<u8>>> {
        self.try_get(column).map_err(unreadable(column))
    }
}
