//! The exchange of a member: envelopes out, a page of the log in.
//!
//! What has to come first is asked first, one thing a request: moving to an epoch, signing in, refilling a server,
//! founding an epoch, what a receipt said is deleted, a roster op.

use minicbor::bytes::ByteVec;
use samla_wire::http::{Ack, RosterRequest, SyncRequest, SyncResponse};
use samla_wire::problem::Code;
use samla_wire::{EntryId, Head};

use super::moving::Moving;
use super::session::Principal;
use super::{Awaiting, Progress, Request, Round, Token, books, post};
use crate::context::Context;
use crate::error::{BookError, of_problem};
use crate::replica::Replica;
use crate::replica::intake::Taken;
use crate::replica::local::Alarm;

impl Round {
    pub(super) fn member_request(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
    ) -> Result<Option<(Awaiting, Request)>, BookError> {
        if replica.local.has_alarm(Alarm::DeviceFork) {
            // Nothing but the roster is asked for.
            self.moving = Moving::Wanted;
        }
        if let Some(next) = self.moving_request(replica, ctx, &Principal::Device)? {
            return Ok(Some(next));
        }
        let token = match self.signed_in(replica, ctx, &Principal::Device)? {
            Ok(token) => token,
            Err(step) => return Ok(Some(step)),
        };
        if let Some(next) = self.refill_request(replica, &token)? {
            return Ok(Some(next));
        }
        replica.introduce(ctx)?;
        // On a log that only a file has told nothing is built: the server is to confirm it first.
        let confirmed = !replica.is_provisional();
        if confirmed && let Some(next) = self.epoch_request(replica, ctx, &token)? {
            return Ok(Some(next));
        }
        if let Some(next) = self.probe_request(replica, &token)? {
            return Ok(Some(next));
        }
        let sends = replica.log.is_some() && confirmed && self.takes_nothing.is_none() && !replica.is_carrying()?;
        if sends && !self.roster_moved && !self.op_is_taken(replica)? {
            replica.seal_roster_op(ctx)?;
            if let Some(entry) = replica.roster_op_on_its_way()? {
                let wrap = replica.wrap_on_its_way();
                let body = RosterRequest { envelope: entry.bytes.into(), wrap };
                let path = books(&replica.book(), "roster");
                let request = post(replica, path, samla_wire::to_cbor(&body), Some(&token));
                return Ok(Some((Awaiting::Roster(entry.id), request)));
            }
        }
        let mut push = Vec::new();
        self.pushed.clear();
        if sends {
            replica.seal_waiting(ctx)?;
            replica.seal_attest(ctx)?;
            if replica.roster_op_on_its_way()?.is_none() {
                let unsent = replica.unsent()?;
                self.pushed = unsent.iter().map(|entry| (entry.id, entry.device)).collect();
                push = unsent.into_iter().map(|entry| entry.bytes.into()).collect();
            }
        }
        Ok(Some(self.sync_request(replica, push, &token)))
    }

    /// Pushes these envelopes and asks for what comes after this phone's head.
    pub(super) fn sync_request(&self, replica: &Replica, push: Vec<ByteVec>, token: &Token) -> (Awaiting, Request) {
        let head = head_of(replica);
        let body = SyncRequest { cursor: head.n, head_h: head.h, push };
        let path = books(&replica.book(), "sync");
        (Awaiting::Sync(head), post(replica, path, samla_wire::to_cbor(&body), Some(token)))
    }

    /// Has the server taken the roster op that is on its way? Then it only has to be read back.
    fn op_is_taken(&self, replica: &Replica) -> Result<bool, BookError> {
        let entry = replica.roster_op_on_its_way()?;
        Ok(entry.is_some_and(|entry| self.taken_op == Some(entry.id)))
    }

    pub(super) fn on_sync(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        asked: Head,
        body: &[u8],
    ) -> Result<Progress, BookError> {
        if head_of(replica) != asked {
            // A file has brought what comes after it meanwhile: the answer is about another place.
            self.pushed.clear();
            self.wanted = true;
            return Ok(Progress::default());
        }
        let answer: SyncResponse = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        let was_provisional = replica.is_provisional();
        if answer.head.n >= asked.n {
            replica.confirm(ctx)?;
        }
        let (own, loose) = self.sort_acks(answer.acks, replica);
        // A server that has gone another way refuses for that alone: the log must be this phone's to its end.
        let is_whole = !answer.more && end_of(asked, &answer.entries) == answer.head;
        let refused = if is_whole { loose } else { Vec::new() };
        let taken = match replica.take_in(ctx, &answer.entries, &refused) {
            Err(BookError::DeviceFork) => {
                replica.raise_alarm(ctx, Alarm::DeviceFork)?;
                return Err(BookError::DeviceFork);
            }
            taken => taken?,
        };
        let head = head_of(replica);
        if taken.epoch {
            self.moving = Moving::Wanted;
            self.wanted = true;
            return Ok(progress(&taken, head, answer.head));
        }
        if !taken.newer && !answer.more && head != answer.head {
            // Fewer entries than this phone knows: perhaps an older state of the same log, which the roster will tell.
            if answer.head.n < head.n && self.refill.is_none() {
                self.moving = Moving::Wanted;
                self.wanted = true;
                return Ok(progress(&taken, head, answer.head));
            }
            replica.raise_alarm(ctx, Alarm::Chain)?;
            return Err(BookError::Chain);
        }
        let no_progress = answer.entries.is_empty() && (answer.more || answer.head.n < head.n);
        if no_progress {
            return Err(BookError::ServerAnswer);
        }
        if let Some(code) = refusal(&own) {
            if code == Code::StaleEpoch.as_str() {
                self.moving = Moving::Wanted;
                self.wanted = true;
                return Ok(progress(&taken, head, answer.head));
            }
            let error = of_problem(code);
            match error {
                BookError::DeviceFork => replica.raise_alarm(ctx, Alarm::DeviceFork)?,
                BookError::Chain => replica.raise_alarm(ctx, Alarm::Chain)?,
                _ => {}
            }
            return Err(error);
        }
        if taken.newer {
            return Err(BookError::UpdateRequired);
        }
        if replica.local.has_alarm(Alarm::Chain) {
            replica.change_local(ctx, |local| local.end_alarm(Alarm::Chain))?;
        }
        self.wanted = answer.more;
        self.roster_moved &= answer.more;
        if !answer.more {
            // What waited for a file's word to be confirmed goes out before anything is founded.
            self.synced = !was_provisional;
            replica.take_up_carried(ctx)?;
            replica.take_up_lost(ctx)?;
            replica.introduce(ctx)?;
            replica.erase_again(ctx)?;
            if replica.store.unsent(&replica.device())? == 0 {
                replica.note_shared(ctx)?;
            }
            replica.keep_if_due(ctx)?;
            self.wanted = was_provisional || self.has_to_probe(replica)?;
        }
        if !answer.more
            && let Some(code) = self.takes_nothing.take()
        {
            return Err(of_problem(&code));
        }
        Ok(progress(&taken, head, answer.head))
    }
}

impl Round {
    /// What became of this device's own envelopes, and which of others' the server will never take.
    fn sort_acks(&mut self, acks: Vec<Ack>, replica: &Replica) -> (Vec<Ack>, Vec<EntryId>) {
        let (mut own, mut refused) = (Vec::new(), Vec::new());
        let mut pushed = std::mem::take(&mut self.pushed).into_iter();
        for ack in acks {
            match (pushed.next(), &ack) {
                (Some((id, device)), Ack::Rejected(code)) if device != replica.device() => {
                    // One that comes too early may still fit, and one of an epoch that has ended goes with it.
                    let passing = [Code::Gap.as_str(), Code::StaleEpoch.as_str()].contains(&code.as_str());
                    refused.extend((!passing).then_some(id));
                }
                _ => own.push(ack),
            }
        }
        (own, refused)
    }
}

/// Where a page ends that begins right after this place. This phone's own envelopes come as their ids.
fn end_of(after: Head, page: &[ByteVec]) -> Head {
    let id = |bytes: &[u8]| EntryId::try_from(bytes).unwrap_or_else(|_| EntryId::of_envelope(bytes));
    page.iter().fold(after, |head, bytes| head.next(&id(bytes)))
}

/// Where the log ends on this phone.
fn head_of(replica: &Replica) -> Head {
    replica.log.as_ref().map_or_else(|| Head::start(&replica.book()), |log| log.head)
}

fn progress(taken: &Taken, here: Head, there: Head) -> Progress {
    let Taken { received, sent, rejected, .. } = *taken;
    Progress { received, sent, rejected, at: here.n, of: there.n }
}

/// The first envelope that the server did not take, other than those that only follow one.
fn refusal(acks: &[Ack]) -> Option<&str> {
    let mut codes = acks.iter().filter_map(|ack| match ack {
        Ack::Rejected(code) => Some(code.as_str()),
        Ack::Accepted(_) | Ack::Duplicate(_) => None,
    });
    let first = codes.next()?;
    // A gap right after another refusal is only its consequence.
    if first == Code::Gap.as_str() {
        codes.find(|code| *code != Code::Gap.as_str()).or(Some(first))
    } else {
        Some(first)
    }
}
