//! What the phones of a field were told is saved, kept apart from them, to be compared when all is quiet.
//!
//! The rule for a field is exact: a value that a phone was told is saved is there at the end, as the field's value or as
//! one of the answers of a clash, unless somebody who saw it wrote another in its place.

use std::collections::{BTreeMap, BTreeSet};

use samla_core::tables::{Row, Table, Value};
use samla_core::{Book, RowId};

type Place = (Table, RowId, String);

#[derive(Debug, Default)]
struct Story {
    authors: BTreeSet<usize>,
    ever_removed: bool,
    removed_last: bool,
}

#[derive(Debug)]
struct Written {
    value: String,
    /// Somebody saw it and wrote another.
    replaced: bool,
}

/// What was promised.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: BTreeMap<(Table, RowId), Story>,
    fields: BTreeMap<Place, Vec<Written>>,
    taps: BTreeMap<RowId, i64>,
}

/// The values that a phone shows for a field: the one that holds, and the other answers of a clash.
pub fn shown(book: &Book, table: Table, id: RowId, field: &str) -> Vec<String> {
    let register = book.register();
    let clashes = register.conflicts().into_iter().filter(|clash| (clash.table, clash.id) == (table, id));
    let answers = clashes.filter(|clash| clash.field == field).flat_map(|clash| clash.answers);
    let holds = register.row(table, id).and_then(|row| row.get(field));
    let values = holds.into_iter().chain(answers.filter_map(|answer| answer.value));
    values.filter_map(|value| if let Value::Text(text) = value { Some(text) } else { None }).collect()
}

impl Ledger {
    /// A row was made.
    pub fn made(&mut self, author: usize, table: Table, id: RowId) {
        self.rows.entry((table, id)).or_default().authors.insert(author);
    }

    /// Something was written about a row, which is an edit of it.
    pub fn wrote_about(&mut self, author: usize, table: Table, id: RowId) {
        self.rows.entry((table, id)).or_default().authors.insert(author);
    }

    /// A field was written by somebody who saw these values before.
    pub fn wrote(&mut self, author: usize, place: Place, seen: &[String], value: Option<String>) {
        let story = self.rows.entry((place.0, place.1)).or_default();
        story.authors.insert(author);
        story.removed_last = false;
        let written = self.fields.entry(place).or_default();
        for before in written.iter_mut().filter(|before| seen.contains(&before.value)) {
            before.replaced = true;
        }
        written.extend(value.map(|value| Written { value, replaced: false }));
    }

    /// A row was removed, or brought back.
    pub fn removed(&mut self, author: usize, table: Table, id: RowId, removed: bool) {
        let story = self.rows.entry((table, id)).or_default();
        story.authors.insert(author);
        story.ever_removed |= removed;
        story.removed_last = removed;
    }

    /// So many were counted at a visit.
    pub fn counted(&mut self, visit: RowId, taps: i64) {
        *self.taps.entry(visit).or_default() += taps;
    }

    /// How many promises there are.
    pub fn len(&self) -> usize {
        self.rows.len() + self.fields.values().map(Vec::len).sum::<usize>() + self.taps.len()
    }

    /// Was nothing promised?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows that a phone does not show.
    pub fn hidden(&self, book: &Book) -> Vec<(Table, RowId)> {
        let shows = |(table, id): &(Table, RowId)| book.register().row(*table, *id).is_some();
        self.rows.keys().filter(|key| !shows(key)).copied().collect()
    }

    /// Which rows are there and which are not is as it was promised.
    pub fn check_rows(&self, book: &Book) -> Result<(), String> {
        for ((table, id), story) in &self.rows {
            let there = book.register().row(*table, *id).is_some();
            if !there && !story.ever_removed {
                return Err(format!("{table} {id} is lost"));
            }
            if story.authors.len() == 1 && there == story.removed_last {
                return Err(format!("{table} {id}: only one phone wrote it, and its last word does not hold"));
            }
        }
        Ok(())
    }

    /// Every promised value is there, and every tap was counted once. All rows must be shown.
    pub fn check_values(&self, book: &Book) -> Result<(), String> {
        for ((table, id, field), written) in &self.fields {
            let shown = shown(book, *table, *id, field);
            for one in written.iter().filter(|one| !one.replaced) {
                if !shown.contains(&one.value) {
                    return Err(format!("{table} {id} {field}: {} is lost; there is {shown:?}", one.value));
                }
            }
            if let Some(other) = shown.iter().find(|value| !written.iter().any(|one| one.value == **value)) {
                return Err(format!("{table} {id} {field}: nobody wrote {other}"));
            }
        }
        for (visit, taps) in &self.taps {
            let tapped = book.register().table_summary((*visit).into()).tapped;
            if tapped != *taps {
                return Err(format!("visit {visit}: {taps} were counted and {tapped} are shown"));
            }
        }
        let rows = |table: Table| book.register().rows(table).iter().map(Row::id).collect::<Vec<_>>();
        for table in [Table::Contacts, Table::Visits, Table::Talks, Table::Workplaces, Table::Memberships] {
            if let Some(id) = rows(table).into_iter().find(|id| !self.rows.contains_key(&(table, *id))) {
                return Err(format!("{table} {id}: nobody made it"));
            }
        }
        Ok(())
    }
}
