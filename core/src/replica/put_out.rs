//! This device is out: what it knew goes, and what was only here is handed back.

use samla_wire::Head;
use samla_wire::roster::Reason;
use samla_wire::rules::Tip;

use super::Replica;
use super::anew::{CARRY, MADE, WHOLE};
use super::arrival::CONTINUITY;
use super::base::SEALED;
use super::erased::ERASED;
use super::local::{Alarm, Phase, PutOut};
use super::lost::{DROPPED, LostEdits, keep_lost_edits};
use super::state::{put, read};
use super::{OF_IMPORTS, row_device};
use crate::context::Context;
use crate::error::BookError;
use crate::store::Entry;
use crate::tables::RowState;

/// The state that holds what was only on this device when it was put out.
pub(super) const LEFTOVER: &str = "leftover";

impl Replica {
    /// This device is out by an op that it has checked: what it knew goes. What was only here is handed back to be exported,
    /// unless somebody was erased. `seal` is where the log ended that this device has read, if the op says so: what lies behind
    /// it, or in another log than this one, the others have not. Where the seal lies beyond what this device has read, only `tip`
    /// tells, which is the server's bare word: with it more is handed back, and never less.
    pub(crate) fn put_out(
        &mut self,
        ctx: &mut Context<'_>,
        why: PutOut,
        seal: Option<Head>,
        tip: Option<Tip>,
    ) -> Result<(), BookError> {
        let (mut leftover, mut untold) = (Vec::new(), None);
        if why.reason != Reason::Erase {
            let settled = self.settled_by(seal)?;
            let lost = self.local.has_lost_log();
            let reached = self.reached_by(tip)?;
            let me = self.device();
            let is_there = |entry: &Entry| entry.device != me || entry.dseq <= reached;
            let outside = self.outside(|entry| entry.n.is_some_and(|n| n <= settled) && !lost && is_there(entry))?;
            leftover.extend(self.carried(&outside)?.into_iter().filter(|row| row.own).map(|row| row.mine));
            // So is what was not carried over before, as far as words are left of it.
            let LostEdits { count, edits } = self.lost()?.unwrap_or_default();
            let me = row_device(&self.device());
            leftover.extend(edits.iter().map(|(_, edit)| edit.as_carried(me, ctx.now).mine));
            let count = count.saturating_sub(edits.len() as u64);
            untold = (count > 0).then(|| LostEdits { count, edits: Vec::new() });
        }
        let mut local = self.local.clone();
        local.forget_keys();
        local.phase = Phase::Removed;
        local.put_out = Some(why);
        local.end_alarms();
        local.end_alarm(Alarm::Sheet);
        self.store.atomically(|tx| -> Result<(), BookError> {
            tx.forget_log()?;
            for state in [SEALED, ERASED, CONTINUITY, CARRY, MADE, WHOLE] {
                tx.drop_state(state)?;
            }
            tx.drop_states_of(OF_IMPORTS)?;
            keep_lost_edits(tx, &untold, ctx.rng)?;
            super::want::keep(tx, None, ctx.rng)?;
            put(tx, LEFTOVER, &Some(leftover).filter(|rows| !rows.is_empty()), ctx.rng)?;
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.local = local;
        self.log = None;
        self.document = self.local.document(crate::document::base::SHARDS, &self.keys);
        self.register = crate::register::Register::default();
        self.want = None;
        let _ = self.store.purge();
        Ok(())
    }

    /// The last place of this device's log that is in the log that ends with `seal`, as far as this device can tell.
    fn settled_by(&mut self, seal: Option<Head>) -> Result<u64, BookError> {
        let head = self.log.as_ref().map_or(0, |log| log.head.n);
        match seal {
            Some(seal) if seal.n <= head => Ok(if self.hash_at(seal.n)? == Some(seal.h) { seal.n } else { 0 }),
            _ => Ok(u64::MAX),
        }
    }

    /// The number of this device's last envelope that is in the log in which this is its newest; all of them where nobody says which
    /// that is. Where a copy of it has written there, none.
    fn reached_by(&self, tip: Option<Tip>) -> Result<u64, BookError> {
        match tip {
            Some(tip) => Ok(if self.store.has_written(&self.device(), &tip)? { tip.dseq } else { 0 }),
            None => Ok(u64::MAX),
        }
    }

    /// What was only on this device when it was put out.
    pub(crate) fn leftover(&self) -> Result<Vec<RowState>, BookError> {
        Ok(read(&self.store, LEFTOVER)?.unwrap_or_default())
    }

    /// What was only on this device is not needed any more.
    pub(crate) fn forget_leftover(&mut self) -> Result<(), BookError> {
        self.store.atomically(|tx| {
            tx.ask_for_purge()?;
            tx.drop_state(LEFTOVER)?;
            tx.drop_state(DROPPED)
        })?;
        Ok(self.store.purge()?)
    }
}
