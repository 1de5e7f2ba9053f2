//! What is to be done without anybody having written it down: it follows from a first day at work, from free months that
//! end, from a meeting that somebody came to.
//!
//! Nothing of it is a row. It is worked out from its cause whenever it is asked for, so a corrected date corrects it on
//! every phone. It becomes a follow-up when somebody acts: [`AutomaticView::draft`] carries the cause, and from then on
//! the row stands for it. Two phones that act on one cause write two rows, which read as one.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Register;
use super::cause::Cause;
use super::day::later;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Attendance, AttendanceState, Contact, FollowUp, FollowUpDraft, FollowUpKind, Talk, VisitKind};

/// Days after the start when a second talk is due.
pub(super) const FIRST_MONTH: i64 = 30;
/// Days before the free months end when a call is due.
const BEFORE_TRIAL_ENDS: i64 = 14;
/// Days after which an undone welcome gives way to the talk of the first month.
const WELCOME_LAPSES: i64 = 30;
/// Days after which everything else is no longer worth doing.
const LAPSES: i64 = 60;

/// What calls for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AutomaticReason {
    /// A new colleague starts: welcome them.
    FirstDay,
    /// A month has passed since the start: talk again.
    FirstMonth,
    /// The free months end in two weeks: ask whether they stay.
    TrialEnds,
    /// Came to a meeting and is not a member: talk.
    AfterMeeting,
}

/// One thing to do that follows from what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AutomaticView {
    /// What calls for it.
    pub reason: AutomaticReason,
    /// The cause, spelled alike on every phone: what a follow-up about it carries as its own `cause`.
    pub cause: String,
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
    /// The day.
    pub due: Date,
    /// Days since that day.
    pub overdue_days: i64,
    /// The follow-up that acting on it makes, but for `what`, which the screen says in its user's language.
    pub draft: FollowUpDraft,
}

/// What follows from a cause, before it is asked whether anything is left to do.
struct ToDo {
    cause: Cause,
    person: Vec<Id<Contact>>,
    due: Date,
    /// A talk on this day or later has done it.
    done_by_talk_since: Option<Date>,
}

impl Register {
    /// What follows from its cause and is due by `today`, the oldest first. Left out is what a follow-up of the same cause
    /// stands for, done or not, what a talk has done since, what is too old to be worth doing, and people who have asked not
    /// to be contacted.
    pub fn automatic(&self, today: Date) -> Vec<AutomaticView> {
        let all = [self.hires(today), self.trials_ending(today), self.meetings(today)].into_iter().flatten();
        let mut open: Vec<_> = all.filter(|todo| todo.is_timely(today) && self.is_left_to_do(todo, today)).collect();
        open.sort_by_cached_key(|todo| (todo.due, todo.person.clone(), todo.cause.text()));
        open.dedup_by(|one, other| (&one.person, one.cause) == (&other.person, other.cause));
        open.into_iter().filter_map(|todo| self.automatic_view(todo, today)).collect()
    }

    /// The day of the call before free months end on this day.
    pub(super) fn trial_call_day(ends_on: Date) -> Date {
        later(ends_on, -BEFORE_TRIAL_ENDS)
    }

    /// The days of the free months' end for which that call is due by `today` and not too old to be worth making.
    pub(super) fn trial_ends_to_call(today: Date) -> RangeInclusive<Date> {
        let soon = later(today, BEFORE_TRIAL_ENDS);
        later(soon, 1 - LAPSES)..=soon
    }

    fn hires(&self, today: Date) -> Vec<ToDo> {
        let recent = |hired: Date| (hired..=later(hired, FIRST_MONTH + LAPSES)).contains(&today);
        let hired = self.all::<Contact>().filter(|contact| contact.hired_on.is_some_and(recent));
        let weeks = hired.filter_map(|contact| {
            let person = self.one_person(contact.id);
            let (of, hired_on) = person.iter().find_map(|id| Some((*id, self.get(*id)?.hired_on?)))?;
            (of == contact.id).then(|| first_weeks(person, hired_on))
        });
        weeks.flatten().collect()
    }

    fn trials_ending(&self, today: Date) -> Vec<ToDo> {
        let ending = self.trials_ending_in(&Self::trial_ends_to_call(today)).into_iter();
        let calls = ending.filter(|(_, trial)| trial.decided.is_none()).map(|(person, trial)| ToDo {
            cause: Cause::end_of(&trial),
            person,
            due: Self::trial_call_day(trial.ends_on),
            done_by_talk_since: None,
        });
        calls.collect()
    }

    fn meetings(&self, today: Date) -> Vec<ToDo> {
        let recent = later(today, -LAPSES - 1)..today;
        let meetings = self.visits().filter(|visit| visit.kind.is_some_and(invites_guests));
        let meetings = meetings.filter_map(|visit| Some((visit.id, visit.starts_at?.date_naive())));
        let talks = meetings.filter(|(_, day)| recent.contains(day)).flat_map(|(visit, day)| {
            let came = self.attendances(self.at_visit::<Attendance>(visit));
            let came = came.into_iter().filter(|row| row.state == Some(AttendanceState::Attended));
            came.filter_map(move |row| {
                let person = self.one_person(row.contact?);
                let next_day = later(day, 1);
                (!self.is_in_on(&person, today)).then_some(ToDo {
                    cause: Cause::AfterMeeting(visit),
                    person,
                    due: next_day,
                    done_by_talk_since: Some(next_day),
                })
            })
        });
        talks.collect()
    }

    fn is_left_to_do(&self, todo: &ToDo, today: Date) -> bool {
        let acted = |row: &FollowUp| self.stands_for(row, todo.cause);
        // What a wrong clock dates after today did not happen.
        let talked = |talk: &Talk| {
            let days = todo.done_by_talk_since.map(|day| day..=today);
            days.zip(talk.at).is_some_and(|(days, at)| days.contains(&at.date_naive()))
        };
        !todo.person.is_empty()
            && !self.wants_peace(&todo.person)
            && !self.are_forgotten(&todo.person)
            && !self.of_person(&todo.person).any(acted)
            && !self.of_person(&todo.person).any(talked)
    }

    fn automatic_view(&self, todo: ToDo, today: Date) -> Option<AutomaticView> {
        let contact = self.merged(&todo.person)?;
        let (reason, cause) = (todo.cause.reason(), todo.cause.text());
        let visit = if let Cause::AfterMeeting(visit) = todo.cause { Some(visit) } else { None };
        Some(AutomaticView {
            reason,
            contact: contact.id,
            name: self.name_of_merged(&contact),
            phone: self.phone_of(&todo.person),
            workplace_name: contact.workplace.and_then(|id| self.workplace_name(id)),
            owner_name: contact.owner.and_then(|id| self.person_name(id)),
            due: todo.due,
            overdue_days: (today - todo.due).num_days(),
            draft: FollowUpDraft {
                kind: Some(reason.kind()),
                contact: Some(contact.id),
                visit,
                owner: contact.owner,
                due: Some(todo.due),
                cause: Some(cause.clone()),
                ..FollowUpDraft::default()
            },
            cause,
        })
    }
}

impl ToDo {
    fn is_timely(&self, today: Date) -> bool {
        let lapses = if self.cause.reason() == AutomaticReason::FirstDay { WELCOME_LAPSES } else { LAPSES };
        (0..lapses).contains(&(today - self.due).num_days())
    }
}

impl AutomaticReason {
    const fn kind(self) -> FollowUpKind {
        match self {
            Self::FirstDay => FollowUpKind::Welcome,
            Self::FirstMonth | Self::TrialEnds | Self::AfterMeeting => FollowUpKind::Call,
        }
    }
}

/// A new colleague's welcome and the talk a month later.
fn first_weeks(person: Vec<Id<Contact>>, hired_on: Date) -> [ToDo; 2] {
    let welcome = ToDo {
        cause: Cause::FirstDay(hired_on),
        person: person.clone(),
        due: hired_on,
        done_by_talk_since: Some(hired_on),
    };
    let second_talk = ToDo {
        cause: Cause::FirstMonth(hired_on),
        person,
        due: later(hired_on, FIRST_MONTH),
        // A talk in the fourth week is the talk of the first month.
        done_by_talk_since: Some(later(hired_on, 21)),
    };
    [welcome, second_talk]
}

/// Whether people who are no members come to such a visit, to see what the union is.
const fn invites_guests(kind: VisitKind) -> bool {
    matches!(kind, VisitKind::Meeting | VisitKind::Lecture | VisitKind::Social | VisitKind::Digital)
}
