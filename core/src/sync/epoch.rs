//! Founding an epoch: the parts that were built are staged, the op is posted, and what the server says it deleted is kept.

use samla_wire::http::{EpochRequest, EpochResponse};
use samla_wire::problem::Code;

use super::moving::Moving;
use super::{Awaiting, Progress, Request, Round, Token, books, get, post, put};
use crate::context::Context;
use crate::error::{BookError, of_problem};
use crate::replica::Replica;
use crate::replica::local::Phase;
use crate::replica::want::TRIES;

impl Round {
    /// The next request for the epoch that this device founds, if it is built or can be built now.
    pub(super) fn epoch_request(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        token: &Token,
    ) -> Result<Option<(Awaiting, Request)>, BookError> {
        let Some(want) = &replica.want else { return Ok(None) };
        if want.built.is_none() {
            // What the sheet has read of a log that the server lost goes into the base: nothing is written in its name but the op.
            let recovering = matches!(replica.local.phase, Phase::Recovering(_));
            if !self.synced || (replica.waits_to_be_sent()? && !recovering) {
                return Ok(None);
            }
            if want.tries > TRIES {
                let again = want.unbuilt(0);
                replica.set_want(ctx, Some(again))?;
                return Err(BookError::Contended);
            }
            replica.build_epoch(ctx)?;
        }
        if replica.local.server_key.is_none() && !self.asked_key {
            self.asked_key = true;
            let request = get(replica, "/v1/server".to_owned(), "application/json", None);
            return Ok(Some((Awaiting::Server, request)));
        }
        let Some(built) = replica.want.as_ref().and_then(|want| want.built.as_ref()) else { return Ok(None) };
        let staged = built.staged;
        Ok(Some(match built.parts.get(staged as usize) {
            Some(id) => {
                let path = books(&replica.book(), &format!("base/{id}"));
                (Awaiting::Staged(staged + 1), put(replica, path, replica.built_part(id)?, token))
            }
            None => {
                let body = EpochRequest { envelope: built.op.clone(), wraps: built.wraps.clone() };
                let path = books(&replica.book(), "epoch");
                (Awaiting::Epoch, post(replica, path, samla_wire::to_cbor(&body), Some(token)))
            }
        }))
    }

    /// The server has the op: this device moves to the epoch that it has founded.
    pub(super) fn on_epoch(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<Progress, BookError> {
        let answer: EpochResponse = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        let arrival = replica.own_arrival()?;
        let (epoch, seal_n) = (arrival.op.epoch, arrival.op.seal_n);
        let said = &answer.receipt.deletion;
        let fits = answer.receipt.verify() && (said.book, said.epoch, said.seal_n) == (replica.book(), epoch, seal_n);
        // A server that gives no receipt has the op all the same.
        let receipt = fits.then_some(answer.receipt);
        if let Some(receipt) = &receipt {
            replica.saw_server_key(ctx, receipt.key)?;
        }
        replica.note_founded(ctx, &arrival, receipt)?;
        let recovering = match &replica.local.phase {
            Phase::Recovering(recovering) => Some(recovering.clone()),
            _ => None,
        };
        replica.arrive(ctx, arrival, |local| {
            if let Some(recovering) = recovering {
                local.phase = Phase::Member;
                local.introduce(&recovering.name, &recovering.label);
                self.token = None;
            }
        })?;
        self.synced = false;
        self.wanted = true;
        Ok(Progress::default())
    }

    /// The server has not taken the op or a part of its base.
    pub(super) fn on_epoch_refused(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        code: &str,
    ) -> Result<Progress, BookError> {
        match Code::parse(code) {
            // Somebody came first, or the server has lost what this op stands on: read what is there, and build again.
            Some(
                Code::Head
                | Code::Rprev
                | Code::ChainMismatch
                | Code::StaleEpoch
                | Code::Gap
                | Code::Dprev
                | Code::Fork,
            ) => {
                replica.build_again(ctx)?;
                self.synced = false;
                self.wanted = true;
                Ok(Progress::default())
            }
            // Somebody put this device out first, if that is true: the roster tells.
            Some(Code::Removed) => {
                self.moving = Moving::Wanted;
                self.wanted = true;
                Ok(Progress::default())
            }
            Some(Code::BaseMissing) => {
                replica.note_staged(ctx, 0)?;
                self.wanted = true;
                Ok(Progress::default())
            }
            Some(found) if matches!(found.status(), 403 | 422) => {
                replica.set_want(ctx, None)?;
                Err(of_problem(code))
            }
            _ => Err(of_problem(code)),
        }
    }
}
