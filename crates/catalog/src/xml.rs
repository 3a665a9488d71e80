//! XML, bounded: elements as small trees, one part of a document at a time.
//!
//! Entities are never defined: a document with a type declaration is refused, so nothing can grow when it is read.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};
use std::io::BufRead;

/// Deepest nesting. Real documents have nine levels.
const MAX_DEPTH: usize = 32;
/// Most elements of one part. The largest vulnerability of a real document has about 6,000.
const MAX_ELEMENTS: usize = 500_000;
/// Most bytes of text of one element; text beyond is cut. What is read of a document is shorter.
const MAX_TEXT: usize = 16 * 1024;
/// Most attributes that are kept of one element.
const MAX_ATTRIBUTES: usize = 16;
/// Why a document was not read.
#[derive(Debug, thiserror::Error)]
pub enum XmlFlaw {
    /// Another root, or in a namespace that is not the format's.
    #[error("it is in another format")]
    Foreign,
    /// Damaged.
    #[error("it is not well-formed XML: {0}")]
    NotWellFormed(String),
    /// Declares a document type.
    #[error("it declares a document type, which these documents never do; it may be made to exhaust the reader")]
    Declaration,
    /// Uses an entity that XML does not define.
    #[error("it uses an entity that is not defined")]
    Entity,
    /// More than is read.
    #[error("it has more than {limit} {what}")]
    TooMuch {
        /// What.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

/// What a document must look like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// Name of the root.
    pub(crate) root: &'static str,
    /// How namespaces of the format begin; when there are none, elements of no namespace are the format's.
    pub(crate) namespaces: &'static [&'static str],
    /// Elements that are passed over with all that is in them: long, and nothing in them is read.
    pub(crate) unread: &'static [&'static str],
}

/// An element of the format.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Name without prefix.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An attribute; empty when there is none.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Its own text, without space around.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its elements with this name.
    pub(crate) fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Element> + use<'a, 'n> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element at the end of a path; empty when there is none.
    pub(crate) fn text_at<'a>(&'a self, path: &[&str]) -> &'a str {
        match path.split_first() {
            None => self.text(),
            Some((first, rest)) => self.all(first).next().map_or("", |child| child.text_at(rest)),
        }
    }
}

/// Hands each element below the root to `part`, in order. Elements of other namespaces than the format's are passed over
/// with all that is in them.
pub(crate) fn read<E: From<XmlFlaw>>(
    input: impl BufRead,
    format: &Format,
    mut part: impl FnMut(Element) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = NsReader::from_reader(input);
    reader.config_mut().expand_empty_elements = true;
    let mut tree = Tree { open: Vec::new(), depth: 0, elements: 0, passed_over: None, format };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let (space, event) = reader.read_resolved_event_into(&mut buffer).map_err(damaged)?;
        match event {
            Event::Start(start) => tree.start(element(&start), format.has(&space))?,
            Event::End(_) => {
                if let Some(done) = tree.end() {
                    part(done)?;
                }
            }
            Event::Text(text) => tree.text(&text.xml_content(XmlVersion::default())),
            Event::CData(text) => tree.text(&text.xml_content(XmlVersion::default())),
            Event::GeneralRef(entity) => {
                let letter = entity.resolve_char_ref().map_err(damaged)?;
                match (letter, resolve_predefined_entity(&entity)) {
                    (Some(letter), _) => tree.text(letter.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => tree.text(text),
                    (None, None) => return Err(XmlFlaw::Entity.into()),
                }
            }
            Event::DocType(_) => return Err(XmlFlaw::Declaration.into()),
            Event::Eof if tree.depth > 0 => return Err(damaged("it ends in the middle").into()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn damaged(what: impl std::fmt::Display) -> XmlFlaw {
    XmlFlaw::NotWellFormed(what.to_string())
}

impl Format {
    fn has(&self, space: &ResolveResult<'_>) -> bool {
        match space {
            ResolveResult::Bound(space) => self.namespaces.iter().any(|known| space.as_ref().starts_with(*known)),
            ResolveResult::Unbound => self.namespaces.is_empty(),
            ResolveResult::Unknown(_) => false,
        }
    }
}

/// Elements that are open.
struct Tree<'f> {
    /// Those that are kept, without the root.
    open: Vec<Element>,
    /// Of all that are open.
    depth: usize,
    /// Elements of this part so far.
    elements: usize,
    /// The level of the element that is passed over, with all that is in it.
    passed_over: Option<usize>,
    format: &'f Format,
}

impl Tree<'_> {
    fn start(&mut self, element: Element, is_ours: bool) -> Result<(), XmlFlaw> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(XmlFlaw::TooMuch { what: "levels of elements", limit: MAX_DEPTH });
        }
        if self.depth == 1 {
            return if is_ours && element.name == self.format.root { Ok(()) } else { Err(XmlFlaw::Foreign) };
        }
        if self.passed_over.is_none() && (!is_ours || self.format.unread.contains(&element.name.as_str())) {
            self.passed_over = Some(self.depth);
        }
        if self.passed_over.is_none() {
            self.elements = if self.depth == 2 { 1 } else { self.elements + 1 };
            if self.elements > MAX_ELEMENTS {
                return Err(XmlFlaw::TooMuch { what: "elements in one part", limit: MAX_ELEMENTS });
            }
            self.open.push(element);
        }
        Ok(())
    }

    /// Ends an element; gives the part that is done with it.
    fn end(&mut self) -> Option<Element> {
        let level = self.depth;
        self.depth = level.saturating_sub(1);
        if self.passed_over.is_some() {
            self.passed_over = self.passed_over.filter(|from| *from != level);
            return None;
        }
        let done = self.open.pop()?;
        match self.open.last_mut() {
            Some(parent) => {
                parent.children.push(done);
                None
            }
            None => Some(done),
        }
    }

    fn text(&mut self, text: &str) {
        if self.passed_over.is_none()
            && let Some(element) = self.open.last_mut()
            && element.text.len() < MAX_TEXT
        {
            element.text.extend(text.chars().take(MAX_TEXT));
        }
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().take(MAX_ATTRIBUTES).filter_map(Result::ok).filter_map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::default()).ok()?;
        Some((attribute.key.local_name().as_ref().to_owned(), value.chars().take(MAX_TEXT / 4).collect()))
    });
    Element { name: start.local_name().as_ref().to_owned(), attributes: attributes.collect(), ..Element::default() }
}
