//! The roster: who is in the book and what each may do, as a chain of signed ops from the genesis.
//!
//! A roster envelope's body is canonical CBOR `{0 rseq, 1 rprev, 2 op, 3 fields}` in clear. `rseq` counts from 1, the
//! genesis; `rprev` is the entry id of the roster envelope before. Within an epoch rights only grow (invariant E), so
//! an envelope that was valid when it was made stays valid until the next epoch op.

mod epoch;
mod op;
mod state;
#[cfg(test)]
mod tests;

pub use epoch::{Former, members_digest};
pub use op::{
    Admit, BasePart, Deny, Epoch, Genesis, Invite, InviteMode, Join, Leave, Newcomer, Raise, Reason, RecoveryAdd,
    RecoveryKey, RecoveryRetire, Role, RosterBody, RosterOp, Uninvite, join_message,
};
pub use state::{Member, OpenInvite, Pending, Roster, RosterError};

/// The rule set that this version writes and judges by.
pub const RULES: u16 = 1;
/// Shards of a book under this rule set.
pub const SHARDS: u16 = 16;
