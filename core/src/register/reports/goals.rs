//! Goals against what was reached, one period against another, and metrics.

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, ReportNote, Sheet, Spec, tenths};
use super::suppress;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::names::filled;
use crate::tables::{Campaign, Goal, Metric, Reading, Table};

/// One figure of two periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ComparedFigure {
    /// Its stable word.
    pub figure: &'static str,
    /// Whether it counts people.
    pub people: bool,
    /// In the period.
    pub now: i64,
    /// In the period to compare with.
    pub before: i64,
}

/// A goal, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct GoalFigures {
    /// The goal.
    pub goal: Id<Goal>,
    /// Name of its campaign or metric; none where all sign-ups count.
    pub name: Option<String>,
    /// The campaign whose sign-ups count.
    pub campaign: Option<Id<Campaign>>,
    /// The metric that is to get there.
    pub metric: Option<Id<Metric>>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// How many are wanted.
    pub target: i64,
    /// How many there are; none where the metric was not read yet.
    pub actual: Option<i64>,
    /// How much of the way to the target is done, in tenths of a percent: from the metric's start, else from nothing.
    pub reached: Option<i64>,
}

/// A metric: where it began, is, and is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MetricFigures {
    /// The metric.
    pub metric: Id<Metric>,
    /// Name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// Where it began.
    pub start: Option<i64>,
    /// Where it is to end.
    pub target: Option<i64>,
    /// Its last reading in the period.
    pub value: Option<i64>,
    /// The day of that reading.
    pub on: Option<Date>,
    /// How far it has come from its start, else from nothing, to its target, in tenths of a percent.
    pub reached: Option<i64>,
    /// What it cost in the period, in whole units of the country's money.
    pub cost: i64,
}

/// One reading of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MetricReading {
    /// The metric.
    pub metric: Id<Metric>,
    /// Its name.
    pub name: String,
    /// The day.
    pub on: Date,
    /// The number.
    pub value: i64,
    /// Who or what says so.
    pub source: Option<String>,
    /// What it cost to get there.
    pub cost: Option<i64>,
}

impl Register {
    /// The figures of a period beside those of the period to compare with.
    pub fn comparison(&self, query: &ReportQuery) -> Vec<ComparedFigure> {
        let (now, before) = (self.figures(query), self.figures(&query.compared()));
        let figures = now.into_iter().zip(before);
        figures.map(|((figure, people, now), (_, _, before))| ComparedFigure { figure, people, now, before }).collect()
    }

    fn figures(&self, query: &ReportQuery) -> Vec<(&'static str, bool, i64)> {
        let scope = Scope::of(self, query);
        let visits = self.visits_by_kind(query);
        let visits = |of: fn(&super::VisitFigures) -> i64| visits.iter().map(of).fold(0, i64::saturating_add);
        let talks = self.talks_in(&scope).iter().map(|fact| fact.n).fold(0, i64::saturating_add);
        let signed = self.sign_ups_in(&scope).iter().map(|fact| fact.n).fold(0, i64::saturating_add);
        let left = self.leave_reasons(query).iter().map(|figures| figures.left).fold(0, i64::saturating_add);
        let hired = self.hire_figures(query).iter().map(|figures| figures.hired).fold(0, i64::saturating_add);
        let began = i64::try_from(self.began_to_pay(&scope)).unwrap_or(i64::MAX);
        vec![
            ("visits_done", false, visits(|figures| figures.done)),
            ("visits_cancelled", false, visits(|figures| figures.cancelled)),
            ("handed_out", false, visits(|figures| figures.handed_out)),
            ("talks", true, talks),
            ("signed", true, signed),
            ("began_to_pay", true, began),
            ("left", true, left),
            ("new_hires", true, hired),
        ]
    }

    /// The goals of which some day lies in the period, by their first day.
    pub fn goal_figures(&self, query: &ReportQuery) -> Vec<GoalFigures> {
        let goals = self.all::<Goal>().filter(|goal| query.campaign.is_none() || goal.campaign == query.campaign);
        let figures = goals.filter_map(|goal| self.goal_figure(goal, query));
        let mut figures: Vec<_> = figures.collect();
        figures.sort_by_key(|figures| (figures.from, figures.until, figures.goal));
        figures
    }

    fn goal_figure(&self, goal: &Goal, query: &ReportQuery) -> Option<GoalFigures> {
        let campaign = goal.campaign.and_then(|id| self.rows.held(id)).map(|held| &held.row);
        let from = goal.starts_on.or(campaign.and_then(|campaign| campaign.starts_on));
        let until = goal.ends_on.or(campaign.and_then(|campaign| campaign.ends_on));
        let asked = from.is_none_or(|from| from <= query.until) && until.is_none_or(|until| until >= query.from);
        let metric = || goal.metric.map(|id| self.title(Table::Metrics, id.row()));
        if !asked {
            return None;
        }
        let days = (from.unwrap_or(query.from), until.unwrap_or(query.until));
        let actual = match goal.metric {
            Some(metric) => self.last_reading(metric, days, query.today).and_then(|reading| reading.value),
            None => Some(self.signed_for(goal.campaign, days, query)),
        };
        let start = goal.metric.and_then(|id| self.rows.held(id)?.row.start);
        Some(GoalFigures {
            goal: goal.id,
            name: goal.campaign.and_then(|id| self.campaign_name(id)).or_else(metric),
            campaign: goal.campaign,
            metric: goal.metric,
            from,
            until,
            target: goal.target.unwrap_or(0),
            actual,
            reached: reached(start, goal.target, actual),
        })
    }

    fn signed_for(&self, campaign: Option<Id<Campaign>>, (from, until): (Date, Date), query: &ReportQuery) -> i64 {
        let scope = Scope::of(self, &ReportQuery { from, until, campaign, ..query.clone() });
        self.sign_ups_in(&scope).iter().map(|fact| fact.n).fold(0, i64::saturating_add)
    }

    fn last_reading(&self, metric: Id<Metric>, (from, until): (Date, Date), today: Date) -> Option<&Reading> {
        let readings = self.all::<Reading>().filter(|reading| reading.metric == Some(metric));
        let readings = readings.filter(|reading| reading.on.is_some_and(|on| on >= from && on <= until.min(today)));
        readings.max_by_key(|reading| (reading.on, reading.id))
    }

    /// Every metric with its last reading in the period, by name.
    pub fn metric_figures(&self, query: &ReportQuery) -> Vec<MetricFigures> {
        let days = (query.from, query.until);
        let figures = self.all::<Metric>().map(|metric| {
            let last = self.last_reading(metric.id, days, query.today);
            let value = last.and_then(|reading| reading.value);
            let costs = self.all::<Reading>().filter(|reading| reading.metric == Some(metric.id));
            let costs = costs.filter(|reading| reading.on.is_some_and(|on| (query.from..=query.until).contains(&on)));
            MetricFigures {
                metric: metric.id,
                name: self.title(Table::Metrics, metric.id.row()),
                unit: filled(&metric.unit).map(str::to_owned),
                start: metric.start,
                target: metric.target,
                value,
                on: last.and_then(|reading| reading.on),
                reached: reached(metric.start, metric.target, value),
                cost: costs.filter_map(|reading| reading.cost).fold(0, i64::saturating_add),
            }
        });
        let mut figures: Vec<_> = figures.collect();
        figures.sort_by(|one, other| (&one.name, one.metric).cmp(&(&other.name, other.metric)));
        figures
    }

    /// The readings of all metrics in the period, by metric and day.
    pub fn metric_readings(&self, query: &ReportQuery) -> Vec<MetricReading> {
        let readings = self.all::<Reading>().filter_map(|row| {
            let (metric, on) = (row.metric?, row.on.filter(|on| (query.from..=query.until).contains(on))?);
            self.get(metric)?;
            Some(MetricReading {
                metric,
                name: self.title(Table::Metrics, metric.row()),
                on,
                value: row.value?,
                source: filled(&row.source).map(str::to_owned),
                cost: row.cost,
            })
        });
        let mut readings: Vec<_> = readings.collect();
        readings.sort_by(|one, other| (&one.name, one.metric, one.on).cmp(&(&other.name, other.metric, other.on)));
        readings
    }
}

/// How much of the way from a start to a target is done, in tenths of a percent. Where no start is known it begins at nothing.
fn reached(start: Option<i64>, target: Option<i64>, value: Option<i64>) -> Option<i64> {
    let start = start.unwrap_or(0);
    tenths(value?.checked_sub(start)?, target?.checked_sub(start)?)
}

/// The table of two periods. Its rows count different things, so each is fit to be shared by itself.
pub(super) fn comparison_sheet(figures: &[ComparedFigure], shared: bool) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::word("figure"),
        Spec::count("period"),
        Spec::count("compared_period"),
        Spec::count("change"),
        Spec::percent("change_share"),
    ]);
    let is_few = |n: i64| suppress::is_small(&Cell::Count(n));
    for figure in figures {
        let change = figure.now.saturating_sub(figure.before);
        let (now, before) = (Cell::Count(figure.now), Cell::Count(figure.before));
        let is_small = shared && figure.people && [figure.now, figure.before].into_iter().any(is_few);
        let share = Cell::share(change, figure.before).unwrap_or(Cell::Empty);
        let cells = [now, before, Cell::Count(change), share];
        let cells = if is_small { cells.map(|_| Cell::Suppressed) } else { cells };
        sheet.row([&[Cell::Word(figure.figure)], &cells[..]].concat());
        if is_small {
            sheet.note(ReportNote::SmallGroupsLeftOut);
        }
    }
    sheet
}

/// The table of the goals.
pub(super) fn goals_sheet(goals: &[GoalFigures]) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::text("goal"),
        Spec::date("from"),
        Spec::date("until"),
        Spec::count("target"),
        Spec::people("actual", 0).not_summed(),
        Spec::percent("reached").tied(0),
    ]);
    for goal in goals {
        sheet.row([
            goal.name.clone().map_or(NOT_SAID, Cell::Text),
            Cell::date(goal.from),
            Cell::date(goal.until),
            Cell::Count(goal.target),
            Cell::count(goal.actual),
            Cell::percent(goal.reached),
        ]);
    }
    sheet
}

/// The table of the metrics.
pub(super) fn metrics_sheet(metrics: &[MetricFigures]) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::text("metric"),
        Spec::text("unit"),
        Spec::count("start"),
        Spec::count("target"),
        Spec::count("value"),
        Spec::date("on"),
        Spec::percent("reached"),
        Spec::money("cost"),
    ]);
    for metric in metrics {
        sheet.row([
            Cell::Text(metric.name.clone()),
            Cell::text(metric.unit.clone()),
            Cell::count(metric.start),
            Cell::count(metric.target),
            Cell::count(metric.value),
            Cell::date(metric.on),
            Cell::percent(metric.reached),
            Cell::Money(metric.cost),
        ]);
    }
    sheet
}

/// The table of the readings.
pub(super) fn readings_sheet(readings: &[MetricReading]) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::text("metric"),
        Spec::date("on"),
        Spec::count("value"),
        Spec::text("source"),
        Spec::money("cost"),
    ]);
    for reading in readings {
        sheet.row([
            Cell::Text(reading.name.clone()),
            Cell::Date(reading.on),
            Cell::Count(reading.value),
            Cell::text(reading.source.clone()),
            reading.cost.map_or(Cell::Empty, Cell::Money),
        ]);
    }
    sheet
}
