//! Every reader of what comes from outside survives well-made input, what was found to break one, and mutations of both.
//!
//! `SAMLA_SEED=17` begins the mutations with another number; a failure names the number that replays it. `cargo xtask fuzz`
//! looks further, for as long as it is told to, and leaves what it finds where this test feeds it from then on.
#![allow(clippy::panic, reason = "a test stops where something is wrong")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use samla_tests::fuzz::{TARGETS, Target, mutated};
use samla_tests::seeds::number;

/// Mutations of each input.
const MUTATIONS: u64 = 30;

fn found(target: &Target) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(target.name);
    let files = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("a file").path());
    files.map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file"))).collect()
}

fn survives(target: &Target, what: &str, input: &[u8]) {
    let fed = catch_unwind(AssertUnwindSafe(|| (target.feed)(input)));
    assert!(fed.is_ok(), "{} does not survive {what}", target.name);
}

#[test]
fn every_reader_survives_its_corpus_and_what_was_found() {
    for target in &TARGETS {
        let corpus = target.inputs();
        let (made, all) = ((target.corpus)().len(), corpus.len());
        assert!(made > 3, "{}: a corpus of nothing proves nothing", target.name);
        // No vector is an answer to a phone.
        assert_eq!(all > made, target.name != "sync_response", "{}: frozen bytes", target.name);
        for (at, input) in corpus.iter().enumerate() {
            survives(target, &format!("input {at} of its corpus"), input);
        }
        for (path, input) in found(target) {
            survives(target, &path, &input);
        }
    }
}

#[test]
fn every_reader_survives_mutations() {
    let begin = number("SAMLA_SEED").unwrap_or(0);
    for target in &TARGETS {
        for (at, input) in (target.corpus)().iter().enumerate() {
            for seed in begin..begin + MUTATIONS {
                let what = format!("mutation SAMLA_SEED={seed} of input {at}");
                survives(target, &what, &mutated(input, seed));
            }
        }
    }
}
