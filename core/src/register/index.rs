//! What makes the read model quick: from a contact or visit to the rows about it, from a phone number, an address or a
//! word of a name to the contacts that have it, from a contact to those that are one person with it, and the folded words
//! that search looks through.
//!
//! The indexes say nothing that the rows do not; they are made anew when a register is opened and follow every row that
//! is applied.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::{folded, push_words};
use super::matching::name_key;
use super::phone::PhoneKey;
use super::rows::{AllRows, Stored};
use super::same::Persons;
use super::sound::{SoundedName, key};
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Country, FieldPath, Table, Visit, Workplace};

/// From a key to the contacts that have it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Index<K>(BTreeSet<(K, RowId)>);

impl<K: Ord + Clone> Index<K> {
    /// Those that have this key, by id.
    pub(super) fn of<'a>(&'a self, key: &K) -> impl Iterator<Item = RowId> + use<'a, K> {
        let (first, last) = (RowId::from_bytes([0; 16]), RowId::from_bytes([0xff; 16]));
        self.0.range((key.clone(), first)..=(key.clone(), last)).map(|(_, id)| *id)
    }

    /// Whether this one has this key.
    pub(super) fn has(&self, key: &K, id: RowId) -> bool {
        self.0.contains(&(key.clone(), id))
    }

    fn remove(&mut self, key: K, id: RowId) {
        self.0.remove(&(key, id));
    }

    /// The keys that several have, each as those who have it.
    pub(super) fn shared(&self) -> Vec<Vec<RowId>> {
        let all: Vec<_> = self.0.iter().collect();
        let by_key = all.chunk_by(|(one, _), (other, _)| one == other).filter(|chunk| chunk.len() > 1);
        by_key.map(|chunk| chunk.iter().map(|(_, id)| *id).collect()).collect()
    }
}

impl<K: Ord> FromIterator<(K, RowId)> for Index<K> {
    fn from_iter<I: IntoIterator<Item = (K, RowId)>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl<K: Ord> Default for Index<K> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

/// The words of a contact that search looks through, and where the contact works.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words {
    /// Name, phone numbers (whole and national) and e-mail, folded, each word after a space; the name first.
    pub(super) text: Box<str>,
    pub(super) workplace: Option<Id<Workplace>>,
}

/// All indexes of a register.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Indexes {
    /// Which rows of a table point at a contact or visit, removed ones among them; tables of which none does are left out.
    /// Each table has its own set because a small one answers sooner, and everybody is asked for links.
    pointers: BTreeMap<Table, BTreeSet<(RowId, RowId)>>,
    pub(super) phones: Index<PhoneKey>,
    pub(super) emails: Index<Box<str>>,
    /// The visits of a series: by its first visit and the day that it gave them.
    pub(super) occurrences: Index<(RowId, Date)>,
    /// By the key of each word of the name as it sounds.
    pub(super) names: Index<u64>,
    /// By the key of the whole name, where it has two words or more.
    pub(super) whole_names: Index<u64>,
    pub(super) words: BTreeMap<RowId, Words>,
    /// The folded names of workplaces.
    pub(super) places: BTreeMap<RowId, Box<str>>,
    /// The workplaces by those names.
    pub(super) places_by_name: Index<Box<str>>,
    /// Who was joined with whom.
    pub(super) persons: Persons,
    /// Everybody's name and workplace and the sites that these are parts of, in one number: where one of them has changed, it is
    /// another.
    pub(super) colleagues: u64,
}

impl Indexes {
    /// The ids of the rows of table `T` that point at this contact or visit.
    pub(super) fn pointing<T: Stored>(&self, at: RowId) -> impl Iterator<Item = Id<T>> {
        let (first, last) = (RowId::from_bytes([0; 16]), RowId::from_bytes([0xff; 16]));
        let pointers = self.pointers.get(&T::TABLE).into_iter();
        pointers.flat_map(move |all| all.range((at, first)..=(at, last))).map(|(_, id)| Id::from(*id))
    }

    pub(super) fn add_pointers<T: Stored>(&mut self, row: &T) {
        targets(row, &mut |target| {
            self.pointers.entry(T::TABLE).or_default().insert((target, row.id()));
        });
    }

    pub(super) fn drop_pointers<T: Stored>(&mut self, row: &T) {
        let Some(all) = self.pointers.get_mut(&T::TABLE) else { return };
        targets(row, &mut |target| {
            all.remove(&(target, row.id()));
        });
        if all.is_empty() {
            self.pointers.remove(&T::TABLE);
        }
    }

    pub(super) fn add_contact(&mut self, contact: &Contact, country: Country) {
        if contact.is_forgotten() {
            return;
        }
        let id = contact.id.row();
        let keys = ContactKeys::of(contact, country);
        self.colleagues ^= name_at_work(contact);
        self.words.insert(id, Words { text: keys.words.into(), workplace: contact.workplace });
        self.phones.0.extend(keys.phones.into_iter().map(|key| (key, id)));
        self.emails.0.extend(keys.emails.into_iter().map(|key| (key, id)));
        self.names.0.extend(keys.names.into_iter().map(|key| (key, id)));
        self.whole_names.0.extend(keys.whole_name.map(|key| (key, id)));
    }

    pub(super) fn drop_contact(&mut self, contact: &Contact, country: Country) {
        if contact.is_forgotten() {
            return;
        }
        let id = contact.id.row();
        let keys = ContactKeys::of(contact, country);
        self.colleagues ^= name_at_work(contact);
        self.words.remove(&id);
        keys.phones.into_iter().for_each(|key| self.phones.remove(key, id));
        keys.emails.into_iter().for_each(|key| self.emails.remove(key, id));
        keys.names.into_iter().for_each(|key| self.names.remove(key, id));
        keys.whole_name.into_iter().for_each(|key| self.whole_names.remove(key, id));
    }

    pub(super) fn add_visit(&mut self, visit: &Visit) {
        self.occurrences.0.extend(occurrence_of(visit).map(|day| (day, visit.id.row())));
    }

    pub(super) fn drop_visit(&mut self, visit: &Visit) {
        if let Some(day) = occurrence_of(visit) {
            self.occurrences.remove(day, visit.id.row());
        }
    }

    pub(super) fn add_place(&mut self, place: &Workplace) {
        let (mut words, id) = (String::new(), place.id.row());
        push_words(place.name.as_deref().unwrap_or_default(), &mut words);
        let words = Box::<str>::from(words);
        self.colleagues ^= place_in_site(place);
        self.places_by_name.0.insert((words.clone(), id));
        self.places.insert(id, words);
    }

    pub(super) fn drop_place(&mut self, place: &Workplace) {
        let id = place.id.row();
        self.colleagues ^= place_in_site(place);
        if let Some(words) = self.places.remove(&id) {
            self.places_by_name.remove(words, id);
        }
    }

    /// Everything at once, which is several times quicker than row by row.
    pub(super) fn of_all(rows: &AllRows, country: Country) -> Self {
        let pointers = Table::ALL.into_iter().map(|table| {
            let mut all = Vec::new();
            super::rows::for_table!(table, Row => for (id, held) in Row::rows(rows) {
                targets(&held.row, &mut |target| all.push((target, *id)));
            });
            (table, all.into_iter().collect())
        });
        let pointers = pointers.filter(|(_, all): &(_, BTreeSet<_>)| !all.is_empty()).collect();
        let (mut phones, mut emails, mut words) = (Vec::new(), Vec::new(), Vec::new());
        let (mut names, mut whole_names) = (Vec::new(), Vec::new());
        let mut colleagues = 0;
        for contact in rows.all::<Contact>().filter(|contact| !contact.is_forgotten()) {
            let id = contact.id.row();
            let keys = ContactKeys::of(contact, country);
            colleagues ^= name_at_work(contact);
            words.push((id, Words { text: keys.words.into(), workplace: contact.workplace }));
            phones.extend(keys.phones.into_iter().map(|key| (key, id)));
            emails.extend(keys.emails.into_iter().map(|key| (key, id)));
            names.extend(keys.names.into_iter().map(|key| (key, id)));
            whole_names.extend(keys.whole_name.map(|key| (key, id)));
        }
        let mut all = Self {
            pointers,
            phones: phones.into_iter().collect(),
            emails: emails.into_iter().collect(),
            names: names.into_iter().collect(),
            whole_names: whole_names.into_iter().collect(),
            words: words.into_iter().collect(),
            places: BTreeMap::new(),
            places_by_name: Index::default(),
            occurrences: Index::default(),
            persons: Persons::new(),
            colleagues,
        };
        rows.all().for_each(|place| all.add_place(place));
        rows.all().for_each(|visit| all.add_visit(visit));
        all
    }
}

/// Tells of the rows that this one is to be found from: the contacts and visits that it points at, and what a kept answer
/// is about.
fn targets<T: Stored>(row: &T, tell: &mut dyn FnMut(RowId)) {
    row.points_at(tell);
    if T::TABLE == Table::Conflicts
        && let Some(path) = row.get("path").and_then(|path| path.to_string().parse::<FieldPath>().ok())
    {
        tell(path.id);
    }
}

/// The first visit of its series, and the day that the series gave it.
fn occurrence_of(visit: &Visit) -> Option<(RowId, Date)> {
    Some((visit.series?.row(), visit.series_on?))
}

/// The key of who is called so where.
fn name_at_work(contact: &Contact) -> u64 {
    key(&(contact.id, &contact.given_name, &contact.family_name, contact.workplace))
}

/// The key of which workplace is a part of which.
fn place_in_site(place: &Workplace) -> u64 {
    key(&(place.id, place.parent))
}

/// What a contact can be found by.
struct ContactKeys {
    phones: Vec<PhoneKey>,
    emails: Vec<Box<str>>,
    names: Vec<u64>,
    whole_name: Option<u64>,
    words: String,
}

impl ContactKeys {
    fn of(contact: &Contact, country: Country) -> Self {
        let (given, family) = (contact.given_name.as_deref(), contact.family_name.as_deref());
        let phones = PhoneKey::all(contact.phone.as_deref().unwrap_or_default(), country);
        let emails = contact.email.as_deref().map(email_keys).unwrap_or_default();
        let mut words = String::new();
        push_words(given.unwrap_or_default(), &mut words);
        push_words(family.unwrap_or_default(), &mut words);
        for key in &phones {
            words.push_str(&format!(" {key} {}", key.national()));
        }
        for email in &emails {
            words.push(' ');
            words.push_str(email);
        }
        let names = SoundedName::of(given, family).all().map(key).collect();
        let whole_name = name_key(given, family).map(|name| key(&*name));
        Self { phones, emails, names, whole_name, words }
    }
}

/// The addresses in a cell, folded.
pub(super) fn email_keys(cell: &str) -> Vec<Box<str>> {
    cell.split(|letter: char| letter.is_whitespace() || ",;<>".contains(letter))
        .filter(|part| part.contains('@'))
        .map(|part| folded(part).into())
        .collect()
}
