//! Coming in anew under other keys, and taking over the server's log: what this device has written is put aside, and written again
//! once the log has been read to its end.
//!
//! What always holds: until it is taken up, what was put aside outlives any crash, and it is taken up in one transaction; it is
//! settled against the log by the same rules as edits that come to a new epoch ([`rebase`](super::rebase)); and nobody who was
//! erased meanwhile is made again by it.

use std::collections::{BTreeMap, BTreeSet};

use samla_wire::roster::{Reason, RosterOp};
use samla_wire::rules::{Tip, read_body};
use samla_wire::{DeviceId, Envelope};
use serde::{Deserialize, Serialize};

use super::arrival::CONTINUITY;
use super::base::{SEALED, Sealed};
use super::erased::ERASED;
use super::local::{Local, Phase};
use super::lost::keep_lost_edits;
use super::put_out::LEFTOVER;
use super::rebase::{Rules, rebase};
use super::state::{put, read};
use super::want::Want;
use super::{OF_IMPORTS, Replica, row_device};
use crate::context::Context;
use crate::document::{Carried, Outside};
use crate::error::BookError;
use crate::ids::RowId;
use crate::seal::DeviceKeys;
use crate::store::StoreError;
use crate::tables::{RowState, Table};

/// The state that holds edits on their way into a book that is joined anew.
pub(super) const CARRY: &str = "carry";
/// The state that tells which entries made the rows among them.
pub(super) const MADE: &str = "made";

/// The state that holds the register of an epoch that the server may have lost.
pub(super) const WHOLE: &str = "whole";

/// The register as this device had it when it began to come in anew, and the op that had founded its epoch: if the server has lost
/// that, nobody else may have what lies in its base.
#[derive(Serialize, Deserialize)]
struct Whole {
    epoch: [u8; 32],
    rows: Vec<RowState>,
}

/// Rows that edits on their way into a book have made, each with the entry that did: once somebody was erased, one that is gone
/// is not made again where the log had that entry.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Made {
    rows: Vec<MadeRow>,
    /// The ids of this device's own entries: its copy's are others under the same numbers.
    own: Vec<[u8; 32]>,
}

impl Made {
    /// Is this a row that the log had before the epoch began, whose base has these tips?
    fn was_made(&self, row: &Carried, tips: &BTreeMap<DeviceId, Tip>) -> bool {
        let mut by = self.rows.iter().filter(|made| (made.table, made.id) == (row.table, row.id));
        by.any(|by| {
            let tip = tips.get(&DeviceId(by.author));
            tip.is_some_and(|tip| tip.dseq >= by.dseq && (!by.mine || self.own.contains(&tip.id.0)))
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct MadeRow {
    table: Table,
    id: RowId,
    author: [u8; 16],
    /// This device wrote the entry under the keys that it came in with last. What it wrote under earlier ones, and has read from
    /// the log since, is surely there, whoever the author's last entry is by: the author alone does not tell.
    mine: bool,
    dseq: u64,
}

/// Edits on their way into a book that is joined anew.
#[derive(Serialize, Deserialize)]
struct Aside {
    /// The ops that had erased somebody before they were written.
    erasures: Vec<[u8; 32]>,
    rows: Vec<Carried>,
}

impl Replica {
    /// Begins to come in anew under other keys: the log is forgotten, and what of this device is not in it is put aside to be
    /// written again once it is in.
    pub(crate) fn begin_anew(
        &mut self,
        ctx: &mut Context<'_>,
        keys: DeviceKeys,
        phase: Phase,
    ) -> Result<(), BookError> {
        let mut carried = match self.local.epoch_key() {
            Some(_) => {
                let outside = self.outside_of_servers()?;
                self.carried(&outside)?
            }
            None => Vec::new(),
        };
        carried.retain(|row| row.table != Table::Devices);
        let (aside, made, whole) = (self.aside(carried)?, self.made()?, self.whole()?);
        let mut local = Local::new(self.local.server_url.clone(), self.book(), &keys, phase);
        local.person.clone_from(&self.local.person);
        local.server_key = self.local.server_key;
        self.store.atomically(|tx| -> Result<(), BookError> {
            tx.forget_log()?;
            tx.drop_state(SEALED)?;
            tx.drop_state(ERASED)?;
            super::want::keep(tx, None, ctx.rng)?;
            put(tx, CARRY, &Some(aside), ctx.rng)?;
            put(tx, MADE, &Some(made), ctx.rng)?;
            put(tx, WHOLE, &whole, ctx.rng)?;
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.document = local.document(crate::document::base::SHARDS, &keys);
        (self.local, self.keys, self.log, self.want) = (local, keys, None, None);
        self.lacking.clear();
        self.out_of_step = self.show_all().is_err();
        Ok(())
    }

    /// The changes in this document that the server's log may lack: those without a place in the log, and where the server has
    /// lost this device's log, all since the epoch began.
    fn outside_of_servers(&self) -> Result<Outside, BookError> {
        let (lost, confirmed) = (self.local.has_lost_log(), self.confirmed_head().map_or(0, |head| head.n));
        self.outside(|entry| entry.n.is_some_and(|n| n <= confirmed) && !lost)
    }

    /// Is the server's log being taken over, and not read to its end yet?
    pub(crate) fn is_settling(&self) -> Result<bool, BookError> {
        let wants = self.local.phase == Phase::Member && self.want.is_some();
        Ok(wants && self.has_aside()?)
    }

    /// Forgets what this phone knows of the log since the epoch began, and puts aside all that was written since, to be
    /// written again where the server's log lacks it. From then on it wants the book founded anew, so that the others do the
    /// same.
    pub(crate) fn take_servers_log(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let outside = self.outside(|_| false)?;
        let mut carried = self.carried(&outside)?;
        let me = row_device(&self.device()).row();
        carried.retain(|row| row.table != Table::Devices || row.id == me);
        let (aside, made) = (self.aside(carried)?, self.made()?);
        let founded = self.log.as_ref().map_or(0, |log| log.roster.epoch_n);
        let (in_first, own) = (self.epoch() == 0, self.device());
        // What was wanted still is, from the log as it is there.
        let restore = Want::new(Reason::Restore);
        let want = match &self.want {
            Some(before) => before.unbuilt(before.tries).and(restore),
            None => restore,
        };
        let mut local = self.local.clone();
        local.incarnation = local.incarnation.saturating_add(1);
        (local.confirmed, local.signed) = (None, Vec::new());
        local.end_alarms();
        for queued in &mut local.queue {
            (queued.entry, queued.wrap) = (None, None);
        }
        self.store.atomically(|tx| -> Result<(), BookError> {
            tx.forget_log_after(if in_first { 0 } else { founded }, &own)?;
            super::want::keep(tx, Some(&want), ctx.rng)?;
            put(tx, CARRY, &Some(aside), ctx.rng)?;
            put(tx, MADE, &Some(made), ctx.rng)?;
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.local = local;
        self.want = Some(want);
        self.lacking.clear();
        self.log = super::keep::log_state(&self.store)?;
        self.rebuild()
    }

    /// Forgets the log that was read, to read it from its beginning. For a device that has written nothing.
    pub(crate) fn read_anew(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let want = self.want.as_ref().map(|want| want.unbuilt(want.tries));
        self.store.atomically(|tx| -> Result<(), StoreError> {
            tx.forget_log()?;
            super::want::keep(tx, want.as_ref(), ctx.rng)
        })?;
        self.document = self.local.document(crate::document::base::SHARDS, &self.keys);
        (self.log, self.want) = (None, want);
        self.lacking.clear();
        self.out_of_step = self.show_all().is_err();
        Ok(())
    }

    /// These edits, after those that were put aside before and have not been taken up yet.
    fn aside(&self, carried: Vec<Carried>) -> Result<Aside, BookError> {
        let mut aside = read(&self.store, CARRY)?.unwrap_or(Aside { erasures: self.erasures()?, rows: Vec::new() });
        aside.rows.extend(carried);
        Ok(aside)
    }

    /// The whole register, where the server may have lost the epoch that it lies in; or that of before, which is still on its way.
    fn whole(&mut self) -> Result<Option<Whole>, BookError> {
        let before = read(&self.store, WHOLE)?;
        if before.is_some() || self.epoch() == 0 || !self.local.has_lost_log() || self.local.epoch_key().is_none() {
            return Ok(before);
        }
        let Some(epoch) = self.epoch_op()? else { return Ok(None) };
        let mut rows = Vec::new();
        self.ensure_all()?;
        for shard in 0..self.document.shard_count() {
            rows.extend(self.document.rows(shard)?.into_iter().filter(|row| row.live && row.table != Table::Devices));
        }
        Ok(Some(Whole { epoch, rows }))
    }

    /// The id of the op that founded the epoch that this device is in.
    fn epoch_op(&self) -> Result<Option<[u8; 32]>, BookError> {
        let founded = self.log.as_ref().map(|log| log.roster.epoch_n);
        let entry = self.store.roster_entries()?.into_iter().find(|entry| entry.n.is_some() && entry.n == founded);
        Ok(entry.map(|entry| entry.id.0))
    }

    /// Adds to what was put aside the register that it was written into, if the server has lost the epoch in which that lay. Rows
    /// that are not there are made again with it, unless somebody was erased since.
    fn with_whole(&mut self, rows: &mut Vec<Carried>, erased: bool) -> Result<(), BookError> {
        let Some(whole) = read::<Whole>(&self.store, WHOLE)? else { return Ok(()) };
        if self.store.roster_entries()?.iter().any(|entry| entry.id.0 == whole.epoch) {
            return Ok(());
        }
        let mut there = BTreeSet::new();
        for (table, id) in
            whole.rows.iter().map(|row| (row.table, row.id)).chain(rows.iter().map(|row| (row.table, row.id)))
        {
            if self.document.row(table, &id)?.is_some_and(|row| row.live) {
                there.insert((table, id));
            }
        }
        if !erased {
            rows.iter_mut().for_each(|row| drop(row.old.take_if(|_| !there.contains(&(row.table, row.id)))));
        }
        let edited: BTreeSet<(Table, RowId)> = rows.iter().map(|row| (row.table, row.id)).collect();
        let of_base = whole.rows.into_iter().filter(|row| !edited.contains(&(row.table, row.id)));
        let of_base = of_base.filter(|row| !erased || there.contains(&(row.table, row.id)));
        rows.extend(of_base.map(|mine| Carried { table: mine.table, id: mine.id, old: None, mine, own: false }));
        Ok(())
    }

    /// The rows that this epoch's entries have made, after those of before that are still on their way.
    fn made(&mut self) -> Result<Made, BookError> {
        let mut made: Made = read(&self.store, MADE)?.unwrap_or_default();
        if self.local.epoch_key().is_none() {
            return Ok(made);
        }
        let me = self.device();
        for entry in self.store.data_entries_after(0)? {
            let mine = entry.device == me;
            if mine {
                made.own.push(entry.id.0);
            }
            let (author, dseq) = (entry.device.0, entry.dseq);
            for change in self.open_entry(&entry).map_err(|_| StoreError::Damaged(None))? {
                self.ensure(change.shard)?;
                let rows = self.document.rows_made(&change)?.into_iter();
                made.rows.extend(rows.map(|(table, id)| MadeRow { table, id, author, mine, dseq }));
            }
        }
        Ok(made)
    }

    /// Does something wait that was put aside? Until it is taken up this device has not read its own entries again, and does
    /// not know their numbers.
    pub(crate) fn is_carrying(&self) -> Result<bool, BookError> {
        Ok(self.may_write().is_ok() && self.has_aside()?)
    }

    /// Is something put aside, until the log has been read to its end?
    pub(crate) fn has_aside(&self) -> Result<bool, BookError> {
        Ok(self.store.state(CARRY)?.is_some())
    }

    /// Writes again what was put aside, now that the log has been read to its end.
    pub(crate) fn take_up_carried(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(mut aside) = read::<Aside>(&self.store, CARRY)? else { return Ok(()) };
        let erased = self.erasures()?.iter().any(|op| !aside.erasures.contains(op));
        if let Err(error) = self.may_write() {
            // Who only reads brings nobody else's register.
            return match error {
                BookError::NotAllowed => Ok(self.store.atomically(|tx| {
                    if erased {
                        tx.drop_state(CONTINUITY)?;
                    }
                    tx.drop_state(WHOLE)
                })?),
                _ => Ok(()),
            };
        }
        self.ensure_all()?;
        let me = row_device(&self.device());
        if erased {
            let made: Made = read(&self.store, MADE)?.unwrap_or_default();
            let tips = Sealed::read(&self.store)?.tips().collect();
            for row in aside.rows.iter_mut().filter(|row| row.old.is_none()) {
                // Whatever the log had and the base has not is gone.
                if self.document.row(row.table, &row.id)?.is_none() && made.was_made(row, &tips) {
                    row.old = Some(RowState { live: true, ..RowState::empty(row.table, row.id) });
                }
            }
        }
        self.with_whole(&mut aside.rows, erased)?;
        let mut outcome = rebase(ctx, &mut self.document, &aside.rows, Rules { erased, me })?;
        let lost = self.lost_edits(std::mem::take(&mut outcome.dropped), 0, erased)?;
        let changes = outcome.write(&mut self.document, &ctx.now).inspect_err(|_| self.out_of_step = true)?;
        let saved = self.store.atomically(|tx| -> Result<(), BookError> {
            changes.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            keep_lost_edits(tx, &lost, ctx.rng)?;
            tx.forget_aside()?;
            tx.drop_state(MADE)?;
            tx.drop_state(WHOLE)?;
            if erased {
                tx.ask_for_purge()?;
                // A device that comes in anew has met no arrival that would have done it.
                tx.drop_states_of(OF_IMPORTS)?;
                tx.drop_state(LEFTOVER)?;
                tx.drop_state(CONTINUITY)?;
            }
            Ok(tx.drop_state(CARRY)?)
        });
        self.out_of_step |= saved.is_err() || self.show_all().is_err();
        if erased {
            let _ = self.store.purge();
        }
        saved
    }

    /// The ops in the log that have erased somebody. By their ids: the numbers of epochs say nothing where the server's log went
    /// another way.
    fn erasures(&self) -> Result<Vec<[u8; 32]>, BookError> {
        let mut erasures = Vec::new();
        for entry in self.store.roster_entries()? {
            let envelope = Envelope::parse(entry.bytes).map_err(|_| StoreError::Damaged(None))?;
            let body = read_body(&envelope).map_err(|_| StoreError::Damaged(None))?;
            if let RosterOp::Epoch(op) = body.op
                && op.reason == Reason::Erase
            {
                erasures.push(envelope.id().0);
            }
        }
        Ok(erasures)
    }
}
