//! What the phones of a book that is founded anew were told is saved, and what may lawfully become of it.
//!
//! The rule of the [ledger](crate::ledger) is exact while a book stays in one epoch. Over epochs there is more that may
//! happen to a value: its person is erased, its row was removed before an epoch and is gone with it, its author was put out
//! and has it handed back. Whatever is none of these has to be shown by everybody.

use std::collections::{BTreeMap, BTreeSet};

use samla_core::tables::Table;
use samla_core::{Book, RowId};

use crate::ledger::shown;

/// The word that every promised text begins with; it turns up nowhere by chance.
pub const CANARY: &str = "kanariefagel";

#[derive(Debug)]
struct Written {
    author: usize,
    table: Table,
    id: RowId,
    value: String,
    /// Somebody saw it and wrote another.
    replaced: bool,
}

/// What was promised.
#[derive(Debug, Default)]
pub struct Promises {
    written: Vec<Written>,
    /// The contact that a talk is about.
    about: BTreeMap<RowId, RowId>,
    removed: BTreeSet<RowId>,
    erased: BTreeSet<RowId>,
}

/// A phone that has left the book, as far as what it wrote goes.
#[derive(Debug)]
pub struct Gone {
    /// What it was handed back.
    pub leftover: String,
    /// It is handed nothing back: somebody was erased with the epoch that put it out, or it has never been in.
    pub nothing: bool,
}

impl Promises {
    /// A text was written into a note by somebody who saw these texts there before.
    pub fn wrote(&mut self, author: usize, table: Table, id: RowId, seen: &[String], value: String) {
        let before = self.written.iter_mut().filter(|before| before.id == id && seen.contains(&before.value));
        before.for_each(|before| before.replaced = true);
        self.written.push(Written { author, table, id, value, replaced: false });
    }

    /// A talk is about this contact.
    pub fn about(&mut self, talk: RowId, contact: RowId) {
        self.about.insert(talk, contact);
    }

    /// A row was removed, by whomever: an epoch may begin without it.
    pub fn removed(&mut self, id: RowId) {
        self.removed.insert(id);
    }

    /// A contact was erased.
    pub fn erased(&mut self, id: RowId) {
        self.erased.insert(id);
    }

    /// How many promises there are.
    pub fn len(&self) -> usize {
        self.written.len()
    }

    /// Was nothing promised?
    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// The texts of and about everybody who was erased.
    pub fn of_the_erased(&self) -> impl Iterator<Item = &str> {
        self.written.iter().filter(|one| self.is_about(one.id, &self.erased)).map(|one| one.value.as_str())
    }

    fn is_about(&self, id: RowId, those: &BTreeSet<RowId>) -> bool {
        those.contains(&id) || self.about.get(&id).is_some_and(|contact| those.contains(contact))
    }

    /// Every promised text is shown, unless something lawful has become of it; and nothing is shown that nobody wrote.
    pub fn check(&self, book: &Book, gone: &BTreeMap<usize, Gone>) -> Result<(), String> {
        for one in &self.written {
            let there = shown(book, one.table, one.id, "note").contains(&one.value);
            if self.is_about(one.id, &self.erased) {
                if there {
                    return Err(format!("{} {}: {} is back after it was erased", one.table, one.id, one.value));
                }
                continue;
            }
            let handed_back =
                gone.get(&one.author).is_some_and(|gone| gone.nothing || gone.leftover.contains(&one.value));
            if !there && !one.replaced && !handed_back && !self.is_about(one.id, &self.removed) {
                let there = shown(book, one.table, one.id, "note");
                return Err(format!(
                    "{} {} of {}: {} is lost; there is {there:?}",
                    one.table, one.id, one.author, one.value
                ));
            }
        }
        for contact in book.register().rows(Table::Contacts) {
            self.check_written(book, Table::Contacts, contact.id())?;
        }
        for talk in book.register().rows(Table::Talks) {
            self.check_written(book, Table::Talks, talk.id())?;
        }
        Ok(())
    }

    fn check_written(&self, book: &Book, table: Table, id: RowId) -> Result<(), String> {
        let shown = shown(book, table, id, "note");
        match shown.iter().find(|value| !self.written.iter().any(|one| one.id == id && one.value == **value)) {
            Some(value) => Err(format!("{table} {id}: nobody wrote {value}")),
            None => Ok(()),
        }
    }
}
