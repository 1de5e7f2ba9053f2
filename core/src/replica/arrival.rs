//! A new epoch arrives: its base takes the place of all that was before, and this device's own edits are carried over.
//!
//! Everything becomes durable in one transaction, which is a pure function of what lay here and what was fetched: a phone
//! that stops before it begins again, and after it nothing is left to do but to wipe the file. What always holds: the old
//! key, the old log and the old copies go with that transaction; no edit of this device goes with them unless what it was
//! about is gone, and then its author is told.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use rand_core::CryptoRng;
use samla_wire::planted::{Fault, is_planted};
use samla_wire::roster::{Epoch, Reason, Role, Roster, RosterOp};
use samla_wire::rules::{LogState, Tip, read_body};
use samla_wire::{DeviceId, EntryId, Envelope, Head, Kind};
use serde::{Deserialize, Serialize};

use super::base::{SEALED, Sealed, reach};
use super::local::{Alarm, Local, Phase};
use super::rebase::{Dropped, Rules, owners, rebase, value_of};
use super::want::Want;
use super::{OF_IMPORTS, Replica, row_device};
use crate::context::Context;
use crate::document::{Beginning, Carried, Document, DocumentError, Kept, Outside, ShardChange, hash_of};
use crate::error::BookError;
use crate::ids::RowId;
use crate::register::prevail;
use crate::seal::{Base, DeviceKeys, EpochKey, PrekeySecret};
use crate::store::{Entry, NewEntry, Standing, StoreError, Tx};
use crate::tables::{RowState, Table};

/// The state that tells of edits that were not carried over.
const DROPPED: &str = "dropped";
/// The state that tells what an epoch left out that nothing explains.
const CONTINUITY: &str = "continuity";
/// The state that holds edits on their way into a book that is joined anew.
const CARRY: &str = "carry";
/// The state that tells which entries made the rows among them.
const MADE: &str = "made";
/// Milliseconds that rows which an epoch left out without explanation are kept.
const KEPT: i64 = 7 * 24 * 60 * 60 * 1000;

/// A new epoch, fetched and checked.
pub(crate) struct Arrival {
    /// The roster right after the op.
    pub(crate) roster: Roster,
    /// The roster's envelopes up to the op, which is the last.
    pub(crate) envelopes: Vec<Envelope>,
    /// The op.
    pub(crate) op: Epoch,
    /// A person was erased by it, or by an epoch before it that this phone has missed.
    pub(crate) erased: bool,
    /// What it starts from.
    pub(crate) base: Base,
    /// The same as it crossed the wire.
    pub(crate) parts: Vec<Vec<u8>>,
    /// Its key.
    pub(crate) key: EpochKey,
    /// This device's keys, with the prekey that the others know.
    pub(crate) keys: DeviceKeys,
    /// The join by which this device has just come in, where an organiser had to let it in: it may stand in the log after the
    /// op.
    pub(crate) join: Option<Envelope>,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrival").field("epoch", &self.op.epoch).finish_non_exhaustive()
    }
}

impl Kept for Base {
    fn shard(&self, shard: u16) -> Result<Beginning, DocumentError> {
        let change = self.changes.get(usize::from(shard)).ok_or(DocumentError::Damaged)?;
        Ok(Beginning::Base(change.to_vec()))
    }
}

/// Edits of this device that could not be carried over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LostEdits {
    /// How many rows they were about.
    pub(crate) count: u64,
    /// What they said, each with what its row was called. Nothing after an erasure.
    pub(crate) edits: Vec<(String, Dropped)>,
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

/// What an epoch left out or changed, compared with what this device had.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Continuity {
    pub(crate) epoch: u32,
    /// This device had read the log to its seal, so that it can compare at all.
    pub(crate) compared: bool,
    /// Rows that the op's founder says were erased.
    pub(crate) gone: u64,
    /// Rows that are not there any more.
    pub(crate) missing: u64,
    /// Rows that say something else.
    pub(crate) changed: u64,
    /// Rows that nobody here had.
    pub(crate) added: u64,
    /// The missing and changed rows as this device had them, and until when they are kept, in unix milliseconds.
    pub(crate) kept: Vec<RowState>,
    pub(crate) until: Option<i64>,
}

impl Continuity {
    /// Differences that the reason does not explain.
    pub(crate) fn unexplained(&self) -> u64 {
        self.missing.saturating_sub(self.gone) + self.changed + self.added
    }
}

impl Replica {
    /// Moves to a new epoch. `also` says what else becomes of this phone's own part in the same step.
    pub(crate) fn arrive(
        &mut self,
        ctx: &mut Context<'_>,
        arrival: Arrival,
        also: impl FnOnce(&mut Local),
    ) -> Result<(), BookError> {
        let carried = self.carried_to(&arrival)?;

        let mut local = self.local.clone();
        local.set_epoch_key(&arrival.key);
        local.set_keys(&arrival.keys);
        local.set_next_prekey(&PrekeySecret::make(ctx.rng));
        local.renew_key = true;
        local.invites.retain(|invite| invite.pin.is_none() || arrival.roster.invites.contains_key(&invite.id));
        for queued in &mut local.queue {
            (queued.entry, queued.wrap) = (None, None);
        }
        // Who is in an epoch of the server's log is one with it again.
        local.end_alarm(Alarm::Epoch);
        local.end_alarm(Alarm::Chain);
        if arrival.op.reason == Reason::Restore {
            local.end_alarms();
        }
        also(&mut local);

        let mut document = local.document(arrival.op.shards, &arrival.keys);
        document.load_all(&arrival.base)?;
        let continuity = self.compare(ctx, &arrival, &mut document, &carried)?;
        let me = row_device(&arrival.keys.device_id());
        let outcome = rebase(ctx, &mut document, &carried, Rules { erased: arrival.erased, me })?;
        let mut changes = Vec::new();
        for writes in &outcome.writes {
            changes.extend(document.write(writes, &ctx.now)?);
        }
        let lost = self.lost_edits(outcome.dropped, arrival.erased)?;
        let log = log_of(&arrival)?;
        let may_found = match &local.phase {
            Phase::Recovering(_) => true,
            _ => {
                let member = arrival.roster.active(&arrival.keys.device_id());
                member.is_some_and(|member| member.role == Role::Organiser)
            }
        };
        let want = self.want.take().filter(|_| may_found);
        let want = want.and_then(|want| want.after(&arrival.roster, arrival.erased, &mut document));

        let saved = self.store.atomically(|tx| -> Result<(), BookError> {
            tx.forget_log()?;
            keep_roster(tx, &arrival, &log)?;
            keep_parts(tx, &arrival.parts)?;
            keep_join(tx, arrival.join.as_ref())?;
            tx.put_state(SEALED, &samla_wire::to_cbor(&Sealed::of(&arrival.base)), ctx.rng)?;
            changes.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            if arrival.erased {
                // A plan to take an import back holds what the list said of people, and so may what was handed back before.
                tx.drop_states_of(OF_IMPORTS)?;
                tx.drop_state(LEFTOVER)?;
            }
            keep_lost_edits(tx, &lost, ctx.rng)?;
            put(tx, CONTINUITY, &continuity, ctx.rng)?;
            super::want::keep(tx, want.as_ref(), ctx.rng)?;
            Ok(local.keep(tx, ctx.rng)?)
        });
        if let Err(error) = saved {
            // Everything is as it was on disk; in memory the intent is read again.
            self.want = Want::read(&self.store)?;
            return Err(error);
        }
        self.heard.retain(|device| arrival.roster.members.contains_key(device));
        (self.local, self.keys, self.want) = (local, arrival.keys, want);
        (self.log, self.document) = (Some(log), document);
        self.out_of_step = self.show_all().is_err();
        // From here on all is durable. What fails now is done again by and by.
        let _ = self.keep(ctx).and_then(|()| Ok(self.store.purge()?));
        Ok(())
    }

    /// What this document has and the base of a new epoch has not, as rows to be carried over.
    ///
    /// An envelope whose place this device never learned may be in the base, because the answer was lost or a colleague brought
    /// it from a file. Carried over, it would bring back what was removed or erased since. So one of this device's own is taken
    /// for settled wherever the end of its chain in the base is known here, and not the work of a copy of it. A colleague's is
    /// after an erasure; else it still brings what it changed, but makes no row anew for which this device did nothing, because
    /// its author will, if the base has not had it.
    fn carried_to(&mut self, arrival: &Arrival) -> Result<Vec<Carried>, BookError> {
        let me = self.device();
        let tip = arrival.base.tips.iter().find(|tip| tip.device == me).map(|tip| tip.id);
        let is_mine = match tip {
            Some(id) => self.store.atomically(|tx| tx.has_entry(&id))?,
            None => false,
        };
        // Where the server has lost its log, a place in it says nothing: a copy of this device may have been heard since.
        let lost = self.local.has_lost_log();
        let reached = |entry: &Entry| entry.dseq <= reach(&arrival.base, &entry.device);
        let is_settled = |entry: &Entry| {
            let placed = match entry.device == me {
                true => is_mine || (entry.n.is_some() && !lost),
                false => entry.n.is_some() || arrival.erased,
            };
            (placed && reached(entry)) || is_planted(Fault::CarriedFromHeads)
        };
        let is_doubtful = |entry: &Entry| entry.device != me && reached(entry);
        let doubts = Cell::new(false);
        let outside = self.outside(|entry| {
            let settled = is_settled(entry);
            doubts.set(doubts.get() || (!settled && is_doubtful(entry)));
            settled
        })?;
        let carried = self.carried(&outside)?;
        if !doubts.get() {
            return Ok(carried);
        }
        let sure = self.outside(|entry| is_settled(entry) || is_doubtful(entry))?;
        let sure: BTreeSet<(Table, RowId)> = self.carried(&sure)?.into_iter().map(|row| (row.table, row.id)).collect();
        let is_sure = |row: &Carried| row.old.is_some() || sure.contains(&(row.table, row.id));
        let needed: BTreeSet<(Table, RowId)> =
            carried.iter().filter(|row| is_sure(row)).flat_map(|row| owners(&row.mine)).collect();
        let stays = |row: &Carried| is_sure(row) || needed.contains(&(row.table, row.id));
        Ok(carried.into_iter().filter(stays).collect())
    }

    /// The changes in this document that the server's log may lack: those without a place in the log, and where the server has
    /// lost this device's log, all since the epoch began.
    fn outside_of_servers(&self) -> Result<Outside, BookError> {
        let lost = self.local.has_lost_log();
        self.outside(|entry| entry.n.is_some() && !lost)
    }

    /// The changes in this document that are not in another one.
    pub(super) fn outside(&self, inside: impl Fn(&Entry) -> bool) -> Result<Outside, BookError> {
        let (mut outside, me) = (Outside::default(), self.device());
        let mut note = |change: &ShardChange, own: bool| {
            if let Some(hash) = hash_of(&change.bytes) {
                outside.changes.insert(hash);
                if own {
                    outside.own.insert(hash);
                }
            }
        };
        for entry in self.store.data_entries_after(0)? {
            if !inside(&entry) {
                let changes = self.open_entry(&entry).map_err(|_| StoreError::Damaged(None))?;
                changes.iter().for_each(|change| note(change, entry.device == me));
            }
        }
        for (_, change) in self.store.outbox(usize::MAX)? {
            note(&change, true);
        }
        Ok(outside)
    }

    /// The rows that these changes touched.
    pub(super) fn carried(&mut self, outside: &Outside) -> Result<Vec<Carried>, BookError> {
        let mut carried = Vec::new();
        if outside.changes.is_empty() {
            return Ok(carried);
        }
        for shard in 0..self.document.shard_count() {
            self.ensure(shard)?;
            carried.extend(self.document.carried(shard, outside)?);
        }
        Ok(carried)
    }

    /// What this device had at the seal, against what the base says.
    fn compare(
        &mut self,
        ctx: &Context<'_>,
        arrival: &Arrival,
        there: &mut Document,
        carried: &[Carried],
    ) -> Result<Option<Continuity>, BookError> {
        let Some(log) = &self.log else { return Ok(None) };
        // Rows go without further explanation by an erasure alone.
        let (epoch, gone) = (arrival.op.epoch, if arrival.erased { arrival.base.gone } else { 0 });
        let compared = log.head.n >= arrival.op.seal_n && arrival.op.epoch == log.roster.epoch + 1;
        let mut found = Continuity { epoch, gone, compared, ..Continuity::default() };
        if !compared || !self.store.left_out()?.is_empty() {
            found.compared = false;
            return Ok(Some(found));
        }
        let mut theirs = flat(there)?;
        let mut mine = self.flat_rows()?;
        for row in carried {
            match &row.old {
                Some(old) if old.live => mine.insert((row.table, row.id), prevail::settled(old.clone())),
                _ => mine.remove(&(row.table, row.id)),
            };
        }
        for (key, row) in mine {
            match theirs.remove(&key) {
                None => found.missing += 1,
                Some(base) if same_values(&row, &base) => continue,
                Some(_) => found.changed += 1,
            }
            found.kept.push(row);
        }
        found.added = theirs.len() as u64;
        match found.unexplained() > 0 && !arrival.erased {
            true => found.until = Some(ctx.now.timestamp_millis().saturating_add(KEPT)),
            false => found.kept.clear(),
        }
        Ok(Some(found))
    }

    /// Every row that this device shows, as it shows it; without what was kept aside.
    pub(crate) fn flat_rows(&mut self) -> Result<BTreeMap<(Table, RowId), RowState>, BookError> {
        for shard in 0..self.document.shard_count() {
            self.ensure(shard)?;
        }
        flat(&mut self.document)
    }

    /// Edits that were not carried over, with those of before that nobody has looked at.
    pub(super) fn lost_edits(&self, dropped: Vec<Dropped>, erased: bool) -> Result<Option<LostEdits>, BookError> {
        let mut lost = self.lost()?.unwrap_or_default();
        lost.count += dropped.len() as u64;
        match erased {
            // What was written about somebody who was erased must not lie here any longer.
            true => lost.edits.clear(),
            false => {
                lost.edits.extend(dropped.into_iter().map(|edit| (self.register.title(edit.table, edit.id), edit)))
            }
        }
        Ok(Some(lost).filter(|lost| lost.count > 0))
    }

    /// Edits that were not carried over and that nobody has looked at.
    pub(crate) fn lost(&self) -> Result<Option<LostEdits>, BookError> {
        read(&self.store, DROPPED)
    }

    /// How the newest epoch compares with what this device had.
    pub(crate) fn continuity(&self) -> Result<Option<Continuity>, BookError> {
        read(&self.store, CONTINUITY)
    }

    /// Somebody has looked at the edits that were not carried over.
    pub(crate) fn forget_lost(&mut self) -> Result<(), BookError> {
        Ok(self.store.atomically(|tx| tx.drop_state(DROPPED))?)
    }

    /// The rows that an epoch left out are kept no longer.
    pub(crate) fn forget_kept(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(mut found) = self.continuity()? else { return Ok(()) };
        (found.kept, found.until) = (Vec::new(), None);
        self.store.atomically(|tx| put(tx, CONTINUITY, &Some(found), ctx.rng))?;
        Ok(self.store.purge()?)
    }

    /// The same once their time is over.
    pub(crate) fn forget_kept_in_time(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let now = ctx.now.timestamp_millis();
        let over = self.continuity()?.and_then(|found| found.until).is_some_and(|until| now >= until);
        if over { self.forget_kept(ctx) } else { Ok(()) }
    }

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
        let (aside, made) = (self.aside(carried)?, self.made()?);
        let mut local = Local::new(self.local.server_url.clone(), self.book(), &keys, phase);
        local.person.clone_from(&self.local.person);
        self.store.atomically(|tx| -> Result<(), BookError> {
            tx.forget_log()?;
            tx.drop_state(SEALED)?;
            super::want::keep(tx, None, ctx.rng)?;
            put(tx, CARRY, &Some(aside), ctx.rng)?;
            put(tx, MADE, &Some(made), ctx.rng)?;
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.document = local.document(crate::document::base::SHARDS, &keys);
        (self.local, self.keys, self.log, self.want) = (local, keys, None, None);
        self.lacking.clear();
        self.out_of_step = self.show_all().is_err();
        Ok(())
    }

    /// Is the server's log being taken over, and not read to its end yet?
    pub(crate) fn is_settling(&self) -> Result<bool, BookError> {
        let wants = self.local.phase == Phase::Member && self.want.is_some();
        Ok(wants && self.store.state(CARRY)?.is_some())
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
        Ok(self.may_write().is_ok() && self.store.state(CARRY)?.is_some())
    }

    /// Writes again what was put aside, now that the log has been read to its end.
    pub(crate) fn take_up_carried(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(mut aside) = read::<Aside>(&self.store, CARRY)? else { return Ok(()) };
        if self.may_write().is_err() {
            return Ok(());
        }
        for shard in 0..self.document.shard_count() {
            self.ensure(shard)?;
        }
        let me = row_device(&self.device());
        let erased = self.erasures()?.iter().any(|op| !aside.erasures.contains(op));
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
        let outcome = rebase(ctx, &mut self.document, &aside.rows, Rules { erased, me })?;
        let mut changes = Vec::new();
        for writes in &outcome.writes {
            changes.extend(self.document.write(writes, &ctx.now)?);
        }
        let lost = self.lost_edits(outcome.dropped, erased)?;
        let saved = self.store.atomically(|tx| -> Result<(), BookError> {
            changes.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            keep_lost_edits(tx, &lost, ctx.rng)?;
            tx.forget_aside()?;
            tx.drop_state(MADE)?;
            if erased {
                // A device that comes in anew has met no arrival that would have done it.
                tx.drop_states_of(OF_IMPORTS)?;
                tx.drop_state(LEFTOVER)?;
            }
            Ok(tx.drop_state(CARRY)?)
        });
        self.out_of_step |= saved.is_err() || self.show_all().is_err();
        if erased {
            let _ = self.store.purge();
        }
        saved
    }

    /// Writes again what was dropped because what it was about was not there, now that it is: what a copied phone wrote comes into
    /// the log only once it is in anew. The log must have been read to its end.
    pub(crate) fn take_up_lost(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(mut lost) = self.lost()?.filter(|lost| !lost.edits.is_empty()) else { return Ok(()) };
        if self.may_write().is_err() {
            return Ok(());
        }
        for shard in 0..self.document.shard_count() {
            self.ensure(shard)?;
        }
        let me = row_device(&self.device());
        let (mut again, mut edits) = (Vec::new(), Vec::new());
        for (title, edit) in std::mem::take(&mut lost.edits) {
            let row = edit.as_carried(me, ctx.now);
            match self.has_place_again(&row)? {
                true => again.push(row),
                false => edits.push((title, edit)),
            }
        }
        if again.is_empty() {
            return Ok(());
        }
        lost.edits = edits;
        lost.count = lost.count.saturating_sub(again.len() as u64);
        let outcome = rebase(ctx, &mut self.document, &again, Rules { erased: false, me })?;
        let mut changes = Vec::new();
        for writes in &outcome.writes {
            changes.extend(self.document.write(writes, &ctx.now)?);
        }
        let lost = Some(lost).filter(|lost| lost.count > 0);
        let saved = self.store.atomically(|tx| -> Result<(), BookError> {
            changes.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            Ok(keep_lost_edits(tx, &lost, ctx.rng)?)
        });
        self.out_of_step |= saved.is_err() || self.show_all().is_err();
        saved
    }

    /// Is the row of a dropped edit there again, or all that a new row cannot be without?
    fn has_place_again(&mut self, row: &Carried) -> Result<bool, BookError> {
        match self.document.row(row.table, &row.id)? {
            Some(there) => Ok(there.live),
            None => {
                let owners = owners(&row.mine);
                for (table, id) in &owners {
                    if !self.document.row(*table, id)?.is_some_and(|owner| owner.live) {
                        return Ok(false);
                    }
                }
                Ok(!owners.is_empty())
            }
        }
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

    /// This device is out by an op that it has checked: what it knew goes. What was only here is handed back to be exported,
    /// unless somebody was erased. `seal` is where the log ended that this device has read, if the op says so: what lies behind
    /// it, or in another log than this one, the others have not.
    pub(crate) fn put_out(
        &mut self,
        ctx: &mut Context<'_>,
        why: super::local::PutOut,
        seal: Option<Head>,
    ) -> Result<(), BookError> {
        let (mut leftover, mut untold) = (Vec::new(), None);
        if why.reason != Reason::Erase {
            let settled = self.settled_by(seal)?;
            let lost = self.local.has_lost_log();
            let outside = self.outside(|entry| entry.n.is_some_and(|n| n <= settled) && !lost)?;
            leftover.extend(self.carried(&outside)?.into_iter().filter(|row| row.own).map(|row| row.mine));
            // So is what was not carried over before, as far as words are left of it.
            let LostEdits { count, edits } = self.lost()?.unwrap_or_default();
            let me = row_device(&self.device());
            leftover.extend(edits.iter().map(|(_, edit)| edit.as_carried(me, ctx.now).mine));
            let count = count.saturating_sub(edits.len() as u64);
            untold = (count > 0).then(|| LostEdits { count, edits: Vec::new() });
        }
        let mut local = self.local.clone();
        local.forget_keys();
        local.phase = Phase::Removed;
        local.put_out = Some(why);
        local.end_alarms();
        self.store.atomically(|tx| -> Result<(), BookError> {
            tx.forget_log()?;
            for state in [SEALED, CONTINUITY, CARRY, MADE] {
                tx.drop_state(state)?;
            }
            tx.drop_states_of(OF_IMPORTS)?;
            keep_lost_edits(tx, &untold, ctx.rng)?;
            super::want::keep(tx, None, ctx.rng)?;
            put(tx, LEFTOVER, &Some(leftover).filter(|rows| !rows.is_empty()), ctx.rng)?;
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.local = local;
        self.log = None;
        self.document = self.local.document(crate::document::base::SHARDS, &self.keys);
        self.register = crate::register::Register::default();
        self.want = None;
        let _ = self.store.purge();
        Ok(())
    }

    /// The last place of this device's log that is in the log that ends with `seal`, as far as this device can tell.
    fn settled_by(&mut self, seal: Option<Head>) -> Result<u64, BookError> {
        let head = self.log.as_ref().map_or(0, |log| log.head.n);
        match seal {
            Some(seal) if seal.n <= head => Ok(if self.hash_at(seal.n)? == Some(seal.h) { seal.n } else { 0 }),
            _ => Ok(u64::MAX),
        }
    }

    /// What was only on this device when it was put out.
    pub(crate) fn leftover(&self) -> Result<Vec<RowState>, BookError> {
        Ok(read(&self.store, LEFTOVER)?.unwrap_or_default())
    }

    /// What was only on this device is not needed any more.
    pub(crate) fn forget_leftover(&mut self) -> Result<(), BookError> {
        self.store.atomically(|tx| tx.drop_state(LEFTOVER).and_then(|()| tx.drop_state(DROPPED)))?;
        Ok(self.store.purge()?)
    }

    /// The base of this epoch as it lies here, opened; none in the first epoch.
    pub(crate) fn base_parts(&self) -> Result<Vec<ByteVec>, BookError> {
        Ok(self.store.base_parts()?.into_iter().map(|entry| entry.bytes.into()).collect())
    }
}

/// Keeps the edits that were not carried over, until somebody has looked at them.
pub(super) fn keep_lost_edits(
    tx: &mut Tx<'_>,
    lost: &Option<LostEdits>,
    rng: &mut dyn CryptoRng,
) -> Result<(), StoreError> {
    put(tx, DROPPED, lost, rng)
}

/// The state that holds what was only on this device when it was put out.
const LEFTOVER: &str = "leftover";

/// The log as it stands right after the op.
fn log_of(arrival: &Arrival) -> Result<LogState, BookError> {
    let op = arrival.envelopes.last().ok_or(BookError::Bug("arrival"))?;
    let mut tips: BTreeMap<_, _> = Sealed::of(&arrival.base).tips().collect();
    let author = op.header();
    tips.insert(author.device, Tip { dseq: author.dseq, id: op.id() });
    Ok(LogState::resume(arrival.roster.clone(), &op.id(), tips))
}

/// Keeps the roster's envelopes in their order; the op alone has its place in the log with its hash.
fn keep_roster(tx: &mut Tx<'_>, arrival: &Arrival, log: &LogState) -> Result<(), StoreError> {
    let last = arrival.envelopes.last().map(Envelope::id);
    for envelope in &arrival.envelopes {
        let header = envelope.header();
        tx.add_entry(&NewEntry {
            at: (last == Some(envelope.id())).then_some(log.head),
            id: envelope.id(),
            device: header.device,
            dseq: header.dseq,
            kind: Some(Kind::Roster),
            standing: Standing::Accepted,
            edits: 0,
            bytes: envelope.bytes(),
        })?;
    }
    Ok(())
}

/// Keeps the own join as sent, if it is not among the roster's envelopes that are here: it comes back as its id.
pub(crate) fn keep_join(tx: &mut Tx<'_>, join: Option<&Envelope>) -> Result<(), StoreError> {
    match join {
        Some(join) if !tx.has_entry(&join.id())? => tx.add_entry(&super::outgoing::unsent_entry(join, 0)),
        _ => Ok(()),
    }
}

fn keep_parts(tx: &mut Tx<'_>, parts: &[Vec<u8>]) -> Result<(), BookError> {
    for bytes in parts {
        let envelope = Envelope::parse(bytes.clone()).map_err(|_| BookError::Bug("base_part"))?;
        tx.add_entry(&NewEntry {
            at: None,
            id: EntryId::of_envelope(bytes),
            device: envelope.header().device,
            dseq: 0,
            kind: Some(Kind::Base),
            standing: Standing::Accepted,
            edits: 0,
            bytes,
        })?;
    }
    Ok(())
}

fn flat(document: &mut Document) -> Result<BTreeMap<(Table, RowId), RowState>, BookError> {
    let mut rows = BTreeMap::new();
    for shard in 0..document.shard_count() {
        for row in document.rows(shard)? {
            if row.live && row.table != Table::Conflicts {
                rows.insert((row.table, row.id), prevail::settled(row));
            }
        }
    }
    Ok(rows)
}

fn same_values(one: &RowState, other: &RowState) -> bool {
    one.fields.len() == other.fields.len()
        && one.fields.iter().all(|(name, value)| value_of(other, name).as_ref() == Some(value))
}

fn put<T: Serialize>(
    tx: &mut Tx<'_>,
    name: &str,
    value: &Option<T>,
    rng: &mut dyn CryptoRng,
) -> Result<(), StoreError> {
    match value {
        None => tx.drop_state(name),
        Some(value) => {
            let bytes = postcard::to_allocvec(value).expect("rows have no part that postcard lacks");
            tx.put_state(name, &bytes, rng)
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(store: &crate::store::Store, name: &str) -> Result<Option<T>, BookError> {
    let bytes = store.state(name)?;
    let read = bytes.map(|bytes| postcard::from_bytes(&bytes)).transpose();
    Ok(read.map_err(|_| StoreError::Damaged(None))?)
}
