//! Lists as they are written to a snapshot and made again from it.
//!
//! Lists are numbered anew, without gaps, each behind the one it is a difference from. The bytes stay as they are,
//! and a chunk of the file becomes a chunk of the table.

use super::{CHUNK, Lists, NONE, Slot, place, place_of};
use crate::index::varint;
use crate::snapshot::cursor::{Cursor, Read, Wrong};
use crate::snapshot::parallel;
use crate::software::code::{Ascending, Changes};
use crate::software::{ListId, SoftwareList, Token};
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Lists that one thread names before it takes the next ones.
const TOGETHER: usize = 4_096;

/// The lists that are written, in their order. While this is there none of them is forgotten.
#[derive(Debug)]
pub(crate) struct SavedLists {
    lists: Vec<SoftwareList>,
    /// By id.
    numbers: Vec<u32>,
}

impl SavedLists {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lists.len()
    }

    /// The number of a list; `None` for one of another table.
    pub(crate) fn number(&self, list: &SoftwareList) -> Option<u32> {
        let number = *self.numbers.get(place(list.id().0))?;
        (self.lists.get(place(number))? == list).then_some(number)
    }
}

/// Some lists of a snapshot.
#[derive(Debug)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    lists: Vec<Written>,
}

#[derive(Debug, Clone, Copy)]
struct Written {
    /// Its number, or [`NONE`] when the list is whole.
    base: u32,
    /// Of a list that is whole.
    system: u16,
    start: u32,
    len: u32,
}

impl Chunk {
    /// Reads what [`Lists::write`] wrote.
    pub(crate) fn read(bytes: Vec<u8>) -> Read<Self> {
        let mut from = Cursor::new(&bytes);
        let mut lists = Vec::new();
        while !from.rest().is_empty() {
            let base = from.short()?.wrapping_sub(1);
            let system = if base == NONE { from.short()? } else { 0 };
            let system = u16::try_from(system).map_err(|_| Wrong("a list is of a system that cannot be"))?;
            let len = from.short()?;
            let start = place_of(bytes.len() - from.rest().len());
            from.bytes(place(len))?;
            lists.push(Written { base, system, start, len });
        }
        Ok(Self { bytes, lists })
    }
}

impl Lists {
    /// Those of some lists that are of this table, and the ones they are differences from.
    pub(crate) fn saved<'a>(&self, lists: impl Iterator<Item = &'a SoftwareList>) -> SavedLists {
        let mut order = Vec::new();
        let mut is_taken = vec![false; self.slots.len()];
        let mut take = |at: u32| {
            let base = self.slots.get(place(at)).map_or(NONE, |slot| slot.base);
            if let Some(taken) = is_taken.get_mut(place(at)).filter(|taken| !**taken) {
                *taken = true;
                // A list that is whole comes before those that are differences from it.
                order.push(if base == NONE { (at, false, at) } else { (base, true, at) });
            }
            base
        };
        for list in lists {
            let at = list.id().0;
            if self.token(at) == Some(list) {
                let base = take(at);
                if base != NONE {
                    take(base);
                }
            }
        }
        order.sort_unstable();
        let mut saved = SavedLists { lists: Vec::with_capacity(order.len()), numbers: vec![NONE; self.slots.len()] };
        for (_, _, at) in order {
            let (Some(list), Some(number)) = (self.token(at), saved.numbers.get_mut(place(at))) else { continue };
            *number = place_of(saved.lists.len());
            saved.lists.push(list.clone());
        }
        saved
    }

    /// Appends lists from `from` on, about a chunk of them. Gives the number that is next.
    pub(crate) fn write(&self, saved: &SavedLists, from: usize, bytes: &mut Vec<u8>) -> usize {
        let mut next = from;
        for list in saved.lists.get(from..).unwrap_or_default() {
            let Some(slot) = self.slots.get(place(list.id().0)).filter(|_| bytes.len() < CHUNK) else { break };
            let base = saved.numbers.get(place(slot.base)).copied().unwrap_or(NONE);
            varint::write(bytes, base.wrapping_add(1).into());
            if base == NONE {
                varint::write(bytes, list.0.system.into());
            }
            varint::write(bytes, slot.len.into());
            bytes.extend(self.bytes(slot));
            next += 1;
        }
        next
    }

    /// The lists of some chunks. `packages` says how many packages each system has.
    pub(crate) fn restore(chunks: Vec<Chunk>, packages: &[usize]) -> Read<Self> {
        let mut lists = Self::default();
        for (chunk, Chunk { bytes, lists: written }) in (0..).zip(chunks) {
            for Written { base, system, start, len } in written {
                let at = place_of(lists.slots.len());
                if let Some(whole) = lists.slots.get_mut(place(base)) {
                    if whole.base != NONE {
                        return Err(Wrong("a list is the difference from a difference"));
                    }
                    whole.users += 1;
                } else if base != NONE {
                    return Err(Wrong("a list is the difference from one that comes later"));
                }
                if at == NONE {
                    return Err(Wrong("there are too many lists"));
                }
                // The hash keeps the system until the list is named.
                lists.slots.push(Slot { token: None, hash: system.into(), chunk, start, len, base, users: 0 });
            }
            lists.chunks.push(bytes);
        }
        lists.name_all(packages)?;
        Ok(lists)
    }

    /// All lists, by number. Only of a table that was just restored.
    pub(crate) fn all(&self) -> Vec<SoftwareList> {
        self.slots.iter().filter_map(|slot| slot.token.clone()).collect()
    }

    /// Makes the tokens of lists that were just read, and the ways to find them.
    fn name_all(&mut self, packages: &[usize]) -> Read<()> {
        let starts: Vec<usize> = (0..self.slots.len()).step_by(TOGETHER).collect();
        let named = parallel::each(&starts, || (), |(), &start| self.named(start..(start + TOGETHER).min(self.slots.len()), packages))?;
        for (slot, (hash, token)) in self.slots.iter_mut().zip(named.into_iter().flatten()) {
            (slot.hash, slot.token) = (hash, Some(token));
        }
        let slots = &self.slots;
        self.places.reserve(slots.len(), |&at| slots.get(place(at)).map_or(0, |slot| slot.hash));
        for (at, slot) in (0..).zip(slots) {
            self.places.insert_unique(slot.hash, at, |&at| slots.get(place(at)).map_or(0, |slot| slot.hash));
        }
        for at in (0..).take(self.slots.len()) {
            if let Some((list, numbers)) = self.root(at) {
                self.similar.add(list.0.system, &numbers, at);
            }
        }
        self.kept = self.slots.len();
        self.latest = VecDeque::new();
        Ok(())
    }

    fn named(&self, range: std::ops::Range<usize>, packages: &[usize]) -> Read<Vec<(u64, SoftwareList)>> {
        let mut named = Vec::with_capacity(range.len());
        // Lists of one base lie together.
        let (mut root, mut base, mut list) = (NONE, Vec::new(), Vec::new());
        for (at, slot) in (0..).zip(&self.slots).skip(range.start).take(range.len()) {
            let (whole, changes) = match self.slots.get(place(slot.base)) {
                Some(whole) => (whole, Changes::new(self.bytes(slot))),
                None => (slot, Changes::NONE),
            };
            let of = if slot.base == NONE { at } else { slot.base };
            if root != of {
                base.clear();
                base.extend(Ascending::new(self.bytes(whole)));
                root = of;
            }
            changes.apply(&base, &mut list);
            let system = u16::try_from(whole.hash).map_err(|_| Wrong("a list is of no system"))?;
            let known = packages.get(usize::from(system)).ok_or(Wrong("a list is of a system that is not there"))?;
            if !list.is_sorted_by(|a, b| a < b) || list.last().is_some_and(|&last| place(last) >= *known) {
                return Err(Wrong("a list has a package that is not there, or one twice"));
            }
            let hash = self.hasher.hash_one((system, list.as_slice()));
            // All are there since before the first version.
            let token = Token { id: ListId(at), system, len: place_of(list.len()), born: 0 };
            named.push((hash, SoftwareList(Arc::new(token))));
        }
        Ok(named)
    }
}
