//! Today: what one steward has before them, in one view.
//!
//! Nothing is worked out here that another list does not tell. What always holds: what stands on several of them stands here
//! once, and what a colleague has taken is left to the colleague.

use serde::Serialize;

use super::Register;
use super::automatic::{AutomaticReason, AutomaticView};
use super::calls::CallView;
use super::day::later;
use super::due::DueView;
use super::season::{SeasonVisit, ShiftView};
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{FollowUp, Person, ShiftState, VisitState};

/// So many days after today have their shifts shown.
const SHIFTS: i64 = 7;
/// In so many days after today gaps are shown.
const GAPS: i64 = 14;
/// For so many days after today an answer is asked for.
const ASKED: i64 = 12 * 7;

/// What one steward has before them today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TodayView {
    /// The day.
    pub date: Date,
    /// Their shifts of the day, by the hour.
    pub shifts: Vec<ShiftView>,
    /// Those of the seven days after it.
    pub next_shifts: Vec<ShiftView>,
    /// The shifts of the next twelve weeks for which they were asked and have not answered.
    pub asked: Vec<ShiftView>,
    /// What somebody wrote down and is due, the oldest first, then what has no day. It is theirs, or nobody's.
    pub due: Vec<DueView>,
    /// What follows by itself and is due, likewise, but for the calls.
    pub automatic: Vec<AutomaticView>,
    /// The calls before free months end that are due, likewise.
    pub calls: Vec<CallView>,
    /// The visits of the next fourteen days that nobody staffs.
    pub gaps: Vec<SeasonVisit>,
}

impl Register {
    /// What a person has before them today; where nobody is named, what is nobody's.
    pub fn today(&self, person: Option<Id<Person>>, today: Date) -> TodayView {
        let is_theirs = |row: &FollowUp| person.is_some() && row.owner == person;
        let is_left =
            |row: &FollowUp, also: &[FollowUp]| row.owner.is_none() || is_theirs(row) || also.iter().any(is_theirs);
        let mut calls = self.calls_due(today);
        calls.retain(|call| call.follow_up.as_ref().is_none_or(|row| is_left(row, &call.also)));
        let is_call =
            |row: &FollowUp| calls.iter().any(|call| call.follow_up.as_ref().is_some_and(|of| of.id == row.id));
        let mut due = self.due(today);
        due.retain(|due| is_left(&due.follow_up, &due.also) && !is_call(&due.follow_up));
        let mut automatic = self.automatic(today);
        automatic.retain(|due| due.draft.owner.is_none() || due.draft.owner == person);
        automatic.retain(|due| due.reason != AutomaticReason::TrialEnds);

        let all = person.map(|person| self.shifts_of(person, today, later(today, ASKED), today)).unwrap_or_default();
        let (asked, answered): (Vec<_>, Vec<_>) = all.into_iter().partition(|shift| shift.state == ShiftState::Asked);
        let over = |shift: &ShiftView| shift.visit.view.visit.state == Some(VisitState::Done);
        let (shifts, next): (Vec<_>, Vec<_>) = answered
            .into_iter()
            .filter(|shift| shift.state == ShiftState::Yes && shift.visit.date <= later(today, SHIFTS))
            .partition(|shift| shift.visit.date == today);
        TodayView {
            date: today,
            shifts,
            next_shifts: next,
            asked: asked.into_iter().filter(|shift| !over(shift)).collect(),
            due,
            automatic,
            calls,
            gaps: self.gaps(today, later(today, GAPS), today),
        }
    }
}
