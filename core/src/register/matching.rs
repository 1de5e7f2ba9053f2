//! Who of the register a row of a list may be: what two descriptions of a person share, and how far their names agree.
//!
//! It asks the same indexes as the duplicate hint, and answers with reasons instead of a ranking: a list of thousands is
//! taken in without a person looking at each row, so only what is sure may be decided alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::Register;
use super::fold::push_words;
use super::index::email_keys;
use super::phone::PhoneKey;
use super::rows::{Stored, for_table};
use super::sound::{SoundedName, key};
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Country, MembershipEvent, Table, TableRow, Workplace};

/// Something that two descriptions of a person share, or do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// One personal number.
    PersonalNumber,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The whole name.
    Name,
    /// A part of the name: a married name, one given name of two, a couple.
    NamePart,
    /// The workplace.
    Workplace,
    /// The names have nothing in common.
    NameDiffers,
    /// Both have a phone number, and not the same.
    PhoneDiffers,
    /// Both have an address, and not the same.
    EmailDiffers,
    /// The workplaces differ.
    WorkplaceDiffers,
}

/// What a person can be found by.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PersonKeys {
    pub(crate) phones: Vec<PhoneKey>,
    pub(crate) emails: Vec<Box<str>>,
    /// The whole name, folded, where it has two words or more.
    pub(crate) name: Option<Box<str>>,
    /// The words of the given and of the family name, folded.
    pub(crate) words: BTreeSet<Box<str>>,
    pub(crate) workplace: Option<Id<Workplace>>,
}

impl PersonKeys {
    pub(crate) fn of(
        [given, family, phone, email]: [Option<&str>; 4],
        workplace: Option<Id<Workplace>>,
        country: Country,
    ) -> Self {
        let mut words = String::new();
        [given, family].into_iter().flatten().for_each(|part| push_words(part, &mut words));
        Self {
            phones: phone.map(|cell| PhoneKey::all(cell, country)).unwrap_or_default(),
            emails: email.map(email_keys).unwrap_or_default(),
            name: name_key(given, family),
            words: words.split_ascii_whitespace().map(Box::from).collect(),
            workplace,
        }
    }

    pub(crate) fn of_contact(contact: &Contact, country: Country) -> Self {
        let texts = [&contact.given_name, &contact.family_name, &contact.phone, &contact.email];
        Self::of(texts.map(Option::as_deref), contact.workplace, country)
    }

    /// What these two share and do not.
    pub(crate) fn compare(&self, other: &Self) -> BTreeSet<MatchReason> {
        let mut reasons = BTreeSet::new();
        if let Some(shared) = share(&self.phones, &other.phones) {
            reasons.insert(if shared { MatchReason::Phone } else { MatchReason::PhoneDiffers });
        }
        if let Some(shared) = share(&self.emails, &other.emails) {
            reasons.insert(if shared { MatchReason::Email } else { MatchReason::EmailDiffers });
        }
        if !self.words.is_empty() && !other.words.is_empty() {
            let whole = self.name.is_some() && self.name == other.name
                || self.words.is_subset(&other.words)
                || other.words.is_subset(&self.words);
            reasons.insert(match whole {
                true => MatchReason::Name,
                false if self.words.is_disjoint(&other.words) => MatchReason::NameDiffers,
                false => MatchReason::NamePart,
            });
        }
        if let Some((ours, theirs)) = self.workplace.zip(other.workplace) {
            reasons.insert(if ours == theirs { MatchReason::Workplace } else { MatchReason::WorkplaceDiffers });
        }
        reasons
    }
}

/// A name of two words or more, folded, in the order of the alphabet, without a nickname in quotes: "Svensson, Anna" and
/// `Anna "Annis" Svensson` give one key. A single word is too little to go by.
fn name_key(given: Option<&str>, family: Option<&str>) -> Option<Box<str>> {
    let mut words = String::new();
    for part in [given, family].into_iter().flatten() {
        let unquoted = part.split(['"', '“', '”', '«', '»']).step_by(2);
        unquoted.for_each(|piece| push_words(piece, &mut words));
    }
    let mut sorted: Vec<_> = words.split_ascii_whitespace().collect();
    sorted.sort_unstable();
    (sorted.len() >= 2).then(|| sorted.join(" ").into())
}

/// Whether two lists have something in common; nothing where one is empty.
fn share<K: PartialEq>(one: &[K], other: &[K]) -> Option<bool> {
    (!one.is_empty() && !other.is_empty()).then(|| one.iter().any(|key| other.contains(key)))
}

/// How sure it is that two descriptions are of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// The name alone, and at another workplace: proves nothing.
    None,
    /// May be, and a person has to say.
    Perhaps,
    /// Is, unless another shares a number or an address.
    Likely,
    /// Is.
    Sure,
}

/// How sure it is by what they share. A number or an address under the same name is one person; so is the whole name at
/// one workplace, unless both have numbers or addresses and other ones.
pub(crate) fn likeness(reasons: &BTreeSet<MatchReason>) -> Likeness {
    use MatchReason::{
        Email, EmailDiffers, Name, NameDiffers, NamePart, PersonalNumber, Phone, PhoneDiffers, Workplace,
        WorkplaceDiffers,
    };
    let has = |reason| reasons.contains(&reason);
    let other_name = has(NameDiffers) || has(NamePart);
    let reached = has(Phone) || has(Email);
    match () {
        () if has(PersonalNumber) => Likeness::Sure,
        () if reached && !other_name => Likeness::Sure,
        () if has(Phone) && has(Email) && has(NamePart) => Likeness::Sure,
        () if reached => Likeness::Perhaps,
        () if !has(Name) => Likeness::None,
        () if has(Workplace) && !has(PhoneDiffers) && !has(EmailDiffers) => Likeness::Likely,
        () if has(WorkplaceDiffers) => Likeness::None,
        () => Likeness::Perhaps,
    }
}

/// Somebody of the register who may be the one described.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// The contact that stands for the person.
    pub(crate) contact: Id<Contact>,
    pub(crate) reasons: BTreeSet<MatchReason>,
    pub(crate) likeness: Likeness,
}

/// A number, an address or a name that more have is a switchboard or a common name, and says nothing about one of them.
const SHARED_BY: usize = 24;

impl Register {
    /// Those who share a number, an address or the whole name with the one described, the likeliest first.
    pub(crate) fn candidates(&self, keys: &PersonKeys) -> Vec<Candidate> {
        let mut found: BTreeSet<RowId> = BTreeSet::new();
        let mut take = |ids: &mut dyn Iterator<Item = RowId>| {
            let ids: Vec<_> = ids.take(SHARED_BY + 1).collect();
            if ids.len() <= SHARED_BY {
                found.extend(ids);
            }
        };
        keys.phones.iter().for_each(|key| take(&mut self.indexes.phones.of(key)));
        keys.emails.iter().for_each(|key| take(&mut self.indexes.emails.of(key)));
        if let Some(key) = &keys.name {
            // Many have a common name; those at the workplace are the ones meant.
            let ids = self.of_whole_name(key).into_iter();
            let here = |id: &RowId| self.works_at(*id) == keys.workplace;
            match keys.workplace {
                Some(_) => {
                    let (here, elsewhere): (Vec<_>, Vec<_>) = ids.partition(here);
                    take(&mut here.into_iter());
                    take(&mut elsewhere.into_iter());
                }
                None => take(&mut ids.into_iter()),
            }
        }
        let mut persons: BTreeMap<Id<Contact>, BTreeSet<MatchReason>> = BTreeMap::new();
        for id in found {
            let (Some(first), Some(contact)) = (self.first_of_person(id.into()), self.contact(id.into())) else {
                continue;
            };
            let reasons = keys.compare(&PersonKeys::of_contact(contact, self.country()));
            persons.entry(first).or_default().extend(reasons);
        }
        let mut candidates: Vec<_> = persons.into_iter().map(|(contact, reasons)| settled(contact, reasons)).collect();
        candidates.sort_by_key(|candidate| (std::cmp::Reverse(candidate.likeness), candidate.contact));
        candidates
    }

    /// The contacts of this whole name: those that have all its words as they sound, and then to the letter.
    fn of_whole_name(&self, name: &str) -> Vec<RowId> {
        let sounded = SoundedName::of(Some(name), None);
        let mut by_word: Vec<Vec<RowId>> =
            sounded.all().map(|word| self.indexes.names.of(&key(word)).collect()).collect();
        by_word.sort_by_key(Vec::len);
        let Some((rarest, others)) = by_word.split_first() else { return Vec::new() };
        let has_all = |id: &&RowId| others.iter().all(|ids| ids.binary_search(id).is_ok());
        let is_named = |id: &&RowId| {
            let contact = self.contact((**id).into());
            contact.and_then(|c| name_key(c.given_name.as_deref(), c.family_name.as_deref())).as_deref() == Some(name)
        };
        rarest.iter().filter(has_all).filter(is_named).copied().collect()
    }

    fn works_at(&self, contact: RowId) -> Option<Id<Workplace>> {
        self.contact(contact.into()).and_then(|contact| contact.workplace)
    }

    /// The workplaces of this name, however it is spelled.
    pub(crate) fn workplaces_named(&self, name: &str) -> impl Iterator<Item = Id<Workplace>> {
        let mut words = String::new();
        push_words(name, &mut words);
        let named = self.indexes.places.iter().filter(move |(_, place)| !words.is_empty() && ***place == *words);
        named.map(|(id, _)| Id::from(*id))
    }

    /// All workplaces by their folded names.
    pub(crate) fn places_by_name(&self) -> HashMap<&str, Vec<Id<Workplace>>> {
        let mut by_name: HashMap<&str, Vec<_>> = HashMap::new();
        for (id, name) in &self.indexes.places {
            by_name.entry(name).or_default().push(Id::from(*id));
        }
        by_name
    }

    /// Which of a person's contacts has the value of a field that is read for all of them.
    pub(crate) fn holder_of(&self, person: &[Id<Contact>], field: &str) -> Option<Id<Contact>> {
        let value = |id: Id<Contact>| self.contact(id).and_then(|contact| contact.get(field));
        person.iter().copied().find(|id| value(*id).is_some_and(|value| !value.to_string().trim().is_empty()))
    }

    /// Whether anything is known to have happened to the person's membership.
    pub(crate) fn has_membership_events(&self, person: &[Id<Contact>]) -> bool {
        self.of_person::<MembershipEvent>(person).next().is_some()
    }

    /// Whether a row that was not removed points at this contact, `except` one.
    pub(crate) fn is_pointed_at(&self, contact: Id<Contact>, except: Option<RowId>) -> bool {
        let counts = |row: RowId| Some(row) != except;
        Table::ALL.into_iter().any(|table| {
            for_table!(table, T => self
                .indexes
                .pointing::<T>(contact.row())
                .any(|id| counts(id.row()) && self.get(id).is_some()))
        })
    }

    /// Whether there is or was such a row.
    pub(crate) fn knows<T: Stored>(&self, id: Id<T>) -> bool {
        self.rows.held(id).is_some()
    }
}

/// Of several contacts of one person what they share outweighs what one of them does not.
fn settled(contact: Id<Contact>, mut reasons: BTreeSet<MatchReason>) -> Candidate {
    use MatchReason::{
        Email, EmailDiffers, Name, NameDiffers, NamePart, Phone, PhoneDiffers, Workplace, WorkplaceDiffers,
    };
    let outweighs = [
        (Phone, PhoneDiffers),
        (Email, EmailDiffers),
        (Name, NamePart),
        (Name, NameDiffers),
        (NamePart, NameDiffers),
        (Workplace, WorkplaceDiffers),
    ];
    for (shared, other) in outweighs {
        if reasons.contains(&shared) {
            reasons.remove(&other);
        }
    }
    let likeness = likeness(&reasons);
    Candidate { contact, reasons, likeness }
}
