//! Bases: what every shard of an epoch's document begins with, one change each.
//!
//! **The first** is the empty register that every device derives for itself. All shards begin with the same change, which
//! makes a map for every table, those that a later version will fill among them. Its bytes are a function of the rule set
//! alone: author `H("samla/1/baseactor", "rules 1")[0..16]`, sequence 1, time 0, tables in the order of [`TABLES`].
//!
//! **A later one** holds the register as its founder shows it: the same tables, then each row with its fields, by author
//! `H("samla/1/baseactor", book ‖ epoch)[0..16]`. Nothing else is in it: no history, no removed rows, no name of who wrote
//! what. Whoever receives one checks it ([`crate::validate::judge_base`]) before anything else is believed.

use std::num::NonZeroU64;
use std::sync::LazyLock;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Automerge, Change, ObjType, ScalarValue};
use samla_wire::BookId;
use samla_wire::ids::labelled_hash;
pub use samla_wire::roster::{RULES, SHARDS};

use super::edit::scalar;
use super::{DocumentError, spell};
use crate::ids::RowId;
use crate::tables::{LIVE, Table, Value};

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
    // A book has many shards, and all begin so.
    static FIRST: LazyLock<Option<Automerge>> = LazyLock::new(|| {
        let hash = labelled_hash("samla/1/baseactor", &[b"rules 1"]);
        let (change, _) = found(hash.first_chunk()?, &[]).ok()?;
        open(&change).ok()
    });
    FIRST.clone().ok_or(DocumentError::Damaged)
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
    /// The fields of a newer version that hold a floating-point number.
    pub numbers: Vec<(String, f64)>,
}

/// The author of a later epoch's base.
pub fn actor(book: &BookId, epoch: u32) -> [u8; 16] {
    let hash = labelled_hash("samla/1/baseactor", &[&book.0, &epoch.to_be_bytes()]);
    *hash.first_chunk::<16>().expect("32 bytes")
}

/// One shard of a later epoch's base with these rows, as the bytes of its one change and that change's hash.
///
/// The change is spelled out operation by operation: a document that is written to keeps an order that nobody needs here.
pub fn found(actor: &[u8; 16], rows: &[BaseRow]) -> Result<(Vec<u8>, [u8; 32]), DocumentError> {
    let mut change = First { actor: ActorId::from(actor.as_slice()), ops: Vec::new() };
    let containers = TABLES.map(|name| (name, change.put(ObjectId::Root, name, OpType::Make(ObjType::Map))));
    for row in rows {
        let container = containers.iter().find(|(name, _)| *name == row.table.name());
        let (_, container) = container.ok_or(DocumentError::Damaged)?;
        let object = change.put(container.clone(), &row.id.to_string(), OpType::Make(ObjType::Map));
        for (field, value) in &row.fields {
            change.put(object.clone(), field, OpType::Put(scalar(value)));
        }
        for (field, number) in &row.numbers {
            change.put(object.clone(), field, OpType::Put(ScalarValue::F64(*number)));
        }
        change.put(object, LIVE, OpType::Put(ScalarValue::Int(1)));
    }
    let change = spell::change(change.actor, (1, NonZeroU64::MIN), 0, Vec::new(), change.ops);
    Ok((change.raw_bytes().to_vec(), change.hash().0))
}

/// The one change of a base while it is spelled out; nothing was there before it.
struct First {
    actor: ActorId,
    ops: Vec<Op>,
}

impl First {
    /// Adds an operation, and returns the object that it makes if it makes one.
    fn put(&mut self, obj: ObjectId, key: &str, action: OpType) -> ObjectId {
        self.ops.push(Op { action, obj, key: Key::Map(key.into()), pred: SortedVec::new(), insert: false });
        ObjectId::Id(OpId::new(self.ops.len() as u64, &self.actor))
    }
}

/// The document that this one change of a checked base begins.
pub(super) fn open(change: &[u8]) -> Result<Automerge, DocumentError> {
    let change = Change::try_from(change).map_err(DocumentError::Change)?;
    let mut doc = Automerge::new();
    doc.apply_changes([change])?;
    Ok(doc)
}
