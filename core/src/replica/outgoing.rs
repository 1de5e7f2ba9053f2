//! From the outbox to sealed envelopes, and roster ops on their way.
//!
//! Edits wait as separate, durable rows and are batched when they are sealed for sending: two hundred sign-ups made
//! offline cost one envelope. A sealed envelope is kept before it is sent and is sent again byte for byte until it has
//! its place in the log. A device's envelopes are a chain, so only one roster op is on its way at a time, and no new
//! edits are sealed behind it until its fate is known.

use samla_wire::http::Wrap;
use samla_wire::ids::Prekey;
use samla_wire::roster::{
    Admit, Deny, Invite, InviteMode, Leave, Raise, RecoveryAdd, RecoveryRetire, RosterBody, RosterOp, Uninvite,
};
use samla_wire::rules::{LogState, Tip};
use samla_wire::{DeviceId, EntryId, Envelope, Header, Kind, limits};

use super::Replica;
use super::local::{Alarm, OwnOp, Phase};
use crate::context::Context;
use crate::document::ShardChange;
use crate::error::BookError;
use crate::seal::{Attest, DATA_PAYLOAD, PrekeySecret, RecoverySecret, pack_changes, seal_envelope, wrap_key};
use crate::store::{Entry, NewEntry, Standing};

/// Edits sealed into one envelope, at most: what rule R9 allows.
const EDITS: usize = 256;
/// Bytes of edits sealed into one envelope before they are deflated. They shrink to less than half, so that the result
/// stays within one step of the buckets; an envelope that does not fit is halved.
const BYTES: usize = 256 * 1024;
/// Milliseconds after which a device in use says again that it is there.
const ATTEST_EVERY: i64 = 24 * 60 * 60 * 1000;

impl Replica {
    /// Envelopes that are sealed and not known to be in the log, as many as one request takes: those that a file brought
    /// first, because own ones may build on them, but never so many that there is no room for one's own.
    pub(crate) fn unsent(&self) -> Result<Vec<Entry>, BookError> {
        let me = self.device();
        let mut entries = self.store.loose_entries(&me, limits::PUSH / 2)?;
        entries.extend(self.store.unsent_entries(&me, limits::PUSH - entries.len())?);
        let mut bytes = 0;
        let fits = entries.iter().take_while(|entry| {
            bytes += entry.bytes.len() + 16;
            bytes < limits::REQUEST - 1024
        });
        let count = fits.count();
        entries.truncate(count);
        Ok(entries)
    }

    /// The roster op that is sealed and on its way, if there is one.
    pub(crate) fn roster_op_on_its_way(&self) -> Result<Option<Entry>, BookError> {
        let first = self.store.unsent_entries(&self.device(), 1)?.into_iter().next();
        Ok(first.filter(|entry| Envelope::parse(entry.bytes.clone()).is_ok_and(|e| e.header().kind == Kind::Roster)))
    }

    /// Seals waiting edits, unless an op is on its way: the own join; one of the roster, though a file may have given it a place;
    /// or one that founds an epoch, which is built and has its number in this device's chain.
    pub(crate) fn seal_waiting(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let comes_in = matches!(self.local.phase, Phase::Joining(_) | Phase::Recovering(_));
        let founds = self.want.as_ref().is_some_and(|want| want.built.is_some());
        let sealed_op = self.local.queue.first().is_some_and(|queued| queued.entry.is_some());
        if comes_in || founds || sealed_op || self.roster_op_on_its_way()?.is_some() {
            return Ok(());
        }
        while self.store.count_unsent(&self.device())? < limits::PUSH as u64 {
            let mut waiting = self.store.outbox(EDITS)?;
            let mut bytes = 0;
            let count = waiting.iter().take_while(|(_, change)| {
                bytes += change.bytes.len();
                bytes <= BYTES
            });
            let count = count.count().max(1);
            waiting.truncate(count);
            if waiting.is_empty() {
                return Ok(());
            }
            self.seal_edits(ctx, waiting)?;
        }
        Ok(())
    }

    fn seal_edits(&mut self, ctx: &mut Context<'_>, mut edits: Vec<(i64, ShardChange)>) -> Result<(), BookError> {
        let payload = loop {
            let changes: Vec<(u16, &[u8])> =
                edits.iter().map(|(_, change)| (change.shard, change.bytes.as_slice())).collect();
            let payload = pack_changes(&changes);
            if payload.len() <= DATA_PAYLOAD {
                break payload;
            }
            if edits.len() == 1 {
                return Err(BookError::Bug("edit_too_large"));
            }
            edits.truncate(edits.len() / 2);
        };
        let Some((through, _)) = edits.last() else { return Ok(()) };
        let through = *through;
        let header = self.next_header(Kind::Data)?;
        let key = self.epoch_key()?.data_key(&self.book(), header.epoch);
        let envelope = seal_envelope(header, &payload, &key, self.keys.signing_key(), ctx.rng)?;
        self.store.atomically(|tx| {
            tx.add_entry(&unsent_entry(&envelope, edits.len()))?;
            tx.clear_outbox(through)
        })?;
        Ok(())
    }

    /// The header of this device's next envelope.
    fn next_header(&self, kind: Kind) -> Result<Header, BookError> {
        let log = self.log.as_ref().ok_or(BookError::Joining)?;
        self.header_of(kind, log, self.device())
    }

    /// The header of this author's next envelope.
    pub(super) fn header_of(&self, kind: Kind, log: &LogState, author: DeviceId) -> Result<Header, BookError> {
        let placed = log.tips.get(&author).copied();
        let tip = self.store.newest_unsent(&author)?.or(placed).unwrap_or(Tip { dseq: 0, id: EntryId::ZERO });
        let seen = self.local.confirmed.unwrap_or(log.head);
        Ok(Header {
            kind,
            book: self.book(),
            epoch: log.roster.epoch,
            device: author,
            dseq: tip.dseq + 1,
            dprev: tip.id,
            seen_n: seen.n,
            seen_h: seen.h,
            nonce: [0; 24],
        })
    }

    /// Seals the next queued roster op, if nothing else is on its way.
    pub(crate) fn seal_roster_op(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.local.phase != Phase::Member || self.store.count_unsent(&self.device())? > 0 {
            return Ok(());
        }
        let Some(queued) = self.local.queue.first().cloned() else { return Ok(()) };
        if matches!(queued.op, OwnOp::Leave) && self.store.unsent(&self.device())? > 0 {
            // What comes after a farewell is not accepted: the edits go first.
            return Ok(());
        }
        let mut wrap = None;
        let mut sheet = None;
        let op = match queued.op {
            OwnOp::Invite(id) => {
                let (op, with) = self.invite_op(ctx, &id)?;
                wrap = with;
                RosterOp::Invite(op)
            }
            OwnOp::Uninvite(invite) => RosterOp::Uninvite(Uninvite { invite }),
            OwnOp::Raise(device, role) => RosterOp::Raise(Raise { device, role }),
            OwnOp::Leave => RosterOp::Leave(Leave {}),
            OwnOp::Admit(device, role) => {
                let pending = self.log.as_ref().and_then(|log| log.roster.pending.get(&device));
                let Some(prekey) = pending.map(|pending| pending.prekey) else {
                    // Somebody else has decided meanwhile.
                    return self.change_local(ctx, |local| drop(local.queue.remove(0)));
                };
                let key = self.wrap_for(ctx, device, &prekey)?;
                let op = Admit { device, role, wrap_hash: key.hash() };
                wrap = Some(key);
                RosterOp::Admit(op)
            }
            OwnOp::Deny(device) => RosterOp::Deny(Deny { device }),
            OwnOp::AddSheet(key) => {
                let sealed = self.wrap_for(ctx, DeviceId::of_key(&key.ed_pub), &key.x_pub)?;
                let op = RecoveryAdd { key, wrap_hash: Some(sealed.hash()) };
                wrap = Some(sealed);
                RosterOp::RecoveryAdd(op)
            }
            OwnOp::RetireSheet(_, Some(new)) if !self.has_sheet(&new) => {
                // What was to take its place is not in force.
                return self.change_local(ctx, |local| {
                    local.queue.remove(0);
                    local.raise_alarm(Alarm::Sheet);
                });
            }
            OwnOp::RetireSheet(secret, _) => {
                let secret: [u8; 32] = secret.as_slice().try_into().map_err(|_| BookError::Bug("sheet"))?;
                let secret = RecoverySecret::from_bytes(secret);
                let device = secret.device_id();
                let is_last = self.log.as_ref().is_none_or(|log| log.roster.recovery.len() <= 1);
                if is_last || !self.has_sheet(&device) {
                    // Somebody else has retired it meanwhile, or all others.
                    return self.change_local(ctx, |local| drop(local.queue.remove(0)));
                }
                sheet = Some(secret);
                RosterOp::RecoveryRetire(RecoveryRetire { device })
            }
        };
        let log = self.log.as_ref().ok_or(BookError::Joining)?;
        let body = RosterBody { rseq: log.roster.rseq + 1, rprev: log.roster.rhead, op };
        let (author, key) = match &sheet {
            Some(sheet) => (sheet.device_id(), sheet.signing_key()),
            None => (self.device(), self.keys.signing_key().clone()),
        };
        let header = self.header_of(Kind::Roster, log, author)?;
        let envelope =
            Envelope::sign(header, &samla_wire::to_cbor(&body), &key).map_err(|_| BookError::Bug("roster_op"))?;
        let mut local = self.local.clone();
        if let Some(first) = local.queue.first_mut() {
            first.entry = Some(envelope.id());
            first.wrap = wrap;
        }
        self.store.atomically(|tx| {
            tx.add_entry(&unsent_entry(&envelope, 0))?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        Ok(())
    }

    /// Is this sheet in force?
    fn has_sheet(&self, sheet: &DeviceId) -> bool {
        self.log.as_ref().is_some_and(|log| log.roster.recovery.contains_key(sheet))
    }

    /// The op that opens an invitation, and the wrap that goes with it where it lets in at once.
    fn invite_op(&self, ctx: &mut Context<'_>, id: &samla_wire::InviteId) -> Result<(Invite, Option<Wrap>), BookError> {
        let invite = self.local.invites.iter().find(|invite| invite.id == *id).ok_or(BookError::Bug("invite"))?;
        let secret = invite.secret().ok_or(BookError::Bug("invite"))?;
        let wrap = match invite.mode {
            InviteMode::Auto => Some(self.wrap_for(ctx, DeviceId(id.0), &secret.prekey())?),
            InviteMode::Confirm => None,
        };
        let op = Invite {
            ed_pub: secret.public_key(),
            x_pub: secret.prekey(),
            role: invite.role,
            mode: invite.mode,
            expires_day: invite.expires_day,
            wrap_hash: wrap.as_ref().map(Wrap::hash),
        };
        Ok((op, wrap))
    }

    /// This epoch's key, sealed to one recipient.
    pub(crate) fn wrap_for(
        &self,
        ctx: &mut Context<'_>,
        recipient: DeviceId,
        prekey: &Prekey,
    ) -> Result<Wrap, BookError> {
        Ok(wrap_key(&self.epoch_key()?, &self.book(), self.epoch(), recipient, prekey, ctx.rng)?)
    }

    /// The wrap that goes with the roster op on its way.
    pub(crate) fn wrap_on_its_way(&self) -> Option<Wrap> {
        self.local.queue.first().and_then(|queued| queued.wrap.clone())
    }

    /// Seals "I am here", if it is time to or a new prekey is to be told.
    pub(crate) fn seal_attest(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let now = ctx.now.timestamp_millis();
        let news = self.local.next_prekey().is_some();
        let Some(before) = self.local.attested else {
            return self.change_local(ctx, |local| local.attested = Some(now));
        };
        let due = now.saturating_sub(before) >= ATTEST_EVERY;
        if !(due || news) || self.roster_op_on_its_way()?.is_some() || self.attest_on_its_way()? {
            return Ok(());
        }
        let prekey = self.local.next_prekey().as_ref().map(PrekeySecret::public);
        let attest = Attest { prekey, at: Some(ctx.now.timestamp()) };
        let header = self.next_header(Kind::Attest)?;
        let key = self.epoch_key()?.data_key(&self.book(), header.epoch);
        let payload = samla_wire::to_cbor(&attest);
        let envelope = seal_envelope(header, &payload, &key, self.keys.signing_key(), ctx.rng)?;
        let mut local = self.local.clone();
        local.attested = Some(now);
        self.store.atomically(|tx| {
            tx.add_entry(&unsent_entry(&envelope, 0))?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        Ok(())
    }

    fn attest_on_its_way(&self) -> Result<bool, BookError> {
        let unsent = self.store.unsent_entries(&self.device(), usize::MAX)?;
        let attest = |bytes: &[u8]| Envelope::parse(bytes.to_vec()).is_ok_and(|e| e.header().kind == Kind::Attest);
        Ok(unsent.iter().any(|entry| attest(&entry.bytes)))
    }

    /// The roster op on its way will never be in the log: it is made again later, or given up. With a new recovery sheet goes the
    /// retirement of the one that it was to replace.
    pub(crate) fn take_back_roster_op(&mut self, ctx: &mut Context<'_>, give_up: bool) -> Result<(), BookError> {
        let Some(entry) = self.local.queue.first().and_then(|queued| queued.entry) else {
            // The queue knows no more of what is on its way.
            let Some(lost) = self.roster_op_on_its_way()? else { return Ok(()) };
            return Ok(self.store.atomically(|tx| tx.remove_unsent(&lost.id))?);
        };
        let mut local = self.local.clone();
        if give_up {
            let gone = local.queue.remove(0);
            match gone.op {
                OwnOp::Invite(id) => local.invites.retain(|invite| invite.id != id),
                OwnOp::AddSheet(key) => {
                    let new = DeviceId::of_key(&key.ed_pub);
                    local.queue.retain(|queued| !queued.op.replaces_by(&new));
                    local.raise_alarm(Alarm::Sheet);
                }
                _ => {}
            }
        } else if let Some(first) = local.queue.first_mut() {
            first.entry = None;
            first.wrap = None;
        }
        self.store.atomically(|tx| {
            tx.remove_unsent(&entry)?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        Ok(())
    }
}

pub(crate) fn unsent_entry(envelope: &Envelope, edits: usize) -> NewEntry<'_> {
    let header = envelope.header();
    NewEntry {
        at: None,
        id: envelope.id(),
        device: header.device,
        dseq: header.dseq,
        kind: Some(header.kind),
        standing: Standing::Unsent,
        edits,
        bytes: envelope.bytes(),
    }
}
