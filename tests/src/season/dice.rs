//! Chance, from a seed.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// What decides where a plan leaves room.
pub(super) struct Dice(ChaCha20Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A number below this one; 0 where there is none.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let drawn = self.0.next_u64() % (bound.max(1) as u64);
        usize::try_from(drawn).expect("it is below a usize")
    }

    /// True in so many of a thousand cases.
    pub(super) fn in_thousand(&mut self, cases: usize) -> bool {
        self.below(1000) < cases
    }

    /// One of these.
    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        *of.get(self.below(of.len())).expect("there is something to choose from")
    }
}
