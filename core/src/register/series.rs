//! Visits that repeat: the weekly table and the lecture at the start of every term.
//!
//! The first visit carries the rule; every later one is a row of its own, which points at the first and remembers the day
//! that the rule gave it. So each can be moved, staffed, counted at and called off by itself, and the rule only tells
//! which rows are still to be made. Days on which the calendar says that nobody is at work are left out.
//!
//! What always holds: a day of a series is one visit. Two phones that plan the same series before they have heard of
//! each other write two rows for one day; they read as one, under the id that was made first, with everything that was
//! written down at either.

use std::borrow::Cow;

use serde::Serialize;

use super::Register;
use super::day::{later, legal_offset};
use super::names::filled;
use crate::context::{Date, Moment};
use crate::ids::Id;
use crate::tables::{CalendarEntry, CalendarEvent, Country, Table, TableRow, Visit, VisitDraft, VisitState, Workplace};

/// The longest series, in days: three years.
const DAYS_MAX: i64 = 1_096;

/// A visit that repeats, and its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SeriesView {
    /// The first visit.
    pub first: Visit,
    /// Every how many weeks it repeats.
    pub every_weeks: i64,
    /// The last day.
    pub until: Date,
    /// The days after the first that the rule gives, three years at most.
    pub days: Vec<SeriesDay>,
    /// Visits to come that belong to the series and that its rule no longer gives, by day: somebody has to decide.
    pub left_over: Vec<Id<Visit>>,
}

/// One day of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SeriesDay {
    /// The day by the rule.
    pub on: Date,
    /// What became of it.
    pub state: SeriesDayState,
    /// The visit of that day, once it is made.
    pub visit: Option<Id<Visit>>,
    /// Why nobody is at work, as the calendar notes it.
    pub holiday: Option<String>,
}

/// What became of a day of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SeriesDayState {
    /// Its visit is still to be made.
    ToMake,
    /// It has a visit.
    Made,
    /// It had one, and somebody removed it.
    Removed,
    /// Nobody is at work.
    Holiday,
}

impl Register {
    /// The series that begins with this visit, or that it is part of; nothing where it does not repeat or the first visit
    /// was removed.
    pub fn series(&self, visit: Id<Visit>, today: Date) -> Option<SeriesView> {
        let visit: &Visit = self.get(visit)?;
        let first = match visit.series {
            Some(first) => self.get(first)?,
            None => visit,
        };
        let (every_weeks, until) = (first.every_weeks?, first.repeat_until?);
        let days = self.series_days(first, every_weeks, until);
        let given = |visit: &Visit| days.iter().any(|day| Some(day.on) == visit.series_on);
        let mut left_over: Vec<_> = self
            .of_series(first.id)
            .filter_map(|id| self.get(id))
            .filter(|visit| !given(visit) && visit.state.unwrap_or(VisitState::Planned) == VisitState::Planned)
            .filter(|visit| visit.starts_at.is_some_and(|starts| starts.date_naive() >= today))
            .map(|visit| (visit.series_on, self.first_of_visit(visit.id)))
            .collect();
        left_over.sort_unstable();
        left_over.dedup();
        let left_over = left_over.into_iter().map(|(_, id)| id).collect();
        Some(SeriesView { first: first.clone(), every_weeks, until, days, left_over })
    }

    /// The last day that a series with this first visit can have: three years later.
    pub fn last_of_series(first: &Visit) -> Option<Date> {
        first.starts_at.map(|starts| later(starts.date_naive(), DAYS_MAX))
    }

    /// The days after the first that such a rule gives to a visit.
    pub(crate) fn series_days(&self, first: &Visit, every_weeks: i64, until: Date) -> Vec<SeriesDay> {
        let begins = first.starts_at.map(|starts| starts.date_naive());
        let Some((begins, last)) = begins.zip(Self::last_of_series(first)) else { return Vec::new() };
        let (step, last) = (every_weeks.clamp(1, 52) * 7, until.min(last));
        let free = self.holidays(first.workplace);
        let days = (1..).map(|nth| later(begins, nth * step)).take_while(|on| *on > begins && *on <= last);
        days.map(|on| self.series_day(first.id, on, &free)).collect()
    }

    fn series_day(&self, first: Id<Visit>, on: Date, free: &[(Date, Date, Option<&str>)]) -> SeriesDay {
        let visit = self.indexes.occurrences.of(&(first.row(), on)).next().map(Id::from);
        let holiday = free.iter().find(|(from, until, _)| (*from..=*until).contains(&on));
        let removed = || self.of_series(first).any(|id| self.was_removed_on(id, on));
        let state = match (visit, holiday) {
            (Some(_), _) => SeriesDayState::Made,
            (None, Some(_)) => SeriesDayState::Holiday,
            (None, None) if removed() => SeriesDayState::Removed,
            (None, None) => SeriesDayState::ToMake,
        };
        SeriesDay { on, state, visit, holiday: holiday.and_then(|(_, _, note)| note.map(str::to_owned)) }
    }

    fn of_series(&self, first: Id<Visit>) -> impl Iterator<Item = Id<Visit>> {
        self.indexes.pointing::<Visit>(first.row())
    }

    fn was_removed_on(&self, visit: Id<Visit>, on: Date) -> bool {
        self.rows.held(visit).is_some_and(|held| !held.live && held.row.series_on == Some(on))
    }

    /// The days on which nobody is at this workplace, or anywhere.
    fn holidays(&self, workplace: Option<Id<Workplace>>) -> Vec<(Date, Date, Option<&str>)> {
        let around = workplace.map(|place| self.place_and_above(place)).unwrap_or_default();
        let concerns = |entry: &&CalendarEntry| {
            entry.what == Some(CalendarEvent::Holiday) && entry.workplace.is_none_or(|place| around.contains(&place))
        };
        let days = |entry: &'_ CalendarEntry| entry.on.map(|on| (on, entry.until.unwrap_or(on).max(on)));
        let entries = self.all::<CalendarEntry>().filter(concerns);
        entries.filter_map(|entry| days(entry).map(|(from, until)| (from, until, filled(&entry.note)))).collect()
    }

    /// The visit of one day of a series, as it is made: all that its first visit says, and nothing that belongs to the
    /// first alone.
    pub(crate) fn occurrence(&self, first: &Visit, on: Date) -> VisitDraft {
        let country = self.country();
        let starts_at = first.starts_at.map(|starts| same_hour_on(on, &starts, country));
        let lasts = first.starts_at.zip(first.ends_at).map(|(starts, ends)| ends.naive_local() - starts.naive_local());
        let ends_at = starts_at.zip(lasts).and_then(|(starts, lasts)| starts.checked_add_signed(lasts));
        VisitDraft {
            kind: first.kind,
            workplace: first.workplace,
            starts_at,
            ends_at,
            series: Some(first.id),
            series_on: Some(on),
            spot: first.spot.clone(),
            slot: first.slot.clone(),
            state: Some(VisitState::Planned),
            campaign: first.campaign,
            topic: first.topic.clone(),
            ..VisitDraft::default()
        }
    }

    /// The rows that are one visit, the one that was made first in front.
    pub(crate) fn rows_of_visit(&self, visit: Id<Visit>) -> Vec<Id<Visit>> {
        let row = self.rows.held(visit).map(|held| &held.row);
        let day = row.and_then(|row| Some((row.series?.row(), row.series_on?)));
        let same: Vec<_> = day.map(|day| self.indexes.occurrences.of(&day).map(Id::from).collect()).unwrap_or_default();
        if same.contains(&visit) { same } else { vec![visit] }
    }

    /// The row under whose id a visit is shown.
    pub(super) fn first_of_visit(&self, visit: Id<Visit>) -> Id<Visit> {
        self.rows_of_visit(visit).first().copied().unwrap_or(visit)
    }

    /// Every visit once.
    pub(super) fn visits(&self) -> impl Iterator<Item = Cow<'_, Visit>> {
        self.all::<Visit>().filter_map(|visit| {
            let Some(series) = visit.series else { return Some(Cow::Borrowed(visit)) };
            let rows = self.rows_of_visit(visit.id);
            let stands = rows.first() == Some(&visit.id);
            stands.then(|| if rows.len() > 1 { self.read_as_one(series, &rows, visit) } else { Cow::Borrowed(visit) })
        })
    }

    /// A visit as it is read: several rows for one day of a series as one.
    pub(super) fn visit_read(&self, visit: Id<Visit>) -> Option<Cow<'_, Visit>> {
        let rows = self.rows_of_visit(visit);
        let row: &Visit = self.get(*rows.first()?)?;
        Some(match row.series {
            Some(series) if rows.len() > 1 => self.read_as_one(series, &rows, row),
            _ => Cow::Borrowed(row),
        })
    }

    /// The first row, changed where it still says what the series says and another says something else. Done beats
    /// everything, and called off beats planned.
    fn read_as_one<'a>(&'a self, series: Id<Visit>, rows: &[Id<Visit>], first: &'a Visit) -> Cow<'a, Visit> {
        let mut read = first.clone();
        let made = self.rows.held(series).zip(first.series_on).map(|(held, on)| self.occurrence(&held.row, on));
        let made = made.map(|draft| {
            let mut row = Visit::new(first.id.row());
            crate::tables::Draft::from(draft)
                .writes()
                .into_iter()
                .for_each(|(field, value)| row.put(field, Some(value)));
            row
        });
        for other in rows.iter().skip(1).filter_map(|id| self.get(*id)) {
            for field in Table::Visits.fields().iter().map(|spec| spec.name).filter(|field| *field != "state") {
                let plain = made.as_ref().and_then(|made| made.get(field));
                if read.get(field) == plain && other.get(field) != plain {
                    read.put(field, other.get(field));
                }
            }
            let rank = |state: Option<VisitState>| match state {
                Some(VisitState::Done) => 2,
                Some(VisitState::Cancelled) => 1,
                Some(VisitState::Planned) | None => 0,
            };
            if rank(other.state) > rank(read.state) {
                read.state = other.state;
            }
        }
        Cow::Owned(read)
    }
}

/// The same hour on another day, by the clocks of the country: half past eleven stays half past eleven when summer time
/// ends. An offset that is not the country's own on the first day is kept as it is.
fn same_hour_on(day: Date, first: &Moment, country: Country) -> Moment {
    let local = day.and_time(first.time());
    let offset = if *first.offset() == legal_offset(first.naive_local(), country) {
        legal_offset(local, country)
    } else {
        *first.offset()
    };
    local.and_local_timezone(offset).single().unwrap_or(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_past_eleven_stays_half_past_eleven_when_the_clocks_change() {
        let on = |first: &str, day: &str, country| {
            let first = Moment::parse_from_rfc3339(first).unwrap();
            same_hour_on(day.parse().unwrap(), &first, country).to_rfc3339()
        };
        let cases = [
            ("2026-08-24T11:30:00+02:00", "2026-10-24", Country::Se, "2026-10-24T11:30:00+02:00"),
            ("2026-08-24T11:30:00+02:00", "2026-10-25", Country::No, "2026-10-25T11:30:00+01:00"),
            ("2026-11-23T11:30:00+01:00", "2027-03-28", Country::Dk, "2027-03-28T11:30:00+02:00"),
            ("2026-08-24T11:30:00+03:00", "2026-11-02", Country::Fi, "2026-11-02T11:30:00+02:00"),
            ("2026-08-24T01:30:00+02:00", "2026-10-25", Country::Se, "2026-10-25T01:30:00+02:00"),
            // Written by a clock of somewhere else: nothing is known of its summers.
            ("2026-08-24T11:30:00+00:00", "2026-11-02", Country::Se, "2026-11-02T11:30:00+00:00"),
        ];
        for (first, day, country, expected) in cases {
            assert_eq!(on(first, day, country), expected);
        }
    }
}
