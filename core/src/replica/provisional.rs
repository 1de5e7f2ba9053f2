//! What has its place in the log by a file's word alone, until a server bears it out.
//!
//! A file gives its entries the places that they have in its maker's log, and they are read at once. But nobody has signed who
//! stands where, so this phone remembers how far a server has told it the log ([`Local::confirmed`]): it signs to have seen no
//! more than that, founds nothing on more and lets in nothing that waits. The first answer of a server that goes on from
//! there confirms all of it. Where the server's log goes another way, the phone falls back to what was confirmed: what the
//! file brought stays in the register as loose envelopes ([`bundle`](super::bundle)), which the server judges.

use std::collections::BTreeMap;

use samla_wire::rules::read_body;
use samla_wire::{Envelope, Head, Kind, LogHash};

use super::Replica;
use super::intake::{Taken, check_pin};
use super::local::Pin;
use crate::context::Context;
use crate::error::BookError;
use crate::store::{Entry, Standing, StoreError};

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

    /// A server has the log as it is here.
    pub(crate) fn confirm(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(confirmed) = self.local.confirmed else { return Ok(()) };
        let mut local = self.local.clone();
        local.confirmed = None;
        if let Some(op) = local.queue.first().and_then(|queued| queued.entry) {
            let mut head = confirmed;
            for entry in self.store.entries_after(confirmed.n)? {
                head = head.next(&entry.id);
                if entry.id == op {
                    let body = Envelope::parse(entry.bytes).ok().and_then(|envelope| read_body(&envelope).ok());
                    let rseq = body.ok_or(StoreError::Damaged(None))?.rseq;
                    local.op_is_placed(Pin { head, rseq, entry: op });
                    break;
                }
            }
        }
        let log = self.log.as_ref();
        self.store.atomically(|tx| -> Result<(), StoreError> {
            check_pin(tx, log, &mut local)?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        self.open_waiting(&mut Taken::default())
    }

    /// The server's log goes another way than a file has told. Own envelopes are sent again; what the file brought is loose now. The
    /// alarm is raised only where the log turns out to be another than one that a member has signed to have seen.
    pub(crate) fn fall_back(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(confirmed) = self.local.confirmed else { return Ok(()) };
        let tail = self.store.entries_after(confirmed.n)?;
        let mut local = self.local.clone();
        local.confirmed = None;
        local.signed = self.signed_in(confirmed, &tail)?;
        let (me, op) = (self.device(), local.queue.first().and_then(|queued| queued.entry));
        let mut loose = Vec::with_capacity(tail.len());
        for entry in tail {
            let own = entry.device == me || op == Some(entry.id);
            let edits = if own { Some(entry.edits) } else { self.edits_to_keep(&entry) };
            loose.push((entry.pos, edits));
        }
        self.store.atomically(|tx| {
            for (pos, edits) in loose {
                match edits {
                    Some(edits) => tx.unplace(pos, edits)?,
                    None => tx.remove(pos)?,
                }
            }
            tx.clear_cache()?;
            local.keep(tx, ctx.rng)
        })?;
        self.local = local;
        self.lacking.clear();
        self.out_of_step = true;
        self.log = super::keep::log_state(&self.store)?;
        self.rebuild()
    }

    /// How many edits a colleague's entry has brought into the document; none where it cannot be handed on.
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
