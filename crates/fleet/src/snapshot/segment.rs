//! The rows of a segment.

use super::cursor::{Cursor, Read, Wrong};
use super::{numbers, planes};
use crate::catalog::Catalog;
use crate::index::bits::WORD;
use crate::index::bytes::{ByteRows, PAGE};
use crate::index::categories::Categories;
use crate::index::classes::Weight;
use crate::index::columns::Columns;
use crate::index::dictionary::{CATEGORIES, Category, Dictionary, NONE, SINGLE};
use crate::index::found::MOST_COLUMNS;
use crate::index::numbers::timestamp;
use crate::index::packed::{Codes, Packed};
use crate::index::place::{Home, System};
use crate::index::plane::{Plane, Union};
use crate::index::segment::{ROWS, Segment};
use crate::index::unknown::Unknown;
use crate::index::writer::status_of;
use crate::record::is_known;
use crate::software::SoftwareList;
use fettle_model::asset::ScanStatus;
use fettle_model::ids::PatchNo;
use std::sync::Arc;

const OWN: u8 = 0;
const SHARED: u8 = 1;

/// What segments are loaded with.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) dictionary: &'a Dictionary,
    /// By number in the file.
    pub(super) software: &'a [SoftwareList],
}

/// Room that one segment after the other is loaded in.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    planes: planes::Scratch,
    /// By category and number, the rows; ascending.
    values: [Vec<Vec<u16>>; CATEGORIES],
    codes: Codes,
}

/// Appends the rows of a segment. `list` gives the number in the file of a list of packages.
pub(super) fn write(segment: &Segment, list: &impl Fn(&SoftwareList) -> Option<u32>, bytes: &mut Vec<u8>) {
    let mut number = |number: u32| bytes.extend(number.to_le_bytes());
    match segment.home {
        Home::Own(System { platform, release, name, version }) => {
            [u32::from(OWN), platform, release, name, version].into_iter().for_each(&mut number);
        }
        Home::Shared { platform } => [u32::from(SHARED), platform].into_iter().for_each(&mut number),
    }
    number(segment.width());
    segment.columns.numbers().iter().for_each(|no| number(no.0));
    let end = segment.end();
    number(u32::try_from(end).unwrap_or(u32::MAX));
    let mut live = Union::below(end);
    live.add(&segment.live);
    live.words().iter().take(end.div_ceil(WORD)).for_each(|word| bytes.extend(word.to_le_bytes()));
    numbers::write(&segment.numbers, &segment.live, end, bytes);
    for row in (0..end).map(u16::try_from) {
        let list = row.ok().and_then(|row| segment.software.get(row)).and_then(list);
        bytes.extend(list.unwrap_or(NONE).to_le_bytes());
    }
    for rows in [&segment.cards, &segment.found] {
        for (ends, page) in (0..end.div_ceil(PAGE)).map(|at| rows.page(at)) {
            ends.iter().for_each(|end| bytes.extend(end.to_le_bytes()));
            bytes.extend(page);
        }
    }
}

/// Reads what [`write`] wrote, and derives the rest.
pub(super) fn read(bytes: &[u8], shared: &Shared<'_>, scratch: &mut Scratch) -> Read<Segment> {
    let mut from = Cursor::new(bytes);
    let mut segment = Segment { home: read_home(&mut from)?, ..Segment::default() };
    segment.columns = Arc::new(read_columns(&mut from)?);
    segment.weights = Arc::new(segment.columns.numbers().iter().map(|&no| Weight::of(shared.catalog, no)).collect());
    let end = from.size()?;
    if end > ROWS {
        return Err(Wrong("it has too many rows"));
    }
    let mut live = Union::below(end);
    live.words_mut().iter_mut().zip(from.column(end.div_ceil(WORD), u64::from_le_bytes)?).for_each(|(word, saved)| *word = saved);
    segment.live = live.finish();
    if segment.end() != end {
        return Err(Wrong("its last row is free"));
    }
    segment.numbers = numbers::read(&mut from, &segment.live, end)?;
    read_software(&mut from, end, shared, &mut segment)?;
    segment.cards = read_pages(&mut from, end)?;
    segment.found = read_pages(&mut from, end)?;
    from.end()?;
    read_cards(&mut segment, shared, scratch)?;
    planes::derive(&mut segment, &mut scratch.planes, planes::MOST_COLUMNS)?;
    Ok(segment)
}

fn read_home(from: &mut Cursor<'_>) -> Read<Home> {
    match u8::try_from(from.number()?) {
        Ok(OWN) => {
            let (platform, release, name, version) = (from.number()?, from.number()?, from.number()?, from.number()?);
            Ok(Home::Own(System { platform, release, name, version }))
        }
        Ok(SHARED) => Ok(Home::Shared { platform: from.number()? }),
        _ => Err(Wrong("it is neither of one system nor shared")),
    }
}

fn read_columns(from: &mut Cursor<'_>) -> Read<Columns> {
    let width = from.number()?;
    if width > MOST_COLUMNS {
        return Err(Wrong("it has too many patches"));
    }
    let mut columns = Columns::default();
    for no in from.column(usize::try_from(width).unwrap_or(usize::MAX), u32::from_le_bytes)? {
        columns.add(PatchNo(no));
    }
    if u32::try_from(columns.len()) == Ok(width) { Ok(columns) } else { Err(Wrong("a patch has two columns")) }
}

fn read_software(from: &mut Cursor<'_>, end: usize, shared: &Shared<'_>, segment: &mut Segment) -> Read<()> {
    let lists = from.column(end, u32::from_le_bytes)?;
    for (row, number) in (0_u16..).zip(lists).filter(|(_, number)| *number != NONE) {
        let list = usize::try_from(number).ok().and_then(|at| shared.software.get(at));
        let list = list.ok_or(Wrong("an asset has a list of packages that is not there"))?;
        segment.software.put(row, Some(list.clone()));
    }
    Ok(())
}

fn read_pages(from: &mut Cursor<'_>, end: usize) -> Read<ByteRows> {
    let mut rows = ByteRows::default();
    for _ in 0..end.div_ceil(PAGE) {
        let mut ends = [0; PAGE];
        ends.iter_mut().zip(from.column(PAGE, u32::from_le_bytes)?).for_each(|(slot, end)| *slot = end);
        let len = ends.last().map_or(Ok(0), |&last| usize::try_from(last));
        let page = from.bytes(len.unwrap_or(usize::MAX))?;
        if !rows.push_page(ends, page) {
            return Err(Wrong("rows end before they begin"));
        }
    }
    Ok(rows)
}

/// Reads all cards and notes who has which value.
fn read_cards(segment: &mut Segment, shared: &Shared<'_>, scratch: &mut Scratch) -> Read<()> {
    let Scratch { values, codes, .. } = scratch;
    for (category, rows) in values.iter_mut().enumerate() {
        rows.resize(shared.dictionary.len(category), Vec::new());
    }
    let mut unknown = Union::below(segment.end());
    let mut live = segment.live.iter().peekable();
    for row in (0..segment.end()).filter_map(|row| u16::try_from(row).ok()) {
        if live.next_if_eq(&row).is_none() {
            if !(segment.cards.get(row).is_empty() && segment.found.get(row).is_empty()) {
                return Err(Wrong("a free row has an asset"));
            }
            continue;
        }
        let card = segment.packed(row).ok_or(Wrong("a card cannot be read"))?;
        let rest = card.codes_into(codes);
        if !rest.is_some_and(Packed::ends_well) {
            return Err(Wrong("a card cannot be read to its end"));
        }
        note(values, row, codes)?;
        if !has_findings_of_now(segment, row, codes) {
            unknown.insert(row);
        }
    }
    segment.unknown = Unknown::of(unknown.finish());
    segment.categories = take_planes(values, shared.dictionary)?;
    Ok(())
}

fn note(values: &mut [Vec<Vec<u16>>; CATEGORIES], row: u16, codes: &Codes) -> Read<()> {
    const OUTSIDE: Wrong = Wrong("an asset has a text or a tag that is not there");
    let tags = codes.tags.iter().map(|&tag| (Category::Tag as usize, tag));
    let single = codes.single.iter().enumerate().take(SINGLE).filter(|(_, number)| **number != NONE);
    for (category, number) in single.map(|(category, &number)| (category, number)).chain(tags) {
        let rows = values.get_mut(category).and_then(|values| values.get_mut(usize::try_from(number).ok()?)).ok_or(OUTSIDE)?;
        if rows.last() == Some(&row) {
            return Err(Wrong("an asset has a tag twice"));
        }
        rows.push(row);
    }
    if codes.tags.is_sorted() { Ok(()) } else { Err(Wrong("the tags of an asset are out of order")) }
}

fn has_findings_of_now(segment: &Segment, row: u16, codes: &Codes) -> bool {
    let status = codes.single.get(Category::ScanStatus as usize).and_then(|&number| status_of(number));
    is_known(status.unwrap_or(ScanStatus::NeverScanned), segment.numbers.last_scan(row).and_then(timestamp))
}

fn take_planes(values: &mut [Vec<Vec<u16>>; CATEGORIES], dictionary: &Dictionary) -> Read<Categories> {
    let mut planes: [Vec<(u32, Plane)>; CATEGORIES] = Default::default();
    for (category, (planes, values)) in planes.iter_mut().zip(values).enumerate() {
        for (number, rows) in (0_u32..).zip(values).filter(|(_, rows)| !rows.is_empty()) {
            if !dictionary.has(category, number) {
                return Err(Wrong("an asset has a text or a tag that nobody has"));
            }
            planes.push((number, Plane::of_rows(rows)));
            rows.clear();
        }
    }
    Ok(Categories::of(planes))
}
