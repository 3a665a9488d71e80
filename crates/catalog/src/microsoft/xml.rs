//! XML, bounded: elements as small trees, one part of a document at a time.
//!
//! Entities are never defined: a document with a type declaration is refused, so nothing can grow when it is read.

use super::document::Flaw;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

/// Deepest nesting. Real documents have nine levels.
const MAX_DEPTH: usize = 32;
/// Most elements of one part. The largest vulnerability of a real document has about 6,000.
const MAX_ELEMENTS: usize = 500_000;
/// Most bytes of text of one element; text beyond is cut. What is read of a document is shorter.
const MAX_TEXT: usize = 16 * 1024;
/// Most attributes that are kept of one element.
const MAX_ATTRIBUTES: usize = 16;
/// Every namespace of the format starts so: the original by ICASI, and its successor by OASIS.
const NAMESPACES: [&str; 2] = ["http://www.icasi.org/CVRF/schema/", "http://docs.oasis-open.org/csaf/ns/csaf-cvrf/"];
/// Long, and nothing in them is read.
const UNREAD: [&str; 4] = ["Notes", "DocumentNotes", "Acknowledgments", "AffectedFiles"];

/// An element of the format.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Name without prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An attribute; empty when there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Its own text, without space around.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its elements with this name.
    pub(super) fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Element> + use<'a, 'n> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element at the end of a path; empty when there is none.
    pub(super) fn text_at<'a>(&'a self, path: &[&str]) -> &'a str {
        match path.split_first() {
            None => self.text(),
            Some((first, rest)) => self.all(first).next().map_or("", |child| child.text_at(rest)),
        }
    }
}

/// Hands each element below the root to `part`, in order. The root must be `root`, in a namespace of the format;
/// elements of other namespaces are passed over with all that is in them.
pub(super) fn read(text: &str, root: &str, mut part: impl FnMut(Element) -> Result<(), Flaw>) -> Result<(), Flaw> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut tree = Tree::default();
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
        match event {
            Event::Start(start) => tree.start(element(&start), is_of_the_format(&space), root)?,
            Event::End(_) => {
                if let Some(done) = tree.end() {
                    part(done)?;
                }
            }
            Event::Text(text) => tree.text(&text.xml_content(XmlVersion::default())),
            Event::CData(text) => tree.text(&text.xml_content(XmlVersion::default())),
            Event::GeneralRef(entity) => {
                let letter = entity.resolve_char_ref().map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
                match (letter, resolve_predefined_entity(&entity)) {
                    (Some(letter), _) => tree.text(letter.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => tree.text(text),
                    (None, None) => return Err(Flaw::Entity),
                }
            }
            Event::DocType(_) => return Err(Flaw::Declaration),
            Event::Eof if tree.depth > 0 => return Err(Flaw::NotWellFormed("it ends in the middle".to_owned())),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Elements that are open.
#[derive(Default)]
struct Tree {
    /// Those that are kept, without the root.
    open: Vec<Element>,
    /// Of all that are open.
    depth: usize,
    /// Elements of this part so far.
    elements: usize,
    /// The level of the element that is passed over, with all that is in it.
    passed_over: Option<usize>,
}

impl Tree {
    fn start(&mut self, element: Element, is_ours: bool, root: &str) -> Result<(), Flaw> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Flaw::TooMuch { what: "levels of elements", limit: MAX_DEPTH });
        }
        if self.depth == 1 {
            return if is_ours && element.name == root { Ok(()) } else { Err(Flaw::Foreign) };
        }
        if self.passed_over.is_none() && (!is_ours || UNREAD.contains(&element.name.as_str())) {
            self.passed_over = Some(self.depth);
        }
        if self.passed_over.is_none() {
            self.elements = if self.depth == 2 { 1 } else { self.elements + 1 };
            if self.elements > MAX_ELEMENTS {
                return Err(Flaw::TooMuch { what: "elements in one part", limit: MAX_ELEMENTS });
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

fn is_of_the_format(space: &ResolveResult<'_>) -> bool {
    match space {
        ResolveResult::Bound(space) => NAMESPACES.iter().any(|known| space.as_ref().starts_with(*known)),
        _ => false,
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().take(MAX_ATTRIBUTES).filter_map(Result::ok).filter_map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::default()).ok()?;
        Some((attribute.key.local_name().as_ref().to_owned(), value.chars().take(MAX_TEXT / 4).collect()))
    });
    Element { name: start.local_name().as_ref().to_owned(), attributes: attributes.collect(), ..Element::default() }
}
