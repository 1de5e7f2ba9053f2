//! "Maybe you already met Anna?": the same person written down twice, caught while typing or found later.
//!
//! A shared phone number tells most, then an address, then the name at the same workplace. Contacts linked as one person,
//! or as not the same, are never held up against each other again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Register;
use super::index::{Index, email_keys, name_key};
use super::phone::PhoneKey;
use super::search::SearchHit;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Workplace};

/// What has been typed of a contact so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateQuery {
    /// The contact being typed, once it has a row of its own; it is no duplicate of itself.
    pub contact: Option<Id<Contact>>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Workplace.
    pub workplace: Option<Id<Workplace>>,
}

/// What two contacts share, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReason {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The name, at one workplace.
    NameWorkplace,
}

/// Somebody who may be the one being typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DuplicateHint {
    /// The contact that stands for the person.
    pub id: Id<Contact>,
    /// Name.
    pub name: String,
    /// What they share.
    pub reason: DuplicateReason,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
}

/// Two persons who may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DuplicatePair {
    /// The one written down first.
    pub a: SearchHit,
    /// The other.
    pub b: SearchHit,
    /// What they share.
    pub reason: DuplicateReason,
}

/// More hints than these help nobody who is typing.
const HINTS: usize = 5;

/// Of so many contacts with one key, pairs are made; a switchboard's number would pair everybody with everybody.
const PAIRED: usize = 12;

impl Register {
    /// Up to five persons who may be the one being typed, the most telling reason first. A name needs two words, and must not
    /// be known at another workplace.
    pub fn duplicate_hint(&self, query: &DuplicateQuery) -> Vec<DuplicateHint> {
        let phones = PhoneKey::all(query.phone.as_deref().unwrap_or_default(), self.country());
        let by_phone = phones.iter().flat_map(|key| self.indexes.phones.of(key)).map(|id| (DuplicateReason::Phone, id));
        let emails = query.email.as_deref().map(email_keys).unwrap_or_default();
        let by_email = emails.iter().flat_map(|key| self.indexes.emails.of(key)).map(|id| (DuplicateReason::Email, id));
        let name = name_key(query.given_name.as_deref(), query.family_name.as_deref());
        let by_name =
            name.iter().flat_map(|key| self.indexes.names.of(key)).map(|id| (DuplicateReason::NameWorkplace, id));
        let here = |id: &RowId| {
            let workplace = self.get::<Contact>((*id).into()).and_then(|contact| contact.workplace);
            workplace.is_none() || query.workplace.is_none() || workplace == query.workplace
        };

        let own = query.contact.map(|id| self.one_person(id)).unwrap_or_default();
        let mut seen = BTreeSet::new();
        let mut hints = Vec::new();
        for (reason, id) in by_phone.chain(by_email).chain(by_name.filter(|(_, id)| here(id))) {
            if let Some(first) = self.first_of_person(id.into())
                && !own.contains(&first)
                && seen.insert(first)
                && !query.contact.is_some_and(|typed| self.not_the_same(typed, first))
            {
                hints.push(self.hint(first, reason));
            }
            if hints.len() == HINTS {
                break;
            }
        }
        hints
    }

    fn hint(&self, id: Id<Contact>, reason: DuplicateReason) -> DuplicateHint {
        let workplace = self.get(id).and_then(|contact| contact.workplace);
        let workplace_name = workplace.and_then(|id| self.workplace_name(id));
        DuplicateHint { id, name: self.contact_name(id), reason, workplace_name }
    }

    /// All pairs of persons who may be one, the most telling reason first.
    pub fn duplicates(&self) -> Vec<DuplicatePair> {
        let mut pairs = BTreeMap::new();
        self.pair_up(&self.indexes.phones, DuplicateReason::Phone, &mut pairs);
        self.pair_up(&self.indexes.emails, DuplicateReason::Email, &mut pairs);
        self.pair_up(&self.names_at_workplaces(), DuplicateReason::NameWorkplace, &mut pairs);
        let mut pairs: Vec<_> = pairs.into_iter().map(|((a, b), reason)| (reason, a, b)).collect();
        pairs.sort_unstable();
        let hit = |id| self.hit(&self.one_person(id));
        pairs.into_iter().filter_map(|(reason, a, b)| Some(DuplicatePair { a: hit(a)?, b: hit(b)?, reason })).collect()
    }

    /// Adds the pairs that share a key, unless a more telling reason has already brought them together.
    fn pair_up<K: Ord + Clone>(
        &self,
        index: &Index<K>,
        reason: DuplicateReason,
        pairs: &mut BTreeMap<(Id<Contact>, Id<Contact>), DuplicateReason>,
    ) {
        for ids in index.shared() {
            let persons: BTreeSet<_> = ids.into_iter().filter_map(|id| self.first_of_person(id.into())).collect();
            let persons: Vec<_> = persons.into_iter().take(PAIRED).collect();
            for (nth, a) in persons.iter().enumerate() {
                for b in persons.iter().skip(nth + 1).filter(|b| !self.not_the_same(*a, **b)) {
                    pairs.entry((*a, *b)).or_insert(reason);
                }
            }
        }
    }

    fn names_at_workplaces(&self) -> Index<(Box<str>, Id<Workplace>)> {
        let at = |id: RowId| self.get::<Contact>(id.into()).and_then(|contact| contact.workplace);
        self.indexes.names.iter().filter_map(|(name, id)| Some(((name.clone(), at(*id)?), *id))).collect()
    }
}
