//! Saving the index and loading it again, against plainly reading the same file: with the file in memory, as after a
//! restart of the program, and without, as after a restart of the machine.

use crate::measure::summary;
use fettle_fleet::{Fleet, Purpose, Snapshot, View};
use fettle_query::{Context, Entity, check};
use fettle_sim::synthetic::Synthetic;
use jiff::tz::TimeZone;
use rustix::fs::{Advice, fadvise};
use serde_json::json;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Times it is read and loaded, in turn; medians count.
const ROUNDS: usize = 3;
/// Bytes that are plainly read at a time.
const PIECE: usize = 1 << 20;
/// What a fleet that was loaded must be able to answer at once.
const QUESTIONS: [&str; 2] = ["os.family:windows", "missing.severity:critical and missing.kev:yes"];

/// Prints the size of the file and the seconds that saving, reading and loading take.
pub(crate) fn measure(made: &Synthetic, fleet: &Fleet) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("fleet.index");
    let begun = Instant::now();
    let file = File::create_new(&path).expect("a new file");
    let mut out = BufWriter::with_capacity(1 << 20, &file);
    let bytes = fleet.view().save([0; 16], &mut out).expect("room on the disk");
    file.sync_all().expect("a disk");
    let save = begun.elapsed().as_secs_f64();
    let expected = answers(made, &fleet.view());
    let loaded = || {
        let loaded = load(made, &path);
        assert_eq!(answers(made, &loaded.view()), expected, "the fleet that was loaded answers otherwise");
        loaded
    };
    let [mut reads, mut loads, mut cold_reads, mut cold_loads] = [(); 4].map(|()| Vec::new());
    // Once unmeasured, so that the file is in memory for both.
    read(&path);
    for _ in 0..ROUNDS {
        reads.push(seconds(|| read(&path)));
        loads.push(seconds(loaded));
    }
    for _ in 0..ROUNDS {
        evict(&file);
        cold_reads.push(seconds(|| read(&path)));
        evict(&file);
        cold_loads.push(seconds(loaded));
    }
    let [read, load, cold_read, cold_load] = [reads, loads, cold_reads, cold_loads].map(|seconds| summary(seconds).median);
    println!(
        "{}",
        json!({"what": "snapshot", "bytes": bytes, "save_s": save, "read_s": read, "load_s": load, "cold_read_s": cold_read,
            "cold_load_s": cold_load, "cold_read_mb_per_s": bytes as f64 / cold_read / 1e6})
    );
}

/// Reads a whole file, piece by piece into the same memory.
fn read(path: &Path) {
    let mut file = File::open(path).expect("it is there");
    let mut piece = vec![0; PIECE];
    while file.read(&mut piece).expect("can be read") > 0 {
        black_box(&mut piece);
    }
}

/// Lets the kernel forget what it holds of a file that is on the disk already (posix_fadvise(2)).
fn evict(file: &File) {
    fadvise(file, 0, None, Advice::DontNeed).expect("a file of a disk");
}

fn load(made: &Synthetic, path: &Path) -> Fleet {
    let file = File::open(path).expect("it is there");
    let len = file.metadata().expect("it has a length").len();
    let snapshot = Snapshot::open(len, |at, bytes: &mut [u8]| file.read_exact_at(bytes, at)).expect("it is whole");
    snapshot.load(Arc::clone(made.catalog())).expect("it makes sense")
}

fn answers(made: &Synthetic, view: &Arc<View>) -> Vec<u64> {
    let context = Context { now: made.now(), zone: TimeZone::UTC };
    let whole = view.unscoped(Purpose::Upkeep).at(made.now());
    let count = |text| whole.select(&check(Entity::Asset, text, &context).expect("a query")).expect("asks for assets").count();
    QUESTIONS.map(count).to_vec()
}

/// How long a call takes, without letting go of what it made.
fn seconds<T>(call: impl FnOnce() -> T) -> f64 {
    let begun = Instant::now();
    let made = call();
    let seconds = begun.elapsed().as_secs_f64();
    drop(black_box(made));
    seconds
}
