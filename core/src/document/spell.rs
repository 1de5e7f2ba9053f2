//! Many writes at once, spelled out as changes and applied together.
//!
//! A transaction puts every operation into its document on its own, and each time whatever stands behind it moves. Here the
//! operations are only written down, with what automerge would find in the document for each, and the finished changes are
//! applied like changes from elsewhere: all that they make anew goes in at once. The rules are those of automerge's own
//! transactions (`TransactionInner`, `OpsFound::resolve_action`): a value that is a key's only one is not written again; where
//! it leads others, those are deleted.

use std::collections::HashMap;
use std::num::NonZeroU64;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{
    ActorId, Automerge, AutomergeError, Change, ChangeHash, ExpandedChange, ObjId, ObjType, ReadDoc, ScalarValue,
    Value as DocValue,
};

use super::edit::Edit;

/// What a key of an object shows: the operation that wrote it, and what it wrote.
type Shown = (ObjId, DocValue<'static>);

/// Changes that are being spelled out, one after another, on top of a document.
pub(super) struct Spelling<'a> {
    doc: &'a Automerge,
    /// The number of the next change among this device's.
    seq: u64,
    deps: Vec<ChangeHash>,
    /// The operations of the next change, and the counter of the first of them.
    ops: Vec<Op>,
    start_op: u64,
    /// What the fields of the rows show that were read or made here.
    rows: HashMap<ObjId, HashMap<String, Vec<Shown>>>,
    /// What the names in a table show that were written here.
    names: HashMap<(ObjId, String), Vec<Shown>>,
}

impl<'a> Spelling<'a> {
    /// Begins on top of a document, of whose changes this is the newest of this device, with its number.
    pub(super) fn new(doc: &'a Automerge, newest: Option<(u64, ChangeHash)>) -> Self {
        let mut deps = doc.get_heads();
        let max_op = |hash| doc.get_change_meta_by_hash(hash).map(|meta| meta.max_op);
        let start_op = deps.iter().filter_map(max_op).max().unwrap_or(0) + 1;
        deps.extend(newest.map(|(_, hash)| hash).filter(|hash| !deps.contains(hash)));
        let seq = newest.map_or(0, |(seq, _)| seq) + 1;
        Self { doc, seq, deps, ops: Vec::new(), start_op, rows: HashMap::new(), names: HashMap::new() }
    }

    /// Makes a change of the operations since the last one; none if there are none.
    pub(super) fn change(&mut self, millis: i64) -> Option<Change> {
        let operations = std::mem::take(&mut self.ops);
        let start_op = NonZeroU64::new(self.start_op)?;
        if operations.is_empty() {
            return None;
        }
        self.start_op += operations.len() as u64;
        let mut deps = std::mem::take(&mut self.deps);
        deps.sort_unstable();
        let change = change(self.actor().clone(), (self.seq, start_op), millis, deps, operations);
        self.deps.push(change.hash());
        self.seq += 1;
        Some(change)
    }

    fn actor(&self) -> &ActorId {
        self.doc.get_actor()
    }

    /// What a name of a table shows.
    fn named(&self, table: &ObjId, name: &str) -> Result<Vec<Shown>, AutomergeError> {
        match self.names.get(&(table.clone(), name.to_owned())) {
            Some(shown) => Ok(shown.clone()),
            None => self.in_document(table, name),
        }
    }

    /// The fields of a row. It is read in one go: most of what a write asks for stands side by side.
    fn fields(&mut self, row: &ObjId) -> Result<&mut HashMap<String, Vec<Shown>>, AutomergeError> {
        if !self.rows.contains_key(row) {
            let mut fields = HashMap::new();
            for item in self.doc.map_range(row, ..) {
                let key = item.key.to_string();
                let shown = match item.conflict {
                    true => self.in_document(row, &key)?,
                    false => vec![(item.id(), item.value.into_value())],
                };
                fields.insert(key, shown);
            }
            self.rows.insert(row.clone(), fields);
        }
        Ok(self.rows.entry(row.clone()).or_default())
    }

    fn shown(&mut self, row: &ObjId, field: &str) -> Result<Vec<Shown>, AutomergeError> {
        Ok(self.fields(row)?.get(field).cloned().unwrap_or_default())
    }

    fn in_document(&self, object: &ObjId, key: &str) -> Result<Vec<Shown>, AutomergeError> {
        Ok(self.doc.get_all(object, key)?.into_iter().map(|(value, op)| (op, value.into_owned())).collect())
    }

    /// Spells one operation that replaces what it names.
    fn spell(&mut self, object: &ObjId, key: &str, action: OpType, replaces: &[Shown]) -> ObjId {
        let counter = self.start_op + self.ops.len() as u64;
        let obj = op_id(object).map_or(ObjectId::Root, ObjectId::Id);
        let pred = replaces.iter().filter_map(|(op, _)| op_id(op)).collect();
        self.ops.push(Op { action, obj, key: Key::Map(key.into()), pred, insert: false });
        ObjId::Id(counter, self.actor().clone(), 0)
    }

    fn now_shows(&mut self, row: &ObjId, field: &str, shown: Vec<Shown>) {
        self.rows.entry(row.clone()).or_default().insert(field.to_owned(), shown);
    }
}

impl Edit for Spelling<'_> {
    fn row(&self, table: &ObjId, name: &str) -> Result<Option<ObjId>, AutomergeError> {
        let row = self.named(table, name)?.pop();
        Ok(row.and_then(|(row, value)| (value == DocValue::Object(ObjType::Map)).then_some(row)))
    }

    fn make_row(&mut self, table: &ObjId, name: &str) -> Result<ObjId, AutomergeError> {
        let before = self.named(table, name)?;
        let row = self.spell(table, name, OpType::Make(ObjType::Map), &before);
        let shown = vec![(row.clone(), DocValue::Object(ObjType::Map))];
        self.names.insert((table.clone(), name.to_owned()), shown);
        // It is not in the document, where nothing is to be read of it.
        self.rows.insert(row.clone(), HashMap::new());
        Ok(row)
    }

    fn answers(&mut self, row: &ObjId, field: &str) -> Result<Vec<ScalarValue>, AutomergeError> {
        let shown = self.shown(row, field)?.into_iter();
        Ok(shown.filter_map(|(_, value)| value.as_scalar().cloned()).collect())
    }

    fn put(&mut self, row: &ObjId, field: &str, value: ScalarValue) -> Result<(), AutomergeError> {
        let mut shown = self.shown(row, field)?;
        match shown.pop_if(|(_, leading)| leading.as_scalar() == Some(&value)) {
            Some(_) if shown.is_empty() => return Ok(()),
            Some(leading) => {
                self.spell(row, field, OpType::Delete, &shown);
                self.now_shows(row, field, vec![leading]);
            }
            None => {
                let op = self.spell(row, field, OpType::Put(value.clone()), &shown);
                self.now_shows(row, field, vec![(op, value.into())]);
            }
        }
        Ok(())
    }

    fn delete(&mut self, row: &ObjId, field: &str) -> Result<(), AutomergeError> {
        let shown = self.shown(row, field)?;
        if !shown.is_empty() {
            self.spell(row, field, OpType::Delete, &shown);
            self.now_shows(row, field, Vec::new());
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.ops.len()
    }
}

/// The change of these operations: `place` is its number among its author's and the counter of its first operation.
pub(super) fn change(
    actor_id: ActorId,
    place: (u64, NonZeroU64),
    millis: i64,
    deps: Vec<ChangeHash>,
    operations: Vec<Op>,
) -> Change {
    let (seq, start_op) = place;
    Change::from(ExpandedChange {
        operations,
        actor_id,
        hash: None,
        seq,
        start_op,
        time: millis,
        message: None,
        deps,
        extra_bytes: Vec::new(),
        author: None,
    })
}

fn op_id(op: &ObjId) -> Option<OpId> {
    match op {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpId::new(*counter, actor)),
    }
}
