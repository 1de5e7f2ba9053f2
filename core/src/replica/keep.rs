//! Opening quickly: sealed copies of the shards and the read model, and what is newer than they are.
//!
//! A copy saves reading the whole log again. It is made in quiet moments ([`Replica::keep`]) and never trusted beyond
//! that: if one is missing or does not fit, everything is made again from the log and the outbox.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use samla_wire::Envelope;
use samla_wire::rules::LogState;

use super::Replica;
use super::base::{Begin, Sealed};
use crate::context::Context;
use crate::document::ShardChange;
use crate::error::BookError;
use crate::register::Register;
use crate::store::{Standing, Store, StoreError};

const REGISTER: &str = "register";
const COVERS: &str = "covers";

/// Edits after which the copies are made again without being asked for.
const KEEP_AFTER: u64 = 4_000;

/// What the copies cover.
#[derive(Debug, Clone, Copy, Encode, Decode)]
#[cbor(map)]
struct Covers {
    /// Envelopes that arrived up to here are in them.
    #[n(0)]
    pos: i64,
}

pub(super) fn shard_name(shard: u16) -> String {
    format!("shard {shard}")
}

/// What judges the next entry, from the entries that are kept.
pub(super) fn log_state(store: &Store) -> Result<Option<LogState>, BookError> {
    let damaged = || StoreError::Damaged(None);
    let mut entries = store.roster_entries()?.into_iter();
    let Some(genesis) = entries.next() else { return Ok(None) };
    let genesis = Envelope::parse(genesis.bytes).map_err(|_| damaged())?;
    let mut log = LogState::found(&genesis).map_err(|_| damaged())?;
    for entry in entries {
        let envelope = Envelope::parse(entry.bytes).map_err(|_| damaged())?;
        let body = samla_wire::rules::read_body(&envelope).map_err(|_| damaged())?;
        log.roster.apply(&envelope, &body).map_err(|_| damaged())?;
    }
    log.head = store.head()?.ok_or_else(damaged)?;
    log.tips = Sealed::read(store)?.tips().collect();
    for (device, tip) in store.tips()? {
        let known = log.tips.entry(device).or_insert(tip);
        *known = if tip.dseq > known.dseq { tip } else { *known };
    }
    Ok(Some(log))
}

impl Replica {
    /// Loads the copies and what is newer; without copies, everything.
    pub(super) fn load(&mut self) -> Result<(), BookError> {
        let register = self.store.cached(REGISTER).ok().flatten().and_then(|bytes| Register::from_snapshot(&bytes));
        let loaded = match register {
            Some(register) => {
                self.register = register;
                self.register.set_me(super::row_device(&self.device()));
                self.remember_tail(self.covered(), None).and_then(|()| {
                    let shards = self.document.remembered();
                    self.ensure_each(&shards)
                })
            }
            None => self.rebuild(),
        };
        match loaded {
            // A copy that does not fit is made again; only what the log and the outbox say counts.
            Err(BookError::Store(StoreError::Damaged(None)) | BookError::Bug(_)) => self.rebuild()?,
            loaded => loaded?,
        }
        self.resume()
    }

    fn covered(&self) -> i64 {
        let bytes = self.store.cached(COVERS).ok().flatten();
        bytes.and_then(|bytes| minicbor::decode::<Covers>(&bytes).ok()).map_or(0, |covers| covers.pos)
    }

    /// Forgets shards, as if they had not been loaded: what they held beyond the log and the outbox was never saved.
    pub(super) fn reload(&mut self, shards: &BTreeSet<u16>) -> Result<(), BookError> {
        shards.iter().for_each(|shard| self.document.forget(*shard));
        self.remember_tail(self.covered(), Some(shards))
    }

    /// Remembers the changes that arrived after `pos`, of all shards or of these.
    fn remember_tail(&mut self, pos: i64, only: Option<&BTreeSet<u16>>) -> Result<(), BookError> {
        for entry in self.store.data_entries_after(pos)? {
            let placed = entry.standing == Standing::Accepted;
            for change in self.open_entry(&entry).map_err(|_| StoreError::Damaged(None))? {
                self.remember(change, placed, only);
            }
        }
        for (_, change) in self.store.outbox(usize::MAX)? {
            self.remember(change, false, only);
        }
        Ok(())
    }

    fn remember(&mut self, change: ShardChange, placed: bool, only: Option<&BTreeSet<u16>>) {
        if only.is_none_or(|shards| shards.contains(&change.shard)) {
            self.document.remember(change, placed);
        }
    }

    /// Makes document and read model again from the log and the outbox.
    pub(super) fn rebuild(&mut self) -> Result<(), BookError> {
        self.out_of_step = true;
        // The copies did not fit or are no longer needed; if they cannot be dropped now, they are found out again.
        let _ = self.store.atomically(|tx| tx.clear_cache());
        let shards = self.document.shard_count();
        self.document = self.local.document(shards, &self.keys);
        self.remember_tail(0, None)?;
        let begin = Begin::new(&self.store, &self.local.book, self.epoch(), self.local.epoch_key());
        self.document.load_all(&begin)?;
        self.show_all()?;
        self.out_of_step = false;
        Ok(())
    }

    /// Makes the read model again from the document, all of which is loaded.
    pub(super) fn show_all(&mut self) -> Result<(), BookError> {
        self.register = Register::default();
        self.register.set_me(super::row_device(&self.device()));
        for shard in 0..self.document.shard_count() {
            for state in self.document.rows(shard)? {
                self.show_row(state);
            }
        }
        Ok(())
    }

    /// Makes the copies again. Takes time in proportion to the book; for quiet moments.
    pub(crate) fn keep(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.back_in_step()?;
        let unkept = self.document.unkept();
        self.ensure_each(&unkept)?;
        let shards = self.document.save()?;
        let register = self.register.snapshot();
        let covers = Covers { pos: self.store.settled_pos()? };
        self.store.atomically(|tx| {
            for (shard, bytes) in &shards {
                tx.put_cached(&shard_name(*shard), bytes, ctx.rng)?;
            }
            tx.put_cached(REGISTER, &register, ctx.rng)?;
            tx.put_cached(COVERS, &samla_wire::to_cbor(&covers), ctx.rng)
        })?;
        self.document.kept();
        Ok(())
    }

    /// Makes the copies again if so much has come since that opening would be slow.
    pub(crate) fn keep_if_due(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.document.written() >= KEEP_AFTER { self.keep(ctx) } else { Ok(()) }
    }
}
