//! The duplicates of the whole book, pair by pair.
//!
//! Comparing everybody with everybody would take an hour at fifty thousand. Instead contacts meet only under a key that
//! both have: a number, an address, or one of the [keys](SoundedName::keys) of their names at one site.

use std::collections::{BTreeMap, BTreeSet};

use super::{DuplicatePair, DuplicateReason, sounded};
use crate::ids::{Id, RowId};
use crate::register::Register;
use crate::register::sound::{SoundedName, key};
use crate::tables::{Contact, Workplace};

/// Of so many persons with one key, pairs are made; a switchboard's number would pair everybody with everybody.
const PAIRED: usize = 12;

/// The pairs found so far, each with the most telling reason.
type Pairs = BTreeMap<(Id<Contact>, Id<Contact>), Found>;

struct Found {
    reason: DuplicateReason,
    likely: bool,
}

/// A contact with a name, at a site.
struct Named {
    id: Id<Contact>,
    site: Id<Workplace>,
    name: SoundedName,
}

impl Register {
    /// All pairs of persons who may be one, the likely first and then by what they share. A name counts at one site.
    pub fn duplicates(&self) -> Vec<DuplicatePair> {
        let mut pairs = Pairs::new();
        self.pair_up(self.indexes.phones.shared(), DuplicateReason::Phone, &mut pairs);
        self.pair_up(self.indexes.emails.shared(), DuplicateReason::Email, &mut pairs);
        self.pair_up_names(&mut pairs);
        let pairs = pairs.into_iter().filter(|((a, b), _)| !self.not_the_same(*a, *b));
        let mut pairs: Vec<_> = pairs.map(|((a, b), found)| (!found.likely, found.reason, a, b)).collect();
        pairs.sort_unstable();
        let hit = |id| self.hit(&self.one_person(id));
        let views = pairs.into_iter().filter_map(|(unlikely, reason, a, b)| {
            Some(DuplicatePair { a: hit(a)?, b: hit(b)?, reason, likely: !unlikely })
        });
        views.collect()
    }

    /// Adds the pairs that share a number or an address, unless a more telling reason has brought them together.
    fn pair_up(&self, shared: Vec<Vec<RowId>>, reason: DuplicateReason, pairs: &mut Pairs) {
        for ids in shared {
            let persons: BTreeSet<_> = ids.into_iter().filter_map(|id| self.first_of_person(id.into())).collect();
            let persons: Vec<_> = persons.into_iter().take(PAIRED).collect();
            for (nth, a) in persons.iter().enumerate() {
                for b in persons.iter().skip(nth + 1) {
                    let found = || Found { reason, likely: self.named_alike(*a, *b) };
                    pairs.entry((*a, *b)).or_insert_with(found);
                }
            }
        }
    }

    /// Whether any name of the one person sounds like any of the other.
    fn named_alike(&self, a: Id<Contact>, b: Id<Contact>) -> bool {
        let others: Vec<_> = self.contacts_of(b).into_iter().map(sounded).collect();
        self.contacts_of(a).into_iter().map(sounded).any(|one| others.iter().any(|other| one.alike(other).is_some()))
    }

    /// Adds the pairs whose names sound alike at one site.
    fn pair_up_names(&self, pairs: &mut Pairs) {
        let named: Vec<_> = self.all::<Contact>().filter_map(|contact| self.at_a_site(contact)).collect();
        let mut keys: Vec<(u64, usize)> = Vec::new();
        for (nth, contact) in named.iter().enumerate() {
            keys.extend(contact.name.keys().map(|word| (key(&(contact.site, word)), nth)));
        }
        keys.sort_unstable();
        keys.dedup();
        for meeting in keys.chunk_by(|(one, _), (other, _)| one == other).filter(|meeting| meeting.len() > 1) {
            let mut persons: BTreeMap<Id<Contact>, &Named> = BTreeMap::new();
            for contact in meeting.iter().filter_map(|(_, nth)| named.get(*nth)) {
                if let Some(first) = self.first_of_person(contact.id) {
                    persons.entry(first).or_insert(contact);
                }
            }
            let persons: Vec<_> = persons.into_iter().take(PAIRED).collect();
            for (nth, (a, one)) in persons.iter().enumerate() {
                for (b, other) in persons.iter().skip(nth + 1) {
                    if one.site == other.site && one.name.alike(&other.name).is_some() {
                        let found = Found { reason: DuplicateReason::NameWorkplace, likely: false };
                        pairs.entry((*a, *b)).or_insert(found);
                    }
                }
            }
        }
    }

    fn at_a_site(&self, contact: &Contact) -> Option<Named> {
        let name = sounded(contact);
        let site = contact.workplace.map(|workplace| self.site_of(workplace))?;
        name.tells().then_some(Named { id: contact.id, site, name })
    }
}
