//! The duplicates of the whole book, pair by pair.
//!
//! Comparing everybody with everybody would take an hour at fifty thousand. Instead contacts meet only under a key that
//! both have: a number, an address, or one of the [keys](SoundedName::keys) of their names at one site.

use std::collections::{BTreeMap, BTreeSet};

use super::{DuplicatePair, DuplicateReason, sounded};
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::register::Register;
use crate::register::same::pair;
use crate::register::sound::{SoundedName, key};
use crate::tables::{Contact, Workplace};

/// So many persons with one key all meet each other; with a switchboard's number everybody would be paired with everybody.
const PAIRED: usize = 12;

/// Where more have it, each meets so many of those who sound alike.
const NEXT: usize = 3;

/// They are looked for among so many.
const LOOKED_AT: usize = 100;

/// The pairs found so far, each with the most telling reason.
type Pairs = BTreeMap<(Id<Contact>, Id<Contact>), Found>;

#[derive(Clone, Copy)]
struct Found {
    reason: DuplicateReason,
    likely: bool,
}

/// A contact with a name, at a site if that counts.
struct Named {
    id: Id<Contact>,
    site: Option<Id<Workplace>>,
    name: SoundedName,
}

impl Register {
    /// All pairs of persons who may be one, the likely first and then by what they share. A name counts at one site.
    pub fn duplicates(&self, today: Date) -> Vec<DuplicatePair> {
        let mut pairs = Pairs::new();
        self.pair_up(self.indexes.phones.shared(), DuplicateReason::Phone, &mut pairs);
        self.pair_up(self.indexes.emails.shared(), DuplicateReason::Email, &mut pairs);
        self.pair_up_names(&mut pairs);
        let pairs = pairs.into_iter().filter(|((a, b), _)| !self.not_the_same(*a, *b));
        let mut pairs: Vec<_> = pairs.map(|((a, b), found)| (!found.likely, found.reason, a, b)).collect();
        pairs.sort_unstable();
        let hit = |id| self.hit(&self.one_person(id), today);
        let views = pairs.into_iter().filter_map(|(unlikely, reason, a, b)| {
            Some(DuplicatePair { a: hit(a)?, b: hit(b)?, reason, likely: !unlikely })
        });
        views.collect()
    }

    /// Adds the pairs that share a number or an address, unless a more telling reason has brought them together. Where many
    /// have it, only those whose names sound alike.
    fn pair_up(&self, shared: Vec<Vec<RowId>>, reason: DuplicateReason, pairs: &mut Pairs) {
        for ids in shared {
            let persons: BTreeSet<_> = ids.iter().filter_map(|id| self.first_of_person((*id).into())).collect();
            if persons.len() > PAIRED {
                let contacts = ids.into_iter().filter_map(|id| self.get::<Contact>(id.into()));
                let named: Vec<_> = contacts.filter_map(|contact| named(contact, None)).collect();
                self.pair_up_named(&named, Found { reason, likely: true }, pairs);
                continue;
            }
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
        let site = |contact: &Contact| contact.workplace.map(|workplace| self.site_of(workplace));
        let at_a_site = |contact: &Contact| site(contact).and_then(|site| named(contact, Some(site)));
        let named: Vec<_> = self.all::<Contact>().filter_map(at_a_site).collect();
        self.pair_up_named(&named, Found { reason: DuplicateReason::NameWorkplace, likely: false }, pairs);
    }

    /// Adds the pairs of these whose names sound alike. Of many who sound alike, each meets the next few on whom nobody has
    /// decided: whoever is joined or kept apart makes room for others.
    fn pair_up_named(&self, named: &[Named], found: Found, pairs: &mut Pairs) {
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
            let mut persons: Vec<_> = persons.into_iter().collect();
            let crowded = persons.len() > PAIRED;
            if crowded {
                persons.sort_by_cached_key(|(first, contact)| (contact.name.whole(), *first));
            }
            for (nth, (a, one)) in persons.iter().enumerate() {
                let others = persons.iter().skip(nth + 1).take(LOOKED_AT);
                let alike = others.filter(|(_, other)| one.site == other.site && one.name.alike(&other.name).is_some());
                let two = alike.map(|(b, _)| pair(*a, *b));
                let is_open = |two: &(Id<Contact>, Id<Contact>)| {
                    !crowded || pairs.contains_key(two) || !self.not_the_same(two.0, two.1)
                };
                let met: Vec<_> = two.filter(is_open).take(if crowded { NEXT } else { PAIRED }).collect();
                for two in met {
                    pairs.entry(two).or_insert(found);
                }
            }
        }
    }
}

/// The contact with its name, if that is enough to go by.
fn named(contact: &Contact, site: Option<Id<Workplace>>) -> Option<Named> {
    let name = sounded(contact);
    name.tells().then_some(Named { id: contact.id, site, name })
}
