//! What is to be done today, as far as somebody wrote it down. What follows by itself is in `automatic`.

use serde::Serialize;

use super::Register;
use super::names::{filled, name_of};
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, FollowUp, FollowUpDraft, FollowUpKind, Person};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DueView {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// Whom or what it is about: the contact, else the workplace, else the visit.
    pub who: Option<String>,
    /// The contact's phone number.
    pub phone: Option<String>,
    /// Who is to do it.
    pub owner_name: Option<String>,
    /// Days since it was due, 0 on the day; none where no day was set.
    pub overdue_days: Option<i64>,
    /// The rows that others wrote for the same cause, the first that was written first: somebody else means to do this too.
    pub also: Vec<FollowUp>,
}

/// The open rows of one cause read as one.
#[derive(Debug, Clone)]
pub(super) struct OpenFollowUp<'a> {
    /// The one that was written last.
    pub(super) row: &'a FollowUp,
    /// The others, by id.
    pub(super) also: Vec<&'a FollowUp>,
}

impl Register {
    /// What is due by `today` and not done, the oldest first, then what has no day. Calls to people who have asked not to
    /// be contacted are left out, and so is what concerns a removed contact.
    pub fn due(&self, today: Date) -> Vec<DueView> {
        self.due_views(today, |open| open.row.due.is_none_or(|due| due <= today))
    }

    /// Everything that is open, of one person or of all, the oldest first and what has no day last: promises of next month
    /// among it, which [`due`](Self::due) does not show yet.
    pub fn open(&self, owner: Option<Id<Person>>, today: Date) -> Vec<DueView> {
        self.due_views(today, |open| {
            owner.is_none() || open.also.iter().chain([&open.row]).any(|row| row.owner == owner)
        })
    }

    fn due_views(&self, today: Date, keeps: impl Fn(&OpenFollowUp<'_>) -> bool) -> Vec<DueView> {
        let mut open = self.open_follow_ups(self.all());
        open.retain(keeps);
        open.sort_unstable_by_key(|open| (open.row.due.is_none(), open.row.due, open.row.id));
        let shown = open.into_iter().filter_map(|open| {
            let person = open.row.contact.map(|id| self.contacts_of(id)).unwrap_or_default();
            (!self.is_hidden(open.row, &person)).then(|| self.due_view(&open, &person, today))
        });
        shown.collect()
    }

    /// Those of the follow-ups that are not done. Rows with one cause about one person, workplace or visit are one: done as
    /// soon as any of them is, and else the one that was written last. Nothing is left to do for whoever is forgotten.
    pub(super) fn open_follow_ups<'a>(&self, all: impl Iterator<Item = &'a FollowUp>) -> Vec<OpenFollowUp<'a>> {
        let all: Vec<&FollowUp> = all.filter(|row| !self.is_of_forgotten(row)).collect();
        let single = all.iter().copied().filter(|row| filled(&row.cause).is_none() && row.done_at.is_none());
        let mut open: Vec<_> = single.map(|row| OpenFollowUp { row, also: Vec::new() }).collect();
        let by_cause = self.by_cause(all.iter().copied()).into_iter();
        for mut rows in by_cause.filter(|rows| rows.iter().all(|row| row.done_at.is_none())) {
            open.extend(rows.pop().map(|row| OpenFollowUp { row, also: rows }));
        }
        open
    }

    /// Those of the follow-ups that are done. Rows with one cause about one person, workplace or visit are one: the one that
    /// was done first.
    pub(super) fn done_follow_ups<'a>(&self, all: impl Iterator<Item = &'a FollowUp>) -> Vec<&'a FollowUp> {
        let all: Vec<&FollowUp> = all.filter(|row| row.done_at.is_some()).collect();
        let mut done: Vec<_> = all.iter().copied().filter(|row| filled(&row.cause).is_none()).collect();
        let by_cause = self.by_cause(all.iter().copied()).into_iter();
        done.extend(by_cause.filter_map(|rows| rows.into_iter().min_by_key(|row| (row.done_at, row.id))));
        done
    }

    /// Every row of a draft's cause about the same person, workplace or visit, by id: open or done, whoever wrote it.
    pub(crate) fn rows_of_cause(&self, draft: &FollowUpDraft) -> Vec<FollowUp> {
        let (contact, workplace, visit) = (draft.contact, draft.workplace, draft.visit);
        let (cause, due) = (draft.cause.clone(), draft.due);
        let sought = FollowUp { contact, workplace, visit, cause, due, ..FollowUp::default() };
        let Some(subject) = self.subject(&sought) else { return Vec::new() };
        let same = |row: &&FollowUp| self.subject(row) == Some(subject);
        let person = contact.map(|contact| self.one_person(contact)).unwrap_or_default();
        let mut rows: Vec<&FollowUp> = match contact {
            Some(_) => self.of_person(&person).filter(same).collect(),
            None => self.all().filter(same).collect(),
        };
        rows.push(&sought);
        let mut by_cause = self.by_cause(rows.into_iter()).into_iter();
        let rows = by_cause.find(|rows| rows.iter().any(|row| row.id == sought.id)).unwrap_or_default();
        rows.into_iter().filter(|row| row.id != sought.id).cloned().collect()
    }

    /// Those of them that are open: none as soon as one is done.
    pub(crate) fn open_of_cause(&self, draft: &FollowUpDraft) -> Vec<FollowUp> {
        let rows = self.rows_of_cause(draft);
        let open = rows.iter().all(|row| row.done_at.is_none());
        if open { rows } else { Vec::new() }
    }

    /// Whether a follow-up is about somebody who is forgotten: it is counted and shown to nobody.
    pub(super) fn is_of_forgotten(&self, row: &FollowUp) -> bool {
        let forgotten = |id: Id<Contact>| {
            self.get(id).is_some_and(Contact::is_forgotten) && self.are_forgotten(&self.one_person(id))
        };
        row.contact.is_some_and(forgotten)
    }

    /// Whom or what a follow-up is about: the person, else the workplace, else the visit.
    pub(super) fn subject(&self, row: &FollowUp) -> Option<RowId> {
        let person = row.contact.map(|id| self.first_of_person(id).unwrap_or(id).row());
        person.or(row.workplace.map(RowId::from)).or(row.visit.map(RowId::from))
    }

    /// Whether a follow-up is left out: it concerns a removed contact, or is a call to somebody who wants no calls. `person`
    /// are the contacts of its person.
    pub(super) fn is_hidden(&self, follow_up: &FollowUp, person: &[&Contact]) -> bool {
        let Some(id) = follow_up.contact else { return false };
        let removed = || !person.iter().any(|contact| contact.id == id) && self.rows.held(id).is_some();
        let calls = matches!(follow_up.kind, Some(FollowUpKind::Call | FollowUpKind::Welcome | FollowUpKind::SaveTalk));
        (calls && person.iter().any(|contact| contact.do_not_contact == Some(true))) || removed()
    }

    fn due_view(&self, open: &OpenFollowUp<'_>, person: &[&Contact], today: Date) -> DueView {
        let row = open.row;
        DueView {
            who: self.who(row, person),
            phone: person.iter().find_map(|contact| filled(&contact.phone)).map(str::to_owned),
            owner_name: row.owner.and_then(|id| self.person_name(id)),
            overdue_days: row.due.map(|due| (today - due).num_days()),
            also: open.also.iter().filter(|also| also.owner != row.owner).map(|also| (*also).clone()).collect(),
            follow_up: row.clone(),
        }
    }

    fn who(&self, follow_up: &FollowUp, person: &[&Contact]) -> Option<String> {
        let first = || person.first().and_then(|contact| name_of(contact));
        let contact = follow_up.contact.map(|id| first().unwrap_or_else(|| self.contact_name(id)));
        let workplace = || follow_up.workplace.and_then(|id| self.workplace_name(id));
        let visit = || follow_up.visit.and_then(|id| self.rows.held(id)).map(|held| self.place_of(&held.row));
        contact.or_else(workplace).or_else(visit)
    }
}
