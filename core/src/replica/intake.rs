//! From the log to the screen: entries are placed, judged, opened, checked, merged and shown.
//!
//! Two transactions a page. The first keeps the entries as they came, each with what rules R1–R7 say of it; the second
//! keeps what rules R8–R9 say once the document has taken them in. A phone that stops between the two finds the
//! entries *opening* and takes them up one by one: one that stops it again is left out ([`Standing::Quarantined`]).

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use samla_wire::roster::{RosterError, RosterOp};
use samla_wire::rules::{LogState, read_body};
use samla_wire::{Accepted, DeviceId, EntryId, Envelope, Head, Kind, Past, Rejection};

use super::Replica;
use super::local::{Alarm, Local, OwnOp, Phase, Pin};
use crate::context::Context;
use crate::document::ShardChange;
use crate::error::BookError;
use crate::seal::{open_envelope, unpack_changes};
use crate::store::{Entry, NewEntry, Standing, StoreError, Tx};
use crate::validate::{self, Refusal, Verdict};

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

/// What became of an entry: from one standing to another.
type Settled = (EntryId, Standing, Standing);

/// Envelopes of one author that may wait for another.
const HELD: u64 = 256;

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
        Ok(taken)
    }

    /// Opens, checks and merges every entry that passed rules R1–R7.
    fn open_all(&mut self, taken: &mut Taken) -> Result<(), BookError> {
        let mut opening = self.store.entries_of(Standing::Opening)?;
        if opening.is_empty() {
            return Ok(());
        }
        opening.extend(self.store.entries_of(Standing::Waiting)?);
        let standings = self.judge_all(opening)?;
        match self.document.flush() {
            Ok(touched) => self.show(touched)?,
            Err(_) => {
                // Something in this page stops the document: begin again from what is kept, one entry at a time.
                self.rebuild()?;
                return self.open_one_by_one();
            }
        }
        for (_, _, to) in &standings {
            match to {
                Standing::Accepted => taken.received += 1,
                Standing::Refused => taken.rejected += 1,
                _ => {}
            }
        }
        self.settle(&standings)
    }

    /// Keeps what became of entries. If that fails, the document has changes that nothing says it has: it is made again
    /// from what is kept.
    fn settle(&mut self, standings: &[Settled]) -> Result<(), BookError> {
        let kept = self.store.atomically(|tx| -> Result<(), StoreError> {
            for (id, from, to) in standings.iter().filter(|(_, from, to)| from != to) {
                tx.set_standing(id, *from, *to)?;
            }
            Ok(())
        });
        if let Err(error) = kept {
            self.rebuild()?;
            return Err(error.into());
        }
        Ok(())
    }

    /// Judges entries until no more can enter; those that lack a predecessor wait.
    fn judge_all(&mut self, mut entries: Vec<Entry>) -> Result<Vec<Settled>, BookError> {
        let mut standings = Vec::with_capacity(entries.len());
        loop {
            let before = entries.len();
            let mut waiting = Vec::new();
            for entry in entries {
                match self.judge(&entry)? {
                    Standing::Waiting => waiting.push(entry),
                    to => standings.push((entry.id, entry.standing, to)),
                }
            }
            if waiting.len() == before || waiting.is_empty() {
                let mut held: BTreeMap<DeviceId, u64> = BTreeMap::new();
                standings.extend(waiting.iter().map(|entry| {
                    let of_author = held.entry(entry.device).or_default();
                    *of_author += 1;
                    let to = if *of_author <= HELD { Standing::Waiting } else { Standing::Refused };
                    (entry.id, entry.standing, to)
                }));
                return Ok(standings);
            }
            entries = waiting;
        }
    }

    /// Rules R8 and R9 for one entry; on acceptance its changes wait for the next flush.
    fn judge(&mut self, entry: &Entry) -> Result<Standing, BookError> {
        let changes = match self.open_entry(entry) {
            Ok(changes) => changes,
            Err(_) => return Ok(Standing::Refused),
        };
        for change in &changes {
            if change.shard >= self.document.shard_count() {
                return Ok(Standing::Refused);
            }
            self.ensure(change.shard)?;
        }
        match validate::judge(&mut self.document, &entry.device.0, &changes) {
            Verdict::Enter(entering) => {
                for (shard, of_shard) in entering {
                    self.document.accept(shard, of_shard)?;
                }
                Ok(Standing::Accepted)
            }
            Verdict::Wait => Ok(Standing::Waiting),
            Verdict::Refuse(_) => Ok(Standing::Refused),
        }
    }

    /// Rule R8: the seal, the padding, and a list of changes within bounds.
    fn open_entry(&self, entry: &Entry) -> Result<Vec<ShardChange>, Refusal> {
        let envelope = Envelope::parse(entry.bytes.clone()).map_err(|_| Refusal::Seal)?;
        let key = self.local.epoch_key().ok_or(Refusal::Seal)?.data_key(&self.book(), envelope.header().epoch);
        let payload = open_envelope(&envelope, &key).map_err(|_| Refusal::Seal)?;
        let changes = unpack_changes(&payload).map_err(|_| Refusal::Payload)?;
        Ok(changes.into_iter().map(|(shard, bytes)| ShardChange { shard, bytes }).collect())
    }

    /// Takes up opening entries alone, each marked while it is tried, so that the one that stops this phone is known.
    pub(super) fn open_one_by_one(&mut self) -> Result<(), BookError> {
        for entry in self.store.entries_of(Standing::Opening)? {
            self.settle(&[(entry.id, Standing::Opening, Standing::Suspect)])?;
            let to = self.judge(&entry)?;
            let to = match self.document.flush() {
                Ok(touched) => {
                    self.show(touched)?;
                    to
                }
                Err(_) => {
                    self.settle(&[(entry.id, Standing::Suspect, Standing::Quarantined)])?;
                    self.rebuild()?;
                    continue;
                }
            };
            self.settle(&[(entry.id, Standing::Suspect, to)])?;
        }
        Ok(())
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
        if let Some(pos) = incoming.own_pos {
            self.taken.sent += 1;
            let head = self.head()?;
            self.tx.place_own(pos, &head)?;
            return Ok(());
        }
        if envelope.header().device == self.me {
            // In order and signed with this device's key, and this device did not write it: somebody else has the key.
            self.local.raise_alarm(Alarm::DeviceFork);
        }
        let standing = if envelope.header().kind == Kind::Data { Standing::Opening } else { Standing::Accepted };
        self.keep(incoming, standing)
    }

    fn keep(&mut self, incoming: &Incoming, standing: Standing) -> Result<(), BookError> {
        let at = self.head()?;
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
        self.taken.rejected += 1;
        match incoming.own_pos {
            // The log has it and every phone rejects it: it keeps its place, and its edits stay on this phone.
            Some(pos) => {
                let head = self.head()?;
                self.tx.place_own(pos, &head)?;
                self.tx.set_standing(&incoming.id, Standing::Accepted, Standing::Rejected)?;
                Ok(())
            }
            None => self.keep(incoming, Standing::Rejected),
        }
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
                Ok(Accepted::New) => {
                    let to = match envelope.header().kind {
                        Kind::Data => Standing::Opening,
                        _ => Standing::Accepted,
                    };
                    self.tx.set_standing(&entry.id, Standing::Gap, to)?;
                }
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

/// Once the log has been read as far as the inviter had, it must be the log that the inviter saw.
fn check_pin(tx: &Tx<'_>, log: Option<&LogState>, local: &mut Local) -> Result<(), BookError> {
    let Some(pin) = local.pin.filter(|pin| log.is_some_and(|log| log.head.n >= pin.n)) else { return Ok(()) };
    if tx.hash_at(pin.n)? != Some(pin.h) {
        local.raise_alarm(Alarm::Fork);
    }
    local.pin = None;
    Ok(())
}
