//! Who is one person: contacts that somebody linked as the same are read together, and those linked as not the same are
//! no longer held up as alike. Both end when the link is undone or removed.

use std::collections::BTreeSet;

use super::Register;
use super::names::filled;
use super::phone::PhoneKey;
use super::rows::Stored;
use crate::ids::Id;
use crate::tables::{Contact, Link, LinkKind, Table, TableRow, Value};

impl Register {
    /// The contacts linked as one person with this one, itself among them, by id; only those that were not removed.
    pub(crate) fn one_person(&self, contact: Id<Contact>) -> Vec<Id<Contact>> {
        let mut person = vec![contact];
        if self.has_links(contact) {
            let mut seen = BTreeSet::from([contact]);
            let mut open = vec![contact];
            while let Some(next) = open.pop() {
                open.extend(self.linked(next, LinkKind::SamePerson).filter(|other| seen.insert(*other)));
            }
            person = seen.into_iter().collect();
        }
        person.retain(|id| self.get(*id).is_some());
        person
    }

    /// As [`Self::one_person`], the contacts themselves.
    pub(super) fn contacts_of(&self, contact: Id<Contact>) -> Vec<&Contact> {
        match self.has_links(contact) {
            true => self.one_person(contact).into_iter().filter_map(|id| self.get(id)).collect(),
            false => self.get(contact).into_iter().collect(),
        }
    }

    fn has_links(&self, contact: Id<Contact>) -> bool {
        self.indexes.pointing::<Link>(contact.row()).next().is_some()
    }

    /// The contact that stands for the person: the one written down first.
    pub(crate) fn first_of_person(&self, contact: Id<Contact>) -> Option<Id<Contact>> {
        self.one_person(contact).first().copied()
    }

    /// Whether somebody said that these two, or two contacts of the same two persons, are not one person.
    pub(super) fn not_the_same(&self, one: Id<Contact>, other: Id<Contact>) -> bool {
        let others = self.one_person(other);
        let mut said = self.one_person(one).into_iter().flat_map(|id| self.linked(id, LinkKind::NotTheSame));
        said.any(|id| others.contains(&id))
    }

    fn linked(&self, contact: Id<Contact>, kind: LinkKind) -> impl Iterator<Item = Id<Contact>> {
        let links = self.indexes.pointing::<Link>(contact.row()).filter_map(|id| self.get(id));
        links.filter(move |link| link.kind == Some(kind) && link.undone != Some(true)).filter_map(move |link| {
            let (a, b) = (link.a?, link.b?);
            Some(if a == contact { b } else { a })
        })
    }

    /// The person's contacts read as one: the first that was written down, its empty fields filled from the others.
    pub(crate) fn merged(&self, person: &[Id<Contact>]) -> Option<Contact> {
        let mut contacts = person.iter().filter_map(|id| self.get(*id));
        let mut merged = contacts.next()?.clone();
        for other in contacts {
            for field in Table::Contacts.fields().iter().map(|spec| spec.name) {
                if is_blank(merged.get(field).as_ref()) {
                    merged.put(field, other.get(field));
                }
            }
            // One wish to be left alone is enough.
            merged.do_not_contact = merged.do_not_contact.max(other.do_not_contact);
        }
        Some(merged)
    }

    /// Everybody once: the contacts of each person read as one, by the first that was written down.
    pub fn persons(&self) -> Vec<Contact> {
        let persons = self.all::<Contact>().map(|contact| (contact.id, self.one_person(contact.id)));
        persons
            .filter(|(id, person)| person.first() == Some(id))
            .filter_map(|(_, person)| self.merged(&person))
            .collect()
    }

    /// The telephone numbers in a contact's cell, whole and with their plus.
    pub fn phone_numbers(&self, contact: &Contact) -> Vec<String> {
        let cell = contact.phone.as_deref().unwrap_or_default();
        PhoneKey::all(cell, self.country()).into_iter().map(|key| format!("+{key}")).collect()
    }

    /// The person's phone number: that of the first contact that has one.
    pub(super) fn phone_of(&self, person: &[Id<Contact>]) -> Option<String> {
        person.iter().find_map(|id| filled(&self.get(*id)?.phone)).map(str::to_owned)
    }

    /// The rows of one table about a person, by contact and id.
    pub(super) fn of_person<'a, T: Stored + 'a>(&'a self, person: &'a [Id<Contact>]) -> impl Iterator<Item = &'a T> {
        person.iter().flat_map(|id| self.indexes.pointing::<T>(id.row())).filter_map(|id| self.get(id))
    }
}

fn is_blank(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.to_string().trim().is_empty())
}
