//! Ids, facts and moments of rows, block by block. All columns are named here, and one that is forgotten does not compile.

use super::cursor::{Cursor, Read, Wrong};
use crate::index::numbers::{BLOCK, Block, Facts, NEVER, Numbers, Origins};
use crate::index::plane::Plane;
use crate::index::seen::Seen;
use fettle_model::ids::AssetId;
use std::sync::Arc;
use uuid::Uuid;

/// Appends the numbers of the rows below `end`. Rows that are free have no id and were never heard from.
pub(super) fn write(numbers: &Numbers, live: &Plane, end: usize, bytes: &mut Vec<u8>) {
    let none = Block::default();
    for from in (0..end).step_by(BLOCK) {
        let block = numbers.block(from / BLOCK).unwrap_or(&none);
        let rows = (end - from).min(BLOCK);
        let is_live = |at: usize| u16::try_from(from + at).is_ok_and(|row| live.contains(row));
        for (at, id) in block.ids.iter().take(rows).enumerate() {
            bytes.extend(if is_live(at) { id.0 } else { Uuid::nil() }.as_bytes());
        }
        write_facts(&block.facts, rows, bytes);
        write_origins(&block.origins, rows, bytes);
        for (at, seen) in block.seen.iter().take(rows).enumerate() {
            bytes.extend(if is_live(at) { seen } else { NEVER }.to_le_bytes());
        }
    }
}

fn write_facts(facts: &Facts, rows: usize, bytes: &mut Vec<u8>) {
    let Facts { last_scan, created, memory, disk_free, cores } = facts;
    put(last_scan, rows, i64::to_le_bytes, bytes);
    put(created, rows, i64::to_le_bytes, bytes);
    put(memory, rows, u64::to_le_bytes, bytes);
    put(disk_free, rows, u64::to_le_bytes, bytes);
    put(cores, rows, u32::to_le_bytes, bytes);
}

fn read_facts(from: &mut Cursor<'_>, rows: usize) -> Read<Facts> {
    let mut facts = Facts::default();
    let Facts { last_scan, created, memory, disk_free, cores } = &mut facts;
    take(last_scan, rows, i64::from_le_bytes, from)?;
    take(created, rows, i64::from_le_bytes, from)?;
    take(memory, rows, u64::from_le_bytes, from)?;
    take(disk_free, rows, u64::from_le_bytes, from)?;
    take(cores, rows, u32::from_le_bytes, from)?;
    Ok(facts)
}

fn write_origins(origins: &Origins, rows: usize, bytes: &mut Vec<u8>) {
    let Origins { mark, inventory, generation } = origins;
    [mark, inventory, generation].into_iter().for_each(|column| put(column, rows, u64::to_le_bytes, bytes));
}

fn read_origins(from: &mut Cursor<'_>, rows: usize) -> Read<Origins> {
    let mut origins = Origins::default();
    let Origins { mark, inventory, generation } = &mut origins;
    for column in [mark, inventory, generation] {
        take(column, rows, u64::from_le_bytes, from)?;
    }
    Ok(origins)
}

fn put<T: Copy, const N: usize>(column: &[T], rows: usize, value: fn(T) -> [u8; N], bytes: &mut Vec<u8>) {
    column.iter().take(rows).for_each(|&number| bytes.extend(value(number)));
}

fn take<T, const N: usize>(column: &mut [T], rows: usize, value: fn([u8; N]) -> T, from: &mut Cursor<'_>) -> Read<()> {
    column.iter_mut().zip(from.column(rows, value)?).for_each(|(cell, number)| *cell = number);
    Ok(())
}

/// Reads what [`write`] wrote. Counters are zero.
pub(super) fn read(from: &mut Cursor<'_>, live: &Plane, end: usize) -> Read<Numbers> {
    let mut numbers = Numbers::default();
    for first in (0..end).step_by(BLOCK) {
        let rows = (end - first).min(BLOCK);
        let mut block = Block::default();
        let ids = from.column(rows, Uuid::from_bytes)?.map(AssetId);
        block.ids = Arc::new(padded(ids, AssetId(Uuid::nil())));
        block.facts = Arc::new(read_facts(from, rows)?);
        block.origins = Arc::new(read_origins(from, rows)?);
        block.seen = Arc::new(Seen::of(from.column(rows, i64::from_le_bytes)?));
        numbers.push(block);
    }
    // A card is nothing without the moment it was made at.
    let is_made = |row: u16| numbers.block(usize::from(row) / BLOCK).and_then(|block| block.facts.created.get(usize::from(row) % BLOCK));
    if live.iter().all(|row| is_made(row).is_some_and(|&created| created != NEVER)) {
        Ok(numbers)
    } else {
        Err(Wrong("an asset was never enrolled"))
    }
}

fn padded<T: Clone>(rows: impl ExactSizeIterator<Item = T>, rest: T) -> Vec<T> {
    let mut column = Vec::with_capacity(BLOCK);
    column.extend(rows);
    column.resize(BLOCK, rest);
    column
}
