//! To whom something may be written, and what was taken out of the register for it.
//!
//! Addresses and cards by purpose leave the core by [`Book::take_addresses`](crate::Book::take_addresses) and
//! [`Book::take_vcards`](crate::Book::take_vcards) alone, which write down that they did; a screen is told how many there are.

use std::cmp::Reverse;

use serde::Serialize;

use super::Register;
use super::names::filled;
use crate::context::Moment;
use crate::ids::Id;
use crate::tables::{Contact, ExportKind, Import, ListDirection, Workplace};

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

/// Addresses or cards that were taken out of the register. It names nobody of those whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TakenOutView {
    /// The row that says so.
    pub id: Id<Import>,
    /// When.
    pub at: Option<Moment>,
    /// Who took them out.
    pub by_name: Option<String>,
    /// Addresses or cards.
    pub kind: Option<ExportKind>,
    /// The purpose that people had agreed to.
    pub purpose: Option<String>,
    /// The workplace, if it was only for one with its sub-sites.
    pub workplace_name: Option<String>,
    /// Of how many people.
    pub n: Option<i64>,
}

impl Register {
    /// The addresses of those who have agreed to be written to for this purpose and have not asked to be left alone, by name; of
    /// one workplace with its sub-sites, if one is named.
    pub(crate) fn addresses(&self, purpose: &str, workplace: Option<Id<Workplace>>) -> Vec<AddressView> {
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

    /// How many addresses [`Book::take_addresses`](crate::Book::take_addresses) would give.
    pub fn addresses_to_take(&self, purpose: &str, workplace: Option<Id<Workplace>>) -> usize {
        self.addresses(purpose, workplace).len()
    }

    /// Everybody once whose consent for this purpose holds and who has not asked to be left alone.
    pub(crate) fn agreed(&self, purpose: &str) -> Vec<Contact> {
        let allows = |contact: &Contact| contact.do_not_contact != Some(true) && self.consents_to(contact.id, purpose);
        self.persons().into_iter().filter(allows).collect()
    }

    /// How many cards [`Book::take_vcards`](crate::Book::take_vcards) would give.
    pub fn vcards_to_take(&self, purpose: &str) -> usize {
        self.agreed(purpose).len()
    }

    /// What was taken out of the register: who did, when, for what purpose and of how many people. The latest first.
    pub fn taken_out(&self) -> Vec<TakenOutView> {
        let view = |list: &Import| TakenOutView {
            id: list.id,
            at: list.at,
            by_name: list.by.and_then(|id| self.person_name(id)),
            kind: list.kind,
            purpose: list.purpose.clone(),
            workplace_name: list.workplace.and_then(|id| self.workplace_name(id)),
            n: list.rows,
        };
        let lists_out = self.all::<Import>().filter(|list| list.direction == Some(ListDirection::Out));
        let mut taken: Vec<_> = lists_out.map(view).collect();
        taken.sort_by_key(|view| Reverse((view.at, view.id)));
        taken
    }
}
