//! Where nobody has been for long, and where the employer's own calendar says it is time to go.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Weekday};
use serde::Serialize;

use super::Register;
use super::day::{later, months_later};
use super::names::filled;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{
    CalendarEntry, CalendarEvent, Contact, MembershipEvent, Talk, Tally, Visit, VisitDraft, VisitKind, VisitState,
    Workplace,
};

/// Months without a visit after which a workplace is overdue, where nobody names another number: once a season.
const VISIT_MONTHS: i64 = 6;
/// A visit this many days before or after what the calendar says answers it.
const AROUND: i64 = 7;

/// One workplace, and when somebody was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CoverageView {
    /// The workplace.
    pub workplace: Id<Workplace>,
    /// Name.
    pub name: String,
    /// Municipality.
    pub municipality: Option<String>,
    /// How many could be members; all who work there where only that is known.
    pub size: Option<i64>,
    /// Members by the office's list; without one, those whom this register knows.
    pub members: i64,
    /// How many more could be members.
    pub potential: Option<i64>,
    /// How many visits there were.
    pub visits: u32,
    /// The day of the last.
    pub last_on: Option<Date>,
    /// The day of the next that is planned.
    pub next_on: Option<Date>,
    /// Whether the last is too long ago, or there never was one.
    pub overdue: bool,
}

/// A visit that an employer's calendar suggests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SuggestedVisit {
    /// What the employer has in the calendar.
    pub what: CalendarEvent,
    /// Its day, or its first.
    pub on: Date,
    /// Its last day.
    pub until: Option<Date>,
    /// Where; none where it concerns every workplace.
    pub workplace: Option<Id<Workplace>>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The note in the calendar.
    pub note: Option<String>,
    /// A good day for a visit: an induction's own day, and else a working day before.
    pub suggested_on: Date,
    /// The visit that following the suggestion plans, but for its hour.
    pub draft: VisitDraft,
}

/// The visits of one workplace.
#[derive(Default)]
struct Visits {
    n: u32,
    last_on: Option<Date>,
    next_on: Option<Date>,
}

impl Register {
    /// Every workplace that is not archived: first those that are overdue with nothing planned, and among those alike the one
    /// where most could still be won, then the largest. Overdue is where nobody was for `months`, six if none are named.
    ///
    /// A visit counts when its day has come and it is done, or something was written down at it. One that is said to be done on a
    /// day to come, as by a wrong clock, is neither the last nor the next.
    pub fn coverage(&self, today: Date, months: Option<i64>) -> Vec<CoverageView> {
        let months = months.unwrap_or(VISIT_MONTHS).max(1);
        let visits = self.visits_by_workplace(today);
        let known = self.known_members(today);
        let none = Visits::default();
        let places = self.all::<Workplace>().filter(|place| place.archived != Some(true));
        let view = |place: &Workplace| {
            let visits = visits.get(&place.id).unwrap_or(&none);
            let members = place.members_office.or(known.get(&place.id).copied()).unwrap_or(0);
            let size = place.eligible.or(place.employees);
            let is_past = |last: Date| months_later(last, months).is_some_and(|until| until <= today);
            CoverageView {
                workplace: place.id,
                name: self.workplace_name(place.id).unwrap_or_default(),
                municipality: filled(&place.municipality).map(str::to_owned),
                size,
                members,
                potential: size.map(|size| size.saturating_sub(members).max(0)),
                visits: visits.n,
                last_on: visits.last_on,
                next_on: visits.next_on,
                overdue: visits.last_on.is_none_or(is_past),
            }
        };
        let mut coverage: Vec<_> = places.map(view).collect();
        coverage.sort_by(|one, other| {
            let waits = |view: &CoverageView| view.overdue && view.next_on.is_none();
            let order = |view: &CoverageView| (waits(view), view.potential, view.size);
            order(other).cmp(&order(one)).then_with(|| (&one.name, one.workplace).cmp(&(&other.name, other.workplace)))
        });
        coverage
    }

    fn visits_by_workplace(&self, today: Date) -> BTreeMap<Id<Workplace>, Visits> {
        let mut by_workplace: BTreeMap<_, Visits> = BTreeMap::new();
        for visit in self.visits() {
            let (Some(workplace), Some(starts_at)) = (visit.workplace, visit.starts_at) else { continue };
            let day = starts_at.date_naive();
            let visits = by_workplace.entry(workplace).or_default();
            let over = matches!(visit.state, Some(VisitState::Done | VisitState::Cancelled));
            if self.took_place(&visit, day <= today) {
                visits.n += 1;
                visits.last_on = visits.last_on.max(Some(day));
            } else if day >= today && !over {
                visits.next_on = Some(visits.next_on.map_or(day, |next| next.min(day)));
            }
        }
        by_workplace
    }

    /// Whether somebody was there, if its day has come: what is said to be done on a day to come, as by a wrong clock, did not
    /// happen.
    pub(super) fn took_place(&self, visit: &Visit, has_come: bool) -> bool {
        match visit.state {
            Some(VisitState::Done) => has_come,
            Some(VisitState::Cancelled) => false,
            Some(VisitState::Planned) | None => {
                let written = |id| {
                    self.at_visit::<Tally>(id).next().is_some()
                        || self.at_visit::<Talk>(id).next().is_some()
                        || self.at_visit::<MembershipEvent>(id).next().is_some()
                };
                has_come && written(visit.id)
            }
        }
    }

    /// The members whom the register knows, at the workplaces for which the office gave no number.
    fn known_members(&self, today: Date) -> BTreeMap<Id<Workplace>, i64> {
        let mut members = BTreeMap::new();
        let counted = |id| self.get::<Workplace>(id).is_none_or(|place| place.members_office.is_some());
        for contact in self.all::<Contact>().filter(|contact| !contact.workplace.is_none_or(counted)) {
            let person = self.one_person(contact.id);
            if person.first() != Some(&contact.id) || !self.is_in_on(&person, today) {
                continue;
            }
            if let Some(place) = self.workplace_of(&person) {
                *members.entry(place).or_insert(0) += 1;
            }
        }
        members
    }

    /// The visits that the employers' calendars suggest for the days from `from` to `until`, by day; where the good day of what is
    /// still to come lies before, for the first of these days. Inductions noted on a workplace are among them. What a visit at
    /// that workplace about that time answers is left out; what concerns every workplace is answered by a visit that has none,
    /// unless it is a day of calls, or by visits to every site.
    pub fn suggested_visits(&self, from: Date, until: Date) -> Vec<SuggestedVisit> {
        let mut entries: Vec<_> = self.all::<CalendarEntry>().cloned().collect();
        let known: BTreeSet<_> = entries.iter().map(|entry| (entry.workplace, entry.what, entry.on)).collect();
        let inductions = self.all::<Workplace>().filter_map(|place| {
            let (workplace, what, on) = (Some(place.id), Some(CalendarEvent::Induction), Some(place.next_induction?));
            let is_new = !known.contains(&(workplace, what, on));
            is_new.then(|| CalendarEntry { workplace, what, on, ..CalendarEntry::default() })
        });
        entries.extend(inductions.collect::<Vec<_>>());
        let mut suggested: Vec<_> = entries.iter().filter_map(|entry| self.suggested_visit(entry)).collect();
        suggested.retain(|visit| visit.on >= from && visit.suggested_on <= until && !self.is_answered(visit));
        suggested.iter_mut().for_each(|visit| visit.suggested_on = visit.suggested_on.max(from));
        suggested.sort_by_key(|visit| (visit.suggested_on, visit.workplace, visit.what, visit.on));
        suggested
    }

    fn suggested_visit(&self, entry: &CalendarEntry) -> Option<SuggestedVisit> {
        let (what, on) = (entry.what?, entry.on?);
        if entry.workplace.is_some_and(|id| self.get(id).is_none_or(|place| place.archived == Some(true))) {
            return None;
        }
        let (kind, days_before) = match what {
            CalendarEvent::Induction => (VisitKind::Induction, 0),
            CalendarEvent::TermStart => (VisitKind::Table, 0),
            CalendarEvent::PayReview | CalendarEvent::Appraisals => (VisitKind::Table, 14),
            CalendarEvent::Reorganisation => (VisitKind::Meeting, 7),
            CalendarEvent::Holiday => return None,
        };
        let day = later(on, -days_before);
        Some(SuggestedVisit {
            what,
            on,
            until: entry.until,
            workplace: entry.workplace,
            workplace_name: entry.workplace.and_then(|id| self.workplace_name(id)),
            note: filled(&entry.note).map(str::to_owned),
            suggested_on: if days_before > 0 { working_day_until(day) } else { day },
            draft: VisitDraft {
                kind: Some(kind),
                workplace: entry.workplace,
                state: Some(VisitState::Planned),
                ..VisitDraft::default()
            },
        })
    }

    /// Whether a visit that was not called off lies about the time of a suggestion.
    fn is_answered(&self, suggested: &SuggestedVisit) -> bool {
        let last = suggested.until.unwrap_or(suggested.on).max(suggested.on);
        let about = later(suggested.suggested_on, -AROUND)..=later(last, AROUND);
        let mut visits = self.visits().filter(|visit| {
            visit.state != Some(VisitState::Cancelled)
                && visit.starts_at.is_some_and(|starts| about.contains(&starts.date_naive()))
        });
        if suggested.workplace.is_some() {
            return visits.any(|visit| visit.workplace == suggested.workplace);
        }
        let mut visited = BTreeSet::new();
        for visit in visits {
            match visit.workplace {
                Some(place) => {
                    visited.insert(self.site_of(place));
                }
                None if visit.kind != Some(VisitKind::Calls) => return true,
                None => {}
            }
        }
        let mut places = self.all::<Workplace>().filter(|place| place.archived != Some(true));
        !visited.is_empty() && places.all(|place| visited.contains(&self.site_of(place.id)))
    }
}

/// The day itself, or the Friday before a weekend.
fn working_day_until(day: Date) -> Date {
    match day.weekday() {
        Weekday::Sat => later(day, -1),
        Weekday::Sun => later(day, -2),
        _ => day,
    }
}
