//! The relations that stewards keep: new colleagues to catch, people nobody has spoken with for long, and what is handed
//! over when a steward leaves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Register;
use super::cause::Cause;
use super::day::{later, months_later};
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{
    Contact, ContactDraft, FollowUp, FollowUpDraft, Membership, MembershipEvent, MembershipKind, Patch, Person, Talk,
    Workplace,
};

/// Talks from so many days before the first day count as having caught a new colleague.
const CAUGHT_BEFORE: i64 = 60;
/// Months without a talk where the settings name no number.
const CADENCE_MONTHS: i64 = 12;

/// The new colleagues of one workplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NewHiresView {
    /// The workplace; none for those whose workplace is not known.
    pub workplace: Option<Id<Workplace>>,
    /// Its name.
    pub workplace_name: Option<String>,
    /// Its new colleagues by their first day.
    pub hires: Vec<NewHire>,
}

/// One new colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NewHire {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// First day.
    pub hired_on: Date,
    /// Who means to welcome them: whoever took the welcome, else the steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The day of the first talk; none while nobody has caught them.
    pub contacted_on: Option<Date>,
    /// Those who have talked with them, by name. Several names: they were caught twice.
    pub contacted_by: Vec<String>,
    /// Where the person stands.
    pub status: Membership,
}

/// A person whom nobody has spoken with for long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NotSpokenWithView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The day of the last talk or sign-up; none where there never was one.
    pub last_on: Option<Date>,
    /// Where the person stands.
    pub status: Membership,
}

impl Register {
    /// Those whose first day is `since` or later, by workplace and day. Whoever wants no contact is left out.
    pub fn new_hires(&self, since: Date, today: Date) -> Vec<NewHiresView> {
        self.hired_since(since, today, |person| !self.wants_peace(person) && !self.are_forgotten(person))
    }

    /// Those of these people whose first day is `since` or later.
    pub(super) fn hired_since(
        &self,
        since: Date,
        today: Date,
        counts: impl Fn(&[Id<Contact>]) -> bool,
    ) -> Vec<NewHiresView> {
        let mut by_place: BTreeMap<_, Vec<NewHire>> = BTreeMap::new();
        let recent = self.all::<Contact>().filter(|contact| contact.hired_on.is_some_and(|day| day >= since));
        for contact in recent {
            let person = self.one_person(contact.id);
            let Some(merged) = self.merged(&person).filter(|_| counts(&person)) else { continue };
            // A person of several contacts is met at each; the first with a day stands for all.
            let Some(hired_on) = merged.hired_on.filter(|_| self.first_hired(&person) == Some(contact.id)) else {
                continue;
            };
            let place = merged.workplace.map(|id| (self.workplace_name(id), id));
            by_place
                .entry((place.is_none(), place))
                .or_default()
                .push(self.new_hire(&merged, &person, hired_on, today));
        }
        let by_place = by_place.into_iter().map(|((_, place), mut hires)| {
            hires.sort_by_key(|hire| (hire.hired_on, hire.contact));
            let (workplace_name, workplace) = place.unzip();
            NewHiresView { workplace, workplace_name: workplace_name.flatten(), hires }
        });
        by_place.collect()
    }

    fn first_hired(&self, person: &[Id<Contact>]) -> Option<Id<Contact>> {
        person.iter().copied().find(|id| self.get(*id).is_some_and(|contact| contact.hired_on.is_some()))
    }

    fn new_hire(&self, contact: &Contact, person: &[Id<Contact>], hired_on: Date, today: Date) -> NewHire {
        let (cause, forgotten) = (Cause::FirstDay(hired_on), self.are_forgotten(person));
        let is_welcome = |row: &&FollowUp| if forgotten { cause.is_of_year(row) } else { self.stands_for(row, cause) };
        let welcomes = self.of_person::<FollowUp>(person).filter(is_welcome);
        let welcome = welcomes.max_by_key(|row| (row.done_at.is_some(), row.id));
        let talks = self.of_person::<Talk>(person).filter_map(|talk| Some((talk.at?.date_naive(), talk)));
        let talks: Vec<_> = talks.filter(|(day, _)| *day >= later(hired_on, -CAUGHT_BEFORE)).collect();
        let mut contacted_by: Vec<_> = talks.iter().filter_map(|(_, talk)| self.person_name(talk.by?)).collect();
        contacted_by.sort_unstable();
        contacted_by.dedup();
        let welcomed_on = welcome.and_then(|row| row.done_at).map(|at| at.date_naive());
        NewHire {
            contact: contact.id,
            name: self.name_of_merged(contact),
            phone: self.phone_of(person),
            hired_on,
            owner_name: welcome.and_then(|row| row.owner).or(contact.owner).and_then(|id| self.person_name(id)),
            contacted_on: talks.iter().map(|(day, _)| *day).chain(welcomed_on).min(),
            contacted_by,
            status: self.status(person, today),
        }
    }

    /// Those whom nobody has spoken with for `months`, or for the months of the settings: the longest silence first. A sign-up
    /// counts as a talk, and whoever was never spoken with counts from the day they were written down. Former members and
    /// those who want no contact are left out.
    pub fn not_spoken_with(&self, today: Date, months: Option<i64>) -> Vec<NotSpokenWithView> {
        let months = months.or(self.settings().cadence_months).unwrap_or(CADENCE_MONTHS).max(1);
        let mut silent = Vec::new();
        for contact in self.all::<Contact>() {
            let person = self.one_person(contact.id);
            if person.first() != Some(&contact.id) || self.wants_peace(&person) || self.are_forgotten(&person) {
                continue;
            }
            let last_on = self.last_spoken_on(&person, today);
            let since = last_on.or_else(|| self.made_on(contact.id)).unwrap_or(Date::MIN);
            if months_later(since, months).is_some_and(|until| until <= today) {
                silent.push((since, last_on, person));
            }
        }
        silent.sort();
        silent
            .into_iter()
            .filter_map(|(_, last_on, person)| self.not_spoken_with_view(last_on, &person, today))
            .collect()
    }

    /// The day of the last talk or sign-up. What a wrong clock dates after today did not happen.
    pub(super) fn last_spoken_on(&self, person: &[Id<Contact>], today: Date) -> Option<Date> {
        let talks = self.of_person::<Talk>(person).filter_map(|talk| Some(talk.at?.date_naive()));
        let signed = self.of_person::<MembershipEvent>(person);
        let signed = signed.filter(|event| event.kind == Some(MembershipKind::Signed)).filter_map(|event| event.on);
        talks.chain(signed).filter(|day| *day <= today).max()
    }

    fn not_spoken_with_view(
        &self,
        last_on: Option<Date>,
        person: &[Id<Contact>],
        today: Date,
    ) -> Option<NotSpokenWithView> {
        let status = self.status(person, today);
        let contact = self.merged(person).filter(|_| status != Membership::Former)?;
        Some(NotSpokenWithView {
            contact: contact.id,
            name: self.name_of_merged(&contact),
            phone: self.phone_of(person),
            workplace_name: contact.workplace.and_then(|id| self.workplace_name(id)),
            owner_name: contact.owner.and_then(|id| self.person_name(id)),
            last_on,
            status,
        })
    }

    /// What is to be changed when one steward's work goes to another: first every open follow-up, by id, then every contact
    /// whose relation the steward keeps. Nothing is changed by asking.
    pub fn hand_over(&self, from: Id<Person>, to: Id<Person>) -> Vec<Patch> {
        let patch = |id: RowId, set| Patch { id, set, clear: Vec::new() };
        let open =
            self.open_follow_ups(self.all()).into_iter().flat_map(|open| open.also.into_iter().chain([open.row]));
        let mut open: Vec<_> = open.filter(|row| row.owner == Some(from)).map(|row| row.id).collect();
        open.sort_unstable();
        let promises = open
            .into_iter()
            .map(|id| patch(id.into(), FollowUpDraft { owner: Some(to), ..FollowUpDraft::default() }.into()));
        let kept = self.all::<Contact>().filter(|contact| contact.owner == Some(from));
        let relations = kept.map(|contact| {
            patch(contact.id.into(), ContactDraft { owner: Some(to), ..ContactDraft::default() }.into())
        });
        promises.chain(relations).collect()
    }
}
