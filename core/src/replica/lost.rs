//! Edits of this device that were not carried over, because what they were about is gone: kept for their author to look at, and
//! written again if it comes back. What was written about somebody without knowing that a colleague had forgotten them is
//! counted among these: it stays, and nobody sees any more about whom.
//!
//! What always holds: of who was erased or forgotten only the number of edits is kept.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::rebase::{Dropped, Rules, owners, rebase};
use super::state::{put, read};
use super::{Replica, row_device};
use crate::context::Context;
use crate::document::{Carried, Document, Touched};
use crate::error::BookError;
use crate::ids::Id;
use crate::store::{StoreError, Tx};
use crate::tables::{Contact, FieldPath, Row, RowState, Table};

/// The state that tells of edits that were not carried over.
pub(super) const DROPPED: &str = "dropped";

/// Edits of this device that could not be carried over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LostEdits {
    /// How many rows they were about.
    pub(crate) count: u64,
    /// What they said, each with what its row was called. Nothing after an erasure.
    pub(crate) edits: Vec<(String, Dropped)>,
}

impl Replica {
    /// Edits that were not carried over, with those of before that nobody has looked at, and how many more were written about somebody
    /// without knowing that they had been forgotten.
    pub(super) fn lost_edits(
        &self,
        dropped: Vec<Dropped>,
        unheard: u64,
        erased: bool,
    ) -> Result<Option<LostEdits>, BookError> {
        let mut lost = self.lost()?.unwrap_or_default();
        lost.count += dropped.len() as u64 + unheard;
        match erased {
            // What was written about somebody who was erased must not lie here any longer.
            true => lost.edits.clear(),
            false => {
                lost.edits.extend(dropped.into_iter().map(|edit| (self.register.title(edit.table, edit.id), edit)))
            }
        }
        Ok(Some(lost).filter(|lost| lost.count > 0))
    }

    /// The contacts among these rows that nobody has forgotten, as far as it is known here.
    pub(super) fn remembered_among(&self, touched: &Touched) -> Vec<Id<Contact>> {
        let contacts = touched.iter().filter(|(table, _)| *table == Table::Contacts).map(|(_, id)| Id::from(*id));
        contacts.filter(|id| !self.register.was_forgotten(*id)).collect()
    }

    /// Counts what this device wrote about those of these contacts that turn out to be forgotten, by somebody who had not seen it.
    pub(super) fn note_unheard(&mut self, remembered: &[Id<Contact>]) -> Result<(), BookError> {
        for contact in remembered {
            let own =
                if self.register.was_forgotten(*contact) { self.register.own_about(*contact) } else { Vec::new() };
            if !own.is_empty() {
                let path = FieldPath { table: Table::Contacts, id: contact.row(), field: "forgotten_on".to_owned() };
                self.unheard += self.document.unseen_at(&path, &own)? as u64;
            }
        }
        Ok(())
    }

    /// The same for a document that is about to take the place of this one: how many rows this device carries into it about people who
    /// are forgotten there, and of whom it has not heard so.
    pub(super) fn unheard_in(&self, there: &mut Document, carried: &[Carried]) -> Result<u64, BookError> {
        let mut unheard = 0;
        let is_new = |row: &&Carried| row.own && row.old.is_none() && row.mine.live && row.table != Table::Conflicts;
        for row in carried.iter().filter(is_new) {
            for (table, id) in owners(&row.mine) {
                let remembered = table == Table::Contacts && !self.register.was_forgotten(id.into());
                if remembered && there.row(table, &id)?.is_some_and(is_forgotten) {
                    unheard += 1;
                    break;
                }
            }
        }
        Ok(unheard)
    }

    /// Keeps that number for the user to look at.
    pub(crate) fn keep_unheard(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.unheard == 0 {
            return Ok(());
        }
        let mut lost = self.lost()?.unwrap_or_default();
        lost.count += self.unheard;
        self.store.atomically(|tx| keep_lost_edits(tx, &Some(lost), ctx.rng))?;
        self.unheard = 0;
        Ok(())
    }

    /// Edits that were not carried over and that nobody has looked at.
    pub(crate) fn lost(&self) -> Result<Option<LostEdits>, BookError> {
        read(&self.store, DROPPED)
    }

    /// Somebody has looked at the edits that were not carried over.
    pub(crate) fn forget_lost(&mut self) -> Result<(), BookError> {
        Ok(self.store.atomically(|tx| tx.drop_state(DROPPED))?)
    }

    /// Writes again what was dropped because what it was about was not there, now that it is: what a copied phone wrote comes into
    /// the log only once it is in anew. The log must have been read to its end.
    pub(crate) fn take_up_lost(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(mut lost) = self.lost()?.filter(|lost| !lost.edits.is_empty()) else { return Ok(()) };
        if self.may_write().is_err() {
            return Ok(());
        }
        let me = row_device(&self.device());
        let (mut again, mut edits) = (Vec::new(), Vec::new());
        for (title, edit) in std::mem::take(&mut lost.edits) {
            let row = edit.as_carried(me, ctx.now);
            match self.has_place_again(&row)? {
                true => again.push(row),
                false => edits.push((title, edit)),
            }
        }
        if again.is_empty() {
            return Ok(());
        }
        self.ensure_all()?;
        lost.edits = edits;
        lost.count = lost.count.saturating_sub(again.len() as u64);
        let outcome = rebase(ctx, &mut self.document, &again, Rules { erased: false, me })?;
        let changes = outcome.write(&mut self.document, &ctx.now).inspect_err(|_| self.out_of_step = true)?;
        let lost = Some(lost).filter(|lost| lost.count > 0);
        let saved = self.store.atomically(|tx| -> Result<(), BookError> {
            changes.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            Ok(keep_lost_edits(tx, &lost, ctx.rng)?)
        });
        self.out_of_step |= saved.is_err() || self.show_all().is_err();
        saved
    }

    /// Is the row of a dropped edit there again, or all that a new row cannot be without?
    fn has_place_again(&mut self, row: &Carried) -> Result<bool, BookError> {
        self.ensure(self.document.shard_of(&row.id))?;
        match self.document.row(row.table, &row.id)? {
            Some(there) => Ok(there.live),
            None => {
                let owners = owners(&row.mine);
                for (table, id) in &owners {
                    self.ensure(self.document.shard_of(id))?;
                    if !self.document.row(*table, id)?.is_some_and(|owner| owner.live) {
                        return Ok(false);
                    }
                }
                Ok(!owners.is_empty())
            }
        }
    }
}

fn is_forgotten(row: RowState) -> bool {
    matches!(Row::hydrate(row), Row::Contacts(contact) if contact.is_forgotten())
}

/// Keeps the edits that were not carried over, until somebody has looked at them.
pub(super) fn keep_lost_edits(
    tx: &mut Tx<'_>,
    lost: &Option<LostEdits>,
    rng: &mut dyn CryptoRng,
) -> Result<(), StoreError> {
    put(tx, DROPPED, lost, rng)
}
