//! Package lists of machines, each kept once, most of them as a small difference from another.

mod saved;

pub(crate) use saved::{Chunk, SavedLists};

use super::code::{Ascending, Changes, Difference, write_list};
use super::similar::Similar;
use super::{ListId, SoftwareList, Token};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Bytes are kept in pieces of this size, so that growing copies nothing.
const CHUNK: usize = 1 << 20;
/// Most bytes of all lists: four million machines that have nothing in common. More are not kept.
const MOST_BYTES: usize = 1 << 32;
/// A list that differs from the most similar ones by more than this part of its packages is kept whole, for others to
/// be like it.
const SIMILAR: usize = 4;
/// A list that differs by no more than this part is near enough to look no further.
const NEAR: usize = 32;
/// New lists remembered by name for whoever has looked at the older ones already; beyond that they look at all.
const REMEMBERED: usize = 1 << 16;
/// Stands for "none".
const NONE: u32 = u32::MAX;

/// All lists of a table.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    slots: Vec<Slot>,
    chunks: Vec<Vec<u8>>,
    /// Bytes in chunks that no list needs any more.
    wasted: usize,
    free: Vec<u32>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    similar: Similar,
    /// Lists left by the last sweep.
    kept: usize,
    /// Grows with each list that is added.
    version: u64,
    /// The latest lists, the last one added at `version`.
    latest: VecDeque<u32>,
}

/// One list, or a free place for one.
#[derive(Debug)]
struct Slot {
    /// Handed out to whoever has the list; held here alone when nobody has it any more.
    token: Option<SoftwareList>,
    hash: u64,
    chunk: u32,
    start: u32,
    len: u32,
    /// The list it is a difference from.
    base: u32,
    /// How many lists are differences from this one.
    users: u32,
}

impl Lists {
    /// Grows with each list that is added.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Ids are below it.
    pub(crate) fn places(&self) -> usize {
        self.slots.len()
    }

    /// How many there are, how many of them are kept whole, and the bytes they take with the room to find and name them.
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        let texts: usize = self.chunks.iter().map(Vec::capacity).sum();
        let token = size_of::<Token>() + 2 * size_of::<usize>();
        let each = size_of::<Slot>() + size_of::<u32>() + token;
        let whole = self.slots.iter().filter(|slot| slot.token.is_some() && slot.base == NONE).count();
        (self.places.len(), whole, texts + self.slots.capacity() * each + self.similar.bytes())
    }

    /// Lists added after `version`; `None` when that is too long ago.
    pub(crate) fn since(&self, version: u64) -> Option<impl Iterator<Item = u32>> {
        let new = usize::try_from(self.version.checked_sub(version)?).ok()?;
        let known = self.latest.len().checked_sub(new)?;
        Some(self.latest.iter().skip(known).copied())
    }

    /// Keeps a list, whose numbers are ascending without repetition. `None` when there is no room.
    pub(crate) fn keep(&mut self, system: u16, numbers: &[u32]) -> Option<SoftwareList> {
        let hash = self.hasher.hash_one((system, numbers));
        if let Some(there) = self.find(hash, system, numbers) {
            return Some(there);
        }
        if self.places.len() > self.kept + self.kept / 4 + 1_024 {
            self.sweep();
        }
        let (base, bytes) = self.encode(system, numbers);
        let (chunk, start) = self.store(&bytes)?;
        let at = self.free.pop().or_else(|| u32::try_from(self.slots.len()).ok().filter(|&at| at != NONE))?;
        let len = u32::try_from(numbers.len()).ok()?;
        let list = SoftwareList(Arc::new(Token { id: ListId(at), system, len, born: self.version + 1 }));
        let slot = Slot { token: Some(list.clone()), hash, chunk, start, len: u32::try_from(bytes.len()).ok()?, base, users: 0 };
        match self.slots.get_mut(place(at)) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        match self.slots.get_mut(place(base)) {
            Some(base) => base.users += 1,
            None => self.similar.add(system, numbers, at),
        }
        let slots = &self.slots;
        self.places.insert_unique(hash, at, |&at| slots.get(place(at)).map_or(0, |slot| slot.hash));
        self.note(at);
        Some(list)
    }

    fn note(&mut self, at: u32) {
        self.version += 1;
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(at);
    }

    fn find(&self, hash: u64, system: u16, numbers: &[u32]) -> Option<SoftwareList> {
        let is_it = |&at: &u32| {
            self.token(at).is_some_and(|token| token.0.system == system && token.len() == numbers.len())
                && self.slots.get(place(at)).is_some_and(|slot| slot.hash == hash)
                && self.numbers(at).is_some_and(|there| there == numbers)
        };
        self.token(*self.places.find(hash, is_it)?).cloned()
    }

    /// The list it is best kept as a difference from, and its bytes then.
    fn encode(&self, system: u16, numbers: &[u32]) -> (u32, Vec<u8>) {
        let mut bytes = Vec::new();
        let mut best: Option<(u32, Difference)> = None;
        for candidate in self.similar.to(system, numbers) {
            let Some(base) = self.numbers(candidate) else { continue };
            let most = best.as_ref().map_or(numbers.len() / SIMILAR, |(_, best)| best.len().saturating_sub(1));
            if let Some(difference) = Difference::between(&base, numbers, most) {
                let near = difference.len() <= numbers.len() / NEAR;
                best = Some((candidate, difference));
                if near {
                    break;
                }
            }
        }
        let Some((base, difference)) = best else {
            write_list(&mut bytes, numbers);
            return (NONE, bytes);
        };
        difference.write(&mut bytes);
        (base, bytes)
    }

    fn store(&mut self, bytes: &[u8]) -> Option<(u32, u32)> {
        let full = self.chunks.last().is_none_or(|chunk| chunk.capacity() - chunk.len() < bytes.len());
        if full {
            if self.chunks.len() * CHUNK >= MOST_BYTES {
                return None;
            }
            self.chunks.push(Vec::with_capacity(CHUNK.max(bytes.len())));
        }
        let at = u32::try_from(self.chunks.len() - 1).ok()?;
        let chunk = self.chunks.last_mut()?;
        let start = u32::try_from(chunk.len()).ok()?;
        chunk.extend_from_slice(bytes);
        Some((at, start))
    }

    fn token(&self, at: u32) -> Option<&SoftwareList> {
        self.slots.get(place(at))?.token.as_ref()
    }

    fn bytes(&self, slot: &Slot) -> &[u8] {
        let (start, len) = (place(slot.start), place(slot.len));
        self.chunks.get(place(slot.chunk)).and_then(|chunk| chunk.get(start..start + len)).unwrap_or_default()
    }

    /// The numbers of a list of this table, ascending; `None` for lists of others.
    pub(crate) fn numbers_of(&self, list: &SoftwareList) -> Option<Vec<u32>> {
        let at = list.id().0;
        self.token(at).filter(|&token| token == list)?;
        self.numbers(at)
    }

    fn numbers(&self, at: u32) -> Option<Vec<u32>> {
        let slot = self.slots.get(place(at)).filter(|slot| slot.token.is_some())?;
        let Some(base) = self.slots.get(place(slot.base)) else {
            return Some(Ascending::new(self.bytes(slot)).collect());
        };
        let base: Vec<u32> = Ascending::new(self.bytes(base)).collect();
        let mut numbers = Vec::new();
        Changes::new(self.bytes(slot)).apply(&base, &mut numbers);
        Some(numbers)
    }

    /// The list with this id, its base's numbers and what is changed of them.
    pub(crate) fn with<R>(&self, at: u32, read: impl FnOnce(u16, &[u32], &Changes<'_>) -> R) -> Option<R> {
        let slot = self.slots.get(place(at))?;
        let system = slot.token.as_ref()?.0.system;
        let base = self.slots.get(place(slot.base));
        let numbers: Vec<u32> = Ascending::new(self.bytes(base.unwrap_or(slot))).collect();
        let changes = base.map_or(Changes::NONE, |_| Changes::new(self.bytes(slot)));
        Some(read(system, &numbers, &changes))
    }

    /// All lists, each with the one it is a difference from or itself, so that those of one base lie together.
    pub(crate) fn alike(&self) -> Vec<(u32, u32)> {
        let there = (0..).zip(&self.slots).filter(|(_, slot)| slot.token.is_some());
        let mut order: Vec<(u32, u32)> = there.map(|(at, slot)| (if slot.base == NONE { at } else { slot.base }, at)).collect();
        order.sort_unstable();
        order
    }

    /// A list that is kept whole, and its numbers.
    pub(crate) fn root(&self, root: u32) -> Option<(SoftwareList, Vec<u32>)> {
        let slot = self.slots.get(place(root)).filter(|slot| slot.base == NONE)?;
        Some((slot.token.clone()?, Ascending::new(self.bytes(slot)).collect()))
    }

    /// What makes a list of the one at `root`; `None` when it is not made of that one any more.
    pub(crate) fn changes(&self, at: u32, root: u32) -> Option<Changes<'_>> {
        let slot = self.slots.get(place(at)).filter(|slot| slot.token.is_some())?;
        match slot.base {
            NONE if at == root => Some(Changes::NONE),
            base if base == root => Some(Changes::new(self.bytes(slot))),
            _ => None,
        }
    }

    /// Walks all lists. Machines that are nearly alike cost nearly nothing each.
    pub(crate) fn walk<V: Visitor>(&self, visitor: &mut V) {
        let mut known: Vec<u32> = vec![NONE; self.slots.len()];
        let mut bases: Vec<V::Base> = Vec::new();
        let mut numbers = Vec::new();
        let mut count = 0;
        for (at, slot) in (0..).zip(&self.slots) {
            let Some(token) = &slot.token else { continue };
            let (root, root_slot) = match self.slots.get(place(slot.base)) {
                Some(root) => (slot.base, root),
                None => (at, slot),
            };
            let Some(known) = known.get_mut(place(root)) else { continue };
            if *known == NONE {
                numbers.clear();
                numbers.extend(Ascending::new(self.bytes(root_slot)));
                let made = visitor.base(count, token.0.system, &numbers);
                count += 1;
                if root_slot.users == 0 {
                    // Nobody will ask again.
                    visitor.list(at, &made, &Changes::NONE);
                    continue;
                }
                *known = place_of(bases.len());
                bases.push(made);
            }
            let Some(made) = bases.get(place(*known)) else { continue };
            let changes = if root == at { Changes::NONE } else { Changes::new(self.bytes(slot)) };
            visitor.list(at, made, &changes);
        }
    }

    /// Forgets lists that nobody has any more.
    fn sweep(&mut self) {
        // Differences first: they are what keeps their bases.
        for differences in [true, false] {
            for at in 0..u32::try_from(self.slots.len()).unwrap_or(NONE) {
                let Some(slot) = self.slots.get_mut(place(at)) else { continue };
                let idle = slot.users == 0 && slot.token.as_ref().is_some_and(|list| Arc::strong_count(&list.0) == 1);
                if idle && (slot.base != NONE) == differences {
                    slot.token = None;
                    self.wasted += place(slot.len);
                    let (hash, base) = (slot.hash, slot.base);
                    if let Ok(entry) = self.places.find_entry(hash, |&there| there == at) {
                        entry.remove();
                    }
                    if let Some(base) = self.slots.get_mut(place(base)) {
                        base.users -= 1;
                    }
                    self.free.push(at);
                }
            }
        }
        self.kept = self.places.len();
        let slots = &self.slots;
        self.similar.retain(|at| slots.get(place(at)).is_some_and(|slot| slot.token.is_some() && slot.base == NONE));
        if self.wasted > self.chunks.len() * CHUNK / 2 {
            self.compact();
        }
    }

    fn compact(&mut self) {
        let before = std::mem::take(&mut self.chunks);
        self.wasted = 0;
        for at in 0..self.slots.len() {
            let Some(slot) = self.slots.get(at).filter(|slot| slot.token.is_some()) else { continue };
            let (start, len) = (place(slot.start), place(slot.len));
            let bytes = before.get(place(slot.chunk)).and_then(|chunk| chunk.get(start..start + len)).unwrap_or_default();
            // There is room for what was there before.
            let Some((chunk, start)) = self.store(bytes) else { continue };
            if let Some(slot) = self.slots.get_mut(at) {
                (slot.chunk, slot.start) = (chunk, start);
            }
        }
    }
}

/// Whoever walks all lists.
pub(crate) trait Visitor {
    /// What is kept of a list that others are differences from.
    type Base;

    /// Called once for each list that is kept whole, before any list that is a difference from it. Such lists are
    /// numbered by `no`; `numbers` ascend.
    fn base(&mut self, no: u32, system: u16, numbers: &[u32]) -> Self::Base;

    /// Called for every list with what its base gave.
    fn list(&mut self, at: u32, base: &Self::Base, changes: &Changes<'_>);
}

fn place_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NONE)
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
