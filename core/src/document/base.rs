//! The first base: the empty register that every device derives for itself.
//!
//! A shard begins with one change that makes a map for every table, those that a later version will fill among them, so
//! that a book founded today needs no new rule set for them. Its bytes are a function of the rule set alone, so
//! nothing has to be sent: author `H("samla/1/baseactor", "rules 1")[0..16]`, sequence 1, time 0, tables in their
//! order. All shards begin with the same change. A frozen vector holds its hash.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjType, ROOT};
use samla_wire::ids::labelled_hash;

use super::DocumentError;
use crate::tables::Table;

/// The rule set that this version writes and judges by.
pub const RULES: u16 = 1;
/// Shards of a new book.
pub const SHARDS: u16 = 16;

/// Tables of rule set 1 that this version does not read. What a newer version writes there is let in and kept.
pub const LATER: [&str; 13] = [
    "answers",
    "calendar",
    "checks",
    "conflicts",
    "goals",
    "guides",
    "imports",
    "metrics",
    "polls",
    "raises",
    "readings",
    "reasons",
    "topics",
];

/// The names of all tables of rule set 1, in the order in which the base makes them.
pub fn tables() -> impl Iterator<Item = &'static str> {
    Table::ALL.into_iter().map(Table::name).chain(LATER)
}

/// An automerge document that holds the empty register.
pub fn first() -> Result<Automerge, DocumentError> {
    let hash = labelled_hash("samla/1/baseactor", &[b"rules 1"]);
    let mut doc = Automerge::new().with_actor(ActorId::from(hash.first_chunk::<16>().expect("32 bytes").as_slice()));
    let mut tx = doc.transaction();
    for name in tables() {
        tx.put_object(ROOT, name, ObjType::Map)?;
    }
    tx.commit_with(CommitOptions::default().with_time(0));
    Ok(doc)
}
