//! Numbers and moments of rows, by column, five hundred and twelve rows at a time.

use super::bits;
use super::chunks::Chunks;
use super::classes::{COUNTS, Tally, Weight};
use super::seen::Seen;
use crate::card::AssetCard;
use crate::origin::Origin;
use fettle_model::finding::FindingCounts;
use fettle_model::ids::AssetId;
use jiff::Timestamp;
use std::sync::{Arc, OnceLock};

/// Rows of one block. A re-scan copies the counters of one block; a query reads a column of one in a row.
pub(crate) const BLOCK: usize = 512;
/// Stands for "never".
pub(crate) const NEVER: i64 = i64::MIN;
/// The asset of a row that was never given to one.
const NOBODY: AssetId = AssetId(uuid::Uuid::nil());
/// Stands for a size nobody knows.
pub(crate) const UNKNOWN_SIZE: u64 = u64::MAX;

/// Numbers of some rows. The parts change at different times, so they are copied apart.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) ids: Arc<Vec<AssetId>>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) facts: Arc<Facts>,
    /// Apart from the facts, because a new catalog changes them for every row and nothing else of most.
    pub(crate) origins: Arc<Origins>,
    /// When each agent was last heard from. Shared by all versions of the fleet, since a check-in must not
    /// cost a new one, until a row of the block is given to another asset.
    pub(crate) seen: Arc<Seen>,
}

/// Counters. Sixteen bits are enough: no system has more than some thousands of patches.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    pub(crate) columns: [[u16; BLOCK]; COUNTS],
    pub(crate) risk: [u32; BLOCK],
    /// Made when first asked for, gone when a counter changes.
    summaries: OnceLock<Box<[Summary; COUNTS]>>,
}

/// What a column of counters says of a whole block. Rows without an asset count nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Summary {
    pub(crate) sum: u32,
    pub(crate) above_zero: u16,
    pub(crate) least: u16,
    pub(crate) greatest: u16,
}

impl Counts {
    /// What a column says of the whole block.
    pub(crate) fn summary(&self, column: usize) -> Summary {
        let all = self.summaries.get_or_init(|| {
            let summary = |column: &[u16; BLOCK]| {
                let (least, greatest) = bits::extremes(column);
                let sum = column.iter().map(|&count| u32::from(count)).sum();
                let above_zero = column.iter().map(|&count| u16::from(count > 0)).sum();
                Summary { sum, above_zero, least, greatest }
            };
            Box::new(self.columns.each_ref().map(summary))
        });
        all.get(column).copied().unwrap_or_default()
    }
}

/// What cards say in numbers.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) last_scan: [i64; BLOCK],
    pub(crate) created: [i64; BLOCK],
    pub(crate) memory: [u64; BLOCK],
    pub(crate) disk_free: [u64; BLOCK],
    pub(crate) cores: [u32; BLOCK],
}

/// What rows were made from.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    pub(crate) mark: [u64; BLOCK],
    pub(crate) inventory: [u64; BLOCK],
    pub(crate) generation: [u64; BLOCK],
}

impl Default for Facts {
    fn default() -> Self {
        Self { last_scan: [NEVER; BLOCK], created: [NEVER; BLOCK], memory: [0; BLOCK], disk_free: [UNKNOWN_SIZE; BLOCK], cores: [0; BLOCK] }
    }
}

impl Default for Origins {
    fn default() -> Self {
        Self { mark: [0; BLOCK], inventory: [0; BLOCK], generation: [0; BLOCK] }
    }
}

impl Default for Block {
    fn default() -> Self {
        Self {
            ids: Arc::new(vec![NOBODY; BLOCK]),
            counts: Arc::new(Counts { columns: [[0; BLOCK]; COUNTS], risk: [0; BLOCK], summaries: OnceLock::new() }),
            facts: Arc::default(),
            origins: Arc::default(),
            seen: Arc::default(),
        }
    }
}

/// A moment as a number that orders like it. What lies outside the years 1678 to 2261 is drawn to their ends.
pub(crate) fn moment(at: Timestamp) -> i64 {
    let nanoseconds = at.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { NEVER + 1 } else { i64::MAX }).max(NEVER + 1)
}

/// The moment of a number.
pub(crate) fn timestamp(at: i64) -> Option<Timestamp> {
    if at == NEVER { None } else { Timestamp::from_nanosecond(at.into()).ok() }
}

/// The numbers of all rows of a segment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers(Chunks<Block, 2>);

/// Where a row lies.
fn split(row: u16) -> (usize, usize) {
    (usize::from(row) / BLOCK, usize::from(row) % BLOCK)
}

impl Numbers {
    /// A block.
    pub(crate) fn block(&self, at: usize) -> Option<&Block> {
        self.0.get(at)
    }

    /// All blocks.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.0.iter()
    }

    /// Appends a block.
    pub(crate) fn push(&mut self, block: Block) {
        self.0.push(block);
    }

    /// Makes room for a row.
    pub(crate) fn reach(&mut self, row: u16) {
        while self.0.len() <= split(row).0 {
            self.0.push(Block::default());
        }
    }

    /// The asset of a row.
    pub(crate) fn id(&self, row: u16) -> Option<AssetId> {
        let (block, at) = split(row);
        self.0.get(block)?.ids.get(at).copied()
    }

    /// Gives a row to an asset. Versions from before go on saying when the one that had it was heard from.
    pub(crate) fn set_id(&mut self, row: u16, id: AssetId) {
        let (block, at) = split(row);
        let Some(block) = self.0.get_mut(block) else { return };
        let Some(slot) = Arc::make_mut(&mut block.ids).get_mut(at) else { return };
        let before = std::mem::replace(slot, id);
        if before != id && before != NOBODY {
            let seen = |(place, moment)| if place == at { NEVER } else { moment };
            block.seen = Arc::new(Seen::of(block.seen.iter().enumerate().map(seen)));
        }
    }

    /// Takes over the check-ins that were noted in an older version while this one was made.
    pub(crate) fn take_over_seen(&self, before: &Self) {
        let changed = self.0.iter().zip(before.0.iter()).filter(|(now, before)| !Arc::ptr_eq(&now.seen, &before.seen));
        for (now, before) in changed {
            let cells = before.seen.iter().enumerate();
            let same = cells.zip(now.ids.iter().zip(before.ids.iter())).filter(|(_, (now, before))| now == before);
            for ((at, moment), _) in same {
                now.seen.note(at, moment);
            }
        }
    }

    /// When an agent was last heard from.
    pub(crate) fn seen(&self, row: u16) -> Option<Timestamp> {
        let (block, at) = split(row);
        timestamp(self.0.get(block)?.seen.get(at))
    }

    /// Notes that an agent was heard from. An older moment changes nothing.
    pub(crate) fn note_seen(&self, row: u16, at: Option<Timestamp>) {
        let (block, place) = split(row);
        if let Some(block) = self.0.get(block) {
            block.seen.note(place, at.map_or(NEVER, moment));
        }
    }

    /// When the last scan of a row was made, as a number.
    pub(crate) fn last_scan(&self, row: u16) -> Option<i64> {
        let (block, at) = split(row);
        self.0.get(block)?.facts.last_scan.get(at).copied()
    }

    /// Whether a row has the numbers of a card.
    pub(crate) fn has_facts(&self, row: u16, card: &AssetCard) -> bool {
        let (block, at) = split(row);
        let Some(facts) = self.0.get(block).map(|block| &block.facts) else { return false };
        facts.last_scan.get(at) == Some(&card.last_scan.map_or(NEVER, moment))
            && facts.created.get(at) == Some(&moment(card.created_at))
            && facts.memory.get(at) == Some(&card.hardware.memory_bytes)
            && facts.disk_free.get(at) == Some(&card.disk_free.unwrap_or(UNKNOWN_SIZE))
            && facts.cores.get(at) == Some(&card.hardware.cpu_cores)
    }

    /// Writes the numbers of a card.
    pub(crate) fn set_facts(&mut self, row: u16, card: &AssetCard) {
        let (block, at) = split(row);
        let Some(facts) = self.0.get_mut(block).map(|block| Arc::make_mut(&mut block.facts)) else { return };
        let cells = (
            facts.last_scan.get_mut(at),
            facts.created.get_mut(at),
            facts.memory.get_mut(at),
            facts.disk_free.get_mut(at),
            facts.cores.get_mut(at),
        );
        let (Some(last_scan), Some(created), Some(memory), Some(disk_free), Some(cores)) = cells else { return };
        *last_scan = card.last_scan.map_or(NEVER, moment);
        *created = moment(card.created_at);
        *memory = card.hardware.memory_bytes;
        *disk_free = card.disk_free.unwrap_or(UNKNOWN_SIZE);
        *cores = card.hardware.cpu_cores;
    }

    /// Whether a row says that it was made from what a card was made from.
    pub(crate) fn has_origin(&self, row: u16, card: &AssetCard) -> bool {
        self.origin(row) == Some(card.origin)
    }

    /// Writes what a card was made from.
    pub(crate) fn set_origin(&mut self, row: u16, card: &AssetCard) {
        let (block, at) = split(row);
        let Some(origins) = self.0.get_mut(block).map(|block| Arc::make_mut(&mut block.origins)) else { return };
        let cells = (origins.mark.get_mut(at), origins.inventory.get_mut(at), origins.generation.get_mut(at));
        let (Some(mark), Some(inventory), Some(generation)) = cells else { return };
        (*mark, *inventory, *generation) = (card.origin.mark, card.origin.inventory, card.origin.generation);
    }

    /// What a row was made from.
    pub(crate) fn origin(&self, row: u16) -> Option<Origin> {
        let (block, at) = split(row);
        let origins = &self.0.get(block)?.origins;
        Some(Origin { mark: *origins.mark.get(at)?, inventory: *origins.inventory.get(at)?, generation: *origins.generation.get(at)? })
    }

    /// Reads the numbers of a card.
    pub(crate) fn read_facts(&self, row: u16, card: &mut AssetCard) -> Option<()> {
        let (block, at) = split(row);
        let facts = &self.0.get(block)?.facts;
        card.last_scan = timestamp(*facts.last_scan.get(at)?);
        card.created_at = timestamp(*facts.created.get(at)?)?;
        card.disk_free = Some(*facts.disk_free.get(at)?).filter(|&bytes| bytes != UNKNOWN_SIZE);
        let hardware = Arc::make_mut(&mut card.hardware);
        hardware.memory_bytes = *facts.memory.get(at)?;
        hardware.cpu_cores = *facts.cores.get(at)?;
        card.origin = self.origin(row)?;
        Some(())
    }

    /// Writes counters.
    pub(crate) fn set_tally(&mut self, row: u16, tally: &Tally) {
        let (block, at) = split(row);
        let Some(counts) = self.0.get_mut(block).map(|block| Arc::make_mut(&mut block.counts)) else { return };
        counts.summaries = OnceLock::new();
        for (column, &count) in counts.columns.iter_mut().zip(&tally.counts) {
            if let Some(cell) = column.get_mut(at) {
                *cell = u16::try_from(count).unwrap_or(u16::MAX);
            }
        }
        if let Some(cell) = counts.risk.get_mut(at) {
            *cell = tally.risk;
        }
    }

    /// Reads counters.
    pub(crate) fn tally(&self, row: u16) -> Tally {
        let (block, at) = split(row);
        let mut tally = Tally::default();
        if let Some(block) = self.0.get(block) {
            for (count, column) in tally.counts.iter_mut().zip(&block.counts.columns) {
                *count = column.get(at).copied().unwrap_or(0).into();
            }
            tally.risk = block.counts.risk.get(at).copied().unwrap_or(0);
        }
        tally
    }

    /// Reads counters in the form that people see.
    pub(crate) fn counts(&self, row: u16) -> FindingCounts {
        self.tally(row).to_counts()
    }
}

/// How counters change when the weight of a patch does.
#[derive(Debug)]
pub(crate) struct Deltas {
    /// Places of counters that change, and by how much.
    counts: Vec<(usize, i32)>,
    risk: i32,
}

impl Deltas {
    /// For rows that miss the patch.
    pub(crate) fn of_missing(old: Weight, new: Weight) -> Self {
        let count = |weight| {
            let mut tally = Tally::default();
            tally.count_missing(weight, 1);
            tally
        };
        Self::between(&count(old), &count(new))
    }

    /// For rows that have it.
    pub(crate) fn of_installed(old: Weight, new: Weight) -> Self {
        let count = |weight| {
            let mut tally = Tally::default();
            tally.count_installed(weight, 1);
            tally
        };
        Self::between(&count(old), &count(new))
    }

    fn between(old: &Tally, new: &Tally) -> Self {
        let difference = |old: u32, new: u32| i32::try_from(i64::from(new) - i64::from(old)).unwrap_or(0);
        let counts = old.counts.iter().zip(&new.counts).map(|(&old, &new)| difference(old, new)).enumerate();
        Self { counts: counts.filter(|(_, by)| *by != 0).collect(), risk: difference(old.risk, new.risk) }
    }
}

impl Numbers {
    /// Changes the counters of some rows.
    pub(crate) fn adjust(&mut self, rows: impl Iterator<Item = u16>, deltas: &Deltas) {
        if deltas.counts.is_empty() && deltas.risk == 0 {
            return;
        }
        for row in rows {
            let (block, at) = split(row);
            let Some(counts) = self.0.get_mut(block).map(|block| Arc::make_mut(&mut block.counts)) else { return };
            counts.summaries = OnceLock::new();
            for &(column, by) in &deltas.counts {
                if let Some(count) = counts.columns.get_mut(column).and_then(|column| column.get_mut(at)) {
                    *count = u16::try_from(i32::from(*count).saturating_add(by)).unwrap_or(*count);
                }
            }
            if let Some(risk) = counts.risk.get_mut(at) {
                *risk = risk.saturating_add_signed(deltas.risk);
            }
        }
    }
}
