//! What the season came to: every report as a table and as CSV, and the figures behind it.

use samla_core::BookError;
use samla_core::register::*;
use samla_core::texts::Language;

use crate::book::Book;
use crate::error::SamlaError;

impl Book {
    /// What the register answers to a query, unless its period ends before it begins.
    pub(crate) fn ask<T>(&self, query: &ReportQuery, answer: impl FnOnce(&Register) -> T) -> Result<T, SamlaError> {
        query.check().map_err(BookError::from)?;
        Ok(self.look(|book| answer(book.register())))
    }
}

/// Every report, in the order in which a list shows them. What each is called stands in the texts: `Report.coverage`.
#[uniffi::export]
pub fn reports() -> Vec<Report> {
    Report::ALL.to_vec()
}

/// Reports.
#[uniffi::export]
impl Book {
    /// Any report, as a table in stable words.
    pub fn report(&self, report: Report, query: ReportQuery) -> Result<ReportTable, SamlaError> {
        self.ask(&query, |register| register.report(report, &query))
    }

    /// Any report as CSV: for people and their spreadsheet, in the language that a tag asks for, else in English; without a
    /// tag in stable words, for a program.
    #[uniffi::method(default(language = None))]
    pub fn report_csv(
        &self,
        report: Report,
        query: ReportQuery,
        language: Option<String>,
    ) -> Result<String, SamlaError> {
        let table = self.ask(&query, |register| register.report(report, &query))?;
        let Some(tag) = language else { return Ok(table.to_csv()) };
        Ok(Language::of_tag(&tag).unwrap_or(Language::En).report_csv(&table))
    }

    /// The sign-ups of a period in groups, those with most first, with the talks beside them.
    pub fn sign_ups_by(&self, group: SignUpGroup, query: ReportQuery) -> Result<Vec<SignUpFigures>, SamlaError> {
        self.ask(&query, |register| register.sign_ups_by(group, &query))
    }
}

/// The figures of a report, for a screen that draws them in its own way. No small group is left out of them: what leaves the
/// register is a table with `shared` set.
macro_rules! figures {
    ($( $(#[doc = $doc:literal])+ $name:ident: $Figures:ident; )+) => {
        /// The figures behind the reports.
        #[uniffi::export]
        impl Book { $(
            $(#[doc = $doc])+
            pub fn $name(&self, query: ReportQuery) -> Result<Vec<$Figures>, SamlaError> {
                self.ask(&query, |register| register.$name(&query))
            }
        )+ }
    };
}

figures! {
    /// Every workplace that is not archived, each above its sub-sites: members among those who could be, and when somebody
    /// was there. The numbers are those of today, whatever the period.
    density: PlaceFigures;
    /// The visits of a period by kind.
    visits_by_kind: VisitFigures;
    /// The visits of a period week by week, weeks without any among them; three years at most.
    visits_by_week: WeekFigures;
    /// The persons talked with in a period, and how far they have come since, by occasion.
    conversion: ConversionFigures;
    /// The reasons used in the talks of a period, those that landed most first.
    reasons_used: ReasonFigures;
    /// Why people left in a period, the commonest reason first.
    leave_reasons: LeaveFigures;
    /// The free months that end in a period, by campaign.
    call_figures: CallFigures;
    /// Every topic, the one that came up most in the period first.
    topics_ranked: TopicFigures;
    /// The answers to every poll, each choice in its place.
    poll_figures: PollFigures;
    /// The figures of a period beside those of the period to compare with.
    comparison: ComparedFigure;
    /// The goals of which some day lies in the period, by their first day.
    goal_figures: GoalFigures;
    /// Every metric with its last reading in the period, by name.
    metric_figures: MetricFigures;
    /// The readings of all metrics in the period, by metric and day.
    metric_readings: MetricReading;
    /// The recruiters of the sign-ups of a period, the one with most confirmed first.
    recruiter_scores: RecruiterScore;
    /// The recruiters who are to be thanked, for whoever began to pay dues in a period.
    thanks_due: ThanksView;
    /// The active members at the end of each month of the period, as far as today has come.
    members_over_time: MemberMonth;
    /// The new colleagues of a period by workplace, those among them whom nobody is to call or remembers any more.
    hire_figures: HireFigures;
    /// The follow-ups by owner: what is open now, and what was done in the period.
    promise_figures: PromiseFigures;
    /// What makes the union visible, by workplace and thing.
    visibility: CheckView;
    /// Every material with what is left of it at the end of the period, by name.
    stock: StockView;
}
