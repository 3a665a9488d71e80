//! How fast assessment is: from fresh inventories, from kept lists, and after a handful of new patches.
//!
//! Run by `cargo xtask bench assess`, which compares it with the package manager. Everything is made from a
//! fixed seed and runs on one thread; times are the processor's. The last line is for programs.

mod chance;
mod cpu;
mod host;
mod world;

use chance::Chance;
use cpu::Watch;
use fettle_fleet::{Assessment, Assessor, Outcome, Revision, SoftwareList};
use fettle_model::inventory::Inventory;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use world::{Inventories, World};

/// The allocator of the server.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Machines held as whole inventories: they take some 100 KB each.
const FRESH: usize = 2_000;
/// Patches published after everything was assessed.
const NEW: usize = 100;

struct Options {
    assets: usize,
    rules: usize,
    packages: usize,
    host: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = read_options()?;
    let mut chance = Chance::new(20_260_101);
    let begun = Watch::start()?;
    let mut world = World::make(&mut chance, options.rules, options.packages);
    let old = Arc::new(world.catalog(1));
    println!("{} patches, machines of {} packages; made in {:.1} s", old.len(), options.packages, begun.read()?.as_secs_f64());
    let assessor = Assessor::new(Arc::clone(&old));
    let fresh = fresh(&world, &mut chance, &assessor)?;
    let lists = keep(&world, &mut chance, &assessor, options.assets)?;
    let (full, single, before) = stored(&assessor, &lists)?;
    world.publish_more(&mut chance, NEW);
    let new = Arc::new(world.catalog(2));
    let (judged, applied) = incremental(&assessor, &old, &new, &lists, before)?;
    let size = assessor.software().size();
    let (host, host_missing) = options.host.as_deref().map(one_host).transpose()?.unwrap_or_default();
    println!(
        "MEASURED fresh_us={:.2} stored_us={:.2} single_us={:.2} full_s={:.3} judged_s={:.4} applied_s={:.3} host_us={:.2} host_missing={host_missing} assets={} bytes={}",
        micros(fresh),
        micros(full) / lists.len() as f64,
        micros(single),
        full.as_secs_f64(),
        judged.as_secs_f64(),
        applied.as_secs_f64(),
        micros(host),
        lists.len(),
        (size.list_bytes + size.package_bytes) / lists.len().max(1),
    );
    Ok(())
}

fn read_options() -> Result<Options> {
    let mut options = Options { assets: 1_000_000, rules: 40_000, packages: 500, host: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} wants a value"));
        match argument.as_str() {
            "--assets" => options.assets = value()?.parse()?,
            "--rules" => options.rules = value()?.parse()?,
            "--packages" => options.packages = value()?.parse()?,
            "--host" => options.host = Some(value()?.into()),
            // Cargo says what it runs.
            "--bench" => {}
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    Ok(options)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Time for the findings of one inventory that was never seen, on a server that has seen others like it.
fn fresh(world: &World, chance: &mut Chance, assessor: &Assessor) -> Result<Duration> {
    let mut inventories = Inventories::of(world);
    let mut some = |count: usize| -> Vec<Inventory> {
        (0..count).map(|_| world.machine(chance)).map(|machine| inventories.with(&machine, Inventory::clone)).collect()
    };
    let (known, fresh) = (some(FRESH), some(FRESH));
    drop(inventories);
    let begun = Watch::start()?;
    let mut kept: Vec<_> = known.iter().map(|inventory| assessor.assess_and_keep(inventory)).collect();
    println!("first {FRESH} inventories, nothing known of any package: {:.1} us each", micros(begun.read()?) / FRESH as f64);
    // What comes from the network was decoded just now and lies in the processor's cache. So each is assessed
    // once, and then again, and only the second time counts.
    let judge = |inventory: &Inventory| drop(std::hint::black_box(assessor.assess(inventory)));
    let judged = again(&fresh, judge)?;
    println!("next {FRESH}, findings only: {:.1} us each", micros(judged));
    let both = again(&fresh, |inventory| kept.push(assessor.assess_and_keep(inventory)))?;
    println!("the same, findings and list kept: {:.1} us each", micros(both));
    let findings = kept.iter().filter_map(|(assessment, _)| match assessment {
        Assessment::Findings(findings) => Some((findings.missing.len(), findings.installed.len())),
        Assessment::Unsupported { .. } => None,
    });
    let (missing, installed) = findings.fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1));
    println!("on average {} missing and {} installed patches", missing / kept.len(), installed / kept.len());
    Ok(judged)
}

/// Mean time of doing it once more with each of them.
fn again(inventories: &[Inventory], mut work: impl FnMut(&Inventory)) -> Result<Duration> {
    const TIMES: u32 = 4;
    /// As many as are under way at a time on a busy server.
    const AT_ONCE: usize = 8;
    let begun = Watch::start()?;
    inventories.iter().for_each(&mut work);
    let once = begun.read()?;
    let begun = Watch::start()?;
    for some in inventories.chunks(AT_ONCE) {
        (0..=TIMES).for_each(|_| some.iter().for_each(&mut work));
    }
    Ok(begun.read()?.saturating_sub(once) / u32::try_from(inventories.len())? / TIMES)
}

/// Keeps the lists of so many machines.
fn keep(world: &World, chance: &mut Chance, assessor: &Assessor, assets: usize) -> Result<Vec<SoftwareList>> {
    let mut inventories = Inventories::of(world);
    let begun = Watch::start()?;
    let software = assessor.software();
    let mut lists = Vec::with_capacity(assets);
    for _ in 0..assets {
        let machine = world.machine(chance);
        lists.push(inventories.with(&machine, |inventory| software.list(inventory)).ok_or("the table has no room")?);
    }
    let size = software.size();
    let bytes = size.list_bytes + size.package_bytes;
    println!(
        "{assets} machines kept in {:.1} s: {} different lists ({} of them whole), {} packages, {} bytes per machine",
        begun.read()?.as_secs_f64(),
        size.lists,
        size.whole_lists,
        size.packages,
        bytes / assets.max(1)
    );
    Ok(lists)
}

/// Assesses all kept lists, one by one in no order and all together. Returns the times and how many patches are
/// missing.
fn stored(assessor: &Assessor, lists: &[SoftwareList]) -> Result<(Duration, Duration, u64)> {
    const SOME: usize = 20_000;
    let cold = || Assessor::with(Arc::clone(assessor.catalog()), Arc::clone(assessor.software()));
    let (all, missing) = assess_all(&cold(), lists)?;
    println!("all assessed by a server that has just started: {:.2} s, {:.2} us each", all.as_secs_f64(), micros(all) / lists.len() as f64);
    let some = lists.get(..SOME).unwrap_or(lists);
    let single = some.iter().collect::<Vec<_>>();
    let begun = Watch::start()?;
    for list in &single {
        std::hint::black_box(assessor.reassess(list));
    }
    let single = begun.read()? / u32::try_from(single.len())?;
    println!("one by one, in no order: {:.2} us each", micros(single));
    Ok((all, single, missing))
}

/// Assesses every machine's list, lists that several have once.
fn assess_all(assessor: &Assessor, lists: &[SoftwareList]) -> Result<(Duration, u64)> {
    let begun = Watch::start()?;
    let places = lists.iter().map(|list| list.id().0).max().map_or(0, |most| most + 1);
    let mut missing = vec![0_u32; usize::try_from(places)?];
    assessor.reassess_all(|list, findings| {
        if let Some(missing) = usize::try_from(list.0).ok().and_then(|at| missing.get_mut(at)) {
            *missing = u32::try_from(findings.missing.len()).unwrap_or(u32::MAX);
        }
    });
    let of = |list: &SoftwareList| usize::try_from(list.id().0).ok().and_then(|at| missing.get(at)).copied().map_or(0, u64::from);
    let missing = lists.iter().map(of).sum();
    Ok((begun.read()?, missing))
}

/// Judges the new patches for all lists, and proves that the numbers are those of a full assessment. Returns the
/// time of judging, and of judging and adding up which machines miss what.
fn incremental(
    assessor: &Assessor,
    old: &Arc<fettle_fleet::Catalog>,
    new: &Arc<fettle_fleet::Catalog>,
    lists: &[SoftwareList],
    before: u64,
) -> Result<(Duration, Duration)> {
    let begun = Watch::start()?;
    let revision = Revision::between(old, new);
    println!("{} patches changed, found in {:.1} ms", revision.patches().len(), begun.read()?.as_secs_f64() * 1e3);
    let begun = Watch::start()?;
    let outcomes = revision.outcomes(assessor.software());
    let judged = begun.read()?;
    let (mut changed, mut more) = (0_usize, 0);
    for list in lists {
        if let Outcome::Changed(findings) = outcomes.of(list) {
            changed += 1;
            more += u64::try_from(findings.missing.len())?;
        }
    }
    let applied = begun.read()?;
    println!(
        "judged in {:.1} ms, counted in {:.1} ms: {changed} machines concerned, {more} more patches missing",
        judged.as_secs_f64() * 1e3,
        applied.as_secs_f64() * 1e3
    );
    let whole = Assessor::with(Arc::clone(new), Arc::clone(assessor.software()));
    let (_, expected) = assess_all(&whole, lists)?;
    if before + more != expected {
        return Err(format!("{} patches are missing after all, not {expected}", before + more).into());
    }
    Ok((judged, applied))
}

/// Time for one given host, assessed over and over from its texts, and how many packages of it are missing an update.
fn one_host(folder: &std::path::Path) -> Result<(Duration, usize)> {
    const TIMES: u32 = 2_000;
    let (inventory, catalog) = host::read(folder)?;
    let assessor = Assessor::new(Arc::new(catalog));
    let Assessment::Findings(findings) = assessor.assess(&inventory) else { return Err("the host cannot be assessed".into()) };
    let begun = Watch::start()?;
    for _ in 0..TIMES {
        std::hint::black_box(assessor.assess_and_keep(&inventory));
    }
    let each = begun.read()? / TIMES;
    let missing: usize = findings.missing.iter().map(|&no| assessor.catalog().missing_packages(no, &inventory).len()).sum();
    println!(
        "one host of {} packages by {} patches: {:.1} us; {missing} packages to upgrade",
        inventory.packages.len(),
        assessor.catalog().len(),
        micros(each)
    );
    Ok((each, missing))
}
