//! How long people are kept, and who has been kept long enough.
//!
//! Nobody is removed by the clock: the list says who and why, and somebody forgets them
//! ([`Book::forget`](crate::Book::forget)). The months come from the settings; where they name none, from
//! here. Members are kept, and so is who is on trial until dues would have been paid. The time counts from the last that
//! happened with a person, and a consent that was taken back is kept for as long as its proof may be asked for.

use serde::Serialize;

use super::Register;
use super::day::months_later;
use super::status::LONGEST_TRIAL;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{
    Attendance, AttendanceState, Consent, Contact, FollowUp, Membership, MembershipEvent, MembershipKind, Setting,
    Talk, TalkAnswer,
};

/// Months where the settings name none: of contacts without a membership, of those who said no, of former members, and
/// of the proof of a withdrawn consent.
const CONTACTS_MONTHS: i64 = 12;
const REFUSALS_MONTHS: i64 = 6;
const FORMER_MONTHS: i64 = 24;
const CONSENTS_MONTHS: i64 = 24;

/// Why somebody is kept no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExpiredReason {
    /// Never became a member, and nothing has happened for long.
    NoAnswer,
    /// Said no, or wants no contact.
    Refused,
    /// Was a member and left.
    Left,
}

/// Somebody who has been kept long enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ExpiredView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// Where the person stands.
    pub status: Membership,
    /// How long and why.
    pub kept: KeptView,
}

/// How long a person is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct KeptView {
    /// Why no longer.
    pub why: ExpiredReason,
    /// The day of the last that happened.
    pub since: Date,
    /// The day from which on they need not be kept.
    pub until: Date,
}

impl Register {
    /// Everybody who has been kept long enough by `today`, the longest first.
    pub fn expired(&self, today: Date) -> Vec<ExpiredView> {
        let contacts = self.all::<Contact>().filter(|contact| !contact.is_forgotten());
        let persons = contacts.map(|contact| (contact.id, self.one_person(contact.id)));
        let first = persons.filter(|(id, person)| person.first() == Some(id));
        let mut expired: Vec<_> = first.filter_map(|(_, person)| self.expired_view(&person, today)).collect();
        expired.sort_by_key(|view| (view.kept.until, view.contact));
        expired
    }

    /// How long a person is kept, as things stand; nothing for members, and for whoever is on trial.
    pub fn kept(&self, contact: Id<Contact>, today: Date) -> Option<KeptView> {
        self.kept_person(&self.one_person(contact), today)
    }

    fn expired_view(&self, person: &[Id<Contact>], today: Date) -> Option<ExpiredView> {
        let kept = self.kept_person(person, today).filter(|kept| kept.until <= today)?;
        let contact = self.merged(person)?;
        Some(ExpiredView {
            contact: contact.id,
            name: self.name_of_merged(&contact),
            workplace_name: contact.workplace.and_then(|id| self.workplace_name(id)),
            owner_name: contact.owner.and_then(|id| self.person_name(id)),
            status: self.status(person, today),
            kept,
        })
    }

    fn kept_person(&self, person: &[Id<Contact>], today: Date) -> Option<KeptView> {
        let settings = self.settings();
        let happened = self.last_happened(person, today)?;
        let last = self.belongs_until(person, happened, today);
        let why = self.why_no_longer(person, last.is_some_and(|last| last < today), today)?;
        let since = last.map_or(happened, |last| last.max(happened));
        let until = months_later(since, months(&settings, why))?;
        let withdrawn = self.of_person::<Consent>(person).filter_map(|consent| consent.withdrawn_at).max();
        let proof = settings.keep_consents_months.unwrap_or(CONSENTS_MONTHS);
        let proof = withdrawn.and_then(|at| months_later(at.date_naive(), proof));
        Some(KeptView { why, since, until: proof.map_or(until, |proof| proof.max(until)) })
    }

    /// The last day of a trial that nobody has ended, of people of whom this happened last. A trial that is only noted may have
    /// begun then.
    fn belongs_until(&self, person: &[Id<Contact>], happened: Date, today: Date) -> Option<Date> {
        let is_noted = || self.status(person, today) == Membership::Trial;
        let noted = || months_later(happened, LONGEST_TRIAL).filter(|_| is_noted());
        self.trial_lapses(person, today).or_else(noted)
    }

    fn why_no_longer(&self, person: &[Id<Contact>], lapsed: bool, today: Date) -> Option<ExpiredReason> {
        let last =
            self.of_person::<Talk>(person).filter(|talk| talk.answer.is_some()).max_by_key(|talk| (talk.at, talk.id));
        let decided = |event: &MembershipEvent| event.kind.is_some_and(MembershipKind::decides);
        let was_member = || self.of_person::<MembershipEvent>(person).any(decided);
        match self.status(person, today) {
            Membership::Member => None,
            Membership::Trial | Membership::Leaving if !lapsed => None,
            Membership::Trial | Membership::Leaving if was_member() => Some(ExpiredReason::Left),
            Membership::Former => Some(ExpiredReason::Left),
            _ if self.wants_peace(person) || last.and_then(|talk| talk.answer) == Some(TalkAnswer::No) => {
                Some(ExpiredReason::Refused)
            }
            _ => Some(ExpiredReason::NoAnswer),
        }
    }

    /// The day of the last that happened with a person, or that is still to come: a promise, a first day at work. What a
    /// wrong clock dates after today did not happen.
    fn last_happened(&self, person: &[Id<Contact>], today: Date) -> Option<Date> {
        let contacts = || person.iter().filter_map(|id| self.get(*id));
        let written = contacts().filter_map(|contact| self.made_by(contact.id, today));
        let talks = self.of_person::<Talk>(person).filter_map(|talk| Some(talk.at?.date_naive()));
        let events = self.of_person::<MembershipEvent>(person).filter_map(|event| event.on);
        let consents = self.of_person::<Consent>(person).flat_map(|consent| [consent.given_at, consent.withdrawn_at]);
        let consents = consents.flatten().map(|at| at.date_naive());
        let came = self.of_person::<Attendance>(person).filter(|row| row.state == Some(AttendanceState::Attended));
        let came = came.filter_map(|row| Some(self.get(row.visit?)?.starts_at?.date_naive()));
        let done = self.of_person::<FollowUp>(person).filter_map(|row| Some(row.done_at?.date_naive()));
        let past = written.chain(talks).chain(events).chain(consents).chain(came).chain(done);
        let open = self.of_person::<FollowUp>(person).filter(|row| row.done_at.is_none()).filter_map(|row| row.due);
        let to_come = contacts().filter_map(|contact| contact.hired_on).chain(open);
        past.filter(|day| *day <= today).chain(to_come).max()
    }
}

fn months(settings: &Setting, why: ExpiredReason) -> i64 {
    let (set, default) = match why {
        ExpiredReason::NoAnswer => (settings.keep_contacts_months, CONTACTS_MONTHS),
        ExpiredReason::Refused => (settings.keep_refusals_months, REFUSALS_MONTHS),
        ExpiredReason::Left => (settings.keep_former_months, FORMER_MONTHS),
    };
    set.unwrap_or(default).max(1)
}
