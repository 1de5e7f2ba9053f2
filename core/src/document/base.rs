//! The first base: the empty register that every device derives for itself.
//!
//! A shard begins with one change that makes a map for every table, those that a later version will fill among them, so
//! that a book founded today needs no new rule set for them. Its bytes are a function of the rule set alone, so
//! nothing has to be sent: author `H("samla/1/baseactor", "rules 1")[0..16]`, sequence 1, time 0, tables in the order of
//! [`TABLES`]. All shards begin with the same change. A frozen vector holds its hash.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjType, ROOT};
use samla_wire::ids::labelled_hash;

use super::DocumentError;

/// The rule set that this version writes and judges by.
pub const RULES: u16 = 1;
/// Shards of a new book.
pub const SHARDS: u16 = 16;

/// The tables of rule set 1, in the order in which the base makes them. Frozen with the rule set: a version that reads
/// more of them changes nothing here. What a newer version writes into a table that this one does not read is let in and
/// kept.
pub const TABLES: [&str; 30] = [
    "answers",
    "attendance",
    "calendar",
    "campaigns",
    "checks",
    "conflicts",
    "consents",
    "contacts",
    "devices",
    "follow_ups",
    "goals",
    "guides",
    "imports",
    "links",
    "materials",
    "memberships",
    "metrics",
    "moves",
    "people",
    "polls",
    "raises",
    "readings",
    "reasons",
    "settings",
    "shifts",
    "talks",
    "tallies",
    "topics",
    "visits",
    "workplaces",
];

/// An automerge document that holds the empty register.
pub fn first() -> Result<Automerge, DocumentError> {
    let hash = labelled_hash("samla/1/baseactor", &[b"rules 1"]);
    let mut doc = Automerge::new().with_actor(ActorId::from(hash.first_chunk::<16>().expect("32 bytes").as_slice()));
    let mut tx = doc.transaction();
    for name in TABLES {
        tx.put_object(ROOT, name, ObjType::Map)?;
    }
    tx.commit_with(CommitOptions::default().with_time(0));
    Ok(doc)
}
