//! What has its place in the log by a file's word alone, until a server bears it out.
//!
//! A file gives its entries the places that they have in its maker's log, and they are read at once. But nobody has signed who
//! stands where, so this phone remembers how far a server has told it the log ([`Local::confirmed`]): it signs to have seen no
//! more than that, founds nothing on more and lets in nothing that waits. The first answer of a server that goes on from
//! there confirms all of it. Where the server's log goes another way, the phone falls back to what was confirmed: what the
//! file brought stays in the register as loose envelopes ([`bundle`](super::bundle)), which the server judges.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use samla_wire::{DeviceId, Envelope, Head, Kind, LogHash};

use super::Replica;
use super::intake::{check_pin, note_op, note_own_attest};
use super::local::OwnInvite;
use crate::context::Context;
use crate::error::BookError;
use crate::store::{Entry, Standing, StoreError};

/// So many logs that were given up are held against the server's at once.
const SIGNED: usize = 8;

/// Hashes of a log by their places.
pub(super) type Places = BTreeMap<u64, LogHash>;

impl Replica {
    /// Does a part of the log stand on a file's word alone?
    pub(crate) fn is_provisional(&self) -> bool {
        self.local.confirmed.is_some()
    }

    /// How far the log is one that a server has told.
    pub(crate) fn confirmed_head(&self) -> Option<Head> {
        self.local.confirmed.or(self.log.as_ref().map(|log| log.head))
    }

    /// Is an own invitation open still? Where only a file has told that somebody came in by it, it comes back if that is not so.
    pub(crate) fn is_open(&self, invite: &OwnInvite) -> bool {
        let in_roster = || self.log.as_ref().is_some_and(|log| log.roster.invites.contains_key(&invite.id));
        !self.is_provisional() || invite.pin.is_none() || in_roster()
    }

    /// A server has the log as it is here. What this phone's own part takes from the log it takes now; and where something waits, this
    /// part of the log is judged once more, in its order, as by everybody else.
    pub(crate) fn confirm(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(confirmed) = self.local.confirmed else { return Ok(()) };
        let tail = self.store.entries_after(confirmed.n)?;
        let waits = [Standing::Gap, Standing::Waiting, Standing::Orphaned].into_iter();
        let waits = waits.map(|standing| self.store.count(standing)).sum::<Result<u64, _>>()? > 0;
        if waits || tail.iter().any(|entry| entry.standing == Standing::Rejected) {
            let page: Vec<ByteVec> = tail.iter().map(|entry| entry.bytes.clone().into()).collect();
            self.unplace(ctx, tail, None)?;
            return self.take_in(ctx, &page, &[]).map(drop);
        }
        self.note_placed(ctx, confirmed, tail, true)
    }

    /// An epoch begins that goes on from the log as it is here, as far as its roster and its seal tell. Its base takes the place of
    /// the log, so only what waits in this phone's queue has to learn of its place; which prekey is in force the epoch tells.
    pub(crate) fn confirm_for_epoch(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(confirmed) = self.local.confirmed else { return Ok(()) };
        let tail = self.store.entries_after(confirmed.n)?;
        self.note_placed(ctx, confirmed, tail, false)
    }

    /// What a file has told is the log's: takes from it what means something for this phone's own part.
    fn note_placed(
        &mut self,
        ctx: &mut Context<'_>,
        confirmed: Head,
        tail: Vec<Entry>,
        attests: bool,
    ) -> Result<(), BookError> {
        let (me, now, mut head) = (self.device(), ctx.now.timestamp_millis(), confirmed);
        let (mut local, mut keys) = (self.local.clone(), self.keys.clone());
        local.confirmed = None;
        for entry in tail {
            head = head.next(&entry.id);
            let Ok(envelope) = Envelope::parse(entry.bytes) else { continue };
            match envelope.header().kind {
                _ if entry.standing != Standing::Accepted => {}
                Kind::Roster => note_op(&mut local, &envelope, head, me, now),
                Kind::Attest if attests && entry.device == me => {
                    if let Some(attest) = self.open_attest(envelope.bytes()) {
                        note_own_attest(&mut local, &mut keys, &attest);
                    }
                }
                _ => {}
            }
        }
        let log = self.log.as_ref();
        self.store.atomically(|tx| -> Result<(), StoreError> {
            check_pin(tx, log, &mut local)?;
            local.keep(tx, ctx.rng)
        })?;
        (self.local, self.keys) = (local, keys);
        Ok(())
    }

    /// The server's log goes another way than a file has told. Own envelopes are sent again; what the file brought is loose now. The
    /// alarm is raised only where the log turns out to be another than one that a member has signed to have seen.
    pub(crate) fn fall_back(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(confirmed) = self.local.confirmed else { return Ok(()) };
        let tail = self.store.entries_after(confirmed.n)?;
        let signed = self.signed_in(confirmed, &tail)?;
        self.unplace(ctx, tail, signed)
    }

    /// Takes its place from all that a file has told, and keeps how far a member has signed to have seen that.
    ///
    /// An author of whom something waits, or was refused, may have written two changes of one number, and which of them enters
    /// is the log's to say. What came after it of that author leaves the document as well.
    fn unplace(&mut self, ctx: &mut Context<'_>, tail: Vec<Entry>, signed: Option<Head>) -> Result<(), BookError> {
        let mut local = self.local.clone();
        local.confirmed = None;
        local.signed.extend(signed.filter(|signed| local.signed.len() < SIGNED && !local.signed.contains(signed)));
        let (me, op) = (self.device(), local.queue.first().and_then(|queued| queued.entry));
        let mut doubted: BTreeSet<DeviceId> = self.store.left_out()?.into_iter().map(|entry| entry.device).collect();
        let (mut loose, mut leave) = (Vec::with_capacity(tail.len()), Vec::new());
        for entry in tail {
            let own = entry.device == me || op == Some(entry.id);
            if !own && entry.standing != Standing::Accepted {
                doubted.insert(entry.device);
            } else if !own && doubted.contains(&entry.device) {
                leave.push(entry.id);
            }
            // What a copy of this phone wrote is in the document as well.
            let edits = self.edits_to_keep(&entry).or(own.then_some(entry.edits));
            loose.push((entry.pos, edits));
        }
        let before = self.store.loose_entries(&me, usize::MAX)?.into_iter();
        leave.extend(before.filter(|entry| doubted.contains(&entry.device)).map(|entry| entry.id));
        self.store.atomically(|tx| {
            for (pos, edits) in loose {
                match edits {
                    Some(edits) => tx.unplace(pos, edits)?,
                    None => tx.remove(pos)?,
                }
            }
            leave.iter().try_for_each(|id| tx.set_standing(id, Standing::Unsent, Standing::Rejected))?;
            tx.clear_cache()?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        self.lacking.clear();
        self.out_of_step = true;
        self.log = super::keep::log_state(&self.store)?;
        self.rebuild()?;
        self.redo_alone(ctx)
    }

    /// How many edits an entry has brought into the document; none where a colleague's cannot be handed on.
    fn edits_to_keep(&self, entry: &Entry) -> Option<u64> {
        let header = *Envelope::parse(entry.bytes.clone()).ok()?.header();
        match header.kind {
            _ if entry.standing != Standing::Accepted => None,
            Kind::Data => self.open_entry(entry).ok().map(|changes| changes.len() as u64),
            Kind::Attest => Some(0),
            Kind::Roster | Kind::Base => None,
        }
    }

    /// How far a member has signed to have seen what stands here by a file's word alone.
    pub(super) fn signed_in_tail(&self) -> Result<Option<Head>, BookError> {
        let Some(confirmed) = self.local.confirmed else { return Ok(None) };
        let tail = self.store.entries_after(confirmed.n)?;
        self.signed_in(confirmed, &tail)
    }

    /// The last place after this one that a member has signed to have seen. Its hash stands for all before it.
    fn signed_in(&self, confirmed: Head, tail: &[Entry]) -> Result<Option<Head>, BookError> {
        let mut head = confirmed;
        let places: Places = tail
            .iter()
            .map(|entry| {
                head = head.next(&entry.id);
                (head.n, head.h)
            })
            .collect();
        let loose = self.store.loose_entries(&self.device(), usize::MAX)?;
        let signed = tail.iter().chain(&loose).filter_map(|entry| self.seen_in(&places, &entry.bytes));
        Ok(signed.max_by_key(|head| head.n))
    }

    /// Which of these places a member has signed in this envelope to have seen, if it has.
    pub(super) fn seen_in(&self, places: &Places, bytes: &[u8]) -> Option<Head> {
        let envelope = Envelope::parse(bytes.to_vec()).ok()?;
        let (header, roster) = (envelope.header(), &self.log.as_ref()?.roster);
        let seen = Head { n: header.seen_n, h: header.seen_h };
        let is_signed = places.get(&seen.n) == Some(&seen.h)
            && header.book == roster.book
            && roster.signing_key(&header.device).is_some_and(|key| envelope.verify(key));
        is_signed.then_some(seen)
    }
}
