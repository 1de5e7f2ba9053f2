//! From the log to the store: entries get their places, each with what rules R1–R7 say of it.
//!
//! The first half of the way from the log to the screen, one transaction a page; [`opening`](super::opening) is the
//! second. What always holds: an entry's place and its standing are kept together, and who is judged next is judged by
//! what is kept.

use minicbor::bytes::ByteVec;
use samla_wire::roster::{RosterError, RosterOp};
use samla_wire::rules::{LogState, read_body};
use samla_wire::{Accepted, DeviceId, EntryId, Envelope, Head, Kind, Past, Rejection};

use super::Replica;
use super::local::{Alarm, Local, OwnOp, Phase, Pin};
use super::opening::HELD;
use crate::context::Context;
use crate::error::BookError;
use crate::store::{NewEntry, Standing, StoreError, Tx};

/// What a page brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Entries of others that entered the document.
    pub(crate) received: u64,
    /// Own envelopes that found their place.
    pub(crate) sent: u64,
    /// Entries that stay out, by whatever rule.
    pub(crate) rejected: u64,
    /// The page ended at an entry that only a newer version reads.
    pub(crate) newer: bool,
}

/// An entry of a page, with the place that its envelope has here if this phone sealed it.
struct Incoming {
    id: EntryId,
    envelope: Option<Envelope>,
    bytes: Vec<u8>,
    own_pos: Option<i64>,
}

/// What one entry means beyond its own standing.
enum Stop {
    /// A newer version wrote it: read no further.
    Newer,
    /// It looks as if a newer version wrote it, but nobody signed it whom this version knows: read no further for now.
    NewerPerhaps,
}

impl Replica {
    /// Takes in a page of the log that begins right after this phone's head.
    pub(crate) fn take_in(&mut self, ctx: &mut Context<'_>, page: &[ByteVec]) -> Result<Taken, BookError> {
        let mut taken = Taken::default();
        if page.is_empty() {
            return Ok(taken);
        }
        let mut log = self.log.clone();
        let mut local = self.local.clone();
        let me = self.device();
        self.store.atomically(|tx| -> Result<(), BookError> {
            for bytes in page {
                let incoming = incoming(tx, bytes)?;
                let mut placing = Placing { tx, log: &mut log, local: &mut local, me, taken: &mut taken };
                if let Some(stop) = placing.place(incoming)? {
                    taken.newer = true;
                    if matches!(stop, Stop::Newer) {
                        local.require_update();
                    }
                    break;
                }
            }
            check_pin(tx, log.as_ref(), &mut local)?;
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.log = log;
        self.local = local;
        self.open_all(&mut taken)?;
        self.redo_refused(ctx)?;
        Ok(taken)
    }
}

fn incoming(tx: &Tx<'_>, bytes: &[u8]) -> Result<Incoming, BookError> {
    // An entry that this phone sealed comes back as its id: the bytes are here.
    if let Ok(id) = EntryId::try_from(bytes) {
        let Some(own) = tx.unsent_entry(&id)? else {
            // It has its place already; or another device writes with this device's key.
            return Err(if tx.has_entry(&id)? { BookError::ServerAnswer } else { BookError::DeviceFork });
        };
        let envelope = Envelope::parse(own.bytes).map_err(|_| StoreError::Damaged(None))?;
        return Ok(Incoming { id, envelope: Some(envelope), bytes: Vec::new(), own_pos: Some(own.pos) });
    }
    let id = EntryId::of_envelope(bytes);
    let own_pos = tx.unsent_entry(&id)?.map(|own| own.pos);
    Ok(Incoming { id, envelope: Envelope::parse(bytes.to_vec()).ok(), bytes: bytes.to_vec(), own_pos })
}

/// Places one entry after another in the log, by rules R1–R7.
struct Placing<'a, 'b> {
    tx: &'a mut Tx<'b>,
    log: &'a mut Option<LogState>,
    local: &'a mut Local,
    me: DeviceId,
    taken: &'a mut Taken,
}

impl Placing<'_, '_> {
    fn place(&mut self, incoming: Incoming) -> Result<Option<Stop>, BookError> {
        let Some(envelope) = &incoming.envelope else {
            self.log.as_mut().ok_or(BookError::ServerAnswer)?.skip(&incoming.id);
            self.reject(&incoming)?;
            return Ok(None);
        };
        let verdict = match self.log {
            None => {
                // The first page of a log begins with the genesis of this very book.
                let founded = LogState::found(envelope).map_err(|_| BookError::ServerAnswer)?;
                if *founded.book() != self.local.book {
                    return Err(BookError::ServerAnswer);
                }
                *self.log = Some(founded);
                Ok(Accepted::New)
            }
            Some(log) => log.append(envelope, self.tx)?,
        };
        match verdict {
            Ok(Accepted::New) => {
                self.enter(&incoming, envelope)?;
                self.fill_gaps(&envelope.header().device)?;
            }
            Err(Rejection::Roster(RosterError::Newer)) => {
                let key = self.log.as_ref().and_then(|log| log.roster.signing_key(&envelope.header().device));
                let signed = key.is_some_and(|key| envelope.verify(key));
                return Ok(Some(if signed { Stop::Newer } else { Stop::NewerPerhaps }));
            }
            Ok(Accepted::Duplicate) => {
                self.log.as_mut().ok_or(BookError::ServerAnswer)?.skip(&incoming.id);
                self.reject(&incoming)?;
            }
            Err(rejection) => {
                self.log.as_mut().ok_or(BookError::ServerAnswer)?.skip(&incoming.id);
                self.warn(rejection, &envelope.header().device);
                match rejection {
                    Rejection::Gap if self.tx.held_of(&envelope.header().device)? < HELD => {
                        self.keep(&incoming, Standing::Gap)?;
                    }
                    _ => self.reject(&incoming)?,
                }
            }
        }
        Ok(None)
    }

    fn head(&self) -> Result<Head, BookError> {
        Ok(self.log.as_ref().ok_or(BookError::ServerAnswer)?.head)
    }

    /// The entry is in order. Its changes, if it has any, are to be opened.
    fn enter(&mut self, incoming: &Incoming, envelope: &Envelope) -> Result<(), BookError> {
        if envelope.header().kind == Kind::Roster {
            self.note_roster(incoming, envelope)?;
        }
        let standing = standing_in_order(envelope);
        if incoming.own_pos.is_some() {
            self.taken.sent += 1;
        } else if envelope.header().device == self.me {
            // In order and signed with this device's key, and this device did not write it: somebody else has the key.
            self.local.raise_alarm(Alarm::DeviceFork);
        }
        self.keep(incoming, standing)
    }

    fn keep(&mut self, incoming: &Incoming, standing: Standing) -> Result<(), BookError> {
        let at = self.head()?;
        if let Some(pos) = incoming.own_pos {
            self.tx.place_own(pos, &at, standing)?;
            return Ok(());
        }
        let header = incoming.envelope.as_ref().map(Envelope::header);
        self.tx.add_entry(&NewEntry {
            at: Some(at),
            id: incoming.id,
            device: header.map_or(DeviceId::ZERO, |header| header.device),
            dseq: header.map_or(0, |header| header.dseq),
            kind: header.map(|header| header.kind),
            standing,
            edits: 0,
            bytes: &incoming.bytes,
        })?;
        Ok(())
    }

    fn reject(&mut self, incoming: &Incoming) -> Result<(), BookError> {
        // If this phone sealed it, its edits stay on this phone: an honest server would not have given it a place.
        self.taken.rejected += 1;
        self.keep(incoming, Standing::Rejected)
    }

    fn warn(&mut self, rejection: Rejection, author: &DeviceId) {
        let alarm = match rejection {
            Rejection::Fork => Alarm::Fork,
            Rejection::DeviceFork if *author == self.me => Alarm::DeviceFork,
            _ => return,
        };
        self.local.raise_alarm(alarm);
    }

    /// Envelopes of this author that came too early may fit now. Their place in the log is behind; the head stays.
    fn fill_gaps(&mut self, author: &DeviceId) -> Result<(), BookError> {
        for entry in self.tx.gaps_of(author)? {
            let Ok(envelope) = Envelope::parse(entry.bytes) else { continue };
            let log = self.log.as_mut().ok_or(BookError::ServerAnswer)?;
            match log.take_held(&envelope, self.tx)? {
                Ok(Accepted::New) => self.tx.fill_gap(entry.pos, standing_in_order(&envelope))?,
                Err(Rejection::Gap) => break,
                Ok(Accepted::Duplicate) | Err(_) => {
                    self.tx.set_standing(&entry.id, Standing::Gap, Standing::Rejected)?;
                }
            }
        }
        Ok(())
    }

    /// What an accepted roster op means for this phone's own part.
    fn note_roster(&mut self, incoming: &Incoming, envelope: &Envelope) -> Result<(), BookError> {
        let head = self.head()?;
        let Ok(body) = read_body(envelope) else { return Ok(()) };
        let own = self.local.queue.first().filter(|queued| queued.entry == Some(incoming.id)).cloned();
        if let Some(queued) = own {
            self.local.queue.remove(0);
            if let OwnOp::Invite(id) = queued.op
                && let Some(invite) = self.local.invites.iter_mut().find(|invite| invite.id == id)
            {
                invite.pin = Some(Pin { head, rseq: body.rseq, entry: incoming.id });
            }
        }
        match body.op {
            RosterOp::Join(join) => self.local.invites.retain(|invite| invite.id != join.invite),
            RosterOp::Uninvite(op) => self.local.invites.retain(|invite| invite.id != op.invite),
            RosterOp::Leave(_) if envelope.header().device == self.me => self.local.phase = Phase::Removed,
            _ => {}
        }
        Ok(())
    }
}

/// What becomes of an entry that passed rules R1–R7: changes are still to be opened.
fn standing_in_order(envelope: &Envelope) -> Standing {
    if envelope.header().kind == Kind::Data { Standing::Opening } else { Standing::Accepted }
}

/// Once the log has been read as far as the inviter had, it must be the log that the inviter saw.
fn check_pin(tx: &Tx<'_>, log: Option<&LogState>, local: &mut Local) -> Result<(), BookError> {
    let Some(pin) = local.pin.filter(|pin| log.is_some_and(|log| log.head.n >= pin.n)) else { return Ok(()) };
    if tx.hash_at(pin.n)? != Some(pin.h) {
        local.raise_alarm(Alarm::Fork);
    }
    local.pin = None;
    Ok(())
}
