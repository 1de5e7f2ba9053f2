//! Rows that stay because something was written about them: a talk with a contact, a sign-up or a count at a visit.
//!
//! On the way of a tap this is the first step of [`Replica::write`]. What always holds: whatever is written about a row is an
//! edit of that row too, in the same step, so a removal that has not seen it does not take it along: the row is kept, and the
//! clash is told as for any edit ([`write_row`](crate::document)). A row and what belongs to it lie in one shard, so this
//! is still one change. A base has none of these edits: there the rows that are about one which is removed are looked at themselves
//! ([`rebase`](super::rebase)), and a removal takes with it beside the row what its remover has seen.

use std::collections::{BTreeMap, BTreeSet};

use super::Replica;
use crate::document::{Carried, Document, Step, Write};
use crate::error::BookError;
use crate::ids::RowId;
use crate::tables::{Kind, Row, RowState, Table, Value};

impl Replica {
    /// The rows that these writes are about and do not edit themselves, each as an edit that changes nothing in it. A row that
    /// was removed stays so.
    pub(super) fn stays(&self, writes: &[Write]) -> Vec<Write> {
        let mut stays: Vec<Write> = Vec::new();
        for write in writes {
            let Some(row) = self.edited(write) else { continue };
            let is_new = self.register.row(write.table, write.id).is_none();
            for (table, id) in subjects(&row, is_new) {
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

    /// Adds to rows among these that were removed what is there about them: whoever removed them had seen it. Where something is
    /// written about such a row without that, the row is there again, and nothing is added.
    pub(super) fn add_what_was_seen(&mut self, carried: &mut Vec<Carried>) -> Result<(), BookError> {
        let mut removed = BTreeSet::new();
        for row in carried.iter().filter(|row| !row.mine.live && row.table != Table::Conflicts) {
            self.ensure(self.document.shard_of(&row.id))?;
            if !self.document.row(row.table, &row.id)?.is_some_and(|row| row.live) {
                removed.insert((row.table, row.id));
            }
        }
        if removed.is_empty() {
            return Ok(());
        }
        self.ensure_all()?;
        let mut known: BTreeSet<(Table, RowId)> = carried.iter().map(|row| (row.table, row.id)).collect();
        for row in about(&mut self.document, &removed)?.into_values().flatten() {
            if known.insert((row.table, row.id)) {
                carried.push(Carried { table: row.table, id: row.id, old: Some(row.clone()), mine: row, own: false });
            }
        }
        Ok(())
    }

    /// Does this write by itself say whether its row is there?
    fn settles(&self, write: &Write) -> bool {
        !matches!(write.step, Step::Put(_)) || self.edited(write).is_some()
    }
}

/// The rows that are there and are about one of these, by the one that they are about. All shards must be loaded: a sign-up lies
/// beside its contact, wherever its visit does.
pub(super) fn about(
    document: &mut Document,
    these: &BTreeSet<(Table, RowId)>,
) -> Result<BTreeMap<(Table, RowId), Vec<RowState>>, BookError> {
    let mut about: BTreeMap<(Table, RowId), Vec<RowState>> = BTreeMap::new();
    if these.is_empty() {
        return Ok(about);
    }
    let tables: BTreeSet<Table> = these.iter().map(|(table, _)| *table).collect();
    let is_link = |kind: Kind| matches!(kind, Kind::Link(target) if tables.contains(&target));
    let may_be_about = |table: Table| table.fields().iter().any(|spec| is_link(spec.kind));
    for shard in 0..document.shard_count() {
        for row in document.rows(shard)?.into_iter().filter(|row| row.live && may_be_about(row.table)) {
            for subject in subjects(&Row::hydrate(row.clone()), true) {
                if these.contains(&subject) {
                    about.entry(subject).or_default().push(row.clone());
                }
            }
        }
    }
    Ok(about)
}

/// The rows that a write to this one is about: the one that it belongs to, and of a sign-up the visit too. A sign-up is rare and
/// must not be lost, so that a second shard's change is worth it.
fn subjects(row: &Row, is_new: bool) -> Vec<(Table, RowId)> {
    let is_sign_up = is_new && row.table() == Table::Memberships;
    let mut links = links(row.table(), |field| row.get(field));
    links.retain(|(target, _, is_parent)| *is_parent || (is_sign_up && *target == Table::Visits));
    links.into_iter().map(|(target, id, _)| (target, id)).collect()
}

/// The rows that a row names, each with whether the row belongs to it: to one at most, the first that it may belong to.
pub(super) fn links(table: Table, value: impl Fn(&str) -> Option<Value>) -> Vec<(Table, RowId, bool)> {
    let mut links = Vec::new();
    let mut parent_found = false;
    for spec in table.fields() {
        let Kind::Link(target) = spec.kind else { continue };
        let Some(id) = value(spec.name).and_then(|value| value.to_string().parse().ok()) else { continue };
        links.push((target, id, spec.parent && !parent_found));
        parent_found |= spec.parent;
    }
    links
}
