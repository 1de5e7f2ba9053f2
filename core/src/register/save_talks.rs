//! With whom to talk before they go: members who have said that they leave, and those who are in the unemployment fund
//! alone.
//!
//! Who stands here follows from where people stand; nobody has to keep the list. Whoever takes a talk writes a follow-up
//! from [`SaveTalkView::draft`], and two who took the same one hear of each other through its cause.
//!
//! A cause is one occasion. The first of a person has a word alone, and each later one the day of the talk that no longer
//! stands; whatever cause the row of an open talk has, it stays the cause of its occasion. A row of an older version names a
//! year, in which there may be two occasions: once one of its rows was done and no longer stands, the others are over, too.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Register;
use super::day::later;
use super::names::filled;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{
    Channel, Contact, FollowUp, FollowUpDraft, FollowUpKind, Membership, MembershipEvent, MembershipKind,
};

/// So many days a talk that was held stands for a person: whoever still leaves after that is to be talked with again.
const HOLDS: i64 = 180;
/// The word with which a cause begins.
const WORD: &str = "save_talk";

/// One person to talk with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SaveTalkView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// How the person likes to be reached.
    pub channel: Option<Channel>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// Leaving, or in the unemployment fund only.
    pub status: Membership,
    /// The day of the last talk or sign-up; none where there never was one.
    pub last_on: Option<Date>,
    /// Who talks with them: whoever took it, else the steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The talk, once somebody has taken it.
    pub follow_up: Option<FollowUp>,
    /// The follow-up that taking it makes, but for `what`.
    pub draft: FollowUpDraft,
}

impl Register {
    /// Everybody who is leaving or in the unemployment fund only: first those whom nobody has talked with about it, leavers
    /// before the others, the longest silence first. Whoever wants no contact is left out.
    pub fn save_talks(&self, today: Date) -> Vec<SaveTalkView> {
        // Both are noted on the contact; of events only a leaving to come tells of either.
        let noted = self.all::<Contact>().filter(|contact| contact.membership.is_some_and(may_be_kept));
        let left = self.all::<MembershipEvent>().filter(|event| event.kind == Some(MembershipKind::Left));
        let leaves = left.filter(|event| event.on > Some(today)).filter_map(|event| event.contact);
        let persons = noted.map(|contact| contact.id).chain(leaves).map(|contact| self.one_person(contact));
        let persons: BTreeMap<_, _> = persons.filter_map(|person| Some((*person.first()?, person))).collect();
        let mut views: Vec<_> = persons.values().filter_map(|person| self.save_talk(person, today)).collect();
        views.sort_by_key(|view| {
            let is_done = view.follow_up.as_ref().is_some_and(|row| row.done_at.is_some());
            (is_done, view.status, view.last_on, view.contact)
        });
        views
    }

    fn save_talk(&self, person: &[Id<Contact>], today: Date) -> Option<SaveTalkView> {
        let status = self.status(person, today);
        let hidden = !may_be_kept(status) || self.wants_peace(person) || self.are_forgotten(person);
        let contact = self.merged(person).filter(|_| !hidden)?;
        let (taken, cause) = self.occasion(person, today);
        let owner = taken.and_then(|row| row.owner).or(contact.owner);
        Some(SaveTalkView {
            contact: contact.id,
            name: self.name_of_merged(&contact),
            phone: self.phone_of(person),
            channel: contact.channel,
            workplace_name: contact.workplace.and_then(|id| self.workplace_name(id)),
            status,
            last_on: self.last_spoken_on(person, today),
            owner_name: owner.and_then(|id| self.person_name(id)),
            follow_up: taken.cloned(),
            draft: FollowUpDraft {
                kind: Some(FollowUpKind::SaveTalk),
                contact: Some(contact.id),
                owner: contact.owner,
                due: Some(today),
                cause: Some(cause),
                ..FollowUpDraft::default()
            },
        })
    }

    /// The talk that stands for a person or was taken, and the cause of its occasion; without one that of the next.
    fn occasion(&self, person: &[Id<Contact>], today: Date) -> (Option<&FollowUp>, String) {
        let rows = || self.of_person::<FollowUp>(person).filter(|row| row.kind == Some(FollowUpKind::SaveTalk));
        let stands = |day: Date| day > later(today, -HOLDS);
        let mut done: BTreeMap<Option<&str>, Date> = BTreeMap::new();
        for (row, day) in rows().filter_map(|row| Some((row, row.done_at?.date_naive()))) {
            let last = done.entry(filled(&row.cause)).or_insert(day);
            *last = day.max(*last);
        }
        let over: BTreeSet<_> = done.iter().filter(|(_, day)| !stands(**day)).filter_map(|(cause, _)| *cause).collect();
        let holds = |row: &&FollowUp| {
            let is_over = filled(&row.cause).is_some_and(|cause| over.contains(cause));
            !is_over && row.done_at.is_none_or(|at| stands(at.date_naive()))
        };
        let taken = rows().filter(holds).max_by_key(|row| (row.done_at.is_some(), row.id));
        let next = || done.values().max().map_or_else(|| WORD.to_owned(), |day| format!("{WORD} {day}"));
        (taken, taken.and_then(|row| filled(&row.cause)).map_or_else(next, str::to_owned))
    }
}

const fn may_be_kept(status: Membership) -> bool {
    matches!(status, Membership::Leaving | Membership::FundOnly)
}
