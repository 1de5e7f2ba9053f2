//! Bases: what every shard of an epoch's document begins with, one change each.
//!
//! **The first** is the empty register that every device derives for itself. A shard begins with one change that makes a map for every table, those that a later version will fill among them, so
//! that a book founded today needs no new rule set for them. Its bytes are a function of the rule set alone, so
//! nothing has to be sent: author `H("samla/1/baseactor", "rules 1")[0..16]`, sequence 1, time 0, tables in the order of
//! [`TABLES`]. All shards begin with the same change. A frozen vector holds its hash.
//!
//! **A later one** holds the register as its founder shows it: the same tables, then each row with its fields, by author
//! `H("samla/1/baseactor", book ‖ epoch)[0..16]`. Nothing else is in it: no history, no removed rows, no name of who wrote
//! what. Whoever receives one checks it ([`crate::validate::judge_base`]) before anything else is believed.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjType, ROOT, ReadDoc};
use samla_wire::BookId;
use samla_wire::ids::labelled_hash;

use super::DocumentError;
use crate::ids::RowId;
use crate::tables::{LIVE, Table, Value};

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

/// A row as a base holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseRow {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// The fields that have a value.
    pub fields: Vec<(String, Value)>,
}

/// The author of a later epoch's base.
pub fn actor(book: &BookId, epoch: u32) -> [u8; 16] {
    let hash = labelled_hash("samla/1/baseactor", &[&book.0, &epoch.to_be_bytes()]);
    *hash.first_chunk::<16>().expect("32 bytes")
}

/// One shard of a later epoch's base with these rows, as the bytes of its one change and that change's hash.
pub fn found(actor: &[u8; 16], rows: &[BaseRow]) -> Result<(Vec<u8>, [u8; 32]), DocumentError> {
    let mut doc = Automerge::new().with_actor(ActorId::from(actor.as_slice()));
    let mut tx = doc.transaction();
    let mut containers = Vec::new();
    for name in TABLES {
        containers.push((name, tx.put_object(ROOT, name, ObjType::Map)?));
    }
    for row in rows {
        let container = containers.iter().find(|(name, _)| *name == row.table.name());
        let (_, container) = container.ok_or(DocumentError::Damaged)?;
        let object = tx.put_object(container, row.id.to_string(), ObjType::Map)?;
        for (field, value) in &row.fields {
            match value {
                Value::Text(text) => tx.put(&object, field.as_str(), text.as_str())?,
                Value::Int(number) => tx.put(&object, field.as_str(), *number)?,
                Value::Bool(yes) => tx.put(&object, field.as_str(), *yes)?,
            }
        }
        tx.put(&object, LIVE, 1)?;
    }
    let (hash, _) = tx.commit_with(CommitOptions::default().with_time(0));
    let hash = hash.ok_or(DocumentError::Damaged)?;
    let change = doc.get_change_by_hash(&hash).ok_or(DocumentError::Damaged)?;
    Ok((change.raw_bytes().to_vec(), hash.0))
}

/// The document that this one change of a checked base begins.
pub(super) fn open(change: &[u8]) -> Result<Automerge, DocumentError> {
    let change = Change::try_from(change).map_err(DocumentError::Change)?;
    let mut doc = Automerge::new();
    doc.apply_changes([change])?;
    Ok(doc)
}
