//! What is kept about one person: everything, for the person to read.
//!
//! Every row of every table that is about the person is here with every field that has a value, removed rows too, for
//! they can be restored as long as they are in the document. To it come what the register concludes from them (where the
//! person stands, what they agreed to, how long they are kept), what people answered differently, and the texts of
//! other rows that surely mention the person.
//!
//! What is not here: earlier values in the document's history, which go with the next epoch; texts of other rows that have
//! but one of the person's names, which may be another's; and what a device remembers of the lists that it took in. The page
//! that the person gets says so.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Register;
use super::conflicts::ConflictView;
use super::consent::ConsentView;
use super::mentions::MentionView;
use super::notice::NoticeView;
use super::retention::KeptView;
use super::rows::{Stored, for_table};
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, KeptAnswer, Membership, Raise, Table, Talk, Value};

/// Everything that is kept about one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AboutView {
    /// Name, or what else tells who it is.
    pub name: String,
    /// The day it was put together.
    pub on: Date,
    /// What the book is called.
    pub book: Option<String>,
    /// Where the person stands, from what happened.
    pub status: Membership,
    /// What they agreed to, for each purpose.
    pub consents: Vec<ConsentView>,
    /// If others told of the person: who, and when the person was or is to be told.
    pub notice: Option<NoticeView>,
    /// How long they are kept; nothing for members, and for whoever is on trial.
    pub kept: Option<KeptView>,
    /// The rows about the person, by table; tables without any are left out.
    pub tables: Vec<AboutTable>,
    /// Fields of those rows, removed ones among them, that several devices answered differently: every answer.
    pub conflicts: Vec<ConflictView>,
    /// Texts of other rows that mention the person.
    pub mentions: Vec<MentionView>,
}

/// The rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AboutTable {
    /// The table.
    pub table: Table,
    /// Its rows, the first written first.
    pub rows: Vec<AboutRow>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AboutRow {
    /// The row.
    pub id: RowId,
    /// The day it was written down, by the clock of the device that did.
    pub written_on: Option<Date>,
    /// Who wrote it.
    pub by: Option<String>,
    /// It was removed and is kept until the document is renewed.
    pub removed: bool,
    /// Its fields that have a value, in the order of the definition.
    pub fields: Vec<AboutField>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AboutField {
    /// Its name.
    pub field: String,
    /// The value itself.
    pub value: Value,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
}

impl Register {
    /// Everything that is kept about the person that this contact is, or is part of. Nothing where there never was such a
    /// contact; one that was removed still has what is kept.
    pub fn about(&self, contact: Id<Contact>, today: Date) -> Option<AboutView> {
        self.rows.held(contact)?;
        let person = self.joined(contact);
        let about = Table::ALL.into_iter().filter(|table| *table != Table::Conflicts);
        let mut tables: Vec<_> = about.filter_map(|table| self.about_table(table, &person)).collect();
        tables.extend(self.kept_aside(&tables));
        let rows = tables.iter().flat_map(|of| of.rows.iter().map(|row| (of.table, row.id)));
        let merged = self.merged(&self.one_person(contact));
        Some(AboutView {
            name: merged.map_or_else(|| self.contact_name(contact), |merged| self.name_of_merged(&merged)),
            on: today,
            book: self.settings().name,
            status: self.status(&person, today),
            consents: self.consents(contact),
            notice: self.notice(contact, today),
            kept: self.kept(contact, today),
            conflicts: rows.flat_map(|(table, id)| self.answers_held(table, id)).collect(),
            tables,
            mentions: self.mentions(contact).into_iter().filter(|mention| mention.sure).collect(),
        })
    }

    fn about_table(&self, table: Table, person: &[Id<Contact>]) -> Option<AboutTable> {
        let mut ids: BTreeSet<RowId> = match table {
            Table::Contacts => person
                .iter()
                .map(|id| id.row())
                .filter(|id| self.rows.held::<Contact>((*id).into()).is_some())
                .collect(),
            _ => {
                for_table!(table, T => person.iter().flat_map(|id| self.indexes.pointing::<T>(id.row())).map(|id| id.row()).collect())
            }
        };
        if table == Table::Raises {
            // A topic that came up in a talk with the person, without naming them.
            let talks: BTreeSet<_> = person.iter().flat_map(|id| self.indexes.pointing::<Talk>(id.row())).collect();
            let raised =
                Raise::rows(&self.rows).values().filter(|held| held.row.talk.is_some_and(|id| talks.contains(&id)));
            ids.extend(raised.map(|held| held.row.id.row()));
        }
        let rows: Vec<_> = ids.into_iter().filter_map(|id| for_table!(table, T => self.about_row::<T>(id))).collect();
        (!rows.is_empty()).then_some(AboutTable { table, rows })
    }

    /// What an epoch kept aside for any of these rows, settled or not. What only says whose the shown answer was is none.
    fn kept_aside(&self, tables: &[AboutTable]) -> Option<AboutTable> {
        let rows = tables.iter().flat_map(|of| &of.rows);
        let kept: BTreeSet<_> = rows.flat_map(|row| self.indexes.pointing::<KeptAnswer>(row.id)).collect();
        let is_answer = |id: &Id<KeptAnswer>| self.rows.held(*id).is_some_and(|held| !held.row.is_signature());
        let rows = kept.into_iter().filter(is_answer).filter_map(|id| self.about_row::<KeptAnswer>(id.row()));
        let rows: Vec<_> = rows.collect();
        (!rows.is_empty()).then_some(AboutTable { table: Table::Conflicts, rows })
    }

    fn about_row<T: Stored>(&self, id: RowId) -> Option<AboutRow> {
        let held = self.rows.held::<T>(id.into())?;
        let fields = T::TABLE.fields().iter().filter_map(|spec| {
            let value = held.row.get(spec.name)?;
            Some(AboutField { field: spec.name.to_owned(), shown: self.shown(T::TABLE, spec.name, &value), value })
        });
        Some(AboutRow {
            id,
            written_on: self.made_on(id),
            by: held.by.map(|device| self.device_name(device)),
            removed: !held.live,
            fields: fields.collect(),
        })
    }
}
