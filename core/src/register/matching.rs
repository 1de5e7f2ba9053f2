//! Who of the register a row of a list may be: what two descriptions of a person share, and how far their names agree.
//!
//! It asks the same indexes as the duplicate hint, and answers with reasons instead of a ranking: a list of thousands is
//! taken in without a person looking at each row, so only what is sure may be decided alone.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Register;
use super::fold::push_words;
use super::index::{Indexes, email_keys};
use super::phone::PhoneKey;
use super::rows::{Stored, for_table};
use super::sound::{key, pieces};
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
    /// The whole name as it sounds, at one site: Aagaard and Ågård, a middle name, one letter wrong.
    NameAlike,
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

/// A name of two words or more, folded, in the order of the alphabet, without a nickname in quotes or brackets: "Svensson, Anna"
/// and `Anna "Annis" Svensson` give one key. A single word is too little to go by.
pub(super) fn name_key(given: Option<&str>, family: Option<&str>) -> Option<Box<str>> {
    let mut words = String::new();
    for part in [given, family].into_iter().flatten() {
        let plain = pieces(part).filter(|(is_nickname, _)| !is_nickname);
        plain.for_each(|(_, piece)| push_words(piece, &mut words));
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
/// one workplace, unless both have numbers or addresses and other ones. A name that sounds the same at one site is never more
/// than perhaps one person's.
pub(crate) fn likeness(reasons: &BTreeSet<MatchReason>) -> Likeness {
    use MatchReason::{
        Email, EmailDiffers, Name, NameAlike, NameDiffers, NamePart, PersonalNumber, Phone, PhoneDiffers, Workplace,
        WorkplaceDiffers,
    };
    let has = |reason| reasons.contains(&reason);
    let other_name = has(NameDiffers) || has(NamePart) || has(NameAlike);
    let reached = has(Phone) || has(Email);
    match () {
        () if has(PersonalNumber) => Likeness::Sure,
        () if reached && !other_name => Likeness::Sure,
        () if has(Phone) && has(Email) && has(NamePart) => Likeness::Sure,
        () if reached || has(NameAlike) => Likeness::Perhaps,
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

impl Candidate {
    /// Whether it is the whole name at another workplace and nothing else.
    pub(crate) fn is_namesake_elsewhere(&self) -> bool {
        self.likeness == Likeness::None && self.reasons.contains(&MatchReason::WorkplaceDiffers)
    }
}

/// A number, an address or a name that more have is a switchboard or a common name, and says nothing about one of them.
pub(super) const SHARED_BY: usize = 24;

impl Register {
    /// Those who share a number, an address or the whole name with the one described, the likeliest first. Of a namesake at
    /// another workplace who shares nothing else, no more reasons are told than those two: there are many, and they prove
    /// nothing.
    pub(crate) fn candidates(&self, keys: &PersonKeys) -> Vec<Candidate> {
        let mut found: BTreeSet<RowId> = BTreeSet::new();
        let mut take = |ids: &mut dyn Iterator<Item = RowId>| {
            let ids: Vec<_> = ids.take(SHARED_BY + 1).collect();
            let are_few = ids.len() <= SHARED_BY;
            found.extend(ids.into_iter().filter(|_| are_few));
            are_few
        };
        let Indexes { phones, emails, .. } = &self.indexes;
        let shared_phones: Vec<_> = keys.phones.iter().filter(|key| !take(&mut phones.of(key))).collect();
        let shared_emails: Vec<_> = keys.emails.iter().filter(|key| !take(&mut emails.of(key))).collect();
        let mut elsewhere: Vec<RowId> = Vec::new();
        if let Some(name) = &keys.name {
            let mut ids = self.indexes.whole_names.of(&key(&**name));
            match keys.workplace {
                // Many have a common name; those at the workplace are the ones meant.
                Some(_) => {
                    let (here, others): (Vec<_>, Vec<_>) = ids.partition(|id| self.works_at(*id) == keys.workplace);
                    take(&mut here.into_iter());
                    elsewhere = others;
                }
                None => {
                    take(&mut ids);
                }
            }
        }
        let mut persons: BTreeMap<Id<Contact>, BTreeSet<MatchReason>> = BTreeMap::new();
        let mut namesakes: Vec<(Id<Contact>, RowId)> = Vec::new();
        if elsewhere.len() <= SHARED_BY {
            let is_reached = |id: RowId| {
                found.contains(&id)
                    || shared_phones.iter().any(|key| phones.has(key, id))
                    || shared_emails.iter().any(|key| emails.has(key, id))
            };
            let lone = |id: RowId| self.works_at(id).is_some() && !is_reached(id);
            let (lone, others): (Vec<_>, Vec<_>) = elsewhere.into_iter().partition(|id| lone(*id));
            found.extend(others);
            namesakes.extend(lone.into_iter().filter_map(|id| Some((self.first_of_person(id.into())?, id))));
        }
        for id in found {
            if let Some(first) = self.first_of_person(id.into()) {
                persons.entry(first).or_default().extend(self.shared_with(keys, id));
            }
        }
        let compared: BTreeSet<_> = persons.keys().copied().collect();
        for (first, id) in namesakes {
            match persons.entry(first) {
                Entry::Occupied(mut person) if compared.contains(&first) => {
                    person.get_mut().extend(self.shared_with(keys, id));
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(person) => {
                    person.insert(BTreeSet::from([MatchReason::Name, MatchReason::WorkplaceDiffers]));
                }
            }
        }
        let mut candidates: Vec<_> = persons.into_iter().map(|(contact, reasons)| settled(contact, reasons)).collect();
        candidates.sort_by_key(|candidate| (std::cmp::Reverse(candidate.likeness), candidate.contact));
        candidates
    }

    /// What the one described and a contact share and do not.
    fn shared_with(&self, keys: &PersonKeys, contact: RowId) -> BTreeSet<MatchReason> {
        let contact = self.contact(contact.into());
        contact.map(|contact| keys.compare(&PersonKeys::of_contact(contact, self.country()))).unwrap_or_default()
    }

    fn works_at(&self, contact: RowId) -> Option<Id<Workplace>> {
        self.contact(contact.into()).and_then(|contact| contact.workplace)
    }

    /// The workplaces of this name, however it is spelled.
    pub(crate) fn workplaces_named(&self, name: &str) -> impl Iterator<Item = Id<Workplace>> {
        let mut words = String::new();
        push_words(name, &mut words);
        self.workplaces_called(words)
    }

    /// The workplaces of this folded name; of none where there is nothing in it.
    pub(crate) fn workplaces_called(&self, words: String) -> impl Iterator<Item = Id<Workplace>> {
        let words = (!words.is_empty()).then(|| Box::from(words));
        words.into_iter().flat_map(move |words| self.indexes.places_by_name.of(&words)).map(Id::from)
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
pub(super) fn settled(contact: Id<Contact>, mut reasons: BTreeSet<MatchReason>) -> Candidate {
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

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;
    use crate::tables::{ContactDraft, Draft, LinkDraft, LinkKind, RowState, WorkplaceDraft};

    struct Crowd {
        register: Register,
        rng: ChaCha20Rng,
    }

    impl Crowd {
        fn draw(&mut self, below: usize) -> usize {
            self.rng.next_u32() as usize % below
        }

        fn add<T>(&mut self, draft: impl Into<Draft>) -> Id<T> {
            let draft = draft.into();
            let mut id = [0; 16];
            self.rng.fill_bytes(&mut id);
            let (table, id) = (draft.table(), RowId::from_bytes(id));
            let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            self.register.apply(RowState { table, id, live: true, fields, clashes: Vec::new(), by: None });
            id.into()
        }

        /// Somebody of few names, of whom many share a number, an address or a workplace.
        fn anybody(&mut self, places: &[Id<Workplace>]) -> ContactDraft {
            const GIVEN: [&str; 5] = ["Anna", "Bo", "Eva \"Evis\"", "Ida (Idis)", "Per Olof"];
            const FAMILY: [&str; 5] = ["Ek", "Åberg", "Lund-Ek", "Svensson", "Ny"];
            let (given, family) = (GIVEN[self.draw(5).min(self.draw(5))], FAMILY[self.draw(5).min(self.draw(5))]);
            let phone = match self.draw(10) {
                0..3 => None,
                3 => Some("070-174 06 99 växel".to_owned()),
                4 => Some(format!("070174 06 {:02} / 070-174 06 99", self.draw(60))),
                _ => Some(format!("070-174 06 {:02}", self.draw(60))),
            };
            let email = (self.draw(2) == 0).then(|| format!("Post{}@exempel.se", self.draw(60)));
            let workplace = places.get(self.draw(places.len() + 1)).copied();
            ContactDraft {
                given_name: Some(given.into()),
                family_name: (self.draw(9) > 0).then(|| family.into()),
                phone,
                email,
                workplace,
                ..ContactDraft::default()
            }
        }
    }

    /// The same by comparing with everybody.
    fn of_everybody(register: &Register, keys: &PersonKeys) -> Vec<Candidate> {
        let of = |contact: &Contact| (contact.id, PersonKeys::of_contact(contact, register.country()));
        let all: Vec<_> = register.all::<Contact>().map(of).collect();
        let mut found = BTreeSet::new();
        let mut take = |has: &dyn Fn(&PersonKeys) -> bool| {
            let ids: Vec<_> = all.iter().filter(|(_, theirs)| has(theirs)).map(|(id, _)| *id).collect();
            found.extend(ids.iter().filter(|_| ids.len() <= SHARED_BY).copied());
        };
        keys.phones.iter().for_each(|key| take(&|theirs| theirs.phones.contains(key)));
        keys.emails.iter().for_each(|key| take(&|theirs| theirs.emails.contains(key)));
        let named = |theirs: &PersonKeys| keys.name.is_some() && theirs.name == keys.name;
        let is_here = |theirs: &PersonKeys| keys.workplace.is_none() || theirs.workplace == keys.workplace;
        take(&|theirs| named(theirs) && is_here(theirs));
        take(&|theirs| named(theirs) && !is_here(theirs));
        let mut persons: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (id, theirs) in all.iter().filter(|(id, _)| found.contains(id)) {
            persons.entry(register.first_of_person(*id).unwrap()).or_default().extend(keys.compare(theirs));
        }
        let mut candidates: Vec<_> = persons.into_iter().map(|(contact, reasons)| settled(contact, reasons)).collect();
        candidates.sort_by_key(|candidate| (std::cmp::Reverse(candidate.likeness), candidate.contact));
        candidates
    }

    #[test]
    fn a_nickname_is_no_part_of_the_name() {
        let key = |given, family| name_key(Some(given), Some(family));
        for given in ["Anna \"Annis\"", "Anna (Annis)", "Anna „Annis“", "“Annis” Anna", "«Annis» Anna", "anna"]
        {
            assert_eq!(key(given, "Svensson"), key("Anna", "Svensson"), "{given}");
        }
        assert_ne!(key("Conor", "O'Brien"), key("Conor", "Brien"));
        assert_eq!((key("(Annis)", "Svensson"), key("", "(Anna) Svensson")), (None, None));
    }

    #[test]
    fn the_indexes_find_whom_comparing_with_everybody_finds() {
        let rng = ChaCha20Rng::seed_from_u64(1);
        let mut crowd = Crowd { register: Register::default(), rng };
        let place = |name: &str| WorkplaceDraft { name: Some(name.into()), ..WorkplaceDraft::default() };
        let places = ["Norra", "Södra", "Östra"].map(|name| crowd.add(place(name)));
        let mut contacts: Vec<Id<Contact>> = Vec::new();
        for _ in 0..500 {
            let somebody = crowd.anybody(&places);
            contacts.push(crowd.add(somebody));
        }
        for _ in 0..60 {
            let (a, b) = (contacts[crowd.draw(500)], contacts[crowd.draw(500)]);
            let kind = Some(LinkKind::SamePerson);
            crowd.add::<()>(LinkDraft { a: Some(a), b: Some(b), kind, ..LinkDraft::default() });
        }
        // Of who proves nothing it matters only that the name is found elsewhere.
        let told = |candidate: Candidate| match candidate.likeness {
            Likeness::None => (candidate.contact, None, candidate.reasons.contains(&MatchReason::WorkplaceDiffers)),
            _ => (candidate.contact, Some(candidate.reasons), true),
        };
        let (mut alike, mut elsewhere) = (0, 0);
        for _ in 0..1_000 {
            let who = crowd.anybody(&places);
            let texts = [&who.given_name, &who.family_name, &who.phone, &who.email];
            let keys = PersonKeys::of(texts.map(Option::as_deref), who.workplace, Country::Se);
            let quick: Vec<_> = crowd.register.candidates(&keys).into_iter().map(told).collect();
            let slow: Vec<_> = of_everybody(&crowd.register, &keys).into_iter().map(told).collect();
            assert_eq!(quick, slow);
            alike += slow.iter().filter(|(_, reasons, _)| reasons.is_some()).count();
            elsewhere += slow.len();
        }
        assert!(alike > 1_000 && elsewhere > alike + 1_000, "{alike} of {elsewhere}");
    }
}
