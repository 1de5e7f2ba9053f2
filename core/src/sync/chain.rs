//! The roster's chain as a server or a file shows it, checked from its first entry.
//!
//! Nobody is believed: the genesis hashes to the book's id, every op is signed by whom the roster before it names, and every
//! op applies. What an epoch was founded on and by whom comes out of it.

use minicbor::bytes::ByteVec;
use samla_wire::ids::SigningKey;
use samla_wire::roster::{Epoch, Reason, Roster, RosterBody, RosterError, RosterOp};
use samla_wire::rules::read_body;
use samla_wire::{BookId, DeviceId, EntryId, Envelope, Head, Kind};

/// A checked chain.
pub(super) struct RosterChain {
    /// The envelopes from the genesis on.
    pub(super) envelopes: Vec<Envelope>,
    /// The roster after the last.
    pub(super) roster: Roster,
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

impl RosterChain {
    /// Was somebody erased in an epoch after this one?
    pub(super) fn has_erased_since(&self, epoch: u32) -> bool {
        self.epochs.iter().any(|passed| passed.epoch > epoch && passed.reason == Reason::Erase)
    }

    pub(super) fn read(envelopes: &[ByteVec], book: &BookId) -> Result<Self, ChainError> {
        let mut rest = envelopes.iter().map(|bytes| Envelope::parse(bytes.to_vec()).map_err(|_| ChainError::Mismatch));
        let genesis = rest.next().ok_or(ChainError::Mismatch)??;
        let body = read_body(&genesis).map_err(|_| ChainError::Mismatch)?;
        let roster = Roster::found(&genesis, &body).map_err(|_| ChainError::Mismatch)?;
        if roster.book != *book || signer(&roster, &genesis, &body).is_none() {
            return Err(ChainError::Mismatch);
        }
        let mut chain = Self { envelopes: vec![genesis], roster, latest: None, epochs: Vec::new() };
        for envelope in rest {
            chain.add(envelope?)?;
        }
        Ok(chain)
    }

    fn add(&mut self, envelope: Envelope) -> Result<(), ChainError> {
        // An op that cannot be read here is a newer version's.
        let body = read_body(&envelope).map_err(|_| ChainError::Newer)?;
        let author_key = signer(&self.roster, &envelope, &body).ok_or(ChainError::Mismatch)?;
        self.roster.apply(&envelope, &body).map_err(|error| match error {
            RosterError::Newer => ChainError::Newer,
            _ => ChainError::Mismatch,
        })?;
        let author = envelope.header().device;
        self.envelopes.push(envelope);
        if let RosterOp::Epoch(op) = body.op {
            let seal = Head { n: op.seal_n, h: op.seal_h };
            self.epochs.push(PassedEpoch { epoch: op.epoch, reason: op.reason, seal });
            let (len, roster) = (self.envelopes.len(), self.roster.clone());
            self.latest = Some(LatestEpoch { len, roster, op, author, author_key });
        }
        Ok(())
    }

    /// Where the newest epoch begins in the log: right after the op that founded it, or after the genesis.
    pub(super) fn start(&self) -> Head {
        let before = match &self.latest {
            Some(latest) => Head { n: latest.op.seal_n, h: latest.op.seal_h },
            None => Head::start(&self.roster.book),
        };
        let op = self.latest.as_ref().map_or(1, |latest| latest.len).checked_sub(1);
        let op = op.and_then(|at| self.envelopes.get(at)).map_or(EntryId::ZERO, Envelope::id);
        before.next(&op)
    }

    /// Adds the roster's envelopes among the entries of a log; those that do not apply were rejected there.
    pub(super) fn add_what_applies(&mut self, entries: &[ByteVec]) {
        let envelopes = entries.iter().filter_map(|bytes| Envelope::parse(bytes.to_vec()).ok());
        for envelope in envelopes.filter(|envelope| envelope.header().kind == Kind::Roster) {
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

/// The key that signed an envelope, if it was one that may.
fn signer(roster: &Roster, envelope: &Envelope, body: &RosterBody) -> Option<SigningKey> {
    let joiner = match &body.op {
        RosterOp::Join(join) => Some(&join.ed_pub),
        _ => None,
    };
    let key = roster.signing_key(&envelope.header().device).or(joiner)?;
    envelope.verify(key).then_some(*key)
}
