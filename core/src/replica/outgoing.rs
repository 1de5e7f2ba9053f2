//! From the outbox to sealed envelopes, and roster ops on their way.
//!
//! Edits wait as separate, durable rows and are batched when they are sealed for sending: two hundred sign-ups made
//! offline cost one envelope. A sealed envelope is kept before it is sent and is sent again byte for byte until it has
//! its place in the log. A device's envelopes are a chain, so only one roster op is on its way at a time, and no new
//! edits are sealed behind it until its fate is known.

use samla_wire::http::Wrap;
use samla_wire::roster::{Invite, InviteMode, Leave, Raise, RosterBody, RosterOp, Uninvite};
use samla_wire::rules::Tip;
use samla_wire::{EntryId, Envelope, Header, Kind, limits};

use super::Replica;
use super::local::{OwnOp, Phase};
use crate::context::Context;
use crate::document::ShardChange;
use crate::error::BookError;
use crate::seal::{DATA_PAYLOAD, pack_changes, seal_envelope, wrap_key};
use crate::store::{Entry, NewEntry, Standing};

/// Edits sealed into one envelope, at most: what rule R9 allows.
const EDITS: usize = 256;
/// Bytes of edits sealed into one envelope before they are deflated. They shrink to less than half, so that the result
/// stays within one step of the buckets; an envelope that does not fit is halved.
const BYTES: usize = 256 * 1024;

impl Replica {
    /// Envelopes that are sealed and not known to be in the log, as many as one request takes.
    pub(crate) fn unsent(&self) -> Result<Vec<Entry>, BookError> {
        let mut entries = self.store.unsent_entries(limits::PUSH)?;
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
        let first = self.store.unsent_entries(1)?.into_iter().next();
        Ok(first.filter(|entry| Envelope::parse(entry.bytes.clone()).is_ok_and(|e| e.header().kind == Kind::Roster)))
    }

    /// Seals waiting edits, unless a roster op is on its way.
    pub(crate) fn seal_waiting(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.roster_op_on_its_way()?.is_some() {
            return Ok(());
        }
        while self.store.count(Standing::Unsent)? < limits::PUSH as u64 {
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
        let placed = log.tips.get(&self.device()).copied();
        let tip = self.store.newest_unsent()?.or(placed).unwrap_or(Tip { dseq: 0, id: EntryId::ZERO });
        Ok(Header {
            kind,
            book: self.book(),
            epoch: log.roster.epoch,
            device: self.device(),
            dseq: tip.dseq + 1,
            dprev: tip.id,
            seen_n: log.head.n,
            seen_h: log.head.h,
            nonce: [0; 24],
        })
    }

    /// Seals the next queued roster op, if nothing else is on its way.
    pub(crate) fn seal_roster_op(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.local.phase != Phase::Member || self.store.count(Standing::Unsent)? > 0 {
            return Ok(());
        }
        let Some(queued) = self.local.queue.first().cloned() else { return Ok(()) };
        if matches!(queued.op, OwnOp::Leave) && self.store.unsent()? > 0 {
            // What comes after a farewell is not accepted: the edits go first.
            return Ok(());
        }
        let op = match queued.op {
            OwnOp::Invite(id) => RosterOp::Invite(self.invite_op(ctx, &id)?.0),
            OwnOp::Uninvite(invite) => RosterOp::Uninvite(Uninvite { invite }),
            OwnOp::Raise(device, role) => RosterOp::Raise(Raise { device, role }),
            OwnOp::Leave => RosterOp::Leave(Leave {}),
        };
        let log = self.log.as_ref().ok_or(BookError::Joining)?;
        let body = RosterBody { rseq: log.roster.rseq + 1, rprev: log.roster.rhead, op };
        let header = self.next_header(Kind::Roster)?;
        let envelope = Envelope::sign(header, &samla_wire::to_cbor(&body), self.keys.signing_key())
            .map_err(|_| BookError::Bug("roster_op"))?;
        let mut local = self.local.clone();
        if let Some(first) = local.queue.first_mut() {
            first.entry = Some(envelope.id());
        }
        self.store.atomically(|tx| {
            tx.add_entry(&unsent_entry(&envelope, 0))?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        Ok(())
    }

    /// The op that opens an invitation, and the wrap that goes with it. The wrap is sealed once and kept, because the
    /// op names its hash.
    fn invite_op(&mut self, ctx: &mut Context<'_>, id: &samla_wire::InviteId) -> Result<(Invite, Wrap), BookError> {
        let key = self.epoch_key()?;
        let (book, epoch) = (self.book(), self.log.as_ref().map_or(0, |log| log.roster.epoch));
        let invite = self.local.invites.iter_mut().find(|invite| invite.id == *id).ok_or(BookError::Bug("invite"))?;
        let secret = invite.secret().ok_or(BookError::Bug("invite"))?;
        let wrap = match &invite.wrap {
            Some(wrap) => wrap.clone(),
            None => {
                let recipient = samla_wire::DeviceId(id.0);
                wrap_key(&key, &book, epoch, recipient, &secret.prekey(), ctx.rng)?
            }
        };
        invite.wrap = Some(wrap.clone());
        let op = Invite {
            ed_pub: secret.public_key(),
            x_pub: secret.prekey(),
            role: invite.role,
            mode: InviteMode::Auto,
            expires_day: invite.expires_day,
            wrap_hash: Some(wrap.hash()),
        };
        Ok((op, wrap))
    }

    /// The wrap that goes with the roster op on its way.
    pub(crate) fn wrap_on_its_way(&self) -> Option<Wrap> {
        match self.local.queue.first().map(|queued| &queued.op) {
            Some(OwnOp::Invite(id)) => {
                self.local.invites.iter().find(|invite| invite.id == *id).and_then(|invite| invite.wrap.clone())
            }
            _ => None,
        }
    }

    /// The roster op on its way will never be in the log: it is made again later, or given up.
    pub(crate) fn take_back_roster_op(&mut self, ctx: &mut Context<'_>, give_up: bool) -> Result<(), BookError> {
        let Some(entry) = self.local.queue.first().and_then(|queued| queued.entry) else { return Ok(()) };
        let mut local = self.local.clone();
        if give_up {
            let gone = local.queue.remove(0);
            if let OwnOp::Invite(id) = gone.op {
                local.invites.retain(|invite| invite.id != id);
            }
        } else if let Some(first) = local.queue.first_mut() {
            first.entry = None;
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
