//! Many rows removed at once: by mistake, by a lost phone, or by somebody who means harm.
//!
//! A steward may remove rows, one by one, as everybody may; no rule tells a tidy afternoon from a raid. People can: they are
//! shown who removed an unusual share of the register, and everything can be brought back until the next epoch.

use std::collections::BTreeMap;

use samla_wire::DeviceId;

use super::Book;
use crate::context::Context;
use crate::document::{Removal, Step, Write};
use crate::error::BookError;
use crate::replica::row_device;
use crate::tables::Table;

/// A day on which one device removed an unusual share of the register.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MassRemovalView {
    /// The device, in hexadecimal.
    pub device_id: String,
    /// Whose it is, or what it is called.
    pub name: Option<String>,
    /// The day by that device's clock, in UTC: `2026-11-23`.
    pub day: String,
    /// Rows that it removed and nobody has brought back.
    pub removed: u32,
    /// Rows that there are, with those that were removed since the epoch began.
    pub of: u32,
}

/// One in so many rows by one device in one day is worth a look.
const SHARE: u32 = 5;
/// Fewer than so many removals are not.
const LEAST: u32 = 10;
/// Rows brought back in one change.
const AT_ONCE: usize = 200;

impl Book {
    /// The days on which one device removed more than a fifth of the register, the newest last. What was removed is brought
    /// back by [`bring_back`](Self::bring_back), or row by row by [`restore`](Self::restore), until the next epoch begins.
    pub fn mass_removals(&mut self) -> Result<Vec<MassRemovalView>, BookError> {
        let mut of: u32 = 0;
        let mut removed: BTreeMap<(String, [u8; 16]), u32> = BTreeMap::new();
        let replica = &mut self.replica;
        replica.ensure_all()?;
        for shard in 0..replica.document.shard_count() {
            let live = replica.document.rows(shard)?.into_iter();
            of += live.filter(|row| row.live && row.table != Table::Conflicts).count() as u32;
            for Removal { table, device, at, .. } in replica.document.removals(shard)? {
                if table != Table::Conflicts {
                    of += 1;
                    *removed.entry((at.date_naive().to_string(), *device.row().as_bytes())).or_default() += 1;
                }
            }
        }
        let many = removed.into_iter().filter(|(_, count)| *count >= LEAST && *count > of / SHARE);
        let view = |((day, device), removed): ((String, [u8; 16]), u32)| {
            let device = samla_wire::DeviceId(device);
            MassRemovalView { device_id: device.to_string(), name: self.named(&device), day, removed, of }
        };
        Ok(many.map(view).collect())
    }

    /// Brings back every row that one device removed on one day, as [`MassRemovalView`] names them, and answers how many
    /// there were. Doing it again brings back what is still missing.
    pub fn bring_back(&mut self, ctx: &mut Context<'_>, device: DeviceId, day: &str) -> Result<u32, BookError> {
        let mut writes: Vec<Vec<Write>> = Vec::new();
        self.replica.ensure_all()?;
        for shard in 0..self.replica.document.shard_count() {
            let removed = self.replica.document.removals(shard)?.into_iter().filter(|removal| {
                removal.table != Table::Conflicts
                    && removal.device == row_device(&device)
                    && removal.at.date_naive().to_string() == day
            });
            let back = |removal: Removal| Write { table: removal.table, id: removal.id, step: Step::Put(Vec::new()) };
            let back: Vec<_> = removed.map(back).collect();
            writes.extend(back.chunks(AT_ONCE).map(<[Write]>::to_vec));
        }
        self.replica.may_write()?;
        let commands: Vec<_> = writes.iter().map(Vec::as_slice).collect();
        self.replica.write_each(ctx, &commands, |_, _| Ok(()))?;
        Ok(writes.iter().map(Vec::len).sum::<usize>() as u32)
    }
}
