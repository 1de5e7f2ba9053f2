//! What the phones of a book that is founded anew were told is saved, and what may lawfully become of it.
//!
//! The rule of the [ledger](crate::ledger) is exact while a book stays in one epoch. Over epochs there is more that may
//! happen to a value: its person is erased; its row was removed by somebody who saw it there, and an epoch began without the
//! row; its row went with an epoch before the value came to it, and its author is told so; its author was put out and has it
//! handed back. Whatever is none of these has to be shown by everybody.

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
    /// The rows that somebody removed, each with the texts that those who did saw in it.
    removed: BTreeMap<RowId, BTreeSet<String>>,
    erased: BTreeSet<RowId>,
    /// A phone was copied: what one of the two wrote may never get a place.
    copied: bool,
    /// Contacts that were erased and came again with their author's phone: what else there was about them is gone.
    came_again: BTreeSet<RowId>,
}

/// A phone that has left the book, as far as what it wrote goes.
#[derive(Debug)]
pub struct Gone {
    /// What it was handed back.
    pub leftover: String,
    /// It is handed nothing back: somebody was erased with the epoch that put it out, or it has never been in.
    pub nothing: bool,
}

/// What a phone says of its own edits that were not carried over into an epoch.
#[derive(Debug, Default)]
pub struct Told {
    /// The texts that it names.
    pub texts: BTreeSet<String>,
    /// It names none, only how many: somebody was erased.
    pub unnamed: bool,
}

impl Promises {
    /// A text was written into a note by somebody who saw these texts there before.
    pub fn wrote(&mut self, author: usize, table: Table, id: RowId, seen: &[String], value: String) {
        let before = self.written.iter_mut().filter(|before| before.id == id && seen.contains(&before.value));
        before.for_each(|before| before.replaced = true);
        self.written.push(Written { author, table, id, value, replaced: false });
    }

    /// One of these texts was chosen by somebody who saw them all. Where a colleague has replaced it already, it gives way in a
    /// new epoch: to choose what the log has said all along is no edit of it.
    pub fn chose(&mut self, author: usize, table: Table, id: RowId, seen: &[String], value: String) {
        let replaced = !self.written.iter().any(|one| one.id == id && one.value == value && !one.replaced);
        self.wrote(author, table, id, seen, value);
        if let Some(choice) = self.written.last_mut() {
            choice.replaced = replaced;
        }
    }

    /// A talk is about this contact.
    pub fn about(&mut self, talk: RowId, contact: RowId) {
        self.about.insert(talk, contact);
    }

    /// A row was removed, by whomever: an epoch may begin without it. Whoever did saw these texts in it and about it.
    pub fn removed(&mut self, id: RowId, seen: impl IntoIterator<Item = String>) {
        self.removed.entry(id).or_default().extend(seen);
    }

    /// Did somebody remove this row?
    pub fn was_removed(&self, id: RowId) -> bool {
        self.removed.contains_key(&id)
    }

    /// A contact was erased.
    pub fn erased(&mut self, id: RowId) {
        self.erased.insert(id);
    }

    /// A contact was erased, and its author brought it again.
    pub fn came_again(&mut self, id: RowId) {
        self.came_again.insert(id);
    }

    /// A phone was copied with its keys: what a colleague wrote about what it brought in a file goes with that, and its author is
    /// told.
    pub fn copied(&mut self) {
        self.copied = true;
    }

    /// Who made a row.
    pub fn author_of(&self, id: RowId) -> Option<usize> {
        self.written.iter().find(|one| one.id == id).map(|one| one.author)
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

    /// Did it go with a row that was removed: under the eyes of who removed it, or told to its author?
    fn went_lawfully(&self, one: &Written, told: &BTreeMap<usize, Told>) -> bool {
        let rows = [Some(one.id), self.about.get(&one.id).copied()].into_iter().flatten();
        let removed: Vec<_> = rows.filter_map(|row| self.removed.get(&row)).collect();
        let seen = removed.iter().any(|seen| seen.contains(&one.value));
        let told = || told.get(&one.author).is_some_and(|told| told.unnamed || told.texts.contains(&one.value));
        (!removed.is_empty() && (seen || told())) || (self.copied && told())
    }

    /// Every promised text is shown, unless something lawful has become of it; and nothing is shown that nobody wrote.
    pub fn check(&self, book: &Book, gone: &BTreeMap<usize, Gone>, told: &BTreeMap<usize, Told>) -> Result<(), String> {
        for one in &self.written {
            let there = shown(book, one.table, one.id, "note").contains(&one.value);
            if self.is_about(one.id, &self.erased) {
                if there {
                    return Err(format!("{} {}: {} is back after it was erased", one.table, one.id, one.value));
                }
                continue;
            }
            if self.is_about(one.id, &self.came_again) {
                continue;
            }
            let handed_back =
                gone.get(&one.author).is_some_and(|gone| gone.nothing || gone.leftover.contains(&one.value));
            if !there && !one.replaced && !handed_back && !self.went_lawfully(one, told) {
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
