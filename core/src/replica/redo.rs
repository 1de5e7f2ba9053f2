//! Making edits again that the others could not take.
//!
//! An own entry can be refused though this phone did nothing wrong: a hostile member, helped by the server, may have put
//! a row of the same name in front of it. Nothing that builds on such an entry can ever enter either. So this phone takes
//! the refused edits, and its later ones in the same shards, out of its document and writes what they said again, as new
//! edits of a new incarnation ([`Local::incarnation`]). What always holds: this is one transaction, and nobody doubles an
//! edit by it: whatever was sealed already and is let in after all enters the document like anybody's.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use samla_wire::EntryId;

use super::Replica;
use super::base::Begin;
use super::local::{Local, Phase};
use crate::context::Context;
use crate::document::{Document, ShardChange, Step, Write};
use crate::error::BookError;
use crate::ids::RowId;
use crate::store::{Standing, StoreError};
use crate::tables::{LIVE, Table, Value};

/// What the lost edits said of a row: the last value of each field.
type Said = BTreeMap<(Table, RowId), BTreeMap<String, Option<Value>>>;

/// Own edits that the others cannot take.
#[derive(Default)]
struct Lost {
    entries: HashSet<EntryId>,
    waiting: Vec<i64>,
    shards: BTreeSet<u16>,
    changes: Vec<ShardChange>,
}

impl Replica {
    /// Makes own edits again that were refused, if there are any.
    pub(crate) fn redo_refused(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.local.phase == Phase::Removed || self.store.own_lost(&self.device())? == 0 {
            return Ok(());
        }
        let lost = self.lost_to_log()?;
        let mut said = Said::new();
        for change in &lost.changes {
            self.ensure(change.shard)?;
            for (table, id, field, value) in self.document.said(change)? {
                said.entry((table, id)).or_default().insert(field, value);
            }
        }
        let mut local = self.local.clone();
        local.incarnation = local.incarnation.saturating_add(1);
        let mut document = self.document_without(&local, &lost)?;
        let mut again = Vec::new();
        for ((table, id), fields) in said {
            again.extend(document.write(&writes(table, id, fields), &ctx.now)?);
        }
        self.store.atomically(|tx| -> Result<(), StoreError> {
            lost.entries.iter().try_for_each(|id| tx.disown(id))?;
            lost.waiting.iter().try_for_each(|seq| tx.remove_from_outbox(*seq))?;
            again.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            tx.clear_cache()?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        self.document = document;
        self.out_of_step |= self.show_all().is_err();
        Ok(())
    }

    /// The refused entries and those that wait for one, and all that this phone wrote behind them in the same shards and that is not in the log.
    fn lost_to_log(&self) -> Result<Lost, BookError> {
        let mut lost = Lost::default();
        let mut sealed = Vec::new();
        for entry in self.store.data_entries_after(0)? {
            if entry.is_own() && entry.standing != Standing::Accepted {
                let changes = self.open_entry(&entry).map_err(|_| StoreError::Damaged(None))?;
                sealed.push((entry, changes));
            }
        }
        // An envelope stays out as a whole, and takes its other shards with it.
        loop {
            let before = lost.entries.len();
            for (entry, changes) in &sealed {
                let behind = changes.iter().any(|change| lost.shards.contains(&change.shard));
                let foreign = entry.device != self.device();
                let out = match entry.standing {
                    Standing::Refused | Standing::Waiting => true,
                    Standing::Rejected => foreign,
                    _ => false,
                };
                if behind || out {
                    lost.entries.insert(entry.id);
                    lost.shards.extend(changes.iter().map(|change| change.shard));
                }
            }
            if lost.entries.len() == before {
                break;
            }
        }
        // What a colleague wrote is the colleague's to write again.
        let me = self.device();
        let of_lost = sealed.into_iter().filter(|(entry, _)| lost.entries.contains(&entry.id) && entry.device == me);
        lost.changes.extend(of_lost.flat_map(|(_, changes)| changes));
        for (seq, change) in self.store.outbox(usize::MAX)? {
            if lost.shards.contains(&change.shard) {
                lost.waiting.push(seq);
                lost.changes.push(change);
            }
        }
        Ok(lost)
    }

    fn document_without(&self, local: &Local, lost: &Lost) -> Result<Document, BookError> {
        let mut document = local.document(self.document.shard_count(), &self.keys);
        for entry in self.store.data_entries_after(0)? {
            if !lost.entries.contains(&entry.id) {
                let changes = self.open_entry(&entry).map_err(|_| StoreError::Damaged(None))?;
                let placed = entry.standing == Standing::Accepted;
                changes.into_iter().for_each(|change| document.remember(change, placed));
            }
        }
        for (seq, change) in self.store.outbox(usize::MAX)? {
            if !lost.waiting.contains(&seq) {
                document.remember(change, false);
            }
        }
        // The copies hold what was lost too: all is made again from the base.
        let begin = Begin::new(&self.store, &self.local.book, self.epoch(), self.local.epoch_key()).without_copies();
        document.load_all(&begin)?;
        Ok(document)
    }
}

/// A row as the lost edits left it.
fn writes(table: Table, id: RowId, mut fields: BTreeMap<String, Option<Value>>) -> Vec<Write> {
    let removed = fields.remove(LIVE) == Some(Some(Value::Int(0)));
    let mut writes = vec![Write { table, id, step: Step::Put(fields.into_iter().collect()) }];
    if removed {
        writes.push(Write { table, id, step: Step::Remove });
    }
    writes
}
