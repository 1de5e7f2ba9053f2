//! Who has to be told that they are in this register: people whom a colleague or a list told of, and not they themselves.
//!
//! Whoever keeps such data tells the person within a month, and no later than the first talk with them (GDPR, article
//! 14). Somebody who agreed to a text has read it, and counts as told; a consent that names no text tells nothing.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Register;
use super::day::months_later;
use super::names::filled;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Consent, Contact, Origin, Talk};

/// Months in which a person is to be told.
const TOLD_WITHIN: i64 = 1;

/// A person of whom others told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NoticeView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// Who told of the person.
    pub origin: Origin,
    /// The same in words.
    pub source: Option<String>,
    /// The day they were written down.
    pub got_on: Date,
    /// The day of the first talk since, if there was one: by then they are to be told.
    pub spoken_on: Option<Date>,
    /// The last day to tell them.
    pub due: Date,
    /// Days since that day; negative before it.
    pub overdue_days: i64,
    /// The day they were told.
    pub told_on: Option<Date>,
    /// Which version of the text they were given.
    pub told_version: Option<String>,
}

impl Register {
    /// Everybody who is still to be told, by the last day for it.
    pub fn notices_due(&self, today: Date) -> Vec<NoticeView> {
        let from_others = self.all::<Contact>().filter(|contact| told_of_by(contact).is_some());
        let persons: BTreeSet<_> = from_others.filter_map(|contact| self.first_of_person(contact.id)).collect();
        let notices = persons.into_iter().filter_map(|first| self.notice(first, today));
        let mut due: Vec<_> = notices.filter(|notice| notice.told_on.is_none()).collect();
        due.sort_by_key(|notice| (notice.due, notice.contact));
        due
    }

    /// When a person is to be told, or was; nothing for somebody who told of themselves.
    pub fn notice(&self, contact: Id<Contact>, today: Date) -> Option<NoticeView> {
        let person = self.one_person(contact);
        let contacts: Vec<_> = person.iter().filter_map(|id| self.get(*id)).collect();
        let (first, origin) = contacts.iter().find_map(|contact| Some((*contact, told_of_by(contact)?)))?;
        let got_on = self.made_by(first.id, today).unwrap_or(today);
        let talks = self.of_person::<Talk>(&person).filter_map(|talk| Some(talk.at?.date_naive()));
        let spoken_on = talks.filter(|day| *day >= got_on).min();
        let within = months_later(got_on, TOLD_WITHIN).unwrap_or(got_on);
        let due = spoken_on.map_or(within, |day| day.min(within));
        let (told_on, told_version) = self.told(&person).map_or((None, None), |(on, version)| (Some(on), version));
        let merged = self.merged(&person)?;
        Some(NoticeView {
            contact: merged.id,
            name: self.name_of_merged(&merged),
            phone: self.phone_of(&person),
            email: filled(&merged.email).map(str::to_owned),
            workplace_name: merged.workplace.and_then(|id| self.workplace_name(id)),
            owner_name: merged.owner.and_then(|id| self.person_name(id)),
            origin,
            source: filled(&first.source).map(str::to_owned),
            got_on,
            spoken_on,
            due,
            overdue_days: (today - due).num_days(),
            told_on,
            told_version,
        })
    }

    /// When a person was told first, and of which version: by a notice, or by the text of a consent.
    pub(crate) fn told(&self, person: &[Id<Contact>]) -> Option<(Date, Option<String>)> {
        let contacts = person.iter().filter_map(|id| self.get(*id));
        let notices = contacts.filter_map(|contact| Some((contact.told_on?, contact.told_version.clone())));
        let consents = self.of_person::<Consent>(person);
        let read = |consent: &Consent| {
            let version = filled(&consent.text_version)?.to_owned();
            Some((consent.given_at?.date_naive(), Some(version)))
        };
        let consents = consents.filter_map(read);
        notices.chain(consents).min()
    }
}

/// Who told of this contact, if it was not the person.
fn told_of_by(contact: &Contact) -> Option<Origin> {
    contact.origin.filter(|origin| *origin != Origin::Themselves && !contact.is_forgotten())
}
