//! Visits planned, done and cancelled, and what was counted at them.

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, Sheet, Spec};
use crate::context::Date;
use crate::register::Register;
use crate::register::week::monday_of;
use crate::tables::{TallyKind, Visit, VisitKind, VisitState};

/// Visits, and what was counted at them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VisitFigures {
    /// What they are; none where nobody said, and in the figures of a week.
    pub kind: Option<VisitKind>,
    /// Those to come.
    pub planned: i64,
    /// Those that took place.
    pub done: i64,
    /// Those that were called off.
    pub cancelled: i64,
    /// Those whose day has passed and of which nothing was written down.
    pub not_reported: i64,
    /// Talks, tapped or written down.
    pub talked: i64,
    /// Things handed out.
    pub handed_out: i64,
    /// People who walked by.
    pub passed_by: i64,
    /// Sign-ups.
    pub signed: i64,
    /// What they cost, in whole units of the country's money.
    pub cost: i64,
}

/// The visits of one week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WeekFigures {
    /// The year the week counts to.
    pub iso_year: i32,
    /// The week's number.
    pub iso_week: u32,
    /// Its Monday.
    pub monday: Date,
    /// Its visits.
    pub figures: VisitFigures,
}

impl Register {
    /// The visits of a period by kind, in the order of the kinds. One that is said to be done on a day to come, as by a wrong
    /// clock, is neither done nor planned.
    pub fn visits_by_kind(&self, query: &ReportQuery) -> Vec<VisitFigures> {
        let scope = Scope::of(self, query);
        let mut by_kind: BTreeMap<_, VisitFigures> = BTreeMap::new();
        for visit in self.visits() {
            if let Some(day) = scope.visit_day(&visit) {
                let kind = visit.kind;
                let figures = by_kind.entry((kind.is_none(), kind)).or_default();
                figures.kind = kind;
                self.count_visit(&visit, day, scope.today, figures);
            }
        }
        by_kind.into_values().collect()
    }

    /// The visits of a period week by week, weeks without any among them; three years at most.
    pub fn visits_by_week(&self, query: &ReportQuery) -> Vec<WeekFigures> {
        const WEEKS_MAX: usize = 157;
        let scope = Scope::of(self, query);
        let week = |monday: Date| WeekFigures {
            iso_year: monday.iso_week().year(),
            iso_week: monday.iso_week().week(),
            monday,
            figures: VisitFigures::default(),
        };
        let mondays =
            std::iter::successors(Some(monday_of(query.from)), |day| day.checked_add_days(chrono::Days::new(7)));
        let mondays = mondays.take_while(|monday| *monday <= query.until).take(WEEKS_MAX);
        let mut weeks: BTreeMap<_, _> = mondays.map(|monday| (monday, week(monday))).collect();
        for visit in self.visits() {
            if let Some(day) = scope.visit_day(&visit)
                && let Some(week) = weeks.get_mut(&monday_of(day))
            {
                self.count_visit(&visit, day, scope.today, &mut week.figures);
            }
        }
        weeks.into_values().collect()
    }

    fn count_visit(&self, visit: &Visit, day: Date, today: Date, figures: &mut VisitFigures) {
        match visit.state {
            _ if self.took_place(visit, day <= today) => figures.done += 1,
            Some(VisitState::Done) => {}
            Some(VisitState::Cancelled) => figures.cancelled += 1,
            _ if day >= today => figures.planned += 1,
            _ => figures.not_reported += 1,
        }
        let mut add = |to: fn(&mut VisitFigures) -> &mut i64, n: i64| {
            let sum = to(figures);
            *sum = sum.saturating_add(n);
        };
        for ((kind, _), n) in self.tallied(visit.id) {
            match kind {
                TallyKind::HandedOut => add(|figures| &mut figures.handed_out, n),
                TallyKind::PassedBy => add(|figures| &mut figures.passed_by, n),
                TallyKind::Talked | TallyKind::SignedWithoutName => {}
            }
        }
        add(|figures| &mut figures.talked, self.talks_at(visit.id));
        add(|figures| &mut figures.signed, self.signed_at(visit.id));
        add(|figures| &mut figures.cost, visit.cost.unwrap_or(0));
    }
}

const COUNTS: [Spec; 9] = [
    Spec::count("planned"),
    Spec::count("done"),
    Spec::count("cancelled"),
    Spec::count("not_reported"),
    Spec::people("talked", 0),
    Spec::count("handed_out"),
    Spec::count("passed_by"),
    Spec::people("signed", 1),
    Spec::money("cost"),
];

fn counts(figures: &VisitFigures) -> [Cell; 9] {
    [
        Cell::Count(figures.planned),
        Cell::Count(figures.done),
        Cell::Count(figures.cancelled),
        Cell::Count(figures.not_reported),
        Cell::Count(figures.talked),
        Cell::Count(figures.handed_out),
        Cell::Count(figures.passed_by),
        Cell::Count(figures.signed),
        Cell::Money(figures.cost),
    ]
}

/// The table of the visits by kind.
pub(super) fn kinds_sheet(kinds: &[VisitFigures]) -> Sheet {
    let mut sheet = Sheet::summed([&[Spec::word("visit_kind")], &COUNTS[..]].concat());
    for figures in kinds {
        let kind = figures.kind.map_or(NOT_SAID, |kind| Cell::Word(kind.text()));
        sheet.row([&[kind], &counts(figures)[..]].concat());
    }
    sheet
}

/// The table of the visits by week.
pub(super) fn weeks_sheet(weeks: &[WeekFigures]) -> Sheet {
    let key = [Spec::count("iso_week").not_summed(), Spec::date("monday")];
    let mut sheet = Sheet::summed([&key, &COUNTS[..]].concat());
    for week in weeks {
        let key = [Cell::Count(i64::from(week.iso_week)), Cell::Date(week.monday)];
        sheet.row([&key, &counts(&week.figures)[..]].concat());
    }
    sheet
}
