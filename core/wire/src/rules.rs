//! Rules R1–R7: what becomes of an envelope at the next place of the log.
//!
//! The same pure function runs on the server before it appends and on every phone when it reads the log, so an honest
//! phone rejects exactly what an honest server would. R1 is [`Envelope::parse`]; R8 and R9 need the book's key and are
//! the phone's alone.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

use crate::cbor::from_canonical;
use crate::chain::Head;
use crate::envelope::{Envelope, Kind};
use crate::ids::{BookId, DeviceId, EntryId, LogHash, SigningKey};
use crate::planted::{Fault, is_planted};
use crate::roster::{Role, Roster, RosterBody, RosterError, RosterOp};

/// How far an author may have written beyond what a server knows of it: see [`LogState::open_ended`].
const UNKNOWN: u64 = 1 << 32;

/// What the log holds before the entry under judgement, as far as the rules ask.
pub trait Past {
    /// Why a look-up can fail: the error of the store behind it.
    type Error;
    /// The log's hash at a position, if it is known.
    fn hash_at(&self, n: u64) -> Result<Option<LogHash>, Self::Error>;
    /// The id of the entry that this author's `dseq` stands for, if one was accepted.
    fn entry_at(&self, device: &DeviceId, dseq: u64) -> Result<Option<EntryId>, Self::Error>;
}

/// Why an envelope is not accepted. Deterministic: every honest party says the same of the same log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// R2: for another book.
    #[error("for another book")]
    Book,
    /// R3: the author is not a member, or has left.
    #[error("not a member")]
    NotMember,
    /// R3: the author's role does not allow this kind.
    #[error("not allowed for this role")]
    Role,
    /// R4: for another epoch than the current one.
    #[error("for another epoch")]
    Epoch,
    /// R5: not signed by its author.
    #[error("the signature does not fit")]
    Signature,
    /// R6: an earlier envelope of this author is missing; it may fit later.
    #[error("an earlier envelope of this author is missing")]
    Gap,
    /// R6: the author has written two different envelopes with the same number: a copied device.
    #[error("two devices write as one")]
    DeviceFork,
    /// R6: it names another predecessor than the one that was accepted.
    #[error("names another predecessor")]
    Dprev,
    /// R7: what the author has seen is not this log.
    #[error("the author has seen another log")]
    Fork,
    /// The roster op does not apply.
    #[error("the roster op does not apply")]
    Roster(#[source] RosterError),
    /// A kind that has no place in the log.
    #[error("has no place in the log")]
    Kind,
}

/// What an accepted envelope is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// The next envelope of its author; the state has moved on.
    New,
    /// The same bytes as an envelope accepted before: nothing changes.
    Duplicate,
}

/// One author's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Tip {
    /// The newest accepted envelope's number.
    #[n(0)]
    pub dseq: u64,
    /// Its id.
    #[n(1)]
    pub id: EntryId,
}

/// All that judging the next entry needs: the roster, where the log ends, and each author's newest envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Where the log ends.
    pub head: Head,
    /// Who may write.
    pub roster: Roster,
    /// Each author's newest accepted envelope.
    pub tips: BTreeMap<DeviceId, Tip>,
    /// Authors that may have written more before the epoch's op than their tip says: a server that lost the entries does
    /// not know. The next envelope of such an author is taken for the next whatever its number above the tip, and sets
    /// the tip. Always empty on a phone, which knows each author's tip from the sealed base.
    pub open_ended: BTreeSet<DeviceId>,
}

impl LogState {
    /// The state right after the op that founded the current epoch, where nothing before it is at hand: the roster folded
    /// up to that op, and each author's newest envelope as the sealed base names it.
    pub fn resume(roster: Roster, op: &EntryId, tips: BTreeMap<DeviceId, Tip>) -> Self {
        Self { head: roster.seal.next(op), roster, tips, open_ended: BTreeSet::new() }
    }

    /// The state after the genesis, the first entry of a log.
    pub fn found(genesis: &Envelope) -> Result<Self, Rejection> {
        let header = genesis.header();
        if header.kind != Kind::Roster {
            return Err(Rejection::Kind);
        }
        let body = read_body(genesis)?;
        let roster = Roster::found(genesis, &body).map_err(Rejection::Roster)?;
        let start = Head::start(&roster.book);
        let key = roster.signing_key(&header.device).ok_or(Rejection::NotMember)?;
        if !genesis.verify(key) {
            return Err(Rejection::Signature);
        }
        if header.epoch != 0 {
            return Err(Rejection::Epoch);
        }
        if header.dseq != 1 || header.dprev != EntryId::ZERO {
            return Err(Rejection::Dprev);
        }
        if header.seen_n != 0 || header.seen_h != start.h {
            return Err(Rejection::Fork);
        }
        let tips = BTreeMap::from([(header.device, Tip { dseq: 1, id: genesis.id() })]);
        Ok(Self { head: start.next(&genesis.id()), roster, tips, open_ended: BTreeSet::new() })
    }

    /// The book.
    pub fn book(&self) -> &BookId {
        &self.roster.book
    }

    /// Judges the envelope as the next entry and, if it is accepted as new, moves the state on, log head included.
    ///
    /// A rejected or doubled envelope changes nothing. A phone that meets one in a log it was sent moves the head by
    /// [`LogState::skip`], because the entry keeps its place.
    pub fn append<P: Past>(&mut self, envelope: &Envelope, past: &P) -> Result<Result<Accepted, Rejection>, P::Error> {
        let verdict = self.judge(envelope, past)?;
        Ok(verdict.and_then(|accepted| {
            if accepted == Accepted::New {
                self.advance(envelope)?;
            }
            Ok(accepted)
        }))
    }

    /// Moves the head past an entry that is in the log but not accepted.
    pub fn skip(&mut self, id: &EntryId) {
        self.head = self.head.next(id);
    }

    /// Takes up an envelope whose place in the log was passed before, because an earlier one of its author was still
    /// missing. The head stays.
    pub fn take_held<P: Past>(
        &mut self,
        envelope: &Envelope,
        past: &P,
    ) -> Result<Result<Accepted, Rejection>, P::Error> {
        let head = self.head;
        let verdict = self.append(envelope, past)?;
        self.head = head;
        Ok(verdict)
    }

    fn judge<P: Past>(&self, envelope: &Envelope, past: &P) -> Result<Result<Accepted, Rejection>, P::Error> {
        let header = envelope.header();
        if let Err(rejection) = self.judge_author(envelope) {
            return Ok(Err(rejection));
        }
        // R6: the author's own chain.
        let tip = self.tips.get(&header.device).copied().unwrap_or(Tip { dseq: 0, id: EntryId::ZERO });
        if header.dseq <= tip.dseq {
            let before = past.entry_at(&header.device, header.dseq)?;
            return Ok(if before == Some(envelope.id()) {
                Ok(Accepted::Duplicate)
            } else {
                Err(Rejection::DeviceFork)
            });
        }
        let ahead = header.dseq - tip.dseq;
        if ahead > 1 && !(self.open_ended.contains(&header.device) && ahead <= UNKNOWN) {
            return Ok(Err(Rejection::Gap));
        }
        if ahead == 1 && header.dprev != tip.id {
            return Ok(Err(Rejection::Dprev));
        }
        // R7: what the author has seen is this log.
        let within = self.roster.epoch_n <= header.seen_n && header.seen_n <= self.head.n;
        if !within || past.hash_at(header.seen_n)? != Some(header.seen_h) {
            return Ok(Err(Rejection::Fork));
        }
        Ok(Ok(Accepted::New))
    }

    /// R2 to R5.
    fn judge_author(&self, envelope: &Envelope) -> Result<(), Rejection> {
        let header = envelope.header();
        let key = author_key(&self.roster, envelope)?;
        let member = self.roster.members.get(&header.device);
        let tip = self.tips.get(&header.device).map_or(0, |tip| tip.dseq);
        if member.is_some_and(|member| member.left) && header.dseq > tip {
            return Err(Rejection::NotMember);
        }
        match header.kind {
            Kind::Data if member.is_none_or(|member| member.role < Role::Steward) => return Err(Rejection::Role),
            Kind::Base => return Err(Rejection::Kind),
            Kind::Data | Kind::Roster | Kind::Attest => {}
        }
        if header.epoch != self.roster.epoch {
            return Err(Rejection::Epoch);
        }
        if envelope.verify(&key) { Ok(()) } else { Err(Rejection::Signature) }
    }

    fn advance(&mut self, envelope: &Envelope) -> Result<(), Rejection> {
        let header = envelope.header();
        if header.kind == Kind::Roster {
            let body = read_body(envelope)?;
            if let RosterOp::Epoch(op) = &body.op
                && (op.seal_n, op.seal_h) != (self.head.n, self.head.h)
                && !is_planted(Fault::HeadNotCompared)
            {
                return Err(Rejection::Roster(RosterError::Seal));
            }
            self.roster.apply(envelope, &body).map_err(Rejection::Roster)?;
        }
        self.tips.insert(header.device, Tip { dseq: header.dseq, id: envelope.id() });
        self.open_ended.remove(&header.device);
        self.head = self.head.next(&envelope.id());
        Ok(())
    }
}

/// R2, and the key that the author signs with: a member's, a recovery sheet's, or that in a join.
fn author_key(roster: &Roster, envelope: &Envelope) -> Result<SigningKey, Rejection> {
    let header = envelope.header();
    if header.book != roster.book {
        return Err(Rejection::Book);
    }
    let joining = match header.kind {
        Kind::Roster => match read_body(envelope)?.op {
            RosterOp::Join(join) if DeviceId::of_key(&join.ed_pub) == header.device => Some(join.ed_pub),
            _ => None,
        },
        _ => None,
    };
    roster.signing_key(&header.device).copied().or(joining).ok_or(Rejection::NotMember)
}

/// A roster's own chain that is folded from the genesis on, where the log's other entries are not at hand: who signed, R2 to
/// R5, that each author's numbers rise, and that each op applies. The rest of R6 and R7 are not asked, and where an epoch op
/// seals the log is its author's word.
#[derive(Debug, Clone)]
pub struct RosterChain {
    roster: Roster,
    /// The last number of each author.
    numbers: BTreeMap<DeviceId, u64>,
}

impl RosterChain {
    /// Begins with the genesis.
    pub fn found(genesis: &Envelope) -> Result<Self, Rejection> {
        let roster = LogState::found(genesis)?.roster;
        Ok(Self { roster, numbers: BTreeMap::from([(genesis.header().device, genesis.header().dseq)]) })
    }

    /// The roster so far.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Takes in the next envelope, and tells its op and the key that signed it. On an error the chain is as before.
    pub fn add(&mut self, envelope: &Envelope) -> Result<(RosterOp, SigningKey), Rejection> {
        let header = envelope.header();
        if header.kind != Kind::Roster {
            return Err(Rejection::Kind);
        }
        let key = author_key(&self.roster, envelope)?;
        if self.roster.members.get(&header.device).is_some_and(|member| member.left) {
            return Err(Rejection::NotMember);
        }
        if header.epoch != self.roster.epoch {
            return Err(Rejection::Epoch);
        }
        if !envelope.verify(&key) {
            return Err(Rejection::Signature);
        }
        if self.numbers.get(&header.device) >= Some(&header.dseq) {
            return Err(Rejection::DeviceFork);
        }
        let body = read_body(envelope)?;
        self.roster.apply(envelope, &body).map_err(Rejection::Roster)?;
        self.numbers.insert(header.device, header.dseq);
        Ok((body.op, key))
    }
}

/// Folds a whole [chain](RosterChain).
pub fn read_roster<'e>(envelopes: impl IntoIterator<Item = &'e Envelope>) -> Result<Roster, Rejection> {
    let mut envelopes = envelopes.into_iter();
    let genesis = envelopes.next().ok_or(Rejection::Roster(RosterError::Malformed))?;
    let mut chain = RosterChain::found(genesis)?;
    envelopes.try_for_each(|envelope| chain.add(envelope).map(drop))?;
    Ok(chain.roster)
}

/// The roster op in an envelope's body.
pub fn read_body(envelope: &Envelope) -> Result<RosterBody, Rejection> {
    from_canonical(envelope.body()).map_err(|_| {
        let newer = RosterBody::is_from_newer_version(envelope.body());
        Rejection::Roster(if newer { RosterError::Newer } else { RosterError::Malformed })
    })
}
