//! Who is one person: contacts that somebody linked as the same are read together, and those linked as not the same are
//! kept apart and no longer held up as alike. Both end when the link is undone or removed.
//!
//! Links are made on many phones at once, so they may go round in a circle and may contradict each other: one steward
//! says that two contacts are one person while another says that they are not. Who is one person is therefore worked
//! out from all links together, in the order of their ids: a link joins two groups of contacts, unless somebody said that
//! one of the first and one of the second are not the same. Keeping apart wins because it can be mended: two
//! persons read as one would be told each other's affairs. What was not followed is told by
//! [`Register::disputed_links`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Register;
use super::names::filled;
use super::phone::PhoneKey;
use super::rows::Stored;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Link, LinkKind, Table, TableRow, Value, Workplace};

/// Two contacts, the one written down first before the other.
type Pair = (Id<Contact>, Id<Contact>);

/// Links of the same person in the order in which they are followed, each with its two contacts.
type Links = BTreeSet<(Id<Link>, Pair)>;

/// From each contact that was joined with others to all of its person, by id. Who stands alone is left out.
pub(super) type Persons = BTreeMap<Id<Contact>, Arc<[Id<Contact>]>>;

impl Register {
    /// The contacts read as one person with this one, itself among them, by id; only those that were not removed.
    pub(crate) fn one_person(&self, contact: Id<Contact>) -> Vec<Id<Contact>> {
        let there = |id: &Id<Contact>| self.get(*id).is_some();
        match self.indexes.persons.get(&contact) {
            Some(person) => person.iter().copied().filter(there).collect(),
            None => Some(contact).into_iter().filter(there).collect(),
        }
    }

    /// The contacts that are one person with this one, itself among them, by id; none where it was removed.
    pub fn same_person(&self, contact: Id<Contact>) -> Vec<Id<Contact>> {
        if self.get(contact).is_some() { self.one_person(contact) } else { Vec::new() }
    }

    /// As [`Self::one_person`], the contacts themselves.
    pub(crate) fn contacts_of(&self, contact: Id<Contact>) -> Vec<&Contact> {
        match self.indexes.persons.get(&contact) {
            Some(person) => person.iter().filter_map(|id| self.get(*id)).collect(),
            None => self.get(contact).into_iter().collect(),
        }
    }

    /// As [`Self::one_person`], with the contacts that were removed: what is said of them still joins the others.
    pub(super) fn joined(&self, contact: Id<Contact>) -> Vec<Id<Contact>> {
        self.indexes.persons.get(&contact).map_or_else(|| vec![contact], |person| person.to_vec())
    }

    /// The contact that stands for the person: the one written down first.
    pub(crate) fn first_of_person(&self, contact: Id<Contact>) -> Option<Id<Contact>> {
        let there = |id: &&Id<Contact>| self.get(**id).is_some();
        match self.indexes.persons.get(&contact) {
            Some(person) => person.iter().find(there).copied(),
            None => Some(&contact).filter(there).copied(),
        }
    }

    /// Whether somebody said that these two, or two contacts of the same two persons, are not one person.
    pub(super) fn not_the_same(&self, one: Id<Contact>, other: Id<Contact>) -> bool {
        let others = self.one_person(other);
        let mut said = self.one_person(one).into_iter().flat_map(|id| self.linked(id, LinkKind::NotTheSame));
        said.any(|(_, id)| others.contains(&id))
    }

    /// The links of a kind that hold at this contact, each with the contact at its other end.
    pub(super) fn linked(&self, contact: Id<Contact>, kind: LinkKind) -> impl Iterator<Item = (Id<Link>, Id<Contact>)> {
        let links = self.indexes.pointing::<Link>(contact.row()).filter_map(|id| self.get(id));
        let links = links.filter(move |link| link.kind == Some(kind) && link.undone != Some(true));
        links.filter_map(move |link| {
            let (a, b) = (link.a?, link.b?);
            (a != b).then_some((link.id, if a == contact { b } else { a }))
        })
    }

    /// The contacts that links lead to from the two of this link, whether they are followed or not.
    pub(super) fn around_link(&self, link: RowId) -> BTreeSet<Id<Contact>> {
        let link = self.rows.held::<Link>(link.into()).map(|held| &held.row);
        let ends = link.into_iter().flat_map(|link| [link.a, link.b]).flatten();
        ends.flat_map(|contact| self.reach(contact).0).collect()
    }

    /// Works out anew who is one person, of everybody.
    pub(super) fn join_all(&mut self) {
        let linked = self.all::<Link>().flat_map(|link| [link.a, link.b]).flatten().collect();
        self.indexes.persons.clear();
        self.join(linked);
    }

    /// Works out anew who is one person with these contacts.
    pub(super) fn join(&mut self, mut contacts: BTreeSet<Id<Contact>>) {
        while let Some(contact) = contacts.pop_first() {
            let (reach, same) = self.reach(contact);
            for id in &reach {
                contacts.remove(id);
                self.indexes.persons.remove(id);
            }
            for group in follow(&same, &self.apart(&reach)) {
                let person: Arc<[_]> = group.into_iter().collect();
                self.indexes.persons.extend(person.iter().map(|id| (*id, Arc::clone(&person))));
            }
        }
    }

    /// The contacts that links of the same person lead to from this one, and those links.
    fn reach(&self, contact: Id<Contact>) -> (BTreeSet<Id<Contact>>, Links) {
        let (mut reach, mut same) = (BTreeSet::from([contact]), BTreeSet::new());
        let mut open = vec![contact];
        while let Some(next) = open.pop() {
            for (link, other) in self.linked(next, LinkKind::SamePerson) {
                same.insert((link, pair(next, other)));
                if reach.insert(other) {
                    open.push(other);
                }
            }
        }
        (reach, same)
    }

    fn apart(&self, contacts: &BTreeSet<Id<Contact>>) -> BTreeSet<Pair> {
        let said = |id: &Id<Contact>| {
            let id = *id;
            self.linked(id, LinkKind::NotTheSame).map(move |(_, other)| pair(id, other))
        };
        contacts.iter().flat_map(said).filter(|(a, b)| contacts.contains(a) && contacts.contains(b)).collect()
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

    /// The other contacts of a person whose value would be read instead of the one that is about to be written to this
    /// contact: those written down before it, and all of them where a field is emptied or is a wish to be left alone.
    pub(crate) fn hiding(&self, contact: Id<Contact>, field: &str, value: Option<&Value>) -> Vec<Id<Contact>> {
        let any_counts = is_blank(value) || field == "do_not_contact";
        let hides = |other: &&Contact| {
            let theirs = other.get(field);
            other.id != contact
                && (any_counts || other.id < contact)
                && !is_blank(theirs.as_ref())
                && theirs.as_ref() != value
        };
        self.contacts_of(contact).into_iter().filter(hides).map(|other| other.id).collect()
    }

    /// Everybody once: the contacts of each person read as one, by the first that was written down. Whoever was forgotten is
    /// left out.
    pub fn persons(&self) -> Vec<Contact> {
        let persons = self.all::<Contact>().map(|contact| (contact.id, self.one_person(contact.id)));
        persons
            .filter(|(id, person)| person.first() == Some(id) && !self.are_forgotten(person))
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

    /// Where a person works: by the first of their contacts that says so.
    pub(super) fn workplace_of(&self, person: &[Id<Contact>]) -> Option<Id<Workplace>> {
        person.iter().find_map(|id| self.get(*id)?.workplace)
    }

    /// The rows of one table about a person, by contact and id.
    pub(super) fn of_person<'a, 'p, T: Stored>(
        &'a self,
        person: &'p [Id<Contact>],
    ) -> impl Iterator<Item = &'a T> + use<'a, 'p, T> {
        person.iter().flat_map(|id| self.indexes.pointing::<T>(id.row())).filter_map(|id| self.get(id))
    }
}

/// The groups that come about when the links are followed one by one and none brings together what is to be kept apart.
fn follow(same: &Links, apart: &BTreeSet<Pair>) -> Vec<BTreeSet<Id<Contact>>> {
    let mut groups: Vec<BTreeSet<Id<Contact>>> = Vec::new();
    for (_, (a, b)) in same {
        let mut one = take(&mut groups, a);
        if !one.contains(b) {
            let mut other = take(&mut groups, b);
            let parted = |(a, b): &Pair| one.contains(a) && other.contains(b) || one.contains(b) && other.contains(a);
            match apart.iter().any(parted) {
                true => groups.push(other),
                false => one.append(&mut other),
            }
        }
        groups.push(one);
    }
    groups.retain(|group| group.len() > 1);
    groups
}

fn take(groups: &mut Vec<BTreeSet<Id<Contact>>>, contact: &Id<Contact>) -> BTreeSet<Id<Contact>> {
    match groups.iter().position(|group| group.contains(contact)) {
        Some(at) => groups.swap_remove(at),
        None => BTreeSet::from([*contact]),
    }
}

/// Two contacts in the order in which they were written down.
pub(super) fn pair(one: Id<Contact>, other: Id<Contact>) -> Pair {
    (one.min(other), one.max(other))
}

fn is_blank(value: Option<&Value>) -> bool {
    value.is_none_or(|value| matches!(value, Value::Text(text) if text.trim().is_empty()))
}
