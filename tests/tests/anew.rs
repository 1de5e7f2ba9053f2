//! However often a book is founded anew, and whatever happens meanwhile, its invariants hold.
//!
//! `SAMLA_SEEDS=20000` plays more fields than the usual 2,000; `SAMLA_SEED=17` plays one again. `cargo xtask sim` plays them
//! in an optimised build.
#![allow(clippy::print_stdout, reason = "a test tells what it saw")]

use samla_tests::anew::{Anew, Played};
use samla_tests::seeds::{Played as All, asked, play_all, play_one};

const SEEDS: u64 = 2_000;

#[test]
fn all_fields_keep_their_promises() {
    let seeds = asked(SEEDS);
    let All { sum, failed } = play_all(seeds.clone(), 3, |seed| Anew::play(seed, None), |_| ());
    for (seed, why) in &failed {
        eprintln!("SAMLA_SEED={seed}: {why}\n");
    }
    let numbers: Vec<_> = failed.iter().map(|(seed, _)| seed).collect();
    assert!(failed.is_empty(), "these fields do not hold; play one again with SAMLA_SEED=…: {numbers:?}");
    println!("{sum:?}");
    let Played { epochs, erased, put_out, rejoined, files, by_file, kills, .. } = sum;
    let happened = [epochs, erased, put_out, rejoined, files, by_file, kills];
    assert!(seeds.count() < 100 || happened.iter().all(|count| *count > 0), "a field in which nothing happens");
}

#[test]
fn a_field_is_the_same_every_time() {
    let [one, two] = [(); 2].map(|()| format!("{:?}", play_one(7, |seed| Anew::play(seed, None)).expect("it holds")));
    assert_eq!(one, two);
}
