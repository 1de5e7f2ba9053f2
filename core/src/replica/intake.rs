//! From the log to the store: entries get their places, each with what rules R1–R7 say of it.
//!
//! The first half of the way from the log to the screen, one transaction a page; [`opening`](super::opening) is the
//! second. What always holds: an entry's place and its standing are kept together, and who is judged next is judged by
//! what is kept.

use minicbor::bytes::ByteVec;
use samla_wire::roster::{RosterError, RosterOp};
use samla_wire::rules::{LogState, read_body};
use samla_wire::{Accepted, DeviceId, EntryId, Envelope, Head, Kind, Past, Rejection, from_canonical};

use super::Replica;
use super::bundle::FileError;
use super::heard::Heard;
use super::local::{Alarm, Local, Pin};
use super::opening::HELD;
use super::want::Want;
use crate::context::Context;
use crate::error::BookError;
use crate::seal::{Attest, DeviceKeys, open_envelope};
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
    /// The page ended at an op that founds a new epoch.
    pub(crate) epoch: bool,
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
    /// A new epoch begins here: what comes after it cannot be read without its key and its base.
    Epoch,
}

impl Replica {
    /// Takes in a page of the log that begins right after this phone's head. Of what a file has brought the log never takes these.
    pub(crate) fn take_in(
        &mut self,
        ctx: &mut Context<'_>,
        page: &[ByteVec],
        refused: &[EntryId],
    ) -> Result<Taken, BookError> {
        self.take_page(ctx, page, refused, false)
    }

    /// The same where a file brings it: nothing of it is taken if an entry is not in order, which no server would have given
    /// its place. Fails with [`BookError::Chain`] where a member has signed that it has seen another log.
    pub(super) fn take_in_file(&mut self, ctx: &mut Context<'_>, page: &[ByteVec]) -> Result<Taken, BookError> {
        self.take_page(ctx, page, &[], true)
    }

    fn take_page(
        &mut self,
        ctx: &mut Context<'_>,
        page: &[ByteVec],
        refused: &[EntryId],
        of_file: bool,
    ) -> Result<Taken, BookError> {
        let mut taken = Taken::default();
        if page.is_empty() && refused.is_empty() {
            return Ok(taken);
        }
        self.redo_refused(ctx)?;
        let mut log = self.log.clone();
        let (mut local, mut keys) = (self.local.clone(), self.keys.clone());
        if of_file {
            local.confirmed = self.confirmed_head();
        }
        let (me, now, own_op) = (self.device(), ctx.now.timestamp_millis(), self.want.as_ref().and_then(Want::op_id));
        let heard = &mut self.heard;
        self.store.atomically(|tx| -> Result<(), BookError> {
            for bytes in page {
                if own_op.is_some_and(|op| bytes.as_slice() == op.as_bytes()) {
                    taken.epoch = true;
                    break;
                }
                let incoming = incoming(tx, bytes)?;
                let (log, local, keys, taken) = (&mut log, &mut local, &mut keys, &mut taken);
                let mut placing = Placing { tx, log, local, keys, heard, me, now, of_file, taken };
                match placing.place(incoming)? {
                    None => continue,
                    Some(Stop::Epoch) => taken.epoch = true,
                    Some(Stop::NewerPerhaps) => taken.newer = true,
                    Some(Stop::Newer) => {
                        taken.newer = true;
                        local.require_update();
                    }
                }
                break;
            }
            check_pin(tx, log.as_ref(), &mut local)?;
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.log = log;
        self.local = local;
        self.keys = keys;
        // What has a place can enter only where its twin is not in the document any more.
        self.redo_refused(ctx)?;
        self.open_all(&mut taken)?;
        self.heard.cap(now);
        // They leave the document, and what waits for them is made again with what it is about. Where an epoch begins its roster has
        // refused them perhaps: they are carried over.
        if !taken.epoch {
            self.reject_loose(refused)?;
        }
        match taken.received {
            0 => self.redo_refused(ctx)?,
            _ => self.redo_doubled(ctx)?,
        }
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
    keys: &'a mut DeviceKeys,
    heard: &'a mut Heard,
    me: DeviceId,
    /// In unix milliseconds.
    now: i64,
    /// No server has said that this is the log.
    of_file: bool,
    taken: &'a mut Taken,
}

impl Placing<'_, '_> {
    fn place(&mut self, incoming: Incoming) -> Result<Option<Stop>, BookError> {
        let Some(envelope) = &incoming.envelope else {
            self.may_stay_out(None)?;
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
            Some(log) if is_epoch_op(envelope) => match log.clone().append(envelope, self.tx)? {
                Ok(Accepted::New) => return Ok(Some(Stop::Epoch)),
                verdict => verdict,
            },
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
                self.may_stay_out(None)?;
                self.log.as_mut().ok_or(BookError::ServerAnswer)?.skip(&incoming.id);
                self.reject(&incoming)?;
            }
            Err(rejection) => {
                // Whoever has seen another log than a file tells has not seen another than the server's for that.
                let told = self.local.confirmed.is_none_or(|confirmed| envelope.header().seen_n <= confirmed.n);
                let rejection = Some(rejection).filter(|it| told || *it != Rejection::Fork);
                self.may_stay_out(rejection)?;
                self.log.as_mut().ok_or(BookError::ServerAnswer)?.skip(&incoming.id);
                if let Some(rejection) = rejection {
                    self.warn(rejection, &envelope.header().device);
                }
                match rejection {
                    Some(Rejection::Gap) if self.tx.held_of(&envelope.header().device)? < HELD => {
                        self.keep(&incoming, Standing::Gap)?;
                    }
                    _ => self.reject(&incoming)?,
                }
            }
        }
        Ok(None)
    }

    /// May there be an entry that stays out? Not where a file alone says that it has a place.
    fn may_stay_out(&self, rejection: Option<Rejection>) -> Result<(), BookError> {
        match (self.of_file, rejection) {
            (false, _) => Ok(()),
            (true, Some(Rejection::Fork)) => Err(BookError::Chain),
            (true, _) => Err(BookError::File(FileError::Malformed)),
        }
    }

    fn head(&self) -> Result<Head, BookError> {
        Ok(self.log.as_ref().ok_or(BookError::ServerAnswer)?.head)
    }

    /// The entry is in order. Its changes, if it has any, are to be opened.
    fn enter(&mut self, incoming: &Incoming, envelope: &Envelope) -> Result<(), BookError> {
        match envelope.header().kind {
            Kind::Roster => self.note_roster(envelope)?,
            Kind::Attest => self.note_attest(envelope),
            Kind::Data | Kind::Base => {}
        }
        self.reject_twins(envelope)?;
        let standing = standing_in_order(envelope);
        if incoming.own_pos.is_some() {
            self.taken.sent += 1;
        } else if envelope.header().device == self.me {
            // In order and signed with this device's key, and this device did not write it: somebody else has the key.
            self.local.raise_alarm(Alarm::DeviceFork);
        }
        self.keep(incoming, standing)
    }

    /// A file may have brought what a copy of that phone wrote under the same number. The log has decided: nothing that goes on
    /// from there will ever have a place.
    fn reject_twins(&mut self, envelope: &Envelope) -> Result<(), BookError> {
        let header = envelope.header();
        match header.device == self.me {
            true => Ok(()),
            false => Ok(self.tx.reject_twins(&header.device, header.dseq, &envelope.id())?),
        }
    }

    fn keep(&mut self, incoming: &Incoming, standing: Standing) -> Result<(), BookError> {
        let at = self.head()?;
        if let Some(pos) = incoming.own_pos {
            self.tx.place_own(pos, &at, standing)?;
            return Ok(());
        }
        let header = incoming.envelope.as_ref().map(Envelope::header);
        self.tx.forget_refused(&incoming.id)?;
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
        if self.local.confirmed.is_some() {
            // On a file's word alone nothing that waits is let in.
            return Ok(());
        }
        for entry in self.tx.gaps_of(author)? {
            let Ok(envelope) = Envelope::parse(entry.bytes) else { continue };
            let log = self.log.as_mut().ok_or(BookError::ServerAnswer)?;
            match log.take_held(&envelope, self.tx)? {
                Ok(Accepted::New) => {
                    self.tx.fill_gap(entry.pos, standing_in_order(&envelope))?;
                    self.reject_twins(&envelope)?;
                }
                Err(Rejection::Gap) => break,
                Ok(Accepted::Duplicate) | Err(_) => {
                    self.tx.set_standing(&entry.id, Standing::Gap, Standing::Rejected)?;
                }
            }
        }
        Ok(())
    }

    /// What an accepted roster op means for this phone's own part, once a server has told of it.
    fn note_roster(&mut self, envelope: &Envelope) -> Result<(), BookError> {
        if self.local.confirmed.is_none() {
            let head = self.head()?;
            note_op(self.local, envelope, head, self.me, self.now);
        }
        Ok(())
    }
}

impl Placing<'_, '_> {
    /// A member says that it is there, and perhaps which prekey is to be used for it from now on.
    fn note_attest(&mut self, envelope: &Envelope) {
        let key = self.local.epoch_key().map(|key| key.data_key(&self.local.book, envelope.header().epoch));
        let payload = key.and_then(|key| open_envelope(envelope, &key).ok());
        let attest = payload.and_then(|payload| from_canonical::<Attest>(&payload).ok());
        let Some(attest) = attest else { return };
        let device = envelope.header().device;
        self.heard.note(device, attest.at.map_or(self.now, |at| at.saturating_mul(1000)));
        if device == self.me && self.local.confirmed.is_none() {
            note_own_attest(self.local, self.keys, &attest);
        }
    }
}

/// What a roster op in the log, the last entry before this head, means for this phone's own part.
pub(super) fn note_op(local: &mut Local, envelope: &Envelope, head: Head, me: DeviceId, now: i64) {
    let Ok(body) = read_body(envelope) else { return };
    local.op_is_placed(Pin { head, rseq: body.rseq, entry: envelope.id() });
    match body.op {
        RosterOp::Join(join) => {
            local.invites.retain(|invite| invite.id != join.invite);
            local.note_came_in(envelope.header().device, me, now);
        }
        // Whoever printed it, there is one in force.
        RosterOp::RecoveryAdd(_) => local.end_alarm(Alarm::Sheet),
        RosterOp::Uninvite(op) => local.invites.retain(|invite| invite.id != op.invite),
        RosterOp::Leave(_) if envelope.header().device == me => local.leave(),
        _ => {}
    }
}

/// What this phone has told of itself is in the log: the prekey that it named is the one in force.
pub(super) fn note_own_attest(local: &mut Local, keys: &mut DeviceKeys, attest: &Attest) {
    let told = local.next_prekey().map(|prekey| prekey.public());
    if attest.prekey.is_some() && attest.prekey == told {
        *keys = local.take_next_prekey(keys);
    }
}

fn is_epoch_op(envelope: &Envelope) -> bool {
    envelope.header().kind == Kind::Roster
        && read_body(envelope).is_ok_and(|body| matches!(body.op, RosterOp::Epoch(_)))
}

/// What becomes of an entry that passed rules R1–R7: changes are still to be opened.
fn standing_in_order(envelope: &Envelope) -> Standing {
    if envelope.header().kind == Kind::Data { Standing::Opening } else { Standing::Accepted }
}

/// Once a server has told the log as far as the inviter had read it, it must be the log that the inviter saw; and the one that a
/// member has signed to have seen. Of a place before the op that founded this epoch nothing is left to compare; the place in the
/// roster, which was checked, binds there.
pub(super) fn check_pin(tx: &Tx<'_>, log: Option<&LogState>, local: &mut Local) -> Result<(), StoreError> {
    let Some(log) = log else { return Ok(()) };
    let read = local.confirmed.unwrap_or(log.head);
    let places: Vec<Head> = local.pin.into_iter().chain(local.signed.iter().copied()).collect();
    for place in places.into_iter().filter(|place| read.n >= place.n) {
        let is_gone = log.roster.epoch > 0 && place.n < log.roster.epoch_n;
        if !is_gone && tx.hash_at(place.n)? != Some(place.h) {
            local.raise_alarm(Alarm::Fork);
        }
    }
    local.pin.take_if(|place| read.n >= place.n);
    local.signed.retain(|place| read.n < place.n);
    Ok(())
}
