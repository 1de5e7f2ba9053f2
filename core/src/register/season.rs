//! The season: every visit of a period week by week, with who comes and where somebody is missing.

use chrono::Datelike;
use serde::Serialize;

use super::Register;
use super::day::later;
use super::week::{VisitView, monday_of};
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Person, Shift, ShiftState, Visit, VisitState};

/// The longest season that is shown, in weeks: three years.
const WEEKS_MAX: i64 = 157;

/// One week of a season.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SeasonWeek {
    /// The year the week counts to; around New Year it may differ from the calendar's.
    pub iso_year: i32,
    /// The week's number, 1 to 53.
    pub iso_week: u32,
    /// Its Monday.
    pub monday: Date,
    /// Its visits by day and hour, cancelled ones among them; a week without visits is a gap that shows itself.
    pub visits: Vec<SeasonVisit>,
}

/// One visit of a season.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SeasonVisit {
    /// Its day, as its own clock shows it.
    pub date: Date,
    /// The visit, with who was asked.
    pub view: VisitView,
    /// What is missing for it to be staffed; none once somebody comes, once it is over, or where it was called off.
    pub gap: Option<StaffGap>,
}

/// One person's turn at a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ShiftView {
    /// What the person answered.
    pub state: ShiftState,
    /// Who else comes, by name.
    pub with: Vec<String>,
    /// The visit.
    pub visit: SeasonVisit,
}

/// Why nobody comes to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StaffGap {
    /// Nobody was asked.
    NobodyAsked,
    /// Somebody was asked and has not answered.
    NoAnswer,
    /// All who were asked have said that they cannot come.
    AllDeclined,
}

impl Register {
    /// The weeks from the one of `from` to the one of `until`, with every visit in them; at most three years.
    pub fn season(&self, from: Date, until: Date, today: Date) -> Vec<SeasonWeek> {
        let first = monday_of(from);
        let weeks = (until - first).num_days().div_euclid(7).min(WEEKS_MAX - 1);
        let by_day = self.visits_on(first..=later(first, weeks * 7 + 6));
        let week = |monday: Date| SeasonWeek {
            iso_year: monday.iso_week().year(),
            iso_week: monday.iso_week().week(),
            monday,
            visits: by_day
                .range(monday..=later(monday, 6))
                .flat_map(|(date, visits)| visits.iter().map(|visit| self.season_visit(*date, visit, today)))
                .collect(),
        };
        (0..=weeks).map(|nth| week(later(first, nth * 7))).collect()
    }

    /// The visits of these days that nobody staffs, by day and hour.
    pub fn gaps(&self, from: Date, until: Date, today: Date) -> Vec<SeasonVisit> {
        let visits = self.season(from, until, today).into_iter().flat_map(|week| week.visits);
        visits.filter(|visit| visit.gap.is_some() && (from..=until).contains(&visit.date)).collect()
    }

    /// What one person was asked to staff in these days, by day and hour, whatever the answer; visits that were called off
    /// are left out.
    pub fn shifts_of(&self, person: Id<Person>, from: Date, until: Date, today: Date) -> Vec<ShiftView> {
        let visits = self.season(from, until, today).into_iter().flat_map(|week| week.visits);
        let visits = visits.filter(|visit| (from..=until).contains(&visit.date));
        let visits = visits.filter(|visit| visit.view.visit.state != Some(VisitState::Cancelled));
        let shifts = visits.filter_map(|visit| {
            let own = visit.view.staff.iter().find(|staff| staff.person == person)?;
            let beside = visit.view.staff.iter().filter(|staff| staff.person != person);
            Some(ShiftView {
                state: own.state,
                with: beside.filter(|staff| staff.state == ShiftState::Yes).map(|staff| staff.name.clone()).collect(),
                visit,
            })
        });
        shifts.collect()
    }

    /// The rows of one person at a visit, the one that counts last.
    pub(crate) fn shifts_at(&self, visit: Id<Visit>, person: Id<Person>) -> Vec<Id<Shift>> {
        let mut shifts: Vec<_> = self.at_visit::<Shift>(visit).filter(|shift| shift.person == Some(person)).collect();
        shifts.sort_unstable_by_key(|shift| weight(shift));
        shifts.into_iter().map(|shift| shift.id).collect()
    }

    /// The one of them that counts.
    fn shift_of(&self, visit: Id<Visit>, person: Id<Person>) -> Option<Id<Shift>> {
        self.shifts_at(visit, person).pop()
    }

    /// Whether a person has said that they come.
    pub(crate) fn comes(&self, visit: Id<Visit>, person: Id<Person>) -> bool {
        let shift = self.shift_of(visit, person).and_then(|id| self.get(id));
        shift.is_some_and(|shift| shift.state == Some(ShiftState::Yes))
    }

    /// The visits to come at which a person has a turn, or was asked to.
    pub(crate) fn turns_to_hand_over(&self, person: Id<Person>, today: Date) -> Vec<Id<Visit>> {
        let over = |visit: &Visit| matches!(visit.state, Some(VisitState::Done | VisitState::Cancelled));
        let to_come = |visit: &Visit| visit.starts_at.is_some_and(|starts| starts.date_naive() >= today);
        let visits = self.visits().filter(|visit| to_come(visit) && !over(visit));
        let has_turn = |visit: &Id<Visit>| {
            let shift = self.shift_of(*visit, person).and_then(|id| self.get(id));
            shift.is_some_and(|shift| shift.state != Some(ShiftState::No))
        };
        visits.map(|visit| visit.id).filter(has_turn).collect()
    }

    fn season_visit(&self, date: Date, visit: &Visit, today: Date) -> SeasonVisit {
        let view = self.visit_view(visit);
        let to_come = date >= today && !matches!(visit.state, Some(VisitState::Done | VisitState::Cancelled));
        let said = |state| view.staff.iter().any(|staff| staff.state == state);
        let gap = match (view.staff.is_empty(), said(ShiftState::Yes), said(ShiftState::Asked)) {
            _ if !to_come => None,
            (_, true, _) => None,
            (true, ..) => Some(StaffGap::NobodyAsked),
            (false, false, true) => Some(StaffGap::NoAnswer),
            (false, false, false) => Some(StaffGap::AllDeclined),
        };
        SeasonVisit { date, view, gap }
    }
}

/// Of several rows for one person an answer counts over a question, which was asked without knowing of it, and else the one
/// that was written last.
pub(super) fn weight(shift: &Shift) -> (bool, Id<Shift>) {
    (matches!(shift.state, Some(ShiftState::Yes | ShiftState::No)), shift.id)
}
