//! What is left of a person who was kept long enough: a number in the reports, and no name.
//!
//! The contact stays as a row with nothing in it but what is counted, so that its talks, its sign-up and its membership
//! still hang together. What people wrote in their own words goes, and so do consents and what is still to be done. What was
//! done or tried is counted, and stays without its words. A colleague's edit that did not know of it, such as a new phone
//! number, brings the person back as far as that edit tells.

use chrono::Datelike;

use super::Register;
use super::names::filled;
use super::rows::Stored;
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{
    Consent, Contact, ContactDraft, Draft, FollowUp, KeptAnswer, Link, LinkKind, MembershipEvent, Origin, Patch,
    PollAnswer, Reason, Row, Table, TableRow, Talk,
};

/// What reports count of a contact, besides the year of its first day at work and, of whoever came by themselves, the way.
const COUNTED: [&str; 6] = ["workplace", "membership", "student_until", "trigger", "origin", "forgotten_on"];

/// What is to be changed so that a person is forgotten.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Forgetting {
    /// Rows that lose what tells who it was.
    pub(crate) patches: Vec<Patch>,
    /// Rows that go as a whole.
    pub(crate) removed: Vec<(Table, RowId)>,
}

impl Contact {
    /// Whether the person was forgotten and nothing has told of them since.
    pub fn is_forgotten(&self) -> bool {
        let known_by = [&self.given_name, &self.family_name, &self.phone, &self.email];
        self.forgotten_on.is_some() && known_by.into_iter().all(|text| filled(text).is_none())
    }
}

impl Register {
    /// Whether this contact was forgotten, though somebody may have removed since what was left of it.
    pub(crate) fn was_forgotten(&self, contact: Id<Contact>) -> bool {
        self.rows.held(contact).is_some_and(|held| held.row.is_forgotten())
    }

    /// The rows about this contact that this device has made and that are there.
    pub(crate) fn own_about(&self, contact: Id<Contact>) -> Vec<(Table, RowId)> {
        let mut own = Vec::new();
        for table in Table::ALL.into_iter().filter(|table| *table != Table::Conflicts) {
            super::rows::for_table!(table, T => own.extend(self.own_pointing::<T>(contact.row())));
        }
        own
    }

    fn own_pointing<T: Stored>(&self, at: RowId) -> Vec<(Table, RowId)> {
        let is_own = |id: &Id<T>| self.rows.held(*id).is_some_and(|held| held.live && held.by == self.me);
        self.indexes.pointing::<T>(at).filter(is_own).map(|id| (T::TABLE, id.row())).collect()
    }

    /// Whether everything that is left of a person is forgotten.
    pub(super) fn are_forgotten(&self, person: &[Id<Contact>]) -> bool {
        person.iter().filter_map(|id| self.get(*id)).all(Contact::is_forgotten)
    }

    /// What forgetting a person changes. Nothing is changed by asking.
    pub(crate) fn forgetting(&self, contact: Id<Contact>, today: Date) -> Forgetting {
        let person = self.one_person(contact);
        let traces = self.traces_of(&person);
        let tells = |text: &Option<String>| text.as_deref().is_some_and(|text| self.finds(&traces, text).is_some());
        let mut forgetting = Forgetting::default();
        for contact in self.contacts_of(contact).into_iter().filter(|contact| !contact.is_forgotten()) {
            let counts_source = contact.origin == Some(Origin::Themselves) && !tells(&contact.source);
            forgetting.patches.push(without_a_name(contact, counts_source, today));
        }
        for talk in self.of_person::<Talk>(&person) {
            let from_the_list = self.all::<Reason>().any(|reason| filled(&reason.text) == filled(&talk.reason_used));
            let own_words: &[&str] = if from_the_list { &["needs", "note"] } else { &["needs", "note", "reason_used"] };
            forgetting.empty(talk.clone(), own_words);
        }
        for event in self.of_person::<MembershipEvent>(&person) {
            let fields = [("reason", &event.reason), ("method", &event.method)];
            let telling: Vec<_> = fields.into_iter().filter(|(_, text)| tells(text)).map(|(field, _)| field).collect();
            forgetting.empty(event.clone(), &telling);
        }
        // A poll's answers point at a contact, and are few.
        for answer in self.all::<PollAnswer>().filter(|row| row.contact.is_some_and(|id| person.contains(&id))) {
            forgetting.empty(answer.clone(), &["text"]);
        }
        let (counted, open): (Vec<_>, Vec<_>) = self.of_person::<FollowUp>(&person).partition(|row| was_tried(row));
        for row in counted {
            let own_words: &[&str] =
                if tells(&row.cause) { &["what", "outcome", "cause"] } else { &["what", "outcome"] };
            forgetting.empty(row.clone(), own_words);
        }
        let open = open.into_iter().map(|row| (Table::FollowUps, row.id.row()));
        let consents = self.of_person::<Consent>(&person).map(|row| (Table::Consents, row.id.row()));
        // Who was recruited by whom is counted.
        let stays = |link: &&Link| matches!(link.kind, Some(LinkKind::SamePerson | LinkKind::Recruited));
        let links = self.of_person::<Link>(&person).filter(|link| !stays(link));
        let links = links.map(|row| (Table::Links, row.id.row()));
        // An epoch may have kept an answer aside that says what the row no longer does.
        let rows = person.iter().map(|id| id.row()).chain(self.of_person::<Talk>(&person).map(|row| row.id.row()));
        let rows = rows.chain(self.of_person::<MembershipEvent>(&person).map(|row| row.id.row()));
        let rows = rows.chain(self.of_person::<FollowUp>(&person).map(|row| row.id.row()));
        let rows = rows.chain(self.of_person::<Consent>(&person).map(|row| row.id.row()));
        let answers = self.all::<PollAnswer>().filter(|row| row.contact.is_some_and(|id| person.contains(&id)));
        let rows = rows.chain(answers.map(|row| row.id.row()));
        let kept = rows.flat_map(|row| self.indexes.pointing::<KeptAnswer>(row)).filter(|id| self.get(*id).is_some());
        let kept = kept.map(|id| (Table::Conflicts, id.row()));
        forgetting.removed = open.chain(consents).chain(links).chain(kept).collect();
        forgetting.removed.sort_unstable();
        forgetting.removed.dedup();
        forgetting
    }
}

impl Forgetting {
    /// Empties those of the fields that have something in them.
    fn empty<T: TableRow>(&mut self, row: T, fields: &[&str])
    where
        Row: From<T>,
    {
        let clear: Vec<String> =
            fields.iter().filter(|field| row.get(field).is_some()).map(|field| (*field).to_owned()).collect();
        if !clear.is_empty() {
            self.patches.push(Patch { id: row.id(), set: Draft::new(T::TABLE), clear });
        }
    }
}

/// Whether a follow-up is counted as what was done or tried, and not only as what is still to be done.
fn was_tried(row: &FollowUp) -> bool {
    row.done_at.is_some() || row.attempts.is_some_and(|attempts| attempts > 0)
}

fn without_a_name(contact: &Contact, counts_source: bool, today: Date) -> Patch {
    let year = contact.hired_on.and_then(|day| Date::from_ymd_opt(day.year(), 1, 1));
    let set = ContactDraft { forgotten_on: Some(today), hired_on: year, ..ContactDraft::default() };
    let fields = Table::Contacts.fields().iter().map(|spec| spec.name);
    let stays = |field| COUNTED.contains(&field) || field == "hired_on" || (field == "source" && counts_source);
    let goes = fields.filter(|field| !stays(*field) && contact.get(field).is_some());
    Patch { id: contact.id.into(), set: set.into(), clear: goes.map(str::to_owned).collect() }
}
