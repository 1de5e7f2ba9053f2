//! A server that was put back from a backup: the phones hold what it lost.
//!
//! If its log is the beginning of this phone's, the rest is handed to it in order, and it judges and takes it like the first
//! time. If it has gone another way since, nothing is repaired by itself: a person is told, and an organiser can take over the
//! server's log and write again what it lacks.
//!
//! The keys of an epoch, each sealed for one member, lay on the server alone. Where an organiser's phone refills a server over
//! an epoch, it founds another one at once, so that everybody gets a key again.

use samla_wire::Head;
use samla_wire::roster::{Reason, Role};

use super::chain::RosterChain;
use super::{Awaiting, Request, Round, Token, books, post};
use crate::context::Context;
use crate::error::BookError;
use crate::replica::Replica;
use crate::replica::local::Alarm;
use crate::replica::want::Want;

impl Round {
    /// The server shows a log of this epoch, or of an earlier one, that is not as long as this phone's or not the same.
    pub(super) fn on_other_log(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        chain: &RosterChain,
        theirs: Head,
    ) -> Result<(), BookError> {
        let log = replica.log.as_ref().ok_or(BookError::ServerAnswer)?;
        let (mine, head) = (&log.roster, log.head);
        let begins_alike = mine.rseq >= chain.roster().rseq && replica.has_roster(chain.roster())?;
        let is_older = match chain.roster().epoch == mine.epoch {
            true => theirs.n < head.n && replica.hash_at(theirs.n)? == Some(theirs.h),
            false => chain.roster().epoch < mine.epoch && theirs.n <= mine.seal.n,
        };
        if begins_alike && is_older && self.refill.is_none() {
            self.refill = Some(theirs);
            self.wanted = true;
            return Ok(());
        }
        replica.raise_alarm(ctx, Alarm::Chain)?;
        Err(BookError::Chain)
    }

    /// The request that refills a server, if one has to be.
    pub(super) fn refill_request(
        &mut self,
        replica: &mut Replica,
        token: &Token,
    ) -> Result<Option<(Awaiting, Request)>, BookError> {
        if self.refill.is_none() {
            return Ok(None);
        }
        let bundle = replica.bundle(false)?;
        let path = books(&replica.book(), "restore");
        Ok(Some((Awaiting::Restore(bundle.head), post(replica, path, samla_wire::to_cbor(&bundle), Some(token)))))
    }

    /// The server has its log again.
    pub(super) fn on_restored(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        sent: Head,
        body: &[u8],
    ) -> Result<(), BookError> {
        let head: Head = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        self.refill = None;
        if head != sent {
            replica.raise_alarm(ctx, Alarm::Chain)?;
            return Err(BookError::Chain);
        }
        // No phone has the key as it was sealed for the others: without a new epoch nobody who has yet to come gets one.
        let is_founded = replica.log.as_ref().is_some_and(|log| log.roster.epoch > 0);
        if is_founded && replica.role() == Some(Role::Organiser) && replica.want.is_none() {
            replica.want(ctx, Want::new(Reason::Restore))?;
        }
        self.wanted = true;
        Ok(())
    }
}
