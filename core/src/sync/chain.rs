//! The roster's chain as a server or a file shows it, checked from its first entry.
//!
//! Nobody is believed: the genesis hashes to the book's id, and every op passes what the rules can ask of it without the rest of
//! the log ([`rules::RosterChain`]). What an epoch was founded on and by whom comes out of it.

use minicbor::bytes::ByteVec;
use samla_wire::ids::SigningKey;
use samla_wire::roster::{Epoch, Reason, Roster, RosterError, RosterOp};
use samla_wire::rules::{self, Rejection};
use samla_wire::{BookId, DeviceId, EntryId, Envelope, Head};

/// A checked chain.
pub(super) struct RosterChain {
    /// The envelopes from the genesis on.
    pub(super) envelopes: Vec<Envelope>,
    folded: rules::RosterChain,
    /// The newest epoch op, if there is one.
    pub(super) latest: Option<LatestEpoch>,
    /// Every epoch that was founded, in order.
    pub(super) epochs: Vec<PassedEpoch>,
}

/// The newest epoch op.
#[derive(Clone)]
pub(super) struct LatestEpoch {
    /// How many envelopes there are up to it, itself included.
    pub(super) len: usize,
    /// The roster right after it.
    pub(super) roster: Roster,
    pub(super) op: Epoch,
    pub(super) author: DeviceId,
    /// The key that signed it.
    pub(super) author_key: SigningKey,
}

/// An epoch that was founded.
#[derive(Debug, Clone, Copy)]
pub(super) struct PassedEpoch {
    pub(super) epoch: u32,
    pub(super) reason: Reason,
    pub(super) seal: Head,
}

/// Why a chain is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChainError {
    /// It is not this book's, or somebody has changed it.
    Mismatch,
    /// It holds an op of a newer version.
    Newer,
}

impl From<Rejection> for ChainError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Roster(RosterError::Newer) => Self::Newer,
            _ => Self::Mismatch,
        }
    }
}

impl RosterChain {
    /// Was somebody erased in an epoch after this one?
    pub(super) fn has_erased_since(&self, epoch: u32) -> bool {
        self.epochs.iter().any(|passed| passed.epoch > epoch && passed.reason == Reason::Erase)
    }

    pub(super) fn read(envelopes: &[ByteVec], book: &BookId) -> Result<Self, ChainError> {
        let mut rest = envelopes.iter().map(|bytes| Envelope::parse(bytes.to_vec()).map_err(|_| ChainError::Mismatch));
        let genesis = rest.next().ok_or(ChainError::Mismatch)??;
        let folded = rules::RosterChain::found(&genesis)?;
        if folded.roster().book != *book {
            return Err(ChainError::Mismatch);
        }
        let mut chain = Self { envelopes: vec![genesis], folded, latest: None, epochs: Vec::new() };
        for envelope in rest {
            chain.add(envelope?)?;
        }
        Ok(chain)
    }

    /// The roster after the last.
    pub(super) fn roster(&self) -> &Roster {
        self.folded.roster()
    }

    fn add(&mut self, envelope: Envelope) -> Result<(), ChainError> {
        let (op, author_key) = self.folded.add(&envelope)?;
        let author = envelope.header().device;
        self.envelopes.push(envelope);
        if let RosterOp::Epoch(op) = op {
            let seal = Head { n: op.seal_n, h: op.seal_h };
            self.epochs.push(PassedEpoch { epoch: op.epoch, reason: op.reason, seal });
            let (len, roster) = (self.envelopes.len(), self.roster().clone());
            self.latest = Some(LatestEpoch { len, roster, op, author, author_key });
        }
        Ok(())
    }

    /// Where the newest epoch begins in the log: right after the op that founded it, or after the genesis.
    pub(super) fn start(&self) -> Head {
        let before = match &self.latest {
            Some(latest) => Head { n: latest.op.seal_n, h: latest.op.seal_h },
            None => Head::start(&self.roster().book),
        };
        let op = self.latest.as_ref().map_or(1, |latest| latest.len).checked_sub(1);
        let op = op.and_then(|at| self.envelopes.get(at)).map_or(EntryId::ZERO, Envelope::id);
        before.next(&op)
    }

    /// Adds the roster's envelopes among the entries of a log; those that do not apply were rejected there.
    pub(super) fn add_what_applies(&mut self, entries: &[ByteVec]) {
        for envelope in entries.iter().filter_map(|bytes| Envelope::parse(bytes.to_vec()).ok()) {
            let _ = self.add(envelope);
        }
    }

    /// Does this envelope stand at this place of the roster?
    pub(super) fn has(&self, rseq: u64, id: &EntryId) -> bool {
        let place = usize::try_from(rseq).ok().and_then(|rseq| rseq.checked_sub(1));
        place.and_then(|place| self.envelopes.get(place)).is_some_and(|envelope| envelope.id() == *id)
    }

    /// The envelopes up to the newest epoch op.
    pub(super) fn up_to_epoch(&self) -> Vec<Envelope> {
        let len = self.latest.as_ref().map_or(1, |latest| latest.len);
        self.envelopes.iter().take(len).cloned().collect()
    }
}
