//! Texts, tags, and the tree of tags.

use super::cursor::{Cursor, Read, Wrong};
use crate::index::dictionary::{Dictionary, TEXTS};
use crate::index::varint;
use crate::view::View;
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;
use uuid::Uuid;

const FREE: u8 = 0;
const USED: u8 = 1;

/// Appends the dictionary and the tree of tags of a view.
pub(super) fn write(view: &View, bytes: &mut Vec<u8>) -> Result<(), postcard::Error> {
    for category in 0..TEXTS {
        let slots: Vec<Option<&str>> = view.dictionary.slots(category).collect();
        bytes.extend(u32::try_from(slots.len()).unwrap_or(u32::MAX).to_le_bytes());
        for slot in slots {
            bytes.push(if slot.is_some() { USED } else { FREE });
            slot.into_iter().for_each(|text| varint::write_text(bytes, text));
        }
    }
    let tags: Vec<Option<TagId>> = view.dictionary.tag_slots().collect();
    bytes.extend(u32::try_from(tags.len()).unwrap_or(u32::MAX).to_le_bytes());
    for tag in tags {
        bytes.push(if tag.is_some() { USED } else { FREE });
        tag.into_iter().for_each(|tag| bytes.extend(tag.0.as_bytes()));
    }
    let tree: Vec<_> = view.tag_tree.all().into_iter().map(|Tag { id, name, parent, query }| (id, name, parent, query)).collect();
    bytes.extend(postcard::to_stdvec(&tree)?);
    Ok(())
}

/// Reads what [`write`] wrote.
pub(super) fn read(bytes: &[u8]) -> Read<(Dictionary, Vec<Tag>)> {
    let mut from = Cursor::new(bytes);
    let mut dictionary = Dictionary::default();
    for category in 0..TEXTS {
        for _ in 0..from.number()? {
            let text = if is_used(&mut from)? { Some(from.text()?) } else { None };
            dictionary.push_text(category, text);
        }
    }
    for _ in 0..from.number()? {
        let tag = if is_used(&mut from)? { Some(TagId(Uuid::from_bytes(from.array()?))) } else { None };
        dictionary.push_tag(tag);
    }
    // Not as records: those leave out what is empty, which this encoding cannot.
    let tree: Vec<(TagId, String, Option<TagId>, Option<String>)> =
        postcard::from_bytes(from.rest()).map_err(|_| Wrong("the tree of tags cannot be read"))?;
    Ok((dictionary, tree.into_iter().map(|(id, name, parent, query)| Tag { id, name, parent, query }).collect()))
}

fn is_used(from: &mut Cursor<'_>) -> Read<bool> {
    match from.byte()? {
        FREE => Ok(false),
        USED => Ok(true),
        _ => Err(Wrong("a place is neither free nor used")),
    }
}
