//! What the rules are told of the document, and what was accepted but is not applied yet.
//!
//! Changes from elsewhere are applied in batches. Until a batch is, what it will bring (hashes, rows, each author's
//! sequence) lies in [`Ahead`], so that the rules can judge the next change as if it were there.

use std::collections::{HashMap, HashSet};

use super::change::{Container, Decoded, DecodedOp, OpRef};
use crate::ids::RowId;

/// What the rules ask of a place in the document before they let a change in: what the log has brought, and not what
/// this device has written since.
pub trait Place {
    /// The highest counter in a change and all it depends on; none if the change is not known.
    fn max_op(&self, hash: &[u8; 32]) -> Option<u64>;
    /// The newest sequence number of an author; 0 if it has none.
    fn last_seq(&self, actor: &[u8]) -> u64;
    /// The map of rows that an object is.
    fn container(&self, object: &OpRef) -> Option<Container>;
    /// The row that an object is.
    fn row_at(&self, object: &OpRef) -> Option<(Container, RowId)>;
    /// Is there a row of this name?
    fn has_row(&self, container: Container, id: &RowId) -> bool;
    /// Is there an operation of this name, and does it write this key of this object? None where that has to be
    /// [looked up](Self::have_written).
    fn has_written(&self, op: &OpRef, object: &OpRef, key: &str) -> Option<bool>;
    /// The same for many, looked up in the changes that they came with: each is taken apart once.
    fn have_written(&self, asked: &[Written]) -> bool;
}

/// An operation that is said to have written a key of an object.
#[derive(Debug)]
pub struct Written {
    /// The operation.
    pub op: OpRef,
    /// The object.
    pub object: OpRef,
    /// The key.
    pub key: String,
}

/// Changes that were judged or accepted, but not yet applied, and what they will bring.
#[derive(Debug, Default)]
pub struct Ahead {
    pub(super) changes: Vec<Decoded>,
    pub(super) max_ops: HashMap<[u8; 32], u64>,
    /// Each author's changes, by their place in `changes`.
    authors: HashMap<Vec<u8>, Vec<usize>>,
    pub(super) rows: HashMap<OpRef, (Container, RowId)>,
    pub(super) names: HashSet<(Container, RowId)>,
}

impl Ahead {
    /// A change is on its way. The rows it makes are noted one by one, as they are judged.
    pub fn note_change(&mut self, change: Decoded) {
        self.max_ops.insert(change.hash, change.max_op());
        self.authors.entry(change.actor.clone()).or_default().push(self.changes.len());
        self.changes.push(change);
    }

    /// An operation on its way makes a row.
    pub fn note_row(&mut self, made_by: OpRef, container: Container, id: RowId) {
        self.rows.insert(made_by, (container, id));
        self.names.insert((container, id));
    }

    /// The hashes of these changes.
    pub fn hashes(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.changes.iter().map(|change| &change.hash)
    }

    /// The newest moment that these changes name, in unix milliseconds by their author's clock.
    pub fn newest_millis(&self) -> Option<i64> {
        self.changes.iter().map(|change| change.millis).max()
    }

    /// How many changes these are.
    pub fn count(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn take_in(&mut self, other: Self) {
        other.changes.into_iter().for_each(|change| self.note_change(change));
        self.rows.extend(other.rows);
        self.names.extend(other.names);
    }

    /// An author's newest sequence number here.
    pub(super) fn last_seq(&self, actor: &[u8]) -> Option<u64> {
        let newest = *self.authors.get(actor)?.last()?;
        self.changes.get(newest).map(|change| change.seq)
    }

    /// An operation by its name. An author's changes lie in the order of their counters.
    pub(super) fn op(&self, name: &OpRef) -> Option<&DecodedOp> {
        let places = self.authors.get(&name.actor)?;
        let starts_before =
            |place: &usize| self.changes.get(*place).is_some_and(|change| change.start_op <= name.counter);
        let place = *places.get(places.partition_point(starts_before).checked_sub(1)?)?;
        self.changes.get(place)?.op(name)
    }
}

/// A place as it will be.
impl<P: Place> Place for (&P, &Ahead) {
    fn max_op(&self, hash: &[u8; 32]) -> Option<u64> {
        self.1.max_ops.get(hash).copied().or_else(|| self.0.max_op(hash))
    }

    fn last_seq(&self, actor: &[u8]) -> u64 {
        self.1.last_seq(actor).unwrap_or_else(|| self.0.last_seq(actor))
    }

    fn container(&self, object: &OpRef) -> Option<Container> {
        self.0.container(object)
    }

    fn row_at(&self, object: &OpRef) -> Option<(Container, RowId)> {
        self.1.rows.get(object).copied().or_else(|| self.0.row_at(object))
    }

    fn has_row(&self, container: Container, id: &RowId) -> bool {
        self.1.names.contains(&(container, *id)) || self.0.has_row(container, id)
    }

    fn has_written(&self, op: &OpRef, object: &OpRef, key: &str) -> Option<bool> {
        match self.1.op(op) {
            Some(found) => Some(found.writes(object, key)),
            None => self.0.has_written(op, object, key),
        }
    }

    fn have_written(&self, asked: &[Written]) -> bool {
        self.0.have_written(asked)
    }
}
