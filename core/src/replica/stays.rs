//! Rows that stay because something was written about them: a talk with a contact, a sign-up or a count at a visit.
//!
//! On the way of a tap this is the first step of [`Replica::write`]. What always holds: whatever is written about a row is an
//! edit of that row too, in the same step, so a removal that has not seen it does not take it along: the row is kept, and the
//! clash is told as for any edit ([`write_row`](crate::document)). A row and what belongs to it lie in one shard, so this
//! is still one change.

use super::Replica;
use crate::document::{Step, Write};
use crate::ids::RowId;
use crate::tables::{Kind, Row, Table};

impl Replica {
    /// The rows that these writes are about and do not edit themselves, each as an edit that changes nothing in it. A row that
    /// was removed stays so.
    pub(super) fn stays(&self, writes: &[Write]) -> Vec<Write> {
        let mut stays: Vec<Write> = Vec::new();
        for write in writes {
            let Some(row) = self.edited(write) else { continue };
            let is_new = self.register.row(write.table, write.id).is_none();
            for (table, id) in owners(&row, is_new) {
                let settles = |other: &Write| (other.table, other.id) == (table, id) && self.settles(other);
                if self.register.row(table, id).is_some() && !writes.iter().chain(&stays).any(settles) {
                    stays.push(Write { table, id, step: Step::Settle(None) });
                }
            }
        }
        stays
    }

    /// The row as a write leaves it; none where it changes nothing or does something else than to fill the row's fields.
    fn edited(&self, write: &Write) -> Option<Row> {
        let Step::Put(fields) = &write.step else { return None };
        let held = self.register.row_held(write.table, write.id);
        let mut after = held.as_ref().map_or_else(|| Row::new(write.table, write.id), |(before, _)| before.clone());
        fields.iter().for_each(|(field, value)| after.put(field, value.clone()));
        // A row that was removed is brought back by whatever is put into it.
        Some(after).filter(|after| !held.is_some_and(|(before, live)| live && before == *after))
    }

    /// Does this write by itself say whether its row is there?
    fn settles(&self, write: &Write) -> bool {
        !matches!(write.step, Step::Put(_)) || self.edited(write).is_some()
    }
}

/// The rows that a write to this one is about: the one that it belongs to, and of a sign-up the visit too. A sign-up is rare and
/// must not be lost, so that a second shard's change is worth it.
fn owners(row: &Row, is_new: bool) -> Vec<(Table, RowId)> {
    let mut owners: Vec<(Table, RowId)> = Vec::new();
    let is_sign_up = is_new && row.table() == Table::Memberships;
    let mut parent_found = false;
    for spec in row.table().fields() {
        let Kind::Link(target) = spec.kind else { continue };
        let Some(id) = row.get(spec.name).and_then(|value| value.to_string().parse().ok()) else { continue };
        let is_parent = spec.parent && !parent_found;
        parent_found |= spec.parent;
        if is_parent || (is_sign_up && target == Table::Visits) {
            owners.push((target, id));
        }
    }
    owners
}
