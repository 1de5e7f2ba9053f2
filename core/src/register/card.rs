//! The contact card: one person, everything that happened, newest first.

use chrono::{DateTime, NaiveTime, Utc};
use serde::Serialize;

use super::Register;
use super::conflicts::ConflictView;
use super::names::filled;
use super::rows::Stored;
use crate::context::{Date, Moment, moment_text};
use crate::ids::{Id, RowId};
use crate::tables::{
    Attendance, AttendanceState, Channel, Consent, Contact, FollowUp, Membership, MembershipEvent, MembershipKind,
    Occasion, Person, Table, TableRow, Talk, TalkAnswer, Value, Visit,
};

/// One person, with what is known and what happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ContactCard {
    /// The person's contacts read as one; its id is that of the contact that was written down first.
    pub contact: Contact,
    /// Name, or what else tells who it is.
    pub name: String,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// Where the person stands, from what happened.
    pub status: Membership,
    /// On trial, the last day that counts: past it the trial has ended, though nobody wrote down what the person decided.
    pub trial_until: Option<Date>,
    /// The other contacts linked as the same person.
    pub same: Vec<Id<Contact>>,
    /// What those say differently: each value once, and a number or an address once however it is written.
    pub others: Vec<OtherAnswer>,
    /// What happened, newest first.
    pub timeline: Vec<TimelineEntry>,
    /// What is still to be done, by day; what has no day comes last.
    pub follow_ups: Vec<FollowUp>,
    /// Fields of the person and of the timeline's rows that wait for somebody to choose.
    pub clashes: Vec<ConflictView>,
}

/// A field that another contact of the same person answers differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct OtherAnswer {
    /// The other contact.
    pub contact: Id<Contact>,
    /// The field.
    pub field: String,
    /// Its value there.
    pub value: Value,
    /// The value as it is read.
    pub shown: String,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TimelineEntry {
    /// When: a moment, or a day where only that is known.
    pub at: String,
    /// What.
    pub kind: TimelineKind,
    /// The table of the row that says so.
    pub row_table: Table,
    /// That row.
    pub row_id: RowId,
    /// In people's words: the place of a talk or a visit, the campaign of a sign-up, what was done, what a consent is for.
    pub title: String,
    /// A talk's occasion.
    pub occasion: Option<Occasion>,
    /// How a talk was held.
    pub channel: Option<Channel>,
    /// A talk's answer.
    pub answer: Option<TalkAnswer>,
    /// A note, an outcome or a reason.
    pub note: Option<String>,
    /// By when what was done was to be done: a new day that somebody set at the same time shows here.
    pub due: Option<Date>,
    /// Who: the steward named, else whoever writes on the device that made the row.
    pub by: Option<String>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// A talk.
    Talk,
    /// Signed up.
    Signed,
    /// The free months end.
    TrialEnds,
    /// Pays dues.
    Paying,
    /// Left.
    Left,
    /// Invited to a visit.
    Invited,
    /// Came to a visit.
    Attended,
    /// Said no to a visit.
    Declined,
    /// A follow-up was done.
    Done,
    /// Gave consent.
    ConsentGiven,
    /// Took consent back.
    ConsentWithdrawn,
}

/// Orders a timeline: a day counts as its end, so that a sign-up stands above the talk that led to it.
type Order = (DateTime<Utc>, RowId, TimelineKind);

impl Register {
    /// The card of the person that this contact is, or is part of; nothing where there is none, or it was removed or
    /// forgotten.
    pub fn contact_card(&self, id: Id<Contact>, today: Date) -> Option<ContactCard> {
        let person = self.one_person(id);
        let contact = self.merged(&person).filter(|_| !self.are_forgotten(&person))?;
        let timeline = self.timeline(&person);
        let rows = timeline.iter().map(|entry| (entry.row_table, entry.row_id));
        let rows = person.iter().map(|id| (Table::Contacts, id.row())).chain(rows);
        let status = self.status(&person, today);
        let is_open = status == Membership::Trial && self.decided(&person).is_none();
        Some(ContactCard {
            name: self.name_of_merged(&contact),
            workplace_name: contact.workplace.and_then(|id| self.workplace_name(id)),
            owner_name: contact.owner.and_then(|id| self.person_name(id)),
            status,
            trial_until: self.trial_lapses(&person, today).filter(|_| is_open),
            same: person.iter().copied().filter(|id| *id != contact.id).collect(),
            others: self.other_answers(&contact, &person),
            follow_ups: self.follow_ups(&person),
            clashes: rows.flat_map(|(table, id)| self.conflicts_of(table, id)).collect(),
            timeline,
            contact,
        })
    }

    fn other_answers(&self, merged: &Contact, person: &[Id<Contact>]) -> Vec<OtherAnswer> {
        let mut answers: Vec<OtherAnswer> = Vec::new();
        for contact in person.iter().filter_map(|id| self.get(*id)) {
            for field in Table::Contacts.fields().iter().map(|spec| spec.name) {
                let Some(value) = contact.get(field) else { continue };
                let is_said =
                    |other: Option<Value>| self.reads_as(Table::Contacts, field, &other, &Some(value.clone()));
                let mut before = answers.iter().filter(|answer| answer.field == field);
                if is_said(merged.get(field)) || before.any(|answer| is_said(Some(answer.value.clone()))) {
                    continue;
                }
                let (contact, shown) = (contact.id, self.shown(Table::Contacts, field, &value));
                answers.push(OtherAnswer { contact, field: field.to_owned(), value, shown });
            }
        }
        answers
    }

    fn follow_ups(&self, person: &[Id<Contact>]) -> Vec<FollowUp> {
        let open = self.open_follow_ups(self.of_person(person)).into_iter().map(|open| open.row);
        let contacts: Vec<_> = person.iter().filter_map(|id| self.get(*id)).collect();
        let mut open: Vec<_> = open.filter(|follow_up| !self.is_hidden(follow_up, &contacts)).cloned().collect();
        open.sort_by_key(|follow_up| (follow_up.due.is_none(), follow_up.due, follow_up.id));
        open
    }

    fn timeline(&self, person: &[Id<Contact>]) -> Vec<TimelineEntry> {
        let mut all: Vec<(Order, TimelineEntry)> = Vec::new();
        all.extend(self.of_person(person).filter_map(|talk| self.talked(talk)));
        all.extend(self.of_person(person).filter_map(|event| self.happened(event)));
        all.extend(self.of_person(person).filter_map(|follow_up| self.done(follow_up)));
        all.extend(self.of_person(person).flat_map(|consent| self.consented(consent)));
        all.extend(self.attendances(self.of_person(person)).into_iter().filter_map(|row| self.attended(row)));
        all.sort_by(|(one, _), (other, _)| other.cmp(one));
        all.into_iter().map(|(_, entry)| entry).collect()
    }

    fn talked(&self, talk: &Talk) -> Option<(Order, TimelineEntry)> {
        let visit = talk.visit.and_then(|id| self.rows.held(id)).map(|held| self.place_of(&held.row));
        let place = talk.workplace.and_then(|id| self.workplace_name(id)).or(visit);
        let mut entry = self.entry(talk, TimelineKind::Talk, When::At(talk.at?), talk.by);
        entry.1.title = place.unwrap_or_default();
        entry.1.note = filled(&talk.note).map(str::to_owned);
        (entry.1.occasion, entry.1.channel, entry.1.answer) = (talk.occasion, talk.channel, talk.answer);
        Some(entry)
    }

    fn happened(&self, event: &MembershipEvent) -> Option<(Order, TimelineEntry)> {
        let kind = match event.kind? {
            MembershipKind::Signed => TimelineKind::Signed,
            MembershipKind::TrialEnds => TimelineKind::TrialEnds,
            MembershipKind::Paying => TimelineKind::Paying,
            MembershipKind::Left => TimelineKind::Left,
        };
        let mut entry = self.entry(event, kind, When::On(event.on?), event.by.or(event.recruiter));
        entry.1.title = event.campaign.and_then(|id| self.campaign_name(id)).unwrap_or_default();
        entry.1.note = filled(&event.reason).map(str::to_owned);
        Some(entry)
    }

    fn done(&self, follow_up: &FollowUp) -> Option<(Order, TimelineEntry)> {
        let mut entry = self.entry(follow_up, TimelineKind::Done, When::At(follow_up.done_at?), follow_up.owner);
        entry.1.title = filled(&follow_up.what).unwrap_or_default().to_owned();
        entry.1.note = filled(&follow_up.outcome).map(str::to_owned);
        entry.1.due = follow_up.due;
        Some(entry)
    }

    fn consented(&self, consent: &Consent) -> impl Iterator<Item = (Order, TimelineEntry)> {
        let given = consent.given_at.map(|at| (TimelineKind::ConsentGiven, at));
        let withdrawn = consent.withdrawn_at.map(|at| (TimelineKind::ConsentWithdrawn, at));
        given.into_iter().chain(withdrawn).map(|(kind, at)| {
            let mut entry = self.entry(consent, kind, When::At(at), None);
            entry.1.title = filled(&consent.purpose).unwrap_or_default().to_owned();
            entry
        })
    }

    fn attended(&self, attendance: &Attendance) -> Option<(Order, TimelineEntry)> {
        let kind = match attendance.state? {
            AttendanceState::Invited => TimelineKind::Invited,
            AttendanceState::Attended => TimelineKind::Attended,
            AttendanceState::Declined => TimelineKind::Declined,
        };
        let visit: &Visit = self.get(attendance.visit?)?;
        let mut entry = self.entry(attendance, kind, When::At(visit.starts_at?), None);
        entry.1.title = self.place_of(visit);
        Some(entry)
    }

    fn entry<T: Stored>(
        &self,
        row: &T,
        kind: TimelineKind,
        when: When,
        by: Option<Id<Person>>,
    ) -> (Order, TimelineEntry) {
        let device = || self.rows.held::<T>(row.id().into()).and_then(|held| held.by).map(|id| self.device_name(id));
        let entry = TimelineEntry {
            at: when.text(),
            kind,
            row_table: T::TABLE,
            row_id: row.id(),
            title: String::new(),
            occasion: None,
            channel: None,
            answer: None,
            note: None,
            due: None,
            by: by.and_then(|id| self.person_name(id)).or_else(device),
        };
        ((when.order(), row.id(), kind), entry)
    }
}

/// A moment, or a day where only that is known.
enum When {
    At(Moment),
    On(Date),
}

impl When {
    fn text(&self) -> String {
        match self {
            Self::At(moment) => moment_text(moment),
            Self::On(day) => day.to_string(),
        }
    }

    fn order(&self) -> DateTime<Utc> {
        let last_second = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        match self {
            Self::At(moment) => moment.to_utc(),
            Self::On(day) => day.and_time(last_second).and_utc(),
        }
    }
}
