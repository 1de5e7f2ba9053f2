//! Faults that the test world plants in the protocol, to see that it would find them.
//!
//! Without the feature `planted`, which only `cargo xtask test` and `cargo xtask sim --planted` ask for, [`is_planted`] is false
//! for the compiler, and a delivered program holds nothing of it.

/// A fault that protocols of this kind have had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// Who founds an epoch skips a colleague's newest entry, and does not name it.
    SkippedThenSealed = 1,
    /// A new key goes to the members and not to the open invitations.
    InvitesNotCovered,
    /// A wish for an epoch is forgotten when the phone stops.
    WishForgotten,
    /// At a new epoch only what was never sealed is carried over, and not what the base lacks.
    CarriedFromHeads,
    /// An edit that is carried over is written on top of whatever is there.
    CarriedOnTop,
    /// The server keeps the wraps of the epoch before.
    WrapsKept,
    /// A change may name another author than its envelope.
    AuthorNotBound,
    /// An epoch is taken wherever the log ends.
    HeadNotCompared,
}

#[cfg(feature = "planted")]
mod inner {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Fault;

    static PLANTED: AtomicU8 = AtomicU8::new(0);

    /// Plants a fault in this process, or none.
    pub fn plant(fault: Option<Fault>) {
        PLANTED.store(fault.map_or(0, |fault| fault as u8), Ordering::SeqCst);
    }

    /// Is this fault planted?
    pub fn is_planted(fault: Fault) -> bool {
        PLANTED.load(Ordering::Relaxed) == fault as u8
    }
}

#[cfg(feature = "planted")]
pub use inner::{is_planted, plant};

/// Is this fault planted? Never.
#[cfg(not(feature = "planted"))]
pub const fn is_planted(_: Fault) -> bool {
    false
}
