//! What travels between phones and server, and everything a server may know.
//!
//! On the way of a tap this crate is the road between two seals: the [`Envelope`] that a phone signs, the
//! [log](chain) that a server puts it in, the [`Roster`] that says who may write, the [rules] R1–R7 that
//! both sides apply with the same code, and the [requests and answers](http) that carry it all.
//!
//! What always holds: nothing here can open an envelope, nothing reads a clock, and no input from outside panics.
//! The specification in prose is `core/docs/wire.md`.

mod cbor;
pub mod chain;
pub mod envelope;
pub mod http;
pub mod ids;
pub mod limits;
pub mod planted;
pub mod problem;
pub mod roster;
pub mod rules;

pub use cbor::{CborError, from_canonical, to_cbor};
pub use chain::Head;
pub use envelope::{Envelope, EnvelopeError, Header, Kind};
pub use ids::{BookId, DeviceId, EntryId, InviteId, KeyCommit, LogHash, WrapHash};
pub use problem::{Code, Problem};
pub use roster::{Member, Role, Roster, RosterBody, RosterOp};
pub use rules::{Accepted, LogState, Past, Rejection};
