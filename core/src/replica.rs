//! This phone's replica of a book: store, log, document and read model, and how they move together.
//!
//! On the way of a tap everything durable happens here: a command becomes a change and an outbox row in one step
//! ([`Replica::write`]), waiting edits become sealed envelopes ([`outgoing`]), and entries of the log get their places
//! ([`intake`]) and are opened, checked, merged and shown ([`opening`]). Own and foreign changes reach the read model by
//! one path: touched rows are read again from the document.
//!
//! What always holds: the document is a function of the base, the accepted entries and the edits that wait; the read
//! model is a function of the document; and whatever the cache holds can be made again from the log and the outbox.

mod anew;
pub(crate) mod arrival;
pub(crate) mod base;
pub(crate) mod bundle;
mod erased;
pub(crate) mod founded;
pub(crate) mod heard;
pub(crate) mod intake;
mod keep;
pub(crate) mod local;
pub(crate) mod lost;
mod opening;
pub(crate) mod outgoing;
mod provisional;
mod put_out;
pub(crate) mod rebase;
mod redo;
mod state;
mod stays;
pub(crate) mod want;

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRng;
use samla_wire::rules::LogState;
use samla_wire::{BookId, DeviceId, Role};

use crate::context::Context;
use crate::document::{Document, Touched, Write, base as first_base};
use crate::error::BookError;
use crate::register::Register;
use crate::seal::{DeviceKeys, EpochKey};
use crate::store::{Home, NewEntry, Store, StoreError, Tx};
use crate::tables::{RowState, Table};
use base::Begin;
use heard::Heard;
use local::{Alarm, Local, Phase};
use want::Want;

/// With this begin the names of all states of the store that tell what an import wrote. They go when somebody is erased.
pub(crate) const OF_IMPORTS: &str = "import ";

/// Rows that are read before they are shown.
const SHOWN_AT_ONCE: usize = 4_000;

/// Everything that this phone has of one book.
pub(crate) struct Replica {
    pub(crate) store: Store,
    pub(crate) local: Local,
    pub(crate) keys: DeviceKeys,
    /// What judges the next entry; none until the first page of the log is here.
    pub(crate) log: Option<LogState>,
    pub(crate) document: Document,
    pub(crate) register: Register,
    /// Document and register may have other changes than the store says: they are made again before they are used.
    out_of_step: bool,
    /// What the entries that wait are waiting for.
    lacking: opening::Lacking,
    /// The epoch that this device means to found.
    pub(crate) want: Option<Want>,
    /// When the members were last heard from.
    pub(crate) heard: Heard,
    /// Somebody who was forgotten has been shown since anybody looked: what else this phone keeps of them is to go.
    pub(crate) shows_forgotten: bool,
    /// What this device wrote about people without knowing that they had been forgotten: its user is to be told.
    unheard: u64,
}

impl Replica {
    /// Makes a replica with its first entry, if it begins with one, and its first edits: all of it is kept, or nothing.
    pub(crate) fn create(
        ctx: &mut Context<'_>,
        home: &Home,
        local: Local,
        keys: DeviceKeys,
        entry: Option<&NewEntry<'_>>,
        edits: &[Vec<Write>],
    ) -> Result<Self, BookError> {
        let mut document = local.document(first_base::SHARDS, &keys);
        let mut changes = Vec::new();
        for writes in edits {
            let Some(first) = writes.first() else { continue };
            document.load(document.shard_of(&first.id), &())?;
            changes.extend(document.write(writes, &ctx.now)?);
        }
        let store = Store::create(home, ctx.rng, |tx, rng| {
            local.keep(tx, rng)?;
            opening::note_version(tx, rng)?;
            if let Some(entry) = entry {
                tx.add_entry(entry)?;
            }
            changes.iter().try_for_each(|change| tx.add_to_outbox(change, rng))
        })?;
        let mut replica = Self::around(store, local, keys)?;
        replica.load()?;
        Ok(replica)
    }

    /// Opens the replica that is kept in this place.
    pub(crate) fn open(home: &Home) -> Result<Self, BookError> {
        let store = Store::open(home)?;
        // Without room for it the book opens all the same, and it is tried again.
        let _ = store.purge_if_asked();
        let mut local = Local::read(&store)?;
        local.note_version();
        let keys = DeviceKeys::from_bytes(&local.keys).ok_or(StoreError::Damaged(None))?;
        let mut replica = Self::around(store, local, keys)?;
        replica.load()?;
        Ok(replica)
    }

    fn around(store: Store, local: Local, keys: DeviceKeys) -> Result<Self, BookError> {
        let log = keep::log_state(&store)?;
        let shards = log.as_ref().map_or(first_base::SHARDS, |log| log.roster.shards);
        let document = local.document(shards, &keys);
        let mut register = Register::default();
        register.set_me(row_device(&keys.device_id()));
        let lacking = opening::Lacking::new();
        let want = Want::read(&store)?;
        let heard = Heard::read(&store)?;
        let (out_of_step, shows_forgotten, unheard) = (false, false, 0);
        Ok(Self {
            store,
            local,
            keys,
            log,
            document,
            register,
            out_of_step,
            lacking,
            want,
            heard,
            shows_forgotten,
            unheard,
        })
    }

    /// The book.
    pub(crate) fn book(&self) -> BookId {
        self.local.book
    }

    /// This device in the book.
    pub(crate) fn device(&self) -> DeviceId {
        self.keys.device_id()
    }

    /// What this device may do, as far as the log on this phone tells.
    pub(crate) fn role(&self) -> Option<Role> {
        match &self.log {
            Some(log) => log.roster.role(&self.device()).or(self.local.joined_as),
            None => self.local.joined_as,
        }
    }

    pub(crate) fn epoch_key(&self) -> Result<EpochKey, BookError> {
        self.local.epoch_key().ok_or(BookError::Joining)
    }

    /// Does one command, durable when this returns: one change and one outbox row for each shard that its rows live in,
    /// all of them kept or none. On an error nothing has changed. What it writes about a row keeps that row, too: see
    /// [`stays`].
    pub(crate) fn write(&mut self, ctx: &mut Context<'_>, writes: &[Write]) -> Result<(), BookError> {
        self.may_write()?;
        self.back_in_step()?;
        let all = [writes, self.stays(writes).as_slice()].concat();
        self.write_with(ctx, &all, |_, _| Ok(()))
    }

    /// Writes rows and something else in one step, durable together when this returns.
    pub(crate) fn write_with(
        &mut self,
        ctx: &mut Context<'_>,
        writes: &[Write],
        also: impl FnOnce(&mut Tx<'_>, &mut dyn CryptoRng) -> Result<(), StoreError>,
    ) -> Result<(), BookError> {
        let mut by_shard: BTreeMap<u16, Vec<Write>> = BTreeMap::new();
        for write in writes {
            by_shard.entry(self.document.shard_of(&write.id)).or_default().push(write.clone());
        }
        let commands: Vec<&[Write]> = by_shard.values().map(Vec::as_slice).collect();
        self.write_each(ctx, &commands, also)
    }

    /// Writes several commands, each a change of its own in one shard, and something else in one step: all of it is
    /// durable when this returns, and on an error nothing has changed.
    pub(crate) fn write_each(
        &mut self,
        ctx: &mut Context<'_>,
        commands: &[&[Write]],
        also: impl FnOnce(&mut Tx<'_>, &mut dyn CryptoRng) -> Result<(), StoreError>,
    ) -> Result<(), BookError> {
        let shards = commands.iter().filter_map(|writes| writes.first()).map(|first| self.document.shard_of(&first.id));
        let shards: BTreeSet<u16> = shards.collect();
        self.ensure_each(&shards)?;
        let saved = self.document.write_each(commands, &ctx.now).map_err(BookError::from).and_then(|changes| {
            let saved = self.store.atomically(|tx| {
                also(tx, ctx.rng)?;
                changes.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))
            });
            saved.map_err(BookError::Store)
        });
        if let Err(error) = saved {
            self.out_of_step |= self.reload(&shards).is_err();
            return Err(error);
        }
        // It is saved; if it cannot be shown now, everything is read again when it is next needed.
        let touched = commands.iter().copied().flatten().map(|write| (write.table, write.id)).collect();
        self.out_of_step |= self.show(touched).is_err();
        Ok(())
    }

    pub(crate) fn may_write(&self) -> Result<(), BookError> {
        match self.local.phase {
            // Who came in by a file reads and writes before the join is sent.
            Phase::Joining(_) if self.log.is_some() && !self.local.is_waiting() => {}
            Phase::Joining(_) | Phase::Recovering(_) => return Err(BookError::Joining),
            Phase::Removed => return Err(BookError::Removed),
            Phase::Founding(_) | Phase::Practice | Phase::Member => {}
        }
        if self.local.update_required() {
            return Err(BookError::UpdateRequired);
        }
        if self.role().is_some_and(|role| role >= Role::Steward) { Ok(()) } else { Err(BookError::NotAllowed) }
    }

    /// Loads a shard that is needed now.
    pub(crate) fn ensure(&mut self, shard: u16) -> Result<(), BookError> {
        match !self.out_of_step && self.document.is_loaded(shard) {
            true => Ok(()),
            false => self.ensure_each(&BTreeSet::from([shard])),
        }
    }

    /// Loads every shard.
    pub(crate) fn ensure_all(&mut self) -> Result<(), BookError> {
        self.ensure_each(&(0..self.document.shard_count()).collect())
    }

    pub(crate) fn ensure_each(&mut self, shards: &BTreeSet<u16>) -> Result<(), BookError> {
        self.back_in_step()?;
        let begin = Begin::new(&self.store, &self.local.book, self.epoch(), self.local.epoch_key());
        let touched = self.document.load_each(shards, &begin)?;
        self.show(touched).inspect_err(|_| self.out_of_step = true)
    }

    /// Makes document and register again if they may have other changes than the store says.
    fn back_in_step(&mut self) -> Result<(), BookError> {
        if self.out_of_step { self.rebuild() } else { Ok(()) }
    }

    /// Reads rows again and shows them: the one path from the document to the read model.
    pub(crate) fn show(&mut self, touched: Touched) -> Result<(), BookError> {
        // Not all at once: after a long time away that would be the whole register twice.
        for touched in touched.into_iter().collect::<Vec<_>>().chunks(SHOWN_AT_ONCE) {
            self.document.rows_of(touched)?.into_iter().for_each(|state| self.show_row(state));
        }
        Ok(())
    }

    fn show_row(&mut self, state: RowState) {
        let (table, id) = (state.table, state.id);
        self.register.apply(state);
        self.shows_forgotten |= table == Table::Contacts && self.register.was_forgotten(id.into());
    }
}

/// A device as the register names it.
pub(crate) fn row_device(device: &DeviceId) -> crate::ids::DeviceId {
    crate::ids::DeviceId::from_bytes(device.0)
}

impl Replica {
    /// Changes what this phone remembers of its own part, durably.
    pub(crate) fn change_local(
        &mut self,
        ctx: &mut Context<'_>,
        change: impl FnOnce(&mut Local),
    ) -> Result<(), BookError> {
        let mut local = self.local.clone();
        change(&mut local);
        self.store.atomically(|tx| local.keep(tx, ctx.rng))?;
        self.local = local;
        Ok(())
    }

    /// Tells the user what does not go away by itself, durably.
    pub(crate) fn raise_alarm(&mut self, ctx: &mut Context<'_>, alarm: Alarm) -> Result<(), BookError> {
        self.change_local(ctx, |local| local.raise_alarm(alarm))
    }

    /// Everything is shared as of now. Written down at most once a minute: it is for people to read.
    pub(crate) fn note_shared(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let now = ctx.now.timestamp_millis();
        if self.local.last_shared.is_some_and(|before| now.abs_diff(before) < 60_000) {
            self.local.last_shared = Some(now);
            return Ok(());
        }
        let mut local = self.local.clone();
        local.last_shared = Some(now);
        self.store.atomically(|tx| {
            local.keep(tx, ctx.rng)?;
            self.heard.keep(tx, ctx.rng)
        })?;
        self.local = local;
        Ok(())
    }
}
