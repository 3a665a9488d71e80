//! XML, bounded: elements as small trees, one part of a document at a time.
//!
//! Entities are never defined: a document with a type declaration is refused, so nothing can grow when it is read.

use super::document::Flaw;
use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

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
    let mut open: Vec<Element> = Vec::new();
    let (mut depth, mut elements, mut skip_from) = (0_usize, 0_usize, None);
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Flaw::TooMuch { what: "levels of elements", limit: MAX_DEPTH });
                }
                let element = element(&start);
                let is_ours = is_of_the_format(&space);
                if depth == 1 && !(is_ours && element.name == root) {
                    return Err(Flaw::Foreign);
                }
                if skip_from.is_none() && (!is_ours || UNREAD.contains(&element.name.as_str())) {
                    skip_from = Some(depth);
                }
                if skip_from.is_none() && depth > 1 {
                    elements = if depth == 2 { 1 } else { elements + 1 };
                    if elements > MAX_ELEMENTS {
                        return Err(Flaw::TooMuch { what: "elements in one part", limit: MAX_ELEMENTS });
                    }
                    open.push(element);
                }
            }
            Event::End(_) => {
                if skip_from.is_none()
                    && depth > 1
                    && let Some(done) = open.pop()
                {
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => part(done)?,
                    }
                }
                if skip_from == Some(depth) {
                    skip_from = None;
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if skip_from.is_none() => add(open.last_mut(), &text.xml_content(quick_xml::XmlVersion::default())),
            Event::CData(text) if skip_from.is_none() => add(open.last_mut(), &text.xml_content(quick_xml::XmlVersion::default())),
            Event::GeneralRef(entity) => {
                let letter = entity.resolve_char_ref().map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
                match (letter, resolve_predefined_entity(&entity)) {
                    (Some(letter), _) if skip_from.is_none() => add(open.last_mut(), letter.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) if skip_from.is_none() => add(open.last_mut(), text),
                    (None, None) => return Err(Flaw::Entity),
                    _ => {}
                }
            }
            Event::DocType(_) => return Err(Flaw::Declaration),
            Event::Eof if depth > 0 => return Err(Flaw::NotWellFormed("it ends in the middle".to_owned())),
            Event::Eof => return Ok(()),
            _ => {}
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
        let value = attribute.normalized_value(quick_xml::XmlVersion::default()).ok()?;
        Some((attribute.key.local_name().as_ref().to_owned(), value.chars().take(MAX_TEXT / 4).collect()))
    });
    Element { name: start.local_name().as_ref().to_owned(), attributes: attributes.collect(), ..Element::default() }
}

fn add(element: Option<&mut Element>, text: &str) {
    if let Some(element) = element
        && element.text.len() < MAX_TEXT
    {
        element.text.extend(text.chars().take(MAX_TEXT));
    }
}
