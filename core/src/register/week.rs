//! The schedule: one ISO week, day by day, with who comes and what came of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Datelike, Weekday};
use serde::Serialize;

use super::Register;
use super::day::later;
use super::season::weight;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Person, Shift, ShiftState, Visit};

/// One week, Monday to Sunday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WeekView {
    /// The year the week counts to; around New Year it may differ from the calendar's.
    pub iso_year: i32,
    /// The week's number, 1 to 53.
    pub iso_week: u32,
    /// The seven days.
    pub days: Vec<DayView>,
}

/// One day of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DayView {
    /// The day.
    pub date: Date,
    /// Whether it is today.
    pub today: bool,
    /// Its visits by the hour they start, cancelled ones among them.
    pub visits: Vec<VisitView>,
}

/// One visit of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VisitView {
    /// The visit.
    pub visit: Visit,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// Name of the campaign.
    pub campaign_name: Option<String>,
    /// Who was asked and what they answered, by name.
    pub staff: Vec<StaffView>,
    /// Persons who signed up, with or without a name.
    pub signed: i64,
    /// Talks, tapped or written down.
    pub talked: i64,
}

/// One person asked to staff a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StaffView {
    /// The person.
    pub person: Id<Person>,
    /// Name.
    pub name: String,
    /// The answer.
    pub state: ShiftState,
}

impl Register {
    /// The week in which `date` lies. A visit belongs to the day its own clock shows when it starts.
    pub fn week(&self, date: Date, today: Date) -> WeekView {
        let week = date.iso_week();
        let monday = monday_of(date);
        let by_day = self.visits_on(monday..=later(monday, 6));
        let day = |date: Date| DayView {
            date,
            today: date == today,
            visits: by_day.get(&date).into_iter().flatten().map(|visit| self.visit_view(visit)).collect(),
        };
        let days = (0..7).map(|nth| day(later(monday, nth))).collect();
        WeekView { iso_year: week.year(), iso_week: week.week(), days }
    }

    /// The visits of a period by day and hour, on the days that have some.
    pub(super) fn visits_on(&self, days: RangeInclusive<Date>) -> BTreeMap<Date, Vec<Cow<'_, Visit>>> {
        let mut by_day: BTreeMap<Date, Vec<Cow<'_, Visit>>> = BTreeMap::new();
        for visit in self.visits() {
            let day = visit.starts_at.map(|starts| starts.date_naive()).filter(|day| days.contains(day));
            if let Some(day) = day {
                by_day.entry(day).or_default().push(visit);
            }
        }
        by_day.values_mut().for_each(|visits| visits.sort_by_key(|visit| (visit.starts_at, visit.id)));
        by_day
    }

    pub(super) fn visit_view(&self, visit: &Visit) -> VisitView {
        VisitView {
            workplace_name: visit.workplace.and_then(|id| self.workplace_name(id)),
            campaign_name: visit.campaign.and_then(|id| self.campaign_name(id)),
            staff: self.staff(visit.id),
            signed: self.signed_at(visit.id),
            talked: self.talks_at(visit.id),
            visit: visit.clone(),
        }
    }

    /// Who was asked: of several rows for one person an answer counts over a question, and else the later.
    pub(super) fn staff(&self, visit: Id<Visit>) -> Vec<StaffView> {
        let mut by_person: BTreeMap<Id<Person>, &Shift> = BTreeMap::new();
        for (person, shift) in self.at_visit::<Shift>(visit).filter_map(|shift| Some((shift.person?, shift))) {
            let kept = by_person.entry(person).or_insert(shift);
            if weight(shift) > weight(kept) {
                *kept = shift;
            }
        }
        let mut staff: Vec<_> = by_person
            .into_iter()
            .map(|(person, shift)| StaffView {
                person,
                name: self.person_name(person).unwrap_or_default(),
                state: shift.state.unwrap_or(ShiftState::Asked),
            })
            .collect();
        staff.sort_by(|one, other| (&one.name, one.person).cmp(&(&other.name, other.person)));
        staff
    }
}

/// The Monday of the ISO week in which the day lies.
pub(super) fn monday_of(date: Date) -> Date {
    let week = date.iso_week();
    Date::from_isoywd_opt(week.year(), week.week(), Weekday::Mon).unwrap_or(date)
}
