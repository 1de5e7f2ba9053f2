//! What has been said to a person so far, before one talks with them again; and to whom something may be written.

use serde::Serialize;

use super::Register;
use super::names::filled;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Contact, Talk, TalkAnswer, Workplace};

/// The talks with one person, in short: it takes more than one, and whoever said "not now" may be invited again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TalkHistory {
    /// How many talks there were.
    pub talks: i64,
    /// How many times the person was invited to join.
    pub invitations: i64,
    /// The last answer that was noted.
    pub last_answer: Option<TalkAnswer>,
    /// The day of the last talk.
    pub last_on: Option<Date>,
}

/// An address to which something may be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AddressView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Register {
    /// The talks with the person that this contact is, or is part of.
    pub fn talk_history(&self, contact: Id<Contact>) -> TalkHistory {
        let person = self.one_person(contact);
        let mut talks: Vec<_> = self.of_person::<Talk>(&person).filter(|talk| talk.at.is_some()).collect();
        talks.sort_by_key(|talk| (talk.at, talk.id));
        let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        TalkHistory {
            talks: whole(talks.len()),
            invitations: whole(talks.iter().filter(|talk| talk.invited == Some(true)).count()),
            last_answer: talks.iter().rev().find_map(|talk| talk.answer),
            last_on: talks.last().and_then(|talk| talk.at).map(|at| at.date_naive()),
        }
    }

    /// The addresses of those who have agreed to be written to for this purpose and have not asked to be left alone, by name; of
    /// one workplace with its sub-sites, if one is named. They go into the field that hides them from each other.
    pub fn addresses(&self, purpose: &str, workplace: Option<Id<Workplace>>) -> Vec<AddressView> {
        let places = workplace.map(|place| self.place_tree().within(place));
        let mut addresses = Vec::new();
        for contact in self.all::<Contact>() {
            let person = self.one_person(contact.id);
            let place = self.workplace_of(&person);
            let asked = places.as_ref().is_none_or(|places| place.is_some_and(|place| places.contains(&place)));
            if person.first() != Some(&contact.id) || !asked || self.wants_peace(&person) {
                continue;
            }
            let email = person.iter().find_map(|id| filled(&self.get(*id)?.email));
            if let Some(email) = email.filter(|_| self.consents_to(contact.id, purpose)) {
                let name = self.merged(&person).map(|merged| self.name_of_merged(&merged)).unwrap_or_default();
                addresses.push(AddressView { contact: contact.id, name, email: email.to_owned() });
            }
        }
        addresses.sort_by(|one, other| (&one.name, one.contact).cmp(&(&other.name, other.contact)));
        addresses
    }
}
