//! Coming back by the recovery sheet: find its book, read it as the sheet, and found an epoch in which this device is an
//! organiser.
//!
//! The sheet is a principal of the roster. Nothing on the way is written under the sheet's name but that one op.

use samla_wire::http::{Bootstrap, RecoveryView};
use samla_wire::roster::Reason;

use super::moving::{self, Moving};
use super::session::Principal;
use super::{Awaiting, Request, Round, get};
use crate::context::Context;
use crate::error::BookError;
use crate::replica::Replica;
use crate::replica::local::{Phase, Recovering};
use crate::replica::want::Want;
use crate::seal::unwrap_key;

impl Round {
    pub(super) fn recovery_request(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        recovering: &Recovering,
    ) -> Result<Option<(Awaiting, Request)>, BookError> {
        let sheet = recovering.secret().ok_or(BookError::Bug("sheet"))?;
        if replica.book() == samla_wire::BookId::ZERO {
            let path = format!("/v1/recovery/{}", sheet.device_id());
            return Ok(Some((Awaiting::Lookup, get(replica, path, "application/json", None))));
        }
        let principal = Principal::Sheet(&sheet);
        if !recovering.found && matches!(self.moving, Moving::No) {
            self.moving = Moving::Wanted;
        }
        if let Some(next) = self.moving_request(replica, ctx, &principal)? {
            return Ok(Some(next));
        }
        let token = match self.signed_in(replica, ctx, &principal)? {
            Ok(token) => token,
            Err(step) => return Ok(Some(step)),
        };
        if replica.want.is_none() && self.synced {
            let others = replica.log.as_ref().into_iter().flat_map(|log| log.roster.members.keys().copied());
            let removed = if recovering.alone { others.collect() } else { Vec::new() };
            replica.want(ctx, Want::removing(Reason::Restore, removed))?;
        }
        if let Some(next) = self.epoch_request(replica, ctx, &token)? {
            return Ok(Some(next));
        }
        Ok(Some(self.sync_request(replica, Vec::new(), &token)))
    }

    /// The server knows the sheet's book.
    pub(super) fn on_lookup(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<(), BookError> {
        let answer: RecoveryView = serde_json::from_slice(body).map_err(|_| BookError::ServerAnswer)?;
        let book = answer.book.parse().map_err(|_| BookError::ServerAnswer)?;
        replica.change_local(ctx, |local| local.book = book)
    }

    /// The roster's chain, as the sheet may fetch it.
    pub(super) fn on_sheet_bootstrap(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<(), BookError> {
        self.moving = Moving::No;
        let Phase::Recovering(recovering) = replica.local.phase.clone() else { return Ok(()) };
        let sheet = recovering.secret().ok_or(BookError::Bug("sheet"))?;
        let bootstrap: Bootstrap = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
        let chain = moving::read(&bootstrap, replica, ctx)?;
        if !chain.roster().recovery.contains_key(&sheet.device_id()) {
            return Err(BookError::SheetUnknown);
        }
        if chain.roster().epoch > 0 {
            // A server that was filled again by a phone has the key sealed for nobody, until an organiser founds the next epoch.
            if bootstrap.wrap.is_none() {
                return Err(BookError::EpochUnreadable);
            }
            return self.on_first_bootstrap(replica, chain, &bootstrap, &sheet.prekey_secret());
        }
        if recovering.found && replica.log.is_some() {
            // The server has another log than the one that was read before: nothing in it is this device's own.
            replica.read_anew(ctx)?;
        }
        let wrap = bootstrap.wrap.as_ref().ok_or(BookError::ServerAnswer)?;
        let key = unwrap_key(wrap, &replica.book(), 0, &chain.roster().key_commit, &sheet.prekey_secret())
            .map_err(|_| BookError::ServerAnswer)?;
        self.wanted = true;
        replica.change_local(ctx, |local| {
            local.set_epoch_key(&key);
            local.phase = Phase::Recovering(Recovering { found: true, ..recovering });
        })
    }
}
