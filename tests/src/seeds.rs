//! Many fields at once: one number after another, on every core.

use std::ops::{AddAssign, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What came of many fields.
#[derive(Debug)]
pub struct Played<P> {
    /// What those that went well say, together.
    pub sum: P,
    /// The others, each with what does not hold and the story.
    pub failed: Vec<(u64, String)>,
}

/// A number that the environment names, such as `SAMLA_SEED`.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The fields to play: the one that `SAMLA_SEED` names, else as many as `SAMLA_SEEDS` says or as is usual.
pub fn asked(usual: u64) -> Range<u64> {
    match number("SAMLA_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SAMLA_SEEDS").unwrap_or(usual),
    }
}

/// Plays one field; a panic in it is a failure like any other.
pub fn play_one<P>(seed: u64, play: impl Fn(u64) -> Result<P, String>) -> Result<P, String> {
    catch_unwind(AssertUnwindSafe(|| play(seed))).unwrap_or_else(|_| Err("a panic, told above".into()))
}

/// Plays these fields over all cores, and stops after so many failures. `told` hears how many are done.
pub fn play_all<P: Default + AddAssign + Send>(
    seeds: Range<u64>,
    most_failures: usize,
    play: impl Fn(u64) -> Result<P, String> + Sync,
    told: impl Fn(u64) + Sync,
) -> Played<P> {
    let (next, done) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let played = Mutex::new(Played { sum: P::default(), failed: Vec::new() });
    let lock = || played.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |cores| cores.get()) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || lock().failed.len() >= most_failures {
                        return;
                    }
                    match play_one(seed, &play) {
                        Ok(one) => lock().sum += one,
                        Err(why) => lock().failed.push((seed, why)),
                    }
                    told(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let mut played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
    played.failed.sort();
    played
}
