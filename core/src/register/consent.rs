//! What people have agreed to, and who wants to be left alone.

use super::Register;
use super::fold::folded;
use super::names::filled;
use crate::context::Moment;
use crate::ids::Id;
use crate::tables::{Consent, Contact};

impl Register {
    /// Whether a person's consent for this purpose holds. The words of a purpose count, not their case; a consent without a
    /// purpose is for none of these, and its withdrawal withdraws all.
    ///
    /// A withdrawal ends every consent for the purpose that was given before it or at the same time, in whatever row;
    /// only one given later holds again.
    pub fn consents_to(&self, contact: Id<Contact>, purpose: &str) -> bool {
        let purpose = folded(purpose.trim());
        let person = self.one_person(contact);
        let about = |consent: &&Consent| filled(&consent.purpose).is_none_or(|of| folded(of) == purpose);
        let consents: Vec<_> = self.of_person::<Consent>(&person).filter(about).collect();
        let withdrawn: Option<Moment> = consents.iter().filter_map(|consent| consent.withdrawn_at).max();
        let given =
            consents.iter().filter(|consent| consent.withdrawn_at.is_none() && filled(&consent.purpose).is_some());
        given.filter_map(|consent| consent.given_at).any(|given| withdrawn.is_none_or(|withdrawn| given > withdrawn))
    }

    /// Whether the person has asked, by any of its contacts, not to be contacted.
    pub(super) fn wants_peace(&self, person: &[Id<Contact>]) -> bool {
        person.iter().any(|id| self.get(*id).is_some_and(|row| row.do_not_contact == Some(true)))
    }
}
