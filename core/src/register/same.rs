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
    let mut groups = Groups::default();
    for (a, b) in apart {
        groups.keep_apart(*a, *b);
    }
    for (_, (a, b)) in same {
        groups.join(*a, *b);
    }
    groups.all.into_iter().map(|group| group.contacts).filter(|contacts| contacts.len() > 1).collect()
}

/// Contacts on their way to be joined, each at first a group of its own. The smaller group goes into the larger one, so that
/// nobody moves often, however many the links are.
#[derive(Default)]
struct Groups {
    /// The place of each contact's group.
    places: BTreeMap<Id<Contact>, usize>,
    all: Vec<Group>,
}

#[derive(Default)]
struct Group {
    contacts: BTreeSet<Id<Contact>>,
    /// The places of the groups that it is kept apart from.
    apart: BTreeSet<usize>,
}

impl Groups {
    fn place(&mut self, contact: Id<Contact>) -> usize {
        let Self { places, all } = self;
        *places.entry(contact).or_insert_with(|| {
            all.push(Group { contacts: BTreeSet::from([contact]), apart: BTreeSet::new() });
            all.len() - 1
        })
    }

    fn keep_apart(&mut self, a: Id<Contact>, b: Id<Contact>) {
        let (one, other) = (self.place(a), self.place(b));
        for (of, from) in [(one, other), (other, one)] {
            if let Some(group) = self.all.get_mut(of) {
                group.apart.insert(from);
            }
        }
    }

    fn join(&mut self, a: Id<Contact>, b: Id<Contact>) {
        let (one, other) = (self.place(a), self.place(b));
        let size = |at: usize| self.all.get(at).map_or(0, |group| group.contacts.len() + group.apart.len());
        let (to, from) = if size(one) < size(other) { (other, one) } else { (one, other) };
        let are_apart = self.all.get(to).is_some_and(|group| group.apart.contains(&from));
        if to == from || are_apart {
            return;
        }
        let moved = self.all.get_mut(from).map(std::mem::take).unwrap_or_default();
        for at in &moved.apart {
            if let Some(group) = self.all.get_mut(*at) {
                group.apart.remove(&from);
                group.apart.insert(to);
            }
        }
        self.places.extend(moved.contacts.iter().map(|contact| (*contact, to)));
        if let Some(group) = self.all.get_mut(to) {
            group.contacts.extend(moved.contacts);
            group.apart.extend(moved.apart);
        }
    }
}

/// Two contacts in the order in which they were written down.
pub(super) fn pair(one: Id<Contact>, other: Id<Contact>) -> Pair {
    (one.min(other), one.max(other))
}

fn is_blank(value: Option<&Value>) -> bool {
    value.is_none_or(|value| matches!(value, Value::Text(text) if text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    type Groupings = BTreeSet<BTreeSet<Id<Contact>>>;

    /// The same by looking at everything for each link.
    fn one_by_one(same: &Links, apart: &BTreeSet<Pair>) -> Groupings {
        let mut groups = Groupings::new();
        for (_, (a, b)) in same {
            let one = take(&mut groups, a);
            let other = if one.contains(b) { BTreeSet::new() } else { take(&mut groups, b) };
            let parted = |(a, b): &Pair| one.contains(a) && other.contains(b) || one.contains(b) && other.contains(a);
            if apart.iter().any(parted) {
                groups.extend([one, other]);
            } else {
                groups.insert(one.into_iter().chain(other).collect());
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    fn take(groups: &mut Groupings, contact: &Id<Contact>) -> BTreeSet<Id<Contact>> {
        let found = groups.iter().find(|group| group.contains(contact)).cloned();
        if let Some(group) = &found {
            groups.remove(group);
        }
        found.unwrap_or_else(|| BTreeSet::from([*contact]))
    }

    #[test]
    fn links_are_followed_as_if_one_by_one() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut draw = |below: u32| u8::try_from(rng.next_u32() % below).unwrap();
        let (mut joined, mut refused) = (0, 0);
        for _ in 0..200 {
            let contact = |byte: u8| Id::<Contact>::from_bytes([byte; 16]);
            let mut pairs = |many: u8| -> Vec<Pair> {
                let two = (0..many).map(|_| pair(contact(draw(24)), contact(draw(24)))).collect::<Vec<_>>();
                two.into_iter().filter(|(a, b)| a != b).collect()
            };
            let apart: BTreeSet<Pair> = pairs(12).into_iter().collect();
            let same: Links = (0..).zip(pairs(30)).map(|(nth, two)| (Id::from_bytes([nth; 16]), two)).collect();
            let groups: BTreeSet<_> = follow(&same, &apart).into_iter().collect();
            assert_eq!(groups, one_by_one(&same, &apart));
            joined += groups.len();
            refused += follow(&same, &BTreeSet::new()).len().abs_diff(groups.len());
        }
        assert!(joined > 200 && refused > 50, "{joined} {refused}");
    }

    #[test]
    fn very_many_links_are_followed_in_a_moment() {
        const MANY: u32 = 20_000;
        let contact = |nth: u32| Id::<Contact>::from_bytes(u128::from(nth).to_be_bytes());
        let apart: BTreeSet<Pair> = (0..MANY).map(|nth| pair(contact(nth), contact(nth + MANY))).collect();
        // Two long rows, which every third link would bring together.
        let same = (0..MANY - 1).flat_map(|nth| [(nth, nth + 1), (nth + MANY, nth + MANY + 1), (nth, nth + MANY + 1)]);
        let same = (0..).zip(same).map(|(nth, (a, b))| (contact(nth).row().into(), pair(contact(a), contact(b))));
        let sizes: Vec<_> = follow(&same.collect(), &apart).iter().map(BTreeSet::len).collect();
        assert_eq!(sizes, [MANY as usize; 2]);
    }
}
