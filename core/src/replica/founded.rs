//! What this device remembers of the epochs that it has founded: when, why, how much went, and the server's word on it. No
//! names, no ids of rows. After an erasure also what the server answered when it was asked for what it said it had deleted.

use minicbor::{Decode, Encode};
use samla_wire::http::Receipt;
use samla_wire::ids::SigningKey;
use samla_wire::roster::{Reason, Roster};
use samla_wire::{EntryId, Head};
use serde::Serialize;

use super::Replica;
use super::arrival::Arrival;
use crate::context::Context;
use crate::error::BookError;
use crate::store::StoreError;

const NAME: &str = "founded";

/// An epoch that this device has founded.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Founded {
    #[n(0)]
    pub(crate) epoch: u32,
    #[n(1)]
    pub(crate) reason: Reason,
    /// When, in unix milliseconds by this device's clock.
    #[n(2)]
    pub(crate) at: i64,
    /// Rows that an erasure left out.
    #[n(3)]
    pub(crate) gone: u64,
    /// What the server says it deleted.
    #[n(4)]
    pub(crate) receipt: Option<Receipt>,
    /// What the server is asked for after an erasure.
    #[n(5)]
    pub(crate) probe: Option<Probe>,
}

/// What a server answered when it was asked for what it must have deleted, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ProbeAnswer {
    /// It has not been asked yet.
    #[n(0)]
    NotAsked,
    /// That it is gone.
    #[n(1)]
    Gone,
    /// Neither that it is gone nor what was there.
    #[n(2)]
    Unclear,
    /// What was there: it still has it.
    #[n(3)]
    HandedOut,
}

/// What the server has to have deleted with an erasure, as far as it is still to be asked for, and what it answered.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Probe {
    /// Parts of the base before that are still to be asked for.
    #[n(0)]
    parts: Vec<EntryId>,
    /// What came of the others; none where the epoch before was the first, which has no base.
    #[n(1)]
    pub(crate) base: Option<ProbeAnswer>,
    /// Where the log of the epoch before began.
    #[n(2)]
    from: Head,
    /// What came when the entries from there on were asked for.
    #[n(3)]
    pub(crate) log: ProbeAnswer,
    /// When the last answer came, in unix milliseconds by this device's clock.
    #[n(4)]
    pub(crate) at: Option<i64>,
}

/// One thing that a server is asked for although it must have deleted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probed {
    /// A part of the base before.
    Part(EntryId),
    /// The entries after this place.
    Log(Head),
}

impl Probe {
    /// For an epoch that takes the place of the one in which this roster is.
    fn of(before: &Roster) -> Self {
        let parts: Vec<EntryId> = before.base.iter().map(|part| part.id).collect();
        let base = (!parts.is_empty()).then_some(ProbeAnswer::NotAsked);
        Self { parts, base, from: before.seal, log: ProbeAnswer::NotAsked, at: None }
    }

    fn next(&self) -> Option<Probed> {
        let log = (self.log == ProbeAnswer::NotAsked).then_some(Probed::Log(self.from));
        self.parts.first().copied().map(Probed::Part).or(log)
    }

    fn note(&mut self, probed: Probed, answer: ProbeAnswer) {
        match probed {
            Probed::Part(id) => {
                self.base = self.base.max(Some(answer));
                // Of what is handed out one part tells enough.
                self.parts.retain(|part| *part != id && answer != ProbeAnswer::HandedOut);
            }
            Probed::Log(_) => self.log = answer,
        }
    }
}

impl Replica {
    /// This device has founded an epoch.
    pub(crate) fn note_founded(
        &mut self,
        ctx: &mut Context<'_>,
        arrival: &Arrival,
        receipt: Option<Receipt>,
    ) -> Result<(), BookError> {
        let (epoch, reason) = (arrival.op.epoch, arrival.op.reason);
        let mut all = self.founded()?;
        all.retain(|founded| founded.epoch != epoch);
        let probe = match (&self.log, reason) {
            (Some(log), Reason::Erase) => Some(Probe::of(&log.roster)),
            _ => None,
        };
        all.push(Founded { epoch, reason, at: ctx.now.timestamp_millis(), gone: arrival.base.gone, receipt, probe });
        self.keep_founded(ctx, &all)
    }

    fn keep_founded(&mut self, ctx: &mut Context<'_>, all: &[Founded]) -> Result<(), BookError> {
        Ok(self.store.atomically(|tx| tx.put_state(NAME, &samla_wire::to_cbor(&all), ctx.rng))?)
    }

    /// What the server is to be asked for next, and the number of the erasure.
    pub(crate) fn to_probe(&self) -> Result<Option<(u32, Probed)>, BookError> {
        let mut founded = self.founded()?.into_iter();
        Ok(founded.find_map(|founded| Some((founded.epoch, founded.probe?.next()?))))
    }

    /// The server has answered.
    pub(crate) fn note_probed(
        &mut self,
        ctx: &mut Context<'_>,
        epoch: u32,
        probed: Probed,
        answer: ProbeAnswer,
    ) -> Result<(), BookError> {
        let mut all = self.founded()?;
        for probe in
            all.iter_mut().filter(|founded| founded.epoch == epoch).filter_map(|founded| founded.probe.as_mut())
        {
            probe.note(probed, answer);
            probe.at = Some(ctx.now.timestamp_millis());
        }
        self.keep_founded(ctx, &all)
    }

    /// The key by which this book's server signs, as it is seen now. The first one is kept: receipts are held against it.
    pub(crate) fn saw_server_key(&mut self, ctx: &mut Context<'_>, key: SigningKey) -> Result<(), BookError> {
        match self.local.server_key {
            None => self.change_local(ctx, |local| local.server_key = Some(key)),
            Some(_) => Ok(()),
        }
    }

    /// Is this receipt signed by another key than this device has first seen of the server?
    pub(crate) fn is_of_another_key(&self, receipt: &Receipt) -> bool {
        self.local.server_key.is_some_and(|key| key != receipt.key)
    }

    /// The epochs that this device has founded, in order.
    pub(crate) fn founded(&self) -> Result<Vec<Founded>, BookError> {
        let bytes = self.store.state(NAME)?;
        let read = bytes.map(|bytes| minicbor::decode(&bytes).map_err(|_| StoreError::Damaged(None))).transpose()?;
        Ok(read.unwrap_or_default())
    }
}
