//! Making edits again that the others could not take.
//!
//! An own entry can be refused though this phone did nothing wrong: a hostile member, helped by the server, may have put
//! a row of the same name in front of it. Nothing that builds on such an entry can ever enter either. So this phone takes
//! the refused edits, and its later ones in the same shards, out of its document and writes what they said again, as new
//! edits of a new incarnation ([`Local::incarnation`]). What others wrote meanwhile is not overwritten: where they say
//! something else, somebody chooses ([`rebase`](super::rebase)); and where they were about a row that a colleague's file brought and
//! the log never takes, this phone makes that row too. What always holds: this is one transaction, and nobody
//! doubles an edit by it: whatever was sealed already and is let in after all enters the document like anybody's.

use std::collections::{BTreeSet, HashSet};

use samla_wire::EntryId;

use super::base::Begin;
use super::local::{Local, Phase};
use super::lost::keep_lost_edits;
use super::rebase::{Rules, owners, rebase};
use super::{Replica, row_device};
use crate::context::Context;
use crate::document::{Carried, Document, ShardChange, Step, Write};
use crate::error::BookError;
use crate::ids::RowId;
use crate::store::{Standing, StoreError};
use crate::tables::Table;

/// Own edits that the others cannot take.
#[derive(Default)]
struct Lost {
    entries: HashSet<EntryId>,
    waiting: Vec<i64>,
    shards: BTreeSet<u16>,
    changes: Vec<ShardChange>,
    /// Changes of colleagues that came in files and that the log never takes.
    never: Vec<ShardChange>,
}

impl Replica {
    /// Makes own edits again that were refused, if there are any.
    pub(crate) fn redo_refused(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.redo(ctx, BTreeSet::new(), true)
    }

    /// The same where the log has not yet said which of a colleague's envelopes it takes.
    pub(super) fn redo_alone(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.redo(ctx, BTreeSet::new(), false)
    }

    /// Makes own edits again that will be refused, because they make rows that the log has made meanwhile: until then the one hides
    /// the other here, with all that was written into it.
    pub(super) fn redo_doubled(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let mut changes: Vec<ShardChange> =
            self.store.outbox(usize::MAX)?.into_iter().map(|(_, change)| change).collect();
        for entry in self.store.unsent_entries(&self.device(), usize::MAX)?.iter().filter(|entry| entry.is_own()) {
            changes.extend(self.open_entry(entry).map_err(|_| StoreError::Damaged(None))?);
        }
        let mut doubled = BTreeSet::new();
        for change in changes {
            self.ensure(change.shard)?;
            if self.document.makes_again(&change)? {
                doubled.insert(change.shard);
            }
        }
        self.redo(ctx, doubled, true)
    }

    /// Makes own edits again that were refused, and all in these shards that has no place in the log; with what they are about, if the
    /// log never takes that.
    fn redo(&mut self, ctx: &mut Context<'_>, doubled: BTreeSet<u16>, with_owners: bool) -> Result<(), BookError> {
        let none = doubled.is_empty() && self.store.own_lost(&self.device())? == 0;
        if self.local.phase == Phase::Removed || none {
            return Ok(());
        }
        let lost = self.lost_to_log(doubled)?;
        let mut written = Vec::new();
        for shard in &lost.shards {
            self.ensure(*shard)?;
            let changes = lost.changes.iter().filter(|change| change.shard == *shard);
            let changes: Vec<&[u8]> = changes.map(|change| change.bytes.as_slice()).collect();
            written.extend(self.document.own_writes(*shard, &changes)?);
        }
        let mut local = self.local.clone();
        local.incarnation = local.incarnation.saturating_add(1);
        let mut document = self.document_without(&local, &lost)?;
        let mut written = to_write_again(&mut document, written)?;
        if with_owners {
            self.take_owners(&mut document, &lost.never, &mut written)?;
        }
        self.add_what_was_seen(&mut written)?;
        let me = row_device(&self.device());
        let outcome = rebase(ctx, &mut document, &written, Rules { erased: false, me })?;
        let mut again = Vec::new();
        // What was made and removed before anybody saw it can still be brought back by whoever removed it.
        for row in written.iter().filter(|row| row.old.is_none() && !row.mine.live) {
            if document.row(row.table, &row.id)?.is_none() {
                let fields = row.mine.fields.iter().map(|(field, value)| (field.clone(), Some(value.clone())));
                let step = |step| Write { table: row.table, id: row.id, step };
                let writes = [step(Step::Put(fields.collect())), step(Step::Remove)];
                again.extend(document.write(&writes, &ctx.now)?);
            }
        }
        again.extend(outcome.write(&mut document, &ctx.now)?);
        let dropped = self.lost_edits(outcome.dropped, 0, false)?;
        self.store.atomically(|tx| -> Result<(), StoreError> {
            lost.entries.iter().try_for_each(|id| tx.disown(id))?;
            lost.waiting.iter().try_for_each(|seq| tx.remove_from_outbox(*seq))?;
            again.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            tx.clear_cache()?;
            keep_lost_edits(tx, &dropped, ctx.rng)?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        self.document = document;
        self.out_of_step |= self.show_all().is_err();
        Ok(())
    }

    /// Adds what these rows belong to and what the log never takes, but nobody whom this device has had erased or means to: whoever
    /// wrote about a colleague's contact must not lose that for it.
    fn take_owners(
        &mut self,
        there: &mut Document,
        never: &[ShardChange],
        written: &mut Vec<Carried>,
    ) -> Result<(), BookError> {
        let mut made = BTreeSet::new();
        for change in never {
            self.ensure(change.shard)?;
            made.extend(self.document.rows_made(change)?);
        }
        let erased = self.had_erased()?;
        made.retain(|(_, id)| !erased.contains(id));
        let mut known: BTreeSet<(Table, RowId)> = written.iter().map(|row| (row.table, row.id)).collect();
        let mut next = 0;
        while let Some(row) = written.get(next) {
            next += 1;
            let owners = if row.old.is_none() && row.mine.live { owners(&row.mine) } else { Vec::new() };
            for (table, id) in owners.into_iter().filter(|owner| made.contains(owner) && known.insert(*owner)) {
                if there.row(table, &id)?.is_none()
                    && let Some(mine) = self.document.row(table, &id)?.filter(|row| row.live)
                {
                    written.push(Carried { table, id, old: None, mine, own: false });
                }
            }
        }
        Ok(())
    }

    /// The refused entries and those that wait for one, and all that this phone wrote in the same shards, or in these, and that is not
    /// in the log.
    fn lost_to_log(&self, shards: BTreeSet<u16>) -> Result<Lost, BookError> {
        let mut lost = Lost { shards, ..Lost::default() };
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
                    Standing::Refused | Standing::Waiting | Standing::Orphaned => true,
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
        for (entry, changes) in sealed.into_iter().filter(|(entry, _)| lost.entries.contains(&entry.id)) {
            match entry.standing {
                _ if entry.device == me => lost.changes.extend(changes),
                Standing::Rejected | Standing::Refused | Standing::Orphaned => lost.never.extend(changes),
                _ => {}
            }
        }
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

/// What of these rows is to be written into a document. An edit brings back what somebody removed meanwhile, as it would have if it
/// had been let in; one that only says that the row stays changes nothing in it. A row that is not there at all, and that the edits
/// were only about, is not made by them.
fn to_write_again(document: &mut Document, written: Vec<Carried>) -> Result<Vec<Carried>, BookError> {
    let mut again = Vec::with_capacity(written.len());
    for mut row in written {
        let only_stays = row.only_stays();
        match document.row(row.table, &row.id)? {
            None if only_stays => continue,
            Some(there) if there.live => {}
            Some(_) if only_stays => row.old.iter_mut().for_each(|old| old.live = false),
            _ => row.old = None,
        }
        again.push(row);
    }
    Ok(again)
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::document::{actor_of, base};
    use crate::tables::{RowState, Value};

    /// A colleague changes a note and removes its contact; what this phone wrote about the contact had seen neither.
    #[test]
    fn what_was_only_written_about_comes_back_as_it_was_removed() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut ctx = Context { now: "2026-08-24T11:30:00.000+02:00".parse().unwrap(), rng: &mut rng };
        let (now, id) = (ctx.now, RowId::new(&mut ctx));
        let mut document = Document::new(base::SHARDS, actor_of(&[1; 16], 1));
        document.load_all(&()).unwrap();
        let note = |text: &str| vec![("note".to_owned(), Value::Text(text.to_owned()))];
        let newer = note("newer").into_iter().map(|(field, value)| (field, Some(value))).collect();
        for step in [Step::Put(newer), Step::Remove] {
            document.write(&[Write { table: Table::Contacts, id, step }], &now).unwrap();
        }

        let older = RowState { live: true, fields: note("older"), ..RowState::empty(Table::Contacts, id) };
        let stays = Carried { table: Table::Contacts, id, old: Some(older.clone()), mine: older, own: true };
        let again = to_write_again(&mut document, vec![stays]).unwrap();
        let rules = Rules { erased: false, me: RowId::from_bytes([1; 16]).into() };
        rebase(&mut ctx, &mut document, &again, rules).unwrap().write(&mut document, &now).unwrap();
        let row = document.row(Table::Contacts, &id).unwrap().unwrap();
        assert_eq!((row.live, row.fields), (true, note("newer")));
    }
}
