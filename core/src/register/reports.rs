//! What the season came to: every report of the register, as figures and as one kind of table.
//!
//! Each report is a typed view with a function of its own ([`Register::sign_ups_by`], [`Register::density`], …), for a
//! screen that draws it in its own way; and each becomes a [`ReportTable`] by [`Register::report`], so that a face needs
//! one function to list, draw and write out all of them. A table speaks in stable words: the ids of its columns, and the
//! words of its cells, which the catalogue of texts translates.
//!
//! What always holds: figures are counted from rows when they are asked for, so two phones with the same rows report the
//! same; a person of several contacts is one person, a visit of several rows one visit; and a table made to be shared
//! gives no group of fewer than five people away, not through a total and not through a share either (see `suppress`).

mod calls;
mod channels;
mod figures;
mod goals;
mod inbound;
mod keeping;
mod members;
mod places;
mod recruiters;
mod reviews;
mod scope;
mod sheet;
mod sign_ups;
mod slots;
mod suppress;
#[cfg(test)]
mod tests;
mod topics;
mod visits;
mod welcomes;

use serde::{Deserialize, Serialize};

pub use calls::CallFigures;
pub use channels::ChannelFigures;
pub use goals::{ComparedFigure, GoalFigures, MetricFigures, MetricReading};
pub use inbound::{InboundFigures, InboundMonth, InboundView};
pub use keeping::{CheckView, HireFigures, PromiseFigures, StockView};
pub use members::{LeaveFigures, MemberMonth};
pub use places::PlaceFigures;
pub use recruiters::{Prize, RecruiterScore, ThanksView};
pub use reviews::SeasonNote;
pub use sheet::{Cell, ColumnKind, ReportColumn, ReportNote, ReportRow, ReportTable};
pub use sign_ups::{ConversionFigures, SignUpFigures, SignUpGroup};
pub use slots::{BestSlotView, SlotFigures};
pub use suppress::SMALLEST_GROUP;
pub use topics::{PollFigures, ReasonFigures, TopicFigures};
pub use visits::{VisitFigures, WeekFigures};
pub use welcomes::{NewMemberView, WelcomeStep};

use super::Register;
use super::day::months_later;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Campaign, Workplace};
use sheet::Sheet;

macro_rules! reports {
    ($( $(#[doc = $doc:literal])+ $Variant:ident = $word:literal, $register:ident $query:ident => $sheet:expr; )+) => {
        /// Every report there is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum Report {
            $( $(#[doc = $doc])+ #[serde(rename = $word)] $Variant, )+
        }

        impl Report {
            /// Every report, in the order in which a list shows them.
            pub const ALL: &[Self] = &[$(Self::$Variant),+];

            /// The stable word: its name on a command line, its key in the catalogue of texts.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Variant => $word),+ }
            }

            /// What it tells, in a line.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$Variant => concat!($($doc),+).trim_ascii()),+ }
            }

            fn sheet(self, register: &Register, query: &ReportQuery) -> Sheet {
                match self { $(Self::$Variant => { let ($register, $query) = (register, query); $sheet }),+ }
            }
        }
    };
}

reports! {
    /// Every workplace with its sub-sites: when somebody was there last, and who waits.
    Coverage = "coverage", register query => places::coverage_sheet(&register.density(query), query.shared);
    /// Members among those who could be, with sub-sites, and how many more could be won.
    Density = "density", register query => places::density_sheet(&register.density(query), query.shared);
    /// Visits planned, done and cancelled, by kind, with what was counted at them.
    Visits = "visits", register query => visits::kinds_sheet(&register.visits_by_kind(query));
    /// The same by ISO week.
    VisitsByWeek = "visits_by_week", register query => visits::weeks_sheet(&register.visits_by_week(query));
    /// Sign-ups by what gave rise to the talk.
    SignUpsByOccasion = "sign_ups_by_occasion", register query =>
        sign_ups::sheet(SignUpGroup::Occasion, &register.sign_ups_by(SignUpGroup::Occasion, query));
    /// Sign-ups by part of the day.
    SignUpsBySlot = "sign_ups_by_slot", register query =>
        sign_ups::sheet(SignUpGroup::Slot, &register.sign_ups_by(SignUpGroup::Slot, query));
    /// Sign-ups by workplace.
    SignUpsByPlace = "sign_ups_by_place", register query =>
        sign_ups::sheet(SignUpGroup::Place, &register.sign_ups_by(SignUpGroup::Place, query));
    /// Sign-ups by campaign.
    SignUpsByCampaign = "sign_ups_by_campaign", register query =>
        sign_ups::sheet(SignUpGroup::Campaign, &register.sign_ups_by(SignUpGroup::Campaign, query));
    /// Sign-ups by recruiter.
    SignUpsByRecruiter = "sign_ups_by_recruiter", register query =>
        sign_ups::sheet(SignUpGroup::Recruiter, &register.sign_ups_by(SignUpGroup::Recruiter, query));
    /// Sign-ups by what made the person think of joining.
    SignUpsByTrigger = "sign_ups_by_trigger", register query =>
        sign_ups::sheet(SignUpGroup::Trigger, &register.sign_ups_by(SignUpGroup::Trigger, query));
    /// From talk to sign-up to paying dues, by occasion.
    Conversion = "conversion", register query => sign_ups::conversion_sheet(&register.conversion(query));
    /// Talks by the way they were held, and what came of them.
    Channels = "channels", register query => channels::sheet(&register.talks_by_channel(query));
    /// Those who turned to the union by themselves, month by month and by the way they came.
    Inbound = "inbound", register query => inbound::sheet(&register.inbound_by_month(query));
    /// Which reasons to join were used, and which landed.
    ReasonsUsed = "reasons_used", register query => topics::reasons_sheet(&register.reasons_used(query));
    /// Why members left.
    LeaveReasons = "leave_reasons", register query => members::leave_sheet(&register.leave_reasons(query));
    /// Free months that end: calls made, who stays, who leaves.
    Calls = "calls", register query => calls::sheet(&register.call_figures(query));
    /// What people care about, the most raised first, and whether they were told what came of it.
    Topics = "topics", register query => topics::topics_sheet(&register.topics_ranked(query));
    /// What was won, to be told.
    Wins = "wins", register query => topics::wins_sheet(&register.topics_ranked(query));
    /// Answers to the polls, and what people wrote with them.
    Polls = "polls", register query => topics::polls_sheet(&register.poll_figures(query), query.shared);
    /// One period against another.
    Comparison = "comparison", register query => goals::comparison_sheet(&register.comparison(query), query.shared);
    /// Goals against what was reached.
    Goals = "goals", register query => goals::goals_sheet(&register.goal_figures(query));
    /// Where each metric began, is, and is to end.
    Metrics = "metrics", register query => goals::metrics_sheet(&register.metric_figures(query));
    /// The readings of every metric, day by day.
    MetricReadings = "metric_readings", register query => goals::readings_sheet(&register.metric_readings(query));
    /// Recruiters' sign-ups: waiting, confirmed by dues, expired, and what they have earned.
    Recruiters = "recruiters", register query => recruiters::sheet(&register.recruiter_scores(query));
    /// Active members at the end of each month, by category.
    Members = "members", register query => members::months_sheet(&register.members_over_time(query), query.shared);
    /// New colleagues by workplace: hired, caught, signed.
    NewHires = "new_hires", register query => keeping::hires_sheet(&register.hire_figures(query));
    /// Promises and other follow-ups by owner: open, overdue, kept.
    Promises = "promises", register query => keeping::promises_sheet(&register.promise_figures(query));
    /// What makes the union visible at each workplace, and what is to be renewed.
    Visibility = "visibility", register query => keeping::checks_sheet(&register.visibility(query));
    /// Material in and out, and what is left.
    Materials = "materials", register query => keeping::stock_sheet(&register.stock(query));
}

impl Report {
    /// Whether it counts or names people: in a table to be shared, small groups and names are then left out. The others are
    /// shared as they are.
    pub const fn tells_of_people(self) -> bool {
        !matches!(self, Self::Wins | Self::Metrics | Self::MetricReadings | Self::Visibility | Self::Materials)
    }
}

/// What a report is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    /// First day of the period.
    pub from: Date,
    /// Last day of the period.
    pub until: Date,
    /// Today: what is to come is not done yet.
    pub today: Date,
    /// First day of the period to compare with; the same days a year earlier if none is named.
    #[serde(default)]
    pub compare_from: Option<Date>,
    /// Last day of that period.
    #[serde(default)]
    pub compare_until: Option<Date>,
    /// Only this workplace, with its sub-sites.
    #[serde(default)]
    pub workplace: Option<Id<Workplace>>,
    /// Only what belongs to this campaign.
    #[serde(default)]
    pub campaign: Option<Id<Campaign>>,
    /// The table leaves the register: groups of fewer than five people are left out, and so are names.
    #[serde(default)]
    pub shared: bool,
}

/// A period ends before it begins: nothing lies in it, and an answer would look as if nothing had happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period ends before it begins")]
pub struct PeriodReversed;

impl ReportQuery {
    /// Whether its periods can be asked about.
    pub fn check(&self) -> Result<(), PeriodReversed> {
        let compared = self.compared();
        let can_be_asked = self.from <= self.until && compared.from <= compared.until;
        can_be_asked.then_some(()).ok_or(PeriodReversed)
    }

    /// Everything about a period, for the register's own users.
    pub fn of(from: Date, until: Date, today: Date) -> Self {
        let (compare_from, compare_until, workplace, campaign) = (None, None, None, None);
        Self { from, until, today, compare_from, compare_until, workplace, campaign, shared: false }
    }

    /// The same about the period to compare with.
    fn compared(&self) -> Self {
        let year_before = |day: Date| day.checked_sub_months(chrono::Months::new(12)).unwrap_or(day);
        let from = self.compare_from.unwrap_or_else(|| year_before(self.from));
        let as_long = || from.checked_add_signed(self.until - self.from).unwrap_or(from);
        let until = match (self.compare_until, self.compare_from) {
            (Some(until), _) => until,
            (None, Some(_)) => as_long(),
            (None, None) => year_before(self.until),
        };
        Self { from, until, ..self.clone() }
    }

    /// The last day of the month that a day of the period lies in, or of the period.
    fn month_end(&self, day: Date) -> Date {
        let next = months_later(chrono::Datelike::with_day(&day, 1).unwrap_or(day), 1);
        next.and_then(|first| first.pred_opt()).unwrap_or(day).min(self.until)
    }

    /// The last days of the months of the period; the period's own last day ends the last one. Ten years at most.
    fn month_ends(&self) -> Vec<Date> {
        let first_of_next = |day: Date| months_later(chrono::Datelike::with_day(&day, 1).unwrap_or(day), 1);
        let ends = std::iter::successors(first_of_next(self.from), |day| months_later(*day, 1));
        let ends = ends.filter_map(|day| day.pred_opt()).take(120).take_while(|day| *day < self.until);
        ends.chain((self.from <= self.until).then_some(self.until)).collect()
    }
}

impl Register {
    /// Any report, as a table.
    pub fn report(&self, report: Report, query: &ReportQuery) -> ReportTable {
        report.sheet(self, query).finish(report, query.shared)
    }
}
