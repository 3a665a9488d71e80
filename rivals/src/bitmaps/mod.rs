//! CRoaring: the questions written by hand over its bitmaps, each in the way that is fastest with them.

mod planes;

pub(crate) use planes::with_above;

use crate::question::{Engine, Plain, Question, by_name, numbers};
use anyhow::{Context, Result};
use croaring::Bitmap;
use fettle_model::patch::Severity;
use fettle_sim::synthetic::Synthetic;
use fettle_sim::synthetic::questions::{
    Asked, MANY_MISSING, OLD_DAYS, OTHER_TAG, OVERDUE_DAYS, SEEN_DAYS, SITE, Subjects, TAG, UNSEEN_DAYS,
};
use jiff::{SignedDuration, Timestamp};
use planes::Planes;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

/// Ids that are given with a number of assets.
const FIRST: usize = 50;
/// Patches of a top list.
const TOP: usize = 20;
/// Rows read from a bitmap at a time.
const READ: usize = 1_024;
/// Rows whose columns are looked at before what was found goes into a bitmap.
const SCANNED: usize = 1 << 16;

/// Lets the bitmaps take their memory from the allocator that the index has; first of all, once.
#[expect(unsafe_code, reason = "the library asks to be told before anything of it is made; this is the first thing that happens")]
pub(crate) fn use_our_allocator() {
    // Safety: no bitmap was made yet.
    unsafe { croaring::configure_rust_alloc() }
}

/// The bitmaps, and what the questions are about. Patches and moments are looked up beforehand, which favours it.
pub(crate) struct Bitmaps {
    planes: Planes,
    names: Vec<(u128, String)>,
    tag: u128,
    other_tag: u128,
    site: u128,
    os: String,
    a: usize,
    c: usize,
    d: usize,
    same_patch: Vec<usize>,
    overdue: Vec<usize>,
    cve: Vec<usize>,
    /// Patches that are missing, most first.
    by_size: Vec<(u64, usize)>,
    seen_from: u32,
    unseen_before: u32,
}

/// An answer as it comes.
pub(crate) enum Answer {
    Assets(u64),
    Facets { systems: Vec<u64>, tags: Vec<u64>, severities: [u64; 5] },
    Top(Vec<(u64, usize)>),
    Page(Vec<(u16, u32)>),
}

impl Bitmaps {
    /// Makes the bitmaps.
    pub(crate) fn new(made: &Synthetic, about: &Subjects) -> Result<Self> {
        let planes = Planes::new(made)?;
        let tag = |name: &str| {
            let tag = made.tags().iter().find(|tag| tag.name == name);
            tag.map(|tag| tag.id.0.as_u128()).with_context(|| format!("no tag {name}"))
        };
        let ago = |days: i64| made.now() - SignedDuration::from_hours(24 * days);
        let second = |at: Timestamp| u32::try_from(at.as_second());
        let patches = |is_wanted: &dyn Fn(&fettle_model::patch::Patch) -> bool| -> Vec<usize> {
            made.catalog().entries().filter(|entry| is_wanted(&entry.patch)).map(|entry| entry.no.0 as usize).collect()
        };
        let mut by_size: Vec<(u64, usize)> =
            planes.missing.iter().map(Bitmap::cardinality).zip(0..).filter(|(size, _)| *size > 0).collect();
        by_size.sort_unstable_by_key(|&(size, no)| (Reverse(size), no));
        Ok(Self {
            planes,
            names: made.tags().iter().map(|tag| (tag.id.0.as_u128(), tag.name.clone())).collect(),
            tag: tag(TAG)?,
            other_tag: tag(OTHER_TAG)?,
            site: tag(SITE)?,
            os: about.os.clone(),
            a: about.a.no.0 as usize,
            c: about.c.no.0 as usize,
            d: about.d.no.0 as usize,
            same_patch: patches(&|patch| {
                let is_old = patch.published_at.is_some_and(|at| at < ago(OLD_DAYS));
                patch.vendor_severity == Severity::Critical && patch.scores.kev.is_some() && is_old
            }),
            overdue: patches(&|patch| {
                patch.vendor_severity >= Severity::Important && patch.published_at.is_some_and(|at| at < ago(OVERDUE_DAYS))
            }),
            cve: patches(&|patch| patch.cves.contains(&about.cve)),
            by_size,
            seen_from: second(ago(SEEN_DAYS))?,
            unseen_before: second(ago(UNSEEN_DAYS))?,
        })
    }

    /// Bytes of the bitmaps of all patches when they are written.
    pub(crate) fn serialised_bytes(&self) -> u64 {
        self.planes.serialised_bytes()
    }

    /// The least bytes that a set of bits or a list of rows takes for each part of [`Asked::Flagship`], in the systems
    /// that run Windows: what has to be read for it when nothing else is known.
    pub(crate) fn flagship_bytes(&self) -> u64 {
        let planes = &self.planes;
        let unknown = planes.windows.andnot(&planes.known);
        let parts = [
            &planes.tags[&self.tag],
            &planes.severities[Severity::Critical as usize],
            &planes.exploited,
            &planes.missing[self.a],
            &unknown,
        ];
        let systems = planes.systems.values().filter(|system| system.intersect(&planes.windows));
        let bytes = |system: &Bitmap, part: &Bitmap| system.cardinality().div_ceil(8).min(2 * system.and_cardinality(part));
        systems.map(|system| parts.iter().map(|part| bytes(system, part)).sum::<u64>()).sum()
    }

    /// The assets that satisfy a question.
    fn rows(&self, asked: Asked) -> Cow<'_, Bitmap> {
        let Planes { missing, installed, tags, severities, exploited, windows, known, .. } = &self.planes;
        let critical = &severities[Severity::Critical as usize];
        match asked {
            Asked::Os => Cow::Borrowed(windows),
            Asked::OsTag => Cow::Owned(self.os_tag()),
            Asked::MissingCritical => Cow::Borrowed(critical),
            Asked::MissingExploited => Cow::Borrowed(exploited),
            Asked::MissingPatch => Cow::Borrowed(&missing[self.a]),
            Asked::Flagship => {
                let mut rows = self.os_tag();
                rows.and_inplace(critical);
                rows.and_inplace(exploited);
                rows.andnot_inplace(&missing[self.a]);
                rows.and_inplace(known);
                Cow::Owned(rows)
            }
            Asked::SamePatch => Cow::Owned(self.union(&self.same_patch)),
            Asked::Cve => Cow::Owned(self.union(&self.cve)),
            Asked::SeenAndCount => Cow::Owned(self.seen_and_count()),
            Asked::OsNotCritical => {
                let mut rows = self.planes.systems[&self.os].and(known);
                rows.andnot_inplace(critical);
                Cow::Owned(rows)
            }
            Asked::Installed => {
                let mut rows = tags[&self.tag].or(&tags[&self.other_tag]);
                rows.and_inplace(&installed[self.c]);
                rows.andnot_inplace(&installed[self.d]);
                rows.and_inplace(known);
                Cow::Owned(rows)
            }
            Asked::Overdue => Cow::Owned(self.union(&self.overdue)),
            Asked::Site => {
                let rows = tags[&self.site].and(exploited);
                let mut old = Vec::new();
                each(&rows, |row| {
                    if self.planes.seen[row as usize] < self.unseen_before {
                        old.push(row);
                    }
                });
                Cow::Owned(Bitmap::of(&old))
            }
        }
    }

    /// How many rows, after the ids of the first fifty.
    fn give(&self, rows: &Bitmap) -> u64 {
        let mut first = [0; FIRST];
        let read = rows.iter().next_many(&mut first);
        first[..read].iter().for_each(|&row| _ = black_box(self.planes.ids[row as usize]));
        rows.cardinality()
    }

    fn os_tag(&self) -> Bitmap {
        self.planes.windows.and(&self.planes.tags[&self.tag])
    }

    fn union(&self, patches: &[usize]) -> Bitmap {
        let planes: Vec<&Bitmap> = patches.iter().map(|&no| &self.planes.missing[no]).filter(|plane| !plane.is_empty()).collect();
        Bitmap::fast_or(&planes)
    }

    fn seen_and_count(&self) -> Bitmap {
        let least = u16::try_from(MANY_MISSING).unwrap_or(u16::MAX);
        let mut rows = Bitmap::new();
        let mut found = vec![0; SCANNED];
        let lots = self.planes.seen.chunks(SCANNED).zip(self.planes.missing_counts.chunks(SCANNED));
        let mut row = 0;
        for (seen, counts) in lots {
            let mut len = 0;
            for (&seen, &count) in seen.iter().zip(counts) {
                found[len] = row;
                len += usize::from((seen > self.seen_from) & (count >= least));
                row += 1;
            }
            rows.add_many(&found[..len]);
        }
        rows
    }

    fn facets(&self) -> Answer {
        let rows = self.os_tag();
        let count = |plane: &Bitmap| rows.and_cardinality(plane);
        Answer::Facets {
            systems: self.planes.systems.values().map(count).collect(),
            tags: self.planes.tags.values().map(count).collect(),
            severities: self.planes.latest.each_ref().map(count),
        }
    }

    /// In the order of how many miss each patch at all; no further when that is less than the least of the best.
    fn top(&self, rows: &Bitmap) -> Vec<(u64, usize)> {
        let mut best: BinaryHeap<Reverse<(u64, Reverse<usize>)>> = BinaryHeap::new();
        for &(size, no) in &self.by_size {
            let least = if best.len() < TOP { 0 } else { best.peek().map_or(0, |Reverse((least, _))| *least) };
            if size < least {
                break;
            }
            let count = rows.and_cardinality(&self.planes.missing[no]);
            if count > 0 {
                best.push(Reverse((count, Reverse(no))));
            }
            if best.len() > TOP {
                best.pop();
            }
        }
        best.into_sorted_vec().into_iter().map(|Reverse((count, Reverse(no)))| (count, no)).collect()
    }

    fn page(&self) -> Vec<(u16, u32)> {
        let mut best: BinaryHeap<Reverse<(u16, Reverse<u32>)>> = BinaryHeap::new();
        let mut least = 0;
        each(&self.os_tag(), |row| {
            let count = self.planes.critical_counts[row as usize];
            if best.len() < FIRST || count > least {
                best.push(Reverse((count, Reverse(row))));
                if best.len() > FIRST {
                    best.pop();
                }
                least = best.peek().map_or(0, |Reverse((least, _))| *least);
            }
        });
        best.into_sorted_vec().into_iter().map(|Reverse((count, Reverse(row)))| (count, row)).collect()
    }
}

impl Engine for Bitmaps {
    type Answer = Answer;

    fn answer(&self, question: Question) -> Option<Answer> {
        match question {
            Question::Assets(asked) => Some(Answer::Assets(self.give(&self.rows(asked)))),
            Question::Facets => Some(self.facets()),
            Question::Top(Some(asked)) => Some(Answer::Top(self.top(&self.rows(asked)))),
            Question::Page => Some(Answer::Page(self.page())),
            // Nothing but numbers that are kept.
            Question::Top(None) | Question::Dashboard => None,
        }
    }

    fn plain(&self, answer: Answer) -> Plain {
        match answer {
            Answer::Assets(count) => numbers([count]),
            Answer::Facets { systems, tags, severities } => {
                let systems = self.planes.systems.keys().cloned().zip(systems);
                let name = |tag: &u128| self.names.iter().find(|(other, _)| other == tag).map(|(_, name)| name.clone()).unwrap_or_default();
                let tags = self.planes.tags.keys().map(name).zip(tags);
                [by_name(systems), by_name(tags), numbers(severities)].concat()
            }
            Answer::Top(top) => numbers(top.into_iter().map(|(count, _)| count)),
            Answer::Page(page) => numbers(page.into_iter().map(|(count, _)| u64::from(count))),
        }
    }
}

/// Reads all rows, many at a time.
fn each(rows: &Bitmap, mut with: impl FnMut(u32)) {
    let (mut rows, mut some) = (rows.iter(), [0; READ]);
    loop {
        let read = rows.next_many(&mut some);
        if read == 0 {
            return;
        }
        some[..read].iter().for_each(|&row| with(row));
    }
}
