//! Everything that reads what comes from outside, to be fed with whatever a machine can think of.
//!
//! A target takes any bytes and asserts what must hold whatever they are; its corpus is well-made input to begin with. The
//! readers that check a signature or a checksum are fed behind it: the bytes say *what* is signed, and the target signs it, as
//! a member who turned against the others would. `cargo xtask fuzz` lets libFuzzer look for input that reaches new code;
//! `tests/tests/fuzz.rs` feeds the corpus, what was found before, and some mutations in every run.

mod document;
mod frozen;
mod phone;
mod wire;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// One reader.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// How it is called on the command line.
    pub name: &'static str,
    /// Reads any bytes, and panics where something does not hold.
    pub feed: fn(&[u8]),
    /// Well-made input.
    pub corpus: fn() -> Vec<Vec<u8>>,
}

impl Target {
    /// Well-made input, and the frozen bytes that this reader reads.
    pub fn inputs(&self) -> Vec<Vec<u8>> {
        [(self.corpus)(), frozen::inputs(self.name)].concat()
    }
}

/// All readers.
pub const TARGETS: [Target; 7] = [
    Target { name: "link_parse", feed: wire::feed_link, corpus: wire::links },
    Target { name: "envelope_parse", feed: wire::feed_envelope, corpus: wire::envelopes },
    Target { name: "roster_apply", feed: wire::feed_roster, corpus: wire::rosters },
    Target { name: "change_validate_apply", feed: document::feed_changes, corpus: document::changes },
    Target { name: "base_inflate", feed: document::feed_base, corpus: document::bases },
    Target { name: "bundle_import", feed: phone::feed_file, corpus: phone::files },
    Target { name: "sync_response", feed: phone::feed_answer, corpus: phone::answers },
];

/// The reader of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// The same bytes with something wrong in them, as a number decides.
pub fn mutated(input: &[u8], seed: u64) -> Vec<u8> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut draw = |below: usize| (rng.next_u64() % below.max(1) as u64) as usize;
    let mut bytes = input.to_vec();
    for _ in 0..1 + draw(3) {
        let at = draw(bytes.len() + 1);
        let most = bytes.len() - at;
        match draw(6) {
            0 if at < bytes.len() => {
                let bit = 1 << draw(8);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bit);
            }
            1 if at < bytes.len() => {
                let value = [0, 1, 0x7f, 0x80, 0xff, draw(256) as u8].get(draw(6)).copied().unwrap_or_default();
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value);
            }
            2 => drop(bytes.drain(at..at + draw(most + 1).min(16))),
            3 => {
                let again: Vec<u8> = bytes.iter().skip(draw(bytes.len())).take(1 + draw(32)).copied().collect();
                drop(bytes.splice(at..at, again));
            }
            4 => {
                let random: Vec<u8> = (0..1 + draw(8)).map(|_| draw(256) as u8).collect();
                drop(bytes.splice(at..at, random));
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// Takes the next `N` bytes, as far as there are any; the rest are zero.
fn take<const N: usize>(input: &mut &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    let (head, rest) = input.split_at(N.min(input.len()));
    taken.iter_mut().zip(head).for_each(|(to, from)| *to = *from);
    *input = rest;
    taken
}

/// Takes a block that begins with its length in two bytes; what is missing is left out.
fn take_block<'a>(input: &mut &'a [u8]) -> &'a [u8] {
    let len = usize::from(u16::from_be_bytes(take(input)));
    let (block, rest) = input.split_at(len.min(input.len()));
    *input = rest;
    block
}

/// A block as [`take_block`] takes it.
fn block(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).expect("a short block");
    [&len.to_be_bytes()[..], bytes].concat()
}
