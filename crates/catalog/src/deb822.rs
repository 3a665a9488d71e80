//! Control files (deb822(5)), read as a stream with bounds.
//!
//! A package index of 50 MB is read without holding more than one field of it; only fields that the caller names
//! are kept.

use std::io::BufRead;

/// Longest line. The longest in Debian's main archive, a list of dependencies, has about 40,000 bytes.
const MAX_LINE: usize = 512 * 1024;

/// A control file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// A line longer than any should be.
    #[error("line {line} is longer than {MAX_LINE} bytes")]
    LongLine {
        /// Line number, from 1.
        line: u64,
    },
    /// A field with more text than any should have.
    #[error("the field {field} that ends in line {line} is longer than {limit} bytes")]
    LongField {
        /// Line number, from 1.
        line: u64,
        /// Field name.
        field: String,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not text.
    #[error("line {line} is not text in UTF-8")]
    NotText {
        /// Line number, from 1.
        line: u64,
    },
    /// A line that is neither a field nor the continuation of one.
    #[error("line {line} is neither a field nor the continuation of one")]
    NotAField {
        /// Line number, from 1.
        line: u64,
    },
    /// The same field twice in one paragraph.
    #[error("line {line} repeats the field {field}")]
    Repeated {
        /// Line number, from 1.
        line: u64,
        /// Field name.
        field: String,
    },
    /// Reading failed.
    #[error("reading failed after line {line}")]
    Read {
        /// Lines read so far.
        line: u64,
        /// Why.
        source: std::io::Error,
    },
}

/// A field the caller wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Its name; upper and lower case are the same.
    pub(crate) name: &'static str,
    /// Most bytes of its value, lines included.
    pub(crate) limit: usize,
    /// Only the first line is wanted; further ones are skipped and not counted.
    pub(crate) first_line_only: bool,
}

impl Wanted {
    pub(crate) const fn line(name: &'static str, limit: usize) -> Self {
        Self { name, limit, first_line_only: true }
    }

    pub(crate) const fn lines(name: &'static str, limit: usize) -> Self {
        Self { name, limit, first_line_only: false }
    }
}

/// Reads paragraphs of a control file.
pub(crate) struct Reader<R> {
    input: R,
    wanted: &'static [Wanted],
    values: Vec<Option<String>>,
    buffer: Vec<u8>,
    line: u64,
}

/// One paragraph: the wanted fields in the order they were asked for.
pub(crate) struct Paragraph<'a> {
    values: &'a mut [Option<String>],
    /// The paragraph's last line, from 1.
    pub(crate) line: u64,
}

impl Paragraph<'_> {
    /// The value of the wanted field with that position, without surrounding blanks. Continuation lines keep
    /// their line breaks.
    pub(crate) fn get(&self, position: usize) -> Option<&str> {
        self.values.get(position).and_then(Option::as_deref)
    }

    /// As [`get`](Self::get), taking it out.
    pub(crate) fn take(&mut self, position: usize) -> Option<String> {
        self.values.get_mut(position).and_then(Option::take)
    }
}

/// What a line is, with what follows from it.
enum Line {
    End,
    Blank,
    Comment,
    /// Belongs to the field before it.
    Continuation,
    /// The start of a field: its position among the wanted ones, if it is one.
    Field(Option<usize>),
}

impl<R: BufRead> Reader<R> {
    pub(crate) fn new(input: R, wanted: &'static [Wanted]) -> Self {
        Self { input, wanted, values: vec![None; wanted.len()], buffer: Vec::new(), line: 0 }
    }

    /// The next paragraph; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Paragraph<'_>>, Malformed> {
        self.values.fill(None);
        let mut current: Option<usize> = None;
        let mut begun = false;
        loop {
            let line = self.read_line()?;
            match line {
                Line::End if !begun => return Ok(None),
                Line::Blank if !begun => {}
                Line::End | Line::Blank => {
                    return Ok(Some(Paragraph { values: &mut self.values, line: self.line.saturating_sub(1) }));
                }
                Line::Comment => {}
                Line::Continuation if !begun => return Err(Malformed::NotAField { line: self.line }),
                Line::Continuation => self.append(current)?,
                Line::Field(position) => {
                    begun = true;
                    current = position;
                    self.start(position)?;
                }
            }
        }
    }

    /// Reads one line into the buffer, without its end, and says what it is.
    fn read_line(&mut self) -> Result<Line, Malformed> {
        self.buffer.clear();
        let found = read_bounded(&mut self.input, &mut self.buffer).map_err(|source| Malformed::Read { line: self.line, source })?;
        self.line += 1;
        if self.buffer.len() > MAX_LINE {
            return Err(Malformed::LongLine { line: self.line });
        }
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        match self.buffer.first() {
            None if !found => Ok(Line::End),
            None => Ok(Line::Blank),
            Some(b'#') => Ok(Line::Comment),
            // A line of blanks alone separates paragraphs too, as apt reads it.
            Some(b' ' | b'\t') if self.buffer.iter().all(u8::is_ascii_whitespace) => Ok(Line::Blank),
            Some(b' ' | b'\t') => Ok(Line::Continuation),
            Some(_) => {
                let colon = self.buffer.iter().position(|&byte| byte == b':').filter(|&colon| colon > 0);
                let name = colon.and_then(|colon| self.buffer.get(..colon)).ok_or(Malformed::NotAField { line: self.line })?;
                Ok(Line::Field(self.wanted.iter().position(|wanted| wanted.name.as_bytes().eq_ignore_ascii_case(name))))
            }
        }
    }

    fn start(&mut self, position: Option<usize>) -> Result<(), Malformed> {
        let Some((wanted, value)) = position.and_then(|position| self.wanted.get(position).zip(self.values.get_mut(position))) else {
            return Ok(());
        };
        if value.is_some() {
            return Err(Malformed::Repeated { line: self.line, field: wanted.name.to_owned() });
        }
        let text = self.buffer.get(wanted.name.len() + 1..).unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| Malformed::NotText { line: self.line })?.trim();
        if text.len() > wanted.limit {
            return Err(Malformed::LongField { line: self.line, field: wanted.name.to_owned(), limit: wanted.limit });
        }
        *value = Some(text.to_owned());
        Ok(())
    }

    fn append(&mut self, position: Option<usize>) -> Result<(), Malformed> {
        let Some((wanted, value)) = position.and_then(|position| self.wanted.get(position).zip(self.values.get_mut(position))) else {
            return Ok(());
        };
        let Some(value) = value.as_mut().filter(|_| !wanted.first_line_only) else { return Ok(()) };
        let text = std::str::from_utf8(&self.buffer).map_err(|_| Malformed::NotText { line: self.line })?.trim();
        if value.len() + text.len() >= wanted.limit {
            return Err(Malformed::LongField { line: self.line, field: wanted.name.to_owned(), limit: wanted.limit });
        }
        value.push('\n');
        value.push_str(text);
        Ok(())
    }
}

/// Reads up to and without the next line feed, at most one byte more than [`MAX_LINE`] allows.
/// Says whether there was a line at all.
fn read_bounded(input: &mut impl BufRead, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut found = false;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(found);
        }
        found = true;
        let room = (MAX_LINE + 1).saturating_sub(buffer.len());
        let end = available.iter().position(|&byte| byte == b'\n');
        let length = end.unwrap_or(available.len()).min(room);
        buffer.extend_from_slice(available.get(..length).unwrap_or_default());
        let whole_line = end.is_some_and(|end| end == length);
        input.consume(if whole_line { length + 1 } else { length });
        if whole_line || length == room {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WANTED: &[Wanted] = &[Wanted::line("Package", 20), Wanted::lines("Files", 30), Wanted::line("Description", 40)];

    fn read(text: &[u8]) -> Result<Vec<[Option<String>; 3]>, Malformed> {
        let mut reader = Reader::new(text, WANTED);
        let mut paragraphs = Vec::new();
        while let Some(mut paragraph) = reader.next()? {
            paragraphs.push([0, 1, 2].map(|position| paragraph.take(position)));
        }
        Ok(paragraphs)
    }

    fn flaw(text: &[u8]) -> String {
        read(text).expect_err("malformed").to_string()
    }

    #[test]
    fn wanted_fields_of_each_paragraph_are_kept() {
        let text =
            b"\n# a comment\nPackage: a\nDepends: x,\n y\nfiles:\n 1 one\n\t2 two\nDescription: short\n long\n .\n text\n\n\npackage:b\r\n";
        let some = |text: &str| Some(text.to_owned());
        let expected = vec![[some("a"), some("\n1 one\n2 two"), some("short")], [some("b"), None, None]];
        assert_eq!(read(text).expect("readable"), expected);
        assert_eq!(read(b"").expect("readable"), Vec::<[Option<String>; 3]>::new());
    }

    #[test]
    fn malformed_text_is_refused_with_its_line() {
        insta::assert_snapshot!(flaw(b" starts with a continuation"), @"line 1 is neither a field nor the continuation of one");
        insta::assert_snapshot!(flaw(b"Package: a\nno field"), @"line 2 is neither a field nor the continuation of one");
        insta::assert_snapshot!(flaw(b"Package: a\n:x\n"), @"line 2 is neither a field nor the continuation of one");
        insta::assert_snapshot!(flaw(b"Package: a\nPackage: b\n"), @"line 2 repeats the field Package");
        insta::assert_snapshot!(flaw(b"Package: \xff\n"), @"line 1 is not text in UTF-8");
        insta::assert_snapshot!(flaw(b"Package: 012345678901234567890\n"), @"the field Package that ends in line 1 is longer than 20 bytes");
        insta::assert_snapshot!(flaw(b"Files:\n 0123456789\n 0123456789\n 0123456789\n"), @"the field Files that ends in line 4 is longer than 30 bytes");
    }

    #[test]
    fn an_endless_line_is_given_up() {
        struct Endless;
        impl std::io::Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        let mut reader = Reader::new(std::io::BufReader::new(Endless), WANTED);
        let error = reader.next().err().expect("malformed");
        insta::assert_snapshot!(error, @"line 1 is longer than 524288 bytes");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _outcome = read(&text);
        }

        #[test]
        fn a_small_buffer_reads_the_same(text in "(Package: a\n|Files:\n| x\n|\n|#c\n|Description: d\n){0,20}", size in 1_usize..20) {
            let whole = read(text.as_bytes()).map_err(|error| error.to_string());
            let mut reader = Reader::new(std::io::BufReader::with_capacity(size, text.as_bytes()), WANTED);
            let mut pieces = Vec::new();
            let outcome = loop {
                match reader.next() {
                    Ok(Some(mut paragraph)) => pieces.push([0, 1, 2].map(|position| paragraph.take(position))),
                    Ok(None) => break Ok(pieces),
                    Err(error) => break Err(error.to_string()),
                }
            };
            prop_assert_eq!(outcome, whole);
        }
    }
}
