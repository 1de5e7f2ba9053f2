//! Search: every word typed must begin a word of the name, a phone number, the address or the workplace. Of a person of several
//! contacts it may stand at any of them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use memchr::memmem::Finder;
use serde::Serialize;

use super::Register;
use super::fold::{folded, push_words};
use super::index::Words;
use super::names::filled;
use super::phone::PhoneKey;
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Membership};

/// One person found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SearchHit {
    /// The contact that stands for the person.
    pub id: Id<Contact>,
    /// Name, or what else tells who it is.
    pub name: String,
    /// Phone, as it was typed.
    pub phone: Option<String>,
    /// Name of the workplace.
    pub workplace: Option<String>,
    /// Where the person stands.
    pub membership: Membership,
}

impl Register {
    /// The first `limit` persons that fit what was typed, by name. Capitals, accents and the way a number is written make no
    /// difference; nothing typed fits everybody.
    pub fn search(&self, typed: &str, limit: usize, today: Date) -> Vec<SearchHit> {
        let words = query_words(typed);
        let words: Vec<_> = words.iter().map(|word| self.sought(word)).collect();
        let fits = |contact: &Words| words.iter().all(|word| word.fits(contact));
        let found = self.indexes.words.iter().filter(|(_, words)| fits(words));
        let found = found.map(|(id, words)| (&*words.text, *id)).chain(self.found_together(&words));
        let mut by_name: BinaryHeap<_> = found.map(Reverse).collect();

        let mut seen = BTreeSet::new();
        let mut hits = Vec::new();
        while hits.len() < limit
            && let Some(Reverse((_, id))) = by_name.pop()
        {
            let person = self.one_person(id.into());
            if let Some(first) = person.first()
                && seen.insert(*first)
            {
                hits.extend(self.hit(&person, today));
            }
        }
        hits
    }

    /// The persons of several contacts of whom one has what another lacks of what is sought, by the contact that stands for each
    /// and the name that one of them has. Everybody else is found by one contact alone.
    fn found_together<'a>(&'a self, sought: &[Sought<'_>]) -> Vec<(&'a str, RowId)> {
        if sought.len() < 2 {
            return Vec::new();
        }
        let persons = self.indexes.persons.iter().filter(|(id, person)| person.first() == Some(*id));
        let found = persons.filter_map(|(id, person)| {
            let contacts = || person.iter().filter_map(|id| self.indexes.words.get(&id.row()));
            let fits = sought.iter().all(|word| contacts().any(|contact| word.fits(contact)));
            // A number stands before a letter: the last of the texts begins with a name, if any does.
            let name = contacts().map(|contact| &*contact.text).max().filter(|_| fits)?;
            Some((name, id.row()))
        });
        found.collect()
    }

    /// The numbers in a cell as a telephone dials them, in the order they stand there: two where there are two, and none
    /// where there is none.
    pub fn numbers_to_dial(&self, phone: &str) -> Vec<String> {
        PhoneKey::dialled(phone, self.country())
    }

    pub(super) fn hit(&self, person: &[Id<Contact>], today: Date) -> Option<SearchHit> {
        let contact = self.merged(person)?;
        Some(SearchHit {
            id: contact.id,
            name: self.name_of_merged(&contact),
            phone: filled(&contact.phone).map(str::to_owned),
            workplace: contact.workplace.and_then(|id| self.workplace_name(id)),
            membership: self.status(person, today),
        })
    }

    fn sought<'a>(&self, word: &'a str) -> Sought<'a> {
        let begins = Finder::new(word);
        let places = self.indexes.places.iter().filter(|(_, name)| begins.find(name.as_bytes()).is_some());
        Sought { places: places.map(|(id, _)| *id).collect(), begins }
    }
}

/// One word typed, and the workplaces it may mean.
struct Sought<'a> {
    begins: Finder<'a>,
    places: BTreeSet<RowId>,
}

impl Sought<'_> {
    fn fits(&self, contact: &Words) -> bool {
        self.begins.find(contact.text.as_bytes()).is_some()
            || (!self.places.is_empty() && contact.workplace.is_some_and(|id| self.places.contains(&id.row())))
    }
}

/// The words typed, folded, each with the space before it that begins a word. Digits that follow each other are one number,
/// sought without the zeros or the plus before it, since a contact's number is known whole and national; an address stays
/// in one piece.
fn query_words(typed: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut number = String::new();
    for part in typed.split_whitespace() {
        let digits = part.chars().filter(char::is_ascii_digit);
        if part.chars().all(|letter| letter.is_ascii_digit() || "+-‐‑–.()/".contains(letter)) {
            number.extend(digits);
        } else if part.contains('@') {
            words.push(format!(" {}", folded(part)));
        } else {
            let mut folded = String::new();
            push_words(part, &mut folded);
            words.extend(folded.split_ascii_whitespace().map(|word| format!(" {word}")));
        }
    }
    let number = number.trim_start_matches('0');
    if !number.is_empty() {
        words.push(format!(" {number}"));
    }
    words
}
