//! The engine against the reference interpreter: on random fleets, random questions get the same answers.
//!
//! `FETTLE_QUERY_CASES` says how many questions (500 unless told, 10,000 and more at night), and
//! `FETTLE_QUERY_SEED` where to begin; a failure names the seed of its fleet, which alone repeats it.
#![expect(clippy::expect_used, reason = "a test may give up")]

mod answers;
mod chance;
mod questions;
mod slow;
mod world;

use answers::compare;
use chance::Chance;
use world::World;

/// Questions asked of one fleet, between changes of it.
const QUESTIONS: u64 = 10;
/// Most assets of a fleet.
const SMALL: usize = 120;
/// One fleet in so many is large enough for dense sets of rows; it is asked less, since the interpreter is slow.
const LARGE_EVERY: u64 = 25;
const LARGE: usize = 9_000;
const LARGE_QUESTIONS: u64 = 3;

/// Fleets that go through a file; one of them is large.
const RESTARTED: u64 = 26;

#[test]
fn a_fleet_from_a_file_answers_as_the_interpreter_does() {
    for seed in 1..=RESTARTED {
        let mut chance = Chance::new(seed);
        let is_large = seed.is_multiple_of(LARGE_EVERY);
        let mut world = World::make(if is_large { LARGE } else { chance.below(SMALL) }, &mut chance);
        for _ in 0..if is_large { 1 } else { QUESTIONS } {
            world.restart(&mut chance);
            compare(&world, &mut chance, seed);
            world.change(&mut chance);
            compare(&world, &mut chance, seed);
        }
    }
}

#[test]
fn the_engine_answers_as_the_interpreter_does() {
    let number = |name: &str, otherwise: u64| std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"));
    let cases = number("FETTLE_QUERY_CASES", 500);
    let first = number("FETTLE_QUERY_SEED", 1);
    let mut asked = 0;
    let mut told = 0;
    for seed in first.. {
        if asked >= cases {
            break;
        }
        let mut chance = Chance::new(seed);
        let is_large = seed.is_multiple_of(LARGE_EVERY);
        let assets = if is_large { LARGE } else { chance.below(SMALL) };
        let mut world = World::make(assets, &mut chance);
        for _ in 0..if is_large { LARGE_QUESTIONS } else { QUESTIONS } {
            world.change(&mut chance);
            told += compare(&world, &mut chance, seed);
            asked += 1;
        }
    }
    println!("RESULT queries-property cases={asked} answered={told} disagreements=0");
    // Questions that nothing ever answers to would compare nothing.
    assert!(told * 4 > asked, "only {told} of {asked} questions had an answer");
}
