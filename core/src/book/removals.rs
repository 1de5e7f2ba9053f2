//! Many rows removed at once: by mistake, by a lost phone, or by somebody who means harm.
//!
//! A steward may remove rows, one by one, as everybody may; no rule tells a tidy afternoon from a raid. People can: they are
//! shown who removed an unusual share of the register, and everything can be brought back until the next epoch.

use std::collections::BTreeMap;

use super::Book;
use crate::error::BookError;
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

impl Book {
    /// The days on which one device removed more than a fifth of the register, the newest last. What was removed is brought
    /// back by [`restore`](Self::restore), until the next epoch begins.
    pub fn mass_removals(&mut self) -> Result<Vec<MassRemovalView>, BookError> {
        let mut of: u32 = 0;
        let mut removed: BTreeMap<(String, [u8; 16]), u32> = BTreeMap::new();
        let replica = &mut self.replica;
        for shard in 0..replica.document.shard_count() {
            replica.ensure(shard)?;
            let live = replica.document.rows(shard)?.into_iter();
            of += live.filter(|row| row.live && row.table != Table::Conflicts).count() as u32;
            for (table, device, at) in replica.document.removals(shard)? {
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
}
