//! Whom this device has had erased, so that it asks again where one of them comes back.
//!
//! An edit of a row that was there brings nobody back ([`rebase`](super::rebase)). One that made the row does: a colleague's phone
//! that had it from a file, or from a log that the server has lost since, cannot tell that others ever had it. So the device that
//! asked for an erasure keeps the contacts' ids, which are random and tell nothing of anybody.
//!
//! What always holds: they are kept in the step that ends the wish, and each new wish is counted in the step that keeps it. So a
//! crash forgets nobody, and nobody who brings a contact again and again can keep a book founding epochs.

use std::collections::BTreeSet;

use samla_wire::roster::Role;
use serde::{Deserialize, Serialize};

use super::Replica;
use super::local::Phase;
use super::state::{put, read};
use super::want::Want;
use crate::context::Context;
use crate::error::BookError;
use crate::ids::RowId;
use crate::tables::Contact;

/// The state that holds them.
pub(super) const ERASED: &str = "erased";
/// How often one contact is erased again unasked: as often as phones may have it that were away for long.
const AGAIN: u32 = 8;

/// A contact that this device has had erased.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Erased {
    id: RowId,
    /// How often it has come back.
    again: u32,
}

impl Replica {
    fn erased(&self) -> Result<Vec<Erased>, BookError> {
        Ok(read(&self.store, ERASED)?.unwrap_or_default())
    }

    /// Whom this device has had erased, or means to.
    pub(super) fn had_erased(&self) -> Result<BTreeSet<RowId>, BookError> {
        let wanted = self.want.as_ref().map(Want::erased).unwrap_or_default();
        Ok(self.erased()?.into_iter().map(|one| one.id).chain(wanted).collect())
    }

    /// Whom this device has had erased once no more than this of its wish is left; none where there is nobody.
    pub(super) fn erased_but_for(&self, left: Option<&Want>) -> Result<Option<Vec<Erased>>, BookError> {
        let mut erased = self.erased()?;
        let left = left.map(Want::erased).unwrap_or_default();
        for id in self.want.as_ref().map(Want::erased).unwrap_or_default() {
            if !left.contains(&id) && !erased.iter().any(|before| before.id == id) {
                erased.push(Erased { id, again: 0 });
            }
        }
        Ok(Some(erased).filter(|erased| !erased.is_empty()))
    }

    /// Wants them erased again who are back, or of whom something is, now that the log has been read to its end.
    pub(crate) fn erase_again(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.local.phase != Phase::Member || self.role() != Some(Role::Organiser) {
            return Ok(());
        }
        let mut erased = self.erased()?;
        if erased.is_empty() {
            return Ok(());
        }
        self.back_in_step()?;
        let wanted = self.want.as_ref().map(Want::erased).unwrap_or_default();
        let mut back = Vec::new();
        for one in erased.iter_mut().filter(|one| one.again < AGAIN && !wanted.contains(&one.id)) {
            let is_there = self.register.knows::<Contact>(one.id.into());
            if is_there || self.register.is_pointed_at(one.id.into(), None) {
                one.again += 1;
                back.push(one.id);
            }
        }
        if back.is_empty() {
            return Ok(());
        }
        let want = self.wanted_with(Want::erasing(&back));
        self.store.atomically(|tx| {
            super::want::keep(tx, Some(&want), ctx.rng)?;
            put(tx, ERASED, &Some(erased), ctx.rng)
        })?;
        self.want = Some(want);
        Ok(())
    }

    /// Takes a wish back. Whoever was to be erased by it is not erased unasked any more either.
    pub(crate) fn take_back_want(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let wanted = self.want.as_ref().map(Want::erased).unwrap_or_default();
        let mut erased = self.erased()?;
        erased.retain(|one| !wanted.contains(&one.id));
        let erased = Some(erased).filter(|erased| !erased.is_empty());
        self.store.atomically(|tx| {
            super::want::keep(tx, None, ctx.rng)?;
            put(tx, ERASED, &erased, ctx.rng)
        })?;
        self.want = None;
        Ok(())
    }
}
