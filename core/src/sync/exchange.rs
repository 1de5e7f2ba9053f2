//! The exchange of a member: envelopes out, a page of the log in.

use samla_wire::Head;
use samla_wire::http::{Ack, RosterRequest, SyncRequest, SyncResponse};
use samla_wire::problem::Code;

use super::session::Principal;
use super::{Awaiting, Progress, Request, Round, books, post};
use crate::context::Context;
use crate::error::{BookError, of_problem};
use crate::replica::Replica;
use crate::replica::local::Alarm;

impl Round {
    pub(super) fn member_request(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
    ) -> Result<Option<(Awaiting, Request)>, BookError> {
        let token = match self.signed_in(replica, ctx, &Principal::Device)? {
            Ok(token) => token,
            Err(step) => return Ok(Some(step)),
        };
        let sends = replica.log.is_some() && self.takes_nothing.is_none();
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
        if sends {
            replica.seal_waiting(ctx)?;
            if replica.roster_op_on_its_way()?.is_none() {
                push = replica.unsent()?.into_iter().map(|entry| entry.bytes.into()).collect();
            }
        }
        let head = replica.log.as_ref().map_or_else(|| Head::start(&replica.book()), |log| log.head);
        let body = SyncRequest { cursor: head.n, head_h: head.h, push };
        let path = books(&replica.book(), "sync");
        Ok(Some((Awaiting::Sync, post(replica, path, samla_wire::to_cbor(&body), Some(&token)))))
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
        body: &[u8],
    ) -> Result<Progress, BookError> {
        let answer: SyncResponse = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        let taken = match replica.take_in(ctx, &answer.entries) {
            Err(BookError::DeviceFork) => {
                replica.raise_alarm(ctx, Alarm::DeviceFork)?;
                return Err(BookError::DeviceFork);
            }
            taken => taken?,
        };
        let head = replica.log.as_ref().map_or_else(|| Head::start(&replica.book()), |log| log.head);
        if !taken.newer && !answer.more && head != answer.head {
            replica.raise_alarm(ctx, Alarm::Chain)?;
            return Err(BookError::Chain);
        }
        let no_progress = answer.entries.is_empty() && (answer.more || answer.head.n < head.n);
        if no_progress {
            return Err(BookError::ServerAnswer);
        }
        if let Some(code) = refusal(&answer.acks) {
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
        if replica.local.alarm == Some(Alarm::Chain) {
            replica.change_local(ctx, |local| local.alarm = None)?;
        }
        self.wanted = answer.more;
        self.roster_moved &= answer.more;
        if !answer.more && replica.store.unsent()? == 0 {
            replica.note_shared(ctx)?;
        }
        if !answer.more {
            replica.keep_if_due(ctx)?;
        }
        if !answer.more
            && let Some(code) = self.takes_nothing.take()
        {
            return Err(of_problem(&code));
        }
        Ok(Progress {
            received: taken.received,
            sent: taken.sent,
            rejected: taken.rejected,
            at: head.n,
            of: answer.head.n,
        })
    }
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
