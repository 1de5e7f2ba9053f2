//! One shard: an automerge document, what was accepted but not yet applied ([`Ahead`]), and which own changes have no
//! place in the log yet ([`Unplaced`]).
//!
//! Changes from elsewhere, and many of this device's own, are applied in batches, because automerge's cost for one change
//! grows with the document and hardly with the batch.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::CommitOptions;
use automerge::{ActorId, Automerge, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, Value as DocValue, ValueRef};

use super::change::{Action, Container, Decoded, DecodedOp, OpRef, Target};
use super::columns::Limits;
use super::edit::write_row;
use super::place::{Ahead, Place, Written};
use super::spell::Spelling;
use super::unplaced::Unplaced;
use super::{Carried, DocumentError, Numbers, Outside, Removal, Touched, Write, base, carried, read};
use crate::ids::RowId;
use crate::tables::{FieldPath, RowState, Table, Value};

/// Changes from elsewhere that are applied at once: more costs memory, fewer cost time.
const BATCH: usize = 1_000;

/// Changes of this device, of many rows each, that are applied at once. Within a batch automerge goes from the oldest row to
/// the newest, so that only small ones keep to the [order](super::Document::order_of_writing) in which little is moved.
const OWN_BATCH: usize = 4;

/// Operations after which it is worth the time to leave behind what applying them has reserved.
const MANY: usize = 1_000;

/// Writes that go through a transaction, so that a single tap does not wait for what applying a change costs.
const FEW: usize = 8;

pub(super) struct Shard {
    doc: Automerge,
    containers: BTreeMap<Container, ObjId>,
    container_refs: HashMap<OpRef, Container>,
    /// The newest change of each author, and its number among theirs.
    newest: HashMap<Vec<u8>, (u64, ChangeHash)>,
    ahead: Ahead,
    unplaced: Unplaced,
    /// The rules are told of what has no place in the log too.
    loosely: bool,
    /// Operations applied since the document was made or cloned.
    applied: usize,
}

/// A change that is newer than the kept copy of its shard.
pub(super) struct Newer {
    pub(super) bytes: Vec<u8>,
    /// Does it have its place in the log?
    pub(super) placed: bool,
}

impl Shard {
    /// An empty shard.
    pub(super) fn first(actor: ActorId) -> Result<Self, DocumentError> {
        Self::around(base::first()?, actor)
    }

    /// A shard as a later epoch begins it.
    pub(super) fn found(change: &[u8], actor: ActorId) -> Result<Self, DocumentError> {
        Self::around(base::open(change)?, actor)
    }

    /// A shard from its kept copy.
    pub(super) fn load(bytes: &[u8], actor: ActorId) -> Result<Self, DocumentError> {
        // The copy is this device's own and authenticated: checking every hash again would only cost time.
        let doc = Automerge::load_unverified_heads(bytes).map_err(|_| DocumentError::Damaged)?;
        Self::around(doc, actor)
    }

    fn around(mut doc: Automerge, actor: ActorId) -> Result<Self, DocumentError> {
        doc.set_actor(actor);
        let mut containers = BTreeMap::new();
        let mut container_refs = HashMap::new();
        // One walk over the root: a search for each table, in each of a book's many shards, is most of what opening costs.
        for item in doc.map_range(ROOT, ..) {
            let Some(index) = base::TABLES.iter().position(|name| *name == item.key) else { continue };
            let container = item.key.parse().map_or(Container::Later(index), Container::Table);
            let (ValueRef::Object(ObjType::Map), object) = (&item.value, item.id()) else { continue };
            container_refs.insert(op_ref(&object).ok_or(DocumentError::Damaged)?, container);
            containers.insert(container, object);
        }
        if containers.len() != base::TABLES.len() {
            return Err(DocumentError::Damaged);
        }
        let mut newest = HashMap::new();
        for meta in doc.get_changes_meta(&[]) {
            note(&mut newest, meta.actor.to_bytes(), meta.seq, meta.hash);
        }
        let (ahead, unplaced) = (Ahead::default(), Unplaced::default());
        Ok(Self { doc, containers, container_refs, newest, ahead, unplaced, loosely: false, applied: 0 })
    }

    /// Applies changes that were accepted before, and returns the rows they touched.
    pub(super) fn replay(&mut self, changes: &[Newer]) -> Result<Touched, DocumentError> {
        let mut touched = Touched::new();
        for Newer { bytes, placed } in changes {
            let Some(change) = Decoded::read(bytes, Limits::NONE)? else { continue };
            if !placed {
                self.unplaced.add(&change.change);
            }
            if self.holds(&change.hash) {
                // The kept copy has it already; its rows may still be newer than the kept read model.
                touched.extend(self.rows_of(&change));
                continue;
            }
            for (index, op) in change.ops.iter().enumerate() {
                if let Some((container, id)) = self.made_row(op) {
                    self.ahead.note_row(change.op_ref(index), container, id);
                }
            }
            self.ahead.note_change(change);
        }
        touched.append(&mut self.flush()?);
        Ok(touched)
    }

    /// Writes commands, each as a change of its own: none for one that changes nothing.
    ///
    /// On an error the shard may hold some of them, and has to be loaded anew.
    pub(super) fn write(&mut self, commands: &[&[Write]], millis: i64) -> Result<Vec<Option<Vec<u8>>>, DocumentError> {
        let few = commands.iter().map(|writes| writes.len()).sum::<usize>() <= FEW;
        let changes = if few { self.transact(commands, millis)? } else { self.spell(commands, millis)? };
        self.note_own(&changes);
        Ok(changes.into_iter().map(|change| Some(change?.raw_bytes().to_vec())).collect())
    }

    /// These were written on this device.
    fn note_own(&mut self, changes: &[Option<Change>]) {
        for change in changes.iter().flatten() {
            note(&mut self.newest, change.actor_id().to_bytes(), change.seq(), change.hash());
            self.unplaced.add(change);
        }
    }

    fn transact(&mut self, commands: &[&[Write]], millis: i64) -> Result<Vec<Option<Change>>, DocumentError> {
        let mut changes = Vec::with_capacity(commands.len());
        for writes in commands {
            let mut tx = self.doc.transaction();
            if let Err(error) = writes.iter().try_for_each(|write| write_row(&mut tx, &self.containers, write)) {
                tx.rollback();
                return Err(error);
            }
            let (hash, _) = tx.commit_with(CommitOptions::default().with_time(millis));
            changes.push(hash.and_then(|hash| self.doc.get_change_by_hash(&hash)));
        }
        Ok(changes)
    }

    fn spell(&mut self, commands: &[&[Write]], millis: i64) -> Result<Vec<Option<Change>>, DocumentError> {
        let newest = self.newest.get(self.doc.get_actor().to_bytes()).copied();
        let mut spelling = Spelling::new(&self.doc, newest);
        let mut changes = Vec::with_capacity(commands.len());
        for writes in commands {
            writes.iter().try_for_each(|write| write_row(&mut spelling, &self.containers, write))?;
            changes.push(spelling.change(millis));
        }
        self.apply(changes.iter().flatten().cloned(), OWN_BATCH)?;
        Ok(changes)
    }

    /// Applies changes in batches.
    fn apply(&mut self, changes: impl Iterator<Item = Change>, batch: usize) -> Result<(), DocumentError> {
        let mut changes = changes.peekable();
        while changes.peek().is_some() {
            let batch: Vec<_> = changes.by_ref().take(batch).collect();
            self.applied += batch.iter().map(Change::len).sum::<usize>();
            let doc = &mut self.doc;
            catch_unwind(AssertUnwindSafe(|| doc.apply_changes(batch))).map_err(|_| DocumentError::Panicked)??;
        }
        if self.applied >= MANY {
            // A clone leaves behind what applying batches has reserved.
            self.doc = self.doc.clone();
            self.applied = 0;
        }
        if self.doc.get_missing_deps(&[]).is_empty() { Ok(()) } else { Err(DocumentError::MissingDependency) }
    }

    pub(super) fn accept(&mut self, ahead: Ahead) {
        self.ahead.take_in(ahead);
    }

    pub(super) fn note_unplaced(&mut self, ahead: &Ahead) {
        ahead.changes.iter().for_each(|change| self.unplaced.add(&change.change));
    }

    pub(super) fn judge_loosely(&mut self, loosely: bool) {
        self.loosely = loosely;
    }

    /// The changes that the rules are not told of.
    fn hidden(&self) -> Option<&Unplaced> {
        (!self.loosely).then_some(&self.unplaced)
    }

    /// Own changes have their place in the log.
    pub(super) fn place(&mut self, ahead: &Ahead) {
        ahead.hashes().for_each(|hash| self.unplaced.remove(hash));
    }

    /// How many operations were accepted and not yet applied.
    pub(super) fn waiting(&self) -> usize {
        self.ahead.changes.iter().map(|change| change.len).sum()
    }

    /// Is this change applied, or about to be?
    fn holds(&self, hash: &[u8; 32]) -> bool {
        self.ahead.max_ops.contains_key(hash) || self.doc.get_change_meta_by_hash(&ChangeHash(*hash)).is_some()
    }

    /// Applies what was accepted, in batches, and returns the rows it touched.
    pub(super) fn flush(&mut self) -> Result<Touched, DocumentError> {
        if self.ahead.changes.is_empty() {
            return Ok(Touched::new());
        }
        let touched: Touched = self.ahead.changes.iter().flat_map(|change| self.rows_of(change)).collect();
        let accepted = std::mem::take(&mut self.ahead).changes;
        let of = |change: &Decoded| (change.actor.clone(), change.seq, ChangeHash(change.hash));
        let newest: Vec<_> = accepted.iter().map(of).collect();
        self.apply(accepted.into_iter().map(|change| change.change), BATCH)?;
        newest.into_iter().for_each(|(actor, seq, hash)| note(&mut self.newest, &actor, seq, hash));
        Ok(touched)
    }

    /// The row that an operation makes.
    fn made_row(&self, op: &DecodedOp) -> Option<(Container, RowId)> {
        let Target::Object(target) = &op.target else { return None };
        let id = op.key.as_ref()?.parse().ok()?;
        (op.action == Action::MakeMap).then_some((self.container(target)?, id))
    }

    /// The rows that a change makes, of tables that this version reads.
    pub(super) fn rows_made(&self, change: &Decoded) -> Vec<(Table, RowId)> {
        let made = change.ops.iter().filter_map(|op| self.made_row(op));
        made.filter_map(|(container, id)| match container {
            Container::Table(table) => Some((table, id)),
            Container::Later(_) => None,
        })
        .collect()
    }

    /// The rows that a change touches, of tables that this version reads.
    pub(super) fn rows_of(&self, change: &Decoded) -> Vec<(Table, RowId)> {
        let mut rows = Vec::new();
        let mut last: Option<&OpRef> = None;
        for op in &change.ops {
            let Target::Object(target) = &op.target else { continue };
            if last == Some(target) {
                continue;
            }
            let row = match self.container(target) {
                Some(container) => op.key.as_ref().and_then(|key| key.parse().ok()).map(|id| (container, id)),
                None => {
                    last = Some(target);
                    self.ahead.rows.get(target).copied().or_else(|| self.applied_row(target))
                }
            };
            if let Some((Container::Table(table), id)) = row {
                rows.push((table, id));
            }
        }
        rows
    }

    /// The field of a row that an applied operation wrote, if this version reads the row's table.
    pub(super) fn said(&self, op: &DecodedOp) -> Option<(Table, RowId, String, Option<Value>)> {
        let (Target::Object(target), Some(field)) = (&op.target, &op.key) else { return None };
        let Some((Container::Table(table), id)) = self.applied_row(target) else { return None };
        match &op.action {
            Action::Put(value) => Some((table, id, field.clone(), value.clone())),
            Action::Delete => Some((table, id, field.clone(), None)),
            Action::MakeMap | Action::Foreign => None,
        }
    }

    pub(super) fn object(&self, container: Container, id: &RowId) -> Result<Option<ObjId>, DocumentError> {
        let Some(container) = self.containers.get(&container) else { return Ok(None) };
        Ok(match self.doc.get(container, id.to_string())? {
            Some((DocValue::Object(ObjType::Map), object)) => Some(object),
            _ => None,
        })
    }

    pub(super) fn row(&self, table: Table, id: &RowId) -> Result<Option<RowState>, DocumentError> {
        let object = self.object(Container::Table(table), id)?;
        object.map(|object| read::row(&self.doc, table, *id, &object)).transpose()
    }

    pub(super) fn rows(&self) -> Result<Vec<RowState>, DocumentError> {
        let mut rows = Vec::new();
        for container in self.containers.keys() {
            if let Container::Table(table) = container {
                rows.append(&mut self.rows_in(*table)?);
            }
        }
        Ok(rows)
    }

    /// The rows of one table.
    pub(super) fn rows_in(&self, table: Table) -> Result<Vec<RowState>, DocumentError> {
        let mut rows = Vec::new();
        let Some(object) = self.containers.get(&Container::Table(table)) else { return Ok(rows) };
        for item in self.doc.map_range(object, ..) {
            let (ValueRef::Object(ObjType::Map), Ok(id)) = (&item.value, item.key.parse()) else { continue };
            rows.push(read::row(&self.doc, table, id, &item.id())?);
        }
        Ok(rows)
    }

    /// The numbers that this version does not read, of tables that it reads.
    pub(super) fn numbers(&self) -> Numbers {
        let mut found = Numbers::new();
        for (container, object) in &self.containers {
            let Container::Table(table) = container else { continue };
            for item in self.doc.map_range(object, ..) {
                let (ValueRef::Object(ObjType::Map), Ok(id)) = (&item.value, item.key.parse()) else { continue };
                let numbers = read::numbers(&self.doc, &item.id());
                if !numbers.is_empty() {
                    found.insert((*table, id), numbers);
                }
            }
        }
        found
    }

    /// How many of these rows were not there for whoever wrote a field. What a base says was written with all in sight.
    pub(super) fn unseen_at(&self, path: &FieldPath, rows: &[(Table, RowId)]) -> Result<usize, DocumentError> {
        let Some(object) = self.object(Container::Table(path.table), &path.id)? else { return Ok(0) };
        let written = self.doc.get(&object, path.field.as_str())?.and_then(|(_, op)| self.doc.hash_for_opid(&op));
        let change = written.and_then(|hash| self.doc.get_change_by_hash(&hash));
        let Some(change) = change.filter(|change| !change.deps().is_empty()) else { return Ok(0) };
        let mut unseen = 0;
        for (table, id) in rows {
            let Some(object) = self.object(Container::Table(*table), id)? else { continue };
            let seen = read::row_at(&self.doc, *table, *id, &object, change.deps())?;
            unseen += usize::from(seen.is_none());
        }
        Ok(unseen)
    }

    pub(super) fn removals(&self) -> Result<Vec<Removal>, DocumentError> {
        let mut removals = Vec::new();
        for (container, object) in &self.containers {
            let Container::Table(table) = container else { continue };
            for item in self.doc.map_range(object, ..) {
                let Ok(id) = item.key.parse() else { continue };
                if let Some((device, at)) = read::removal(&self.doc, &item.id())? {
                    removals.push(Removal { table: *table, id, device, at });
                }
            }
        }
        Ok(removals)
    }

    pub(super) fn carried(&self, outside: &Outside) -> Result<Vec<Carried>, DocumentError> {
        carried::carried(self, outside)
    }

    pub(super) fn doc(&self) -> &Automerge {
        &self.doc
    }

    pub(super) fn save(&self) -> Vec<u8> {
        self.doc.save()
    }

    pub(super) fn heads(&self) -> Vec<[u8; 32]> {
        self.doc.get_heads().into_iter().map(|hash| hash.0).collect()
    }

    /// The row that an object of the document is, whoever made it.
    fn applied_row(&self, object: &OpRef) -> Option<(Container, RowId)> {
        // A row is an object whose parent is a container, which is directly below the root.
        let mut parents = self.doc.parents(self.object_id(object)).ok()?;
        let parent = parents.next()?;
        let container = self.container(&op_ref(&parent.obj)?)?;
        let id = match parent.prop {
            automerge::Prop::Map(key) => key.parse().ok()?,
            automerge::Prop::Seq(_) => return None,
        };
        Some((container, id))
    }

    /// Is this operation in a change that the rules are not told of?
    fn is_hidden(&self, op: &OpRef) -> bool {
        self.hidden().is_some_and(|hidden| hidden.made(op))
    }

    pub(super) fn object_id(&self, object: &OpRef) -> ObjId {
        ObjId::Id(object.counter, ActorId::from(object.actor.as_slice()), 0)
    }
}

impl Place for Shard {
    fn max_op(&self, hash: &[u8; 32]) -> Option<u64> {
        if self.hidden().is_some_and(|hidden| hidden.has(hash)) {
            return None;
        }
        let applied = || self.doc.get_change_meta_by_hash(&ChangeHash(*hash)).map(|meta| meta.max_op);
        self.ahead.max_ops.get(hash).copied().or_else(applied)
    }

    fn last_seq(&self, actor: &[u8]) -> u64 {
        let hidden = self.hidden();
        let applied =
            || hidden.and_then(|hidden| hidden.reached(actor)).or_else(|| self.newest.get(actor).map(|(seq, _)| *seq));
        self.ahead.last_seq(actor).or_else(applied).unwrap_or(0)
    }

    fn container(&self, object: &OpRef) -> Option<Container> {
        self.container_refs.get(object).copied()
    }

    fn row_at(&self, object: &OpRef) -> Option<(Container, RowId)> {
        if let Some(row) = self.ahead.rows.get(object) {
            return Some(*row);
        }
        if self.is_hidden(object) { None } else { self.applied_row(object) }
    }

    fn has_row(&self, container: Container, id: &RowId) -> bool {
        let applied = || {
            let table = self.containers.get(&container)?;
            let rows = self.doc.get_all(table, id.to_string()).ok()?;
            rows.iter().find(|(_, row)| op_ref(row).is_some_and(|row| !self.is_hidden(&row))).map(drop)
        };
        self.ahead.names.contains(&(container, *id)) || applied().is_some()
    }

    fn has_written(&self, op: &OpRef, object: &OpRef, key: &str) -> Option<bool> {
        if let Some(found) = self.ahead.op(op) {
            return Some(found.writes(object, key));
        }
        if self.is_hidden(op) {
            return Some(false);
        }
        let named = self.object_id(op);
        let shown = self.doc.get_all(self.object_id(object), key).unwrap_or_default();
        // If it is not shown it was replaced meanwhile, or by several at once.
        shown.iter().any(|(_, writer)| *writer == named).then_some(true)
    }

    fn have_written(&self, asked: &[Written]) -> bool {
        let mut changes: HashMap<ChangeHash, Vec<&Written>> = HashMap::new();
        for written in asked {
            let Some(hash) = self.doc.hash_for_opid(&self.object_id(&written.op)) else { return false };
            changes.entry(hash).or_default().push(written);
        }
        changes.into_iter().all(|(hash, of_change)| {
            let change = self.doc.get_change_by_hash(&hash);
            let read = change.and_then(|change| Decoded::read(change.raw_bytes(), Limits::NONE).ok().flatten());
            read.is_some_and(|change| {
                let writes = |w: &Written| change.op(&w.op).is_some_and(|found| found.writes(&w.object, &w.key));
                of_change.into_iter().all(writes)
            })
        })
    }
}

/// There is a change of this author with this number. It may be heard of after a later one.
fn note(newest: &mut HashMap<Vec<u8>, (u64, ChangeHash)>, actor: &[u8], seq: u64, hash: ChangeHash) {
    match newest.get_mut(actor) {
        Some(newest) if newest.0 < seq => *newest = (seq, hash),
        Some(_) => {}
        None => drop(newest.insert(actor.to_vec(), (seq, hash))),
    }
}

fn op_ref(object: &ObjId) -> Option<OpRef> {
    match object {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpRef { counter: *counter, actor: actor.to_bytes().to_vec() }),
    }
}

#[cfg(test)]
mod tests;
