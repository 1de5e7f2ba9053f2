//! Faults that are put in to see that the fields find them. A harness that finds nothing is worth nothing.
//!
//! Some are done to phones and server from outside; those inside the protocol ([`samla_wire::planted`]) are compiled only with
//! this crate's feature `planted`. Each is one that such software has had.

use samla_wire::planted::Fault;

use crate::anew::Anew;
use crate::field::Field;
use crate::seeds::play_one;

/// A fault that no server or phone may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// The server says "saved", and then loses what it said it had saved.
    AckBeforeCommit,
    /// The server leaves an entry out of a page.
    EntryLeftOut,
    /// The server gives two entries in the wrong order.
    EntriesSwapped,
    /// A phone forgets its waiting edits when it is killed.
    OutboxForgotten,
    /// A phone says "saved" before it is so, and is killed.
    SavedTooLate,
    /// A phone sends an envelope before it has kept that its number is used, and is killed.
    NumberedAfterSending,
    /// A fault inside the protocol.
    Inside(Fault),
}

impl Plant {
    /// Those that this program can put in.
    pub fn possible() -> impl Iterator<Item = Self> {
        let inside = if cfg!(feature = "planted") { &Self::INSIDE[..] } else { &[] };
        Self::FROM_OUTSIDE.iter().chain(inside).copied()
    }

    /// Those that need no other program.
    pub const FROM_OUTSIDE: [Self; 6] = [
        Self::AckBeforeCommit,
        Self::EntryLeftOut,
        Self::EntriesSwapped,
        Self::OutboxForgotten,
        Self::SavedTooLate,
        Self::NumberedAfterSending,
    ];

    /// Those inside the protocol.
    pub const INSIDE: [Self; 8] = [
        Self::Inside(Fault::SkippedThenSealed),
        Self::Inside(Fault::InvitesNotCovered),
        Self::Inside(Fault::WishForgotten),
        Self::Inside(Fault::CarriedFromHeads),
        Self::Inside(Fault::CarriedOnTop),
        Self::Inside(Fault::WrapsKept),
        Self::Inside(Fault::AuthorNotBound),
        Self::Inside(Fault::HeadNotCompared),
    ];

    /// Plays the field that this fault would show in.
    fn play(self, seed: u64) -> Result<(), String> {
        match self {
            Self::NumberedAfterSending => Anew::play(seed, Some(self)).map(|_| ()),
            Self::Inside(fault) if fault != Fault::AuthorNotBound => Anew::play(seed, Some(self)).map(|_| ()),
            _ => Field::play(seed, Some(self)).map(|_| ()),
        }
    }
}

/// Plays fields with this fault until one does not hold, at most so many. Returns its number and the first line of what it says.
///
/// Faults inside the protocol are planted for the whole process.
pub fn find(plant: Plant, most: u64) -> Option<(u64, String)> {
    #[cfg(feature = "planted")]
    if let Plant::Inside(fault) = plant {
        samla_wire::planted::plant(Some(fault));
    }
    let found = (0..most).find_map(|seed| play_one(seed, |seed| plant.play(seed)).err().map(|why| (seed, why)));
    #[cfg(feature = "planted")]
    samla_wire::planted::plant(None);
    found.map(|(seed, why)| (seed, why.lines().next().unwrap_or_default().to_owned()))
}
