//! Reading bytes that may be anything.

use crate::index::varint;

/// What is wrong with some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) &'static str);

/// Something that was read.
pub(crate) type Read<T> = Result<T, Wrong>;

const SHORT: Wrong = Wrong("it ends early");

/// Bytes that are read from front to back.
#[derive(Debug)]
pub(crate) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// So many bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Read<&'a [u8]> {
        varint::read_bytes(&mut self.0, len).ok_or(SHORT)
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// A byte.
    pub(crate) fn byte(&mut self) -> Read<u8> {
        self.array().map(|[byte]| byte)
    }

    /// So many bytes as an array.
    pub(crate) fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*array)
    }

    /// A number of four bytes.
    pub(crate) fn number(&mut self) -> Read<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// The same as a size.
    pub(crate) fn size(&mut self) -> Read<usize> {
        usize::try_from(self.number()?).map_err(|_| Wrong("a size is too large for this machine"))
    }

    /// A number as LEB128 of at most 32 bits.
    pub(crate) fn short(&mut self) -> Read<u32> {
        varint::read_u32(&mut self.0).ok_or(Wrong("a number is cut short or too large"))
    }

    /// A text behind its length.
    pub(crate) fn text(&mut self) -> Read<&'a str> {
        varint::read_text(&mut self.0).ok_or(Wrong("a text is cut short or not UTF-8"))
    }

    /// `count` values of `N` bytes each.
    pub(crate) fn column<T, const N: usize>(&mut self, count: usize, value: fn([u8; N]) -> T) -> Read<impl ExactSizeIterator<Item = T>> {
        let (values, _) = self.bytes(count.checked_mul(N).ok_or(SHORT)?)?.as_chunks::<N>();
        Ok(values.iter().map(move |bytes| value(*bytes)))
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Wrong("bytes are left at its end")) }
    }
}
